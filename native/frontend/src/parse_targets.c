/* parse_targets.c: from expressions to what is assigned to: contexts set, everything else refused as CPython does. */
#include "parser.h"

/* What CPython calls an expression in its complaints. */
static const char *target_describe(parser *p, fe_ref node) {
    (void)p; /* addresses need no task */
    switch (FE_NODE_KIND(p->task, node)) {
    case FE_KIND_Attribute: return "attribute";
    case FE_KIND_Subscript: return "subscript";
    case FE_KIND_Starred: return "starred";
    case FE_KIND_Name: return "name";
    case FE_KIND_List: return "list";
    case FE_KIND_Tuple: return "tuple";
    case FE_KIND_Lambda: return "lambda";
    case FE_KIND_Call: return "function call";
    case FE_KIND_GeneratorExp: return "generator expression";
    case FE_KIND_Yield:
    case FE_KIND_YieldFrom: return "yield expression";
    case FE_KIND_Await: return "await expression";
    case FE_KIND_ListComp: return "list comprehension";
    case FE_KIND_SetComp: return "set comprehension";
    case FE_KIND_DictComp: return "dict comprehension";
    case FE_KIND_Dict: return "dict literal";
    case FE_KIND_Set: return "set display";
    case FE_KIND_JoinedStr: return "f-string expression";
    case FE_KIND_TemplateStr: return "t-string expression";
    case FE_KIND_Compare: return "comparison";
    case FE_KIND_IfExp: return "conditional expression";
    case FE_KIND_NamedExpr: return "named expression";
    case FE_KIND_Constant:
        switch ((fe_constant)FE_FIELD_OF(p->task, node, Constant, value)) {
        case FE_CONST_NONE: return "None";
        case FE_CONST_TRUE: return "True";
        case FE_CONST_FALSE: return "False";
        case FE_CONST_ELLIPSIS: return "ellipsis";
        default: return "literal";
        }
    default: return "expression";
    }
}

/* Refuses a target, or the part of one, that cannot be one; `whole`: it is all that stands before `=`. */
static _Noreturn __attribute__((noinline, cold)) void target_refuse(parser *p, fe_ref node, fe_context context,
                                                                    bool whole) {
    const uint32_t token = FE_NODE_FIRST(p->task, node);
    if (context == FE_DEL) {
        COMPLAIN(p, token, "cannot delete %s", target_describe(p, node));
    }
    const fe_kind kind = FE_NODE_KIND(p->task, node);
    const bool is_word = kind == FE_KIND_Constant && FE_FIELD_OF(p->task, node, Constant, value) <= FE_CONST_FALSE;
    if (whole && !is_word && kind != FE_KIND_GeneratorExp) {
        COMPLAIN(p, token, "cannot assign to %s here. Maybe you meant '==' instead of '='?", target_describe(p, node));
    }
    COMPLAIN(p, token, "cannot assign to %s", target_describe(p, node));
}

/* Makes an expression, parsed as one that is read, a target. */
static void target_set_context(parser *p, fe_ref node, fe_context context, bool whole) {
    fe_task *task = p->task;
    fe_list elements;
    switch (FE_NODE_KIND(task, node)) {
    case FE_KIND_Name: FE_FIELD_OF(task, node, Name, ctx) = context; return;
    case FE_KIND_Attribute: FE_FIELD_OF(task, node, Attribute, ctx) = context; return;
    case FE_KIND_Subscript: FE_FIELD_OF(task, node, Subscript, ctx) = context; return;
    case FE_KIND_Starred:
        if (context == FE_DEL) {
            target_refuse(p, node, context, false);
        }
        FE_FIELD_OF(task, node, Starred, ctx) = context;
        target_set_context(p, FE_FIELD_OF(task, node, Starred, value), context, false);
        return;
    case FE_KIND_Tuple:
        FE_FIELD_OF(task, node, Tuple, ctx) = context;
        elements = FE_FIELD_OF(task, node, Tuple, elts);
        break;
    case FE_KIND_List:
        FE_FIELD_OF(task, node, List, ctx) = context;
        elements = FE_FIELD_OF(task, node, List, elts);
        break;
    default: target_refuse(p, node, context, whole);
    }
    const uint32_t count = fe_list_count(task, elements);
    for (uint32_t i = 0; i < count; i++) {
        target_set_context(p, fe_list_item(task, elements, i), context, false);
    }
}

/* Whether it can be annotated or assigned to with an operator: a name, an attribute or a subscript. */
static bool target_is_single(parser *p, fe_ref node) {
    (void)p;
    const fe_kind kind = FE_NODE_KIND(p->task, node);
    return kind == FE_KIND_Name || kind == FE_KIND_Attribute || kind == FE_KIND_Subscript;
}
