/* tree_store.h: the memory of a syntax tree; tree.h reads and writes it in the variant's way. */
#ifndef FE_TREE_STORE_H
#define FE_TREE_STORE_H

#include <stdint.h>

typedef struct fe_tree_store {
    uint32_t node_count;    /* nodes made */
    uint32_t node_capacity; /* SOA: of the columns */
    uint8_t *kind;          /* SOA, by node: fe_kind */
    uint32_t *first;        /* SOA: first token */
    uint32_t *last;         /* SOA: last token */
    void *fields;           /* SOA: with ARENA uint32_t, an index of words; without, fe_word * */
    uint32_t *words;        /* ARENA: records, fields, lists and texts, one region of the task's arena */
    uint32_t word_count;
    uint32_t word_capacity;
} fe_tree_store;

#endif
