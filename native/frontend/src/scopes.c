/* Symbol tables: their memory, and the resolution of names. The rules are those of CPython's Python/symtable.c; the way
 * there is another: one walk over the scopes from the outside in, where CPython merges sets from the inside out.
 *
 * When a name's turn comes, the scopes around it are resolved. Of the symbols of the same name in them, only the
 * nearest counts that is not of a class that binds it itself (functions do not see those): what that one is tells what
 * this one is. Cost: one look per symbol, and one step per scope that a free name crosses.
 */
#include "scopes.h"
#include <string.h>

enum { FEW_TOKENS = 32 }; /* for so many there is room for a name each, which more of them seldom are */

static size_t round_up(size_t bytes) {
    return (bytes + 63) & ~(size_t)63;
}

/* The parts of the buffer, in this order: the table itself for inspect.c, names, symbols, scopes, slots. */
typedef struct layout {
    size_t names, symbols, scopes, slots, bytes;
} layout;

static layout layout_of(const fe_symbol_table *table) {
    layout l;
    l.names = round_up(sizeof *table);
    l.symbols = l.names + round_up((table->name_capacity + (size_t)1) * sizeof(fe_symbol_name));
    l.scopes = l.symbols + round_up((table->symbol_capacity + (size_t)1) * sizeof(fe_symbol));
    l.slots = l.scopes + round_up(table->scope_capacity * sizeof(fe_scope));
    l.bytes = l.slots + ((size_t)1 << (32 - table->slot_shift)) * sizeof(uint32_t);
    return l;
}

static void place(fe_symbol_table *table, uint8_t *buffer, const layout *l) {
    table->names = (fe_symbol_name *)(buffer + l->names);
    table->symbols = (fe_symbol *)(buffer + l->symbols);
    table->scopes = (fe_scope *)(buffer + l->scopes);
    table->slots = (uint32_t *)(buffer + l->slots);
}

static void fill_slots(fe_symbol_table *table) {
    const uint32_t mask = (uint32_t)((UINT64_C(1) << (32 - table->slot_shift)) - 1);
    memset(table->slots, 0, ((size_t)mask + 1) * sizeof *table->slots);
    for (uint32_t n = 1; n <= table->name_count; n++) {
        uint32_t slot = fe_slot_of(table, table->by_id ? table->names[n].name : table->names[n].hash);
        while (table->slots[slot] != 0) {
            slot = (slot + 1) & mask;
        }
        table->slots[slot] = n;
    }
}

/* Slots for the names, at most half full. */
static void size_slots(fe_symbol_table *table) {
    table->slot_shift = (uint32_t)__builtin_clz(2 * table->name_capacity - 1);
}

void fe_symbol_table_begin(fe_symbol_table *table, fe_task *task, bool by_id) {
    const uint32_t tokens = task->tokens.count, few = tokens < FEW_TOKENS ? tokens : FEW_TOKENS;
    *table = (fe_symbol_table){.task = task,
                               .by_id = by_id,
                               .name_capacity = few + tokens / 8,
                               .symbol_capacity = few + few / 2 + tokens / 6,
                               .scope_capacity = 1 + few / 4 + tokens / 32};
    size_slots(table);
    const layout l = layout_of(table);
    place(table, fe_need(task, FE_BUF_SYMBOLS, l.bytes), &l);
    fill_slots(table);
}

void fe_symbol_table_grow(fe_symbol_table *table) {
    const layout before = layout_of(table);
    if (table->name_count == table->name_capacity) {
        table->name_capacity *= 2;
        size_slots(table);
    }
    if (table->symbol_count == table->symbol_capacity) {
        table->symbol_capacity *= 2;
    }
    if (table->scope_count == table->scope_capacity) {
        table->scope_capacity *= 2;
    }
    const layout l = layout_of(table);
    uint8_t *buffer = fe_need(table->task, FE_BUF_SYMBOLS, l.bytes);
    memmove(buffer + l.scopes, buffer + before.scopes, table->scope_count * sizeof(fe_scope));
    memmove(buffer + l.symbols, buffer + before.symbols, (table->symbol_count + (size_t)1) * sizeof(fe_symbol));
    place(table, buffer, &l);
    fill_slots(table);
}

uint32_t fe_symbol_insert(fe_symbol_table *table, uint32_t name, uint32_t scope, uint32_t flags) {
    if (PM_UNLIKELY(table->symbol_count == table->symbol_capacity)) {
        fe_symbol_table_grow(table);
    }
    const uint32_t made = ++table->symbol_count;
    uint32_t *link = &table->names[name].top;
    while (*link != 0 && table->symbols[*link].scope > scope) { /* open scopes: the inner one has the larger number */
        link = &table->symbols[*link].outer;
    }
    table->symbols[made] = (fe_symbol){name, scope, flags, table->scopes[scope].first, *link};
    table->scopes[scope].first = made;
    *link = made;
    return made;
}

uint32_t fe_symbol_find(const fe_symbol_table *table, uint32_t name, uint32_t scope) {
    uint32_t s = table->names[name].top;
    while (s != 0 && table->symbols[s].scope > scope) {
        s = table->symbols[s].outer;
    }
    return s != 0 && table->symbols[s].scope == scope ? s : 0;
}

void fe_scope_close(fe_symbol_table *table, uint32_t scope) {
    for (uint32_t s = table->scopes[scope].first; s != 0; s = table->symbols[s].next) {
        table->names[table->symbols[s].name].top = table->symbols[s].outer;
    }
}

