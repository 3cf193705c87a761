/* numbers.c: number literals to what Python's repr prints for their value.
 *
 * A decimal int is its own repr. So is, but for where the point stands, a float of at most 15 significant digits: no
 * two decimals of 15 digits are the same double, so none with fewer digits is either (IEEE 754, away from the
 * subnormals). Only the rest is converted (floats.c). Ints in other bases are divided by 10^9 until nothing remains.
 */
#include <string.h>

#include "floats.h"
#include "literals.h"

enum {
    LIMB_DIGITS = 9,
    LIMB = 1000000000,
    SAFE_DIGITS = 15,    /* decimals of so many digits are all different doubles ... */
    SAFE_POINT = 290,    /* ... whose exponents are no further from 0 */
    POINT_MAX = 1000000, /* exponents beyond this make no difference any more */
    FLOAT_BYTES_MAX = 32
};

_Noreturn static void fail_long(fe_task *task) {
    fe_fail(task, FE_SYNTAX, 0, 0, "Exceeds the limit (%u digits) for integer string conversion", task->int_digits);
}

static inline bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* The digits of a decimal int without underscores and leading zeros. */
static uint8_t *put_decimal(uint8_t *out, const char *text, uint32_t bytes) {
    uint32_t at = 0;
    while (at + 1 < bytes && (text[at] == '0' || text[at] == '_')) {
        at++;
    }
    for (; at < bytes; at++) {
        *out = (uint8_t)text[at];
        out += text[at] != '_';
    }
    return out;
}

/* The decimal digits of words[0 .. count), of which nothing is left; `limbs` has room for their limbs. */
static uint8_t *put_words(uint8_t *out, uint32_t *words, uint32_t count, uint32_t *limbs) {
    uint32_t limb_count = 0;
    do {
        uint64_t rest = 0;
        for (uint32_t i = count; i-- > 0;) {
            rest = rest << 32 | words[i];
            words[i] = (uint32_t)(rest / LIMB);
            rest %= LIMB;
        }
        limbs[limb_count++] = (uint32_t)rest;
        while (count && words[count - 1] == 0) {
            count--;
        }
    } while (count);
    uint8_t *begin = out;
    while (limb_count-- > 0) {
        uint32_t limb = limbs[limb_count];
        for (uint32_t i = LIMB_DIGITS; i-- > 0; limb /= 10) {
            out[i] = (uint8_t)('0' + limb % 10);
        }
        out += LIMB_DIGITS;
    }
    uint32_t zeros = 0;
    while (begin + zeros + 1 < out && begin[zeros] == '0') {
        zeros++;
    }
    memmove(begin, begin + zeros, (size_t)(out - begin) - zeros);
    return out - zeros;
}

/* An int of 2^bits_per_digit as its base; `text` follows 0x, 0o or 0b. */
static void append_power_of_2(fe_task *task, const char *text, uint32_t bytes, unsigned bits_per_digit,
                              fe_buffer_use use, uint32_t *used) {
    while (bytes > 0 && (*text == '0' || *text == '_')) {
        text++;
        bytes--;
    }
    const uint64_t bit_count = (uint64_t)bytes * bits_per_digit; /* at most: underscores count too */
    const uint32_t room = (uint32_t)(bit_count / 32) + 2;
    uint32_t *words = fe_need(task, FE_BUF_SCRATCH_2, (size_t)room * 3 * sizeof *words);
    memset(words, 0, room * sizeof *words);
    uint64_t bit = 0;
    for (uint32_t i = bytes; i-- > 0;) {
        const char c = text[i];
        if (c == '_') {
            continue;
        }
        const uint64_t digit = is_digit(c) ? (uint64_t)(c - '0') : (uint64_t)((c | 32) - 'a' + 10);
        const uint64_t shifted = digit << bit % 32;
        words[bit / 32] |= (uint32_t)shifted;
        words[bit / 32 + 1] |= (uint32_t)(shifted >> 32);
        bit += bits_per_digit;
    }
    uint32_t count = (uint32_t)((bit + 31) / 32);
    while (count && words[count - 1] == 0) {
        count--;
    }
    if ((uint64_t)count * 9 > (uint64_t)task->int_digits + 18) { /* 32 bits are more than nine digits */
        fail_long(task);
    }
    uint8_t *data = fe_need(task, use, (size_t)*used + (size_t)count * 10 + 2 * LIMB_DIGITS);
    uint8_t *out = put_words(data + *used, words, count, words + room);
    if ((uint64_t)(out - (data + *used)) > task->int_digits) {
        fail_long(task);
    }
    *used = (uint32_t)(out - data);
}

