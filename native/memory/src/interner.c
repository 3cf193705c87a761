/* The interner for one string at a time: storing, growing, clearing, reading.
 *
 * A new string of a concurrent interner, under the lock of its thread's stripe:
 *   1. promise an id (fetch-add on `reserved`); none left: go the way of 5
 *   2. copy the bytes to the stripe's arena: the last step that can fail
 *   3. claim the first empty slot on the string's path (compare-and-swap, empty to busy). Who meets a busy slot with
 *      the same hash and length waits for it and compares: so of two threads with one string one finds the other's
 *   4. take the id (fetch-add on `next_id`), write text and slot, make the slot ready. No step waits: 3 ends soon
 *   5. no room: under all locks, alone, grow or find that the bound is reached
 * The order busy, ready and wait-free hits follow lock-free tables such as C. Click's (JavaOne 2007); locks per stripe
 * only keep growth apart from storing.
 */
#include "interner_internal.h"
#include "memory.h"
#include "size.h"
#include <assert.h>

enum { ARENA_CHUNK_BYTES = 65536 };

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

static size_t stripe_count(const pm_interner *in) {
    return in->concurrent ? STRIPE_COUNT : 1;
}

stripe *pm_interner_stripe(const pm_interner *in) {
    static uint32_t tickets;
    static PM_THREAD_LOCAL uint32_t ticket; /* 0: none yet */
    if (!in->concurrent) {
        return in->stripes;
    }
    while (PM_UNLIKELY(ticket == 0)) {
        ticket = __atomic_add_fetch(&tickets, 1, __ATOMIC_RELAXED);
    }
    return &in->stripes[ticket % STRIPE_COUNT];
}

void pm_interner_lock(const pm_interner *in) {
    for (size_t i = 0; in->concurrent && i < STRIPE_COUNT; i++) {
        pm_platform_mutex_lock(&in->stripes[i].lock);
    }
}

void pm_interner_unlock(const pm_interner *in) {
    for (size_t i = STRIPE_COUNT; in->concurrent && i > 0; i--) {
        pm_platform_mutex_unlock(&in->stripes[i - 1].lock);
    }
}

void pm_interner_count_hits(pm_interner *in, stripe *s, uint64_t count, uint64_t bytes) {
    if (in->concurrent) { /* threads may share a stripe */
        __atomic_fetch_add(&s->hit_count, count, __ATOMIC_RELAXED);
        __atomic_fetch_add(&s->hit_bytes, bytes, __ATOMIC_RELAXED);
    } else {
        s->hit_count += count;
        s->hit_bytes += bytes;
    }
}

void pm_interner_drop_retired(pm_interner *in) {
    while (in->table->retired != NULL) {
        table *old = in->table->retired;
        in->table->retired = old->retired;
        table_free(old);
    }
}

/* Segments for ids below `strings`. Alone. Those that were made stay after a failure, and do no harm. */
static pm_status reserve_ids(pm_interner *in, size_t strings) {
    while (segment_strings(in->segment_count) - SEGMENT_STRINGS < strings) {
        pm_text *segment = pm_heap_alloc_zeroed(segment_strings(in->segment_count) * sizeof *segment);
        if (segment == NULL) {
            return PM_NO_MEMORY;
        }
        in->segments[in->segment_count++] = segment;
    }
    return PM_OK;
}

/* Twice the room. Alone but for readers. */
static pm_status grow(pm_interner *in) {
    table *old = in->table, *next = table_new(table_next_room(old), in->huge_pages);
    if (next == NULL) {
        return PM_NO_MEMORY;
    }
    if (reserve_ids(in, next->room) != PM_OK) {
        table_free(next);
        return PM_NO_MEMORY;
    }
    table_fill(next, old);
    next->retired = old;
    __atomic_store_n(&in->table, next, __ATOMIC_RELEASE);
    if (!in->concurrent && !in->keep_outgrown) {
        pm_interner_drop_retired(in);
    }
    in->growth_count++;
    return PM_OK;
}

static pm_status arena_made(stripe *s) {
    const pm_arena_options options = {.capacity_bytes = ARENA_CHUNK_BYTES};
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
        memcpy(copy, k->data, bytes);
    }
    return copy;
}

static void write_text(pm_interner *in, uint32_t id, const void *data, uint32_t bytes) {
    pm_text *text = text_of(in, id);
    text->bytes = bytes;
    __atomic_store_n(&text->data, data, __ATOMIC_RELEASE);
}

