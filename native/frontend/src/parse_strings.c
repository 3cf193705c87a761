/* parse_strings.c: adjacent string tokens to one node.
 *
 * Strings and bytes alone are a Constant of their tokens; with VIEWS it is decoded when it is printed, and only looked
 * through for malformed escapes here. With an f-string among them they are a JoinedStr (parse_fields.c).
 *
 * Errors are placed at the token behind the strings, where CPython's parser is when it meets them.
 */
#include "parser.h"

static uint32_t strings_place_behind(const fe_task *task, uint32_t last) {
    return FE_TOKEN_START(&task->tokens, last + 1);
}

/* Takes a token apart: the literal's begin and end are offsets of what is returned. */
static const uint8_t *strings_open(const fe_task *task, uint32_t token, fe_literal *literal) {
    const uint8_t *text = (const uint8_t *)FE_TOKEN_TEXT(task, token);
    *literal = fe_literal_of(text, 0, FE_TOKEN_BYTES(&task->tokens, token));
    return text;
}

static void strings_check_ascii(fe_task *task, uint32_t token, const uint8_t *text, const fe_literal *literal) {
    for (uint32_t at = literal->begin; at < literal->end; at++) {
        if (PM_UNLIKELY(text[at] >= 0x80)) {
            fe_fail_at(task, FE_SYNTAX, FE_TOKEN_START(&task->tokens, token),
                       "bytes can only contain ASCII literal characters");
        }
    }
}

static void strings_check_alike(fe_task *task, uint32_t last, bool all_bytes, bool bytes) {
    if (PM_UNLIKELY(all_bytes != bytes)) {
        fe_fail_at(task, FE_SYNTAX, strings_place_behind(task, last), "cannot mix bytes and nonbytes literals");
    }
}

static fe_ref strings_constant(fe_task *task, uint32_t first, uint32_t last, fe_constant value, fe_blob payload,
                               bool unicode) {
    const fe_ref node = FE_NODE_NEW(task, Constant, first, last);
    fe_word *fields = FE_NODE_FIELDS(task, node);
    fields[FE_Constant_value] = value;
    fields[FE_Constant_payload] = payload;
    fields[FE_Constant_kind] = unicode;
    return node;
}

/* The node of the string tokens first .. last. */
static fe_ref strings_node(parser *p, uint32_t first, uint32_t last) {
    fe_task *task = p->task;
    bool is_plain = true;
    for (uint32_t token = first; token <= last; token++) {
        const uint8_t kind = FE_TOKEN_KIND(&task->tokens, token);
        if (kind == FE_T_FSTRING) {
            return parse_fields(p, first, last);
        }
        is_plain &= kind == FE_T_STRING_PLAIN;
    }
    bool all_bytes = false, unicode = false;
    uint32_t used = 0;
    (void)used;
#if FE_VIEWS
    for (uint32_t token = first; !is_plain && token <= last; token++) {
#else
    (void)is_plain;
    for (uint32_t token = first; token <= last; token++) {
#endif
        fe_literal literal;
        const uint8_t *text = strings_open(task, token, &literal);
        if (literal.bytes) {
            strings_check_ascii(task, token, text, &literal);
        }
#if FE_VIEWS
        if (!literal.raw) {
            fe_check_escapes(task, text, literal.begin, literal.end, literal.bytes, strings_place_behind(task, last));
        }
#else
        fe_decode_literal(task, text, literal.begin, literal.end, literal.raw, literal.bytes,
                          strings_place_behind(task, last), &used);
#endif
        if (token == first) {
            all_bytes = literal.bytes;
            unicode = literal.unicode;
        }
        strings_check_alike(task, last, all_bytes, literal.bytes);
    }
    fe_blob payload = 0;
#if !FE_VIEWS
    payload = fe_blob_copy(task, task->buffers[FE_BUF_SCRATCH].data, used);
#endif
    return strings_constant(task, first, last, all_bytes ? FE_CONST_BYTES : FE_CONST_STRING, payload, unicode);
}

/* Adjacent string tokens. */
static fe_ref parse_strings(parser *p) {
    const uint32_t first = p->at;
    do {
        if (PM_UNLIKELY(parser_kind(p) == FE_T_FSTRING_START || parser_kind(p) == FE_T_TSTRING_START)) {
            return parse_fstrings(p, first);
        }
        p->at++;
    } while (kind_is_string(parser_kind(p)));
#if FE_VIEWS
    if (p->at == first + 1 && parser_kind_at(p, first) == FE_T_STRING_PLAIN) {
        return NODE(p, Constant, first, first, .value = FE_CONST_STRING);
    }
#endif
    return strings_node(p, first, p->at - 1);
}