/* The text of a float without what makes it imaginary. */
static void read_decimal(const char *text, uint32_t bytes, fe_decimal *out) {
    int64_t point = 0, exponent = 0;
    bool is_behind_point = false, rest = false;
    uint32_t count = 0, at = 0;
    for (; at < bytes && (text[at] | 32) != 'e'; at++) {
        const char c = text[at];
        if (!is_digit(c)) {
            is_behind_point |= c == '.';
        } else if (count == 0 && c == '0') {
            point -= is_behind_point;
        } else {
            point += !is_behind_point;
            if (count < FE_DIGITS_MAX - 1) {
                out->digits[count++] = (uint8_t)(c - '0');
            } else {
                rest |= c != '0';
            }
        }
    }
    const bool is_negative = at + 1 < bytes && text[at + 1] == '-';
    for (at++; at < bytes; at++) {
        if (is_digit(text[at]) && exponent < INT32_MAX) {
            exponent = exponent * 10 + text[at] - '0';
        }
    }
    point += is_negative ? -exponent : exponent;
    if (rest) {
        out->digits[count++] = 1;
    }
    while (count && out->digits[count - 1] == 0) {
        count--;
    }
    if (count == 0) {
        *out = (fe_decimal){.point = 1, .count = 1};
        return;
    }
    out->count = count;
    out->point = (int32_t)(point > POINT_MAX ? POINT_MAX : point < -POINT_MAX ? -POINT_MAX : point);
}

static uint8_t *put_digits(uint8_t *out, const uint8_t *digits, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        *out++ = (uint8_t)('0' + digits[i]);
    }
    return out;
}

static uint8_t *put_zeros(uint8_t *out, int32_t count) {
    for (; count > 0; count--) {
        *out++ = '0';
    }
    return out;
}

/* As float.__repr__ lays digits out; whole numbers end in .0 unless they are imaginary. */
static uint8_t *put_float(uint8_t *out, const fe_decimal *decimal, bool is_imaginary) {
    const int32_t count = (int32_t)decimal->count, point = decimal->point;
    if (point <= -4 || point > 16) {
        out = put_digits(out, decimal->digits, 1);
        if (count > 1) {
            *out++ = '.';
            out = put_digits(out, decimal->digits + 1, decimal->count - 1);
        }
        const int32_t exponent = point - 1, magnitude = exponent < 0 ? -exponent : exponent;
        *out++ = 'e';
        *out++ = exponent < 0 ? '-' : '+';
        if (magnitude >= 100) {
            *out++ = (uint8_t)('0' + magnitude / 100);
        }
        *out++ = (uint8_t)('0' + magnitude / 10 % 10);
        *out++ = (uint8_t)('0' + magnitude % 10);
        return out;
    }
    if (point <= 0) {
        *out++ = '0';
        *out++ = '.';
        return put_digits(put_zeros(out, -point), decimal->digits, decimal->count);
    }
    if (count <= point) {
        out = put_zeros(put_digits(out, decimal->digits, decimal->count), point - count);
        if (!is_imaginary) {
            *out++ = '.';
            *out++ = '0';
        }
        return out;
    }
    out = put_digits(out, decimal->digits, (uint32_t)point);
    *out++ = '.';
    return put_digits(out, decimal->digits + point, (uint32_t)(count - point));
}

static uint8_t *put_value(uint8_t *out, fe_decimal *decimal, bool is_imaginary) {
    const bool is_safe = decimal->count <= SAFE_DIGITS && decimal->point <= SAFE_POINT && decimal->point >= -SAFE_POINT;
    if (PM_UNLIKELY(!is_safe)) {
        const double value = fe_decimal_to_double(decimal);
        if (value > 1.7976931348623157e308) {
            memcpy(out, "inf", 3);
            return out + 3;
        }
        if (value > 0) {
            fe_double_to_decimal(value, decimal);
        } else {
            *decimal = (fe_decimal){.point = 1, .count = 1};
        }
    }
    return put_float(out, decimal, is_imaginary);
}

void fe_repr_number(fe_task *task, const char *text, uint32_t bytes, fe_buffer_use use, uint32_t *used) {
    const char letter = bytes > 1 ? (char)(text[1] | 32) : 0;
    if (text[0] == '0' && (letter == 'x' || letter == 'o' || letter == 'b')) {
        append_power_of_2(task, text + 2, bytes - 2, letter == 'x' ? 4 : letter == 'o' ? 3 : 1, use, used);
        return;
    }
    uint32_t digits = 0;
    while (digits < bytes && (is_digit(text[digits]) || text[digits] == '_')) {
        digits++;
    }
    uint8_t *data = fe_need(task, use, (size_t)*used + (digits == bytes ? bytes : FLOAT_BYTES_MAX));
    uint8_t *out = data + *used;
    if (digits == bytes) {
        out = put_decimal(out, text, bytes);
    } else {
        const bool is_imaginary = (text[bytes - 1] | 32) == 'j';
        fe_decimal decimal;
        read_decimal(text, bytes - is_imaginary, &decimal);
        out = put_value(out, &decimal, is_imaginary);
        if (is_imaginary) {
            *out++ = 'j';
        }
    }
    *used = (uint32_t)(out - data);
}
