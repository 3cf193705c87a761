/* scopes.h: the symbol tables of a task: scopes, and in each what its names are; as CPython's `symtable` sees them.
 *
 *     names   [name, hash, top] by number      one for each distinct name of the task
 *     symbols [name, scope, flags, next, outer] one for each name of each scope
 *     scopes  [kind, parent, first symbol]      0 is the module; a scope stands behind the one that it lies in
 * While a scope is open, `top` of a name is its symbol in the innermost open scope that has one, and `outer` of that
 * symbol the one in the next scope outwards: finding a name in the scope at hand is one look, and finding who binds it
 * a walk along the scopes that know it. All of it lies in one buffer (FE_BUF_SYMBOLS). No variant.
 */
#ifndef FE_SCOPES_H
#define FE_SCOPES_H

#include "task.h"

typedef enum fe_scope_kind { FE_SCOPE_MODULE, FE_SCOPE_FUNCTION, FE_SCOPE_CLASS } fe_scope_kind;

/* Of a symbol; the numbers up to FE_SYM_SCOPE_SHIFT are those of CPython's symtable.h. */
enum {
    FE_SYM_GLOBAL = 1, /* a global statement */
    FE_SYM_LOCAL = 2,  /* assigned */
    FE_SYM_PARAM = 4,
    FE_SYM_NONLOCAL = 8,
    FE_SYM_USE = 16,
    FE_SYM_FREE_CLASS = 64, /* of a class that binds it, and free in a function of the class */
    FE_SYM_IMPORT = 128,
    FE_SYM_ANNOTATED = 256,
    FE_SYM_COMP_TARGET = 512, /* the target of a comprehension */
    FE_SYM_BOUND = FE_SYM_LOCAL | FE_SYM_PARAM | FE_SYM_IMPORT,
    FE_SYM_SCOPE_SHIFT = 11, /* what is above is an fe_resolution */
    FE_SYM_HIDDEN = 1 << 16  /* in no table: the cell __class__ of a class */
};

typedef enum fe_resolution {
    FE_RESOLVED_LOCAL = 1,
    FE_RESOLVED_GLOBAL_EXPLICIT,
    FE_RESOLVED_GLOBAL_IMPLICIT,
    FE_RESOLVED_FREE,
    FE_RESOLVED_CELL
} fe_resolution;

/* What is special about a name. */
enum { FE_NAME_PRIVATE = 1, FE_NAME_SUPER = 2, FE_NAME_CLASS = 4 };

typedef struct fe_symbol_name {
    uintptr_t name; /* fe_name */
    uint64_t hash;  /* of the bytes */
    uint32_t top;   /* symbol; 0: none */
    uint32_t traits;
} fe_symbol_name;

typedef struct fe_symbol {
    uint32_t name;
    uint32_t scope;
    uint32_t flags;
    uint32_t next;  /* of the same scope; 0: the last */
    uint32_t outer; /* of the same name; 0: none */
} fe_symbol;

typedef struct fe_scope {
    uint32_t parent;
    uint32_t first; /* symbol; 0: none */
    uint8_t kind;
    uint8_t is_comprehension;
    uint8_t has_children;
} fe_scope;

typedef struct fe_symbol_table {
    fe_task *task;
    uint32_t *slots;       /* name numbers by hash, 0: empty */
    fe_symbol_name *names; /* from 1 on */
    fe_symbol *symbols;    /* from 1 on */
    fe_scope *scopes;
    uint32_t slot_shift; /* slots are 2^(32 - shift) */
    uint32_t name_count, name_capacity;
    uint32_t symbol_count, symbol_capacity;
    uint32_t scope_count, scope_capacity;
    uint32_t class_name; /* number of __class__; 0: the source has no such name */
    bool by_id;          /* slots are found by names, else by hashes */
} fe_symbol_table;

static inline uint32_t fe_slot_of(const fe_symbol_table *table, uint64_t key) {
    return (uint32_t)(key * UINT64_C(0x9E3779B97F4A7C15) >> 32) >> table->slot_shift;
}

/* An empty table with room for what a source of so many tokens is likely to need. */
void fe_symbol_table_begin(fe_symbol_table *table, fe_task *task, bool by_id);

/* Twice the room for what is full. */
void fe_symbol_table_grow(fe_symbol_table *table) __attribute__((cold));

/* Puts a symbol of a scope that is open into its place in the chain of its name, which must not have one there. */
uint32_t fe_symbol_insert(fe_symbol_table *table, uint32_t name, uint32_t scope, uint32_t flags);

/* The symbol of an open scope; 0: none. */
uint32_t fe_symbol_find(const fe_symbol_table *table, uint32_t name, uint32_t scope);

/* Takes the symbols of the innermost open scope out of the chains. */
void fe_scope_close(fe_symbol_table *table, uint32_t scope);

/* Decides for every symbol where it is bound, when all scopes are known and closed. Returns the digest. */
uint64_t fe_scopes_resolve(fe_symbol_table *table);

#endif
