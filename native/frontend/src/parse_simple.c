/* parse_simple.c: statements of one line. */
#include "parser.h"

static bool kind_ends_statement(unsigned kind) {
    return kind == FE_T_NEWLINE || kind == FE_T_SEMI;
}

/* Whether a target that goes on behind parentheses has in them what could be a target by itself. CPython's grammar then
 * takes the parentheses for the whole target, and refuses what follows them: (a).b: int */
static bool target_begins_with(parser *p, fe_ref node) {
    const uint32_t first = FE_NODE_FIRST(p->task, node);
    while (FE_NODE_FIRST(p->task, node) == first) {
        switch (FE_NODE_KIND(p->task, node)) {
        case FE_KIND_Attribute: node = FE_FIELD_OF(p->task, node, Attribute, value); break;
        case FE_KIND_Subscript: node = FE_FIELD_OF(p->task, node, Subscript, value); break;
        case FE_KIND_Call: node = FE_FIELD_OF(p->task, node, Call, func); break;
        default: return false;
        }
    }
    return target_is_single(p, node);
}

static _Noreturn __attribute__((noinline, cold)) void target_refuse_annotation(parser *p, fe_ref target) {
    const fe_kind kind = FE_NODE_KIND(p->task, target);
    if (kind == FE_KIND_Starred) {
        COMPLAIN(p, p->at, "invalid syntax: the statement should end before this");
    }
    p->at++;
    (void)parse_expression(p); /* without an annotation, that is what is missing */
    if (kind == FE_KIND_Tuple || kind == FE_KIND_List) {
        COMPLAIN(p, FE_NODE_FIRST(p->task, target), "only single target (not %s) can be annotated",
                 target_describe(p, target));
    }
    COMPLAIN(p, FE_NODE_FIRST(p->task, target), "illegal target for annotation");
}

/* target: annotation = value */
static __attribute__((noinline)) fe_ref parse_annotated(parser *p, uint32_t first, fe_ref target) {
    const fe_kind kind = FE_NODE_KIND(p->task, target);
    if (!target_is_single(p, target) || (parser_kind_at(p, first) == FE_T_LPAR && target_begins_with(p, target))) {
        target_refuse_annotation(p, target);
    }
    target_set_context(p, target, FE_STORE, true);
    const bool is_simple = kind == FE_KIND_Name && p->at == first + 1; /* no parentheses around it */
    p->at++;
    const fe_ref type = parse_expression(p);
    const fe_ref value = parser_accept(p, FE_T_EQUAL) ? parse_yield_or_stars(p) : 0;
    return NODE(p, AnnAssign, first, p->at - 1, .target = target, .annotation = type, .value = value,
                .simple = is_simple);
}

static _Noreturn __attribute__((noinline, cold)) void target_refuse_augmented(parser *p, fe_ref target) {
    p->at++;
    (void)parse_yield_or_stars(p); /* without a value, that is what is missing */
    COMPLAIN(p, FE_NODE_FIRST(p->task, target), "'%s' is an illegal expression for augmented assignment",
             target_describe(p, target));
}

static fe_ref parse_augmented(parser *p, uint32_t first, fe_ref target) {
    if (PM_UNLIKELY(!target_is_single(p, target))) {
        target_refuse_augmented(p, target);
    }
    target_set_context(p, target, FE_STORE, true);
    const fe_word op = FE_ADD + (parser_kind(p) - FE_T_PLUSEQUAL);
    p->at++;
    const fe_ref value = parse_yield_or_stars(p);
    return NODE(p, AugAssign, first, p->at - 1, .target = target, .op = op, .value = value);
}

/* target = target = value */
static inline fe_ref parse_assignment(parser *p, uint32_t first, fe_ref node) {
    const uint32_t mark = p->used;
    while (parser_accept(p, FE_T_EQUAL)) {
        if (PM_UNLIKELY(parser_kind_at(p, first) == FE_T_YIELD) && FE_NODE_FIRST(p->task, node) == first) {
            COMPLAIN(p, first, "assignment to yield expression not possible");
        }
        target_set_context(p, node, FE_STORE, true);
        parser_push(p, node);
        node = parse_yield_or_stars(p);
    }
    const fe_list targets = parser_take(p, mark);
    return NODE(p, Assign, first, p->at - 1, .targets = targets, .value = node);
}

static inline fe_ref parse_expression_statement(parser *p) {
    const uint32_t first = p->at;
    const fe_ref node = parse_yield_or_stars(p);
    const unsigned kind = parser_kind(p);
    if (kind == FE_T_EQUAL) {
        return parse_assignment(p, first, node);
    }
    if (PM_LIKELY(kind == FE_T_NEWLINE)) {
        return NODE(p, Expr, first, p->at - 1, .value = node);
    }
    if (kind - FE_T_PLUSEQUAL <= FE_T_DOUBLESLASHEQUAL - FE_T_PLUSEQUAL) {
        return parse_augmented(p, first, node);
    }
    if (kind == FE_T_COLON) {
        return parse_annotated(p, first, node);
    }
    return NODE(p, Expr, first, p->at - 1, .value = node);
}

static fe_ref parse_return_statement(parser *p) {
    const uint32_t first = p->at++;
    const fe_ref value = kind_ends_statement(parser_kind(p)) ? 0 : parse_star_expressions(p);
    return NODE(p, Return, first, p->at - 1, .value = value);
}

static fe_ref parse_raise_statement(parser *p) {
    const uint32_t first = p->at++;
    const fe_ref exc = kind_ends_statement(parser_kind(p)) ? 0 : parse_expression(p);
    const fe_ref cause = exc != 0 && parser_accept(p, FE_T_FROM) ? parse_expression(p) : 0;
    return NODE(p, Raise, first, p->at - 1, .exc = exc, .cause = cause);
}

