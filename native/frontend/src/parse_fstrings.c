/* parse_fstrings.c: adjacent strings with an f-string or t-string among them, of Python 3.12 and later, where f-strings
 * are tokens (lexer_fstrings.c).
 *
 *     "a" f"b{c!r:>{d}}"     JoinedStr: first .. last token of all
 *                            Constant "ab": the tokens that its text is of
 *                            FormattedValue: from brace to brace; its format: from the colon to the brace
 *
 * Text is collected in FE_BUF_SCRATCH until a field ends it; constants that follow each other are one. A field that
 * shows its own text (`=`) adds that text before its value: such a text is of no token, so a token is made for it.
 */
#include "parser.h"

enum { PIECES_INLINE = 12 };

/* The values of a JoinedStr or TemplateStr under way. */
typedef struct pieces {
    parser *parser;
    uint32_t count, room;
    fe_word *items;
    uint32_t first, last; /* tokens of the text that is collected, or that the last item is of */
    uint32_t used;        /* bytes collected in FE_BUF_SCRATCH; 0 while a field is parsed */
    bool has_text;        /* a constant is collected; it may be empty yet */
    bool is_unicode;      /* it began with u'' */
    bool keeps_apart;     /* each constant stays by itself, empty ones too: formats in 3.12 */
    uint8_t level;        /* fields that this is within: 0, or more for formats */
    bool is_shown;        /* the field around, whose format this is, shows its text */
    bool had_field;
    fe_word inline_items[PIECES_INLINE];
} pieces;

static void pieces_begin(pieces *list, parser *p, uint8_t level) {
    *list = (pieces){.parser = p, .room = PIECES_INLINE, .level = level};
    list->items = list->inline_items;
}

static void pieces_push(pieces *list, fe_word item) {
    if (PM_UNLIKELY(list->count == list->room)) {
        fe_word *items = fe_alloc(list->parser->task, 2 * (size_t)list->room * sizeof *items);
        memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        list->room *= 2;
    }
    list->items[list->count++] = item;
}

/* What was collected becomes an item, unless it is empty. */
static void pieces_flush(pieces *list) {
    fe_task *task = list->parser->task;
    if (list->has_text && (list->used != 0 || list->keeps_apart)) {
        const fe_blob text = fe_blob_copy(task, task->buffers[FE_BUF_SCRATCH].data, list->used);
        pieces_push(list, strings_constant(task, list->first, list->last, FE_CONST_STRING, text, list->is_unicode));
    }
    list->has_text = false;
    list->is_unicode = false;
    list->used = 0;
}

/* Bytes [begin, end) of a token's text are collected. Parts of an f-string that stand for nothing leave no trace. */
static void pieces_text(pieces *list, const uint8_t *text, uint32_t begin, uint32_t end, bool raw, uint32_t token,
                        bool is_part) {
    fe_task *task = list->parser->task;
    if (list->keeps_apart) {
        pieces_flush(list);
    }
    const uint32_t used = list->used;
    (void)fe_need(task, FE_BUF_SCRATCH, 1);
    fe_decode_literal(task, text, begin, end, raw || memchr(text + begin, '\\', end - begin) == NULL, false,
                      FE_TOKEN_START(&task->tokens, token), &list->used);
    if (is_part && list->used == used && !list->keeps_apart) {
        return;
    }
    if (!list->has_text) {
        list->has_text = true;
        list->first = token;
    }
    list->last = token;
}

/* The constant that stands last is collected again, so that more text can follow. */
static void pieces_take_back(pieces *list) {
    fe_task *task = list->parser->task;
    if (list->has_text || list->count == 0) {
        return;
    }
    const fe_ref node = list->items[list->count - 1];
    if (FE_NODE_KIND(task, node) != FE_KIND_Constant) {
        return;
    }
    const fe_blob text = FE_FIELD_OF(task, node, Constant, payload);
    const uint32_t bytes = fe_blob_bytes(task, text);
    memcpy(fe_need(task, FE_BUF_SCRATCH, bytes), fe_blob_data(task, text), bytes);
    list->count--;
    list->used = bytes;
    list->first = FE_NODE_FIRST(task, node);
    list->last = FE_NODE_LAST(task, node);
    list->is_unicode = FE_FIELD_OF(task, node, Constant, kind);
    list->has_text = true;
}

/* ---- the text of a field ---- */

