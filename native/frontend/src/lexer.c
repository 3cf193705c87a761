/* The lexer: from the source to tokens and lines. Compiled once per setting of (VIEWS, SOA, SIMD).
 *
 * One loop, written once, over runs: a run is what a bitmap (bits.h) or a look at one byte after the other finds to hang
 * together: a name, a number's first part, an operator. A run that is a keyword, operator or name is done after one
 * look into a perfect hash (words.h). The others are special: they have rules of their own, and go on elsewhere than at
 * the next run. With SIMD the beginnings of runs are the bits of `begin`, taken off one by one, so that finding the next
 * does not wait for the end of this one; a chunk of bitmaps lies on the stack and needs no memory of the task.
 *
 * A character beyond ASCII, and a quote, may belong to the name before them: then this one is taken back. So neither
 * costs names anything.
 */
#include "bits.h"
#include "lex.h"
#include "stages.h"
#include "tokens.h"
#include "words.h"

#define ALWAYS static inline __attribute__((always_inline))

enum {
    CHUNK_BYTES = FE_BITS_BLOCKS * 64,
    RUN_MAX = 56,           /* what one look into `more` can tell */
    TOKENS_MIN = 32,
    BYTES_PER_TOKEN = 4     /* fewer are rare in Python programs of some length */
};

/* The tokens on their way: where the next one goes. Columns have one distance, so that two registers tell of all. */
typedef struct columns {
#if FE_SOA
    uint8_t *kind, *kind_begin, *kind_end;
    uint32_t *start;
    size_t stride; /* bytes from a token's start to its end, and from there to its line */
#if !FE_VIEWS
    const char **text;
#endif
#else
    fe_token *token, *begin, *end;
#endif
} columns;

typedef struct lexer {
    fe_task *task;
    const uint8_t *source;
    uint32_t *line_start;
    uint32_t limit;      /* where to end */
    uint32_t line_known; /* entries of line_start that are set */
    uint32_t indent;     /* levels */
    uint32_t column[LEX_INDENT_MAX], alternate[LEX_INDENT_MAX];
    uint32_t open[LEX_NESTING_MAX]; /* where each open bracket stands */
#if FE_SIMD
    uint32_t chunk; /* offset of the first byte of the bitmaps */
    fe_bits bits;
#endif
} lexer;

/* ---- storing ---- */

#if FE_SOA
#if FE_VIEWS
enum { TOKEN_BYTES = 13 };
#else
enum { TOKEN_BYTES = 21 };
#endif

#define KIND(out, i) ((out)->kind[i])
#define START(out, i) ((out)->start[i])
#define END(out, i) (*(uint32_t *)(void *)((uint8_t *)((out)->start + (i)) + (out)->stride))
#define LINE(out, i) (*(uint32_t *)(void *)((uint8_t *)((out)->start + (i)) + 2 * (out)->stride))
#define COUNT(out) ((uint32_t)((out)->kind - (out)->kind_begin))
#define ROOM(out) ((uint32_t)((out)->kind_end - (out)->kind))

ALWAYS void advance(columns *out, int by) {
    out->kind += by;
    out->start += by;
#if !FE_VIEWS
    out->text += by;
#endif
}

static size_t round_up(size_t bytes) {
    return (bytes + 63) & ~(size_t)63;
}

/* The columns of a buffer for `capacity` tokens, of which there are `count`; each begins on a cache line if the buffer
 * does. */
static columns columns_in(uint8_t *data, uint32_t count, uint32_t capacity) {
    columns out;
#if !FE_VIEWS
    out.text = (const char **)(void *)data;
    data += round_up((size_t)capacity * sizeof *out.text);
#endif
    out.stride = round_up((size_t)capacity * sizeof(uint32_t));
    out.start = (uint32_t *)(void *)data;
    out.kind = out.kind_begin = data + 3 * out.stride;
    out.kind_end = out.kind + capacity;
    advance(&out, (int)count);
    return out;
}

