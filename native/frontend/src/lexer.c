/* The lexer: from the source to tokens and lines. Compiled once per setting of (VIEWS, SOA, SIMD).
 *
 * One loop, written once, over runs: what a bitmap (bits.h), or a look at one byte after the other, finds to hang
 * together: a name, a number's first part, an operator. A run that is a keyword, operator or name is done after one
 * look into a perfect hash (words.h). The others are special: they have rules of their own (lexer_scan.h), and go on
 * elsewhere than at the next run. With SIMD the beginnings of runs are the bits of `begin`, taken off one by one, so
 * that finding the next does not wait for the end of this one; a chunk of bitmaps lies on the stack and needs no memory
 * of the task.
 *
 * A character beyond ASCII, and a quote, may belong to the name before them: then this one is taken back. So neither
 * costs names anything.
 */
#include "lexer_scan.h"
#include "stages.h"

enum {
    TOKENS_MIN = 32,
    BYTES_PER_TOKEN = 4 /* fewer are rare in Python programs of some length */
};

/* ---- lines ---- */

static _Noreturn __attribute__((noinline, cold)) void lexer_fail_tabs(fe_task *task, uint32_t at) {
    fe_fail_at(task, FE_SYNTAX, at, "inconsistent use of tabs and spaces in indentation");
}

/* A line of code begins, indented otherwise than the one before: an INDENT, or DEDENTs. There is room. */
ALWAYS void lexer_indent(scan *s, const lex_indentation *now) {
    lexer *lex = s->lex;
    fe_task *task = lex->task;
    if (now->column > lex->column[lex->indent]) {
        if (PM_UNLIKELY(lex->indent + 1 >= LEX_INDENT_MAX)) {
            fe_fail_at(task, FE_SYNTAX, now->at, "too many levels of indentation");
        }
        if (PM_UNLIKELY(now->alternate <= lex->alternate[lex->indent])) {
            lexer_fail_tabs(task, now->at);
        }
        lex->indent++;
        lex->column[lex->indent] = now->column;
        lex->alternate[lex->indent] = now->alternate;
        scan_add(s, FE_T_INDENT, lex->line_start[s->line - 1], now->at, s->line);
        return;
    }
    while (now->column < lex->column[lex->indent]) { /* level 0 is column 0 */
        lex->indent--;
        scan_add(s, FE_T_DEDENT, now->at, now->at, s->line);
    }
    if (PM_UNLIKELY(now->column != lex->column[lex->indent])) {
        fe_fail_at(task, FE_SYNTAX, now->at, "unindent does not match any outer indentation level");
    }
    if (PM_UNLIKELY(now->alternate != lex->alternate[lex->indent])) {
        lexer_fail_tabs(task, now->at);
    }
}

/* A line begins outside of brackets: passes lines without code, and makes the INDENT or DEDENTs of the next one. False:
 * the source ends. */
ALWAYS bool lexer_begin_line(scan *s, const bool bitmaps) {
    lexer *lex = s->lex;
    const uint8_t *source = lex->source;
    for (;;) {
        uint32_t at = peek(lex, &s->place, &s->out, bitmaps);
        if (source[at] == '\n') {
            uint32_t newline;
            (void)take(lex, &s->place, at, &newline, bitmaps);
            s->line = next_line(lex, at + 1, s->line, bitmaps);
            continue;
        }
        if (source[at] == '#') {
            scan_comment(s, at, bitmaps);
            continue;
        }
        if (PM_UNLIKELY(at >=
                        lex->limit)) { /* a last line without a line end holds blanks, or a comment that was read */
            return false;
        }
        lex_indentation now = {.column = at - lex->line_start[s->line - 1], .at = at};
        now.alternate = now.column;
        if (PM_UNLIKELY(lex->task->has_tabs || source[at] == '\\')) {
            now = lex_indentation_of(lex->task, lex->line_start[s->line - 1], s->line);
            if (now.lines != 0) {
                s->line += now.lines;
                scan_seek(s, now.at, bitmaps);
                if (source[now.at] == '\n' || source[now.at] == '#' || now.at >= lex->limit) {
                    continue;
                }
            }
        }
        if (now.column != lex->column[lex->indent] || now.alternate != lex->alternate[lex->indent]) {
            ensure(lex->task, &s->out, lex->indent + 1);
            lexer_indent(s, &now);
            refresh(lex, &s->place, &s->out, bitmaps);
        }
        return true;
    }
}

/* A line ends at `at`. False: the source ends behind it. */
ALWAYS bool lexer_end_line(scan *s, uint32_t at, const bool bitmaps) {
    if (s->depth == 0) {
        scan_add(s, FE_T_NEWLINE, at, at + 1, s->line);
    }
    s->line = next_line(s->lex, at + 1, s->line, bitmaps);
    return s->depth != 0 || lexer_begin_line(s, bitmaps);
}

/* ---- the loop ---- */

ALWAYS void lexer_string(scan *s, uint32_t at, const bool bitmaps) {
    uint32_t start;
    const uint8_t kind = scan_prefix(s, at, &start);
    if (PM_UNLIKELY(kind == FE_T_FSTRING_START || kind == FE_T_TSTRING_START)) {
        scan apart = *s; /* a copy, so that the loop's own stays in registers */
        FE_LEXER_VARIANT(fe_lex_fstring)(&apart, kind, start, at);
        s->out = apart.out;
        s->line = apart.line;
        s->depth = apart.depth;
        scan_seek(s, apart.place.at, bitmaps);
        refresh(s->lex, &s->place, &s->out, bitmaps);
        return;
    }
    scan_plain_string(s, kind, start, at, bitmaps);
}