/* Code without its comments, in FE_BUF_SCRATCH_2; returns its bytes. Up to 3.13 what looks like a comment in a string
 * is taken for one. */
static uint32_t field_copy(fe_task *task, uint32_t begin, uint32_t end) {
    const uint8_t *source = task->source;
    uint8_t *out = fe_need(task, FE_BUF_SCRATCH_2, (size_t)(end - begin) + 1);
    uint32_t used = 0;
    uint8_t quote = 0;
    for (uint32_t at = begin; at < end; at++) {
        const uint8_t c = source[at];
        if (c == '#' && quote == 0) {
            while (at < end && source[at] != '\n') {
                at++;
            }
            if (at < end) {
                out[used++] = '\n';
            }
            continue;
        }
        if (task->dialect->knows_strings_in_fields && (c == '"' || c == '\'')) {
            quote = quote == 0 ? c : quote == c ? 0 : quote;
        }
        out[used++] = c;
    }
    return used;
}

/* Where the text of a field ends that it shows, or that an interpolation keeps. CPython's tokenizer notes that at each
 * `!`, `:` and `}` that is not in brackets, and does not ask whether the `!` is one of `!=`: up to 3.13 the first
 * counts, then the last, but for a colon. What is in one more bracket counts too, once an `=` was met, and in a format.
 */
static uint32_t field_text_end(const pieces *list, uint32_t brace) {
    const parser *p = list->parser;
    const fe_dialect *dialect = p->task->dialect;
    bool in_debug = list->is_shown && list->level > 0 && !list->had_field;
    uint32_t depth = list->level + 1, strings = 0, end = 0;
    for (uint32_t token = brace + 1; token <= p->at; token++) {
        const unsigned kind = parser_kind_at(p, token);
        strings += kind == FE_T_FSTRING_START || kind == FE_T_TSTRING_START;
        if (strings != 0) {
            strings -= kind == FE_T_FSTRING_END;
            continue;
        }
        const uint32_t cursor = depth - 1;
        const bool counts = cursor == 0 || (cursor == 1 && dialect->minor >= 13 && in_debug);
        switch (kind) {
        case FE_T_LPAR:
        case FE_T_LSQB:
        case FE_T_LBRACE: depth++; break;
        case FE_T_EQUAL: in_debug |= dialect->minor < 14 || depth == list->level + 1u; break;
        case FE_T_COLON:
        case FE_T_COLONEQUAL: end = counts && end == 0 ? FE_TOKEN_START(&p->task->tokens, token) : end; break;
        case FE_T_EXCLAMATION:
        case FE_T_NOTEQUAL:
        case FE_T_RBRACE:
            if (counts && (end == 0 || dialect->minor >= 14)) {
                end = FE_TOKEN_START(&p->task->tokens, token);
            }
            depth -= kind == FE_T_RBRACE;
            break;
        case FE_T_RPAR:
        case FE_T_RSQB: depth--; break;
        default: break;
        }
    }
    return end != 0 ? end : FE_TOKEN_START(&p->task->tokens, p->at);
}

