/* What the files of the interner share: its structure, and storing keys that are already hashed.
 *
 * Invariants:   next_id <= reserved <= table.room, and segments exist for all ids below table.room
 *               slot ready iff its id's text is complete iff that text's data is not NULL
 * With `concurrent` a new string is stored under the lock of one stripe, and so beside others; whoever makes the table
 * grow holds all of them, and is alone. Otherwise there is one stripe, and no lock.
 */
#ifndef PM_INTERNER_INTERNAL_H
#define PM_INTERNER_INTERNAL_H

#include "interner_table.h"
#include "platform/platform.h"
#include "pm/arena.h"
#include "pm/assert.h"

enum { SEGMENT_STRINGS = 64, SEGMENT_COUNT = 26, STRIPE_COUNT = 16 };

typedef struct stripe {
    _Alignas(128) pm_mutex lock; /* two lines: neighbours are fetched in pairs */
    pm_arena *arena;             /* NULL until the first string */
    uint64_t hit_count, hit_bytes;
} stripe;

struct pm_interner {
    table *table; /* read atomically, as are next_id, reserved and the segments */
    hasher hash;
    bool concurrent; /* outgrown tables are then retired, for readers may be in them */
    bool huge_pages;
    const pm_text *preload; /* the caller's */
    uint32_t preload_count;
    uint32_t next_id;
    uint32_t reserved; /* ids that are given or promised */
    uint32_t strings_max;
    size_t thread_strings;
    uint32_t generation;
    uint32_t preloaded;
    uint32_t segment_count;
    pm_text *segments[SEGMENT_COUNT]; /* texts by id; segment n holds SEGMENT_STRINGS << n of them */
    uint64_t interned_before;         /* strings stored before the last clear, preloaded ones not counted */
    uint64_t clear_count, growth_count;
    size_t stripe_count; /* those whose locks are made: 1, or STRIPE_COUNT with `concurrent` */
    stripe stripes[];
};

/* Of the structure and its stripes. */
size_t pm_interner_own_bytes(bool concurrent);

/* The calling thread's stripe. */
stripe *pm_interner_stripe(pm_interner *in);

/* All stripes' locks; nothing without `concurrent`. */
void pm_interner_lock(const pm_interner *in);
void pm_interner_unlock(const pm_interner *in);

/* Counts requests that found their string. */
void pm_interner_count_hits(pm_interner *in, stripe *s, uint64_t count, uint64_t bytes);

/* Segments for ids below `strings`. Alone. Those that were made stay after a failure, and do no harm. */
pm_status pm_interner_reserve_ids(pm_interner *in, size_t strings);

/* Twice the room. Alone but for readers. */
pm_status pm_interner_grow(pm_interner *in);

/* Completes an id's text. */
void pm_interner_write_text(pm_interner *in, uint32_t id, const void *data, uint32_t bytes);

/* Stores a string that was not found a moment ago; *fresh tells whether it still was not there. */
pm_status pm_interner_store(pm_interner *in, const key *k, uint32_t *id, bool *fresh);

/* The same for whoever is alone but for readers. */
pm_status pm_interner_store_alone(pm_interner *in, stripe *s, const key *k, uint32_t *id, bool *fresh);

static inline table *current_table(const pm_interner *in) {
    return __atomic_load_n(&in->table, __ATOMIC_ACQUIRE);
}

static inline size_t segment_strings(uint32_t segment) {
    return (size_t)SEGMENT_STRINGS << segment;
}

/* Looked at after each change by whoever is alone; a slot costs a search, with a narrowed hash one past all. */
#define INTERNER_ASSERT_VALID(in) PM_ASSERT_EXPENSIVE(pm_interner_is_valid(in), pm_interner_steps(in))

static inline size_t pm_interner_steps(const pm_interner *in) {
    const size_t slots = (size_t)in->table->mask + 1;
    return in->hash.mask == UINT64_MAX ? slots * 8 : slots * slots;
}

/* The text of an id below table.room. */
static inline pm_text *text_of(const pm_interner *in, uint32_t id) {
    const uint64_t place = (uint64_t)id + SEGMENT_STRINGS;
    const uint32_t segment = 63 - (uint32_t)__builtin_clzll(place) - (uint32_t)__builtin_ctz(SEGMENT_STRINGS);
    return in->segments[segment] + (place - segment_strings(segment));
}

#endif
