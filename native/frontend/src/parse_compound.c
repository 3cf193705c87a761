/* parse_compound.c: statements with blocks. */
#include "parser.h"

/* What follows the colon: statements on the same line or an indented block. `what` and `header` (its first token) are
 * for complaints. */
static fe_list parse_block(parser *p, const char *what, uint32_t header) {
    const uint32_t mark = p->used;
    if (PM_LIKELY(parser_accept(p, FE_T_NEWLINE))) {
        if (PM_UNLIKELY(!parser_accept(p, FE_T_INDENT))) {
            COMPLAIN(p, p->at, "expected an indented block after %s on line %u", what,
                     FE_TOKEN_LINE(&p->task->tokens, header));
        }
        parser_enter(p);
        do {
            parse_statement(p);
        } while (!parser_accept(p, FE_T_DEDENT));
        parser_leave(p);
    } else {
        parse_simple_statements(p);
    }
    return parser_take(p, mark);
}

static inline fe_list parse_colon_block(parser *p, const char *what, uint32_t header) {
    parser_expect(p, FE_T_COLON, "':'");
    return parse_block(p, what, header);
}

static fe_list parse_else_block(parser *p) {
    const uint32_t first = p->at;
    return parser_accept(p, FE_T_ELSE) ? parse_colon_block(p, "'else' statement", first) : 0;
}

/* if and elif; an elif is an If in the orelse of the one before. */
static fe_ref parse_if_statement(parser *p) {
    const uint32_t first = p->at++;
    const fe_ref test = parse_named_expression(p);
    const fe_list body =
        parse_colon_block(p, parser_kind_at(p, first) == FE_T_IF ? "'if' statement" : "'elif' statement", first);
    fe_list orelse;
    if (parser_kind(p) == FE_T_ELIF) {
        parser_enter(p);
        const fe_word other = parse_if_statement(p);
        parser_leave(p);
        orelse = fe_list_new(p->task, &other, 1);
    } else {
        orelse = parse_else_block(p);
    }
    return NODE(p, If, first, p->block_last, .test = test, .body = body, .orelse = orelse);
}

static fe_ref parse_while_statement(parser *p) {
    const uint32_t first = p->at++;
    const fe_ref test = parse_named_expression(p);
    const fe_list body = parse_colon_block(p, "'while' statement", first);
    const fe_list orelse = parse_else_block(p);
    return NODE(p, While, first, p->block_last, .test = test, .body = body, .orelse = orelse);
}

/* `first` is the token `async` where there is one. */
static fe_ref parse_for_statement(parser *p, uint32_t first) {
    const uint32_t header = p->at++;
    const fe_ref target = parse_for_targets(p);
    parser_expect(p, FE_T_IN, "'in'");
    const fe_ref iter = parse_star_expressions(p);
    const fe_list body = parse_colon_block(p, "'for' statement", header);
    const fe_list orelse = parse_else_block(p);
    return first == header
               ? NODE(p, For, first, p->block_last, .target = target, .iter = iter, .body = body, .orelse = orelse)
               : NODE(p, AsyncFor, first, p->block_last, .target = target, .iter = iter, .body = body,
                      .orelse = orelse);
}

/* Whether the parenthesis at p->at encloses the items of a with statement, and not an expression: a colon follows it,
 * and it holds nothing that only an expression can hold at its top. */
