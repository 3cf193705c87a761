/* plant.h: what the self-test's kernels share: a slowdown of known size, planted in a loop.
 *
 * The loop runs LK_UNITS equal units of work per iteration and asks lk_plant_due after each: with plant = P it says yes
 * P * LK_UNITS / 1000 times, evenly spread, and the loop then does one more unit whose result is not used. All arms
 * run the same code; only the number P differs. P = 0 plants nothing.
 */
#ifndef LK_PLANT_H
#define LK_PLANT_H

#include <stdbool.h>

#include "args.h"

enum { LK_UNITS = 100, LK_PLANT_STEP = 1000 / LK_UNITS, LK_PLANT_MOST = 1000 };

#define LK_PLANT_PARAM                                                                                                 \
    {"plant", "per mille", "", "units of extra work per 1000, a multiple of 10, at most 1000; 0: none"}
/* The label that tells arms of identical code apart. */
#define LK_COPY_PARAM {"copy", "", "same,again,third,fourth", "a label: changes nothing"}

typedef struct lk_plant {
    unsigned per_mille;
    unsigned carry;
} lk_plant;

/* LK_INVALID, with the reason in *message, where the number is not one that can be planted exactly. */
static inline lk_status lk_plant_check(const lk_value *value, lk_message *message) {
    if (value->number % LK_PLANT_STEP || value->number > LK_PLANT_MOST) {
        return lk_say(message, LK_INVALID, "plant=%llu is not a multiple of %d up to %d",
                      (unsigned long long)value->number, LK_PLANT_STEP, LK_PLANT_MOST);
    }
    return LK_OK;
}

static inline bool lk_plant_due(lk_plant *self) {
    self->carry += self->per_mille;
    if (self->carry < 1000) {
        return false;
    }
    self->carry -= 1000;
    return true;
}

#endif
