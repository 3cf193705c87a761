/* The parser: tokens to the syntax tree of Python 3.11, by recursive descent with precedence climbing for operators.
 *
 * No function looks back: what a construct is shows by its next tokens, or by a scan of them (parenthesised items of
 * `with`, the soft keyword `match`). Targets are parsed as expressions and become targets when the `=` or the like is
 * met.
 * Compiled once per setting of ARENA, INTERN, VIEWS and SOA. */
#include "stages.h"

#include "parse_compound.h"

static void begin(parser *p, fe_task *task) {
    p->task = task;
    p->at = 0;
    p->block_last = 0;
    p->whole = 0;
    p->whole_end = 0;
    p->end = task->tokens.count - 1;
    p->used = 0;
    p->room = 0;
#if FE_INTERN
    p->names_begin = 0;
    p->names_count = 0;
#endif
    grow_stack(p);
    look_up_tokens(p);
}

void FE_VARIANT(fe_parse)(fe_task *task) {
    parser p;
    begin(&p, task);
    task->parser = &p;
    task->depth = 0;
    FE_VARIANT(fe_tree_begin)(task, task->tokens.count);
    while (kind_now(&p) != FE_T_END) {
        statement(&p);
    }
    const fe_list body = take(&p, 0);
    task->root = NODE(&p, Module, 0, p.at, .body = body);
    task->parser = NULL;
}

fe_ref FE_VARIANT(fe_parse_field)(fe_task *task, uint32_t first_token) {
    parser *p = task->parser;
    const uint32_t outer = p->at;
    look_up_tokens(p);
    p->at = first_token;
    const fe_ref node = star_expressions(p);
    if (PM_UNLIKELY(kind_now(p) != FE_T_END)) {
        COMPLAIN(p, p->at, "f-string: invalid syntax");
    }
    p->at = outer;
    return node;
}
