/* peers.chase: lookups of which each needs the result of the last, for many starts at once.
 *
 * A table of 64-bit places, a seeded permutation of a power of two of them; an iteration follows 64 chains for 256
 * steps, from starts that move on. An item is a lookup. Chains are longer than what a processor looks ahead: of short
 * ones it would overlap several by itself.
 *   ours:  pm_prefetch_follow, as many chains side by side as `interleave` says.
 *   plain: one chain after the other, each load waiting for the last.
 */
#include <pm/prefetch.h>
#include <stdlib.h>

#include "args.h"
#include "define.h"
#include "region.h"

enum { CHAINS = 64, STEPS = 256, LEAST_BYTES = 1 << 18 };
enum { P_CONTENDER, P_INTERLEAVE, P_WORKING_SET, P_PAGES };

static const lk_param peers_chase_params[] = {
    [P_CONTENDER] = {"contender", "", "ours,plain", "ours: interleaved; plain: one after the other"},
    [P_INTERLEAVE] = {"interleave", "count", "16,32,64", "chains that ours follows side by side"},
    [P_WORKING_SET] = {"working_set", "B", "", "bytes of the table, at least 262144; cut to a power of two"},
    [P_PAGES] = {"pages", "", LK_PAGES_LEVELS, LK_PAGES_HELP},
};

typedef struct chase {
    lk_region region;
    const uint64_t *table;
    uint64_t count; /* a power of two */
    size_t interleave;
    bool ours;
} chase;

/* A bijection of 0 .. mask: shifts and odd factors lose nothing modulo a power of two. */
static inline uint64_t scatter(uint64_t place, uint64_t mask, unsigned half) {
    place = (place ^ place >> half) * UINT64_C(0x9E3779B97F4A7C15) & mask;
    place = (place ^ place >> half) * UINT64_C(0xBF58476D1CE4E5B9) & mask;
    return place ^ place >> half;
}

static void peers_chase_teardown(void *state) {
    chase *self = state;
    lk_region_unmap(&self->region);
}

static lk_status peers_chase_build(chase *self, const lk_value *values, lk_input input, uint64_t *pass,
                                   lk_message *message) {
    (void)input;
    const uint64_t bytes = values[P_WORKING_SET].number;
    if (bytes < LEAST_BYTES || bytes > UINT64_C(1) << 40) {
        return lk_say(message, LK_INVALID, "working_set=%llu is out of range: from %d bytes", (unsigned long long)bytes,
                      LEAST_BYTES);
    }
    const unsigned bits = 63 - (unsigned)__builtin_clzll(bytes / sizeof *self->table);
    self->count = UINT64_C(1) << bits;
    self->interleave = (size_t)values[P_INTERLEAVE].number;
    self->ours = values[P_CONTENDER].level == 0;
    const lk_status status =
        lk_region_map(&self->region, self->count * sizeof *self->table, values[P_PAGES].level, message);
    if (status != LK_OK) {
        return status;
    }
    uint64_t *table = (uint64_t *)(void *)self->region.data;
    for (uint64_t i = 0; i < self->count; i++) {
        table[i] = scatter(i, self->count - 1, bits / 2);
    }
    self->table = table;
    *pass = self->count / ((uint64_t)CHAINS * STEPS);
    return LK_OK;
}

static lk_status peers_chase_run(void *state, uint64_t first, uint64_t count, lk_result *result) {
    const chase *self = state;
    const uint64_t pass = self->count / ((uint64_t)CHAINS * STEPS);
    uint64_t sum = 0, ends[CHAINS];
    for (uint64_t i = first; i < first + count; i++) {
        for (uint64_t chain = 0; chain < CHAINS; chain++) {
            ends[chain] = (i % pass * CHAINS + chain) * STEPS;
        }
        if (self->ours) {
            if (pm_prefetch_follow(self->table, self->count, ends, CHAINS, STEPS, self->interleave, ends) != PM_OK) {
                return LK_FAILED;
            }
        } else {
            for (unsigned chain = 0; chain < CHAINS; chain++) {
                for (unsigned step = 0; step < STEPS; step++) {
                    ends[chain] = self->table[ends[chain]];
                }
            }
        }
        for (unsigned chain = 0; chain < CHAINS; chain++) {
            sum += ends[chain];
        }
    }
    const uint64_t lookups = count * CHAINS * STEPS;
    *result = (lk_result){.checksum = sum, .items = lookups, .bytes = lookups * sizeof *self->table};
    return LK_OK;
}

LK_KERNEL(peers_chase, chase, .name = "peers.chase", .item = "lookup",
          .help = "follows chains through a table: side by side with hints, or one at a time");
