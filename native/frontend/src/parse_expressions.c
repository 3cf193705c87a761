/* parse_expressions.c: operators by precedence climbing, and the expressions around them: ternary, lambda, walrus,
 * yield, and lists of expressions without brackets.
 *
 * Precedence climbing (M. Richards, C. Whitby-Strevens, "BCPL: the language and its compiler", 1979): one function
 * reads an operand and then all operators that bind at least as strongly as asked for, so an operand costs one call and
 * not one per level of the grammar.
 */
#include "parser.h"

/* A sign, `not` or `await` with its operand. */
static __attribute__((noinline)) fe_ref parse_prefixed(parser *p, unsigned lowest) {
    const uint32_t first = p->at++;
    const unsigned kind = parser_kind_at(p, first);
    fe_ref node;
    parser_enter(p);
    if (kind == FE_T_AWAIT) {
        const fe_ref value = parse_primary(p);
        node = NODE(p, Await, first, p->at - 1, .value = value);
    } else {
        const bool is_not = kind == FE_T_NOT;
        if (is_not && lowest > BINDS_NOT) {
            COMPLAIN(p, first, "'not' needs parentheses here");
        }
        const fe_ref operand = parse_binary(p, is_not ? BINDS_NOT : BINDS_SIGN);
        const fe_unaryop op = is_not ? FE_NOT : kind == FE_T_MINUS ? FE_USUB : kind == FE_T_PLUS ? FE_UADD : FE_INVERT;
        node = NODE(p, UnaryOp, first, p->at - 1, .op = op, .operand = operand);
    }
    parser_leave(p);
    return node;
}

/* Passes a comparison operator; `not in` and `is not` are two tokens. -1: it is none. */
static inline int parse_comparison_operator(parser *p) {
    const unsigned kind = parser_kind(p);
    if (kind - FE_T_EQEQUAL <= FE_T_GREATEREQUAL - FE_T_EQEQUAL) {
        p->at++;
        return FE_EQ + (int)(kind - FE_T_EQEQUAL);
    }
    switch (kind) {
    case FE_T_IN: p->at++; return FE_IN;
    case FE_T_IS: p->at++; return parser_accept(p, FE_T_NOT) ? FE_ISNOT : FE_IS;
    case FE_T_NOT:
        if (parser_kind_at(p, p->at + 1) == FE_T_IN) {
            p->at += 2;
            return FE_NOTIN;
        }
        return -1;
    default: return -1;
    }
}

static fe_ref parse_comparison(parser *p, uint32_t first, fe_ref left, int op) {
    const uint32_t mark = p->used;
    do {
        parser_push(p, (fe_word)op);
        parser_push(p, parse_binary(p, BINDS_BITOR));
        op = parse_comparison_operator(p);
    } while (op >= 0);
    const fe_list ops = parser_pick(p, mark, p->used);
    const fe_list comparators = parser_pick(p, mark + 1, p->used);
    p->used = mark;
    return NODE(p, Compare, first, p->at - 1, .left = left, .ops = ops, .comparators = comparators);
}

static fe_ref parse_conjunction(parser *p, uint32_t first, fe_ref left, unsigned kind, unsigned binding) {
    const uint32_t mark = p->used;
    parser_push(p, left);
    while (parser_accept(p, kind)) {
        parser_push(p, parse_binary(p, binding + 1));
    }
    const fe_list values = parser_take(p, mark);
    return NODE(p, BoolOp, first, p->at - 1, .op = kind == FE_T_AND ? FE_AND : FE_OR, .values = values);
}

/* An operand, and the operators behind it that bind at least as strongly as `lowest`. */
static fe_ref parse_binary(parser *p, unsigned lowest) {
    const uint32_t first = p->at;
    const unsigned begin = parser_kind(p);
    const bool has_prefix =
        begin == FE_T_MINUS || begin == FE_T_NOT || begin == FE_T_AWAIT || begin == FE_T_PLUS || begin == FE_T_TILDE;
    fe_ref left = PM_UNLIKELY(has_prefix) ? parse_prefixed(p, lowest) : parse_primary(p);
    for (;;) {
        const unsigned kind = parser_kind(p);
        const unsigned binding = BINDING[kind];
        if (binding < lowest || binding == 0) {
            return left;
        }
        if (binding >= BINDS_BITOR) {
            p->at++;
            fe_ref right;
            if (PM_UNLIKELY(binding == BINDS_POWER)) { /* groups to the right, and takes a sign there */
                parser_enter(p);
                right = parse_binary(p, BINDS_SIGN);
                parser_leave(p);
            } else {
                right = parse_binary(p, binding + 1);
            }
            left = NODE(p, BinOp, first, p->at - 1, .left = left, .op = FE_ADD + (kind - FE_T_PLUS), .right = right);
        } else if (binding == BINDS_COMPARISON) {
            const int op = parse_comparison_operator(p);
            if (op < 0) {
                return left;
            }
            left = parse_comparison(p, first, left, op);
        } else {
            left = parse_conjunction(p, first, left, kind, binding);
        }
    }
}

static __attribute__((noinline)) fe_ref parse_lambda(parser *p) {
    const uint32_t first = p->at++;
    parser_enter(p);
    const fe_ref args = parse_parameters(p, FE_T_COLON);
    const fe_ref body = parse_expression(p);
    parser_leave(p);
    return NODE(p, Lambda, first, p->at - 1, .args = args, .body = body);
}

