/* parse_atoms.h: what operators stand between: names, literals, brackets, and what hangs on them: calls, indexes,
 * attributes. */
#ifndef FE_PARSE_ATOMS_H
#define FE_PARSE_ATOMS_H

#include "parse_targets.h"
#include "parse_traits.h"

/* CPython refuses to convert an int of more decimal digits than it is told; zeros are none to convert. */
static __attribute__((noinline, cold)) void check_digits(parser *p, uint32_t token) {
    const char *text = FE_TOKEN_TEXT(p->task, token);
    const uint32_t bytes = FE_TOKEN_BYTES(&p->task->tokens, token);
    uint32_t digits = 0;
    for (uint32_t i = 0; i < bytes; i++) {
        if (text[i] >= '0' && text[i] <= '9') {
            digits++;
        } else if (text[i] != '_') {
            return; /* no decimal integer */
        }
    }
    if (digits > p->task->int_digits && text[0] != '0') {
        COMPLAIN(p, token, "Exceeds the limit (%u digits) for integer string conversion: value has %u digits",
                 p->task->int_digits, digits);
    }
}

static inline fe_ref number(parser *p, uint32_t token) {
    const uint32_t bytes = FE_TOKEN_BYTES(&p->task->tokens, token);
    if (PM_UNLIKELY(bytes > p->task->int_digits)) {
        check_digits(p, token);
    }
#if FE_VIEWS
    const fe_blob text = 0;
#else
    const fe_blob text = fe_blob_copy(p->task, FE_TOKEN_TEXT(p->task, token), bytes);
#endif
    return NODE(p, Constant, token, token, .value = FE_CONST_NUMBER, .payload = text);
}

/* Adjacent string tokens. */
static fe_ref strings(parser *p) {
    const uint32_t first = p->at;
    do {
        p->at++;
    } while (is_string(kind_now(p)));
#if FE_VIEWS
    if (p->at == first + 1 && kind_at(p, first) == FE_T_STRING_PLAIN) {
        return NODE(p, Constant, first, first, .value = FE_CONST_STRING);
    }
#endif
    const fe_ref node = FE_VARIANT(fe_strings)(p->task, first, p->at - 1);
    look_up_tokens(p);
    return node;
}

static inline fe_ref name(parser *p) {
    const uint32_t token = p->at++;
    const fe_name id = name_at(p, token);
    return NODE(p, Name, token, token, .id = id, .ctx = FE_LOAD);
}

/* A PLAIN token that is no name, and no string follows. */
static __attribute__((noinline)) fe_ref plain_constant(parser *p, unsigned kind) {
    const uint32_t token = p->at;
    if (kind == FE_T_STRING_PLAIN) {
        return strings(p);
    }
    p->at++;
    if (kind == FE_T_NUMBER) {
        return number(p, token);
    }
    const fe_constant value = kind == FE_T_NONE    ? FE_CONST_NONE
                              : kind == FE_T_TRUE  ? FE_CONST_TRUE
                              : kind == FE_T_FALSE ? FE_CONST_FALSE
                                                   : FE_CONST_ELLIPSIS;
    return NODE(p, Constant, token, token, .value = value);
}

static inline bool is_for_clause(parser *p) {
    const unsigned kind = kind_now(p);
    return kind == FE_T_FOR || (kind == FE_T_ASYNC && kind_at(p, p->at + 1) == FE_T_FOR);
}

/* The clauses of a comprehension, of which there is one at least, behind its element. */
static fe_list for_clauses(parser *p, fe_ref element) {
    if (FE_NODE_KIND(p->task, element) == FE_KIND_Starred) {
        COMPLAIN(p, FE_NODE_FIRST(p->task, element), "iterable unpacking cannot be used in comprehension");
    }
    const uint32_t mark = p->used;
    while (is_for_clause(p)) {
        const uint32_t first = p->at;
        const bool is_async = accept(p, FE_T_ASYNC);
        p->at++;
        const fe_ref target = for_targets(p);
        expect(p, FE_T_IN, "'in'");
        const fe_ref iter = binary(p, BINDS_OR);
        const uint32_t ifs = p->used;
        while (accept(p, FE_T_IF)) {
            push(p, binary(p, BINDS_OR));
        }
        const fe_list tests = take(p, ifs);
        push(p, NODE(p, comprehension, first, p->at - 1, .target = target, .iter = iter, .ifs = tests,
                     .is_async = is_async));
    }
    return take(p, mark);
}

static inline fe_ref starred(parser *p, unsigned lowest) {
    const uint32_t first = p->at++;
    const fe_ref value = lowest ? binary(p, lowest) : expression(p);
    return NODE(p, Starred, first, p->at - 1, .value = value, .ctx = FE_LOAD);
}

static inline fe_ref star_named_expression(parser *p) {
    return kind_now(p) == FE_T_STAR ? starred(p, BINDS_BITOR) : named_expression(p);
}

/* Pushes elements separated by commas, up to the closing bracket; a comma may stand before it. */
static inline void push_elements(parser *p, unsigned closer) {
    while (kind_now(p) != closer) {
        push(p, star_named_expression(p));
        if (!accept(p, FE_T_COMMA)) {
            if (PM_UNLIKELY(is_for_clause(p))) {
                COMPLAIN(p, p->at, "did you forget parentheses around the comprehension target?");
            }
            return;
        }
    }
}

