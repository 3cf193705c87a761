/* lexer_scan.h: one token after the other: what each kind of beginning is, as a function. For the files of the lexer.
 *
 * A scan is what the loops hold in registers: everything that takes one is inlined into them. `bitmaps` is known when
 * this is compiled.
 */
#ifndef FE_LEXER_SCAN_H
#define FE_LEXER_SCAN_H

#include "dialect.h"
#include "lexer_cursor.h"

_Static_assert(FE_T_LPAR % 2 == 0 && FE_T_RPAR == FE_T_LPAR + 1 && FE_T_RSQB == FE_T_LSQB + 1 &&
                   FE_T_RBRACE == FE_T_LBRACE + 1 && FE_T_RBRACE == FE_T_LPAR + 5,
               "a bracket's kind is even, and odd that of the one that closes it");

typedef struct scan {
    lexer *lex;
    columns out;
    cursor place;
    uint32_t line;
    uint32_t depth; /* open brackets */
} scan;

/* Lexes an f-string or t-string of 3.12 or later, with its fields, from its prefix on; lexer_fstrings.c. */
void FE_LEXER_VARIANT(fe_lex_fstring)(scan *s, uint8_t kind, uint32_t start, uint32_t quote);

/* Keeps so many first bytes of eight; of a longer run what no word looks like. */
#define SCAN_LONG UINT64_C(0xff000000000000ff)
static const uint64_t scan_masks[RUN_MAX + 2] = {
    [1] = UINT64_C(0xff),           UINT64_C(0xffff),         UINT64_C(0xffffff),         UINT64_C(0xffffffff),
    UINT64_C(0xffffffffff),         UINT64_C(0xffffffffffff), UINT64_C(0xffffffffffffff), UINT64_MAX,
    [9 ... RUN_MAX + 1] = SCAN_LONG};

/* The kind of a run; `shown` is its length, or RUN_MAX + 1 where that is shorter. */
ALWAYS uint8_t scan_kind(const uint8_t *source, uint32_t at, uint32_t shown) {
    const uint64_t word = fe_word_at(source + at) & scan_masks[shown];
    const uint64_t slot = FE_WORD_SLOT(word);
    const uint8_t other = lex_first[(uint8_t)word];
    unsigned mask = 0u - (fe_words[slot] == word);
    __asm__("" : "+r"(mask)); /* a branch here would be foretold wrongly too often */
    return (uint8_t)(other ^ ((fe_word_kinds[slot] ^ other) & mask));
}

/* Goes on at `at`. */
ALWAYS void scan_seek(scan *s, uint32_t at, const bool bitmaps) {
    seek(s->lex, &s->place, &s->out, at, bitmaps);
}

ALWAYS void scan_add(scan *s, uint8_t kind, uint32_t start, uint32_t end, uint32_t line) {
    add(s->lex->task, &s->out, kind, start, end, line);
}

/* Keeps the token that was put: no bracket, and nothing special. */
ALWAYS void scan_keep(scan *s, uint8_t kind) {
    keep_text(s->lex->task, &s->out, kind >= FE_T_NAME && kind <= FE_T_NAME_LAST);
    advance(&s->out, 1);
}

/* A bracket; whether it opens or closes is not branched on. `floor` brackets are open around what is lexed. */
ALWAYS void scan_bracket(scan *s, uint8_t special, uint32_t at, uint32_t floor) {
    lexer *lex = s->lex;
    const uint8_t kind = special & (uint8_t)~LEX_SPECIAL;
    const uint32_t closes = kind & 1, top = s->depth + 1 - closes;
    if (PM_UNLIKELY((closes & (lex->closing[top] != kind)) | (top > LEX_NESTING_MAX))) {
        if (!closes) {
            fe_fail_at(lex->task, FE_SYNTAX, at, "too many nested parentheses");
        }
        lex_fail_bracket(lex->task, s->depth == floor ? at : lex->open[s->depth], at);
    }
    lex->closing[top] = kind + 1; /* of one that closes nobody asks again */
    lex->open[top] = at;
    s->depth = top - closes;
    scan_add(s, kind, at, at + 1, s->line);
}

