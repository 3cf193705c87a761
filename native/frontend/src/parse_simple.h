/* parse_simple.h: statements of one line. */
#ifndef FE_PARSE_SIMPLE_H
#define FE_PARSE_SIMPLE_H

#include "parse_parameters.h"

static bool ends_statement(unsigned kind) {
    return kind == FE_T_NEWLINE || kind == FE_T_SEMI;
}

/* Whether a target that goes on behind parentheses has in them what could be a target by itself. CPython's grammar then
 * takes the parentheses for the whole target, and refuses what follows them: (a).b: int */
static bool begins_with_target(parser *p, fe_ref node) {
    const uint32_t first = FE_NODE_FIRST(p->task, node);
    while (FE_NODE_FIRST(p->task, node) == first) {
        switch (FE_NODE_KIND(p->task, node)) {
        case FE_KIND_Attribute: node = FE_FIELD_OF(p->task, node, Attribute, value); break;
        case FE_KIND_Subscript: node = FE_FIELD_OF(p->task, node, Subscript, value); break;
        case FE_KIND_Call: node = FE_FIELD_OF(p->task, node, Call, func); break;
        default: return false;
        }
    }
    return is_single_target(p, node);
}

static _Noreturn __attribute__((noinline, cold)) void refuse_annotation(parser *p, fe_ref target) {
    const fe_kind kind = FE_NODE_KIND(p->task, target);
    if (kind == FE_KIND_Starred) {
        COMPLAIN(p, p->at, "invalid syntax: the statement should end before this");
    }
    p->at++;
    (void)expression(p); /* without an annotation, that is what is missing */
    if (kind == FE_KIND_Tuple || kind == FE_KIND_List) {
        COMPLAIN(p, FE_NODE_FIRST(p->task, target), "only single target (not %s) can be annotated",
                 describe(p, target));
    }
    COMPLAIN(p, FE_NODE_FIRST(p->task, target), "illegal target for annotation");
}

/* target: annotation = value */
static __attribute__((noinline)) fe_ref annotated(parser *p, uint32_t first, fe_ref target) {
    const fe_kind kind = FE_NODE_KIND(p->task, target);
    if (!is_single_target(p, target) || (kind_at(p, first) == FE_T_LPAR && begins_with_target(p, target))) {
        refuse_annotation(p, target);
    }
    set_context(p, target, FE_STORE, true);
    const bool is_simple = kind == FE_KIND_Name && p->at == first + 1; /* no parentheses around it */
    p->at++;
    const fe_ref type = expression(p);
    const fe_ref value = accept(p, FE_T_EQUAL) ? yield_or_stars(p) : 0;
    return NODE(p, AnnAssign, first, p->at - 1, .target = target, .annotation = type, .value = value,
                .simple = is_simple);
}

static _Noreturn __attribute__((noinline, cold)) void refuse_augmented(parser *p, fe_ref target) {
    p->at++;
    (void)yield_or_stars(p); /* without a value, that is what is missing */
    COMPLAIN(p, FE_NODE_FIRST(p->task, target), "'%s' is an illegal expression for augmented assignment",
             describe(p, target));
}

static fe_ref augmented(parser *p, uint32_t first, fe_ref target) {
    if (PM_UNLIKELY(!is_single_target(p, target))) {
        refuse_augmented(p, target);
    }
    set_context(p, target, FE_STORE, true);
    const fe_word op = FE_ADD + (kind_now(p) - FE_T_PLUSEQUAL);
    p->at++;
    const fe_ref value = yield_or_stars(p);
    return NODE(p, AugAssign, first, p->at - 1, .target = target, .op = op, .value = value);
}

/* target = target = value */
static inline fe_ref assignment(parser *p, uint32_t first, fe_ref node) {
    const uint32_t mark = p->used;
    while (accept(p, FE_T_EQUAL)) {
        if (PM_UNLIKELY(kind_at(p, first) == FE_T_YIELD) && FE_NODE_FIRST(p->task, node) == first) {
            COMPLAIN(p, first, "assignment to yield expression not possible");
        }
        set_context(p, node, FE_STORE, true);
        push(p, node);
        node = yield_or_stars(p);
    }
    const fe_list targets = take(p, mark);
    return NODE(p, Assign, first, p->at - 1, .targets = targets, .value = node);
}

static inline fe_ref expression_statement(parser *p) {
    const uint32_t first = p->at;
    const fe_ref node = yield_or_stars(p);
    const unsigned kind = kind_now(p);
    if (kind == FE_T_EQUAL) {
        return assignment(p, first, node);
    }
    if (PM_LIKELY(kind == FE_T_NEWLINE)) {
        return NODE(p, Expr, first, p->at - 1, .value = node);
    }
    if (kind - FE_T_PLUSEQUAL <= FE_T_DOUBLESLASHEQUAL - FE_T_PLUSEQUAL) {
        return augmented(p, first, node);
    }
    if (kind == FE_T_COLON) {
        return annotated(p, first, node);
    }
    return NODE(p, Expr, first, p->at - 1, .value = node);
}

static fe_ref return_statement(parser *p) {
    const uint32_t first = p->at++;
    const fe_ref value = ends_statement(kind_now(p)) ? 0 : star_expressions(p);
    return NODE(p, Return, first, p->at - 1, .value = value);
}

