/* parse_atoms.c: what operators stand between: names, literals, brackets, and what hangs on them: calls, indexes,
 * attributes. */
#include "parser.h"

/* CPython refuses to convert an int of more decimal digits than it is told; zeros are none to convert. */
static __attribute__((noinline, cold)) void number_check_digits(parser *p, uint32_t token) {
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

static inline fe_ref parse_number(parser *p, uint32_t token) {
    const uint32_t bytes = FE_TOKEN_BYTES(&p->task->tokens, token);
    if (PM_UNLIKELY(bytes > p->task->int_digits)) {
        number_check_digits(p, token);
    }
#if FE_VIEWS
    const fe_blob text = 0;
#else
    const fe_blob text = fe_blob_copy(p->task, FE_TOKEN_TEXT(p->task, token), bytes);
#endif
    return NODE(p, Constant, token, token, .value = FE_CONST_NUMBER, .payload = text);
}

static inline fe_ref parse_name(parser *p) {
    const uint32_t token = p->at++;
    const fe_name id = name_at(p, token);
    return NODE(p, Name, token, token, .id = id, .ctx = FE_LOAD);
}

/* A PLAIN token that is no name, and no string follows. */
static __attribute__((noinline)) fe_ref parse_plain_constant(parser *p, unsigned kind) {
    const uint32_t token = p->at;
    if (kind == FE_T_STRING_PLAIN) {
        return parse_strings(p);
    }
    p->at++;
    if (kind == FE_T_NUMBER) {
        return parse_number(p, token);
    }
    const fe_constant value = kind == FE_T_NONE    ? FE_CONST_NONE
                              : kind == FE_T_TRUE  ? FE_CONST_TRUE
                              : kind == FE_T_FALSE ? FE_CONST_FALSE
                                                   : FE_CONST_ELLIPSIS;
    return NODE(p, Constant, token, token, .value = value);
}

static inline bool starts_for_clause(parser *p) {
    const unsigned kind = parser_kind(p);
    return kind == FE_T_FOR || (kind == FE_T_ASYNC && parser_kind_at(p, p->at + 1) == FE_T_FOR);
}

/* The clauses of a comprehension, of which there is one at least, behind its element. */
static fe_list parse_for_clauses(parser *p, fe_ref element) {
    if (FE_NODE_KIND(p->task, element) == FE_KIND_Starred) {
        COMPLAIN(p, FE_NODE_FIRST(p->task, element), "iterable unpacking cannot be used in comprehension");
    }
    const uint32_t mark = p->used;
    while (starts_for_clause(p)) {
        const uint32_t first = p->at;
        const bool is_async = parser_accept(p, FE_T_ASYNC);
        p->at++;
        const fe_ref target = parse_for_targets(p);
        parser_expect(p, FE_T_IN, "'in'");
        const fe_ref iter = parse_binary(p, BINDS_OR);
        const uint32_t ifs = p->used;
        while (parser_accept(p, FE_T_IF)) {
            parser_push(p, parse_binary(p, BINDS_OR));
        }
        const fe_list tests = parser_take(p, ifs);
        parser_push(p, NODE(p, comprehension, first, p->at - 1, .target = target, .iter = iter, .ifs = tests,
                            .is_async = is_async));
    }
    p->clause_end = p->at;
    return parser_take(p, mark);
}

static inline fe_ref parse_starred(parser *p, unsigned lowest) {
    const uint32_t first = p->at++;
    const fe_ref value = lowest ? parse_binary(p, lowest) : parse_expression(p);
    return NODE(p, Starred, first, p->at - 1, .value = value, .ctx = FE_LOAD);
}

static inline fe_ref parse_star_named_expression(parser *p) {
    return parser_kind(p) == FE_T_STAR ? parse_starred(p, BINDS_BITOR) : parse_named_expression(p);
}

/* Pushes elements separated by commas, up to the closing bracket; a comma may stand before it. */
static inline void parse_elements(parser *p, unsigned closer) {
    while (parser_kind(p) != closer) {
        parser_push(p, parse_star_named_expression(p));
        if (!parser_accept(p, FE_T_COMMA)) {
            if (PM_UNLIKELY(starts_for_clause(p))) {
                COMPLAIN(p, p->at, "did you forget parentheses around the comprehension target?");
            }
            return;
        }
    }
}

static fe_ref parse_parenthesised(parser *p) {
    const uint32_t first = p->at++;
    if (parser_accept(p, FE_T_RPAR)) {
        return NODE(p, Tuple, first, first + 1, .ctx = FE_LOAD);
    }
    parser_enter(p);
    fe_ref node;
    if (parser_kind(p) == FE_T_YIELD) {
        node = parse_yield_or_stars(p);
    } else {
        node = parse_star_named_expression(p);
        if (starts_for_clause(p)) {
            const fe_list clauses = parse_for_clauses(p, node);
            node = NODE(p, GeneratorExp, first, p->at, .elt = node, .generators = clauses);
        } else if (parser_accept(p, FE_T_COMMA)) {
            const uint32_t mark = p->used;
            parser_push(p, node);
            parse_elements(p, FE_T_RPAR);
            node = NODE(p, Tuple, first, p->at, .elts = parser_take(p, mark), .ctx = FE_LOAD);
        } else if (PM_UNLIKELY(FE_NODE_KIND(p->task, node) == FE_KIND_Starred)) {
            COMPLAIN(p, first + 1, "cannot use starred expression here");
        }
    }
    parser_close(p, FE_T_RPAR, "',' or ')'");
    parser_leave(p);
    return node;
}

static fe_ref parse_list_or_comprehension(parser *p) {
    const uint32_t first = p->at++;
    if (parser_accept(p, FE_T_RSQB)) {
        return NODE(p, List, first, first + 1, .ctx = FE_LOAD);
    }
    parser_enter(p);
    fe_ref node = parse_star_named_expression(p);
    if (starts_for_clause(p)) {
        const fe_list clauses = parse_for_clauses(p, node);
        node = NODE(p, ListComp, first, p->at, .elt = node, .generators = clauses);
    } else {
        const uint32_t mark = p->used;
        parser_push(p, node);
        if (parser_accept(p, FE_T_COMMA)) {
            parse_elements(p, FE_T_RSQB);
        }
        node = NODE(p, List, first, p->at, .elts = parser_take(p, mark), .ctx = FE_LOAD);
    }
    parser_close(p, FE_T_RSQB, "',' or ']'");
    parser_leave(p);
    return node;
}

static fe_ref parse_dict_value(parser *p) {
    parser_expect(p, FE_T_COLON, "':' after dictionary key");
    if (parser_kind(p) == FE_T_STAR) {
        COMPLAIN(p, p->at, "cannot use a starred expression in a dictionary value");
    }
    return parse_expression(p);
}

/* The pairs behind the first; key and value are on the stack from `mark` on. */
static fe_ref parse_dict(parser *p, uint32_t first, uint32_t mark) {
    while (parser_accept(p, FE_T_COMMA) && parser_kind(p) != FE_T_RBRACE) {
        if (parser_accept(p, FE_T_DOUBLESTAR)) {
            parser_push(p, 0);
            parser_push(p, parse_binary(p, BINDS_BITOR));
        } else {
            parser_push(p, parse_expression(p));
            parser_push(p, parse_dict_value(p));
        }
    }
    const fe_list keys = parser_pick(p, mark, p->used);
    const fe_list values = parser_pick(p, mark + 1, p->used);
    p->used = mark;
    return NODE(p, Dict, first, p->at, .keys = keys, .values = values);
}

static fe_ref parse_dict_or_set(parser *p) {
    const uint32_t first = p->at++;
    if (parser_accept(p, FE_T_RBRACE)) {
        return NODE(p, Dict, first, first + 1);
    }
    parser_enter(p);
    const uint32_t mark = p->used;
    fe_ref node;
    if (parser_accept(p, FE_T_DOUBLESTAR)) {
        parser_push(p, 0);
        parser_push(p, parse_binary(p, BINDS_BITOR));
        if (starts_for_clause(p)) {
            COMPLAIN(p, first + 1, "dict unpacking cannot be used in dict comprehension");
        }
        node = parse_dict(p, first, mark);
    } else {
        node = parse_star_named_expression(p);
        if (parser_kind(p) == FE_T_COLON && FE_NODE_KIND(p->task, node) != FE_KIND_Starred &&
            (FE_NODE_KIND(p->task, node) != FE_KIND_NamedExpr || parser_kind_at(p, first + 1) == FE_T_LPAR)) {
            const fe_ref value = parse_dict_value(p);
            if (starts_for_clause(p)) {
                const fe_list clauses = parse_for_clauses(p, value);
                node = NODE(p, DictComp, first, p->at, .key = node, .value = value, .generators = clauses);
            } else {
                parser_push(p, node);
                parser_push(p, value);
                node = parse_dict(p, first, mark);
            }
        } else if (starts_for_clause(p)) {
            const fe_list clauses = parse_for_clauses(p, node);
            node = NODE(p, SetComp, first, p->at, .elt = node, .generators = clauses);
        } else {
            parser_push(p, node);
            if (parser_accept(p, FE_T_COMMA)) {
                parse_elements(p, FE_T_RBRACE);
            }
            node = NODE(p, Set, first, p->at, .elts = parser_take(p, mark));
        }
    }
    parser_close(p, FE_T_RBRACE, "',' or '}'");
    parser_leave(p);
    return node;
}

static fe_ref parse_atom(parser *p) {
    const unsigned kind = parser_kind(p);
    if (kind_is_name(kind)) {
        return parse_name(p);
    }
    switch (kind) {
    case FE_T_STRING_PLAIN:
    case FE_T_STRING:
    case FE_T_FSTRING:
    case FE_T_FSTRING_START:
    case FE_T_TSTRING_START: return parse_strings(p);
    case FE_T_LPAR: return parse_parenthesised(p);
    case FE_T_LSQB: return parse_list_or_comprehension(p);
    case FE_T_LBRACE: return parse_dict_or_set(p);
    case FE_T_NUMBER:
    case FE_T_NONE:
    case FE_T_TRUE:
    case FE_T_FALSE:
    case FE_T_ELLIPSIS: return parse_plain_constant(p, kind);
    default: COMPLAIN(p, p->at, "expected an expression");
    }
}
