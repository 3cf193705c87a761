/* prefetch.sum: a table read through an index, with read hints some elements ahead of the read.
 *
 * pm_prefetch_sum over a table and an index of as many places. The index is a permutation, so that every word of the
 * table is read once a pass. An iteration sums 256 of them; an item is a read. No input.
 *   sequential: the index counts up: the hardware's prefetchers see the pattern by themselves.
 *   random:     the index is scattered: nothing but the index tells where the next read goes.
 */
#include <pm/prefetch.h>
#include <stdlib.h>

#include "args.h"
#include "define.h"
#include "region.h"

enum { READS = 256, LEAST_BYTES = READS * (int)sizeof(uint64_t) };
enum { P_DISTANCE, P_ORDER, P_WORKING_SET, P_PAGES };

static const lk_param prefetch_sum_params[] = {
    [P_DISTANCE] = {"distance", "count", "0,1,2,4,8,16,32,64",
                    "elements that a hint is ahead of its read; 0: no hints"},
    [P_ORDER] = {"order", "", "sequential,random", "the order of the places"},
    [P_WORKING_SET] = {"working_set", "B", "", "bytes of the table, at least 2048; cut to a power of two"},
    [P_PAGES] = {"pages", "", LK_PAGES_LEVELS, LK_PAGES_HELP},
};

typedef struct summer {
    lk_region table, index;
    uint64_t count; /* a power of two */
    size_t distance;
} summer;

/* A bijection of 0 .. mask: shifts and odd factors lose nothing modulo a power of two. */
static inline uint64_t summer_scatter(uint64_t place, uint64_t mask, unsigned half) {
    place = (place ^ place >> half) * UINT64_C(0x9E3779B97F4A7C15) & mask;
    place = (place ^ place >> half) * UINT64_C(0xBF58476D1CE4E5B9) & mask;
    return place ^ place >> half;
}

static void prefetch_sum_teardown(void *state) {
    summer *self = state;
    lk_region_unmap(&self->table);
    lk_region_unmap(&self->index);
}

static lk_status prefetch_sum_build(summer *self, const lk_value *values, lk_input input, uint64_t *pass,
                                    lk_message *message) {
    (void)input;
    const uint64_t bytes = values[P_WORKING_SET].number;
    if (bytes < LEAST_BYTES || bytes > UINT64_C(1) << 40) {
        return lk_say(message, LK_INVALID, "working_set=%llu is out of range: from %d bytes", (unsigned long long)bytes,
                      LEAST_BYTES);
    }
    const unsigned bits = 63 - (unsigned)__builtin_clzll(bytes / sizeof(uint64_t));
    self->count = UINT64_C(1) << bits;
    self->distance = (size_t)values[P_DISTANCE].number;
    lk_status status = lk_region_map(&self->table, self->count * sizeof(uint64_t), values[P_PAGES].level, message);
    if (status == LK_OK) {
        status = lk_region_map(&self->index, self->count * sizeof(uint64_t), values[P_PAGES].level, message);
    }
    if (status != LK_OK) {
        return status;
    }
    uint64_t *table = (uint64_t *)(void *)self->table.data, *index = (uint64_t *)(void *)self->index.data;
    for (uint64_t i = 0; i < self->count; i++) {
        table[i] = i * UINT64_C(0xD6E8FEB86659FD93);
        index[i] = values[P_ORDER].level == 0 ? i : summer_scatter(i, self->count - 1, (bits + 1) / 2);
    }
    *pass = self->count / READS;
    return LK_OK;
}

static lk_status prefetch_sum_run(void *state, uint64_t first, uint64_t count, lk_result *result) {
    const summer *self = state;
    const uint64_t *table = (const uint64_t *)(const void *)self->table.data;
    const uint64_t *index = (const uint64_t *)(const void *)self->index.data;
    const uint64_t pass = self->count / READS;
    uint64_t check = 0;
    /* As long a stretch of the index as lies ahead: a hint beyond the end of a call would be lost. */
    for (uint64_t i = first, end = first + count; i < end;) {
        const uint64_t begin = i % pass, most = pass - begin, now = end - i < most ? end - i : most;
        uint64_t sum = 0;
        if (pm_prefetch_sum(table, self->count, index + begin * READS, now * READS, self->distance, &sum) != PM_OK) {
            return LK_FAILED;
        }
        check += sum;
        i += now;
    }
    const uint64_t reads = count * READS;
    *result = (lk_result){.checksum = check, .items = reads, .bytes = reads * 2 * sizeof(uint64_t)};
    return LK_OK;
}

static size_t prefetch_sum_counters(void *state, lk_counter *out, size_t capacity) {
    const summer *self = state;
    return lk_region_counters(&self->table, out, capacity);
}

LK_KERNEL(prefetch_sum, summer, .name = "prefetch.sum", .item = "read",
          .help = "sums a table through an index, with read hints some elements ahead",
          .counters = prefetch_sum_counters);
