/* floats.h: decimal digits to the nearest double, and a double to the fewest digits that read back as it. */
#ifndef FE_FLOATS_H
#define FE_FLOATS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    /* Significant digits that can decide how a decimal rounds: the longest boundary between two doubles has 767. What
     * follows matters only by being zero or not, for which one digit more is enough. */
    FE_DIGITS_MAX = 768 + 1,
    FE_DIGITS_SHORTEST = 17
};

/* 0.d1 d2 d3 ... * 10^point, d1 not 0 unless the number is 0. */
typedef struct fe_decimal {
    int32_t point;
    uint32_t count;
    uint8_t digits[FE_DIGITS_MAX]; /* 0 .. 9 */
} fe_decimal;

/* The double next to it, ties to even; infinity where it is beyond all. Neither locale nor rounding mode matters. */
double fe_decimal_to_double(const fe_decimal *decimal);

/* The shortest decimal that reads back as `value`, the closest to it among those; value is finite and above 0. */
void fe_double_to_decimal(double value, fe_decimal *out);

#endif
