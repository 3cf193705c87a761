/* literals.c: string tokens taken apart, and their escapes read, by the rules of CPython 3.11.
 *
 * Escapes are rare, so what lies between them is found by memchr and copied whole. A value is never longer than its
 * source: the shortest escape of a character of n bytes UTF-8 has more than n bytes.
 */
#include "literals.h"

#include <stdio.h>
#include <string.h>

fe_literal fe_literal_of(const uint8_t *source, uint32_t start, uint32_t end) {
    fe_literal literal = {0};
    uint32_t at = start;
    for (uint8_t c; (c = source[at]) != '\'' && c != '"'; at++) {
        literal.raw |= (c | 32) == 'r';
        literal.bytes |= (c | 32) == 'b';
        literal.format |= (c | 32) == 'f';
        literal.unicode |= c == 'u';
    }
    const bool is_triple = end - at >= 6 && source[at + 1] == source[at] && source[at + 2] == source[at];
    literal.begin = at + (is_triple ? 3 : 1);
    literal.end = end - (is_triple ? 3 : 1);
    return literal;
}

enum { NO_CHARACTER = -1 }; /* a backslash and a line end stand for nothing */

typedef struct escape {
    const uint8_t *next; /* behind the escape; where it is malformed: where reading it ended */
    int32_t code;
    const char *problem; /* NULL, or what CPython calls it */
} escape;