static bool field_is_space(uint8_t c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The source of an interpolation's expression: without blanks and `=` behind it. */
static fe_blob field_source(fe_task *task, uint32_t begin, uint32_t end) {
    uint32_t bytes = field_copy(task, begin, end);
    const uint8_t *text = task->buffers[FE_BUF_SCRATCH_2].data;
    while (bytes > 0 && (field_is_space(text[bytes - 1]) || text[bytes - 1] == '=')) {
        bytes--;
    }
    return fe_blob_copy(task, text, bytes);
}

/* ---- fields ---- */

static void pieces_parse(pieces *list, bool raw, unsigned closer, bool is_template);

/* `!r`, where there is one; -1 otherwise. */
static int32_t field_conversion(parser *p) {
    const fe_task *task = p->task;
    if (!parser_accept(p, FE_T_EXCLAMATION)) {
        return -1;
    }
    const uint32_t token = p->at;
    if (!kind_is_name(parser_kind(p))) {
        COMPLAIN(p, token, "f-string: missing conversion character");
    }
    if (FE_TOKEN_START(&task->tokens, token) != FE_TOKEN_END(&task->tokens, token - 1)) {
        COMPLAIN(p, token - 1, "f-string: conversion type must come right after the exclamation mark");
    }
    const char letter = *FE_TOKEN_TEXT(task, token);
    if (FE_TOKEN_BYTES(&task->tokens, token) != 1 || (letter != 's' && letter != 'r' && letter != 'a')) {
        COMPLAIN(p, token, "f-string: invalid conversion character: expected 's', 'r', or 'a'");
    }
    p->at++;
    return letter;
}

/* What follows the colon at p->at: a JoinedStr; from 3.13 on a Constant where it is text in several pieces. */
static fe_ref field_format(const pieces *outer, bool raw, bool is_shown) {
    parser *p = outer->parser;
    fe_task *task = p->task;
    const uint32_t colon = p->at++;
    const uint32_t begin = p->at;
    pieces inner;
    pieces_begin(&inner, p, outer->level + 1);
    inner.keeps_apart = task->dialect->format_keeps_pieces;
    inner.is_shown = is_shown;
    pieces_parse(&inner, raw, FE_T_RBRACE, false);
    const bool is_empty = p->at == begin + 1 && FE_TOKEN_BYTES(&task->tokens, begin) == 0;
    if (is_empty) {
        inner.has_text = false;
        inner.used = 0;
    }
    pieces_flush(&inner);
    if (!inner.keeps_apart && p->at > begin + 1 && inner.count == 1 &&
        FE_NODE_KIND(task, inner.items[0]) == FE_KIND_Constant) {
        const fe_ref text = inner.items[0];
        if (!task->dialect->format_text_at_colon) {
            return text;
        }
        return strings_constant(task, colon, p->at - 1, FE_CONST_STRING, FE_FIELD_OF(task, text, Constant, payload),
                                false);
    }
    const fe_list items = fe_list_new(task, inner.items, inner.count);
    return NODE(p, JoinedStr, colon, p->at - 1, .values = items);
}

/* A field, whose brace is at p->at, as an item of `list`. */
static void field_parse(pieces *list, bool raw, bool is_template) {
    parser *p = list->parser;
    fe_task *task = p->task;
    const uint32_t brace = p->at++;
    parser_enter(p);
    if (list->used != 0 || list->keeps_apart) { /* an empty text may still begin one that the field shows */
        pieces_flush(list);
    }
    const fe_ref value = parse_yield_or_stars(p);
    const bool is_shown = parser_accept(p, FE_T_EQUAL);
    const uint32_t begin = FE_TOKEN_END(&task->tokens, brace), end = FE_TOKEN_START(&task->tokens, p->at);
    const unsigned kind = parser_kind(p);
    if (PM_UNLIKELY(kind != FE_T_RBRACE && kind != FE_T_EXCLAMATION && kind != FE_T_COLON)) {
        parse_comma_complaint(p);
        COMPLAIN(p, p->at, "f-string: expecting %s", is_shown ? "'!', or ':', or '}'" : "'=', or '!', or ':', or '}'");
    }
    const uint32_t text_end = is_shown || is_template ? field_text_end(list, brace) : end;
    if (is_shown) {
        task->stages->lexer.append(task, FE_T_FSTRING_MIDDLE, begin, end, FE_TOKEN_LINE(&task->tokens, brace));
        parser_look_up_tokens(p);
        pieces_take_back(list);
        const uint32_t bytes = field_copy(task, begin, text_end);
        const bool is_plain = raw || list->level > 0 || !task->dialect->shown_text_has_escapes;
        pieces_text(list, task->buffers[FE_BUF_SCRATCH_2].data, 0, bytes, is_plain, task->tokens.count - 1, true);
    }
    pieces_flush(list);
    const fe_blob text = is_template ? field_source(task, begin, text_end) : 0;
    int32_t conversion = field_conversion(p);
    fe_ref spec = 0;
    if (parser_kind(p) == FE_T_COLON) {
        spec = field_format(list, raw, is_shown);
    } else if (is_shown && conversion < 0) {
        conversion = 'r';
    }
    if (PM_UNLIKELY(parser_kind(p) != FE_T_RBRACE)) {
        COMPLAIN(p, p->at, "f-string: expecting '}'%s", spec ? ", or format specs" : "");
    }
    p->at++;
    parser_leave(p);
    list->had_field = true;
    if (is_template) {
        pieces_push(list, NODE(p, Interpolation, brace, p->at - 1, .value = value, .str = text,
                               .conversion = (fe_word)conversion, .format_spec = spec));
    } else {
        pieces_push(list, NODE(p, FormattedValue, brace, p->at - 1, .value = value, .conversion = (fe_word)conversion,
                               .format_spec = spec));
    }
}

/* Text and fields up to the token `closer`, which is not passed. */
static void pieces_parse(pieces *list, bool raw, unsigned closer, bool is_template) {
    parser *p = list->parser;
    fe_task *task = p->task;
    for (;;) {
        const unsigned kind = parser_kind(p);
        if (kind == FE_T_FSTRING_MIDDLE) {
            const uint32_t token = p->at++;
            const uint8_t *text = (const uint8_t *)FE_TOKEN_TEXT(task, token);
            uint32_t bytes = FE_TOKEN_BYTES(&task->tokens, token);
            const uint8_t last = bytes > 1 ? text[bytes - 1] : 0;
            bytes -= (last == '{' || last == '}') && text[bytes - 2] == last;
            if (bytes != 0 || list->keeps_apart) {
                pieces_text(list, text, 0, bytes, raw, token, true);
            }
        } else if (kind == FE_T_LBRACE) {
            field_parse(list, raw, is_template);
        } else if (kind == closer) {
            return;
        } else {
            COMPLAIN(p, p->at, "f-string: expecting '}'");
        }
    }
}

/* ---- strings ---- */

/* A string without fields, as text of a JoinedStr. */
static void pieces_string(pieces *list) {
    parser *p = list->parser;
    fe_task *task = p->task;
    const uint32_t token = p->at++;
    fe_literal literal;
    const uint8_t *text = strings_open(task, token, &literal);
    const bool begins = !list->has_text;
    pieces_text(list, text, literal.begin, literal.end, literal.raw, token, false);
    list->is_unicode = begins ? literal.unicode : list->is_unicode;
}

/* An f-string or t-string, at whose START p->at is. */
static void pieces_fstring(pieces *list, bool is_template) {
    parser *p = list->parser;
    const fe_task *task = p->task;
    const uint32_t token = p->at++;
    const char *prefix = FE_TOKEN_TEXT(task, token);
    bool raw = false;
    for (uint32_t i = 0; i < FE_TOKEN_BYTES(&task->tokens, token); i++) {
        raw |= (prefix[i] | 0x20) == 'r';
    }
    pieces_parse(list, raw, FE_T_FSTRING_END, is_template);
    p->at++;
}

/* The strings behind `first`: whether they are templates, or where one is that does not fit. */
static bool strings_are_templates(parser *p, uint32_t first) {
    uint32_t token = first, depth = 0, bytes_count = 0, count = 0, templates = 0;
    for (;; token++) { /* fields hold strings of their own */
        const unsigned kind = parser_kind_at(p, token);
        if (depth != 0) {
            depth += kind == FE_T_FSTRING_START || kind == FE_T_TSTRING_START;
            depth -= kind == FE_T_FSTRING_END;
            if (kind == FE_T_END || kind == FE_T_NEWLINE) {
                break; /* it is broken: whoever parses it will say so */
            }
            continue;
        }
        if (!kind_is_string(kind)) {
            break;
        }
        count++;
        if (kind == FE_T_FSTRING_START || kind == FE_T_TSTRING_START) {
            templates += kind == FE_T_TSTRING_START;
            depth = 1;
        } else {
            fe_literal literal;
            (void)strings_open(p->task, token, &literal);
            bytes_count += literal.bytes;
        }
    }
    if (PM_UNLIKELY(templates != 0 && templates != count)) {
        COMPLAIN(p, first, "cannot mix t-string literals with string or bytes literals");
    }
    if (PM_UNLIKELY(bytes_count != 0)) {
        COMPLAIN(p, token, "cannot mix bytes and nonbytes literals");
    }
    return templates != 0;
}

static fe_ref parse_fstrings(parser *p, uint32_t first) {
    pieces list;
    p->at = first;
    const bool is_template = strings_are_templates(p, first);
    pieces_begin(&list, p, 0);
    do {
        const unsigned kind = parser_kind(p);
        if (kind == FE_T_FSTRING_START || kind == FE_T_TSTRING_START) {
            pieces_fstring(&list, is_template);
        } else {
            pieces_string(&list);
        }
    } while (kind_is_string(parser_kind(p)));
    pieces_flush(&list);
    const fe_list values = fe_list_new(p->task, list.items, list.count);
    return is_template ? NODE(p, TemplateStr, first, p->at - 1, .values = values)
                       : NODE(p, JoinedStr, first, p->at - 1, .values = values);
}
