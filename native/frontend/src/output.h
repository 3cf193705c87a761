/* output.h: where text goes: through one buffer to the sink piece by piece (VIEWS), or whole into a growing one.
 *
 * A writer holds the place p of the next byte. Where p <= limit, FE_OUTPUT_ROOM bytes may be written from p on and 64
 * more may be overwritten by copies that are wider than what they copy. fe_output_room brings p there.
 */
#ifndef FE_OUTPUT_H
#define FE_OUTPUT_H

#include <string.h>

#include "task.h"

enum { FE_OUTPUT_ROOM = 512 };

typedef struct fe_output {
    fe_task *task;
    uint8_t *begin;
    uint8_t *limit;
    bool streams;
} fe_output;

/* Makes the buffer, FE_BUF_OUTPUT. `expected` bytes of text: a guess. Returns the first p. */
uint8_t *fe_output_begin(fe_output *output, fe_task *task, size_t expected, bool streams);

/* Hands what was written to the sink, or makes the buffer longer. Returns a p <= limit. */
uint8_t *fe_output_more(fe_output *output, uint8_t *p) __attribute__((cold));

/* Hands over the rest: from the buffer where it streams, else as a copy of its own (FE_BUF_RESULT). */
void fe_output_end(fe_output *output, uint8_t *p);

/* Any number of bytes, from outside the buffer; p is any place up to limit + FE_OUTPUT_ROOM. Returns a p <= limit. */
uint8_t *fe_output_bytes(fe_output *output, uint8_t *p, const void *data, size_t bytes);

/* Python's repr of a str or of bytes of which the value is given, as fe_output_bytes. */
uint8_t *fe_output_repr(fe_output *output, uint8_t *p, const uint8_t *value, uint32_t bytes, bool is_bytes);

/* Python's repr of a number of which the source text is given, as fe_output_bytes. */
uint8_t *fe_output_number(fe_output *output, uint8_t *p, const char *text, uint32_t bytes);

static inline uint8_t *fe_output_room(fe_output *output, uint8_t *p) {
    return PM_UNLIKELY(p > output->limit) ? fe_output_more(output, p) : p;
}

#endif
