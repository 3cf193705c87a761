/* parse_patterns.c: the match statement and its patterns. */
#include "parser.h"

/* `match` is a keyword where what follows cannot go on behind a name, or where a block follows its line; a line has no
 * NEWLINE within brackets. */
static bool match_is_statement(parser *p) {
    const unsigned next = parser_kind_at(p, p->at + 1);
    if (!(TRAITS[next] & BEGINS)) {
        return false;
    }
    if (!(TRAITS[next] & GOES_ON) || kind_is_string(next)) {
        return true;
    }
    uint32_t line_end = p->at + 1;
    while (parser_kind_at(p, line_end) > FE_T_NEWLINE) {
        line_end++;
    }
    return parser_kind_at(p, line_end) == FE_T_NEWLINE && parser_kind_at(p, line_end - 1) == FE_T_COLON &&
           parser_kind_at(p, line_end + 1) == FE_T_INDENT;
}

static bool number_is_imaginary(parser *p, uint32_t token) {
    const char last = FE_TOKEN_TEXT(p->task, token)[FE_TOKEN_BYTES(&p->task->tokens, token) - 1];
    return last == 'j' || last == 'J';
}

/* A number with a sign, or a complex one: real + imaginary. */
static fe_ref parse_number_expression(parser *p) {
    const uint32_t first = p->at;
    const bool is_negative = parser_accept(p, FE_T_MINUS);
    if (parser_kind(p) != FE_T_NUMBER) {
        COMPLAIN(p, p->at, "expected a number");
    }
    fe_ref node = parse_number(p, p->at++);
    if (is_negative) {
        node = NODE(p, UnaryOp, first, p->at - 1, .op = FE_USUB, .operand = node);
    }
    const unsigned sign = parser_kind(p);
    if (sign == FE_T_PLUS || sign == FE_T_MINUS) {
        if (number_is_imaginary(p, p->at - 1)) {
            COMPLAIN(p, p->at - 1, "real number required in complex literal");
        }
        p->at++;
        if (parser_kind(p) != FE_T_NUMBER || !number_is_imaginary(p, p->at)) {
            COMPLAIN(p, p->at, "imaginary number required in complex literal");
        }
        const fe_ref imaginary = parse_number(p, p->at++);
        node = NODE(p, BinOp, first, p->at - 1, .left = node, .op = sign == FE_T_PLUS ? FE_ADD : FE_SUB,
                    .right = imaginary);
    }
    return node;
}

static fe_constant pattern_singleton(unsigned kind) {
    return kind == FE_T_NONE ? FE_CONST_NONE : kind == FE_T_TRUE ? FE_CONST_TRUE : FE_CONST_FALSE;
}

/* A name and attributes of it. */
static fe_ref parse_name_or_attribute(parser *p) {
    const uint32_t first = p->at;
    const fe_name id = name_next(p);
    fe_ref node = NODE(p, Name, first, first, .id = id, .ctx = FE_LOAD);
    while (parser_accept(p, FE_T_DOT)) {
        const fe_name name = name_next(p);
        node = NODE(p, Attribute, first, p->at - 1, .value = node, .attr = name, .ctx = FE_LOAD);
    }
    return node;
}

/* A name that the pattern binds. */
static fe_name parse_capture_target(parser *p) {
    const unsigned kind = parser_kind(p);
    if (kind == FE_T_NAME_UNDERSCORE) {
        COMPLAIN(p, p->at, "cannot use '_' as a target");
    }
    const fe_name name = name_next(p);
    const unsigned next = parser_kind(p);
    if (next == FE_T_DOT || next == FE_T_LPAR || next == FE_T_EQUAL) {
        COMPLAIN(p, p->at, "invalid pattern target");
    }
    return name;
}

static fe_ref parse_star_pattern(parser *p) {
    const uint32_t first = p->at++;
    const fe_name name = parser_accept(p, FE_T_NAME_UNDERSCORE) ? 0 : parse_capture_target(p);
    return NODE(p, MatchStar, first, p->at - 1, .name = name);
}

static fe_ref parse_maybe_star_pattern(parser *p) {
    return parser_kind(p) == FE_T_STAR ? parse_star_pattern(p) : parse_pattern(p);
}

/* Pushes patterns separated by commas up to a closing token; a comma may stand before it. */
static void parse_patterns(parser *p, unsigned closer, unsigned other_closer) {
    while (parser_kind(p) != closer && parser_kind(p) != other_closer) {
        parser_push(p, parse_maybe_star_pattern(p));
        if (!parser_accept(p, FE_T_COMMA)) {
            return;
        }
    }
}

static fe_ref parse_list_pattern(parser *p) {
    const uint32_t first = p->at++, mark = p->used;
    parse_patterns(p, FE_T_RSQB, FE_T_RSQB);
    parser_expect(p, FE_T_RSQB, "',' or ']'");
    const fe_list patterns = parser_take(p, mark);
    return NODE(p, MatchSequence, first, p->at - 1, .patterns = patterns);
}

