/* words.h: what a run of bytes is when it is a keyword, a soft keyword or an operator: a perfect hash of all of them.
 *
 * None is longer than eight bytes, so a word is compared as a number: its bytes, the first one lowest, zero behind it.
 */
#ifndef FE_WORDS_H
#define FE_WORDS_H

#include <stdint.h>
#include <string.h>

#include "token_store.h"

enum { FE_WORD_SLOTS = 256 };

extern const uint64_t fe_words[FE_WORD_SLOTS];     /* 0: none. words.c */
extern const uint8_t fe_word_kinds[FE_WORD_SLOTS]; /* fe_token_kind; of a bracket with LEX_SPECIAL. words.c */

/* Found by trying random factors until no two words met. */
#define FE_WORD_FACTOR UINT64_C(0x8D2D334F74878A91)
#define FE_WORD_SLOT(word) ((word) * FE_WORD_FACTOR >> 56)

/* The eight bytes from `at`. */
static inline uint64_t fe_word_at(const uint8_t *at) {
    uint64_t word;
    memcpy(&word, at, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

#endif
