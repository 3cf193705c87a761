/* literals.h: values of literals: numbers, strings and bytes to what Python prints for them. No variant. */
#ifndef FE_LITERALS_H
#define FE_LITERALS_H

#include "task.h"

/* The inside of one string token. */
typedef struct fe_literal {
    uint32_t begin;          /* source offset behind the opening quotes */
    uint32_t end;            /* source offset of the closing quotes */
    bool raw, bytes, format; /* by the prefix r, b, f in either case */
    bool unicode;            /* by the prefix u, not U: what ast calls the kind 'u' */
} fe_literal;

/* Takes apart the token source[start .. end). literals.c. */
fe_literal fe_literal_of(const uint8_t *source, uint32_t start, uint32_t end);

/* Appends the value of source bytes [begin, end) of a literal to FE_BUF_SCRATCH at *used: escapes resolved unless raw,
 * lone surrogates as WTF-8. Fails with FE_SYNTAX for malformed escapes, at the source offset `place`. literals.c. */
void fe_decode_literal(fe_task *task, const uint8_t *text, uint32_t begin, uint32_t end, bool raw, bool bytes,
                       uint32_t place, uint32_t *used);

/* The same, into `out`, which has room for end - begin bytes; returns the end of what it wrote. What fails, fails at
 * the source offset `place`. */
uint8_t *fe_decode_escapes(fe_task *task, const uint8_t *text, uint32_t begin, uint32_t end, bool bytes, uint8_t *out,
                           uint32_t place);

/* Fails as fe_decode_escapes would, and returns otherwise. */
void fe_check_escapes(fe_task *task, const uint8_t *text, uint32_t begin, uint32_t end, bool bytes, uint32_t place);

/* Python's repr of a str given as WTF-8, or of bytes, in pieces of any length: the quote that stands around the whole
 * of it, single or double ... repr.c. */
uint8_t fe_repr_quote(const uint8_t *text, uint32_t bytes);

/* ... and what stands between the quotes for a part that ends where a character ends: writes at most 4 bytes for each
 * byte, and may overwrite 16 more; returns how many are its own. */
size_t fe_repr_inside(const uint8_t *text, uint32_t bytes, uint8_t quote, bool is_bytes, uint8_t *out);

/* Python's repr of the number whose source text this is (underscores allowed, checked by the lexer): appended to
 * task->buffers[use] at *used. Ints of any size, shortest round-trip floats, imaginary numbers. Fails with FE_SYNTAX
 * for an int of more than task->int_digits digits, as CPython's repr does; needs FE_BUF_SCRATCH_2. numbers.c. */
void fe_repr_number(fe_task *task, const char *text, uint32_t bytes, fe_buffer_use use, uint32_t *used);

#endif
