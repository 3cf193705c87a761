/* floats.c: exact conversions between decimal digits and doubles, by integers of any size.
 *
 * Reading divides big integers bit by bit and rounds by what remains. Writing is the free-format algorithm of G. Steele
 * and J. White (How to print floating-point numbers accurately, 1990) with the scaling of R. Burger and R. Dybvig
 * (1996). Both are slow and only for the numbers that numbers.c cannot answer from their digits.
 */
#include "floats.h"

#include <math.h>
#include <string.h>

/* 10^1124 has 3734 bits, shifted by up to 64 more; a mantissa times 2^1074 or 10^324 has fewer. */
enum { LIMBS = 128, MANTISSA_BITS = 53, EXPONENT_MIN = -1074 };

typedef struct big {
    uint32_t count; /* limbs in use; the last one is not 0 */
    uint32_t limbs[LIMBS];
} big;

static big big_of(uint64_t value) {
    big number;
    number.limbs[0] = (uint32_t)value;
    number.limbs[1] = (uint32_t)(value >> 32);
    number.count = value >> 32 ? 2 : value ? 1 : 0;
    return number;
}

static void multiply_add(big *number, uint32_t factor, uint32_t addend) {
    uint64_t carry = addend;
    for (uint32_t i = 0; i < number->count; i++) {
        carry += (uint64_t)number->limbs[i] * factor;
        number->limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry) {
        number->limbs[number->count++] = (uint32_t)carry;
    }
}

static void multiply_power_of_10(big *number, int32_t power) {
    for (; power >= 9; power -= 9) {
        multiply_add(number, 1000000000, 0);
    }
    for (; power > 0; power--) {
        multiply_add(number, 10, 0);
    }
}

static void shift_left(big *number, uint32_t bits) {
    if (number->count == 0) {
        return;
    }
    multiply_add(number, UINT32_C(1) << bits % 32, 0);
    const uint32_t limbs = bits / 32;
    if (limbs) {
        memmove(number->limbs + limbs, number->limbs, number->count * sizeof *number->limbs);
        memset(number->limbs, 0, limbs * sizeof *number->limbs);
        number->count += limbs;
    }
}

static int compare(const big *a, const big *b) {
    if (a->count != b->count) {
        return a->count < b->count ? -1 : 1;
    }
    for (uint32_t i = a->count; i-- > 0;) {
        if (a->limbs[i] != b->limbs[i]) {
            return a->limbs[i] < b->limbs[i] ? -1 : 1;
        }
    }
    return 0;
}

/* a - b, which is not below 0. */
static void subtract(big *a, const big *b) {
    uint64_t borrow = 0;
    for (uint32_t i = 0; i < a->count; i++) {
        const uint64_t limb = (uint64_t)a->limbs[i] - (i < b->count ? b->limbs[i] : 0) - borrow;
        a->limbs[i] = (uint32_t)limb;
        borrow = limb >> 63;
    }
    while (a->count && a->limbs[a->count - 1] == 0) {
        a->count--;
    }
}

