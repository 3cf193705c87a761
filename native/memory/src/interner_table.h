/* The interner's table: slots with linear probing over a power of two, without removal.
 *
 * A slot goes from empty to busy to ready and never back. Its `meta` is read and written atomically; who sees it ready
 * sees the rest of the slot, which will not change. So a reader needs no lock, whatever writers do: a
 * table that has been outgrown stays readable until it is freed.
 */
#ifndef PM_INTERNER_TABLE_H
#define PM_INTERNER_TABLE_H

#include "interner_key.h"

typedef struct slot {
    uint64_t word[2]; /* up to 16 bytes: the string; more: the address of the string, and 0 */
    uint64_t meta;    /* 0: empty */
    uint32_t id;
    uint32_t home;
} slot;

typedef struct table {
    slot *slots;
    uint32_t mask; /* slots - 1 */
    uint32_t room; /* strings that it takes */
    size_t bytes;  /* of memory */
    bool mapped;
    struct table *retired; /* the next older one */
} table;

#define TABLE_NONE UINT32_MAX /* no id */

/* An empty table for `strings` strings, PM_INTERNER_STRINGS_MAX at most; NULL when memory is refused. */
table *table_new(size_t strings, bool huge_pages);
void table_free(table *t);
void table_clear(table *t);

/* Strings to make a table for when one is full. */
static inline size_t table_next_room(const table *t) {
    return t->room < PM_INTERNER_STRINGS_MAX / 2 ? (size_t)t->room * 2 : PM_INTERNER_STRINGS_MAX;
}

/* Copies all of `from`, whose slots are all empty or ready, to an empty table that is larger, as if the strings came in
 * the order of their ids: the first ones, mostly the frequent ones, lie nearest to their homes. Alone. */
void table_fill(table *t, const table *from);

static inline uint64_t slot_meta(const slot *s) {
    return __atomic_load_n(&s->meta, __ATOMIC_ACQUIRE);
}

/* Whether a ready slot of the key's meta holds the key's string: always by its bytes. Words of long strings that are
 * the same are one address. */
static inline bool slot_holds(const slot *s, const key *k) {
    if (PM_LIKELY(((s->word[0] ^ k->word[0]) | (s->word[1] ^ k->word[1])) == 0)) {
        return true;
    }
    return key_is_long(k) && memcmp((const void *)(uintptr_t)s->word[0], key_data(k), key_bytes(k)) == 0;
}

/* Writes all but meta. */
static inline void slot_write(slot *s, const key *k, const void *stored, uint32_t id) {
    s->word[0] = key_is_long(k) ? (uintptr_t)stored : k->word[0];
    s->word[1] = k->word[1];
    s->id = id;
    s->home = k->home;
}

/* The id of a string, or TABLE_NONE; *place is then the empty slot where the search ended. Busy slots are passed by. */
static inline uint32_t table_find(const table *t, const key *k, uint32_t *place) {
    for (uint32_t i = k->home & t->mask;; i = (i + 1) & t->mask) {
        const slot *s = &t->slots[i];
        const uint64_t meta = slot_meta(s);
        if (PM_LIKELY(meta == k->meta) && PM_LIKELY(slot_holds(s, k))) {
            return s->id;
        }
        if (meta == 0) {
            *place = i;
            return TABLE_NONE;
        }
    }
}

/* Stores a string in an empty slot, for a single writer. */
static inline void table_put(table *t, uint32_t place, const key *k, const void *stored, uint32_t id) {
    slot_write(&t->slots[place], k, stored, id);
    __atomic_store_n(&t->slots[place].meta, k->meta, __ATOMIC_RELEASE);
}

#endif