static fe_ref parse_ternary(parser *p, uint32_t first, fe_ref body) {
    p->at++;
    const fe_ref test = parse_binary(p, BINDS_OR);
    if (PM_UNLIKELY(!parser_accept(p, FE_T_ELSE))) {
        COMPLAIN(p, parser_kind(p) == FE_T_COLON ? p->at : first, "expected 'else' after 'if' expression");
    }
    parser_enter(p);
    const fe_ref orelse = parse_expression(p);
    parser_leave(p);
    return NODE(p, IfExp, first, p->at - 1, .test = test, .body = body, .orelse = orelse);
}

static __attribute__((noinline)) fe_ref parse_longer_expression(parser *p) {
    const uint32_t first = p->at;
    if (PM_UNLIKELY(parser_kind(p) == FE_T_LAMBDA)) {
        return parse_lambda(p);
    }
    const fe_ref node = parse_binary(p, BINDS_OR);
    p->whole = first;
    p->whole_end = p->at;
    return PM_UNLIKELY(parser_kind(p) == FE_T_IF) ? parse_ternary(p, first, node) : node;
}

/* Most are one token. */
static fe_ref parse_expression(parser *p) {
    const unsigned kind = parser_kind(p);
    if (TRAITS[kind] & PLAIN && !(TRAITS[parser_kind_at(p, p->at + 1)] & GOES_ON)) {
        return PM_LIKELY(kind_is_name(kind)) ? parse_name(p) : parse_plain_constant(p, kind);
    }
    return parse_longer_expression(p);
}

/* Where a bracket should close and another expression begins, CPython points to the expression before it. */
static void parse_comma_complaint(parser *p) {
    if (!(TRAITS[parser_kind(p)] & BEGINS) || parser_kind(p) == FE_T_STAR || p->clause_end == p->at) {
        return;
    }
    const uint32_t before = p->whole_end == p->at ? p->whole : p->at - 1;
    const unsigned kind = parser_kind_at(p, before);
    const bool is_soft = kind == FE_T_NAME_MATCH || kind == FE_T_NAME_CASE || kind == FE_T_NAME_UNDERSCORE;
    if (is_soft || (kind_is_name(kind) && kind_is_string(parser_kind_at(p, before + 1))) ||
        !(TRAITS[parser_kind_at(p, p->at - 1)] & PLAIN || p->whole_end == p->at)) {
        return;
    }
    (void)parse_expression(p);
    p->doubted = 0;
    COMPLAIN(p, before, "invalid syntax. Perhaps you forgot a comma?");
}

static __attribute__((noinline)) fe_ref parse_walrus(parser *p) {
    const uint32_t first = p->at;
    const fe_ref target = NODE(p, Name, first, first, .id = name_at(p, first), .ctx = FE_STORE);
    p->at += 2;
    const fe_ref value = parse_expression(p);
    return NODE(p, NamedExpr, first, p->at - 1, .target = target, .value = value);
}

static fe_ref parse_named_expression(parser *p) {
    if (PM_UNLIKELY(kind_is_name(parser_kind(p)) && parser_kind_at(p, p->at + 1) == FE_T_COLONEQUAL)) {
        return parse_walrus(p);
    }
    const fe_ref node = parse_expression(p);
    if (PM_UNLIKELY(parser_kind(p) == FE_T_COLONEQUAL)) {
        COMPLAIN(p, FE_NODE_FIRST(p->task, node), "cannot use assignment expressions with %s",
                 target_describe(p, node));
    }
    return node;
}

/* The elements behind the first and its comma; a comma may be last. */
static __attribute__((noinline)) fe_ref parse_bare_tuple(parser *p, uint32_t first, fe_ref element, unsigned lowest) {
    const uint32_t mark = p->used;
    parser_push(p, element);
    while (parser_accept(p, FE_T_COMMA) && TRAITS[parser_kind(p)] & BEGINS) {
        parser_push(p, parser_kind(p) == FE_T_STAR ? parse_starred(p, BINDS_BITOR)
                       : lowest                    ? parse_binary(p, lowest)
                                                   : parse_expression(p));
    }
    const fe_list elements = parser_take(p, mark);
    return NODE(p, Tuple, first, p->at - 1, .elts = elements, .ctx = FE_LOAD);
}

/* Expressions separated by commas, a tuple where there is a comma. */
static fe_ref parse_star_expressions(parser *p) {
    const uint32_t first = p->at;
    const fe_ref node = parser_kind(p) == FE_T_STAR ? parse_starred(p, BINDS_BITOR) : parse_expression(p);
    return parser_kind(p) == FE_T_COMMA ? parse_bare_tuple(p, first, node, 0) : node;
}

/* What `for` assigns to: parsed as operands of an operator that binds more strongly than `in`. */
static fe_ref parse_for_targets(parser *p) {
    const uint32_t first = p->at;
    fe_ref node = parser_kind(p) == FE_T_STAR ? parse_starred(p, BINDS_BITOR) : parse_binary(p, BINDS_BITOR);
    if (parser_kind(p) == FE_T_COMMA) {
        node = parse_bare_tuple(p, first, node, BINDS_BITOR);
    }
    target_set_context(p, node, FE_STORE, false);
    return node;
}

static fe_ref parse_yield(parser *p) {
    const uint32_t first = p->at++;
    if (parser_accept(p, FE_T_FROM)) {
        const fe_ref value = parse_expression(p);
        return NODE(p, YieldFrom, first, p->at - 1, .value = value);
    }
    const fe_ref value = TRAITS[parser_kind(p)] & BEGINS ? parse_star_expressions(p) : 0;
    return NODE(p, Yield, first, p->at - 1, .value = value);
}

/* What may stand behind `=` and in parentheses. */
static fe_ref parse_yield_or_stars(parser *p) {
    return PM_UNLIKELY(parser_kind(p) == FE_T_YIELD) ? parse_yield(p) : parse_star_expressions(p);
}
