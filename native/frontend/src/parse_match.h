/* parse_match.h: the match statement and its patterns. */
#ifndef FE_PARSE_MATCH_H
#define FE_PARSE_MATCH_H

#include "parse_simple.h"

static fe_ref pattern(parser *p);
static fe_list block(parser *p, const char *what, uint32_t header);

/* `match` is a keyword where what follows cannot go on behind a name, or where a block follows its line; a line has no
 * NEWLINE within brackets. */
static bool is_match_statement(parser *p) {
    const unsigned next = kind_at(p, p->at + 1);
    if (!(TRAITS[next] & BEGINS)) {
        return false;
    }
    if (!(TRAITS[next] & GOES_ON) || is_string(next)) {
        return true;
    }
    uint32_t line_end = p->at + 1;
    while (kind_at(p, line_end) > FE_T_NEWLINE) {
        line_end++;
    }
    return kind_at(p, line_end) == FE_T_NEWLINE && kind_at(p, line_end - 1) == FE_T_COLON &&
           kind_at(p, line_end + 1) == FE_T_INDENT;
}

static bool is_imaginary(parser *p, uint32_t token) {
    const char last = FE_TOKEN_TEXT(p->task, token)[FE_TOKEN_BYTES(&p->task->tokens, token) - 1];
    return last == 'j' || last == 'J';
}

/* A number with a sign, or a complex one: real + imaginary. */
static fe_ref number_expression(parser *p) {
    const uint32_t first = p->at;
    const bool is_negative = accept(p, FE_T_MINUS);
    if (kind_now(p) != FE_T_NUMBER) {
        COMPLAIN(p, p->at, "expected a number");
    }
    fe_ref node = number(p, p->at++);
    if (is_negative) {
        node = NODE(p, UnaryOp, first, p->at - 1, .op = FE_USUB, .operand = node);
    }
    const unsigned sign = kind_now(p);
    if (sign == FE_T_PLUS || sign == FE_T_MINUS) {
        if (is_imaginary(p, p->at - 1)) {
            COMPLAIN(p, p->at - 1, "real number required in complex literal");
        }
        p->at++;
        if (kind_now(p) != FE_T_NUMBER || !is_imaginary(p, p->at)) {
            COMPLAIN(p, p->at, "imaginary number required in complex literal");
        }
        const fe_ref imaginary = number(p, p->at++);
        node = NODE(p, BinOp, first, p->at - 1, .left = node, .op = sign == FE_T_PLUS ? FE_ADD : FE_SUB,
                    .right = imaginary);
    }
    return node;
}

static fe_constant singleton(unsigned kind) {
    return kind == FE_T_NONE ? FE_CONST_NONE : kind == FE_T_TRUE ? FE_CONST_TRUE : FE_CONST_FALSE;
}

/* A name and attributes of it. */
static fe_ref name_or_attribute(parser *p) {
    const uint32_t first = p->at;
    const fe_name id = name_next(p);
    fe_ref node = NODE(p, Name, first, first, .id = id, .ctx = FE_LOAD);
    while (accept(p, FE_T_DOT)) {
        const fe_name name = name_next(p);
        node = NODE(p, Attribute, first, p->at - 1, .value = node, .attr = name, .ctx = FE_LOAD);
    }
    return node;
}

/* A name that the pattern binds. */
static fe_name capture_target(parser *p) {
    const unsigned kind = kind_now(p);
    if (kind == FE_T_NAME_UNDERSCORE) {
        COMPLAIN(p, p->at, "cannot use '_' as a target");
    }
    const fe_name name = name_next(p);
    const unsigned next = kind_now(p);
    if (next == FE_T_DOT || next == FE_T_LPAR || next == FE_T_EQUAL) {
        COMPLAIN(p, p->at, "invalid pattern target");
    }
    return name;
}

static fe_ref star_pattern(parser *p) {
    const uint32_t first = p->at++;
    const fe_name name = accept(p, FE_T_NAME_UNDERSCORE) ? 0 : capture_target(p);
    return NODE(p, MatchStar, first, p->at - 1, .name = name);
}

static fe_ref maybe_star_pattern(parser *p) {
    return kind_now(p) == FE_T_STAR ? star_pattern(p) : pattern(p);
}

/* Pushes patterns separated by commas up to a closing token; a comma may stand before it. */
static void push_patterns(parser *p, unsigned closer, unsigned other_closer) {
    while (kind_now(p) != closer && kind_now(p) != other_closer) {
        push(p, maybe_star_pattern(p));
        if (!accept(p, FE_T_COMMA)) {
            return;
        }
    }
}

