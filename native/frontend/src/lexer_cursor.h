/* lexer_cursor.h: the lexer's place in the source: where the next run begins and ends, where a string or a line ends;
 * from bitmaps, or byte by byte. Included by lexer.c alone.
 *
 * `bitmaps` is known when this is compiled: without SIMD, and for parts, there are none.
 */
#ifndef FE_LEXER_CURSOR_H
#define FE_LEXER_CURSOR_H

#include "bits.h"
#include "lex.h"
#include "lexer_columns.h"
#include "words.h"

enum {
    CHUNK_BYTES = FE_BITS_BLOCKS * 64,
    RUN_MAX = 56 /* what one look into `more` can tell */
};

typedef struct lexer {
    fe_task *task;
    const uint8_t *source;
    uint32_t *line_start;
    uint32_t limit;      /* where to end */
    uint32_t line_known; /* entries of line_start that are set */
    uint32_t indent;     /* levels */
    uint32_t column[LEX_INDENT_MAX], alternate[LEX_INDENT_MAX];
    uint32_t open[LEX_NESTING_MAX + 2];   /* where each open bracket stands, from 1 on, and ... */
    uint8_t closing[LEX_NESTING_MAX + 2]; /* ... the kind that closes it; below the first, none */
#if FE_SIMD
    uint32_t chunk; /* offset of the first byte of the bitmaps */
    fe_bits bits;
#endif
} lexer;

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
    uint32_t *lines = lex->line_start + lex->line_known;
    lex->chunk = chunk;
    lex->line_known += (uint32_t)fe_bits_fill(lex->source, chunk, now, ahead, &lex->bits, lines);
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

/* How long the run at `at` is, which is taken off; *shown as kind_of wants it. */
ALWAYS uint32_t take(lexer *lex, cursor *place, uint32_t at, uint32_t *shown, const bool bitmaps) {
    const uint8_t *source = lex->source;
#if FE_SIMD
    if (bitmaps) {
        place->bits &= place->bits - 1;
        const uint32_t inside = at - lex->chunk;
        const uint64_t more = fe_word_at((const uint8_t *)lex->bits.more + inside / 8) >> (inside & 7) >> 1;
        uint32_t bytes = 1 + (uint32_t)__builtin_ctzll(~more);
        *shown = bytes;
        if (PM_UNLIKELY(bytes > RUN_MAX)) {
            *shown = RUN_MAX + 1;
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
    *shown = end - at <= RUN_MAX ? end - at : RUN_MAX + 1;
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
ALWAYS uint32_t string_end(lexer *lex, uint32_t start, uint32_t at, bool *plain, uint32_t *line, const bool bitmaps) {
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

#endif
