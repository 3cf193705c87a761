/* Storing a new string.
 *
 * Beside others, under the lock of one stripe:
 *   1. promise room (fetch-add on `reserved`); none left: go the way of 5
 *   2. copy the bytes to the stripe's arena: the last step that can fail
 *   3. claim the first empty slot on the string's path (compare-and-swap, empty to busy). Who meets a busy slot with
 *      the same hash and length waits for it and compares: so of two threads with one string one finds the other's
 *   4. take the id (fetch-add on `next_id`), write text and slot, make the slot ready. No step waits: 3 ends soon
 *   5. no room: under all locks, alone, grow or find that the bound is reached
 * Slots that only ever advance, and hits that wait for nothing, are as in C. Click's lock-free hash table (JavaOne
 * 2007); the locks, one per stripe of threads, only keep growth apart from storing.
 */
#include "interner_internal.h"
#include "memory.h"
#include "pm/assert.h"

enum {
    ARENA_CHUNK_BYTES = 65536,
    TEXT_BYTES = 16
}; /* of a chunk at most; of a text, so that small ones have small chunks */

static const unsigned char nothing; /* what the empty string's view points to */

static void count_up(uint32_t *counter) {
    __atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + 1, __ATOMIC_RELAXED);
}

static void wait_a_little(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

pm_status pm_interner_reserve_ids(pm_interner *in, size_t strings) {
    while (segment_strings(in->segment_count) - SEGMENT_STRINGS < strings) {
        pm_text *segment = pm_heap_alloc_zeroed(segment_strings(in->segment_count) * sizeof *segment);
        if (segment == NULL) {
            return PM_NO_MEMORY;
        }
        in->segments[in->segment_count++] = segment;
    }
    return PM_OK;
}

pm_status pm_interner_grow(pm_interner *in) {
    table *old = in->table, *next = table_new(table_next_room(old), in->huge_pages);
    if (next == NULL) {
        return PM_NO_MEMORY;
    }
    if (pm_interner_reserve_ids(in, next->room) != PM_OK) {
        table_free(next);
        return PM_NO_MEMORY;
    }
    table_fill(next, old);
    next->retired = in->concurrent ? old : NULL;
    __atomic_store_n(&in->table, next, __ATOMIC_RELEASE);
    if (!in->concurrent) {
        table_free(old);
    }
    in->growth_count++;
    INTERNER_ASSERT_VALID(in);
    return PM_OK;
}

static pm_status arena_made(const pm_interner *in, stripe *s) {
    const size_t room = (size_t)current_table(in)->room * TEXT_BYTES;
    const pm_arena_options options = {.capacity_bytes = room < ARENA_CHUNK_BYTES ? room : ARENA_CHUNK_BYTES};
    return s->arena == NULL ? pm_arena_new(&options, &s->arena) : PM_OK;
}

/* A copy of the key's bytes in a stripe's arena, which is made; NULL when memory is refused. */
static const void *copy_bytes(stripe *s, const key *k) {
    const uint32_t bytes = key_bytes(k);
    if (bytes == 0) {
        return &nothing;
    }
    void *copy = pm_arena_alloc(s->arena, bytes, 1);
    if (copy != NULL) {
        memcpy(copy, key_data(k), bytes);
    }
    return copy;
}

void pm_interner_write_text(pm_interner *in, uint32_t id, const void *data, uint32_t bytes) {
    pm_text *text = text_of(in, id);
    text->bytes = bytes;
    __atomic_store_n(&text->data, data, __ATOMIC_RELEASE);
}

pm_status pm_interner_store_alone(pm_interner *in, stripe *s, const key *k, uint32_t *id, bool *fresh) {
    uint32_t place = 0;
    *id = table_find(in->table, k, &place);
    *fresh = *id == TABLE_NONE;
    if (!*fresh) {
        return PM_OK;
    }
    if (in->next_id == in->strings_max) {
        return PM_FULL;
    }
    pm_status status = arena_made(in, s);
    if (status == PM_OK && in->next_id == in->table->room) {
        status = pm_interner_grow(in);
        table_find(in->table, k, &place);
    }
    if (status != PM_OK) {
        return status;
    }
    const void *data = copy_bytes(s, k);
    if (data == NULL) {
        return PM_NO_MEMORY;
    }
    *id = in->next_id;
    PM_ASSERT(*id < in->table->room && *id < in->strings_max && place <= in->table->mask);
    pm_interner_write_text(in, *id, data, key_bytes(k));
    table_put(in->table, place, k, data, *id);
    count_up(&in->next_id);
    count_up(&in->reserved);
    INTERNER_ASSERT_VALID(in);
    return PM_OK;
}

/* The slot that holds the key's string; or the first empty one on its path, which is then busy: *claimed. */
static slot *claim(const table *t, const key *k, bool *claimed) {
    const uint64_t busy = k->meta ^ META_READY ^ META_BUSY;
    for (uint32_t i = k->home & t->mask;; i = (i + 1) & t->mask) {
        slot *s = &t->slots[i];
        uint64_t meta = slot_meta(s);
        *claimed =
            meta == 0 && __atomic_compare_exchange_n(&s->meta, &meta, busy, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
        if (*claimed) {
            return s;
        }
        while (meta == busy) {
            wait_a_little();
            meta = slot_meta(s);
        }
        if (meta == k->meta && slot_holds(s, k)) {
            return s;
        }
    }
}

/* Beside others, under the stripe's lock. PM_FULL: no room now; growing may help. */
static pm_status store_beside(pm_interner *in, stripe *s, const key *k, uint32_t *id, bool *fresh) {
    const table *t = current_table(in); /* cannot be outgrown while we hold a lock */
    const uint32_t room = t->room < in->strings_max ? t->room : in->strings_max;
    pm_status status = arena_made(in, s);
    if (status != PM_OK) {
        return status;
    }
    if (__atomic_fetch_add(&in->reserved, 1, __ATOMIC_RELAXED) >= room) {
        __atomic_fetch_sub(&in->reserved, 1, __ATOMIC_RELAXED);
        return PM_FULL;
    }
    const pm_arena_mark mark = pm_arena_mark_now(s->arena);
    const void *data = copy_bytes(s, k);
    slot *place = NULL;
    *fresh = false;
    if (data != NULL) {
        place = claim(t, k, fresh);
    }
    if (!*fresh) {
        __atomic_fetch_sub(&in->reserved, 1, __ATOMIC_RELAXED);
        status = pm_arena_rewind(s->arena, mark);
        PM_ASSERT(status == PM_OK);
        if (data == NULL) {
            return PM_NO_MEMORY;
        }
        *id = place->id;
        return status;
    }
    *id = __atomic_fetch_add(&in->next_id, 1, __ATOMIC_RELAXED);
    PM_ASSERT(*id < room);
    pm_interner_write_text(in, *id, data, key_bytes(k));
    slot_write(place, k, data, *id);
    __atomic_store_n(&place->meta, k->meta, __ATOMIC_RELEASE);
    return PM_OK;
}

pm_status pm_interner_store(pm_interner *in, const key *k, uint32_t *id, bool *fresh) {
    stripe *s = pm_interner_stripe(in);
    pm_status status = PM_FULL;
    if (in->concurrent) {
        pm_platform_mutex_lock(&s->lock);
        status = store_beside(in, s, k, id, fresh);
        pm_platform_mutex_unlock(&s->lock);
    }
    if (status == PM_FULL) {
        pm_interner_lock(in);
        status = pm_interner_store_alone(in, s, k, id, fresh);
        pm_interner_unlock(in);
    }
    return status;
}