/* compare(a + b, c) */
static int compare_sum(const big *a, const big *b, const big *c) {
    big sum = *a;
    uint64_t carry = 0;
    const uint32_t count = a->count > b->count ? a->count : b->count;
    for (uint32_t i = 0; i < count; i++) {
        carry += (uint64_t)(i < a->count ? a->limbs[i] : 0) + (i < b->count ? b->limbs[i] : 0);
        sum.limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    sum.count = count;
    if (carry) {
        sum.limbs[sum.count++] = 1;
    }
    return compare(&sum, c);
}

static int32_t bits_of(const big *number) {
    return (int32_t)number->count * 32 - __builtin_clz(number->limbs[number->count - 1]);
}

static double double_of(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

double fe_decimal_to_double(const fe_decimal *decimal) {
    if (decimal->digits[0] == 0 || decimal->point < -323) {
        return 0;
    }
    if (decimal->point > 309) {
        return (double)INFINITY;
    }
    /* value = over / under, then over / under * 2^exponent with 1 <= over / under < 2 */
    big over = big_of(0), under = big_of(1);
    for (uint32_t i = 0; i < decimal->count; i++) {
        if (over.count) {
            multiply_add(&over, 10, decimal->digits[i]);
        } else {
            over = big_of(decimal->digits[i]);
        }
    }
    const int32_t power = decimal->point - (int32_t)decimal->count;
    multiply_power_of_10(power > 0 ? &over : &under, power > 0 ? power : -power);
    int32_t exponent = bits_of(&over) - bits_of(&under);
    shift_left(exponent > 0 ? &under : &over, (uint32_t)(exponent > 0 ? exponent : -exponent));
    if (compare(&over, &under) < 0) {
        shift_left(&over, 1);
        exponent--;
    }
    const int32_t room = exponent + 1 - EXPONENT_MIN; /* bits above the last one that a double can have */
    const int32_t wanted = room < MANTISSA_BITS ? room : MANTISSA_BITS;
    if (wanted < 0) {
        return 0;
    }
    uint64_t mantissa = 0;
    for (int32_t i = 0; i < wanted; i++) {
        mantissa <<= 1;
        if (compare(&over, &under) >= 0) {
            subtract(&over, &under);
            mantissa |= 1;
        }
        shift_left(&over, 1);
    }
    const int rest = compare(&over, &under); /* with half of the last bit */
    mantissa += rest > 0 || (rest == 0 && (mantissa & 1));
    /* A subnormal's bits are its mantissa; rounding up carries into the exponent as it should. */
    const int32_t biased = wanted < MANTISSA_BITS ? 0 : exponent + 1022;
    const uint64_t bits = ((uint64_t)biased << 52) + mantissa;
    return bits >= UINT64_C(0x7ff) << 52 ? (double)INFINITY : double_of(bits);
}

void fe_double_to_decimal(double value, fe_decimal *out) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
    const int32_t biased = (int32_t)(bits >> 52);
    const uint64_t mantissa = biased ? fraction | UINT64_C(1) << 52 : fraction;
    const int32_t exponent = (biased ? biased : 1) - 1075;
    const bool is_even = (mantissa & 1) == 0;
    const uint32_t narrow = fraction == 0 && biased > 1; /* the double below is half as far as the one above */

    /* value = rest / scale; half the way to its neighbours: above / scale and below / scale */
    big rest = big_of(mantissa), scale = big_of(1), above = big_of(1), below;
    shift_left(&rest, 1 + narrow + (uint32_t)(exponent > 0 ? exponent : 0));
    shift_left(&scale, 1 + narrow + (uint32_t)(exponent < 0 ? -exponent : 0));
    shift_left(&above, narrow + (uint32_t)(exponent > 0 ? exponent : 0));
    below = big_of(1);
    shift_left(&below, (uint32_t)(exponent > 0 ? exponent : 0));

    /* At most one too low, never too high. */
    const int32_t magnitude = exponent + 63 - __builtin_clzll(mantissa);
    int32_t point = (int32_t)ceil(magnitude * 0.30102999566398120 - 1e-10);
    if (point >= 0) {
        multiply_power_of_10(&scale, point);
    } else {
        multiply_power_of_10(&rest, -point);
        multiply_power_of_10(&above, -point);
        multiply_power_of_10(&below, -point);
    }
    const int reach = compare_sum(&rest, &above, &scale);
    if (reach > 0 || (reach == 0 && is_even)) {
        point++;
    } else {
        multiply_add(&rest, 10, 0);
        multiply_add(&above, 10, 0);
        multiply_add(&below, 10, 0);
    }
    uint32_t count = 0;
    for (;;) {
        uint8_t digit = 0;
        while (compare(&rest, &scale) >= 0) {
            subtract(&rest, &scale);
            digit++;
        }
        const int low = compare(&rest, &below), high = compare_sum(&rest, &above, &scale);
        const bool may_stay = low < 0 || (low == 0 && is_even);
        const bool may_rise = high > 0 || (high == 0 && is_even);
        if (may_stay || may_rise) {
            const int half = compare_sum(&rest, &rest, &scale);
            digit += may_rise && (!may_stay || half > 0 || (half == 0 && (digit & 1)));
            out->digits[count++] = digit;
            break;
        }
        out->digits[count++] = digit;
        multiply_add(&rest, 10, 0);
        multiply_add(&above, 10, 0);
        multiply_add(&below, 10, 0);
    }
    out->count = count;
    out->point = point;
}
