/* stages.h: the functions of the stages, one per variant, and the table by which a session finds its own.
 *
 * Each takes a task whose earlier stages are done. They fail through fe_fail.
 */
#ifndef FE_STAGES_H
#define FE_STAGES_H

#include "task.h"
#if defined(FE_SIMD) || defined(FE_ARENA)
#include "variant.h"
#endif

typedef void (*fe_stage_run)(fe_task *task);

/* Lexes source[begin .. end) as if it stood in parentheses (line ends are no tokens), appending to the tokens: a LPAR
 * at begin - 1, which is the field's brace; the tokens; a RPAR at end, one byte long like it; END. For the fields of
 * f-strings, whose brackets parse_strings.c has matched; the whole source is fe_lexer.source. `line` is that of
 * `begin`. */
typedef void (*fe_lex_part)(fe_task *task, uint32_t begin, uint32_t end, uint32_t line);

/* Appends one token, for a text that no token stands for. */
typedef void (*fe_lex_append)(fe_task *task, uint8_t kind, uint32_t start, uint32_t end, uint32_t line);

typedef struct fe_lexer {
    fe_stage_run source; /* fills line_start and tokens */
    fe_lex_part part;
    fe_lex_append append;
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

/* The first stage, source.c. task->source .. + bytes holds the source as it was read, zero bytes around it; makes of it
 * what task.h says of a source: checked UTF-8, no BOM, '\n' line ends. Without VIEWS always a copy, FE_BUF_DECODED. */
void fe_decode(fe_task *task);

/* What the files of the variants define. lexer.c: */
#ifdef FE_SIMD
void FE_LEXER_VARIANT(fe_lex_source)(fe_task *task);
void FE_LEXER_VARIANT(fe_lex_part)(fe_task *task, uint32_t begin, uint32_t end, uint32_t line);
void FE_LEXER_VARIANT(fe_lex_append)(fe_task *task, uint8_t kind, uint32_t start, uint32_t end, uint32_t line);
#endif
/* parser.c, symbols.c, emit.c, columns.c: */
#ifdef FE_ARENA
void FE_VARIANT(fe_parse)(fe_task *task);
void FE_VARIANT(fe_symbols)(fe_task *task);
void FE_VARIANT(fe_text)(fe_task *task);
void FE_VARIANT(fe_columns)(fe_task *task);
#endif

#endif