static fe_resolution resolution_of(const fe_symbol *symbol) {
    return (fe_resolution)((symbol->flags >> FE_SYM_SCOPE_SHIFT) & 15);
}

/* Names of a class that binds them itself mean nothing to the functions in it. */
static bool is_hidden_by_class(const fe_symbol_table *table, const fe_symbol *symbol) {
    return table->scopes[symbol->scope].kind == FE_SCOPE_CLASS && !(symbol->flags & FE_SYM_HIDDEN) &&
           resolution_of(symbol) != FE_RESOLVED_FREE && (symbol->flags & (FE_SYM_BOUND | FE_SYM_GLOBAL));
}

/* The scopes between that of a free name and the one it comes from get it too. */
static void pass_through(fe_symbol_table *table, uint32_t name, uint32_t scope, uint32_t source_scope) {
    for (uint32_t q = table->scopes[scope].parent; q != source_scope; q = table->scopes[q].parent) {
        const uint32_t s = fe_symbol_find(table, name, q);
        if (s == 0) {
            fe_symbol_insert(table, name, q, FE_RESOLVED_FREE << FE_SYM_SCOPE_SHIFT);
        } else { /* a class binds it */
            table->symbols[s].flags |= FE_SYM_FREE_CLASS;
        }
    }
}

/* A name that its scope does not bind, or declares nonlocal. */
static fe_resolution resolve_outwards(fe_symbol_table *table, uint32_t name, uint32_t scope, bool is_nonlocal) {
    uint32_t s = table->names[name].top;
    while (s != 0 && is_hidden_by_class(table, &table->symbols[s])) {
        s = table->symbols[s].outer;
    }
    fe_symbol *found = &table->symbols[s];
    const fe_resolution theirs = s == 0 ? FE_RESOLVED_GLOBAL_IMPLICIT : resolution_of(found);
    if (theirs == FE_RESOLVED_GLOBAL_IMPLICIT || theirs == FE_RESOLVED_GLOBAL_EXPLICIT) {
        return is_nonlocal ? FE_RESOLVED_FREE : FE_RESOLVED_GLOBAL_IMPLICIT;
    }
    if (theirs == FE_RESOLVED_LOCAL) {
        found->flags += (FE_RESOLVED_CELL - FE_RESOLVED_LOCAL) << FE_SYM_SCOPE_SHIFT;
    } else if (theirs == FE_RESOLVED_FREE && table->scopes[found->scope].kind == FE_SCOPE_CLASS &&
               (found->flags & (FE_SYM_BOUND | FE_SYM_GLOBAL))) {
        found->flags |= FE_SYM_FREE_CLASS;
    }
    if (table->scopes[scope].parent != found->scope) {
        pass_through(table, name, scope, found->scope);
    }
    return FE_RESOLVED_FREE;
}

static void resolve_scope(fe_symbol_table *table, uint32_t scope) {
    for (uint32_t s = table->scopes[scope].first; s != 0; s = table->symbols[s].next) {
        const uint32_t flags = table->symbols[s].flags;
        fe_resolution resolution;
        if (flags & FE_SYM_GLOBAL) {
            resolution = FE_RESOLVED_GLOBAL_EXPLICIT;
        } else if ((flags & FE_SYM_BOUND) && !(flags & FE_SYM_NONLOCAL)) {
            resolution = FE_RESOLVED_LOCAL;
        } else {
            resolution = resolve_outwards(table, table->symbols[s].name, scope, flags & FE_SYM_NONLOCAL);
        }
        table->symbols[s].flags |= (uint32_t)resolution << FE_SYM_SCOPE_SHIFT;
    }
}

/* Puts the symbols of a scope that others lie in on top of the chains. */
static void open_scope(fe_symbol_table *table, uint32_t scope) {
    for (uint32_t s = table->scopes[scope].first; s != 0; s = table->symbols[s].next) {
        uint32_t *top = &table->names[table->symbols[s].name].top;
        table->symbols[s].outer = *top;
        *top = s;
    }
    if (table->scopes[scope].kind == FE_SCOPE_CLASS && table->class_name != 0) { /* on top of one of the class's own */
        (void)fe_symbol_insert(table, table->class_name, scope, FE_SYM_HIDDEN | FE_RESOLVED_CELL << FE_SYM_SCOPE_SHIFT);
    }
}

static uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 32)) * UINT64_C(0xD6E8FEB86659FD93);
    return x ^ (x >> 32);
}

uint64_t fe_scopes_resolve(fe_symbol_table *table) {
    resolve_scope(table, 0);
    uint32_t open = 0; /* the innermost open scope; the module's names are what is found nowhere else */
    for (uint32_t scope = 1; scope < table->scope_count; scope++) {
        while (open != table->scopes[scope].parent) {
            fe_scope_close(table, open);
            open = table->scopes[open].parent;
        }
        resolve_scope(table, scope);
        if (table->scopes[scope].has_children) {
            open_scope(table, scope);
            open = scope;
        }
    }
    uint64_t digest = table->scope_count;
    for (uint32_t s = 1; s <= table->symbol_count; s++) {
        const fe_symbol *symbol = &table->symbols[s];
        if (!(symbol->flags & FE_SYM_HIDDEN)) {
            digest += mix(table->names[symbol->name].hash + symbol->flags) ^ mix(symbol->scope);
        }
    }
    return digest;
}