static int hex_value(uint8_t c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The character of a one-letter escape; 0: it is none. */
static uint8_t simple_value(uint8_t c) {
    switch (c) {
    case '\\':
    case '\'':
    case '"': return c;
    case 'a': return '\a';
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'v': return '\v';
    default: return 0;
    }
}

/* Those that str and bytes share; s is behind the backslash. What is no escape is a backslash, kept. */
static escape read_common(const uint8_t *s, const uint8_t *end) {
    if (s == end) {
        return (escape){s, '\\', NULL};
    }
    const uint8_t simple = simple_value(*s);
    if (simple != 0) {
        return (escape){s + 1, simple, NULL};
    }
    if (*s == '\n') {
        return (escape){s + 1, NO_CHARACTER, NULL};
    }
    if (*s < '0' || *s > '7') {
        return (escape){s, '\\', NULL};
    }
    int32_t code = 0;
    for (unsigned i = 0; i < 3 && s < end && *s >= '0' && *s <= '7'; i++) {
        code = code * 8 + *s++ - '0';
    }
    return (escape){s, code, NULL};
}

static escape read_byte_escape(const uint8_t *s, const uint8_t *end) {
    if (s == end || *s != 'x') {
        escape common = read_common(s, end);
        common.code = common.code < 0 ? common.code : common.code & 0xff;
        return common;
    }
    s++;
    if (end - s < 2 || hex_value(s[0]) < 0 || hex_value(s[1]) < 0) {
        return (escape){s, 0, "invalid \\x escape"};
    }
    return (escape){s + 2, hex_value(s[0]) * 16 + hex_value(s[1]), NULL};
}

/* \N{name}; s is behind the N. */
static escape read_named(fe_task *task, const uint8_t *s, const uint8_t *end, uint32_t place) {
    if (s == end || *s != '{') {
        return (escape){s, 0, "malformed \\N character escape"};
    }
    s++;
    const uint8_t *brace = memchr(s, '}', (size_t)(end - s));
    if (brace == NULL || brace == s) {
        return (escape){brace == NULL ? end : s, 0, "malformed \\N character escape"};
    }
    if (task->delegate == NULL || task->delegate->character == NULL) {
        fe_fail_at(task, FE_DELEGATE, place, "a character by its name needs Python, and no delegate is set");
    }
    uint8_t out[8];
    const int64_t bytes = task->delegate->character(task->delegate->context, s, (size_t)(brace - s), out, sizeof out);
    task->ledger->delegated_count++;
    s = brace + 1;
    if (bytes == 1) {
        return (escape){s, out[0], NULL};
    }
    if (bytes == 2) {
        return (escape){s, (out[0] & 0x1f) << 6 | (out[1] & 0x3f), NULL};
    }
    if (bytes == 3) {
        return (escape){s, (out[0] & 0x0f) << 12 | (out[1] & 0x3f) << 6 | (out[2] & 0x3f), NULL};
    }
    if (bytes == 4) {
        const int32_t high = (out[0] & 0x07) << 18 | (out[1] & 0x3f) << 12;
        return (escape){s, high | (out[2] & 0x3f) << 6 | (out[3] & 0x3f), NULL};
    }
    return (escape){s, 0, "unknown Unicode character name"};
}

static escape read_escape(fe_task *task, const uint8_t *s, const uint8_t *end, uint32_t place) {
    const uint8_t letter = s < end ? *s : 0;
    if (letter == 'N') {
        return read_named(task, s + 1, end, place);
    }
    const unsigned digits = letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
    if (digits == 0) {
        return read_common(s, end);
    }
    s++;
    uint32_t code = 0;
    for (unsigned i = 0; i < digits; i++, s++) {
        const int value = s < end ? hex_value(*s) : -1;
        if (value < 0) {
            return (escape){s, 0,
                            digits == 2   ? "truncated \\xXX escape"
                            : digits == 4 ? "truncated \\uXXXX escape"
                                          : "truncated \\UXXXXXXXX escape"};
        }
        code = code << 4 | (uint32_t)value;
    }
    if (code > 0x10ffff) {
        return (escape){s, 0, "illegal Unicode character"};
    }
    return (escape){s, (int32_t)code, NULL};
}

/* Where CPython's decoder of escapes stands when ours stands at `to`: it is given characters beyond ASCII as
 * \UXXXXXXXX, and \u005c for a backslash before one of them. */
static uint32_t decoder_position(const uint8_t *begin, const uint8_t *to) {
    uint32_t position = 0;
    for (const uint8_t *s = begin; s < to; s++) {
        const bool is_continuation = (*s & 0xc0) == 0x80;
        position += *s < 0x80 ? 1 : is_continuation ? 0 : 10;
        if (*s == '\\' && ++s < to) {
            position += *s < 0x80 ? 1 : 15;
        }
    }
    return position;
}

_Noreturn static void fail_escape(fe_task *task, const uint8_t *begin, const uint8_t *backslash, escape malformed,
                                  bool bytes, uint32_t place) {
    if (bytes) {
        fe_fail_at(task, FE_SYNTAX, place, "(value error) %s at position %u", malformed.problem,
                   (unsigned)(backslash - begin));
    }
    fe_fail_at(task, FE_SYNTAX, place, "(unicode error) 'unicodeescape' codec can't decode bytes in position %u-%u: %s",
               decoder_position(begin, backslash), decoder_position(begin, malformed.next) - 1, malformed.problem);
}

static uint8_t *put_character(uint8_t *out, int32_t code) {
    if (code < 0x80) {
        *out++ = (uint8_t)code;
    } else if (code < 0x800) {
        *out++ = (uint8_t)(0xc0 | code >> 6);
        *out++ = (uint8_t)(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        *out++ = (uint8_t)(0xe0 | code >> 12);
        *out++ = (uint8_t)(0x80 | (code >> 6 & 0x3f));
        *out++ = (uint8_t)(0x80 | (code & 0x3f));
    } else {
        *out++ = (uint8_t)(0xf0 | code >> 18);
        *out++ = (uint8_t)(0x80 | (code >> 12 & 0x3f));
        *out++ = (uint8_t)(0x80 | (code >> 6 & 0x3f));
        *out++ = (uint8_t)(0x80 | (code & 0x3f));
    }
    return out;
}

/* Reads the escape whose backslash is at s, or fails. */
static escape must_read(fe_task *task, const uint8_t *begin, const uint8_t *s, const uint8_t *end, bool bytes,
                        uint32_t place) {
    const escape read = bytes ? read_byte_escape(s + 1, end) : read_escape(task, s + 1, end, place);
    if (PM_UNLIKELY(read.problem != NULL)) {
        fail_escape(task, begin, s, read, bytes, place);
    }
    return read;
}

uint8_t *fe_decode_escapes(fe_task *task, const uint8_t *text, uint32_t begin, uint32_t end, bool bytes, uint8_t *out,
                           uint32_t place) {
    const uint8_t *first = text + begin, *s = first, *stop = text + end;
    while (s < stop) {
        const uint8_t *backslash = memchr(s, '\\', (size_t)(stop - s));
        const size_t plain = (size_t)((backslash ? backslash : stop) - s);
        memcpy(out, s, plain);
        out += plain;
        if (backslash == NULL) {
            break;
        }
        const escape read = must_read(task, first, backslash, stop, bytes, place);
        s = read.next;
        if (read.code != NO_CHARACTER) {
            if (bytes) {
                *out++ = (uint8_t)read.code;
            } else {
                out = put_character(out, read.code);
            }
        }
    }
    return out;
}

void fe_check_escapes(fe_task *task, const uint8_t *text, uint32_t begin, uint32_t end, bool bytes, uint32_t place) {
    const uint8_t *first = text + begin, *s = first, *stop = text + end;
    while (s < stop && (s = memchr(s, '\\', (size_t)(stop - s))) != NULL) {
        s = must_read(task, first, s, stop, bytes, place).next;
    }
}

void fe_decode_literal(fe_task *task, const uint8_t *text, uint32_t begin, uint32_t end, bool raw, bool bytes,
                       uint32_t place, uint32_t *used) {
    uint8_t *data = fe_need(task, FE_BUF_SCRATCH, (size_t)*used + (end - begin));
    uint8_t *out = data + *used;
    if (raw) {
        memcpy(out, text + begin, end - begin);
        out += end - begin;
    } else {
        out = fe_decode_escapes(task, text, begin, end, bytes, out, place);
    }
    *used = (uint32_t)(out - data);
}
