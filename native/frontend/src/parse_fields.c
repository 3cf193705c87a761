/* parse_fields.c: f-strings among adjacent string tokens, by the rules of CPython 3.11.
 *
 * An f-string is one token there. Literal text is collected until a replacement field ends it, across tokens; the
 * field's expression is lexed and parsed where it lies.
 *
 *     f"{width:{digits}}" "end"      JoinedStr, FormattedValue, Constant "end": first .. last token of all
 *              ^ a format            JoinedStr and its last Constant: its own token
 */
#include "parser.h"

enum {
    FORMATS_MAX = 1,    /* a format may hold fields, and the formats of those may not */
    BRACKETS_MAX = 199, /* of CPython's tokenizer, less the one around each field */
    VALUES_INLINE = 12
};

/* The values of a JoinedStr under way. */
typedef struct value_list {
    uint32_t count;
    uint32_t room;
    fe_word *items;
    fe_word first[VALUES_INLINE];
} value_list;

typedef struct format {
    parser *parser;
    fe_task *task;
    uint32_t first, last; /* the tokens that are concatenated */
    uint32_t place;       /* of errors */
    uint32_t token;       /* the one under way ... */
    uint32_t end;         /* ... and where its inside ends */
    uint32_t line;        /* of source offset line_at, which the scan has passed */
    uint32_t line_at;
    uint32_t first_line; /* of the token, as it is printed and ... */
    uint32_t token_line; /* ... as it is known: an aside's, or the same */
    uint32_t used; /* bytes of literal text in FE_BUF_SCRATCH that are not in a node yet; 0 while a field is parsed */
    bool is_raw;
    bool is_unicode;
} format;

#define FORMAT_COMPLAIN(f, ...) fe_fail_at((f)->task, FE_SYNTAX, (f)->place, __VA_ARGS__)

static void values_push(format *f, value_list *list, fe_word value) {
    if (PM_UNLIKELY(list->count == list->room)) {
        fe_word *items = fe_alloc(f->task, 2 * (size_t)list->room * sizeof *items);
        memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        list->room *= 2;
    }
    list->items[list->count++] = value;
}

/* The literal text so far as a value. */
static void format_flush(format *f, value_list *list, uint32_t first, uint32_t last, bool unicode) {
    if (f->used == 0) {
        return;
    }
    const fe_blob text = fe_blob_copy(f->task, f->task->buffers[FE_BUF_SCRATCH].data, f->used);
    f->used = 0;
    values_push(f, list, strings_constant(f->task, first, last, FE_CONST_STRING, text, unicode));
}

static fe_ref format_joined(format *f, const value_list *list, uint32_t first, uint32_t last) {
    const fe_list items = fe_list_new(f->task, list->items, list->count);
    const fe_ref node = FE_NODE_NEW(f->task, JoinedStr, first, last);
    FE_FIELD_OF(f->task, node, JoinedStr, values) = items;
    return node;
}

/* Appends the literal text from `at` on, up to a field, to the end, or within a format to its closing brace; returns
 * where that is. */
static uint32_t format_scan_literal(format *f, uint32_t at, unsigned depth) {
    const uint8_t *source = f->task->source;
    uint32_t begin = at;
    while (at < f->end) {
        uint8_t c = source[at++];
        if (c == '\\' && !f->is_raw && at < f->end) {
            c = source[at++];
            if (c == 'N' && at < f->end && source[at++] == '{') { /* a name's braces are none of ours */
                while (at < f->end && source[at++] != '}') {
                }
                continue;
            }
        }
        if (c != '{' && c != '}') {
            continue;
        }
        if (depth == 0 && at < f->end && source[at] == c) { /* doubled: one of them is text */
            fe_decode_literal(f->task, source, begin, at, f->is_raw, false, f->place, &f->used);
            begin = ++at;
            continue;
        }
        if (depth == 0 && c == '}') {
            FORMAT_COMPLAIN(f, "f-string: single '}' is not allowed");
        }
        at--;
        break;
    }
    fe_decode_literal(f->task, source, begin, at, f->is_raw, false, f->place, &f->used);
    return at;
}

static bool format_is_triple(const format *f, uint32_t at) {
    const uint8_t *source = f->task->source;
    return at + 2 < f->end && source[at + 1] == source[at] && source[at + 2] == source[at];
}

/* Where the string whose opening quote is at `at` closes, or the end. */
static uint32_t format_scan_quoted(const format *f, uint32_t at) {
    const uint8_t *source = f->task->source;
    const uint8_t quote = source[at];
    const bool triple = format_is_triple(f, at);
    for (at += triple ? 3 : 1; at < f->end; at++) {
        if (source[at] == '\\') {
            FORMAT_COMPLAIN(f, "f-string expression part cannot include a backslash");
        }
        if (source[at] == quote && (!triple || format_is_triple(f, at))) {
            return at + (triple ? 3 : 1);
        }
    }
    FORMAT_COMPLAIN(f, "f-string: unterminated string");
}

