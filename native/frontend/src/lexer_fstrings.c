/* f-strings and t-strings as tokens (PEP 701, Python 3.12): START, MIDDLE for text, the tokens of fields, END.
 * Of doubled braces, with which a MIDDLE ends, the second is no text.
 *
 *     f'a{b:>{w}}c'     START f'   MIDDLE a   {   b   :   MIDDLE >   {   w   }   MIDDLE (empty)   }   MIDDLE c   END '
 *
 * Two ways of reading take turns, as in CPython's Parser/lexer/lexer.c: text, which goes on to a brace or to the quotes
 * that end the string; and fields, which are lexed like any code in brackets, up to the brace that closes them or to
 * the colon of a format, which is text again. A field may hold a string of its own, with fields: those that are open
 * are on a stack, so that nothing here recurses. Byte by byte: bitmaps would not pay for a few tokens at a time.
 */
#include "lexer_scan.h"
#include "stages.h"

enum {
    FSTRINGS_MAX = 149, /* open at a time; CPython's MAXFSTRINGLEVEL */
    FIELDS_MAX = 3      /* a field, one in its format, one in the format of that */
};

typedef struct fstring {
    uint32_t start; /* of its prefix */
    uint32_t depth; /* brackets open around it */
    uint8_t fields; /* open */
    uint8_t quote;
    uint8_t quotes; /* 1 or 3 */
    bool raw;
    bool in_format; /* the text that is read belongs to a format */
} fstring;

typedef struct fstrings {
    scan *s;
    uint32_t count;
    fstring open[FSTRINGS_MAX];
} fstrings;

static fstring *fstring_now(fstrings *all) {
    return &all->open[all->count - 1];
}

static void fstring_token(scan *s, uint8_t kind, uint32_t start, uint32_t end, uint32_t line) {
    ensure(s->lex->task, &s->out, 1);
    scan_add(s, kind, start, end, line);
}

/* One more is open, whose first quote is at `quote`. */
static void fstring_open(fstrings *all, uint8_t kind, uint32_t start, uint32_t quote) {
    scan *s = all->s;
    const uint8_t *source = s->lex->source;
    if (all->count == FSTRINGS_MAX) {
        fe_fail_at(s->lex->task, FE_SYNTAX, start, "too many nested f-strings");
    }
    fstring *f = &all->open[all->count++];
    const bool triple = source[quote + 1] == source[quote] && source[quote + 2] == source[quote];
    *f = (fstring){.start = start, .depth = s->depth, .quote = source[quote], .quotes = triple ? 3 : 1};
    for (uint32_t i = start; i < quote; i++) {
        f->raw |= (source[i] | 0x20) == 'r';
    }
    s->place.at = quote + f->quotes;
    fstring_token(s, kind, start, s->place.at, s->line);
}

static bool fstring_ends_at(const scan *s, const fstring *f, uint32_t at) {
    const uint8_t *source = s->lex->source;
    return source[at] == f->quote && (f->quotes == 1 || (source[at + 1] == f->quote && source[at + 2] == f->quote));
}

/* A field's brace is at s->place.at, where text ends. */
static void fstring_open_field(const scan *s, fstring *f) {
    if (f->fields == FIELDS_MAX) {
        fe_fail_at(s->lex->task, FE_SYNTAX, s->place.at, "f-string: expressions nested too deeply");
    }
    f->fields++;
}

/* What ends a piece of text. */
typedef enum text_end {
    TEXT_GOES_ON, /* doubled braces, or a character's name: the next piece begins there */
    TEXT_FIELD,   /* the reading of fields goes on */
    TEXT_STRING   /* the string; its END was made */
} text_end;