static columns columns_room(fe_task *task, uint32_t count, uint32_t before, uint32_t capacity) {
    uint8_t *data = fe_need(task, FE_BUF_TOKENS, (size_t)capacity * TOKEN_BYTES + 4 * 64);
    columns now = columns_in(data, 0, capacity), then = columns_in(data, 0, before);
    if (count != 0) { /* from the last column on: each moves up, and over none that has not moved */
        const size_t bytes = count * sizeof(uint32_t);
        memmove(now.kind, then.kind, count);
        memmove(&LINE(&now, 0), &LINE(&then, 0), bytes);
        memmove(&END(&now, 0), &END(&then, 0), bytes);
        memmove(now.start, then.start, bytes);
        fe_count_copy(task, 13 * (size_t)count);
    }
    advance(&now, (int)count);
    return now;
}

static columns columns_of(const fe_task *task) {
    return columns_in(task->buffers[FE_BUF_TOKENS].data, task->tokens.count, task->tokens.capacity);
}

static void columns_to(fe_task *task, columns out) {
    const uint32_t count = COUNT(&out), capacity = count + ROOM(&out);
    advance(&out, -(int)count);
    task->tokens = (fe_tokens){.count = count, .capacity = capacity, .kind = out.kind, .start = out.start,
#if !FE_VIEWS
                               .text = out.text,
#endif
                               .end = &END(&out, 0), .line = &LINE(&out, 0)};
}
#else
#define KIND(out, i) ((out)->token[i].kind)
#define START(out, i) ((out)->token[i].start)
#define END(out, i) ((out)->token[i].end)
#define LINE(out, i) ((out)->token[i].line)
#define COUNT(out) ((uint32_t)((out)->token - (out)->begin))
#define ROOM(out) ((uint32_t)((out)->end - (out)->token))

ALWAYS void advance(columns *out, int by) {
    out->token += by;
}

static columns columns_in(fe_token *data, uint32_t count, uint32_t capacity) {
    return (columns){.token = data + count, .begin = data, .end = data + capacity};
}

static columns columns_room(fe_task *task, uint32_t count, uint32_t before, uint32_t capacity) {
    (void)before;
    return columns_in(fe_need(task, FE_BUF_TOKENS, capacity * sizeof(fe_token)), count, capacity);
}

static columns columns_of(const fe_task *task) {
    return columns_in(task->tokens.records, task->tokens.count, task->tokens.capacity);
}

static void columns_to(fe_task *task, columns out) {
    const uint32_t count = COUNT(&out);
    task->tokens = (fe_tokens){.count = count, .capacity = count + ROOM(&out), .records = out.begin};
}
#endif

static __attribute__((noinline, cold)) columns columns_grow(fe_task *task, columns out, uint32_t wanted) {
    const uint32_t count = COUNT(&out), capacity = count + ROOM(&out), more = capacity / 2;
    return columns_room(task, count, capacity, capacity + (more > wanted ? more : wanted));
}

/* Room for `wanted` more tokens. */
ALWAYS void ensure(fe_task *task, columns *out, uint32_t wanted) {
    if (PM_UNLIKELY(ROOM(out) < wanted)) {
        *out = columns_grow(task, *out, wanted);
    }
}

/* Without VIEWS a name, number or string gets a copy of its text. */
ALWAYS void keep_text(fe_task *task, const columns *out, bool has_text) {
#if !FE_VIEWS
    const char *copy = NULL;
    if (has_text) {
        const uint32_t bytes = END(out, 0) - START(out, 0);
        char *text = fe_alloc(task, bytes);
        memcpy(text, task->source + START(out, 0), bytes);
        fe_count_copy(task, bytes);
        copy = text;
    }
#if FE_SOA
    *out->text = copy;
#else
    out->token->text = copy;
#endif
#else
    (void)task;
    (void)out;
    (void)has_text;
#endif
}

/* The next token; it counts once the columns advance. */
ALWAYS void put(const columns *out, uint8_t kind, uint32_t start, uint32_t end, uint32_t line) {
    KIND(out, 0) = kind;
    START(out, 0) = start;
    END(out, 0) = end;
    LINE(out, 0) = line;
}

/* A token with or without text; there is room. */
ALWAYS void add(fe_task *task, columns *out, uint8_t kind, uint32_t start, uint32_t end, uint32_t line) {
    put(out, kind, start, end, line);
    keep_text(task, out, kind >= FE_T_NAME && kind <= FE_T_FSTRING);
    advance(out, 1);
}