/* The end of the expression that begins at `at`: where its = ! : or } stands, or the end of the token. */
static uint32_t format_scan_expression(const format *f, uint32_t at) {
    const uint8_t *source = f->task->source;
    char open[BRACKETS_MAX];
    unsigned depth = 0;
    while (at < f->end) {
        const char c = (char)source[at];
        const uint8_t next = at + 1 < f->end ? source[at + 1] : 0;
        switch (c) {
        case '\\': FORMAT_COMPLAIN(f, "f-string expression part cannot include a backslash");
        case '#': FORMAT_COMPLAIN(f, "f-string expression part cannot include '#'");
        case '\'':
        case '"': at = format_scan_quoted(f, at); continue;
        case '(':
        case '[':
        case '{':
            if (depth == BRACKETS_MAX) {
                FORMAT_COMPLAIN(f, "f-string: too many nested parenthesis");
            }
            open[depth++] = c;
            break;
        case '!':
        case '=':
        case '<':
        case '>':
            if (depth > 0) {
                break;
            }
            if (next == '=') {
                at++;
                break;
            }
            if (next != 0 && (c == '<' || c == '>')) {
                break;
            }
            return at;
        case ':':
            if (depth > 0) {
                break;
            }
            return at;
        case ')':
        case ']':
        case '}':
            if (depth == 0) {
                if (c == '}') {
                    return at;
                }
                FORMAT_COMPLAIN(f, "f-string: unmatched '%c'", c);
            }
            depth--;
            if (c != (open[depth] == '(' ? ')' : open[depth] == '[' ? ']' : '}')) {
                FORMAT_COMPLAIN(f, "f-string: closing parenthesis '%c' does not match opening parenthesis '%c'", c,
                                open[depth]);
            }
            break;
        default: break;
        }
        at++;
    }
    if (depth > 0) {
        FORMAT_COMPLAIN(f, "f-string: unmatched '%c'", open[depth - 1]);
    }
    return at;
}

