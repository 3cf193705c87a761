/* parse_compound.h: statements with blocks. */
#ifndef FE_PARSE_COMPOUND_H
#define FE_PARSE_COMPOUND_H

#include "parse_match.h"

/* What follows the colon: statements on the same line or an indented block. `what` and `header` (its first token) are
 * for complaints. */
static fe_list block(parser *p, const char *what, uint32_t header) {
    const uint32_t mark = p->used;
    if (PM_LIKELY(accept(p, FE_T_NEWLINE))) {
        if (PM_UNLIKELY(!accept(p, FE_T_INDENT))) {
            COMPLAIN(p, p->at, "expected an indented block after %s on line %u", what,
                     FE_TOKEN_LINE(&p->task->tokens, header));
        }
        enter(p);
        do {
            statement(p);
        } while (!accept(p, FE_T_DEDENT));
        leave(p);
    } else {
        simple_statements(p);
    }
    return take(p, mark);
}

static inline fe_list colon_block(parser *p, const char *what, uint32_t header) {
    expect(p, FE_T_COLON, "':'");
    return block(p, what, header);
}

static fe_list else_block(parser *p) {
    const uint32_t first = p->at;
    return accept(p, FE_T_ELSE) ? colon_block(p, "'else' statement", first) : 0;
}

/* if and elif; an elif is an If in the orelse of the one before. */
static fe_ref if_statement(parser *p) {
    const uint32_t first = p->at++;
    const fe_ref test = named_expression(p);
    const fe_list body = colon_block(p, kind_at(p, first) == FE_T_IF ? "'if' statement" : "'elif' statement", first);
    fe_list orelse;
    if (kind_now(p) == FE_T_ELIF) {
        enter(p);
        const fe_word other = if_statement(p);
        leave(p);
        orelse = fe_list_new(p->task, &other, 1);
    } else {
        orelse = else_block(p);
    }
    return NODE(p, If, first, p->block_last, .test = test, .body = body, .orelse = orelse);
}

static fe_ref while_statement(parser *p) {
    const uint32_t first = p->at++;
    const fe_ref test = named_expression(p);
    const fe_list body = colon_block(p, "'while' statement", first);
    const fe_list orelse = else_block(p);
    return NODE(p, While, first, p->block_last, .test = test, .body = body, .orelse = orelse);
}

/* `first` is the token `async` where there is one. */
static fe_ref for_statement(parser *p, uint32_t first) {
    const uint32_t header = p->at++;
    const fe_ref target = for_targets(p);
    expect(p, FE_T_IN, "'in'");
    const fe_ref iter = star_expressions(p);
    const fe_list body = colon_block(p, "'for' statement", header);
    const fe_list orelse = else_block(p);
    return first == header
               ? NODE(p, For, first, p->block_last, .target = target, .iter = iter, .body = body, .orelse = orelse)
               : NODE(p, AsyncFor, first, p->block_last, .target = target, .iter = iter, .body = body,
                      .orelse = orelse);
}

/* Whether the parenthesis at p->at encloses the items of a with statement, and not an expression: a colon follows it,
 * and it holds nothing that only an expression can hold at its top. */
static bool encloses_items(parser *p) {
    uint32_t depth = 0, lambdas = 0;
    bool may = true, begins_element = false;
    for (uint32_t token = p->at;; token++) {
        switch (kind_at(p, token)) {
        case FE_T_LPAR:
        case FE_T_LSQB:
        case FE_T_LBRACE:
            depth++;
            begins_element = depth == 1;
            continue;
        case FE_T_RPAR:
        case FE_T_RSQB:
        case FE_T_RBRACE:
            if (--depth == 0) {
                return may && token > p->at + 1 && kind_at(p, token + 1) == FE_T_COLON;
            }
            break;
        case FE_T_LAMBDA: lambdas += depth == 1; break;
        case FE_T_COLON: lambdas -= depth == 1 && lambdas > 0; break;
        case FE_T_COMMA:
            if (depth == 1 && lambdas == 0) {
                begins_element = true;
                continue;
            }
            break;
        case FE_T_STAR:
        case FE_T_YIELD: may = may && !begins_element; break;
        case FE_T_COLONEQUAL:
        case FE_T_FOR: may = may && depth != 1; break;
        case FE_T_NEWLINE:
        case FE_T_END: return false;
        default: break;
        }
        begins_element = false;
    }
}

static void push_with_item(parser *p) {
    const uint32_t first = p->at;
    const fe_ref context = expression(p);
    fe_ref target = 0;
    if (accept(p, FE_T_AS)) {
        target = kind_now(p) == FE_T_STAR ? starred(p, BINDS_BITOR) : expression(p);
        set_context(p, target, FE_STORE, false);
    }
    push(p, NODE(p, withitem, first, p->at - 1, .context_expr = context, .optional_vars = target));
}

static fe_ref with_statement(parser *p, uint32_t first) {
    const uint32_t header = p->at++, mark = p->used;
    const bool in_parentheses = kind_now(p) == FE_T_LPAR && encloses_items(p);
    p->at += in_parentheses;
    do {
        push_with_item(p);
    } while (accept(p, FE_T_COMMA) && !(in_parentheses && kind_now(p) == FE_T_RPAR));
    if (in_parentheses) {
        expect(p, FE_T_RPAR, "',' or ')'");
    }
    const fe_list items = take(p, mark);
    const fe_list body = colon_block(p, "'with' statement", header);
    return first == header ? NODE(p, With, first, p->block_last, .items = items, .body = body)
                           : NODE(p, AsyncWith, first, p->block_last, .items = items, .body = body);
}

