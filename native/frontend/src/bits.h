/* bits.h: the source as bitmaps, one bit per byte, made 64 bytes at a time; and what a source is made of.
 *
 * The vector instructions are those that pm/cpu.h has selected; every path gives the same bits. Any thread.
 */
#ifndef FE_BITS_H
#define FE_BITS_H

#include <pm/cpu.h>

/* At most, at a time: the bitmaps stay in the first cache, and need no memory of the task. */
enum { FE_BITS_BLOCKS = 64 };

/* Bit b of word i belongs to byte 64 * i + b of what was scanned. Strings and comments are no different from the rest:
 * the lexer jumps over them. */
typedef struct fe_bits {
    uint64_t begin[FE_BITS_BLOCKS];    /* neither blank nor `more`: a token may begin here */
    uint64_t more[FE_BITS_BLOCKS + 2]; /* belongs to the token before: a letter, digit or _ of ASCII behind another one;
                                        * the second and third byte of an operator. May join what is no operator ("===")
                                        * but never a line end. The last two words: the next blocks, or zero. */
    uint64_t quote[FE_BITS_BLOCKS];    /* ' or " or backslash */
    uint64_t odd[FE_BITS_BLOCKS];      /* the same, or not printable ASCII */
    uint8_t begin_count[FE_BITS_BLOCKS]; /* bits set in begin */
} fe_bits;

/* Fills the bitmaps for `blocks` <= FE_BITS_BLOCKS times 64 bytes from source + at, and `more` for `ahead` <= 2 blocks
 * behind them. All of these bytes are read, and one before them. Appends to `lines` where a line begins, as an offset
 * from `source`: behind each line end in the blocks; up to four numbers more are written. Returns how many were
 * appended. */
size_t fe_bits_fill(const uint8_t *source, size_t at, size_t blocks, size_t ahead, fe_bits *out, uint32_t *lines);

typedef struct fe_survey {
    uint32_t newline_count;
    bool high; /* a byte beyond ASCII */
    bool nul;
    bool cr;
    bool tab; /* a tab or a form feed */
} fe_survey;

/* What source[0 .. bytes) has. Reads nothing else. */
fe_survey fe_bits_survey(const uint8_t *source, size_t bytes);

#endif
