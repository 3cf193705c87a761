/* tree.h: reading and writing the syntax tree in the variant's way.
 *
 * A node has a kind, the numbers of its first and last token, and fields of one fe_word each (nodes.def). A field holds
 * a number, a reference to a node, a list, a name or a text; 0 is none of them.
 *
 *   ARENA        references are 32-bit: indexes into one region of words (records) or of columns
 *   no ARENA     each record, field block, list and text is a malloc of its own, referred to by its address
 *   SOA          kind, first and last are columns by node number; the fields stand apart
 *   no SOA       they stand before the fields
 *
 * Pointers into the words are void after anything is made: a growing region moves. Everything here may fe_fail.
 */
#ifndef FE_TREE_H
#define FE_TREE_H

#include <string.h>

#include "task.h"
#include "tokens.h"
#include "variant.h"

#if FE_ARENA
typedef uint32_t fe_word;
#else
typedef uintptr_t fe_word;
#endif
typedef fe_word fe_ref;  /* a node */
typedef fe_word fe_list; /* elements of one fe_word; 0 is the empty list */
typedef fe_word fe_blob; /* bytes: a name without INTERN, a decoded constant */
typedef fe_word fe_name; /* with INTERN an id + 1, else a blob */

#if !FE_ARENA && !FE_SOA
typedef struct fe_record {
    uint32_t kind;
    uint32_t first;
    uint32_t last;
    fe_word fields[];
} fe_record;
#endif

/* A longer region for `words` more, longer columns; tree.c. */
#if FE_ARENA
void FE_VARIANT(fe_tree_grow_words)(fe_task *task, uint32_t words);
#endif
#if FE_SOA
void FE_VARIANT(fe_tree_grow_nodes)(fe_task *task);
#endif

/* Makes room for what a source of `tokens` tokens is likely to need. tree.c. */
void FE_VARIANT(fe_tree_begin)(fe_task *task, uint32_t tokens);

#if FE_ARENA
/* The index of `count` words in a row; index 0 is never given out. */
static inline uint32_t fe_words(fe_task *task, uint32_t count) {
    fe_tree_store *tree = &task->tree;
    if (PM_UNLIKELY(tree->word_capacity - tree->word_count < count)) {
        FE_VARIANT(fe_tree_grow_words)(task, count);
    }
    const uint32_t at = tree->word_count;
    tree->word_count = at + count;
    return at;
}
#endif

/* A node whose `count` fields the caller sets at once, through what is returned. */
static inline fe_word *fe_node_open(fe_task *task, fe_kind kind, uint32_t first, uint32_t last, uint32_t count,
                                    fe_ref *out) {
    fe_tree_store *tree = &task->tree;
#if FE_SOA
    const uint32_t node = tree->node_count + 1;
    if (PM_UNLIKELY(node >= tree->node_capacity)) {
        FE_VARIANT(fe_tree_grow_nodes)(task);
    }
#if FE_ARENA
    const uint32_t at = fe_words(task, count);
    fe_word *fields = tree->words + at;
    ((uint32_t *)tree->fields)[node] = at;
#else
    fe_word *fields = count ? fe_block_alloc(task, count * sizeof *fields) : NULL;
    ((fe_word **)tree->fields)[node] = fields;
#endif
    tree->first[node] = first;
    tree->last[node] = last;
    tree->kind[node] = (uint8_t)kind;
    tree->node_count = node;
    *out = node;
    return fields;
#elif FE_ARENA
    const uint32_t at = fe_words(task, 3 + count);
    uint32_t *words = tree->words + at;
    words[0] = kind;
    words[1] = first;
    words[2] = last;
    tree->node_count++;
    *out = at;
    return words + 3;
#else
    fe_record *record = fe_block_alloc(task, sizeof *record + count * sizeof(fe_word));
    record->kind = kind;
    record->first = first;
    record->last = last;
    tree->node_count++;
    *out = (fe_ref)record;
    return record->fields;
#endif
}

/* A node with `count` fields of 0. */
static inline fe_ref fe_node(fe_task *task, fe_kind kind, uint32_t first, uint32_t last, uint32_t count) {
    fe_ref node;
    fe_word *fields = fe_node_open(task, kind, first, last, count, &node);
    for (uint32_t i = 0; i < count; i++) {
        fields[i] = 0;
    }
    return node;
}

/* FE_NODE_NEW(task, Name, first, last): with all its fields. */
#define FE_NODE_NEW(task, kind, first, last) fe_node(task, FE_KIND_##kind, first, last, FE_##kind##_FIELDS)

