/* selftest.heap: malloc and free of mixed sizes with a number of blocks alive.
 *
 * A unit frees the oldest of the live blocks and allocates another in its place. A planted unit does the same in a set
 * of live blocks of its own, so that both sets keep their steady state. No input.
 */
#include <stdbool.h>
#include <stdlib.h>

#include "define.h"
#include "plant.h"
#include "random.h"

enum { PATTERN = 1024, PASS = 16 };
enum { P_COPY, P_PLANT, P_LIVE, P_SIZES };

static const lk_param selftest_heap_params[] = {
    [P_COPY] = LK_COPY_PARAM,
    [P_PLANT] = LK_PLANT_PARAM,
    [P_LIVE] = {"live", "count", "16,32,64,128,256,512,1024", "blocks alive at any moment"},
    [P_SIZES] = {"sizes", "", "small,medium,mixed", "small: 16-64 B; medium: 64-512 B; mixed: 16-1024 B"},
};

typedef struct heap {
    unsigned live;
    unsigned plant;
    uint16_t sizes[PATTERN]; /* of unit i, repeated */
    void **slots;            /* `live` of the units, then `live` of the planted ones */
} heap;

static void selftest_heap_teardown(void *state) {
    heap *self = state;
    for (size_t i = 0; self->slots && i < 2 * (size_t)self->live; i++) {
        free(self->slots[i]);
    }
    free(self->slots);
}

static lk_status selftest_heap_build(heap *self, const lk_value *values, lk_input input, uint64_t *pass,
                                     lk_message *message) {
    static const unsigned RANGE[][2] = {{16, 64}, {64, 512}, {16, 1024}};
    (void)input;
    const lk_status status = lk_plant_check(&values[P_PLANT], message);
    if (status != LK_OK) {
        return status;
    }
    self->live = (unsigned)values[P_LIVE].number;
    self->slots = calloc(2 * (size_t)self->live, sizeof *self->slots);
    if (!self->slots) {
        return lk_say(message, LK_NO_MEMORY, "no memory for %u blocks", self->live);
    }
    self->plant = (unsigned)values[P_PLANT].number;
    const unsigned *range = RANGE[values[P_SIZES].level];
    uint64_t seed = 1;
    for (size_t i = 0; i < PATTERN; i++) {
        self->sizes[i] = (uint16_t)(range[0] + lk_random(&seed) % (range[1] - range[0] + 1));
    }
    *pass = PASS;
    return LK_OK;
}

/* Returns what it wrote, read back, or 0 where memory was refused. */
static __attribute__((noinline)) uint64_t renew(void **slot, size_t bytes, uint64_t value) {
    free(*slot);
    uint64_t *block = malloc(bytes);
    *slot = block;
    if (!block) {
        return 0;
    }
    *block = value;
    __asm__ volatile("" ::: "memory");
    return *block;
}

static lk_status selftest_heap_run(void *state, uint64_t first, uint64_t count, lk_result *result) {
    heap *self = state;
    const unsigned mask = self->live - 1;
    const unsigned steps = lk_plant_steps(self->plant);
    uint64_t check = 0, bytes = 0;
    bool refused = false;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t unit = (first + i) % PASS * LK_UNITS;
        unsigned carry = 0;
        for (unsigned step = 0; step < steps; step++) {
            const uint64_t planted = lk_plant_due(self->plant, &carry);
            const size_t size = self->sizes[unit % PATTERN];
            void **slot = &self->slots[(unit & mask) + planted * self->live];
            check += (renew(slot, size, unit + 1) ^ size) & (planted - 1);
            bytes += size & (planted - 1);
            refused |= *slot == NULL;
            unit += 1 - planted;
        }
    }
    *result = (lk_result){.checksum = check, .items = count * LK_UNITS, .bytes = bytes};
    return refused ? LK_NO_MEMORY : LK_OK;
}

LK_KERNEL(selftest_heap, heap, .name = "selftest.heap", .item = "unit",
          .help = "self-test: malloc and free of mixed sizes, identical code in all arms");
