/* symbol_walker.h: what the walk over a tree keeps on its way, and how it adds names to scopes. For symbols.c. */
#ifndef FE_SYMBOL_WALKER_H
#define FE_SYMBOL_WALKER_H

#include "symbol_names.h"

typedef struct walker {
    fe_symbol_table table;
    fe_task *task;
    uint32_t scope;         /* the innermost open one */
    uint32_t mark;          /* FE_SYM_COMP_TARGET while a comprehension's target is visited, else 0 */
    uint32_t iterable_name; /* number of .0, the argument of comprehensions; 0: not yet */
    fe_name class_around;   /* whose private names these are; 0: none */
    bool skips_annotations; /* from __future__ import annotations */
} walker;

static inline void add_number(walker *w, uint32_t n, uint32_t flags) {
    const uint32_t top = w->table.names[n].top;
    if (PM_LIKELY(top != 0 && w->table.symbols[top].scope == w->scope)) {
        w->table.symbols[top].flags |= flags | w->mark;
    } else {
        (void)fe_symbol_insert(&w->table, n, w->scope, flags | w->mark);
    }
}

/* The number of a name where it stands. */
static inline uint32_t number_here(walker *w, fe_name name) {
    const uint32_t n = number_of(&w->table, name);
    if (PM_UNLIKELY((w->table.names[n].traits & FE_NAME_PRIVATE) && w->class_around)) {
        return mangled(&w->table, w->class_around, n);
    }
    return n;
}

static inline void add(walker *w, fe_name name, uint32_t flags) {
    add_number(w, number_here(w, name), flags);
}

/* Of an open scope other than the one at hand. */
static void add_to(walker *w, uint32_t n, uint32_t scope, uint32_t flags) {
    const uint32_t found = fe_symbol_find(&w->table, n, scope);
    if (found != 0) {
        w->table.symbols[found].flags |= flags;
    } else {
        (void)fe_symbol_insert(&w->table, n, scope, flags);
    }
}

static void use_class_cell(walker *w) {
    if (w->table.class_name == 0) {
        (void)number_of_text(&w->table, "__class__", 9);
    }
    add_number(w, w->table.class_name, FE_SYM_USE);
}

/* What a scope that ends gives back. */
typedef struct scope_before {
    uint32_t scope;
    uint32_t mark;
} scope_before;

static scope_before enter(walker *w, fe_scope_kind kind, bool is_comprehension) {
    fe_symbol_table *table = &w->table;
    if (PM_UNLIKELY(table->scope_count == table->scope_capacity)) {
        fe_symbol_table_grow(table);
    }
    const scope_before before = {w->scope, w->mark};
    table->scopes[before.scope].has_children = 1;
    w->scope = table->scope_count++;
    w->mark = 0;
    table->scopes[w->scope] =
        (fe_scope){.parent = before.scope, .kind = (uint8_t)kind, .is_comprehension = is_comprehension};
    return before;
}

static void leave(walker *w, scope_before before) {
    fe_scope_close(&w->table, w->scope);
    w->scope = before.scope;
    w->mark = before.mark;
}

/* Whether annotations are left to run time: `from __future__ import annotations`, behind nothing but a docstring and
 * imports of its kind. */
static bool has_future_annotations(fe_task *task, fe_list body) {
    const uint32_t count = fe_list_count(task, body);
    for (uint32_t i = 0; i < count; i++) {
        const fe_ref statement = fe_list_item(task, body, i);
        if (i == 0 && FE_NODE_KIND(task, statement) == FE_KIND_Expr) {
            const fe_ref value = FE_FIELD_OF(task, statement, Expr, value);
            if (FE_NODE_KIND(task, value) == FE_KIND_Constant &&
                FE_FIELD_OF(task, value, Constant, value) == FE_CONST_STRING) {
                continue;
            }
        }
        if (FE_NODE_KIND(task, statement) != FE_KIND_ImportFrom ||
            FE_FIELD_OF(task, statement, ImportFrom, module) == 0 || FE_FIELD_OF(task, statement, ImportFrom, level)) {
            return false;
        }
        const pm_text module = fe_name_text(task, FE_FIELD_OF(task, statement, ImportFrom, module));
        if (module.bytes != 10 || memcmp(module.data, "__future__", 10) != 0) {
            return false;
        }
        const fe_list names = FE_FIELD_OF(task, statement, ImportFrom, names);
        for (uint32_t k = 0; k < fe_list_count(task, names); k++) {
            const pm_text name = fe_name_text(task, FE_FIELD_OF(task, fe_list_item(task, names, k), alias, name));
            if (name.bytes == 11 && memcmp(name.data, "annotations", 11) == 0) {
                return true;
            }
        }
    }
    return false;
}

#endif
