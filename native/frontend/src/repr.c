/* repr.c: Python's repr of str and bytes.
 *
 * Sixteen bytes are looked at together: what needs no escape is written as it was read.
 */
#include <string.h>

#include "literals.h"
#include "unprintable.h"

#if defined(__SSE2__)
#include <emmintrin.h>

typedef __m128i chunk;

static inline chunk chunk_of(const uint8_t *p) {
    return _mm_loadu_si128((const __m128i *)p);
}

static inline chunk chunk_from(uint64_t low, uint64_t high) {
    return _mm_set_epi64x((int64_t)high, (int64_t)low);
}

static inline void put_chunk(uint8_t *out, chunk bytes) {
    _mm_storeu_si128((__m128i *)out, bytes);
}

/* Bit i: byte i is no printable ASCII character, or a backslash, or the quote. */
static inline uint32_t escaped_of(chunk bytes, uint8_t quote) {
    const chunk below = _mm_cmplt_epi8(bytes, _mm_set1_epi8(' ')); /* signed: bytes from 0x80 on too */
    const chunk backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    const chunk quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8((char)quote));
    const chunk del = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f));
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(below, backslash), _mm_or_si128(quotes, del)));
}
#else
typedef struct chunk {
    uint64_t half[2];
} chunk;

static inline chunk chunk_of(const uint8_t *p) {
    chunk bytes;
    memcpy(&bytes, p, sizeof bytes);
    return bytes;
}

static inline chunk chunk_from(uint64_t low, uint64_t high) {
    return (chunk){{low, high}};
}

static inline void put_chunk(uint8_t *out, chunk bytes) {
    memcpy(out, &bytes, sizeof bytes);
}

static inline uint32_t escaped_of(chunk bytes, uint8_t quote) {
    uint32_t escaped = 0;
    uint8_t each[16];
    memcpy(each, &bytes, sizeof each);
    for (unsigned i = 0; i < 16; i++) {
        const uint8_t c = each[i];
        escaped |= (uint32_t)((c < ' ') | (c >= 0x7f) | (c == '\\') | (c == quote)) << i;
    }
    return escaped;
}
#endif

static inline uint64_t load(const uint8_t *p, unsigned bytes) {
    uint64_t value = 0;
    memcpy(&value, p, bytes);
    return value;
}

/* The last 1 .. 15 bytes of a text, zeros behind them, with no read beyond. Little-endian. */
static inline chunk chunk_of_tail(const uint8_t *p, uint32_t bytes) {
    if (bytes > 8) {
        return chunk_from(load(p, 8), load(p + bytes - 8, 8) >> 8 * (16 - bytes));
    }
    if (bytes == 8) {
        return chunk_from(load(p, 8), 0);
    }
    if (bytes >= 4) {
        return chunk_from(load(p, 4) | load(p + bytes - 4, 4) << 8 * (bytes - 4), 0);
    }
    const uint32_t middle = bytes / 2;
    return chunk_from(p[0] | (uint64_t)p[middle] << 8 * middle | (uint64_t)p[bytes - 1] << 8 * (bytes - 1), 0);
}

static uint8_t *put_hex(uint8_t *out, uint8_t letter, uint32_t value, unsigned digits) {
    *out++ = '\\';
    *out++ = letter;
    while (digits-- > 0) {
        *out++ = (uint8_t)"0123456789abcdef"[value >> 4 * digits & 15];
    }
    return out;
}

static uint8_t *put_ascii(uint8_t *out, uint8_t c) {
    const uint8_t letter = c == '\n' ? 'n' : c == '\t' ? 't' : c == '\r' ? 'r' : c >= ' ' && c < 0x7f ? c : 0;
    if (letter == 0) {
        return put_hex(out, 'x', c, 2);
    }
    *out++ = '\\';
    *out++ = letter;
    return out;
}

static inline bool is_printable(uint32_t code) {
    return BLOCKS[BLOCK_OF[code >> 8]][code >> 5 & 7] >> (code & 31) & 1;
}

/* One character from `text` on, coded in at most `left` bytes; returns how many it has. Bytes that are no UTF-8 come
 * out as if each were a character. */
static uint32_t put_character(uint8_t **out, const uint8_t *text, uint32_t left) {
    const uint8_t lead = text[0];
    const uint32_t bytes = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    uint32_t code = bytes == 1 ? lead : lead & (0x7fu >> bytes);
    for (uint32_t i = 1; i < bytes && i < left; i++) {
        code = code << 6 | (text[i] & 0x3f);
    }
    if (PM_UNLIKELY(bytes == 1 || bytes > left || code > 0x10ffff)) {
        *out = put_hex(*out, 'x', lead, 2);
        return 1;
    }
    if (PM_LIKELY(is_printable(code))) {
        memcpy(*out, text, bytes);
        *out += bytes;
    } else if (code < 0x100) {
        *out = put_hex(*out, 'x', code, 2);
    } else if (code < 0x10000) {
        *out = put_hex(*out, 'u', code, 4);
    } else {
        *out = put_hex(*out, 'U', code, 8);
    }
    return bytes;
}

/* A byte takes at most 4 bytes to write, so a chunk written ahead of what is known of it stays within the bound. */
size_t fe_repr_inside(const uint8_t *text, uint32_t bytes, uint8_t quote, bool is_bytes, uint8_t *begin) {
    uint8_t *out = begin;
    uint32_t at = 0;
    while (at < bytes) {
        const uint32_t left = bytes - at;
        const chunk next = left >= 16 ? chunk_of(text + at) : chunk_of_tail(text + at, left);
        const uint32_t escaped = escaped_of(next, quote);
        put_chunk(out, next);
        const uint32_t plain = escaped ? (uint32_t)__builtin_ctz(escaped) : 16;
        at += plain;
        out += plain;
        if (plain == 16 || at == bytes) {
            continue;
        }
        const uint8_t c = text[at];
        if (c < 0x80) {
            out = put_ascii(out, c);
            at++;
        } else if (is_bytes) {
            out = put_hex(out, 'x', c, 2);
            at++;
        } else {
            do {
                at += put_character(&out, text + at, bytes - at);
            } while (at < bytes && text[at] >= 0x80);
        }
    }
    return (size_t)(out - begin);
}

uint8_t fe_repr_quote(const uint8_t *text, uint32_t bytes) {
    const uint8_t *single = memchr(text, '\'', bytes);
    return single != NULL && memchr(text, '"', bytes) == NULL ? '"' : '\'';
}