/* A token that is no word and no bracket. False: the source ends. */
ALWAYS bool lexer_special(scan *s, uint8_t kind, uint32_t at, uint32_t bytes, uint32_t floor, const bool bitmaps) {
    switch (kind) {
    case LEX_NEWLINE: return lexer_end_line(s, at, bitmaps);
    case LEX_DIGIT: scan_number(s, at, bytes, bitmaps); return true;
    case LEX_QUOTE: lexer_string(s, at, bitmaps); return true;
    case LEX_COMMENT: scan_comment(s, at, bitmaps); return true;
    case LEX_RUN: scan_run(s, at, bytes, floor, bitmaps); return true;
    case LEX_BACKSLASH: scan_backslash(s, at, bitmaps); return true;
    case LEX_FOREIGN: scan_foreign(s, at, bitmaps); return true;
    case LEX_END: return false;
    default: lex_fail_invalid(s->lex->task, at);
    }
}

/* Lexes from where `s` is to the end of the source, or of a part, which lies in one bracket and has no lines of its
 * own. */
ALWAYS void lexer_run(scan *s, const bool part, const bool bitmaps) {
    lexer *const lex = s->lex;
    const uint32_t floor = part;
    bool more = part || lexer_begin_line(s, bitmaps);
    while (more) {
        const uint32_t at = peek(lex, &s->place, &s->out, bitmaps);
        if (!bitmaps) {
            if (part && at >= lex->limit) {
                return;
            }
            ensure(lex->task, &s->out, 1);
        }
        uint32_t shown;
        const uint32_t bytes = take(lex, &s->place, at, &shown, bitmaps);
        const uint8_t kind = scan_kind(lex->source, at, shown);
        put(&s->out, kind, at, at + bytes, s->line);
        if (PM_LIKELY(kind < LEX_SPECIAL)) {
            scan_keep(s, kind);
        } else if (kind < LEX_NEWLINE) {
            scan_bracket(s, kind, at, floor);
        } else {
            more = lexer_special(s, kind, at, bytes, floor, bitmaps);
        }
    }
}

ALWAYS scan lexer_begin(lexer *lex, fe_task *task, uint32_t limit, columns out, uint32_t line, uint32_t floor) {
    lex->task = task;
    lex->source = task->source;
    lex->line_start = task->line_start;
    lex->limit = limit;
    lex->indent = 0;
    lex->column[0] = lex->alternate[0] = 0;
    lex->closing[floor] = 0;
    return (scan){.lex = lex, .out = out, .place = {.base = UINT32_MAX / 2}, .line = line, .depth = floor};
}

static __attribute__((noinline)) void lexer_end(scan *s, uint32_t floor) {
    lexer *lex = s->lex;
    if (s->depth != floor) {
        lex_fail_unclosed(lex->task, lex->open[s->depth]);
    }
    ensure(lex->task, &s->out, lex->indent + 3);
}

void FE_LEXER_VARIANT(fe_lex_source)(fe_task *task) {
    lexer lex;
    task->line_start = fe_need(task, FE_BUF_LINES, ((size_t)task->newline_count + 2) * sizeof *task->line_start);
    task->line_start[0] = 0;
    scan s = lexer_begin(&lex, task, task->bytes, columns_room(task, 0, 0, TOKENS_MIN + task->bytes / BYTES_PER_TOKEN),
                         1, 0);
#if FE_SIMD
    lex.line_known = 1;
    fill(&lex, 0);
#endif
    scan_seek(&s, 0, FE_SIMD);
    lexer_run(&s, false, FE_SIMD);
    scan last = s;
    lexer_end(&last, 0);
    const uint32_t at = task->bytes;
    if (COUNT(&last.out) != 0 && KIND(&last.out, -1) != FE_T_NEWLINE) {
        scan_add(&last, FE_T_NEWLINE, at, at, last.line);
    }
    task->line_count = task->newline_count + (at != 0 && task->source[at - 1] != '\n');
    task->line_start[task->line_count] = at;
    last.line = task->line_count + 1;
    for (; lex.indent != 0; lex.indent--) {
        scan_add(&last, FE_T_DEDENT, at, at, last.line);
    }
    scan_add(&last, FE_T_END, at, at, last.line);
    columns_to(task, last.out);
}

void FE_LEXER_VARIANT(fe_lex_part)(fe_task *task, uint32_t begin, uint32_t end, uint32_t line) {
    lexer lex;
    scan s = lexer_begin(&lex, task, end, columns_of(task), line, 1);
    scan_seek(&s, begin, false);
    ensure(task, &s.out, 1);
    scan_add(&s, FE_T_LPAR, begin - 1, begin, line);
    lexer_run(&s, true, false);
    scan last = s;
    lexer_end(&last, 1);
    scan_add(&last, FE_T_RPAR, end, end + 1, last.line);
    scan_add(&last, FE_T_END, end, end, last.line);
    columns_to(task, last.out);
}

void FE_LEXER_VARIANT(fe_lex_append)(fe_task *task, uint8_t kind, uint32_t start, uint32_t end, uint32_t line) {
    columns out = columns_of(task);
    ensure(task, &out, 1);
    add(task, &out, kind, start, end, line);
    columns_to(task, out);
}
