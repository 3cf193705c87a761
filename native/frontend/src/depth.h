/* depth.h: how deep a tree may be for those that walk it by recursion. The parser bounds what it recurses into itself;
 * chains that it reads in loops, such as a.b.c.d or a + b + c + d, it does not. */
#ifndef FE_DEPTH_H
#define FE_DEPTH_H

#include "tree.h"

enum { FE_TREE_DEPTH_MAX = 4 * FE_DEPTH_MAX }; /* nodes: a level of the source makes several */

static inline void fe_check_depth(fe_task *task, fe_ref node, uint32_t depth) {
    if (PM_UNLIKELY(depth > FE_TREE_DEPTH_MAX)) {
        fe_fail_at(task, FE_TOO_DEEP, FE_TOKEN_START(&task->tokens, FE_NODE_FIRST(task, node)),
                   "the tree is deeper than %d nodes", FE_TREE_DEPTH_MAX);
    }
}

#endif
