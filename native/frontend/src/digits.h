/* digits.h: decimal numbers as text. */
#ifndef FE_DIGITS_H
#define FE_DIGITS_H

#include <stdint.h>
#include <string.h>

/* The text of 0 .. 999, and behind it how many characters that are; digits.c. */
#if defined(__ELF__) /* elsewhere nothing is seen outside that is not exported */
__attribute__((visibility("hidden")))
#endif
extern const uint8_t fe_digits[1000][4];

/* Three digits, leading zeros included. */
static inline void fe_put_three(uint8_t *p, uint32_t number) {
    p[0] = (uint8_t)('0' + number / 100);
    p[1] = (uint8_t)('0' + number / 10 % 10);
    p[2] = (uint8_t)('0' + number % 10);
}

/* Writes a number; returns the end. Up to 12 bytes from p on may be overwritten. */
static inline uint8_t *fe_put_number(uint8_t *p, uint32_t number) {
    if (number >= 1000000) {
        p = fe_put_number(p, number / 1000000);
        fe_put_three(p, number / 1000 % 1000);
        fe_put_three(p + 3, number % 1000);
        return p + 6;
    }
    const uint32_t high = number / 1000;
    if (high != 0) {
        memcpy(p, fe_digits[high], 4);
        p += fe_digits[high][3];
        fe_put_three(p, number - high * 1000);
        return p + 3;
    }
    memcpy(p, fe_digits[number], 4);
    return p + fe_digits[number][3];
}

#endif