static bool format_is_space(uint8_t c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool format_is_line_end(const uint8_t *source, uint32_t at) {
    while (source[at] == ' ' || source[at] == '\t' || source[at] == '\f') {
        at++;
    }
    return source[at] == '\n';
}

/* Where CPython believes a brace that a line end follows to be: at the start of the token, or of the line. */
static uint32_t format_fallen_back(const format *f, uint32_t brace) {
    const uint32_t start = FE_TOKEN_START(&f->task->tokens, f->token);
    while (brace > start && f->task->source[brace - 1] != '\n') {
        brace--;
    }
    return brace;
}

static uint32_t format_aside_new(fe_task *task, uint32_t number, uint32_t begin) {
    fe_aside *asides = fe_need(task, FE_BUF_ASIDES, (task->aside_count + 1) * sizeof *asides);
    asides[task->aside_count] = (fe_aside){number, begin};
    return task->line_count + 2 + task->aside_count++;
}

/* Gives tokens on the first line of a field the lines that CPython counts their columns by: a string of several lines
 * from the field's brace; where the f-string itself is such a string, and the field on its first line, all the others
 * as it. */
static void format_set_asides(format *f, uint32_t first_token, uint32_t begin, uint32_t end) {
    fe_task *task = f->task;
    const bool inherits = f->line == f->first_line && f->token_line != f->first_line;
    if (!inherits && memchr(task->source + begin, '\n', end - begin) == NULL) {
        return;
    }
    const uint32_t line_end = task->line_start[f->line];
    for (uint32_t token = first_token; token < task->tokens.count; token++) {
        if (FE_TOKEN_LINE(&task->tokens, token) != f->line) {
            return;
        }
        if (FE_TOKEN_END(&task->tokens, token) > line_end) {
            FE_TOKEN_LINE(&task->tokens, token) = format_aside_new(task, f->line, begin - 1);
        } else if (inherits) {
            FE_TOKEN_LINE(&task->tokens, token) = f->token_line;
        }
    }
}

/* Parses the tokens that fe_lexer.part appended, the first of which is a LPAR: one parenthesised expression (a group, a
 * tuple, a generator expression, a yield: whatever may be in parentheses), then END. */
static fe_ref parse_field_tokens(parser *p, uint32_t first_token) {
    const uint32_t outer = p->at;
    parser_look_up_tokens(p);
    p->at = first_token;
    const fe_ref node = parse_star_expressions(p);
    if (PM_UNLIKELY(parser_kind(p) != FE_T_END)) {
        COMPLAIN(p, p->at, "f-string: invalid syntax");
    }
    p->at = outer;
    return node;
}

/* The expression between a field's brace and `end`. */
static fe_ref format_parse_expression(format *f, uint32_t begin, uint32_t end) {
    fe_task *task = f->task;
    uint32_t at = begin;
    while (at < end && format_is_space(task->source[at]) && task->source[at] != '\v') {
        at++;
    }
    if (at == end) {
        const char c = (char)task->source[end];
        if (c == '!' || c == ':' || c == '=') {
            FORMAT_COMPLAIN(f, "f-string: expression required before '%c'", c);
        }
        FORMAT_COMPLAIN(f, "f-string: empty expression not allowed");
    }
    for (at = f->line_at; at < begin; at++) {
        f->line += task->source[at] == '\n';
    }
    f->line_at = begin;
    const uint32_t first_token = task->tokens.count;
    task->stages->lexer.part(task, begin, end, f->line);
    if (format_is_line_end(task->source, begin)) {
        FE_TOKEN_START(&task->tokens, first_token) = format_fallen_back(f, begin - 1);
    }
    format_set_asides(f, first_token, begin, end);
    return parse_field_tokens(f->parser, first_token);
}

static uint32_t format_parse_values(format *f, uint32_t at, unsigned depth, value_list *list);

/* The replacement field whose brace is at `at`, as a value behind the text before it; returns the place behind it. */
static uint32_t format_parse_field(format *f, uint32_t at, unsigned depth, value_list *list) {
    fe_task *task = f->task;
    const uint8_t *source = task->source;
    if (depth > FORMATS_MAX) {
        FORMAT_COMPLAIN(f, "f-string: expressions nested too deeply");
    }
    const uint32_t begin = at + 1, end = format_scan_expression(f, begin);
    if (end == f->end) {
        FORMAT_COMPLAIN(f, "f-string: expecting '}'");
    }
    at = end;
    const bool is_shown = source[at] == '=';
    if (is_shown) { /* the field's own text stands before its value */
        do {
            at++;
        } while (format_is_space(source[at]));
        fe_decode_literal(task, source, begin, at, true, false, f->place, &f->used);
    }
    format_flush(f, list, f->first, f->last, f->is_unicode);
    const fe_ref value = format_parse_expression(f, begin, end);

    int32_t conversion = is_shown ? 'r' : -1;
    bool is_converted = false;
    if (source[at] == '!' && ++at < f->end) {
        conversion = source[at++];
        is_converted = true;
        if (conversion != 's' && conversion != 'r' && conversion != 'a') {
            FORMAT_COMPLAIN(f, "f-string: invalid conversion character: expected 's', 'r', or 'a'");
        }
    }
    fe_ref spec = 0;
    if (at < f->end && source[at] == ':' && ++at < f->end) {
        value_list inner = {.room = VALUES_INLINE};
        inner.items = inner.first;
        at = format_parse_values(f, at, depth + 1, &inner);
        format_flush(f, &inner, f->token, f->token, false);
        spec = format_joined(f, &inner, f->token, f->token);
        conversion = is_converted ? conversion : -1;
    }
    if (at >= f->end || source[at] != '}') {
        FORMAT_COMPLAIN(f, "f-string: expecting '}'");
    }
    const fe_ref node = FE_NODE_NEW(task, FormattedValue, f->first, f->last);
    fe_word *fields = FE_NODE_FIELDS(task, node);
    fields[FE_FormattedValue_value] = value;
    fields[FE_FormattedValue_conversion] = (fe_word)conversion;
    fields[FE_FormattedValue_format_spec] = spec;
    values_push(f, list, node);
    return at + 1;
}

/* Literal text and fields from `at` on, to the end or to a format's closing brace. */
static uint32_t format_parse_values(format *f, uint32_t at, unsigned depth, value_list *list) {
    while ((at = format_scan_literal(f, at, depth)) < f->end && f->task->source[at] == '{') {
        at = format_parse_field(f, at, depth, list);
    }
    return at;
}

static fe_ref parse_fields(parser *p, uint32_t first, uint32_t last) {
    fe_task *task = p->task;
    format f = {.parser = p, .task = task, .first = first, .last = last, .place = strings_place_behind(task, last)};
    f.is_unicode = *FE_TOKEN_TEXT(task, first) == 'u';
    value_list list = {.room = VALUES_INLINE};
    list.items = list.first;
    for (uint32_t token = first; token <= last; token++) {
        fe_literal literal;
        const uint8_t *text = strings_open(task, token, &literal);
        if (!literal.format) {
            if (literal.bytes) {
                strings_check_ascii(task, token, text, &literal);
            }
            strings_check_alike(task, last, false, literal.bytes);
            fe_decode_literal(task, text, literal.begin, literal.end, literal.raw, false, f.place, &f.used);
            continue;
        }
        const uint32_t start = FE_TOKEN_START(&task->tokens, token);
        f.token = token;
        f.end = start + literal.end;
        f.token_line = FE_TOKEN_LINE(&task->tokens, token);
        f.line = f.first_line = fe_line_number(task, f.token_line);
        f.line_at = start;
        f.is_raw = literal.raw;
        format_parse_values(&f, start + literal.begin, 0, &list);
    }
    format_flush(&f, &list, first, last, f.is_unicode);
    return format_joined(&f, &list, first, last);
}
