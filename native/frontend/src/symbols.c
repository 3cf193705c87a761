/* The symbol tables of a tree: which names each scope has and what is done with them, after CPython's
 * Python/symtable.c; scopes.c then decides where each is bound. What is an error there, such as a name that is
 * global and nonlocal, is none here: ast.parse takes such programs.
 *
 * One walk over the tree. Its cases are made from nodes.def: every kind visits its nodes in their order, but for those
 * that open scopes or bind names, which have functions of their own.
 */
#include "depth.h"
#include "nodes.h"
#include "stages.h"
#include "symbol_walker.h"

static void visit_node(walker *w, fe_ref node);

/* Names and constants, which are most nodes, without a call. */
static inline void visit(walker *w, fe_ref node) {
    const fe_kind kind = FE_NODE_KIND(w->task, node);
    if (kind == FE_KIND_Name) {
        const fe_word *fields = FE_NODE_FIELDS(w->task, node);
        const uint32_t n = number_here(w, fields[FE_Name_id]);
        const bool loads = fields[FE_Name_ctx] == FE_LOAD;
        add_number(w, n, loads ? FE_SYM_USE : FE_SYM_LOCAL);
        if (PM_UNLIKELY(w->table.names[n].traits == FE_NAME_SUPER) && loads &&
            w->table.scopes[w->scope].kind == FE_SCOPE_FUNCTION) {
            use_class_cell(w); /* super() without arguments takes it from there */
        }
    } else if (kind != FE_KIND_Constant) {
        visit_node(w, node);
    }
}

static void visit_list(walker *w, fe_list list) {
    const fe_task *task = w->task;
    const uint32_t count = fe_list_count(task, list);
    for (uint32_t i = 0; i < count; i++) {
        const fe_ref node = fe_list_item(task, list, i); /* read anew: names may make the tree's memory move */
        if (node != 0) {
            visit(w, node);
        }
    }
}

static inline void visit_optional(walker *w, fe_ref node) {
    if (node != 0) {
        visit(w, node);
    }
}

/* Calls `todo` with the reference `argument` of each arg in a node `arguments`. */
#define FOR_ARGUMENTS(w, arguments, argument, todo)                                                                    \
    do {                                                                                                               \
        static const uint8_t lists[] = {FE_arguments_posonlyargs, FE_arguments_args, FE_arguments_kwonlyargs};         \
        static const uint8_t singles[] = {FE_arguments_vararg, FE_arguments_kwarg};                                    \
        for (unsigned k = 0; k < 3; k++) {                                                                             \
            const fe_list list = FE_NODE_FIELDS((w)->task, arguments)[lists[k]];                                       \
            const uint32_t count = fe_list_count((w)->task, list);                                                     \
            for (uint32_t i = 0; i < count; i++) {                                                                     \
                const fe_ref argument = fe_list_item((w)->task, list, i);                                              \
                todo;                                                                                                  \
            }                                                                                                          \
        }                                                                                                              \
        for (unsigned k = 0; k < 2; k++) {                                                                             \
            const fe_ref argument = FE_NODE_FIELDS((w)->task, arguments)[singles[k]];                                  \
            if (argument != 0) {                                                                                       \
                todo;                                                                                                  \
            }                                                                                                          \
        }                                                                                                              \
    } while (0)

static void visit_defaults(walker *w, fe_ref arguments) {
    visit_list(w, FE_FIELD_OF(w->task, arguments, arguments, defaults));
    visit_list(w, FE_FIELD_OF(w->task, arguments, arguments, kw_defaults));
}

static void visit_annotations(walker *w, fe_ref arguments, fe_ref returns) {
    if (!w->skips_annotations) {
        FOR_ARGUMENTS(w, arguments, a, visit_optional(w, FE_FIELD_OF(w->task, a, arg, annotation)));
        visit_optional(w, returns);
    }
}