static fe_ref list_pattern(parser *p) {
    const uint32_t first = p->at++, mark = p->used;
    push_patterns(p, FE_T_RSQB, FE_T_RSQB);
    expect(p, FE_T_RSQB, "',' or ']'");
    const fe_list patterns = take(p, mark);
    return NODE(p, MatchSequence, first, p->at - 1, .patterns = patterns);
}

/* A pattern in parentheses is itself; a sequence has a comma or is empty. */
static fe_ref group_pattern(parser *p) {
    const uint32_t first = p->at++, mark = p->used;
    push_patterns(p, FE_T_RPAR, FE_T_RPAR);
    const bool is_sequence = p->used != mark + 1 || kind_at(p, p->at - 1) == FE_T_COMMA;
    expect(p, FE_T_RPAR, "',' or ')'");
    if (!is_sequence) {
        const fe_ref inner = p->stack[--p->used];
        if (kind_at(p, first + 1) == FE_T_STAR) {
            COMPLAIN(p, first + 1, "a starred pattern needs a sequence around it");
        }
        return inner;
    }
    const fe_list patterns = take(p, mark);
    return NODE(p, MatchSequence, first, p->at - 1, .patterns = patterns);
}

static fe_ref mapping_key(parser *p) {
    const uint32_t first = p->at;
    const unsigned kind = kind_now(p);
    if (kind == FE_T_NUMBER || kind == FE_T_MINUS) {
        return number_expression(p);
    }
    if (is_string(kind)) {
        return strings(p);
    }
    if (kind == FE_T_NONE || kind == FE_T_TRUE || kind == FE_T_FALSE) {
        p->at++;
        return NODE(p, Constant, first, first, .value = singleton(kind));
    }
    const fe_ref node = name_or_attribute(p);
    if (p->at == first + 1) {
        COMPLAIN(p, first, "a key is a literal or an attribute");
    }
    return node;
}

static fe_ref mapping_pattern(parser *p) {
    const uint32_t first = p->at++, mark = p->used;
    fe_name rest = 0;
    while (kind_now(p) != FE_T_RBRACE && rest == 0) {
        if (accept(p, FE_T_DOUBLESTAR)) {
            rest = capture_target(p);
        } else {
            push(p, mapping_key(p));
            expect(p, FE_T_COLON, "':'");
            push(p, pattern(p));
        }
        if (!accept(p, FE_T_COMMA)) {
            break;
        }
    }
    expect(p, FE_T_RBRACE, "'}'");
    const fe_list keys = pick(p, mark, p->used);
    const fe_list patterns = pick(p, mark + 1, p->used);
    p->used = mark;
    return NODE(p, MatchMapping, first, p->at - 1, .keys = keys, .patterns = patterns, .rest = rest);
}

/* The arguments of a class pattern: positional ones, then names with patterns. */
static fe_ref class_pattern(parser *p, uint32_t first, fe_ref cls) {
    const uint32_t mark = p->used;
    uint32_t keywords = UINT32_MAX;
    p->at++;
    while (kind_now(p) != FE_T_RPAR) {
        if (is_name(kind_now(p)) && kind_at(p, p->at + 1) == FE_T_EQUAL) {
            keywords = keywords < p->used ? keywords : p->used;
            push(p, name_next(p));
            p->at++;
            push(p, pattern(p));
        } else {
            const uint32_t place = p->at;
            push(p, pattern(p));
            if (keywords != UINT32_MAX) {
                COMPLAIN(p, place, "positional patterns follow keyword patterns");
            }
        }
        if (!accept(p, FE_T_COMMA)) {
            break;
        }
    }
    expect(p, FE_T_RPAR, "',' or ')'");
    fe_list names = 0, values = 0;
    if (keywords != UINT32_MAX) {
        names = pick(p, keywords, p->used);
        values = pick(p, keywords + 1, p->used);
        p->used = keywords;
    }
    const fe_list patterns = take(p, mark);
    return NODE(p, MatchClass, first, p->at - 1, .cls = cls, .patterns = patterns, .kwd_attrs = names,
                .kwd_patterns = values);
}

/* A name alone is bound; with attributes it is compared with, with parentheses a class. */
static fe_ref name_pattern(parser *p) {
    const uint32_t first = p->at;
    const unsigned next = kind_at(p, first + 1);
    if (next != FE_T_DOT && next != FE_T_LPAR) {
        const fe_name name = capture_target(p);
        return NODE(p, MatchAs, first, first, .name = name);
    }
    const fe_ref node = name_or_attribute(p);
    if (kind_now(p) == FE_T_LPAR) {
        return class_pattern(p, first, node);
    }
    if (kind_now(p) == FE_T_EQUAL) {
        COMPLAIN(p, p->at, "expected ':'");
    }
    return NODE(p, MatchValue, first, p->at - 1, .value = node);
}

