/* The interner for one string at a time: making, interning, looking up, clearing. src/interner_store.c stores. */
#include "interner_internal.h"
#include "memory.h"
#include "pm/assert.h"

stripe *pm_interner_stripe(pm_interner *in) {
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

/* Of an interner that is only read: a lock is no part of what it holds. */
static pm_mutex *lock_of(const pm_interner *in, size_t place) {
    return (pm_mutex *)(uintptr_t)&in->stripes[place].lock;
}

void pm_interner_lock(const pm_interner *in) {
    for (size_t i = 0; in->concurrent && i < STRIPE_COUNT; i++) {
        pm_platform_mutex_lock(lock_of(in, i));
    }
}

void pm_interner_unlock(const pm_interner *in) {
    for (size_t i = STRIPE_COUNT; in->concurrent && i > 0; i--) {
        pm_platform_mutex_unlock(lock_of(in, i - 1));
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

/* Frees outgrown tables. Alone. */
static void drop_retired(pm_interner *in) {
    while (in->table->retired != NULL) {
        table *old = in->table->retired;
        in->table->retired = old->retired;
        table_free(old);
    }
}

static pm_status preload(pm_interner *in) {
    for (in->preloaded = 0; in->preloaded < in->preload_count; in->preloaded++) {
        const pm_text word = in->preload[in->preloaded];
        if (word.bytes >= UINT32_MAX) {
            return PM_OVERFLOW;
        }
        const key k = key_of(&in->hash, word.data, (uint32_t)word.bytes);
        uint32_t id;
        bool fresh;
        const pm_status status = pm_interner_store_alone(in, &in->stripes[0], &k, &id, &fresh);
        if (status != PM_OK) {
            return status;
        }
        if (!fresh) {
            return PM_INVALID;
        }
    }
    return PM_OK;
}

static size_t stripes_of(bool concurrent) {
    return concurrent ? STRIPE_COUNT : 1;
}

size_t pm_interner_own_bytes(bool concurrent) {
    return sizeof(pm_interner) + stripes_of(concurrent) * sizeof(stripe);
}

static pm_status make_stripes(pm_interner *in) {
    for (const size_t count = stripes_of(in->concurrent); in->stripe_count < count; in->stripe_count++) {
        if (!pm_platform_mutex_init(&in->stripes[in->stripe_count].lock)) {
            return PM_NO_MEMORY;
        }
    }
    return PM_OK;
}

pm_status pm_interner_new(const pm_interner_options *options, pm_interner **out) {
    const pm_interner_options o = options == NULL ? (pm_interner_options){0} : *options;
    const size_t strings_max = o.strings_max == 0 ? PM_INTERNER_STRINGS_MAX : o.strings_max;
    size_t strings = o.strings == 0 ? PM_INTERNER_STRINGS : o.strings;
    if (strings_max > PM_INTERNER_STRINGS_MAX || o.strings > strings_max || o.preload_count > strings_max ||
        (o.preload == NULL && o.preload_count != 0)) {
        return PM_INVALID;
    }
    strings = strings < strings_max ? strings : strings_max;
    const size_t own_bytes = pm_interner_own_bytes(o.concurrent);
    pm_interner *in = pm_heap_alloc(own_bytes, _Alignof(pm_interner));
    if (in == NULL) {
        return PM_NO_MEMORY;
    }
    memset(in, 0, own_bytes);
    in->hash = hasher_of(o.seed, o.hash_mask == 0 ? UINT64_MAX : o.hash_mask);
    in->concurrent = o.concurrent;
    in->huge_pages = o.huge_pages;
    in->preload = o.preload;
    in->preload_count = (uint32_t)o.preload_count;
    in->strings_max = (uint32_t)strings_max;
    in->thread_strings = o.thread_strings == 0 ? PM_INTERNER_THREAD_STRINGS : o.thread_strings;
    in->generation = 1;
    in->table = table_new(strings, o.huge_pages);
    pm_status status = in->table == NULL ? PM_NO_MEMORY : pm_interner_reserve_ids(in, in->table->room);
    status = status == PM_OK ? make_stripes(in) : status;
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
        drop_retired(in);
        table_free(in->table);
    }
    for (uint32_t n = 0; n < in->segment_count; n++) {
        pm_heap_free(in->segments[n], segment_strings(n) * sizeof(pm_text));
    }
    for (size_t i = 0; i < in->stripe_count; i++) {
        pm_arena_free(in->stripes[i].arena);
        pm_platform_mutex_deinit(&in->stripes[i].lock);
    }
    pm_heap_free(in, pm_interner_own_bytes(in->concurrent));
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
    drop_retired(in);
    table_clear(in->table);
    for (uint32_t n = 0; n < in->segment_count && segment_strings(n) - SEGMENT_STRINGS < count; n++) {
        memset(in->segments[n], 0, segment_strings(n) * sizeof(pm_text));
    }
    for (size_t i = 0; i < in->stripe_count; i++) {
        if (in->stripes[i].arena != NULL) {
            pm_arena_reset(in->stripes[i].arena);
        }
    }
    in->interned_before += count - in->preloaded;
    in->next_id = in->reserved = 0;
    in->clear_count++;
    in->generation = in->generation == UINT32_MAX ? 1 : in->generation + 1;
    const pm_status status = preload(in); /* into memory that held these strings before: nothing is asked for */
    PM_ASSERT(status == PM_OK);
    (void)status;
    INTERNER_ASSERT_VALID(in);
}