#if FE_SOA
#define FE_NODE_KIND(task, ref) ((fe_kind)(task)->tree.kind[ref])
#define FE_NODE_FIRST(task, ref) ((task)->tree.first[ref])
#define FE_NODE_LAST(task, ref) ((task)->tree.last[ref])
#define FE_NODE_SET_KIND(task, ref, value) ((task)->tree.kind[ref] = (uint8_t)(value))
#if FE_ARENA
#define FE_NODE_FIELDS(task, ref) ((task)->tree.words + ((uint32_t *)(task)->tree.fields)[ref])
#else
#define FE_NODE_FIELDS(task, ref) (((fe_word **)(task)->tree.fields)[ref])
#endif
#elif FE_ARENA
#define FE_NODE_KIND(task, ref) ((fe_kind)(task)->tree.words[ref])
#define FE_NODE_FIRST(task, ref) ((task)->tree.words[(ref) + 1])
#define FE_NODE_LAST(task, ref) ((task)->tree.words[(ref) + 2])
#define FE_NODE_SET_KIND(task, ref, value) ((task)->tree.words[ref] = (value))
#define FE_NODE_FIELDS(task, ref) ((task)->tree.words + (ref) + 3)
#else
#define FE_NODE_KIND(task, ref) ((fe_kind)((fe_record *)(ref))->kind)
#define FE_NODE_FIRST(task, ref) (((fe_record *)(ref))->first)
#define FE_NODE_LAST(task, ref) (((fe_record *)(ref))->last)
#define FE_NODE_SET_KIND(task, ref, value) (((fe_record *)(ref))->kind = (value))
#define FE_NODE_FIELDS(task, ref) (((fe_record *)(ref))->fields)
#endif

/* FE_FIELD_OF(task, ref, Name, id): an lvalue. */
#define FE_FIELD_OF(task, ref, kind, field) (FE_NODE_FIELDS(task, ref)[FE_##kind##_##field])

/* A list of `count` > 0 elements that the caller sets at once, through *items. */
static inline fe_list fe_list_open(fe_task *task, uint32_t count, fe_word **items) {
#if FE_ARENA
    const uint32_t at = fe_words(task, 1 + count);
    fe_word *list = task->tree.words + at;
    *items = list + 1;
    *list = count;
    return at;
#else
    fe_word *list = fe_block_alloc(task, (1 + (size_t)count) * sizeof *list);
    *items = list + 1;
    *list = count;
    return (fe_list)list;
#endif
}

/* A list of `count` elements; they are copied. */
static inline fe_list fe_list_new(fe_task *task, const fe_word *items, uint32_t count) {
    if (count == 0) {
        return 0;
    }
    fe_word *to;
    const fe_list list = fe_list_open(task, count, &to);
    for (uint32_t i = 0; i < count; i++) { /* most are short */
        to[i] = items[i];
    }
    return list;
}

#if FE_ARENA
#define FE_LIST_WORDS(task, list) ((task)->tree.words + (list))
#else
#define FE_LIST_WORDS(task, list) ((fe_word *)(list))
#endif

static inline uint32_t fe_list_count(const fe_task *task, fe_list list) {
    (void)task;
    return list ? (uint32_t)FE_LIST_WORDS(task, list)[0] : 0;
}

static inline fe_word fe_list_item(const fe_task *task, fe_list list, uint32_t i) {
    (void)task;
    return FE_LIST_WORDS(task, list)[1 + i];
}

/* Room for `bytes` bytes as a text of the tree: set it through fe_blob_data before anything else is made. */
static inline fe_blob fe_blob_new(fe_task *task, uint32_t bytes) {
#if FE_ARENA
    const uint32_t at = fe_words(task, 1 + (bytes + 3) / 4);
    task->tree.words[at] = bytes;
    return at;
#else
    uint32_t *blob = fe_block_alloc(task, sizeof *blob + bytes);
    *blob = bytes;
    return (fe_blob)blob;
#endif
}

static inline uint8_t *fe_blob_data(const fe_task *task, fe_blob blob) {
    (void)task;
#if FE_ARENA
    return (uint8_t *)(task->tree.words + blob + 1);
#else
    return (uint8_t *)((uint32_t *)blob + 1);
#endif
}

static inline uint32_t fe_blob_bytes(const fe_task *task, fe_blob blob) {
    (void)task;
#if FE_ARENA
    return task->tree.words[blob];
#else
    return *(const uint32_t *)blob;
#endif
}

/* A copy of bytes that the tree owns; counted as a copy. `data` must not lie in the tree. */
static inline fe_blob fe_blob_copy(fe_task *task, const void *data, uint32_t bytes) {
    const fe_blob blob = fe_blob_new(task, bytes);
    memcpy(fe_blob_data(task, blob), data, bytes);
    fe_count_copy(task, bytes);
    return blob;
}

/* A name of the tree from bytes: interned, or copied. */
static inline fe_name fe_name_new(fe_task *task, const void *data, uint32_t bytes) {
#if FE_INTERN
    pm_intern_ref ref;
    if (PM_UNLIKELY(pm_interner_intern(task->interner, data, bytes, &ref) != PM_OK)) {
        fe_fail(task, FE_NO_MEMORY, 0, 0, "no memory for names");
    }
    return ref.id + 1;
#else
    return fe_blob_copy(task, data, bytes);
#endif
}

static inline pm_text fe_name_text(const fe_task *task, fe_name name) {
#if FE_INTERN
    pm_text text = {0};
    pm_intern_ref ref = {(uint32_t)name - 1, pm_interner_generation(task->interner)};
    (void)!pm_interner_text(task->interner, ref, &text);
    return text;
#else
    return (pm_text){fe_blob_data(task, name), fe_blob_bytes(task, name)};
#endif
}

#endif