static void add_parameters(walker *w, fe_ref arguments) {
    FOR_ARGUMENTS(w, arguments, a, add(w, FE_FIELD_OF(w->task, a, arg, arg), FE_SYM_PARAM));
}

/* The scope of type parameters, which lies around what they belong to; each bound and default has one of its own. None
 * is opened where there are no parameters. */
static scope_before enter_type_parameters(walker *w, fe_list parameters) {
    if (parameters == 0) {
        return (scope_before){w->scope, w->mark};
    }
    const scope_before before = enter(w, FE_SCOPE_FUNCTION, false);
    const uint32_t count = fe_list_count(w->task, parameters);
    for (uint32_t i = 0; i < count; i++) {
        const fe_ref node = fe_list_item(w->task, parameters, i);
        const fe_kind kind = FE_NODE_KIND(w->task, node);
        const fe_word *fields = FE_NODE_FIELDS(w->task, node); /* the name comes first in all three */
        add(w, fields[FE_TypeVar_name], FE_SYM_LOCAL);
        const fe_ref parts[] = {kind == FE_KIND_TypeVar ? FE_FIELD_OF(w->task, node, TypeVar, bound) : 0,
                                kind == FE_KIND_TypeVar     ? FE_FIELD_OF(w->task, node, TypeVar, default_value)
                                : kind == FE_KIND_ParamSpec ? FE_FIELD_OF(w->task, node, ParamSpec, default_value)
                                                            : FE_FIELD_OF(w->task, node, TypeVarTuple, default_value)};
        for (unsigned k = 0; k < 2; k++) {
            if (parts[k] != 0) {
                const scope_before inner = enter(w, FE_SCOPE_FUNCTION, false);
                visit(w, parts[k]);
                leave(w, inner);
            }
        }
    }
    return before;
}

static void leave_type_parameters(walker *w, fe_list parameters, scope_before before) {
    if (parameters != 0) {
        leave(w, before);
    }
}

/* type Name[T] = value: the value is a scope of its own. */
static void visit_type_alias(walker *w, fe_ref node) {
    const fe_list parameters = FE_FIELD_OF(w->task, node, TypeAlias, type_params);
    visit(w, FE_FIELD_OF(w->task, node, TypeAlias, name));
    const scope_before around = enter_type_parameters(w, parameters);
    const scope_before before = enter(w, FE_SCOPE_FUNCTION, false);
    visit(w, FE_FIELD_OF(w->task, node, TypeAlias, value));
    leave(w, before);
    leave_type_parameters(w, parameters, around);
}

/* def and async def, which have the same fields. */
static void visit_function(walker *w, fe_ref node) {
    const fe_ref arguments = FE_FIELD_OF(w->task, node, FunctionDef, args);
    const fe_list types = FE_FIELD_OF(w->task, node, FunctionDef, type_params);
    add(w, FE_FIELD_OF(w->task, node, FunctionDef, name), FE_SYM_LOCAL);
    visit_defaults(w, arguments);
    if (types != 0) {
        visit_list(w, FE_FIELD_OF(w->task, node, FunctionDef, decorator_list));
    }
    const scope_before around = enter_type_parameters(w, types);
    visit_annotations(w, arguments, FE_FIELD_OF(w->task, node, FunctionDef, returns));
    if (types == 0) {
        visit_list(w, FE_FIELD_OF(w->task, node, FunctionDef, decorator_list));
    }
    const scope_before before = enter(w, FE_SCOPE_FUNCTION, false);
    add_parameters(w, arguments);
    visit_list(w, FE_FIELD_OF(w->task, node, FunctionDef, body));
    leave(w, before);
    leave_type_parameters(w, types, around);
}

static void visit_lambda(walker *w, fe_ref node) {
    const fe_ref arguments = FE_FIELD_OF(w->task, node, Lambda, args);
    visit_defaults(w, arguments);
    const scope_before before = enter(w, FE_SCOPE_FUNCTION, false);
    add_parameters(w, arguments);
    visit(w, FE_FIELD_OF(w->task, node, Lambda, body));
    leave(w, before);
}

