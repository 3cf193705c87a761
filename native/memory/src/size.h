/* Sums and products of sizes that say when they do not fit. */
#ifndef PM_SIZE_H
#define PM_SIZE_H

#include "pm/base.h"

static inline bool pm_size_add(size_t a, size_t b, size_t *out) {
    return !__builtin_add_overflow(a, b, out);
}

static inline bool pm_size_multiply(size_t a, size_t b, size_t *out) {
    return !__builtin_mul_overflow(a, b, out);
}

static inline bool pm_size_is_power_of_two(size_t size) {
    return size != 0 && (size & (size - 1)) == 0;
}

/* The next multiple of `step`, a power of two. */
static inline bool pm_size_round_up(size_t size, size_t step, size_t *out) {
    if (!pm_size_add(size, step - 1, out)) {
        return false;
    }
    *out &= ~(step - 1);
    return true;
}

/* What to grow to: twice the capacity, or what is needed where that is more or twice does not fit. */
static inline size_t pm_size_double(size_t capacity, size_t needed) {
    return capacity > SIZE_MAX / 2 || capacity * 2 < needed ? needed : capacity * 2;
}

#endif
