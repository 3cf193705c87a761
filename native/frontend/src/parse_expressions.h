/* parse_expressions.h: operators by precedence climbing, and the expressions around them: ternary, lambda, walrus,
 * yield, and lists of expressions without brackets.
 *
 * Precedence climbing (M. Richards, C. Whitby-Strevens, "BCPL: the language and its compiler", 1979): one function
 * reads an operand and then all operators that bind at least as strongly as asked for, so an operand costs one call and
 * not one per level of the grammar.
 */
#ifndef FE_PARSE_EXPRESSIONS_H
#define FE_PARSE_EXPRESSIONS_H

#include "parse_primary.h"

/* A sign, `not` or `await` with its operand. */
static __attribute__((noinline)) fe_ref prefixed(parser *p, unsigned lowest) {
    const uint32_t first = p->at++;
    const unsigned kind = kind_at(p, first);
    fe_ref node;
    enter(p);
    if (kind == FE_T_AWAIT) {
        const fe_ref value = primary(p);
        node = NODE(p, Await, first, p->at - 1, .value = value);
    } else {
        const bool is_not = kind == FE_T_NOT;
        if (is_not && lowest > BINDS_NOT) {
            COMPLAIN(p, first, "'not' needs parentheses here");
        }
        const fe_ref operand = binary(p, is_not ? BINDS_NOT : BINDS_SIGN);
        const fe_unaryop op = is_not ? FE_NOT : kind == FE_T_MINUS ? FE_USUB : kind == FE_T_PLUS ? FE_UADD : FE_INVERT;
        node = NODE(p, UnaryOp, first, p->at - 1, .op = op, .operand = operand);
    }
    leave(p);
    return node;
}

/* Passes a comparison operator; `not in` and `is not` are two tokens. -1: it is none. */
static inline int comparison_operator(parser *p) {
    const unsigned kind = kind_now(p);
    if (kind - FE_T_EQEQUAL <= FE_T_GREATEREQUAL - FE_T_EQEQUAL) {
        p->at++;
        return FE_EQ + (int)(kind - FE_T_EQEQUAL);
    }
    switch (kind) {
    case FE_T_IN: p->at++; return FE_IN;
    case FE_T_IS: p->at++; return accept(p, FE_T_NOT) ? FE_ISNOT : FE_IS;
    case FE_T_NOT:
        if (kind_at(p, p->at + 1) == FE_T_IN) {
            p->at += 2;
            return FE_NOTIN;
        }
        return -1;
    default: return -1;
    }
}

static fe_ref comparison(parser *p, uint32_t first, fe_ref left, int op) {
    const uint32_t mark = p->used;
    do {
        push(p, (fe_word)op);
        push(p, binary(p, BINDS_BITOR));
        op = comparison_operator(p);
    } while (op >= 0);
    const fe_list ops = pick(p, mark, p->used);
    const fe_list comparators = pick(p, mark + 1, p->used);
    p->used = mark;
    return NODE(p, Compare, first, p->at - 1, .left = left, .ops = ops, .comparators = comparators);
}

static fe_ref conjunction(parser *p, uint32_t first, fe_ref left, unsigned kind, unsigned binding) {
    const uint32_t mark = p->used;
    push(p, left);
    while (accept(p, kind)) {
        push(p, binary(p, binding + 1));
    }
    const fe_list values = take(p, mark);
    return NODE(p, BoolOp, first, p->at - 1, .op = kind == FE_T_AND ? FE_AND : FE_OR, .values = values);
}

/* An operand, and the operators behind it that bind at least as strongly as `lowest`. */
static fe_ref binary(parser *p, unsigned lowest) {
    const uint32_t first = p->at;
    const unsigned begin = kind_now(p);
    const bool has_prefix =
        begin == FE_T_MINUS || begin == FE_T_NOT || begin == FE_T_AWAIT || begin == FE_T_PLUS || begin == FE_T_TILDE;
    fe_ref left = PM_UNLIKELY(has_prefix) ? prefixed(p, lowest) : primary(p);
    for (;;) {
        const unsigned kind = kind_now(p);
        const unsigned binding = BINDING[kind];
        if (binding < lowest || binding == 0) {
            return left;
        }
        if (binding >= BINDS_BITOR) {
            p->at++;
            fe_ref right;
            if (PM_UNLIKELY(binding == BINDS_POWER)) { /* groups to the right, and takes a sign there */
                enter(p);
                right = binary(p, BINDS_SIGN);
                leave(p);
            } else {
                right = binary(p, binding + 1);
            }
            left = NODE(p, BinOp, first, p->at - 1, .left = left, .op = FE_ADD + (kind - FE_T_PLUS), .right = right);
        } else if (binding == BINDS_COMPARISON) {
            const int op = comparison_operator(p);
            if (op < 0) {
                return left;
            }
            left = comparison(p, first, left, op);
        } else {
            left = conjunction(p, first, left, kind, binding);
        }
    }
}

static __attribute__((noinline)) fe_ref lambda(parser *p) {
    const uint32_t first = p->at++;
    enter(p);
    const fe_ref args = parameters(p, FE_T_COLON);
    const fe_ref body = expression(p);
    leave(p);
    return NODE(p, Lambda, first, p->at - 1, .args = args, .body = body);
}

