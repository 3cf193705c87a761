/* peers.arena: the nodes of one syntax tree, from the arena and from what one would write or take instead.
 *
 * An iteration is a tree of 1000 nodes of 16 to 96 bytes, seeded: each is allocated at a multiple of 8 and linked to
 * the one before; then all are given back. An item is a node.
 *   ours:   pm_arena, its statistics included; through = call: by the exported function, inline: by the inlined one.
 *   bump:   a pointer moved down by hand in one block and moved back: no chunks, no statistics, no second block.
 *   bump_call: the same through a function that is not inlined: what any exported call costs.
 *   malloc: malloc and, along the links, free: of whichever library the process has them from.
 */
#include <pm/arena.h>
#include <stdbool.h>
#include <stdlib.h>

#include "args.h"
#include "define.h"
#include "random.h"

enum { NODES = 1000, UNIT_BYTES = 8, LEAST_UNITS = 2, MOST_UNITS = 12, ALIGNMENT = 8 };
enum { BLOCK_BYTES = NODES * MOST_UNITS * UNIT_BYTES };
enum { P_CONTENDER, P_THROUGH };

static const lk_param peers_arena_params[] = {
    [P_CONTENDER] = {"contender", "", "ours,bump,bump_call,malloc", "ours: the arena; bump: a pointer moved by hand"},
    [P_THROUGH] = {"through", "", "call,inline", "how the arena is reached; means nothing to the others"},
};

typedef struct node {
    struct node *before;
    uint64_t bytes;
} node;

typedef struct bump {
    uintptr_t next, limit;
    unsigned char *block;
} bump;

typedef struct trees trees;
struct trees {
    bool (*grow)(trees *self);
    pm_arena *arena;
    bump bump;
    uint64_t tree_bytes;
    size_t sizes[NODES];
};

/* What every arm does with a node; the compiler must take it that the node is looked at. */
static inline node *link_node(void *place, node *before, size_t bytes) {
    node *self = place;
    self->before = before;
    self->bytes = bytes;
    __asm__ volatile("" : : "r"(self) : "memory");
    return self;
}

#define GROW(name, allocation, release)                                                                                \
    static bool grow_##name(trees *self) {                                                                             \
        node *last = NULL;                                                                                             \
        bool whole = true;                                                                                             \
        for (size_t i = 0; i < NODES; i++) {                                                                           \
            const size_t bytes = self->sizes[i];                                                                       \
            void *place = allocation;                                                                                  \
            if (!place) {                                                                                              \
                whole = false;                                                                                         \
                break;                                                                                                 \
            }                                                                                                          \
            last = link_node(place, last, bytes);                                                                      \
        }                                                                                                              \
        release;                                                                                                       \
        return whole;                                                                                                  \
    }

static inline void *bump_alloc(bump *self, size_t bytes) {
    if (bytes > self->next - self->limit) {
        return NULL;
    }
    self->next = (self->next - bytes) & ~((uintptr_t)ALIGNMENT - 1);
    return (void *)self->next;
}

static __attribute__((noinline)) void *bump_alloc_call(bump *self, size_t bytes) {
    return bump_alloc(self, bytes);
}

static inline void bump_reset(bump *self) {
    self->next = (uintptr_t)self->block + BLOCK_BYTES;
}

static inline void free_nodes(node *last) {
    while (last) {
        node *before = last->before;
        free(last);
        last = before;
    }
}

GROW(call, pm_arena_alloc_call(self->arena, bytes, ALIGNMENT), pm_arena_reset(self->arena))
GROW(inline, pm_arena_alloc(self->arena, bytes, ALIGNMENT), pm_arena_reset(self->arena))
GROW(bump, bump_alloc(&self->bump, bytes), bump_reset(&self->bump))
GROW(bump_call, bump_alloc_call(&self->bump, bytes), bump_reset(&self->bump))
GROW(malloc, malloc(bytes), free_nodes(last))

static void peers_arena_teardown(void *state) {
    trees *self = state;
    pm_arena_free(self->arena);
    free(self->bump.block);
}

static lk_status peers_arena_build(trees *self, const lk_value *values, lk_input input, uint64_t *pass,
                                   lk_message *message) {
    static bool (*const WAYS[4][2])(trees *) = {
        {grow_call, grow_inline}, {grow_bump, grow_bump}, {grow_bump_call, grow_bump_call}, {grow_malloc, grow_malloc}};
    (void)input;
    uint64_t seed = 1;
    for (size_t i = 0; i < NODES; i++) {
        self->sizes[i] = (LEAST_UNITS + lk_random(&seed) % (MOST_UNITS - LEAST_UNITS + 1)) * UNIT_BYTES;
        self->tree_bytes += self->sizes[i];
    }
    self->bump.block = aligned_alloc(64, BLOCK_BYTES / 64 * 64);
    self->bump.limit = (uintptr_t)self->bump.block;
    bump_reset(&self->bump);
    if (!self->bump.block || pm_arena_new(NULL, &self->arena) != PM_OK) {
        return lk_say(message, LK_NO_MEMORY, "no memory for the nodes");
    }
    self->grow = WAYS[values[P_CONTENDER].level][values[P_THROUGH].level];
    *pass = 1;
    return LK_OK;
}

static lk_status peers_arena_run(void *state, uint64_t first, uint64_t count, lk_result *result) {
    trees *self = state;
    (void)first;
    uint64_t whole = 0;
    for (uint64_t i = 0; i < count; i++) {
        whole += self->grow(self);
    }
    *result = (lk_result){.checksum = whole, .items = count * NODES, .bytes = count * self->tree_bytes};
    return whole == count ? LK_OK : LK_NO_MEMORY;
}

LK_KERNEL(peers_arena, trees, .name = "peers.arena", .item = "node",
          .help = "allocates the nodes of a tree and gives them back: arena, pointer moved by hand, malloc");
