/* The slots of words.h, placed when this is compiled: two words in one slot would be an initializer given twice, of
 * which compilers warn, and tests/test_lexer.c looks for each word. */
#include "words.h"
#include "lex.h"

#define BYTE(c, i) ((uint64_t)(uint8_t)(c) << 8 * (i))
#define W1(a) BYTE(a, 0)
#define W2(a, b) (W1(a) | BYTE(b, 1))
#define W3(a, b, c) (W2(a, b) | BYTE(c, 2))
#define W4(a, b, c, d) (W3(a, b, c) | BYTE(d, 3))
#define W5(a, b, c, d, e) (W4(a, b, c, d) | BYTE(e, 4))
#define W6(a, b, c, d, e, f) (W5(a, b, c, d, e) | BYTE(f, 5))
#define W7(a, b, c, d, e, f, g) (W6(a, b, c, d, e, f) | BYTE(g, 6))
#define W8(a, b, c, d, e, f, g, h) (W7(a, b, c, d, e, f, g) | BYTE(h, 7))

const uint64_t fe_words[FE_WORD_SLOTS] = {
#define FE_WORD(word, kind) [FE_WORD_SLOT(word)] = (word),
#include "words.def"
#undef FE_WORD
};

const uint8_t fe_word_kinds[FE_WORD_SLOTS] = {
#define FE_WORD(word, kind) [FE_WORD_SLOT(word)] = (kind),
#include "words.def"
#undef FE_WORD
};
