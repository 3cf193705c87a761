/* constants.h: Python's repr of Constant.value, from the payload or straight from the tokens. */
#ifndef FE_CONSTANTS_H
#define FE_CONSTANTS_H

#include "literals.h"
#include "output.h"
#include "tree.h"

/* A string without prefix, escapes and anything but printable ASCII: it keeps its quotes where repr would choose the
 * same, which are single ones unless the text has a single and no double one. */
static inline uint8_t *fe_put_plain(fe_output *output, uint8_t *p, const uint8_t *text, uint32_t bytes) {
    uint8_t *const quote = fe_output_room(output, p);
    const bool is_short = bytes <= FE_OUTPUT_ROOM / 2;
    if (PM_LIKELY(is_short)) {
#if FE_VIEWS
        for (uint32_t i = 0; i < bytes; i += 32) { /* the source has a tail to read into */
            memcpy(quote + i, text + i, 32);
        }
#else
        memcpy(quote, text, bytes);
#endif
        p = quote + bytes;
        if (text[0] == '"' && memchr(text + 1, '\'', bytes - 2) == NULL) {
            *quote = '\'';
            p[-1] = '\'';
        }
        return p;
    }
    return fe_output_repr(output, quote, text + 1, bytes - 2, false);
}

/* The value of string tokens first .. last, of which none is an f-string. */
static inline uint8_t *fe_put_strings(fe_output *output, uint8_t *p, fe_task *task, uint32_t first, uint32_t last,
                                      bool is_bytes) {
    const uint8_t *source = task->source;
    uint32_t used = 0;
    for (uint32_t i = first; i <= last; i++) {
        const uint32_t start = FE_TOKEN_START(&task->tokens, i), end = FE_TOKEN_END(&task->tokens, i);
        const fe_literal literal = fe_literal_of(source, start, end);
        const uint32_t bytes = literal.end - literal.begin;
        if (first == last && (literal.raw || memchr(source + literal.begin, '\\', bytes) == NULL)) {
            return fe_output_repr(output, p, source + literal.begin, bytes, is_bytes);
        }
        fe_decode_literal(task, source, literal.begin, literal.end, literal.raw, is_bytes, literal.begin, &used);
    }
    return fe_output_repr(output, p, used == 0 ? source : task->buffers[FE_BUF_SCRATCH].data, used, is_bytes);
}

/* Numbers that are their own repr: up to 18 decimal digits without a leading zero. */
static inline bool fe_is_plain_number(const char *text, uint32_t bytes) {
    if (bytes > 18 || (text[0] == '0' && bytes > 1)) {
        return false;
    }
    for (uint32_t i = 0; i < bytes; i++) {
        if ((uint8_t)(text[i] - '0') > 9) {
            return false;
        }
    }
    return true;
}

/* The repr of a constant of the tokens first .. last; p is any place up to limit + FE_OUTPUT_ROOM / 4. The returned p
 * is at most FE_OUTPUT_ROOM / 2 behind the limit. */
static inline uint8_t *fe_put_constant(fe_output *output, uint8_t *p, fe_task *task, fe_word value, fe_blob payload,
                                       uint32_t first, uint32_t last) {
    switch ((fe_constant)value) {
    case FE_CONST_NONE: memcpy(p, "None", 4); return p + 4;
    case FE_CONST_TRUE: memcpy(p, "True", 4); return p + 4;
    case FE_CONST_FALSE: memcpy(p, "False", 5); return p + 5;
    case FE_CONST_ELLIPSIS: memcpy(p, "Ellipsis", 8); return p + 8;
    case FE_CONST_NUMBER: {
        const char *text = payload ? (const char *)fe_blob_data(task, payload) : FE_TOKEN_TEXT(task, first);
        const uint32_t bytes = payload ? fe_blob_bytes(task, payload) : FE_TOKEN_BYTES(&task->tokens, first);
        if (PM_LIKELY(fe_is_plain_number(text, bytes))) {
            memcpy(p, text, bytes);
            return p + bytes;
        }
        return fe_output_number(output, p, text, bytes);
    }
    case FE_CONST_STRING:
    case FE_CONST_BYTES: break;
    }
    if (payload) {
        return fe_output_repr(output, p, fe_blob_data(task, payload), fe_blob_bytes(task, payload),
                              value == FE_CONST_BYTES);
    }
    if (PM_LIKELY(first == last && FE_TOKEN_KIND(&task->tokens, first) == FE_T_STRING_PLAIN)) {
        return fe_put_plain(output, p, (const uint8_t *)FE_TOKEN_TEXT(task, first),
                            FE_TOKEN_BYTES(&task->tokens, first));
    }
    return fe_put_strings(output, p, task, first, last, value == FE_CONST_BYTES);
}

#endif
