/* selftest.cache: an integer hash over a buffer that stays in a cache: work bound by the processor's core.
 *
 * A unit mixes 64 words. Units hang on one another (each waits for the last one's result, by a mask that is zero and
 * that the compiler does not know), so a planted unit takes the time of a unit and cannot hide beside another. No
 * input.
 */
#include <stdlib.h>

#include "define.h"
#include "plant.h"
#include "region.h"

enum { WORDS = 64, UNIT_BYTES = WORDS * sizeof(uint64_t) };
enum { P_COPY, P_PLANT, P_WORKING_SET, P_ROUNDS };

static const lk_param selftest_cache_params[] = {
    [P_COPY] = LK_COPY_PARAM,
    [P_PLANT] = LK_PLANT_PARAM,
    [P_WORKING_SET] = {"working_set", "B", "", "bytes mixed, at least 512; cut to a power of two"},
    [P_ROUNDS] = {"rounds", "count", "1,2,4,8", "mixing steps per word"},
};

typedef struct mixer {
    lk_region region;
    uint64_t units; /* in the working set, a power of two */
    unsigned rounds;
    unsigned plant;
    uint64_t zero;
} mixer;

static void selftest_cache_teardown(void *state) {
    mixer *self = state;
    lk_region_unmap(&self->region);
}

static lk_status selftest_cache_build(mixer *self, const lk_value *values, lk_input input, uint64_t *pass,
                                      lk_message *message) {
    (void)input;
    lk_status status = lk_plant_check(&values[P_PLANT], message);
    if (status != LK_OK) {
        return status;
    }
    const uint64_t limit = values[P_WORKING_SET].number / UNIT_BYTES;
    if (limit == 0 || limit > UINT64_C(1) << 40) {
        return lk_say(message, LK_INVALID, "working_set=%llu is out of range: from %d bytes",
                      (unsigned long long)values[P_WORKING_SET].number, UNIT_BYTES);
    }
    self->units = UINT64_C(1) << (63 - __builtin_clzll(limit));
    self->rounds = (unsigned)values[P_ROUNDS].number;
    self->plant = (unsigned)values[P_PLANT].number;
    status = lk_region_map(&self->region, self->units * UNIT_BYTES, LK_PAGES_SMALL, message);
    if (status != LK_OK) {
        return status;
    }
    uint64_t *words = (uint64_t *)(void *)self->region.data;
    for (uint64_t i = 0; i < self->units * WORDS; i++) {
        words[i] = i * UINT64_C(0x9E3779B97F4A7C15);
    }
    *pass = (self->units + LK_UNITS - 1) / LK_UNITS;
    return LK_OK;
}

static __attribute__((noinline)) uint64_t mix(const uint64_t *words, uint64_t hash, unsigned rounds) {
    for (unsigned i = 0; i < WORDS; i++) {
        hash ^= words[i];
        for (unsigned round = 0; round < rounds; round++) {
            hash = (hash << 29 | hash >> 35) * UINT64_C(0xD6E8FEB86659FD93);
        }
    }
    return hash;
}

static lk_status selftest_cache_run(void *state, uint64_t first, uint64_t count, lk_result *result) {
    const mixer *self = state;
    const uint64_t *words = (const uint64_t *)(const void *)self->region.data;
    const uint64_t mask = self->units - 1, pass = (self->units + LK_UNITS - 1) / LK_UNITS;
    const uint64_t zero = *(const volatile uint64_t *)&self->zero;
    const unsigned steps = lk_plant_steps(self->plant);
    uint64_t check = 0, last = 0;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t unit = (first + i) % pass * LK_UNITS;
        unsigned carry = 0;
        for (unsigned step = 0; step < steps; step++) {
            const uint64_t planted = lk_plant_due(self->plant, &carry);
            last = mix(words + (unit & mask) * WORDS, unit + (last & zero), self->rounds);
            check += last & (planted - 1);
            unit += 1 - planted;
        }
    }
    const uint64_t units = count * LK_UNITS;
    *result = (lk_result){.checksum = check, .items = units, .bytes = units * UNIT_BYTES};
    return LK_OK;
}

LK_KERNEL(selftest_cache, mixer, .name = "selftest.cache", .item = "unit",
          .help = "self-test: an integer hash over a buffer in a cache, identical code in all arms");
