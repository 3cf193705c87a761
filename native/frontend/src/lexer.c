/* The lexer: from the source to tokens and lines. Compiled once per setting of (VIEWS, SOA, SIMD).
 *
 * One loop, written once, over runs: what a bitmap (bits.h), or a look at one byte after the other, finds to hang
 * together: a name, a number's first part, an operator. A run that is a keyword, operator or name is done after one
 * look into a perfect hash (words.h). The others are special: they have rules of their own, and go on elsewhere than
 * at the next run. With SIMD the beginnings of runs are the bits of `begin`, taken off one by one, so that finding the
 * next does not wait for the end of this one; a chunk of bitmaps lies on the stack and needs no memory of the task.
 *
 * A character beyond ASCII, and a quote, may belong to the name before them: then this one is taken back. So neither
 * costs names anything.
 */
#include "lexer_cursor.h"
#include "stages.h"

_Static_assert(FE_T_LPAR % 2 == 0 && FE_T_RPAR == FE_T_LPAR + 1 && FE_T_RSQB == FE_T_LSQB + 1 &&
                   FE_T_RBRACE == FE_T_LBRACE + 1 && FE_T_RBRACE == FE_T_LPAR + 5,
               "a bracket's kind is even, and odd that of the one that closes it");

enum {
    TOKENS_MIN = 32,
    BYTES_PER_TOKEN = 4 /* fewer are rare in Python programs of some length */
};

/* ---- lines ---- */

static _Noreturn __attribute__((noinline, cold)) void fail_tabs(fe_task *task, uint32_t at) {
    fe_fail_at(task, FE_SYNTAX, at, "inconsistent use of tabs and spaces in indentation");
}

/* A line of code begins, indented otherwise than the one before: an INDENT, or DEDENTs. There is room. */
ALWAYS void indent(lexer *lex, columns *out, const lex_indentation *now, uint32_t line) {
    fe_task *task = lex->task;
    if (now->column > lex->column[lex->indent]) {
        if (PM_UNLIKELY(lex->indent + 1 >= LEX_INDENT_MAX)) {
            fe_fail_at(task, FE_SYNTAX, now->at, "too many levels of indentation");
        }
        if (PM_UNLIKELY(now->alternate <= lex->alternate[lex->indent])) {
            fail_tabs(task, now->at);
        }
        lex->indent++;
        lex->column[lex->indent] = now->column;
        lex->alternate[lex->indent] = now->alternate;
        add(task, out, FE_T_INDENT, lex->line_start[line - 1], now->at, line);
        return;
    }
    while (now->column < lex->column[lex->indent]) { /* level 0 is column 0 */
        lex->indent--;
        add(task, out, FE_T_DEDENT, now->at, now->at, line);
    }
    if (PM_UNLIKELY(now->column != lex->column[lex->indent])) {
        fe_fail_at(task, FE_SYNTAX, now->at, "unindent does not match any outer indentation level");
    }
    if (PM_UNLIKELY(now->alternate != lex->alternate[lex->indent])) {
        fail_tabs(task, now->at);
    }
}

/* ---- the loop ---- */

/* Keeps so many first bytes of eight; of a longer run what no word looks like. */
#define LONG UINT64_C(0xff000000000000ff)
static const uint64_t word_masks[RUN_MAX + 2] = {
    [1] = UINT64_C(0xff),      UINT64_C(0xffff),         UINT64_C(0xffffff),         UINT64_C(0xffffffff),
    UINT64_C(0xffffffffff),    UINT64_C(0xffffffffffff), UINT64_C(0xffffffffffffff), UINT64_MAX,
    [9 ... RUN_MAX + 1] = LONG};

/* Of a run; `shown` is its length, or RUN_MAX + 1 where that is shorter. */
ALWAYS uint8_t kind_of(const uint8_t *source, uint32_t at, uint32_t shown) {
    const uint64_t word = fe_word_at(source + at) & word_masks[shown];
    const uint64_t slot = FE_WORD_SLOT(word);
    const uint8_t other = lex_first[(uint8_t)word];
    unsigned mask = 0u - (fe_words[slot] == word);
    __asm__("" : "+r"(mask)); /* a branch here would be foretold wrongly too often */
    return (uint8_t)(other ^ ((fe_word_kinds[slot] ^ other) & mask));
}