/* For whoever is alone but for readers. */
static pm_status store_alone(pm_interner *in, stripe *s, const key *k, uint32_t *id, bool *fresh) {
    uint32_t place = 0;
    *id = table_find(in->table, k, &place);
    *fresh = *id == TABLE_NONE;
    if (!*fresh) {
        return PM_OK;
    }
    if (in->next_id == in->strings_max) {
        return PM_FULL;
    }
    pm_status status = arena_made(s);
    if (status == PM_OK && in->next_id == in->table->room) {
        status = grow(in);
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
    write_text(in, *id, data, key_bytes(k));
    table_put(in->table, place, k, data, *id);
    count_up(&in->next_id);
    count_up(&in->reserved);
    return PM_OK;
}

/* Claims an empty slot on the key's path: NULL where a slot holds the string, whose id goes to *id. */
static slot *claim(const table *t, const key *k, uint32_t *id) {
    for (uint32_t i = k->home & t->mask;; i = (i + 1) & t->mask) {
        slot *s = &t->slots[i];
        const uint64_t busy = k->meta ^ META_READY ^ META_BUSY;
        uint64_t meta = slot_meta(s);
        if (meta == 0 &&
            __atomic_compare_exchange_n(&s->meta, &meta, busy, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
            return s;
        }
        while (meta == busy) {
            wait_a_little();
            meta = slot_meta(s);
        }
        if (meta == k->meta && slot_holds(s, k)) {
            *id = s->id;
            return NULL;
        }
    }
}

/* Beside others, under the stripe's lock. PM_FULL: no room now; growing may help. */
static pm_status store_beside(pm_interner *in, stripe *s, const key *k, uint32_t *id, bool *fresh) {
    const table *t = current_table(in); /* cannot be outgrown while we hold a lock */
    const uint32_t room = t->room < in->strings_max ? t->room : in->strings_max;
    pm_status status = arena_made(s);
    if (status != PM_OK) {
        return status;
    }
    if (__atomic_fetch_add(&in->reserved, 1, __ATOMIC_RELAXED) >= room) {
        __atomic_fetch_sub(&in->reserved, 1, __ATOMIC_RELAXED);
        return PM_FULL;
    }
    const pm_arena_mark mark = pm_arena_mark_now(s->arena);
    const void *data = copy_bytes(s, k);
    slot *claimed = data == NULL ? NULL : claim(t, k, id);
    *fresh = claimed != NULL;
    if (!*fresh) {
        __atomic_fetch_sub(&in->reserved, 1, __ATOMIC_RELAXED);
        status = pm_arena_rewind(s->arena, mark);
        assert(status == PM_OK);
        return data == NULL ? PM_NO_MEMORY : status;
    }
    *id = __atomic_fetch_add(&in->next_id, 1, __ATOMIC_RELAXED);
    write_text(in, *id, data, key_bytes(k));
    slot_write(claimed, k, data, *id);
    __atomic_store_n(&claimed->meta, k->meta, __ATOMIC_RELEASE);
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
        status = store_alone(in, s, k, id, fresh);
        pm_interner_unlock(in);
    }
    return status;
}

static pm_status preload(pm_interner *in) {
    static const char *const words[] = {
        "False",    "None",   "True",  "and",  "as",     "assert",   "async",   "await", "break", "class",
        "continue", "def",    "del",   "elif", "else",   "except",   "finally", "for",   "from",  "global",
        "if",       "import", "in",    "is",   "lambda", "nonlocal", "not",     "or",    "pass",  "raise",
        "return",   "try",    "while", "with", "yield",  "_",        "case",    "match"};
    _Static_assert(sizeof words / sizeof *words == PM_KEYWORDS_HARD_COUNT + PM_KEYWORDS_SOFT_COUNT, "all of them");
    const uint32_t count = in->keywords == PM_KEYWORDS_NONE   ? 0
                           : in->keywords == PM_KEYWORDS_HARD ? PM_KEYWORDS_HARD_COUNT
                                                              : PM_KEYWORDS_HARD_COUNT + PM_KEYWORDS_SOFT_COUNT;
    for (in->preloaded = 0; in->preloaded < count; in->preloaded++) {
        const char *word = words[in->preloaded];
        const key k = key_of(&in->hash, word, (uint32_t)strlen(word));
        uint32_t id;
        bool fresh;
        const pm_status status = store_alone(in, &in->stripes[0], &k, &id, &fresh);
        if (status != PM_OK) {
            return status;
        }
    }
    return PM_OK;
}

static pm_status stripes_new(pm_interner *in) {
    const size_t count = stripe_count(in);
    in->stripes = pm_heap_alloc(count * sizeof(stripe), _Alignof(stripe));
    if (in->stripes == NULL) {
        return PM_NO_MEMORY;
    }
    memset(in->stripes, 0, count * sizeof(stripe));
    for (size_t i = 0; i < count; i++) {
        if (!pm_platform_mutex_init(&in->stripes[i].lock)) {
            while (i-- > 0) {
                pm_platform_mutex_deinit(&in->stripes[i].lock);
            }
            pm_heap_free(in->stripes, count * sizeof(stripe));
            in->stripes = NULL;
            return PM_NO_MEMORY;
        }
    }
    return PM_OK;
}

pm_status pm_interner_new(const pm_interner_options *options, pm_interner **out) {
    const pm_interner_options o = options == NULL ? (pm_interner_options){0} : *options;
    const size_t strings_max = o.strings_max == 0 ? PM_INTERNER_STRINGS_MAX : o.strings_max;
    size_t strings = o.strings == 0 ? PM_INTERNER_STRINGS : o.strings;
    if (strings_max > PM_INTERNER_STRINGS_MAX || o.strings > strings_max || (unsigned)o.keywords > PM_KEYWORDS_ALL ||
        (o.keywords >= PM_KEYWORDS_HARD && strings_max < PM_KEYWORDS_HARD_COUNT) ||
        (o.keywords == PM_KEYWORDS_ALL && strings_max < PM_KEYWORDS_HARD_COUNT + PM_KEYWORDS_SOFT_COUNT)) {
        return PM_INVALID;
    }
    strings = strings < strings_max ? strings : strings_max;
    pm_interner *in = pm_heap_alloc_zeroed(sizeof *in);
    if (in == NULL) {
        return PM_NO_MEMORY;
    }
    in->hash = hasher_of(o.seed, o.hash_mask == 0 ? UINT64_MAX : o.hash_mask);
    in->concurrent = o.concurrent;
    in->huge_pages = o.huge_pages;
    in->keywords = o.keywords;
    in->strings_max = (uint32_t)strings_max;
    in->generation = 1;
    in->table = table_new(strings, o.huge_pages);
    pm_status status = in->table == NULL ? PM_NO_MEMORY : reserve_ids(in, in->table->room);
    status = status == PM_OK ? stripes_new(in) : status;
    status = status == PM_OK ? preload(in) : status;
    if (status != PM_OK) {
        pm_interner_free(in);
        return status;
    }
    *out = in;
    return PM_OK;
}

void pm_interner_free(pm_interner *in) {
    if (in == NULL) {
        return;
    }
    if (in->table != NULL) {
        pm_interner_drop_retired(in);
        table_free(in->table);
    }
    for (uint32_t n = 0; n < in->segment_count; n++) {
        pm_heap_free(in->segments[n], segment_strings(n) * sizeof(pm_text));
    }
    for (size_t i = 0; in->stripes != NULL && i < stripe_count(in); i++) {
        if (in->stripes[i].arena != NULL) {
            pm_arena_free(in->stripes[i].arena);
        }
        pm_platform_mutex_deinit(&in->stripes[i].lock);
    }
    pm_heap_free(in->stripes, stripe_count(in) * sizeof(stripe));
    pm_heap_free(in, sizeof *in);
}

pm_status pm_interner_intern(pm_interner *in, const void *data, size_t bytes, pm_intern_ref *out) {
    if (bytes >= UINT32_MAX) {
        return PM_OVERFLOW;
    }
    const key k = key_of(&in->hash, data, (uint32_t)bytes);
    uint32_t place, id = table_find(current_table(in), &k, &place);
    bool fresh = false;
    if (PM_UNLIKELY(id == TABLE_NONE)) {
        const pm_status status = pm_interner_store(in, &k, &id, &fresh);
        if (status != PM_OK) {
            return status;
        }
    }
    if (!fresh) {
        pm_interner_count_hits(in, pm_interner_stripe(in), 1, bytes);
    }
    *out = (pm_intern_ref){.id = id, .generation = in->generation};
    return PM_OK;
}

pm_status pm_interner_lookup(const pm_interner *in, const void *data, size_t bytes, pm_intern_ref *out) {
    if (bytes >= UINT32_MAX) {
        return PM_NOT_FOUND;
    }
    const key k = key_of(&in->hash, data, (uint32_t)bytes);
    uint32_t place;
    const uint32_t id = table_find(current_table(in), &k, &place);
    if (id == TABLE_NONE) {
        return PM_NOT_FOUND;
    }
    *out = (pm_intern_ref){.id = id, .generation = in->generation};
    return PM_OK;
}

size_t pm_interner_count(const pm_interner *in) {
    return __atomic_load_n(&in->next_id, __ATOMIC_RELAXED);
}

uint32_t pm_interner_generation(const pm_interner *in) {
    return in->generation;
}

void pm_interner_clear(pm_interner *in) {
    const uint32_t count = in->next_id;
    pm_interner_drop_retired(in);
    table_clear(in->table);
    for (uint32_t n = 0; n < in->segment_count && segment_strings(n) - SEGMENT_STRINGS < count; n++) {
        memset(in->segments[n], 0, segment_strings(n) * sizeof(pm_text));
    }
    for (size_t i = 0; i < stripe_count(in); i++) {
        if (in->stripes[i].arena != NULL) {
            pm_arena_reset(in->stripes[i].arena);
        }
    }
    in->interned_before += count - in->preloaded;
    in->next_id = in->reserved = 0;
    in->clear_count++;
    in->generation = in->generation == UINT32_MAX ? 1 : in->generation + 1;
    const pm_status status = preload(in); /* into memory that held the keywords before: nothing is asked for */
    assert(status == PM_OK);
    (void)status;
}
