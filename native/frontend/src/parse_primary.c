/* parse_primary.c: what hangs on an atom: attributes, calls, subscripts. */
#include "parser.h"

/* An argument is no target; what its `=` stands behind has been read from `first` on. */
static _Noreturn __attribute__((noinline, cold)) void argument_refuse(parser *p, uint32_t first) {
    const unsigned kind = parser_kind_at(p, first);
    if (p->at == first + 1 && (kind == FE_T_TRUE || kind == FE_T_FALSE || kind == FE_T_NONE)) {
        COMPLAIN(p, first, "cannot assign to %s", kind == FE_T_TRUE ? "True" : kind == FE_T_FALSE ? "False" : "None");
    }
    COMPLAIN(p, first, "expression cannot contain assignment, perhaps you meant \"==\"?");
}

/* Moves starred arguments among the keywords from `from` on before them, the order kept otherwise; returns where the
 * keywords then begin. */
static __attribute__((noinline)) uint32_t argument_part_keywords(parser *p, uint32_t from) {
    const uint32_t end = p->used;
    uint32_t keywords = from;
    for (uint32_t pass = 0; pass < 2; pass++) { /* above the stack, and back */
        for (uint32_t i = from; i < end; i++) {
            const bool is_keyword = FE_NODE_KIND(p->task, p->stack[i]) == FE_KIND_keyword;
            if (is_keyword == (pass == 1)) {
                parser_push(p, p->stack[i]);
                keywords += !is_keyword;
            }
        }
    }
    memcpy(p->stack + from, p->stack + end, (end - from) * sizeof *p->stack);
    p->used = end;
    return keywords;
}

/* Arguments behind the parenthesis `open` up to the closing one, which p->at is passed. A call's may be one generator,
 * whose parentheses they then are. */
static arguments parse_call_arguments(parser *p, uint32_t open, bool is_call) {
    const uint32_t mark = p->used;
    uint32_t keywords = UINT32_MAX; /* where on the stack the first one is */
    bool mixed = false, unpacked = false, misplaced = false;
    parser_enter(p);
    while (parser_kind(p) != FE_T_RPAR) {
        const uint32_t first = p->at;
        const unsigned kind = parser_kind(p);
        if (kind_is_name(kind) && parser_kind_at(p, first + 1) == FE_T_EQUAL) {
            keywords = keywords < p->used ? keywords : p->used;
            const fe_name name = name_at(p, first);
            p->at += 2;
            const fe_ref value = parse_expression(p);
            parser_push(p, NODE(p, keyword, first, p->at - 1, .arg = name, .value = value));
        } else if (kind == FE_T_DOUBLESTAR) {
            keywords = keywords < p->used ? keywords : p->used;
            unpacked = true;
            p->at++;
            const fe_ref value = parse_expression(p);
            parser_push(p, NODE(p, keyword, first, p->at - 1, .value = value));
        } else if (kind == FE_T_STAR) {
            if (PM_UNLIKELY(unpacked)) {
                COMPLAIN(p, first, "iterable argument unpacking follows keyword argument unpacking");
            }
            mixed = mixed || keywords != UINT32_MAX;
            parser_push(p, parse_starred(p, 0));
        } else {
            const fe_ref value = parse_named_expression(p);
            if (PM_UNLIKELY(parser_kind(p) == FE_T_EQUAL)) {
                argument_refuse(p, first);
            }
            if (PM_UNLIKELY(starts_for_clause(p))) {
                const fe_list clauses = parse_for_clauses(p, value);
                if (!is_call || p->used != mark || parser_kind(p) == FE_T_COMMA) {
                    COMPLAIN(p, first, "Generator expression must be parenthesized");
                }
                parser_push(p, NODE(p, GeneratorExp, open, p->at, .elt = value, .generators = clauses));
                break;
            }
            misplaced = misplaced || keywords != UINT32_MAX;
            parser_push(p, value);
        }
        if (!parser_accept(p, FE_T_COMMA)) {
            break;
        }
    }
    if (PM_UNLIKELY(misplaced)) {
        parse_comma_complaint(p);
        COMPLAIN(p, p->at, "positional argument follows keyword argument%s", unpacked ? " unpacking" : "");
    }
    parser_close(p, FE_T_RPAR, "',' or ')'");
    parser_leave(p);
    arguments found = {0, 0};
    if (keywords != UINT32_MAX) {
        keywords = PM_UNLIKELY(mixed) ? argument_part_keywords(p, keywords) : keywords;
        found.keywords = parser_take(p, keywords);
    }
    found.positional = parser_take(p, mark);
    return found;
}

static inline fe_ref parse_call(parser *p, uint32_t first, fe_ref func) {
    const uint32_t open = p->at++;
    if (parser_accept(p, FE_T_RPAR)) {
        return NODE(p, Call, first, p->at - 1, .func = func);
    }
    const arguments found = parse_call_arguments(p, open, true);
    return NODE(p, Call, first, p->at - 1, .func = func, .args = found.positional, .keywords = found.keywords);
}

/* One index, or lower:upper:step. */
static fe_ref parse_slice(parser *p) {
    const uint32_t first = p->at;
    fe_ref lower = 0, upper = 0, step = 0;
    if (parser_kind(p) != FE_T_COLON) {
        lower = parse_named_expression(p);
        if (parser_kind(p) != FE_T_COLON || parser_kind_at(p, first + 1) == FE_T_COLONEQUAL) {
            return lower;
        }
    }
    p->at++;
    if (TRAITS[parser_kind(p)] & BEGINS) {
        upper = parse_expression(p);
    }
    if (parser_accept(p, FE_T_COLON) && TRAITS[parser_kind(p)] & BEGINS) {
        step = parse_expression(p);
    }
    return NODE(p, Slice, first, p->at - 1, .lower = lower, .upper = upper, .step = step);
}

static inline fe_ref parse_subscript(parser *p, uint32_t first, fe_ref value) {
    const uint32_t begin = ++p->at;
    parser_enter(p);
    bool is_starred = parser_kind(p) == FE_T_STAR;
    fe_ref index = is_starred ? parse_starred(p, 0) : parse_slice(p);
    if (is_starred || parser_kind(p) == FE_T_COMMA) {
        const uint32_t mark = p->used;
        parser_push(p, index);
        while (parser_accept(p, FE_T_COMMA) && parser_kind(p) != FE_T_RSQB) {
            parser_push(p, parser_kind(p) == FE_T_STAR ? parse_starred(p, 0) : parse_slice(p));
        }
        index = NODE(p, Tuple, begin, p->at - 1, .elts = parser_take(p, mark), .ctx = FE_LOAD);
    }
    parser_close(p, FE_T_RSQB, "',' or ']'");
    parser_leave(p);
    return NODE(p, Subscript, first, p->at - 1, .value = value, .slice = index, .ctx = FE_LOAD);
}

/* An atom and what hangs on it. */
static fe_ref parse_primary(parser *p) {
    const uint32_t first = p->at;
    fe_ref node = parse_atom(p);
    for (;;) {
        switch (parser_kind(p)) {
        case FE_T_DOT:
            p->at++;
            {
                const fe_name name = name_next(p);
                node = NODE(p, Attribute, first, p->at - 1, .value = node, .attr = name, .ctx = FE_LOAD);
            }
            break;
        case FE_T_LPAR: node = parse_call(p, first, node); break;
        case FE_T_LSQB: node = parse_subscript(p, first, node); break;
        default: return node;
        }
    }
}
