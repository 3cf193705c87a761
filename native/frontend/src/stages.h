/* stages.h: the functions of the stages, one per variant, and the table by which a session finds its own.
 *
 * Each takes a task whose earlier stages are done. They fail through fe_fail.
 */
#ifndef FE_STAGES_H
#define FE_STAGES_H

#include "task.h"

typedef void (*fe_stage_run)(fe_task *task);

/* Lexes source[begin .. end) with `depth` brackets open (inside brackets line ends are no tokens), appending tokens, the
 * last of which is END. For the fields of f-strings; the whole source is fe_lexer.source. `line` is that of `begin`. */
typedef void (*fe_lex_part)(fe_task *task, uint32_t begin, uint32_t end, uint32_t line);

typedef struct fe_lexer {
    fe_stage_run source; /* fills line_start and tokens */
    fe_lex_part part;
} fe_lexer;

typedef struct fe_stages {
    fe_lexer lexer;
    fe_stage_run parse;   /* makes the tree, sets root */
    fe_stage_run symbols; /* sets symbols_digest */
    fe_stage_run text;    /* writes to the sink */
    fe_stage_run columns; /* writes to the session's columns */
} fe_stages;

/* Of these switches; static. variants.c. */
const fe_stages *fe_stages_of(uint32_t switches);

#endif