static fe_ref parenthesised(parser *p) {
    const uint32_t first = p->at++;
    if (accept(p, FE_T_RPAR)) {
        return NODE(p, Tuple, first, first + 1, .ctx = FE_LOAD);
    }
    enter(p);
    fe_ref node;
    if (kind_now(p) == FE_T_YIELD) {
        node = yield_or_stars(p);
    } else {
        node = star_named_expression(p);
        if (is_for_clause(p)) {
            const fe_list clauses = for_clauses(p, node);
            node = NODE(p, GeneratorExp, first, p->at, .elt = node, .generators = clauses);
        } else if (accept(p, FE_T_COMMA)) {
            const uint32_t mark = p->used;
            push(p, node);
            push_elements(p, FE_T_RPAR);
            node = NODE(p, Tuple, first, p->at, .elts = take(p, mark), .ctx = FE_LOAD);
        } else if (PM_UNLIKELY(FE_NODE_KIND(p->task, node) == FE_KIND_Starred)) {
            COMPLAIN(p, first + 1, "cannot use starred expression here");
        }
    }
    close_bracket(p, FE_T_RPAR, "',' or ')'");
    leave(p);
    return node;
}

static fe_ref list_or_comprehension(parser *p) {
    const uint32_t first = p->at++;
    if (accept(p, FE_T_RSQB)) {
        return NODE(p, List, first, first + 1, .ctx = FE_LOAD);
    }
    enter(p);
    fe_ref node = star_named_expression(p);
    if (is_for_clause(p)) {
        const fe_list clauses = for_clauses(p, node);
        node = NODE(p, ListComp, first, p->at, .elt = node, .generators = clauses);
    } else {
        const uint32_t mark = p->used;
        push(p, node);
        if (accept(p, FE_T_COMMA)) {
            push_elements(p, FE_T_RSQB);
        }
        node = NODE(p, List, first, p->at, .elts = take(p, mark), .ctx = FE_LOAD);
    }
    close_bracket(p, FE_T_RSQB, "',' or ']'");
    leave(p);
    return node;
}

static fe_ref dict_value(parser *p) {
    expect(p, FE_T_COLON, "':' after dictionary key");
    if (kind_now(p) == FE_T_STAR) {
        COMPLAIN(p, p->at, "cannot use a starred expression in a dictionary value");
    }
    return expression(p);
}

/* The pairs behind the first; key and value are on the stack from `mark` on. */
static fe_ref dict(parser *p, uint32_t first, uint32_t mark) {
    while (accept(p, FE_T_COMMA) && kind_now(p) != FE_T_RBRACE) {
        if (accept(p, FE_T_DOUBLESTAR)) {
            push(p, 0);
            push(p, binary(p, BINDS_BITOR));
        } else {
            push(p, expression(p));
            push(p, dict_value(p));
        }
    }
    const fe_list keys = pick(p, mark, p->used);
    const fe_list values = pick(p, mark + 1, p->used);
    p->used = mark;
    return NODE(p, Dict, first, p->at, .keys = keys, .values = values);
}

static fe_ref dict_or_set(parser *p) {
    const uint32_t first = p->at++;
    if (accept(p, FE_T_RBRACE)) {
        return NODE(p, Dict, first, first + 1);
    }
    enter(p);
    const uint32_t mark = p->used;
    fe_ref node;
    if (accept(p, FE_T_DOUBLESTAR)) {
        push(p, 0);
        push(p, binary(p, BINDS_BITOR));
        if (is_for_clause(p)) {
            COMPLAIN(p, first + 1, "dict unpacking cannot be used in dict comprehension");
        }
        node = dict(p, first, mark);
    } else {
        node = star_named_expression(p);
        if (kind_now(p) == FE_T_COLON && FE_NODE_KIND(p->task, node) != FE_KIND_Starred &&
            (FE_NODE_KIND(p->task, node) != FE_KIND_NamedExpr || kind_at(p, first + 1) == FE_T_LPAR)) {
            const fe_ref value = dict_value(p);
            if (is_for_clause(p)) {
                const fe_list clauses = for_clauses(p, value);
                node = NODE(p, DictComp, first, p->at, .key = node, .value = value, .generators = clauses);
            } else {
                push(p, node);
                push(p, value);
                node = dict(p, first, mark);
            }
        } else if (is_for_clause(p)) {
            const fe_list clauses = for_clauses(p, node);
            node = NODE(p, SetComp, first, p->at, .elt = node, .generators = clauses);
        } else {
            push(p, node);
            if (accept(p, FE_T_COMMA)) {
                push_elements(p, FE_T_RBRACE);
            }
            node = NODE(p, Set, first, p->at, .elts = take(p, mark));
        }
    }
    close_bracket(p, FE_T_RBRACE, "',' or '}'");
    leave(p);
    return node;
}

static fe_ref atom(parser *p) {
    const unsigned kind = kind_now(p);
    if (is_name(kind)) {
        return name(p);
    }
    switch (kind) {
    case FE_T_STRING_PLAIN:
    case FE_T_STRING:
    case FE_T_FSTRING: return strings(p);
    case FE_T_LPAR: return parenthesised(p);
    case FE_T_LSQB: return list_or_comprehension(p);
    case FE_T_LBRACE: return dict_or_set(p);
    case FE_T_NUMBER:
    case FE_T_NONE:
    case FE_T_TRUE:
    case FE_T_FALSE:
    case FE_T_ELLIPSIS: return plain_constant(p, kind);
    default: COMPLAIN(p, p->at, "expected an expression");
    }
}

#endif