/* ---- the place in the source ---- */

typedef struct cursor {
    uint64_t bits; /* SIMD: beginnings of runs of this block that are still to come */
    uint32_t base; /* SIMD: offset of the block */
    uint32_t at;   /* without: where to look for the next run */
} cursor;

#if FE_SIMD
/* The bitmaps from `chunk` on, which follows those that were there. */
static __attribute__((noinline)) void fill(lexer *lex, uint32_t chunk) {
    const uint32_t blocks = (lex->limit - chunk) / 64 + 1; /* the byte behind the source is in: it is zero */
    const uint32_t now = blocks < FE_BITS_BLOCKS ? blocks : FE_BITS_BLOCKS;
    const uint32_t ahead = blocks - now < 2 ? blocks - now : 2;
    lex->chunk = chunk;
    lex->line_known += (uint32_t)fe_bits_fill(lex->source, chunk, now, ahead, &lex->bits, lex->line_start + lex->line_known);
}

/* The index of the block of `at`, whose chunk is made if need be. at <= limit. */
ALWAYS uint32_t block_of(lexer *lex, uint32_t at) {
    while (PM_UNLIKELY(at - lex->chunk >= CHUNK_BYTES)) {
        fill(lex, lex->chunk + CHUNK_BYTES);
    }
    return (at - lex->chunk) / 64;
}
#endif

/* Goes on at `at`, which may stand within a run of the bitmaps. */
ALWAYS void seek(lexer *lex, cursor *place, columns *out, uint32_t at, const bool bitmaps) {
#if FE_SIMD
    if (bitmaps) {
        const uint64_t here = (uint64_t)(lex_first[lex->source[at]] != LEX_BLANK) << (at & 63);
        const uint64_t behind = UINT64_MAX << (at & 63);
        if (at - place->base < 64 && (here & ~place->bits) == 0) {
            place->bits &= behind;
            return;
        }
        const uint32_t block = block_of(lex, at);
        place->bits = (lex->bits.begin[block] & behind) | here;
        place->base = at & ~UINT32_C(63);
        ensure(lex->task, out, (uint32_t)lex->bits.begin_count[block] + 2);
        return;
    }
#endif
    (void)lex;
    (void)out;
    (void)bitmaps;
    place->at = at;
}

/* Room for the runs that are still to come in this block, after tokens were added that no run stands for. */
ALWAYS void refresh(lexer *lex, const cursor *place, columns *out, const bool bitmaps) {
#if FE_SIMD
    if (bitmaps) {
        ensure(lex->task, out, (uint32_t)lex->bits.begin_count[block_of(lex, place->base)] + 2);
    }
#endif
    (void)lex;
    (void)place;
    (void)out;
    (void)bitmaps;
}

/* Where the next run begins; it is not taken off. */
ALWAYS uint32_t peek(lexer *lex, cursor *place, columns *out, const bool bitmaps) {
#if FE_SIMD
    if (bitmaps) {
        while (PM_UNLIKELY(place->bits == 0)) {
            place->base += 64;
            const uint32_t block = block_of(lex, place->base);
            place->bits = lex->bits.begin[block];
            ensure(lex->task, out, lex->bits.begin_count[block]);
        }
        return place->base + (uint32_t)__builtin_ctzll(place->bits);
    }
#endif
    (void)out;
    (void)bitmaps;
    while (lex_first[lex->source[place->at]] == LEX_BLANK) {
        place->at++;
    }
    return place->at;
}

/* How long the run at `at` is, which is taken off. */
ALWAYS uint32_t take(lexer *lex, cursor *place, uint32_t at, const bool bitmaps) {
    const uint8_t *source = lex->source;
#if FE_SIMD
    if (bitmaps) {
        place->bits &= place->bits - 1;
        const uint32_t inside = at - lex->chunk;
        const uint64_t more = fe_word_at((const uint8_t *)lex->bits.more + inside / 8) >> (inside & 7) >> 1;
        uint32_t bytes = 1 + (uint32_t)__builtin_ctzll(~more);
        if (PM_UNLIKELY(bytes > RUN_MAX)) {
            while (lex_is_word(source[at + bytes])) {
                bytes++;
            }
        }
        return bytes;
    }
#endif
    (void)bitmaps;
    uint32_t end = at + 1;
    const uint8_t first = lex_first[source[at]];
    if (first == FE_T_NAME) {
        while (lex_is_word(source[end])) {
            end++;
        }
    } else if (first == LEX_RUN) {
        const bool number = source[at] == '.' && lex_is_digit(source[end]);
        end = number ? end + 1 : at + lex_operator_bytes(source, at, lex->limit);
    }
    place->at = end;
    return end - at;
}