static fe_ref raise_statement(parser *p) {
    const uint32_t first = p->at++;
    const fe_ref exc = ends_statement(kind_now(p)) ? 0 : expression(p);
    const fe_ref cause = exc != 0 && accept(p, FE_T_FROM) ? expression(p) : 0;
    return NODE(p, Raise, first, p->at - 1, .exc = exc, .cause = cause);
}

static fe_ref assert_statement(parser *p) {
    const uint32_t first = p->at++;
    const fe_ref test = expression(p);
    const fe_ref msg = accept(p, FE_T_COMMA) ? expression(p) : 0;
    return NODE(p, Assert, first, p->at - 1, .test = test, .msg = msg);
}

static fe_ref del_statement(parser *p) {
    const uint32_t first = p->at++;
    const uint32_t mark = p->used;
    do {
        const fe_ref target = kind_now(p) == FE_T_STAR ? starred(p, BINDS_BITOR) : expression(p);
        set_context(p, target, FE_DEL, true);
        push(p, target);
    } while (accept(p, FE_T_COMMA) && !ends_statement(kind_now(p)));
    const fe_list targets = take(p, mark);
    return NODE(p, Delete, first, p->at - 1, .targets = targets);
}

/* global and nonlocal. */
static fe_ref scope_statement(parser *p) {
    const uint32_t first = p->at++;
    const uint32_t mark = p->used;
    do {
        push(p, name_next(p));
    } while (accept(p, FE_T_COMMA));
    const fe_list names = take(p, mark);
    return kind_at(p, first) == FE_T_GLOBAL ? NODE(p, Global, first, p->at - 1, .names = names)
                                            : NODE(p, Nonlocal, first, p->at - 1, .names = names);
}

static void push_alias(parser *p, bool dotted) {
    const uint32_t first = p->at;
    const fe_name name = dotted ? dotted_name(p) : name_next(p);
    const fe_name other = accept(p, FE_T_AS) ? name_next(p) : 0;
    push(p, NODE(p, alias, first, p->at - 1, .name = name, .asname = other));
}

static fe_ref import_statement(parser *p) {
    const uint32_t first = p->at++;
    const uint32_t mark = p->used;
    do {
        push_alias(p, true);
    } while (accept(p, FE_T_COMMA));
    const fe_list names = take(p, mark);
    return NODE(p, Import, first, p->at - 1, .names = names);
}

static fe_ref from_statement(parser *p) {
    const uint32_t first = p->at++;
    uint32_t level = 0;
    while (kind_now(p) == FE_T_DOT || kind_now(p) == FE_T_ELLIPSIS) {
        level += kind_now(p) == FE_T_DOT ? 1 : 3;
        p->at++;
    }
    const fe_name module = level > 0 && kind_now(p) == FE_T_IMPORT ? 0 : dotted_name(p);
    expect(p, FE_T_IMPORT, "'import'");
    const uint32_t mark = p->used;
    if (kind_now(p) == FE_T_STAR) {
        p->at++;
        push(p, NODE(p, alias, p->at - 1, p->at - 1, .name = fe_name_new(p->task, "*", 1)));
    } else {
        const bool in_parentheses = accept(p, FE_T_LPAR);
        do {
            push_alias(p, false);
        } while (accept(p, FE_T_COMMA) && !(in_parentheses && kind_now(p) == FE_T_RPAR) && kind_now(p) != FE_T_NEWLINE);
        if (in_parentheses) {
            expect(p, FE_T_RPAR, "',' or ')'");
        } else if (PM_UNLIKELY(kind_at(p, p->at - 1) == FE_T_COMMA)) {
            COMPLAIN(p, p->at, "trailing comma not allowed without surrounding parentheses");
        }
    }
    const fe_list names = take(p, mark);
    return NODE(p, ImportFrom, first, p->at - 1, .module = module, .names = names, .level = level);
}

static fe_ref word_statement(parser *p, fe_kind kind) {
    p->at++;
    return fe_node(p->task, kind, p->at - 1, p->at - 1, 0);
}

static inline fe_ref simple_statement(parser *p) {
    switch (kind_now(p)) {
    case FE_T_RETURN: return return_statement(p);
    case FE_T_RAISE: return raise_statement(p);
    case FE_T_ASSERT: return assert_statement(p);
    case FE_T_DEL: return del_statement(p);
    case FE_T_GLOBAL:
    case FE_T_NONLOCAL: return scope_statement(p);
    case FE_T_IMPORT: return import_statement(p);
    case FE_T_FROM: return from_statement(p);
    case FE_T_PASS: return word_statement(p, FE_KIND_Pass);
    case FE_T_BREAK: return word_statement(p, FE_KIND_Break);
    case FE_T_CONTINUE: return word_statement(p, FE_KIND_Continue);
    default: return expression_statement(p);
    }
}

/* Pushes the statements of a line, which is passed. */
static void simple_statements(parser *p) {
    do {
        push(p, simple_statement(p));
    } while (accept(p, FE_T_SEMI) && kind_now(p) != FE_T_NEWLINE);
    p->block_last = p->at - 1;
    if (PM_UNLIKELY(kind_now(p) != FE_T_NEWLINE)) {
        COMPLAIN(p, p->at, "invalid syntax: the statement should end before this");
    }
    p->at++;
}

#endif