/* A pattern in parentheses is itself; a sequence has a comma or is empty. */
static fe_ref parse_group_pattern(parser *p) {
    const uint32_t first = p->at++, mark = p->used;
    parse_patterns(p, FE_T_RPAR, FE_T_RPAR);
    const bool is_sequence = p->used != mark + 1 || parser_kind_at(p, p->at - 1) == FE_T_COMMA;
    parser_expect(p, FE_T_RPAR, "',' or ')'");
    if (!is_sequence) {
        const fe_ref inner = p->stack[--p->used];
        if (parser_kind_at(p, first + 1) == FE_T_STAR) {
            COMPLAIN(p, first + 1, "a starred pattern needs a sequence around it");
        }
        return inner;
    }
    const fe_list patterns = parser_take(p, mark);
    return NODE(p, MatchSequence, first, p->at - 1, .patterns = patterns);
}

static fe_ref parse_mapping_key(parser *p) {
    const uint32_t first = p->at;
    const unsigned kind = parser_kind(p);
    if (kind == FE_T_NUMBER || kind == FE_T_MINUS) {
        return parse_number_expression(p);
    }
    if (kind_is_string(kind)) {
        return parse_strings(p);
    }
    if (kind == FE_T_NONE || kind == FE_T_TRUE || kind == FE_T_FALSE) {
        p->at++;
        return NODE(p, Constant, first, first, .value = pattern_singleton(kind));
    }
    const fe_ref node = parse_name_or_attribute(p);
    if (p->at == first + 1) {
        COMPLAIN(p, first, "a key is a literal or an attribute");
    }
    return node;
}

static fe_ref parse_mapping_pattern(parser *p) {
    const uint32_t first = p->at++, mark = p->used;
    fe_name rest = 0;
    while (parser_kind(p) != FE_T_RBRACE && rest == 0) {
        if (parser_accept(p, FE_T_DOUBLESTAR)) {
            rest = parse_capture_target(p);
        } else {
            parser_push(p, parse_mapping_key(p));
            parser_expect(p, FE_T_COLON, "':'");
            parser_push(p, parse_pattern(p));
        }
        if (!parser_accept(p, FE_T_COMMA)) {
            break;
        }
    }
    parser_expect(p, FE_T_RBRACE, "'}'");
    const fe_list keys = parser_pick(p, mark, p->used);
    const fe_list patterns = parser_pick(p, mark + 1, p->used);
    p->used = mark;
    return NODE(p, MatchMapping, first, p->at - 1, .keys = keys, .patterns = patterns, .rest = rest);
}

/* The arguments of a class pattern: positional ones, then names with patterns. */
static fe_ref parse_class_pattern(parser *p, uint32_t first, fe_ref cls) {
    const uint32_t mark = p->used;
    uint32_t keywords = UINT32_MAX;
    p->at++;
    while (parser_kind(p) != FE_T_RPAR) {
        if (kind_is_name(parser_kind(p)) && parser_kind_at(p, p->at + 1) == FE_T_EQUAL) {
            keywords = keywords < p->used ? keywords : p->used;
            parser_push(p, name_next(p));
            p->at++;
            parser_push(p, parse_pattern(p));
        } else {
            const uint32_t place = p->at;
            parser_push(p, parse_pattern(p));
            if (keywords != UINT32_MAX) {
                COMPLAIN(p, place, "positional patterns follow keyword patterns");
            }
        }
        if (!parser_accept(p, FE_T_COMMA)) {
            break;
        }
    }
    parser_expect(p, FE_T_RPAR, "',' or ')'");
    fe_list names = 0, values = 0;
    if (keywords != UINT32_MAX) {
        names = parser_pick(p, keywords, p->used);
        values = parser_pick(p, keywords + 1, p->used);
        p->used = keywords;
    }
    const fe_list patterns = parser_take(p, mark);
    return NODE(p, MatchClass, first, p->at - 1, .cls = cls, .patterns = patterns, .kwd_attrs = names,
                .kwd_patterns = values);
}

/* A name alone is bound; with attributes it is compared with, with parentheses a class. */
static fe_ref parse_name_pattern(parser *p) {
    const uint32_t first = p->at;
    const unsigned next = parser_kind_at(p, first + 1);
    if (next != FE_T_DOT && next != FE_T_LPAR) {
        const fe_name name = parse_capture_target(p);
        return NODE(p, MatchAs, first, first, .name = name);
    }
    const fe_ref node = parse_name_or_attribute(p);
    if (parser_kind(p) == FE_T_LPAR) {
        return parse_class_pattern(p, first, node);
    }
    if (parser_kind(p) == FE_T_EQUAL) {
        COMPLAIN(p, p->at, "expected ':'");
    }
    return NODE(p, MatchValue, first, p->at - 1, .value = node);
}

