/* The parser: tokens to the syntax tree of Python 3.11, by recursive descent with precedence climbing for operators.
 *
 * No function looks back: what a construct is shows by its next tokens, or by a scan of them (parenthesised items of
 * `with`, the soft keyword `match`). Targets are parsed as expressions and become targets when the `=` or the like is
 * met.
 * Compiled once per setting of ARENA, INTERN, VIEWS and SOA. */
#include "parser.h"

static void parser_begin(parser *p, fe_task *task) {
    p->task = task;
    p->at = 0;
    p->block_last = 0;
    p->whole = 0;
    p->whole_end = 0;
    p->clause_end = 0;
    p->doubted = 0;
    p->end = task->tokens.count - 1;
    p->used = 0;
    p->room = 0;
#if FE_INTERN
    p->names_begin = 0;
    p->names_count = 0;
#endif
    parser_grow_stack(p);
    parser_look_up_tokens(p);
}

void FE_VARIANT(fe_parse)(fe_task *task) {
    parser p;
    parser_begin(&p, task);
    task->depth = 0;
    FE_VARIANT(fe_tree_begin)(task, task->tokens.count);
    while (parser_kind(&p) != FE_T_END) {
        parse_statement(&p);
    }
    const fe_list body = parser_take(&p, 0);
    task->root = NODE(&p, Module, 0, p.at, .body = body);
}
