/* depth.h: walks over the tree by recursion, as deep as the stack allows: chains such as a.b.c.d or a + b + c + d,
 * which the parser reads in loops, make trees of any depth. */
#ifndef FE_DEPTH_H
#define FE_DEPTH_H

#include "stack.h"
#include "tree.h"

/* Fails where the stack has no room for what is below a node; to be called once on each way around the recursion. */
static inline void fe_check_depth(fe_task *task, fe_ref node) {
    if (PM_UNLIKELY(FE_STACK_HERE() < task->stack_floor)) {
        fe_deepen(task, FE_STACK_HERE(), FE_TOKEN_START(&task->tokens, FE_NODE_FIRST(task, node)));
    }
}

#endif