static void visit_class(walker *w, fe_ref node) {
    const fe_name name = FE_FIELD_OF(w->task, node, ClassDef, name), around = w->class_around;
    const fe_list types = FE_FIELD_OF(w->task, node, ClassDef, type_params);
    add(w, name, FE_SYM_LOCAL);
    if (types != 0) {
        visit_list(w, FE_FIELD_OF(w->task, node, ClassDef, decorator_list));
    }
    const scope_before types_around = enter_type_parameters(w, types);
    visit_list(w, FE_FIELD_OF(w->task, node, ClassDef, bases));
    visit_list(w, FE_FIELD_OF(w->task, node, ClassDef, keywords));
    if (types == 0) {
        visit_list(w, FE_FIELD_OF(w->task, node, ClassDef, decorator_list));
    }
    const scope_before before = enter(w, FE_SCOPE_CLASS, false);
    w->class_around = name;
    visit_list(w, FE_FIELD_OF(w->task, node, ClassDef, body));
    w->class_around = around;
    leave(w, before);
    leave_type_parameters(w, types, types_around);
}

static void visit_generator(walker *w, fe_ref generator, bool is_outermost) {
    w->mark = FE_SYM_COMP_TARGET;
    visit(w, FE_FIELD_OF(w->task, generator, comprehension, target));
    w->mark = 0;
    if (!is_outermost) {
        visit(w, FE_FIELD_OF(w->task, generator, comprehension, iter));
    }
    visit_list(w, FE_FIELD_OF(w->task, generator, comprehension, ifs));
}

/* The outermost iterable belongs to the scope around and comes in as the argument .0. value is 0 but in a DictComp. */
static void visit_comprehension(walker *w, fe_list generators, fe_ref element, fe_ref value) {
    visit(w, FE_FIELD_OF(w->task, fe_list_item(w->task, generators, 0), comprehension, iter));
    const scope_before before = enter(w, FE_SCOPE_FUNCTION, true);
    if (w->iterable_name == 0) {
        w->iterable_name = number_of_text(&w->table, ".0", 2);
    }
    add_number(w, w->iterable_name, FE_SYM_PARAM);
    const uint32_t count = fe_list_count(w->task, generators);
    for (uint32_t i = 0; i < count; i++) {
        visit_generator(w, fe_list_item(w->task, generators, i), i == 0);
    }
    visit_optional(w, value);
    visit(w, element);
    leave(w, before);
}

static void add_global(walker *w, uint32_t n) {
    add_number(w, n, FE_SYM_GLOBAL);
    add_to(w, n, 0, FE_SYM_GLOBAL);
}

/* A walrus in a comprehension binds in the function or module around it. */
static void bind_around_comprehensions(walker *w, fe_ref target) {
    const uint32_t n = number_here(w, FE_FIELD_OF(w->task, target, Name, id));
    uint32_t scope = w->scope;
    while (w->table.scopes[scope].is_comprehension) {
        scope = w->table.scopes[scope].parent;
    }
    switch ((fe_scope_kind)w->table.scopes[scope].kind) {
    case FE_SCOPE_MODULE: add_global(w, n); break;
    case FE_SCOPE_FUNCTION: {
        const uint32_t theirs = fe_symbol_find(&w->table, n, scope);
        if (theirs != 0 && (w->table.symbols[theirs].flags & FE_SYM_GLOBAL)) {
            add_global(w, n);
        } else {
            add_number(w, n, FE_SYM_NONLOCAL);
        }
        add_to(w, n, scope, FE_SYM_LOCAL);
        break;
    }
    case FE_SCOPE_CLASS: /* CPython has no symbols for this error */ break;
    }
}