static bool with_encloses_items(parser *p) {
    uint32_t depth = 0, lambdas = 0;
    bool may = true, begins_element = false;
    for (uint32_t token = p->at;; token++) {
        switch (parser_kind_at(p, token)) {
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
                return may && token > p->at + 1 && parser_kind_at(p, token + 1) == FE_T_COLON;
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

static void parse_with_item(parser *p) {
    const uint32_t first = p->at;
    const fe_ref context = parse_expression(p);
    fe_ref target = 0;
    if (parser_accept(p, FE_T_AS)) {
        target = parser_kind(p) == FE_T_STAR ? parse_starred(p, BINDS_BITOR) : parse_expression(p);
        target_set_context(p, target, FE_STORE, false);
    }
    parser_push(p, NODE(p, withitem, first, p->at - 1, .context_expr = context, .optional_vars = target));
}

static fe_ref parse_with_statement(parser *p, uint32_t first) {
    const uint32_t header = p->at++, mark = p->used;
    const bool in_parentheses = parser_kind(p) == FE_T_LPAR && with_encloses_items(p);
    p->at += in_parentheses;
    do {
        parse_with_item(p);
    } while (parser_accept(p, FE_T_COMMA) && !(in_parentheses && parser_kind(p) == FE_T_RPAR));
    if (in_parentheses) {
        parser_expect(p, FE_T_RPAR, "',' or ')'");
    }
    const fe_list items = parser_take(p, mark);
    const fe_list body = parse_colon_block(p, "'with' statement", header);
    return first == header ? NODE(p, With, first, p->block_last, .items = items, .body = body)
                           : NODE(p, AsyncWith, first, p->block_last, .items = items, .body = body);
}

/* More exceptions than the first, without parentheses around them: a tuple, from 3.14 on. */
static fe_ref parse_exceptions(parser *p, uint32_t first, fe_ref exception) {
    if (!p->task->dialect->bare_exceptions) {
        COMPLAIN(p, first, "multiple exception types must be parenthesized");
    }
    const uint32_t mark = p->used;
    parser_push(p, exception);
    while (parser_accept(p, FE_T_COMMA) && TRAITS[parser_kind(p)] & BEGINS) {
        if (parser_kind(p) == FE_T_STAR) {
            COMPLAIN(p, p->at, "expected an exception type");
        }
        parser_push(p, parse_expression(p));
    }
    if (parser_kind(p) == FE_T_AS) {
        COMPLAIN(p, first, "multiple exception types must be parenthesized when using 'as'");
    }
    const fe_list elements = parser_take(p, mark);
    return NODE(p, Tuple, first, p->at - 1, .elts = elements, .ctx = FE_LOAD);
}

/* `is_star` tells the kind of the handlers before, or is unset (-1). */
static fe_ref parse_except_handler(parser *p, int *is_star) {
    const uint32_t first = p->at++;
    const bool star = parser_accept(p, FE_T_STAR);
    if (*is_star >= 0 && *is_star != star) {
        COMPLAIN(p, first, "cannot have both 'except' and 'except*' on the same 'try'");
    }
    *is_star = star;
    fe_ref type = 0;
    fe_name name = 0;
    if (parser_kind(p) != FE_T_COLON) {
        const uint32_t place = p->at;
        type = parse_expression(p);
        if (PM_UNLIKELY(parser_kind(p) == FE_T_COMMA)) {
            type = parse_exceptions(p, place, type);
        }
        name = parser_accept(p, FE_T_AS) ? name_next(p) : 0;
    } else if (star) {
        COMPLAIN(p, p->at, "expected one or more exception types");
    }
    const fe_list body = parse_colon_block(p, star ? "'except*' statement" : "'except' statement", first);
    return NODE(p, ExceptHandler, first, p->block_last, .type = type, .name = name, .body = body);
}

static fe_ref parse_try_statement(parser *p) {
    const uint32_t first = p->at++, mark = p->used;
    const fe_list body = parse_colon_block(p, "'try' statement", first);
    int is_star = -1;
    while (parser_kind(p) == FE_T_EXCEPT) {
        parser_push(p, parse_except_handler(p, &is_star));
    }
    const fe_list handlers = parser_take(p, mark);
    const fe_list orelse = handlers ? parse_else_block(p) : 0;
    const uint32_t last = p->at;
    const fe_list finalbody = parser_accept(p, FE_T_FINALLY) ? parse_colon_block(p, "'finally' statement", last) : 0;
    if (PM_UNLIKELY(handlers == 0 && finalbody == 0)) {
        COMPLAIN(p, p->at, "expected 'except' or 'finally' block");
    }
    return is_star == 1 ? NODE(p, TryStar, first, p->block_last, .body = body, .handlers = handlers, .orelse = orelse,
                               .finalbody = finalbody)
                        : NODE(p, Try, first, p->block_last, .body = body, .handlers = handlers, .orelse = orelse,
                               .finalbody = finalbody);
}

static fe_ref parse_function(parser *p, uint32_t first, fe_list decorators) {
    const uint32_t header = p->at++;
    const fe_name name = name_next(p);
    const fe_list types = parse_type_parameters(p);
    parser_expect(p, FE_T_LPAR, "'('");
    const fe_ref args = parse_parameters(p, FE_T_RPAR);
    const fe_ref returns = parser_accept(p, FE_T_ARROW) ? parse_expression(p) : 0;
    const fe_list body = parse_colon_block(p, "function definition", header);
    return first == header ? NODE(p, FunctionDef, first, p->block_last, .name = name, .args = args, .body = body,
                                  .decorator_list = decorators, .returns = returns, .type_params = types)
                           : NODE(p, AsyncFunctionDef, first, p->block_last, .name = name, .args = args, .body = body,
                                  .decorator_list = decorators, .returns = returns, .type_params = types);
}

static fe_ref parse_class_statement(parser *p, fe_list decorators) {
    const uint32_t first = p->at++;
    const fe_name name = name_next(p);
    const fe_list types = parse_type_parameters(p);
    arguments found = {0, 0};
    if (parser_kind(p) == FE_T_LPAR) {
        const uint32_t open = p->at++;
        found = parse_call_arguments(p, open, false);
    }
    const fe_list body = parse_colon_block(p, "class definition", first);
    return NODE(p, ClassDef, first, p->block_last, .name = name, .bases = found.positional, .keywords = found.keywords,
                .body = body, .decorator_list = decorators, .type_params = types);
}

static fe_ref parse_async_statement(parser *p, fe_list decorators) {
    const uint32_t first = p->at++;
    switch (parser_kind(p)) {
    case FE_T_DEF: return parse_function(p, first, decorators);
    case FE_T_FOR:
        if (decorators == 0) {
            return parse_for_statement(p, first);
        }
        break;
    case FE_T_WITH:
        if (decorators == 0) {
            return parse_with_statement(p, first);
        }
        break;
    default: break;
    }
    COMPLAIN(p, p->at, decorators ? "expected 'def'" : "expected 'def', 'for' or 'with'");
}

static fe_ref parse_decorated(parser *p) {
    const uint32_t mark = p->used;
    while (parser_accept(p, FE_T_AT)) {
        parser_push(p, parse_named_expression(p));
        parser_expect(p, FE_T_NEWLINE, "the decorator to end before this");
    }
    const fe_list decorators = parser_take(p, mark);
    switch (parser_kind(p)) {
    case FE_T_DEF: return parse_function(p, p->at, decorators);
    case FE_T_CLASS: return parse_class_statement(p, decorators);
    case FE_T_ASYNC: return parse_async_statement(p, decorators);
    default: COMPLAIN(p, p->at, "expected a function or a class after decorators");
    }
}

/* Pushes a statement, or those of a line. */
static void parse_statement(parser *p) {
    fe_ref node;
    switch (parser_kind(p)) {
    case FE_T_IF: node = parse_if_statement(p); break;
    case FE_T_DEF: node = parse_function(p, p->at, 0); break;
    case FE_T_FOR: node = parse_for_statement(p, p->at); break;
    case FE_T_WITH: node = parse_with_statement(p, p->at); break;
    case FE_T_TRY: node = parse_try_statement(p); break;
    case FE_T_CLASS: node = parse_class_statement(p, 0); break;
    case FE_T_WHILE: node = parse_while_statement(p); break;
    case FE_T_AT: node = parse_decorated(p); break;
    case FE_T_ASYNC: node = parse_async_statement(p, 0); break;
    case FE_T_INDENT: COMPLAIN(p, p->at, "unexpected indent");
    case FE_T_NAME_MATCH:
        if (match_is_statement(p)) {
            node = parse_match_statement(p);
            break;
        }
        /* fall through */
    default: parse_simple_statements(p); return;
    }
    parser_push(p, node);
}
