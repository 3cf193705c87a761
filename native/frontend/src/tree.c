/* Room for the syntax tree: sized from the number of tokens, so that most trees never move. */
#include "tree.h"

/* Per 8 tokens, what 95 of 100 files of Python's standard library stay below; texts are extra. */
enum {
    NODES_PER_8_TOKENS = 5,
    WORDS_PER_8_TOKENS = (FE_SOA ? 17 : 31) + (FE_INTERN ? 0 : 8),
    SOURCE_BYTES_PER_WORD = 16, /* of texts, without VIEWS */
    NODES_LEAST = 8,
    WORDS_LEAST = 32
};

#if FE_ARENA
/* An array of `count` elements of the task's arena, the first `used` of them copied from `from`. */
static void *move(fe_task *task, const void *from, size_t used, size_t count, size_t element_bytes) {
    void *to = pm_arena_slice(task->arena, count, element_bytes, sizeof(uint64_t));
    if (PM_UNLIKELY(to == NULL)) {
        fe_fail(task, FE_NO_MEMORY, 0, 0, "no memory for the syntax tree");
    }
    if (used > 0) {
        memcpy(to, from, used * element_bytes);
        fe_count_copy(task, used * element_bytes);
    }
    return to;
}

/* More than `needed`, half as much again as there is. */
static uint32_t longer(fe_task *task, uint32_t capacity, uint64_t needed) {
    const uint64_t wanted = (uint64_t)capacity + capacity / 2 > needed ? (uint64_t)capacity + capacity / 2 : needed;
    if (PM_UNLIKELY(wanted > UINT32_MAX)) {
        fe_fail(task, FE_NO_MEMORY, 0, 0, "the syntax tree is too large");
    }
    return (uint32_t)wanted;
}

void FE_VARIANT(fe_tree_grow_words)(fe_task *task, uint32_t words) {
    fe_tree_store *tree = &task->tree;
    const uint32_t capacity = longer(task, tree->word_capacity, (uint64_t)tree->word_count + words + WORDS_LEAST);
    tree->words = move(task, tree->words, tree->word_count, capacity, sizeof *tree->words);
    tree->word_capacity = capacity;
}
#endif

#if FE_SOA
static void set_nodes(fe_task *task, uint32_t capacity) {
    fe_tree_store *tree = &task->tree;
#if FE_ARENA
    const size_t used = tree->node_capacity ? tree->node_count + 1 : 0;
    tree->fields = move(task, tree->fields, used, capacity, sizeof(uint32_t));
    tree->first = move(task, tree->first, used, capacity, sizeof *tree->first);
    tree->last = move(task, tree->last, used, capacity, sizeof *tree->last);
    tree->kind = move(task, tree->kind, used, capacity, sizeof *tree->kind);
#else
    tree->fields = fe_need(task, FE_BUF_NODES, capacity * sizeof(fe_word *));
    tree->first = fe_need(task, FE_BUF_NODES_2, capacity * sizeof *tree->first);
    tree->last = fe_need(task, FE_BUF_NODES_3, capacity * sizeof *tree->last);
    tree->kind = fe_need(task, FE_BUF_NODES_4, capacity * sizeof *tree->kind);
#endif
    tree->node_capacity = capacity;
}

void FE_VARIANT(fe_tree_grow_nodes)(fe_task *task) {
    set_nodes(task, task->tree.node_capacity + task->tree.node_capacity / 2);
}
#endif

void FE_VARIANT(fe_tree_begin)(fe_task *task, uint32_t tokens) {
    fe_tree_store *tree = &task->tree;
    *tree = (fe_tree_store){0};
#if FE_ARENA
    const uint32_t texts = FE_VIEWS ? 0 : task->bytes / SOURCE_BYTES_PER_WORD;
    tree->word_count = 1; /* 0 is no node, no list and no text */
    tree->word_capacity = WORDS_LEAST + (uint32_t)((uint64_t)tokens * WORDS_PER_8_TOKENS / 8) + texts;
    tree->words = move(task, NULL, 0, tree->word_capacity, sizeof *tree->words);
#endif
#if FE_SOA
    set_nodes(task, NODES_LEAST + (uint32_t)((uint64_t)tokens * NODES_PER_8_TOKENS / 8));
    tree->kind[0] = FE_KIND_NONE;
    ((fe_word *)tree->fields)[0] = 0;
#endif
    (void)tokens;
}