/* A name or keyword ends at `at`, and may go on there. */
ALWAYS bool scan_name_touches(const scan *s, uint32_t at) {
    const columns *out = &s->out;
    return lex_is_word(s->lex->source[(ptrdiff_t)at - 1]) && COUNT(out) != 0 && END(out, -1) == at &&
           KIND(out, -1) != FE_T_NUMBER;
}

/* A number whose first run has `bytes` bytes. */
ALWAYS void scan_number(scan *s, uint32_t at, uint32_t bytes, const bool bitmaps) {
    const uint8_t *source = s->lex->source;
    uint32_t end = at + 1;
    if (bytes != 1 || source[end] == '.' || (!bitmaps && lex_is_word(source[end]))) {
        end = lex_number(s->lex->task, at);
    }
    scan_add(s, FE_T_NUMBER, at, end, s->line);
    if (end != at + bytes) {
        scan_seek(s, end, bitmaps);
    }
}

/* A string without fields, whose quote is at `at`. */
ALWAYS void scan_plain_string(scan *s, uint8_t kind, uint32_t start, uint32_t at, const bool bitmaps) {
    const uint32_t first_line = s->line;
    bool plain = kind == FE_T_STRING_PLAIN;
    const uint32_t end = string_end(s->lex, start, at, &plain, &s->line, bitmaps);
    scan_add(s, plain || kind != FE_T_STRING_PLAIN ? kind : FE_T_STRING, start, end, first_line);
    scan_seek(s, end, bitmaps);
}

/* The kind of the string whose quote is at `at`, by the name before it, which is taken back where it is a prefix;
 * *start becomes where the prefix begins. */
ALWAYS uint8_t scan_prefix(scan *s, uint32_t at, uint32_t *start) {
    *start = at;
    if (PM_UNLIKELY(scan_name_touches(s, at)) && KIND(&s->out, -1) == FE_T_NAME) {
        const uint32_t begin = START(&s->out, -1);
        const uint8_t kind = lex_prefix(s->lex->task->dialect, s->lex->source + begin, at - begin);
        if (kind != 0) {
            advance(&s->out, -1);
            *start = begin;
            return kind;
        }
    }
    return FE_T_STRING_PLAIN;
}

ALWAYS void scan_comment(scan *s, uint32_t at, const bool bitmaps) {
    scan_seek(s, line_end(s->lex, at, s->line, bitmaps), bitmaps);
}

/* Behind a backslash the line goes on. */
ALWAYS void scan_backslash(scan *s, uint32_t at, const bool bitmaps) {
    const uint32_t next = lex_continued(s->lex->task, at);
    s->line = next_line(s->lex, next, s->line, bitmaps);
    scan_seek(s, next, bitmaps);
}

/* An identifier with a character beyond ASCII at `at`: the name before it belongs to it. */
ALWAYS void scan_foreign(scan *s, uint32_t at, const bool bitmaps) {
    uint32_t start = at;
    if (scan_name_touches(s, at)) {
        advance(&s->out, -1);
        start = START(&s->out, 0);
    }
    const uint32_t end = lex_foreign(s->lex->task, start);
    scan_add(s, FE_T_NAME_FOREIGN, start, end, s->line);
    scan_seek(s, end, bitmaps);
}

/* A run that begins like an operator and of which the bitmaps join too much: its first operator, or a number. */
ALWAYS void scan_run(scan *s, uint32_t at, uint32_t bytes, uint32_t floor, const bool bitmaps) {
    const uint8_t *source = s->lex->source;
    if (source[at] == '.' && lex_is_digit(source[at + 1])) {
        const uint32_t end = lex_number(s->lex->task, at);
        scan_add(s, FE_T_NUMBER, at, end, s->line);
        if (end != at + bytes) {
            scan_seek(s, end, bitmaps);
        }
        return;
    }
    bytes = lex_operator_bytes(source, at, s->lex->limit);
    const uint8_t kind = scan_kind(source, at, bytes);
    scan_seek(s, at + bytes, bitmaps);
    if (kind < LEX_SPECIAL) {
        put(&s->out, kind, at, at + bytes, s->line);
        scan_keep(s, kind);
    } else {
        scan_bracket(s, kind, at, floor);
    }
}

#endif