/* `is_star` tells the kind of the handlers before, or is unset (-1). */
static fe_ref except_handler(parser *p, int *is_star) {
    const uint32_t first = p->at++;
    const bool star = accept(p, FE_T_STAR);
    if (*is_star >= 0 && *is_star != star) {
        COMPLAIN(p, first, "cannot have both 'except' and 'except*' on the same 'try'");
    }
    *is_star = star;
    fe_ref type = 0;
    fe_name name = 0;
    if (kind_now(p) != FE_T_COLON) {
        const uint32_t place = p->at;
        type = expression(p);
        if (kind_now(p) == FE_T_COMMA) {
            COMPLAIN(p, place, "multiple exception types must be parenthesized");
        }
        name = accept(p, FE_T_AS) ? name_next(p) : 0;
    } else if (star) {
        COMPLAIN(p, p->at, "expected one or more exception types");
    }
    const fe_list body = colon_block(p, star ? "'except*' statement" : "'except' statement", first);
    return NODE(p, ExceptHandler, first, p->block_last, .type = type, .name = name, .body = body);
}

static fe_ref try_statement(parser *p) {
    const uint32_t first = p->at++, mark = p->used;
    const fe_list body = colon_block(p, "'try' statement", first);
    int is_star = -1;
    while (kind_now(p) == FE_T_EXCEPT) {
        push(p, except_handler(p, &is_star));
    }
    const fe_list handlers = take(p, mark);
    const fe_list orelse = handlers ? else_block(p) : 0;
    const uint32_t last = p->at;
    const fe_list finalbody = accept(p, FE_T_FINALLY) ? colon_block(p, "'finally' statement", last) : 0;
    if (PM_UNLIKELY(handlers == 0 && finalbody == 0)) {
        COMPLAIN(p, p->at, "expected 'except' or 'finally' block");
    }
    return is_star == 1 ? NODE(p, TryStar, first, p->block_last, .body = body, .handlers = handlers, .orelse = orelse,
                               .finalbody = finalbody)
                        : NODE(p, Try, first, p->block_last, .body = body, .handlers = handlers, .orelse = orelse,
                               .finalbody = finalbody);
}

static fe_ref function(parser *p, uint32_t first, fe_list decorators) {
    const uint32_t header = p->at++;
    const fe_name name = name_next(p);
    expect(p, FE_T_LPAR, "'('");
    const fe_ref args = parameters(p, FE_T_RPAR);
    const fe_ref returns = accept(p, FE_T_ARROW) ? expression(p) : 0;
    const fe_list body = colon_block(p, "function definition", header);
    return first == header ? NODE(p, FunctionDef, first, p->block_last, .name = name, .args = args, .body = body,
                                  .decorator_list = decorators, .returns = returns)
                           : NODE(p, AsyncFunctionDef, first, p->block_last, .name = name, .args = args, .body = body,
                                  .decorator_list = decorators, .returns = returns);
}

static fe_ref class_statement(parser *p, fe_list decorators) {
    const uint32_t first = p->at++;
    const fe_name name = name_next(p);
    arguments found = {0, 0};
    if (kind_now(p) == FE_T_LPAR) {
        const uint32_t open = p->at++;
        found = call_arguments(p, open, false);
    }
    const fe_list body = colon_block(p, "class definition", first);
    return NODE(p, ClassDef, first, p->block_last, .name = name, .bases = found.positional, .keywords = found.keywords,
                .body = body, .decorator_list = decorators);
}

static fe_ref async_statement(parser *p, fe_list decorators) {
    const uint32_t first = p->at++;
    switch (kind_now(p)) {
    case FE_T_DEF: return function(p, first, decorators);
    case FE_T_FOR:
        if (decorators == 0) {
            return for_statement(p, first);
        }
        break;
    case FE_T_WITH:
        if (decorators == 0) {
            return with_statement(p, first);
        }
        break;
    default: break;
    }
    COMPLAIN(p, p->at, decorators ? "expected 'def'" : "expected 'def', 'for' or 'with'");
}

static fe_ref decorated(parser *p) {
    const uint32_t mark = p->used;
    while (accept(p, FE_T_AT)) {
        push(p, named_expression(p));
        expect(p, FE_T_NEWLINE, "the decorator to end before this");
    }
    const fe_list decorators = take(p, mark);
    switch (kind_now(p)) {
    case FE_T_DEF: return function(p, p->at, decorators);
    case FE_T_CLASS: return class_statement(p, decorators);
    case FE_T_ASYNC: return async_statement(p, decorators);
    default: COMPLAIN(p, p->at, "expected a function or a class after decorators");
    }
}

/* Pushes a statement, or those of a line. */
static void statement(parser *p) {
    fe_ref node;
    switch (kind_now(p)) {
    case FE_T_IF: node = if_statement(p); break;
    case FE_T_DEF: node = function(p, p->at, 0); break;
    case FE_T_FOR: node = for_statement(p, p->at); break;
    case FE_T_WITH: node = with_statement(p, p->at); break;
    case FE_T_TRY: node = try_statement(p); break;
    case FE_T_CLASS: node = class_statement(p, 0); break;
    case FE_T_WHILE: node = while_statement(p); break;
    case FE_T_AT: node = decorated(p); break;
    case FE_T_ASYNC: node = async_statement(p, 0); break;
    case FE_T_INDENT: COMPLAIN(p, p->at, "unexpected indent");
    case FE_T_NAME_MATCH:
        if (is_match_statement(p)) {
            node = match_statement(p);
            break;
        }
        /* fall through */
    default: simple_statements(p); return;
    }
    push(p, node);
}

#endif
