/* machine.read: what a read costs by where the data lies and by what the processor knows of the next address.
 *
 * A buffer of 64-byte lines, one word read from each. The word is 0, which the processor cannot know, so every access
 * reads the same and no list has to be built: the walk is a linear congruential generator over the lines, of full
 * period modulo a power of two (Hull and Dobell 1962).
 *   dependent:   each address is made from the value that the last load brought: the latency of a load.
 *   independent: the same addresses, known in advance: as many loads at once as the processor keeps in flight.
 *   sequential:  line after line: what the hardware's prefetchers bring.
 * An iteration reads 64 lines. No input.
 */
#include <stdlib.h>

#include "args.h"
#include "define.h"
#include "region.h"

enum { LINE_BYTES = 64, LINE_WORDS = LINE_BYTES / sizeof(uint64_t), STEPS = 64, LEAST_BYTES = STEPS * LINE_BYTES };
enum access { DEPENDENT, INDEPENDENT, SEQUENTIAL };
enum { P_ACCESS, P_WORKING_SET, P_PAGES };

static const lk_param machine_read_params[] = {
    [P_ACCESS] = {"access", "", "dependent,independent,sequential", "what the next address is made from"},
    [P_WORKING_SET] = {"working_set", "B", "", "bytes of the buffer, at least 4096; cut to a power of two"},
    [P_PAGES] = {"pages", "", LK_PAGES_LEVELS, LK_PAGES_HELP},
};

typedef struct reader {
    lk_region region;
    uint64_t lines; /* a power of two */
    enum access access;
} reader;

static void machine_read_teardown(void *state) {
    reader *self = state;
    lk_region_unmap(&self->region);
}

static lk_status machine_read_build(reader *self, const lk_value *values, lk_input input, uint64_t *pass,
                                    lk_message *message) {
    (void)input;
    const uint64_t bytes = values[P_WORKING_SET].number;
    if (bytes < LEAST_BYTES || bytes > UINT64_C(1) << 40) {
        return lk_say(message, LK_INVALID, "working_set=%llu is out of range: from %d bytes", (unsigned long long)bytes,
                      LEAST_BYTES);
    }
    self->lines = UINT64_C(1) << (63 - __builtin_clzll(bytes / LINE_BYTES));
    self->access = (enum access)values[P_ACCESS].level;
    const lk_status status = lk_region_map(&self->region, self->lines * LINE_BYTES, values[P_PAGES].level, message);
    if (status != LK_OK) {
        return status;
    }
    *pass = self->lines / STEPS;
    return LK_OK;
}

/* The next line of the walk; `value` is 0 and comes from memory where the walk is to wait for it. */
static inline uint64_t reader_next(uint64_t line, uint64_t value, uint64_t mask) {
    return (line * 0x5851F42D + 0x14057B7F + value) & mask;
}

static lk_status machine_read_run(void *state, uint64_t first, uint64_t count, lk_result *result) {
    const reader *self = state;
    const uint64_t *words = (const uint64_t *)(const void *)self->region.data;
    const uint64_t mask = self->lines - 1, pass = self->lines / STEPS;
    uint64_t sum = 0;
    for (uint64_t i = first; i < first + count; i++) {
        const uint64_t begin = i % pass * STEPS;
        uint64_t line = begin * UINT64_C(0x9E3779B97F4A7C15) >> 20 & mask;
        switch (self->access) {
        case DEPENDENT:
            line = (line + (sum & mask)) & mask; /* the former iteration's loads count too */
            for (unsigned step = 0; step < STEPS; step++) {
                const uint64_t value = words[line * LINE_WORDS];
                sum += value;
                line = reader_next(line, value, mask);
            }
            break;
        case INDEPENDENT:
            for (unsigned step = 0; step < STEPS; step++) {
                sum += words[line * LINE_WORDS];
                line = reader_next(line, 0, mask);
            }
            break;
        case SEQUENTIAL:
            for (unsigned step = 0; step < STEPS; step++) {
                sum += words[(begin + step) * LINE_WORDS];
            }
            break;
        }
    }
    const uint64_t lines = count * STEPS;
    *result = (lk_result){.checksum = sum + lines, .items = lines, .bytes = lines * LINE_BYTES};
    return LK_OK;
}

static size_t machine_read_counters(void *state, lk_counter *out, size_t capacity) {
    const reader *self = state;
    return lk_region_counters(&self->region, out, capacity);
}

LK_KERNEL(machine_read, reader, .name = "machine.read", .item = "line",
          .help = "reads a word of each line: each address after the last load, all known, or in sequence",
          .counters = machine_read_counters);
