/* digits.h: decimal numbers as text. */
#ifndef FE_DIGITS_H
#define FE_DIGITS_H

#include <stdint.h>
#include <string.h>

/* The text of 0 .. 999, and behind it how many characters that are; digits.c. */
extern const uint8_t fe_digits[1000][4];

/* Writes a number; returns the end. Up to 12 bytes from p on may be overwritten. */
static inline uint8_t *fe_put_number(uint8_t *p, uint32_t number) {
    if (__builtin_expect(number < 1000, 1)) {
        memcpy(p, fe_digits[number], 4);
        return p + fe_digits[number][3];
    }
    uint32_t parts[3], count = 0;
    do {
        parts[count++] = number % 1000;
        number /= 1000;
    } while (number >= 1000);
    memcpy(p, fe_digits[number], 4);
    p += fe_digits[number][3];
    while (count > 0) { /* with the leading zeros that 1000 + n has behind its 1 */
        const uint32_t part = parts[--count];
        p[0] = (uint8_t)('0' + part / 100);
        p[1] = (uint8_t)('0' + part / 10 % 10);
        p[2] = (uint8_t)('0' + part % 10);
        p += 3;
    }
    return p;
}

#endif