/* A line begins at `at`; with bitmaps that is known. Returns the next number. */
ALWAYS uint32_t next_line(lexer *lex, uint32_t at, uint32_t line, const bool bitmaps) {
    if (!bitmaps) {
        lex->line_start[line] = at;
    }
    return line + 1;
}

/* The end of the line of `at`: its newline, or where to end. */
ALWAYS uint32_t line_end(lexer *lex, uint32_t at, uint32_t line, const bool bitmaps) {
#if FE_SIMD
    if (bitmaps) {
        while (PM_UNLIKELY(line >= lex->line_known)) {
            if (lex->chunk + CHUNK_BYTES > lex->limit) {
                return lex->limit;
            }
            fill(lex, lex->chunk + CHUNK_BYTES);
        }
        return lex->line_start[line] - 1;
    }
#endif
    (void)bitmaps;
    (void)line;
    while (at < lex->limit && lex->source[at] != '\n') {
        at++;
    }
    return at;
}

/* Where the string ends whose quotes stand at `at`. *plain becomes false where its value is not its inside; *line goes
 * on to the line of the end. */
ALWAYS uint32_t string_end(lexer *lex, uint32_t start, uint32_t at, bool *plain, uint32_t *line,
                           const bool bitmaps) {
    const uint8_t *source = lex->source;
    const uint8_t quote = source[at];
    uint32_t quotes = 1;
    if (source[at + 1] == quote) {
        if (source[at + 2] != quote) {
            return at + 2;
        }
        quotes = 3;
        *plain = false;
    }
    at += quotes;
#if FE_SIMD
    if (bitmaps) {
        uint32_t block = block_of(lex, at), base = at & ~UINT32_C(63), escaped = UINT32_MAX;
        uint64_t bits = (quotes == 3 ? lex->bits.quote[block] : lex->bits.odd[block]) & (UINT64_MAX << (at & 63));
        for (;;) {
            while (bits == 0) {
                base += 64;
                if (base > lex->limit) {
                    lex_fail_unterminated(lex->task, start, quotes, lex->limit);
                }
                block = block_of(lex, base);
                bits = quotes == 3 ? lex->bits.quote[block] : lex->bits.odd[block];
            }
            at = base + (uint32_t)__builtin_ctzll(bits);
            bits &= bits - 1;
            const uint8_t c = source[at];
            if (at == escaped) {
                continue;
            }
            if (c == quote) {
                if (quotes == 1 || (source[at + 1] == quote && source[at + 2] == quote)) {
                    break;
                }
            } else if (c == '\\') {
                *plain = false;
                escaped = at + 1;
            } else if (c != '"' && c != '\'') {
                *plain = false;
                if (c == '\n' || at >= lex->limit) {
                    lex_fail_unterminated(lex->task, start, quotes, at);
                }
            }
        }
        if (!*plain) {
            while (*line < lex->line_known && lex->line_start[*line] <= at) {
                ++*line;
            }
        }
        return at + quotes;
    }
#endif
    (void)bitmaps;
    for (;; at++) {
        const uint8_t c = source[at];
        if (c == quote) {
            if (quotes == 1 || (source[at + 1] == quote && source[at + 2] == quote)) {
                break;
            }
        } else if (c == '\\' || c < ' ' || c >= 0x7f) {
            *plain = false;
            at += c == '\\';
            if (at >= lex->limit || (c == '\n' && quotes == 1)) {
                break;
            }
            if (source[at] == '\n') {
                *line = next_line(lex, at + 1, *line, false);
            }
        }
    }
    if (at >= lex->limit || source[at] != quote) {
        lex_fail_unterminated(lex->task, start, quotes, at < lex->limit ? at : lex->limit);
    }
    return at + quotes;
}

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
static const uint64_t word_masks[10] = {0,
                                        UINT64_C(0xff),
                                        UINT64_C(0xffff),
                                        UINT64_C(0xffffff),
                                        UINT64_C(0xffffffff),
                                        UINT64_C(0xffffffffff),
                                        UINT64_C(0xffffffffffff),
                                        UINT64_C(0xffffffffffffff),
                                        UINT64_MAX,
                                        UINT64_C(0xff000000000000ff)};