static void visit_annotated_assignment(walker *w, fe_ref node) {
    const fe_ref target = FE_FIELD_OF(w->task, node, AnnAssign, target);
    const fe_ref value = FE_FIELD_OF(w->task, node, AnnAssign, value);
    if (FE_NODE_KIND(w->task, target) != FE_KIND_Name) {
        visit(w, target);
    } else if (FE_FIELD_OF(w->task, node, AnnAssign, simple)) {
        add(w, FE_FIELD_OF(w->task, target, Name, id), FE_SYM_ANNOTATED | FE_SYM_LOCAL);
    } else if (value != 0) {
        add(w, FE_FIELD_OF(w->task, target, Name, id), FE_SYM_LOCAL);
    }
    if (!w->skips_annotations) {
        visit(w, FE_FIELD_OF(w->task, node, AnnAssign, annotation));
    }
    visit_optional(w, value);
}

/* `import a.b` binds a, `from m import *` nothing that is known. */
static void visit_alias(walker *w, fe_ref node) {
    const fe_name given = FE_FIELD_OF(w->task, node, alias, asname);
    const fe_name name = given ? given : FE_FIELD_OF(w->task, node, alias, name);
    const pm_text text = fe_name_text(w->task, name);
    const char *dot = memchr(text.data, '.', text.bytes);
    if (PM_LIKELY(dot == NULL)) {
        if (*(const char *)text.data != '*') {
            add(w, name, FE_SYM_IMPORT);
        }
        return;
    }
    const uint32_t bytes = (uint32_t)(dot - (const char *)text.data); /* copied: naming may move the text */
    add(w, fe_name_new(w->task, memcpy(fe_need(w->task, FE_BUF_SCRATCH, bytes), text.data, bytes), bytes),
        FE_SYM_IMPORT);
}

static void visit_names(walker *w, fe_list names, uint32_t flag) {
    const uint32_t count = fe_list_count(w->task, names);
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t n = number_here(w, fe_list_item(w->task, names, i));
        if (flag == FE_SYM_GLOBAL) {
            add_global(w, n);
        } else {
            add_number(w, n, flag);
        }
    }
}

static inline void add_optional(walker *w, fe_name name) {
    if (name != 0) {
        add(w, name, FE_SYM_LOCAL);
    }
}

/* The kinds that open scopes or bind names by themselves. */
#define IS_SPECIAL(kind)                                                                                               \
    ((kind) == FE_KIND_FunctionDef || (kind) == FE_KIND_AsyncFunctionDef || (kind) == FE_KIND_ClassDef ||              \
     (kind) == FE_KIND_AnnAssign || (kind) == FE_KIND_Global || (kind) == FE_KIND_Nonlocal ||                          \
     (kind) == FE_KIND_NamedExpr || (kind) == FE_KIND_Lambda || (kind) == FE_KIND_ListComp ||                          \
     (kind) == FE_KIND_SetComp || (kind) == FE_KIND_DictComp || (kind) == FE_KIND_GeneratorExp ||                      \
     (kind) == FE_KIND_Name || (kind) == FE_KIND_alias || (kind) == FE_KIND_TypeAlias)

