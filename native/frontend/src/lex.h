/* lex.h: what the lexer's variants share: kinds of beginnings, and the rules that are rare or long. No variant.
 *
 * All offsets are bytes of task->source, which ends in zero bytes. What is against the rules fails with FE_SYNTAX, in
 * CPython's words and at its place.
 */
#ifndef FE_LEX_H
#define FE_LEX_H

#include "task.h"

enum {
    LEX_NESTING_MAX = 200, /* brackets; CPython's MAXLEVEL */
    LEX_INDENT_MAX = 100,  /* levels; CPython's MAXINDENT */
    LEX_SPECIAL = 128      /* kinds from here on need a closer look; kinds of tokens are below. A bracket's has this bit
                            * over the kind of its token. */
};

typedef enum lex_special {
    LEX_NEWLINE = LEX_SPECIAL | 64,
    LEX_DIGIT,
    LEX_QUOTE,
    LEX_COMMENT,
    LEX_RUN, /* begins like an operator: how long is it? */
    LEX_BACKSLASH,
    LEX_FOREIGN, /* a byte beyond ASCII */
    LEX_INVALID,
    LEX_END, /* a zero byte: the end of the source */
    LEX_BLANK
} lex_special;

/* What a run that is no word of words.h is by its first byte: FE_T_NAME or a lex_special. */
extern const uint8_t lex_first[256];

static inline bool lex_is_digit(uint8_t c) {
    return (uint8_t)(c - '0') <= 9;
}

/* A letter, digit or _ of ASCII. */
static inline bool lex_is_word(uint8_t c) {
    return lex_first[c] == FE_T_NAME || lex_is_digit(c);
}

/* Where the number at `at` ends: a digit, or a period and a digit. */
uint32_t lex_number(fe_task *task, uint32_t at);

/* How many bytes the longest operator at `at` has, none of them at `limit` or behind. */
uint32_t lex_operator_bytes(const uint8_t *source, uint32_t at, uint32_t limit);

/* Where the identifier from `start` ends, in which there is a character beyond ASCII. Fails for characters of which it
 * is plain that they cannot be part of one; the rest is known when the name is normalized. */
uint32_t lex_foreign(fe_task *task, uint32_t start);

/* FE_T_STRING, FE_T_FSTRING (3.11), FE_T_FSTRING_START or FE_T_TSTRING_START where text is a prefix of strings, else 0.
 */
uint8_t lex_prefix(const fe_dialect *dialect, const uint8_t *text, uint32_t bytes);

/* The indentation of a line. */
typedef struct lex_indentation {
    uint32_t column;    /* tabs go to the next multiple of 8 */
    uint32_t alternate; /* tabs count as one: where both orders differ, the text depends on the width of tabs */
    uint32_t at;        /* the first byte that is not blank */
    uint32_t lines;     /* lines that a backslash continued */
} lex_indentation;

/* Of the line that begins at `at`, of number `line`. Sets line_start of the lines that it goes on to. */
lex_indentation lex_indentation_of(fe_task *task, uint32_t at, uint32_t line);

/* Where the line behind the backslash at `at` begins. */
uint32_t lex_continued(fe_task *task, uint32_t at);

/* The failures of several places. A bracket that closes none has itself for `opened`. */
_Noreturn void lex_fail_unterminated(fe_task *task, uint32_t start, uint32_t quotes, uint32_t end)
    __attribute__((cold));
_Noreturn void lex_fail_bracket(fe_task *task, uint32_t opened, uint32_t at) __attribute__((cold));
_Noreturn void lex_fail_unclosed(fe_task *task, uint32_t open) __attribute__((cold));
_Noreturn void lex_fail_invalid(fe_task *task, uint32_t at) __attribute__((cold));

#endif