/* A name or keyword ends at `at`, and may go on there. */
ALWAYS bool name_touches(const lexer *lex, const columns *out, uint32_t at) {
    return lex_is_word(lex->source[(ptrdiff_t)at - 1]) && COUNT(out) != 0 && END(out, -1) == at &&
           KIND(out, -1) != FE_T_NUMBER;
}

/* Lexes from `at` in line `line` to lex->limit. A part stands in one bracket and has no lines of its own. */
ALWAYS void run(lexer *lex, columns out, uint32_t at, uint32_t line, const bool part, const bool bitmaps) {
    fe_task *const task = lex->task;
    const uint8_t *const source = lex->source;
    const bool tabs = task->has_tabs;
    const uint32_t floor = part;
    uint32_t depth = floor; /* open brackets */
    lex->closing[floor] = 0;
    cursor place = {.base = UINT32_MAX / 2};
    seek(lex, &place, &out, at, bitmaps);
    if (part) {
        ensure(task, &out, 1);
        add(task, &out, FE_T_LPAR, at - 1, at, line);
    } else {
        goto line_begins;
    }
    for (;;) {
        at = peek(lex, &place, &out, bitmaps);
        if (!bitmaps) {
            if (part && at >= lex->limit) {
                break;
            }
            ensure(task, &out, 1);
        }
        uint32_t shown, bytes = take(lex, &place, at, &shown, bitmaps), start, end;
        uint8_t kind = kind_of(source, at, shown);
    classified:
        put(&out, kind, at, at + bytes, line);
        if (PM_LIKELY(kind < LEX_SPECIAL)) {
            keep_text(task, &out, kind >= FE_T_NAME && kind <= FE_T_NAME_LAST);
            advance(&out, 1);
            continue;
        }
        if (kind < LEX_NEWLINE) { /* a bracket; whether it opens or closes is not branched on */
            const uint32_t closes = kind & 1, top = depth + 1 - closes;
            kind &= (uint8_t)~LEX_SPECIAL;
            if (PM_UNLIKELY((closes & (lex->closing[top] != kind)) | (top > LEX_NESTING_MAX))) {
                if (!closes) {
                    fe_fail_at(task, FE_SYNTAX, at, "too many nested parentheses");
                }
                lex_fail_bracket(task, depth == floor ? at : lex->open[depth], at);
            }
            lex->closing[top] = kind + 1; /* of one that closes nobody asks again */
            lex->open[top] = at;
            depth = top - closes;
            add(task, &out, kind, at, at + 1, line);
            continue;
        }
        switch (kind) {
        case LEX_NEWLINE:
            if (depth == 0) {
                add(task, &out, FE_T_NEWLINE, at, at + 1, line);
            }
            line = next_line(lex, at + 1, line, bitmaps);
            if (depth != 0) {
                break;
            }
        line_begins:
            at = peek(lex, &place, &out, bitmaps);
            if (source[at] == '\n') {
                uint32_t newline;
                (void)take(lex, &place, at, &newline, bitmaps);
                line = next_line(lex, at + 1, line, bitmaps);
                goto line_begins;
            }
            if (source[at] == '#') {
                seek(lex, &place, &out, line_end(lex, at, line, bitmaps), bitmaps);
                goto line_begins;
            }
            if (PM_UNLIKELY(at >= lex->limit)) { /* a last line without a line end: blanks, or a comment that was read */
                goto ended;
            }
            lex_indentation now = {.column = at - lex->line_start[line - 1], .at = at};
            now.alternate = now.column;
            if (PM_UNLIKELY(tabs || source[at] == '\\')) {
                now = lex_indentation_of(task, lex->line_start[line - 1], line);
                at = now.at;
                if (now.lines != 0) {
                    line += now.lines;
                    seek(lex, &place, &out, at, bitmaps);
                    if (source[at] == '\n' || source[at] == '#' || at >= lex->limit) {
                        goto line_begins;
                    }
                }
            }
            if (now.column != lex->column[lex->indent] || now.alternate != lex->alternate[lex->indent]) {
                ensure(task, &out, lex->indent + 1);
                indent(lex, &out, &now, line);
                refresh(lex, &place, &out, bitmaps);
            }
            break;
        case LEX_DIGIT:
            end = at + 1;
            if (bytes != 1 || source[end] == '.' || (!bitmaps && lex_is_word(source[end]))) {
                end = lex_number(task, at);
            }
        numbered:
            add(task, &out, FE_T_NUMBER, at, end, line);
            if (end != at + bytes) {
                seek(lex, &place, &out, end, bitmaps);
            }
            break;
        case LEX_QUOTE: {
            const uint32_t first_line = line;
            bool plain = true;
            start = at;
            kind = FE_T_STRING_PLAIN;
            if (PM_UNLIKELY(name_touches(lex, &out, at)) && KIND(&out, -1) == FE_T_NAME) {
                const uint8_t prefixed = lex_prefix(source + START(&out, -1), at - START(&out, -1));
                if (prefixed != 0) {
                    kind = prefixed;
                    advance(&out, -1);
                    start = START(&out, 0);
                }
            }
            end = string_end(lex, start, at, &plain, &line, bitmaps);
            add(task, &out, plain || kind != FE_T_STRING_PLAIN ? kind : FE_T_STRING, start, end, first_line);
            seek(lex, &place, &out, end, bitmaps);
            break;
        }
        case LEX_COMMENT: seek(lex, &place, &out, line_end(lex, at, line, bitmaps), bitmaps); break;
        case LEX_RUN: /* the bitmaps join too much */
            if (source[at] == '.' && lex_is_digit(source[at + 1])) {
                end = lex_number(task, at);
                goto numbered;
            }
            bytes = lex_operator_bytes(source, at, lex->limit);
            kind = kind_of(source, at, bytes);
            seek(lex, &place, &out, at + bytes, bitmaps);
            goto classified;
        case LEX_BACKSLASH:
            at = lex_continued(task, at);
            line = next_line(lex, at, line, bitmaps);
            seek(lex, &place, &out, at, bitmaps);
            break;
        case LEX_FOREIGN:
            start = at;
            if (name_touches(lex, &out, at)) {
                advance(&out, -1);
                start = START(&out, 0);
            }
            end = lex_foreign(task, start);
            add(task, &out, FE_T_NAME_FOREIGN, start, end, line);
            seek(lex, &place, &out, end, bitmaps);
            break;
        case LEX_END: goto ended;
        default: lex_fail_invalid(task, at);
        }
    }
ended:
    if (depth != floor) {
        lex_fail_unclosed(task, lex->open[depth]);
    }
    ensure(task, &out, lex->indent + 2);
    at = lex->limit;
    if (part) {
        add(task, &out, FE_T_RPAR, at, at + 1, line);
    } else {
        if (COUNT(&out) != 0 && KIND(&out, -1) != FE_T_NEWLINE) {
            add(task, &out, FE_T_NEWLINE, at, at, line);
        }
        task->line_count = task->newline_count + (at != 0 && source[at - 1] != '\n');
        task->line_start[task->line_count] = at;
        line = task->line_count + 1;
        for (; lex->indent != 0; lex->indent--) {
            add(task, &out, FE_T_DEDENT, at, at, line);
        }
    }
    add(task, &out, FE_T_END, at, at, line);
    columns_to(task, out);
}

static void begin(lexer *lex, fe_task *task, uint32_t limit) {
    lex->task = task;
    lex->source = task->source;
    lex->line_start = task->line_start;
    lex->limit = limit;
    lex->indent = 0;
    lex->column[0] = lex->alternate[0] = 0;
}

void FE_LEXER_VARIANT(fe_lex_source)(fe_task *task) {
    lexer lex;
    task->line_start = fe_need(task, FE_BUF_LINES, ((size_t)task->newline_count + 2) * sizeof *task->line_start);
    task->line_start[0] = 0;
    begin(&lex, task, task->bytes);
    const columns out = columns_room(task, 0, 0, TOKENS_MIN + task->bytes / BYTES_PER_TOKEN);
#if FE_SIMD
    lex.line_known = 1;
    fill(&lex, 0);
    run(&lex, out, 0, 1, false, true);
#else
    run(&lex, out, 0, 1, false, false);
#endif
}

void FE_LEXER_VARIANT(fe_lex_part)(fe_task *task, uint32_t begin_at, uint32_t end, uint32_t line) {
    lexer lex;
    begin(&lex, task, end);
    run(&lex, columns_of(task), begin_at, line, true, false);
}