static void visit_special(walker *w, fe_ref node) {
    switch (FE_NODE_KIND(w->task, node)) {
    case FE_KIND_FunctionDef:
    case FE_KIND_AsyncFunctionDef: visit_function(w, node); break;
    case FE_KIND_ClassDef: visit_class(w, node); break;
    case FE_KIND_Lambda: visit_lambda(w, node); break;
#define COMPREHENSION(kind, element, value)                                                                            \
    case FE_KIND_##kind:                                                                                               \
        visit_comprehension(w, FE_FIELD_OF(w->task, node, kind, generators),                                           \
                            FE_FIELD_OF(w->task, node, kind, element), value);                                         \
        break;
        COMPREHENSION(ListComp, elt, 0)
        COMPREHENSION(SetComp, elt, 0)
        COMPREHENSION(GeneratorExp, elt, 0)
        COMPREHENSION(DictComp, key, FE_FIELD_OF(w->task, node, DictComp, value))
#undef COMPREHENSION
    case FE_KIND_NamedExpr:
        if (w->table.scopes[w->scope].is_comprehension) {
            bind_around_comprehensions(w, FE_FIELD_OF(w->task, node, NamedExpr, target));
        }
        visit(w, FE_FIELD_OF(w->task, node, NamedExpr, value));
        visit(w, FE_FIELD_OF(w->task, node, NamedExpr, target));
        break;
    case FE_KIND_AnnAssign: visit_annotated_assignment(w, node); break;
    case FE_KIND_alias: visit_alias(w, node); break;
    case FE_KIND_TypeAlias: visit_type_alias(w, node); break;
    case FE_KIND_Global: visit_names(w, FE_FIELD_OF(w->task, node, Global, names), FE_SYM_GLOBAL); break;
    case FE_KIND_Nonlocal: visit_names(w, FE_FIELD_OF(w->task, node, Nonlocal, names), FE_SYM_NONLOCAL); break;
    default: /* a Name: `visit` has them all */ break;
    }
}

/* What is done with a field of each type, `field` being its word. Names bind but where they are no variables. */
#define VISIT_NAME(kind)
#define VISIT_OPT_NAME(kind)                                                                                           \
    if (FE_KIND_##kind == FE_KIND_ExceptHandler || FE_KIND_##kind == FE_KIND_MatchAs ||                                \
        FE_KIND_##kind == FE_KIND_MatchStar || FE_KIND_##kind == FE_KIND_MatchMapping) {                               \
        add_optional(w, field);                                                                                        \
    }
#define VISIT_NAMES(kind)
#define VISIT_NODE(kind) visit(w, field);
#define VISIT_OPT_NODE(kind) visit_optional(w, field);
#define VISIT_NODES(kind) visit_list(w, field);
#define VISIT_HOLES(kind) visit_list(w, field);
#define VISIT_INT(kind)
#define VISIT_CTX(kind)
#define VISIT_BOOLOP(kind)
#define VISIT_OPERATOR(kind)
#define VISIT_UNARYOP(kind)
#define VISIT_CMPOPS(kind)
#define VISIT_CONSTANT(kind)
#define VISIT_PAYLOAD(kind)
#define VISIT_UNICODE(kind)
#define VISIT_TEXT(kind)

static void visit_node(walker *w, fe_ref node) {
    fe_check_depth(w->task, node);
    switch (FE_NODE_KIND(w->task, node)) {
#define FE_NODE(kind, located)                                                                                         \
    case FE_KIND_##kind:                                                                                               \
        if (IS_SPECIAL(FE_KIND_##kind)) {                                                                              \
            visit_special(w, node);                                                                                    \
            break;                                                                                                     \
        }
#define FE_FIELD(kind, name, type, since)                                                                              \
    if (since == 0 || w->task->dialect->minor >= since) {                                                              \
        const fe_word field = FE_FIELD_OF(w->task, node, kind, name);                                                  \
        (void)field;                                                                                                   \
        VISIT_##type(kind)                                                                                             \
    }
#define FE_END(kind) break;
#include "nodes.def"
#undef FE_NODE
#undef FE_FIELD
#undef FE_END
    case FE_KIND_NONE:
    case FE_KIND_COUNT: break;
    }
}

void FE_VARIANT(fe_symbols)(fe_task *task) {
    const fe_list body = FE_FIELD_OF(task, (fe_ref)task->root, Module, body);
    walker w = {.task = task, .skips_annotations = has_future_annotations(task, body)};
    fe_symbol_table_begin(&w.table, task, FE_INTERN);
    w.table.scopes[0] = (fe_scope){.kind = FE_SCOPE_MODULE};
    w.table.scope_count = 1;
    visit_list(&w, body);
    fe_scope_close(&w.table, 0);
    task->symbols_digest = fe_scopes_resolve(&w.table);
    *(fe_symbol_table *)task->buffers[FE_BUF_SYMBOLS].data = w.table;
}