/* Reads a piece of text from s->place.at on, at most one MIDDLE token. */
static text_end fstring_piece(scan *s, fstring *f) {
    lexer *lex = s->lex;
    const uint8_t *source = lex->source;
    const uint32_t begin = s->place.at, line = s->line;
    uint32_t at = begin;
    text_end found = TEXT_FIELD;
    bool is_named = false; /* within \N{...} */
    if (source[at] == '{' && source[at + 1] != '{') {
        fstring_open_field(s, f);
        return TEXT_FIELD;
    }
    for (;; at++) {
        const uint8_t c = source[at];
        if (fstring_ends_at(s, f, at)) {
            if (at != begin) {
                fstring_token(s, FE_T_FSTRING_MIDDLE, begin, at, line);
            }
            s->place.at = at + f->quotes;
            fstring_token(s, FE_T_FSTRING_END, at, s->place.at, s->line);
            return TEXT_STRING;
        }
        if (at >= lex->limit || (c == '\n' && f->quotes == 1)) {
            if (!f->in_format || at >= lex->limit) {
                lex_fail_unterminated(lex->task, f->start, f->quotes, at < lex->limit ? at : lex->limit);
            }
            if (lex->task->dialect->format_has_one_line) {
                fe_fail_at(lex->task, FE_SYNTAX, at,
                           "f-string: newlines are not allowed in format specifiers for single quoted f-strings");
            }
            break; /* the format ends, and the field does not */
        }
        const bool doubled = source[at + 1] == c && !f->in_format;
        if (c == '\n') {
            s->line = next_line(lex, at + 1, s->line, false);
        } else if (c == '{') {
            if (!doubled) {
                s->place.at = at;
                fstring_open_field(s, f);
                break;
            }
            found = TEXT_GOES_ON; /* both are of the token, one of them is text */
            at += 2;
            break;
        } else if (c == '}') {
            if (is_named) {
                found = TEXT_GOES_ON;
                at++;
            } else if (doubled && s->depth == f->depth) {
                found = TEXT_GOES_ON;
                at += 2;
            }
            break;
        } else if (c == '\\') {
            const uint8_t next = source[at + 1];
            if (next == '{' || next == '}') {
                continue;
            }
            at++;
            if (next == '\n' && at < lex->limit) {
                s->line = next_line(lex, at + 1, s->line, false);
            } else if (next == 'N' && !f->raw && source[at + 1] == '{') {
                is_named = true;
                at++;
            }
        }
    }
    fstring_token(s, FE_T_FSTRING_MIDDLE, begin, at, line);
    s->place.at = at;
    return found;
}

/* A bracket in a field of `f`. True: it closes the field, and text follows. */
static bool fstring_bracket(scan *s, fstring *f, uint8_t kind, uint32_t at) {
    const bool closes_field = s->lex->source[at] == '}' && s->depth == f->depth + f->fields;
    if (s->lex->source[at] == '}' && s->depth == f->depth) {
        fe_fail_at(s->lex->task, FE_SYNTAX, at, "f-string: single '}' is not allowed");
    }
    scan_bracket(s, kind, at, 0);
    if (closes_field) {
        f->fields--;
        f->in_format = f->fields != 0 && !s->lex->task->dialect->format_ends_at_end;
    }
    return closes_field;
}

/* Lexes code in a field of the innermost string, up to where text follows: behind the field, in its format, or in
 * another string. */
static void fstring_field(fstrings *all) {
    scan *s = all->s;
    lexer *lex = s->lex;
    const uint8_t *source = lex->source;
    for (;;) {
        fstring *f = fstring_now(all);
        const uint32_t at = peek(lex, &s->place, &s->out, false);
        ensure(lex->task, &s->out, 1);
        uint32_t shown, bytes = take(lex, &s->place, at, &shown, false), start;
        uint8_t kind = scan_kind(source, at, shown);
        if (source[at] == ':' && s->depth == f->depth + f->fields) { /* := too: no walrus here without parentheses */
            kind = FE_T_COLON;
            bytes = 1;
            s->place.at = at + 1;
        }
        put(&s->out, kind, at, at + bytes, s->line);
        if (kind < LEX_SPECIAL) {
            scan_keep(s, kind);
            if (kind == FE_T_COLON && s->depth == f->depth + f->fields) {
                f->in_format = true;
                return;
            }
            continue;
        }
        if (kind < LEX_NEWLINE) {
            if (fstring_bracket(s, f, kind, at)) {
                return;
            }
            continue;
        }
        switch (kind) {
        case LEX_NEWLINE: s->line = next_line(lex, at + 1, s->line, false); break;
        case LEX_DIGIT: scan_number(s, at, bytes, false); break;
        case LEX_QUOTE:
            kind = scan_prefix(s, at, &start);
            if (kind == FE_T_FSTRING_START || kind == FE_T_TSTRING_START) {
                fstring_open(all, kind, start, at);
                return;
            }
            scan_plain_string(s, kind, start, at, false);
            break;
        case LEX_COMMENT: scan_comment(s, at, false); break;
        case LEX_RUN: scan_run(s, at, bytes, 0, false); break;
        case LEX_BACKSLASH: scan_backslash(s, at, false); break;
        case LEX_FOREIGN: scan_foreign(s, at, false); break;
        case LEX_END: lex_fail_unclosed(lex->task, lex->open[s->depth]);
        default: lex_fail_invalid(lex->task, at);
        }
    }
}

void FE_LEXER_VARIANT(fe_lex_fstring)(scan *s, uint8_t kind, uint32_t start, uint32_t quote) {
    fstrings all = {.s = s, .count = 0};
    fstring_open(&all, kind, start, quote);
    for (;;) {
        text_end found;
        while ((found = fstring_piece(s, fstring_now(&all))) == TEXT_GOES_ON) {
        }
        if (found == TEXT_STRING && --all.count == 0) {
            return; /* brackets of a field may be open still: then the parser has something to say */
        }
        fstring_field(&all);
    }
}