static fe_ref parse_assert_statement(parser *p) {
    const uint32_t first = p->at++;
    const fe_ref test = parse_expression(p);
    const fe_ref msg = parser_accept(p, FE_T_COMMA) ? parse_expression(p) : 0;
    return NODE(p, Assert, first, p->at - 1, .test = test, .msg = msg);
}

static fe_ref parse_del_statement(parser *p) {
    const uint32_t first = p->at++;
    const uint32_t mark = p->used;
    do {
        const fe_ref target = parser_kind(p) == FE_T_STAR ? parse_starred(p, BINDS_BITOR) : parse_expression(p);
        target_set_context(p, target, FE_DEL, true);
        parser_push(p, target);
    } while (parser_accept(p, FE_T_COMMA) && !kind_ends_statement(parser_kind(p)));
    const fe_list targets = parser_take(p, mark);
    return NODE(p, Delete, first, p->at - 1, .targets = targets);
}

/* global and nonlocal. */
static fe_ref parse_scope_statement(parser *p) {
    const uint32_t first = p->at++;
    const uint32_t mark = p->used;
    do {
        parser_push(p, name_next(p));
    } while (parser_accept(p, FE_T_COMMA));
    const fe_list names = parser_take(p, mark);
    return parser_kind_at(p, first) == FE_T_GLOBAL ? NODE(p, Global, first, p->at - 1, .names = names)
                                                   : NODE(p, Nonlocal, first, p->at - 1, .names = names);
}

static void parse_alias(parser *p, bool dotted) {
    const uint32_t first = p->at;
    const fe_name name = dotted ? name_dotted(p) : name_next(p);
    const fe_name other = parser_accept(p, FE_T_AS) ? name_next(p) : 0;
    parser_push(p, NODE(p, alias, first, p->at - 1, .name = name, .asname = other));
}

static fe_ref parse_import_statement(parser *p) {
    const uint32_t first = p->at++;
    const uint32_t mark = p->used;
    do {
        parse_alias(p, true);
    } while (parser_accept(p, FE_T_COMMA));
    const fe_list names = parser_take(p, mark);
    return NODE(p, Import, first, p->at - 1, .names = names);
}

static fe_ref parse_from_statement(parser *p) {
    const uint32_t first = p->at++;
    uint32_t level = 0;
    while (parser_kind(p) == FE_T_DOT || parser_kind(p) == FE_T_ELLIPSIS) {
        level += parser_kind(p) == FE_T_DOT ? 1 : 3;
        p->at++;
    }
    const fe_name module = level > 0 && parser_kind(p) == FE_T_IMPORT ? 0 : name_dotted(p);
    parser_expect(p, FE_T_IMPORT, "'import'");
    const uint32_t mark = p->used;
    if (parser_kind(p) == FE_T_STAR) {
        p->at++;
        parser_push(p, NODE(p, alias, p->at - 1, p->at - 1, .name = fe_name_new(p->task, "*", 1)));
    } else {
        const bool in_parentheses = parser_accept(p, FE_T_LPAR);
        do {
            parse_alias(p, false);
        } while (parser_accept(p, FE_T_COMMA) && !(in_parentheses && parser_kind(p) == FE_T_RPAR) &&
                 parser_kind(p) != FE_T_NEWLINE);
        if (in_parentheses) {
            parser_expect(p, FE_T_RPAR, "',' or ')'");
        } else if (PM_UNLIKELY(parser_kind_at(p, p->at - 1) == FE_T_COMMA)) {
            COMPLAIN(p, p->at, "trailing comma not allowed without surrounding parentheses");
        }
    }
    const fe_list names = parser_take(p, mark);
    return NODE(p, ImportFrom, first, p->at - 1, .module = module, .names = names, .level = level);
}

static fe_ref parse_word_statement(parser *p, fe_kind kind) {
    p->at++;
    return fe_node(p->task, kind, p->at - 1, p->at - 1, 0);
}

static inline fe_ref parse_simple_statement(parser *p) {
    switch (parser_kind(p)) {
    case FE_T_RETURN: return parse_return_statement(p);
    case FE_T_RAISE: return parse_raise_statement(p);
    case FE_T_ASSERT: return parse_assert_statement(p);
    case FE_T_DEL: return parse_del_statement(p);
    case FE_T_GLOBAL:
    case FE_T_NONLOCAL: return parse_scope_statement(p);
    case FE_T_IMPORT: return parse_import_statement(p);
    case FE_T_FROM: return parse_from_statement(p);
    case FE_T_PASS: return parse_word_statement(p, FE_KIND_Pass);
    case FE_T_BREAK: return parse_word_statement(p, FE_KIND_Break);
    case FE_T_NAME_TYPE: return type_is_statement(p) ? parse_type_statement(p) : parse_expression_statement(p);
    case FE_T_CONTINUE: return parse_word_statement(p, FE_KIND_Continue);
    default: return parse_expression_statement(p);
    }
}

/* Pushes the statements of a line, which is passed. */
static void parse_simple_statements(parser *p) {
    do {
        parser_push(p, parse_simple_statement(p));
    } while (parser_accept(p, FE_T_SEMI) && parser_kind(p) != FE_T_NEWLINE);
    p->block_last = p->at - 1;
    if (PM_UNLIKELY(parser_kind(p) != FE_T_NEWLINE)) {
        if (parser_kind(p) == FE_T_LBRACE) { /* a comma that is missed in it is complained of first */
            p->doubted = p->at + 1;
            (void)parse_atom(p);
            p->at = p->doubted - 1;
            p->doubted = 0;
        }
        COMPLAIN(p, p->at, "invalid syntax: the statement should end before this");
    }
    p->at++;
}
