/* plant.h: what the self-test's kernels share: a slowdown of known size, planted in a loop.
 *
 * An iteration does LK_UNITS equal units of work. With plant = P it does LK_UNITS * P / 1000 more, evenly spread among
 * them, whose results are masked out. Every step of the loop, planted or not, runs the same instructions without a
 * branch, so P per mille more steps are P per mille more instructions. P = 0 plants nothing.
 */
#ifndef LK_PLANT_H
#define LK_PLANT_H

#include "args.h"

enum { LK_UNITS = 100, LK_PLANT_STEP = 1000 / LK_UNITS, LK_PLANT_MOST = 1000 };

#define LK_PLANT_PARAM                                                                                                 \
    {"plant", "per mille", "", "units of extra work per 1000, a multiple of 10, at most 1000; 0: none"}
/* The label that tells arms of identical code apart. */
#define LK_COPY_PARAM {"copy", "", "same,again,third,fourth", "a label: changes nothing"}

/* LK_INVALID, with the reason in *message, where the number is not one that can be planted exactly. */
static inline lk_status lk_plant_check(const lk_value *value, lk_message *message) {
    if (value->number % LK_PLANT_STEP || value->number > LK_PLANT_MOST) {
        return lk_say(message, LK_INVALID, "plant=%llu is not a multiple of %d up to %d",
                      (unsigned long long)value->number, LK_PLANT_STEP, LK_PLANT_MOST);
    }
    return LK_OK;
}

/* Steps of one iteration, the planted ones included. */
static inline unsigned lk_plant_steps(unsigned per_mille) {
    return LK_UNITS + LK_UNITS * per_mille / 1000;
}

/* 1 if the next step is a planted one, else 0; carry starts at 0 in each iteration. */
static inline uint64_t lk_plant_due(unsigned per_mille, unsigned *carry) {
    const unsigned limit = 1000 + per_mille;
    *carry += per_mille;
    const unsigned due = *carry >= limit;
    *carry -= limit & (0 - due);
    return due;
}

#endif