static fe_ref closed_pattern(parser *p) {
    const uint32_t first = p->at;
    const unsigned kind = kind_now(p);
    fe_ref value;
    switch (kind) {
    case FE_T_NUMBER:
    case FE_T_MINUS: value = number_expression(p); return NODE(p, MatchValue, first, p->at - 1, .value = value);
    case FE_T_STRING_PLAIN:
    case FE_T_STRING:
    case FE_T_FSTRING: value = strings(p); return NODE(p, MatchValue, first, p->at - 1, .value = value);
    case FE_T_NONE:
    case FE_T_TRUE:
    case FE_T_FALSE: p->at++; return NODE(p, MatchSingleton, first, first, .value = singleton(kind));
    case FE_T_NAME_UNDERSCORE: p->at++; return NODE(p, MatchAs, first, first, .name = 0);
    case FE_T_LPAR: return group_pattern(p);
    case FE_T_LSQB: return list_pattern(p);
    case FE_T_LBRACE: return mapping_pattern(p);
    default:
        if (!is_name(kind)) {
            COMPLAIN(p, first, "expected a pattern");
        }
        return name_pattern(p);
    }
}

/* Patterns with `|` between, and `as`. */
static fe_ref pattern(parser *p) {
    const uint32_t first = p->at;
    enter(p);
    fe_ref node = closed_pattern(p);
    if (kind_now(p) == FE_T_VBAR) {
        const uint32_t mark = p->used;
        push(p, node);
        while (accept(p, FE_T_VBAR)) {
            push(p, closed_pattern(p));
        }
        const fe_list patterns = take(p, mark);
        node = NODE(p, MatchOr, first, p->at - 1, .patterns = patterns);
    }
    if (accept(p, FE_T_AS)) {
        if (!is_name(kind_now(p))) {
            COMPLAIN(p, p->at, "invalid pattern target");
        }
        const fe_name name = capture_target(p);
        node = NODE(p, MatchAs, first, p->at - 1, .pattern = node, .name = name);
    }
    leave(p);
    return node;
}

static fe_ref case_block(parser *p) {
    const uint32_t first = p->at++, mark = p->used;
    fe_ref node = maybe_star_pattern(p);
    if (accept(p, FE_T_COMMA) || FE_NODE_KIND(p->task, node) == FE_KIND_MatchStar) {
        if (kind_at(p, p->at - 1) != FE_T_COMMA) {
            COMPLAIN(p, p->at, "expected ','");
        }
        push(p, node);
        push_patterns(p, FE_T_COLON, FE_T_IF);
        const fe_list patterns = take(p, mark);
        node = NODE(p, MatchSequence, first + 1, p->at - 1, .patterns = patterns);
    }
    const fe_ref guard = accept(p, FE_T_IF) ? named_expression(p) : 0;
    expect(p, FE_T_COLON, "':'");
    const fe_list body = block(p, "'case' statement", first);
    return NODE(p, match_case, first, p->block_last, .pattern = node, .guard = guard, .body = body);
}

static fe_ref match_statement(parser *p) {
    const uint32_t first = p->at++, mark = p->used;
    fe_ref subject = star_named_expression(p);
    if (accept(p, FE_T_COMMA)) {
        push(p, subject);
        while (kind_now(p) != FE_T_COLON) {
            push(p, star_named_expression(p));
            if (!accept(p, FE_T_COMMA)) {
                break;
            }
        }
        const fe_list elements = take(p, mark);
        subject = NODE(p, Tuple, first + 1, p->at - 1, .elts = elements, .ctx = FE_LOAD);
    } else if (FE_NODE_KIND(p->task, subject) == FE_KIND_Starred) {
        COMPLAIN(p, p->at, "expected ','");
    }
    expect(p, FE_T_COLON, "':'");
    expect(p, FE_T_NEWLINE, "a line of its own for each case");
    expect(p, FE_T_INDENT, "an indented block after 'match' statement");
    enter(p);
    do {
        if (kind_now(p) != FE_T_NAME_CASE) {
            COMPLAIN(p, p->at, "expected 'case'");
        }
        push(p, case_block(p));
    } while (!accept(p, FE_T_DEDENT));
    leave(p);
    const fe_list cases = take(p, mark);
    return NODE(p, Match, first, p->block_last, .subject = subject, .cases = cases);
}

#endif
