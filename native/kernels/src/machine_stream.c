/* machine.stream: what memory delivers to whole passes over arrays, on one thread and on several.
 *
 * Each thread has arrays of its own, side by side in one region, and passes over them once an iteration (after the
 * STREAM benchmark, McCalpin 1995). An item is 64 bytes of what the loop produces; the bytes counted are those that the
 * program names, not the line that a plain store reads first.
 *   read: sums an array    fill: one value    copy: to = a    add: to = a + b    triad: to = a + 3 b
 *   stores = plain: through the caches; past: non-temporal, where the processor has such stores (`read` has none).
 */
#include <pm/stream.h>
#include <stdlib.h>

#include "args.h"
#include "define.h"
#include "region.h"
#include "team.h"

enum { ITEM_BYTES = 64, LEAST_BYTES = 4096, ARRAYS = 3, SAMPLES = 16 };
enum op { READ, FILL, COPY, ADD, TRIAD };
enum { P_STORES, P_OP, P_ARRAY, P_THREADS, P_PAGES };

static const lk_param machine_stream_params[] = {
    [P_STORES] = {"stores", "", "plain,past", "plain: through the caches; past: non-temporal"},
    [P_OP] = {"op", "", "read,fill,copy,add,triad", "the loop"},
    [P_ARRAY] = {"array", "B", "", "bytes of each array of each thread, at least 4096; cut to a multiple of 4096"},
    [P_THREADS] = {"threads", "count", "", "1 to 64"},
    [P_PAGES] = {"pages", "", LK_PAGES_LEVELS, LK_PAGES_HELP},
};

typedef struct streams {
    lk_region region;
    lk_team *team; /* NULL with one thread */
    size_t count;  /* words of an array */
    unsigned threads;
    enum op op;
    size_t threshold_bytes;
    uint64_t sums[LK_TEAM_MOST];
} streams;

static uint64_t *streams_array(const streams *self, unsigned member, unsigned which) {
    return (uint64_t *)(void *)self->region.data + (member * ARRAYS + which) * self->count;
}

static void machine_stream_teardown(void *state) {
    streams *self = state;
    lk_team_free(self->team);
    lk_region_unmap(&self->region);
}

static void streams_work(void *shared, unsigned member) {
    streams *self = shared;
    uint64_t *to = streams_array(self, member, 0), *a = streams_array(self, member, 1);
    const uint64_t *b = streams_array(self, member, 2);
    switch (self->op) {
    case READ: self->sums[member] = pm_stream_sum_u64(a, self->count); return;
    case FILL: pm_stream_fill(to, 7, self->count, self->threshold_bytes); break;
    case COPY: pm_stream_copy(to, a, self->count * sizeof *to, self->threshold_bytes); break;
    case ADD: pm_stream_add_u64(to, a, b, self->count, self->threshold_bytes); break;
    case TRIAD: pm_stream_triad_u64(to, a, b, 3, self->count, self->threshold_bytes); break;
    }
    uint64_t sum = 0;
    for (size_t sample = 0; sample < SAMPLES; sample++) {
        sum += to[sample * (self->count - 1) / (SAMPLES - 1)];
    }
    self->sums[member] = sum;
}

static lk_status machine_stream_build(streams *self, const lk_value *values, lk_input input, uint64_t *pass,
                                      lk_message *message) {
    (void)input;
    const uint64_t bytes = values[P_ARRAY].number / LEAST_BYTES * LEAST_BYTES, threads = values[P_THREADS].number;
    if (bytes == 0 || bytes > UINT64_C(1) << 36 || threads == 0 || threads > LK_TEAM_MOST) {
        return lk_say(message, LK_INVALID, "array=%llu, threads=%llu: from %d bytes, and 1 to %d threads",
                      (unsigned long long)values[P_ARRAY].number, (unsigned long long)threads, LEAST_BYTES,
                      LK_TEAM_MOST);
    }
    self->count = (size_t)bytes / sizeof(uint64_t);
    self->threads = (unsigned)threads;
    self->op = (enum op)values[P_OP].level;
    self->threshold_bytes = values[P_STORES].level == 0 ? SIZE_MAX : 1;
    lk_status status = lk_region_map(&self->region, (size_t)(threads * ARRAYS * bytes), values[P_PAGES].level, message);
    if (status == LK_OK && threads > 1) {
        self->team = lk_team_new(self->threads, streams_work, self);
        status = self->team ? LK_OK : lk_say(message, LK_NO_MEMORY, "the system refused a thread");
    }
    if (status != LK_OK) {
        return status;
    }
    uint64_t *words = streams_array(self, 0, 0);
    for (size_t i = 0; i < self->threads * ARRAYS * self->count; i++) {
        words[i] = i % 1021;
    }
    *pass = 1;
    return LK_OK;
}

static lk_status machine_stream_run(void *state, uint64_t first, uint64_t count, lk_result *result) {
    static const unsigned MOVED[] = {[READ] = 1, [FILL] = 1, [COPY] = 2, [ADD] = 3, [TRIAD] = 3};
    streams *self = state;
    (void)first;
    uint64_t check = 0;
    for (uint64_t i = 0; i < count; i++) {
        if (self->team) {
            lk_team_start(self->team);
            lk_team_wait(self->team);
        } else {
            streams_work(self, 0);
        }
        for (unsigned member = 0; member < self->threads; member++) {
            check += self->sums[member];
        }
    }
    const uint64_t bytes = count * self->threads * self->count * sizeof(uint64_t);
    *result = (lk_result){.checksum = check, .items = bytes / ITEM_BYTES, .bytes = bytes * MOVED[self->op]};
    return LK_OK;
}

LK_KERNEL(machine_stream, streams, .name = "machine.stream", .item = "64 bytes",
          .help = "passes over arrays: read, fill, copy, add, triad; plain or non-temporal stores; several threads");
