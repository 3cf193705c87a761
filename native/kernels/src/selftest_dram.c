/* selftest.dram: memory-bound work over a buffer far beyond the last-level cache.
 *
 * stream: a unit adds up 4 KiB, unit after unit through the whole buffer; planted units lengthen the stretch that an
 *         iteration reads, so they are as sequential as the others.
 * chase:  a unit follows 4 loads, each one's address made from the value that the last one brought. The values are
 *         zero, which the processor cannot know, so the walk is a linear congruential generator over the lines of the
 *         buffer, of full period modulo a power of two (Hull and Dobell 1962), and no list has to be built.
 * All pages hold the same, so a result does not depend on where the planted units have moved the others to. No input.
 */
#include <stdlib.h>

#include "define.h"
#include "plant.h"
#include "region.h"

enum { PAGE_BYTES = 4096, LINE_BYTES = 64, LINE_WORDS = LINE_BYTES / sizeof(uint64_t), STEPS = 4 };
enum { LEAST_BYTES = 1 << 20 };
enum pattern { STREAM, CHASE };
enum { P_COPY, P_PLANT, P_PATTERN, P_WORKING_SET, P_PAGES, P_SEED };

static const lk_param selftest_dram_params[] = {
    [P_COPY] = LK_COPY_PARAM,
    [P_PLANT] = LK_PLANT_PARAM,
    [P_PATTERN] = {"pattern", "", "stream,chase", "stream: in order; chase: each address waits for the last load"},
    [P_WORKING_SET] = {"working_set", "B", "", "bytes of the buffer, at least 1048576; cut to a power of two"},
    [P_PAGES] = {"pages", "", LK_PAGES_LEVELS, LK_PAGES_HELP},
    [P_SEED] = {"seed", "count", "", "where the work begins"},
};

typedef struct buffer {
    lk_region region;
    uint64_t pages; /* a power of two */
    uint64_t pass;
    uint64_t seed;
    unsigned plant;
    uint64_t (*unit)(const struct buffer *self, uint64_t place, uint64_t last);
} buffer;

static __attribute__((noinline)) uint64_t stream(const buffer *self, uint64_t place, uint64_t last) {
    (void)last;
    const uint64_t page = place & (self->pages - 1);
    const uint64_t *words = (const uint64_t *)(const void *)(self->region.data + page * PAGE_BYTES);
    uint64_t sum = 0;
    for (unsigned i = 0; i < PAGE_BYTES / sizeof *words; i++) {
        sum += words[i];
    }
    return sum;
}

static __attribute__((noinline)) uint64_t chase(const buffer *self, uint64_t place, uint64_t last) {
    const uint64_t *words = (const uint64_t *)(const void *)self->region.data;
    const uint64_t mask = self->pages * (PAGE_BYTES / LINE_BYTES) - 1;
    uint64_t line = (place + last) * UINT64_C(0x9E3779B97F4A7C15) >> 20 & mask;
    uint64_t value = 0;
    for (unsigned i = 0; i < STEPS; i++) {
        value = words[line * LINE_WORDS];
        line = (line * 0x5851F42D + 0x14057B7F + value) & mask;
    }
    return value;
}

static void selftest_dram_teardown(void *state) {
    buffer *self = state;
    lk_region_unmap(&self->region);
}

static lk_status selftest_dram_build(buffer *self, const lk_value *values, lk_input input, uint64_t *pass,
                                     lk_message *message) {
    (void)input;
    lk_status status = lk_plant_check(&values[P_PLANT], message);
    if (status != LK_OK) {
        return status;
    }
    const uint64_t bytes = values[P_WORKING_SET].number;
    if (bytes < LEAST_BYTES || bytes > UINT64_C(1) << 46) {
        return lk_say(message, LK_INVALID, "working_set=%llu is out of range: from %d bytes", (unsigned long long)bytes,
                      LEAST_BYTES);
    }
    self->pages = UINT64_C(1) << (63 - __builtin_clzll(bytes / PAGE_BYTES));
    self->seed = values[P_SEED].number;
    self->plant = (unsigned)values[P_PLANT].number;
    self->unit = values[P_PATTERN].level == STREAM ? stream : chase;
    status = lk_region_map(&self->region, self->pages * PAGE_BYTES, values[P_PAGES].level, message);
    if (status != LK_OK) {
        return status;
    }
    for (uint64_t page = 0; page < self->pages; page++) {
        ((uint64_t *)(void *)(self->region.data + page * PAGE_BYTES))[1] = 1; /* not in a word that the chase reads */
    }
    const uint64_t units =
        values[P_PATTERN].level == STREAM ? self->pages : self->pages * (PAGE_BYTES / LINE_BYTES) / STEPS;
    self->pass = units / LK_UNITS;
    *pass = self->pass;
    return LK_OK;
}

static lk_status selftest_dram_run(void *state, uint64_t first, uint64_t count, lk_result *result) {
    const buffer *self = state;
    const unsigned steps = lk_plant_steps(self->plant);
    uint64_t check = 0, last = 0;
    for (uint64_t i = 0; i < count; i++) {
        const uint64_t number = (first + i) % self->pass, begin = self->seed + number * steps;
        unsigned carry = 0;
        for (unsigned step = 0; step < steps; step++) {
            const uint64_t planted = lk_plant_due(self->plant, &carry);
            last = self->unit(self, begin + step, last);
            check += (last + number) & (planted - 1);
        }
    }
    const uint64_t units = count * LK_UNITS;
    const uint64_t unit_bytes = self->unit == stream ? PAGE_BYTES : STEPS * LINE_BYTES;
    *result = (lk_result){.checksum = check, .items = units, .bytes = units * unit_bytes};
    return LK_OK;
}

static size_t selftest_dram_counters(void *state, lk_counter *out, size_t capacity) {
    const buffer *self = state;
    return lk_region_counters(&self->region, out, capacity);
}

LK_KERNEL(selftest_dram, buffer, .name = "selftest.dram", .item = "unit",
          .help = "self-test: streams and dependent loads beyond the caches, identical code in all arms",
          .counters = selftest_dram_counters);