static fe_ref parse_closed_pattern(parser *p) {
    const uint32_t first = p->at;
    const unsigned kind = parser_kind(p);
    fe_ref value;
    switch (kind) {
    case FE_T_NUMBER:
    case FE_T_MINUS: value = parse_number_expression(p); return NODE(p, MatchValue, first, p->at - 1, .value = value);
    case FE_T_STRING_PLAIN:
    case FE_T_STRING:
    case FE_T_FSTRING:
    case FE_T_FSTRING_START:
    case FE_T_TSTRING_START: value = parse_strings(p); return NODE(p, MatchValue, first, p->at - 1, .value = value);
    case FE_T_NONE:
    case FE_T_TRUE:
    case FE_T_FALSE: p->at++; return NODE(p, MatchSingleton, first, first, .value = pattern_singleton(kind));
    case FE_T_NAME_UNDERSCORE: p->at++; return NODE(p, MatchAs, first, first, .name = 0);
    case FE_T_LPAR: return parse_group_pattern(p);
    case FE_T_LSQB: return parse_list_pattern(p);
    case FE_T_LBRACE: return parse_mapping_pattern(p);
    default:
        if (!kind_is_name(kind)) {
            COMPLAIN(p, first, "expected a pattern");
        }
        return parse_name_pattern(p);
    }
}

/* Patterns with `|` between, and `as`. */
static fe_ref parse_pattern(parser *p) {
    const uint32_t first = p->at;
    parser_enter(p);
    fe_ref node = parse_closed_pattern(p);
    if (parser_kind(p) == FE_T_VBAR) {
        const uint32_t mark = p->used;
        parser_push(p, node);
        while (parser_accept(p, FE_T_VBAR)) {
            parser_push(p, parse_closed_pattern(p));
        }
        const fe_list patterns = parser_take(p, mark);
        node = NODE(p, MatchOr, first, p->at - 1, .patterns = patterns);
    }
    if (parser_accept(p, FE_T_AS)) {
        if (!kind_is_name(parser_kind(p))) {
            COMPLAIN(p, p->at, "invalid pattern target");
        }
        const fe_name name = parse_capture_target(p);
        node = NODE(p, MatchAs, first, p->at - 1, .pattern = node, .name = name);
    }
    parser_leave(p);
    return node;
}

static fe_ref parse_case_block(parser *p) {
    const uint32_t first = p->at++, mark = p->used;
    fe_ref node = parse_maybe_star_pattern(p);
    if (parser_accept(p, FE_T_COMMA) || FE_NODE_KIND(p->task, node) == FE_KIND_MatchStar) {
        if (parser_kind_at(p, p->at - 1) != FE_T_COMMA) {
            COMPLAIN(p, p->at, "expected ','");
        }
        parser_push(p, node);
        parse_patterns(p, FE_T_COLON, FE_T_IF);
        const fe_list patterns = parser_take(p, mark);
        node = NODE(p, MatchSequence, first + 1, p->at - 1, .patterns = patterns);
    }
    const fe_ref guard = parser_accept(p, FE_T_IF) ? parse_named_expression(p) : 0;
    parser_expect(p, FE_T_COLON, "':'");
    const fe_list body = parse_block(p, "'case' statement", first);
    return NODE(p, match_case, first, p->block_last, .pattern = node, .guard = guard, .body = body);
}

static fe_ref parse_match_statement(parser *p) {
    const uint32_t first = p->at++, mark = p->used;
    fe_ref subject = parse_star_named_expression(p);
    if (parser_accept(p, FE_T_COMMA)) {
        parser_push(p, subject);
        while (parser_kind(p) != FE_T_COLON) {
            parser_push(p, parse_star_named_expression(p));
            if (!parser_accept(p, FE_T_COMMA)) {
                break;
            }
        }
        const fe_list elements = parser_take(p, mark);
        subject = NODE(p, Tuple, first + 1, p->at - 1, .elts = elements, .ctx = FE_LOAD);
    } else if (FE_NODE_KIND(p->task, subject) == FE_KIND_Starred) {
        COMPLAIN(p, p->at, "expected ','");
    }
    parser_expect(p, FE_T_COLON, "':'");
    parser_expect(p, FE_T_NEWLINE, "a line of its own for each case");
    parser_expect(p, FE_T_INDENT, "an indented block after 'match' statement");
    parser_enter(p);
    do {
        if (parser_kind(p) != FE_T_NAME_CASE) {
            COMPLAIN(p, p->at, "expected 'case'");
        }
        parser_push(p, parse_case_block(p));
    } while (!parser_accept(p, FE_T_DEDENT));
    parser_leave(p);
    const fe_list cases = parser_take(p, mark);
    return NODE(p, Match, first, p->block_last, .subject = subject, .cases = cases);
}