ALWAYS uint8_t kind_of(const uint8_t *source, uint32_t at, uint32_t bytes) {
    const uint64_t word = fe_word_at(source + at) & word_masks[bytes < 9 ? bytes : 9];
    const fe_word_slot *slot = &fe_word_slots[FE_WORD_SLOT(word)];
    const uint8_t other = lex_first[(uint8_t)word];
    unsigned mask = 0u - (slot->word == word);
    __asm__("" : "+r"(mask)); /* a branch here would be foretold wrongly too often */
    return (uint8_t)(other ^ ((slot->kind ^ other) & mask));
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
    uint32_t depth = floor;
    cursor place = {.base = UINT32_MAX / 2};
    seek(lex, &place, &out, at, bitmaps);
    if (part) {
        lex->open[0] = at - 1;
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
        uint32_t bytes = take(lex, &place, at, bitmaps), start, end;
        uint8_t kind = kind_of(source, at, bytes);
    classified:
        put(&out, kind, at, at + bytes, line);
        if (PM_LIKELY(kind < LEX_SPECIAL)) {
            keep_text(task, &out, kind >= FE_T_NAME && kind <= FE_T_NAME_LAST);
            advance(&out, 1);
            continue;
        }
        switch (kind) {
        case LEX_SPECIAL | FE_T_LPAR:
        case LEX_SPECIAL | FE_T_LSQB:
        case LEX_SPECIAL | FE_T_LBRACE:
            if (PM_UNLIKELY(depth == LEX_NESTING_MAX)) {
                fe_fail_at(task, FE_SYNTAX, at, "too many nested parentheses");
            }
            lex->open[depth++] = at;
            add(task, &out, kind & ~LEX_SPECIAL, at, at + 1, line);
            break;
        case LEX_SPECIAL | FE_T_RPAR:
        case LEX_SPECIAL | FE_T_RSQB:
        case LEX_SPECIAL | FE_T_RBRACE:
            if (PM_UNLIKELY(depth == floor)) {
                lex_fail_bracket(task, lex->open, 0, at);
            }
            depth--; /* in ASCII ( ) are neighbours, [ ] and { } next but one */
            if (PM_UNLIKELY((uint8_t)(source[at] - source[lex->open[depth]]) > 2)) {
                lex_fail_bracket(task, lex->open, depth + 1, at);
            }
            add(task, &out, kind & ~LEX_SPECIAL, at, at + 1, line);
            break;
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
                (void)take(lex, &place, at, bitmaps);
                line = next_line(lex, at + 1, line, bitmaps);
                goto line_begins;
            }
            if (source[at] == '#') {
                seek(lex, &place, &out, line_end(lex, at, line, bitmaps), bitmaps);
                goto line_begins;
            }
            lex_indentation now = {.column = at - lex->line_start[line - 1], .at = at};
            now.alternate = now.column;
            if (PM_UNLIKELY(tabs || source[at] == '\\')) {
                now = lex_indentation_of(task, lex->line_start[line - 1], line);
                at = now.at;
                if (now.lines != 0) {
                    line += now.lines;
                    seek(lex, &place, &out, at, bitmaps);
                    if (source[at] == '\n' || source[at] == '#') {
                        goto line_begins;
                    }
                }
            }
            if (PM_UNLIKELY(at >= lex->limit)) {
                goto ended;
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
        case LEX_COMMENT:
            seek(lex, &place, &out, line_end(lex, at, line, bitmaps), bitmaps);
            break;
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
        case LEX_END:
            goto ended;
        default:
            lex_fail_invalid(task, at);
        }
    }
ended:
    if (depth != floor) {
        lex_fail_unclosed(task, lex->open[depth - 1]);
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
