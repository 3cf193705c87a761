/* parse_types.c: type parameters and `type` statements (PEP 695, Python 3.12; defaults: PEP 696, 3.13). */
#include "parser.h"

/* `= value` behind a parameter; 0: none. */
static fe_ref parse_type_default(parser *p, bool may_be_starred) {
    if (!p->task->dialect->type_defaults || !parser_accept(p, FE_T_EQUAL)) {
        return 0;
    }
    return may_be_starred && parser_kind(p) == FE_T_STAR ? parse_starred(p, BINDS_BITOR) : parse_expression(p);
}

static fe_ref parse_type_parameter(parser *p) {
    const uint32_t first = p->at;
    const unsigned kind = parser_kind(p);
    p->at += kind == FE_T_STAR || kind == FE_T_DOUBLESTAR;
    const fe_name name = name_next(p);
    fe_ref bound = 0;
    if (parser_kind(p) == FE_T_COLON) {
        const uint32_t colon = p->at++;
        bound = parse_expression(p);
        if (PM_UNLIKELY(kind == FE_T_STAR || kind == FE_T_DOUBLESTAR)) {
            COMPLAIN(p, colon, "cannot use %s with %s",
                     FE_NODE_KIND(p->task, bound) == FE_KIND_Tuple ? "constraints" : "bound",
                     kind == FE_T_STAR ? "TypeVarTuple" : "ParamSpec");
        }
    }
    const fe_ref value = parse_type_default(p, kind == FE_T_STAR);
    switch (kind) {
    case FE_T_STAR: return NODE(p, TypeVarTuple, first, p->at - 1, .name = name, .default_value = value);
    case FE_T_DOUBLESTAR: return NODE(p, ParamSpec, first, p->at - 1, .name = name, .default_value = value);
    default: return NODE(p, TypeVar, first, p->at - 1, .name = name, .bound = bound, .default_value = value);
    }
}

/* The type parameters in brackets at p->at; 0: there are none. */
static fe_list parse_type_parameters(parser *p) {
    if (PM_LIKELY(parser_kind(p) != FE_T_LSQB) || !p->task->dialect->type_parameters) {
        return 0;
    }
    const uint32_t mark = p->used;
    p->at++;
    parser_enter(p);
    if (parser_kind(p) == FE_T_RSQB) {
        COMPLAIN(p, p->at, "Type parameter list cannot be empty");
    }
    do {
        parser_push(p, parse_type_parameter(p));
    } while (parser_accept(p, FE_T_COMMA) && parser_kind(p) != FE_T_RSQB);
    parser_close(p, FE_T_RSQB, "',' or ']'");
    parser_leave(p);
    return parser_take(p, mark);
}

/* Whether the soft keyword at p->at begins a statement: a name follows, which it could not as a name. */
static bool type_is_statement(parser *p) {
    return p->task->dialect->type_parameters && kind_is_name(parser_kind_at(p, p->at + 1));
}

static fe_ref parse_type_statement(parser *p) {
    const uint32_t first = p->at++, token = p->at;
    const fe_name id = name_next(p);
    const fe_ref name = NODE(p, Name, token, token, .id = id, .ctx = FE_STORE);
    const fe_list parameters = parse_type_parameters(p);
    parser_expect(p, FE_T_EQUAL, "'='");
    const fe_ref value = parse_expression(p);
    return NODE(p, TypeAlias, first, p->at - 1, .name = name, .type_params = parameters, .value = value);
}