static fe_ref ternary(parser *p, uint32_t first, fe_ref body) {
    p->at++;
    const fe_ref test = binary(p, BINDS_OR);
    if (PM_UNLIKELY(!accept(p, FE_T_ELSE))) {
        COMPLAIN(p, kind_now(p) == FE_T_COLON ? p->at : first, "expected 'else' after 'if' expression");
    }
    enter(p);
    const fe_ref orelse = expression(p);
    leave(p);
    return NODE(p, IfExp, first, p->at - 1, .test = test, .body = body, .orelse = orelse);
}

static __attribute__((noinline)) fe_ref longer_expression(parser *p) {
    const uint32_t first = p->at;
    if (PM_UNLIKELY(kind_now(p) == FE_T_LAMBDA)) {
        return lambda(p);
    }
    const fe_ref node = binary(p, BINDS_OR);
    p->whole = first;
    p->whole_end = p->at;
    return PM_UNLIKELY(kind_now(p) == FE_T_IF) ? ternary(p, first, node) : node;
}

/* Most are one token. */
static fe_ref expression(parser *p) {
    const unsigned kind = kind_now(p);
    if (TRAITS[kind] & PLAIN && !(TRAITS[kind_at(p, p->at + 1)] & GOES_ON)) {
        return PM_LIKELY(is_name(kind)) ? name(p) : plain_constant(p, kind);
    }
    return longer_expression(p);
}

/* Where a bracket should close and another expression begins, CPython points to the expression before it. */
static void complain_of_comma(parser *p) {
    if (!(TRAITS[kind_now(p)] & BEGINS) || kind_now(p) == FE_T_STAR) {
        return;
    }
    const uint32_t before = p->whole_end == p->at ? p->whole : p->at - 1;
    const unsigned kind = kind_at(p, before);
    const bool is_soft = kind == FE_T_NAME_MATCH || kind == FE_T_NAME_CASE || kind == FE_T_NAME_UNDERSCORE;
    if (is_soft || (is_name(kind) && is_string(kind_at(p, before + 1))) ||
        !(TRAITS[kind_at(p, p->at - 1)] & PLAIN || p->whole_end == p->at)) {
        return;
    }
    (void)expression(p);
    COMPLAIN(p, before, "invalid syntax. Perhaps you forgot a comma?");
}

static __attribute__((noinline)) fe_ref walrus(parser *p) {
    const uint32_t first = p->at;
    const fe_ref target = NODE(p, Name, first, first, .id = name_at(p, first), .ctx = FE_STORE);
    p->at += 2;
    const fe_ref value = expression(p);
    return NODE(p, NamedExpr, first, p->at - 1, .target = target, .value = value);
}

static fe_ref named_expression(parser *p) {
    if (PM_UNLIKELY(is_name(kind_now(p)) && kind_at(p, p->at + 1) == FE_T_COLONEQUAL)) {
        return walrus(p);
    }
    const fe_ref node = expression(p);
    if (PM_UNLIKELY(kind_now(p) == FE_T_COLONEQUAL)) {
        COMPLAIN(p, FE_NODE_FIRST(p->task, node), "cannot use assignment expressions with %s", describe(p, node));
    }
    return node;
}

/* The elements behind the first and its comma; a comma may be last. */
static __attribute__((noinline)) fe_ref bare_tuple(parser *p, uint32_t first, fe_ref element, unsigned lowest) {
    const uint32_t mark = p->used;
    push(p, element);
    while (accept(p, FE_T_COMMA) && TRAITS[kind_now(p)] & BEGINS) {
        push(p, kind_now(p) == FE_T_STAR ? starred(p, BINDS_BITOR) : lowest ? binary(p, lowest) : expression(p));
    }
    const fe_list elements = take(p, mark);
    return NODE(p, Tuple, first, p->at - 1, .elts = elements, .ctx = FE_LOAD);
}

/* Expressions separated by commas, a tuple where there is a comma. */
static fe_ref star_expressions(parser *p) {
    const uint32_t first = p->at;
    const fe_ref node = kind_now(p) == FE_T_STAR ? starred(p, BINDS_BITOR) : expression(p);
    return kind_now(p) == FE_T_COMMA ? bare_tuple(p, first, node, 0) : node;
}

/* What `for` assigns to: parsed as operands of an operator that binds more strongly than `in`. */
static fe_ref for_targets(parser *p) {
    const uint32_t first = p->at;
    fe_ref node = kind_now(p) == FE_T_STAR ? starred(p, BINDS_BITOR) : binary(p, BINDS_BITOR);
    if (kind_now(p) == FE_T_COMMA) {
        node = bare_tuple(p, first, node, BINDS_BITOR);
    }
    set_context(p, node, FE_STORE, false);
    return node;
}

static fe_ref yield(parser *p) {
    const uint32_t first = p->at++;
    if (accept(p, FE_T_FROM)) {
        const fe_ref value = expression(p);
        return NODE(p, YieldFrom, first, p->at - 1, .value = value);
    }
    const fe_ref value = TRAITS[kind_now(p)] & BEGINS ? star_expressions(p) : 0;
    return NODE(p, Yield, first, p->at - 1, .value = value);
}

/* What may stand behind `=` and in parentheses. */
static fe_ref yield_or_stars(parser *p) {
    return PM_UNLIKELY(kind_now(p) == FE_T_YIELD) ? yield(p) : star_expressions(p);
}

#endif
