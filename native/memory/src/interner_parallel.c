/* Many strings at once, on several threads, with the ids of a run on one.
 *
 * The strings are divided into ranges, one per thread, and all threads store in the one table. In the first range a new
 * string gets its id at once. In each other range it gets a number of the range's own. A range that meets a string with
 * a number of a later range takes it over: it gives the string the next of its own numbers instead. So in the end each
 * new string has a number of the first range in which it appears, and these numbers count up in the order in which the
 * strings first appear there. Range by range and number by number, what was not taken over then gets the next id.
 *
 * A number is OWN | range << shift | count: the order of numbers is the order of ranges, and ids come before all.
 */
#include "interner_bulk.h"
#include "memory.h"
#include <pthread.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define OWN (UINT32_C(1) << 31) /* marks a number; ids are smaller */

enum { SLOTS_AT_ONCE = 16 }; /* of which a table has a multiple */

typedef struct takeover {
    uint32_t from, to;
} takeover;

typedef struct range {
    pm_interner *in;
    const source *from;
    struct range *all;
    size_t first, end;       /* strings to intern */
    size_t patch, patched;   /* ids to replace, patch .. patched - 1 */
    slot *slots, *slots_end; /* to replace ids in */
    uint32_t *ids;
    pm_status status;
    stripe *stripe;
    bool locked; /* the stripe, by this range */
    uint32_t shift;
    uint32_t base, limit; /* own numbers are base + count, below limit */
    uint32_t count;
    pm_text *texts;  /* by count; data NULL: taken over from this range */
    uint32_t *final; /* ids by count */
    takeover *takeovers;
    size_t takeover_count;
    size_t texts_bytes, final_bytes, takeovers_bytes;
} range;

static pm_status reserve(void *array, size_t *bytes, size_t needed) {
    void *data;
    memcpy(&data, array, sizeof data);
    const pm_status status = pm_heap_reserve(&data, bytes, needed);
    memcpy(array, &data, sizeof data);
    return status;
}

/* Room for one more number and one more takeover, so that nothing can fail once a slot is claimed. */
static pm_status reserve_number(range *r) {
    const size_t count = (size_t)r->count + 1;
    pm_status status = reserve(&r->texts, &r->texts_bytes, count * sizeof *r->texts);
    status = status == PM_OK ? reserve(&r->final, &r->final_bytes, count * sizeof *r->final) : status;
    return status == PM_OK ? reserve(&r->takeovers, &r->takeovers_bytes, (r->takeover_count + 1) * sizeof *r->takeovers)
                           : status;
}

static void range_free(range *r) {
    pm_heap_free(r->texts, r->texts_bytes);
    pm_heap_free(r->final, r->final_bytes);
    pm_heap_free(r->takeovers, r->takeovers_bytes);
}

/* Under the stripe's lock: the number or id of a string that is not there, or has a number of a later range. */
static pm_status number(range *r, const key *k, uint32_t *id) {
    placing placed;
    pm_status status = reserve_number(r);
    status = status == PM_OK ? pm_interner_place(r->in, r->stripe, k, &placed) : status;
    if (status != PM_OK) {
        return status;
    }
    const uint32_t mine = r->base + r->count;
    if (placed.claimed) {
        *id = mine;
        slot_write(placed.slot, k, placed.data, mine);
        __atomic_store_n(&placed.slot->meta, k->meta, __ATOMIC_RELEASE);
        r->texts[r->count++] = (pm_text){placed.data, key_bytes(k)};
        return PM_OK;
    }
    *id = slot_id(placed.slot);
    while (*id >= r->limit) { /* until it is taken over, by this range or by an earlier one */
        if (__atomic_compare_exchange_n(&placed.slot->id, id, mine, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
            r->takeovers[r->takeover_count++] = (takeover){.from = *id, .to = mine};
            r->texts[r->count++] = (pm_text){0}; /* known when all threads are done */
            *id = mine;
        }
    }
    return PM_OK;
}

static void unlock(range *r) {
    if (r->locked) {
        r->locked = false;
        pm_platform_mutex_unlock(&r->stripe->lock);
    }
}

/* Takes the stripe's lock, which is held to the end of a block: a lock for each new string would cost as much as
 * storing it, and whoever makes the table grow waits no longer for this. */
static __attribute__((noinline)) pm_status number_growing(range *r, const key *k, uint32_t *id) {
    for (;;) {
        if (!r->locked) {
            pm_platform_mutex_lock(&r->stripe->lock);
            r->locked = true;
        }
        pm_status status = number(r, k, id);
        if (status != PM_FULL) {
            return status;
        }
        unlock(r);
        pm_interner_lock(r->in); /* the bound is out of reach: the table is full, unless another made it grow */
        status = r->in->reserved >= r->in->table->room ? pm_interner_grow(r->in) : PM_OK;
        pm_interner_unlock(r->in);
        if (status != PM_OK) {
            return status;
        }
    }
}

static void *intern_range(void *argument) {
    range *r = argument;
    const uint32_t limit = r->limit;
    uint32_t *ids = r->ids + r->first;
    block b;
    for (size_t first = r->first; first < r->end; first += BLOCK_STRINGS) {
        table t = *current_table(r->in); /* a copy, which writing ids cannot change */
        pm_interner_load(&b, &r->in->hash, r->from, first, r->end, &t);
        for (const key *k = b.keys, *end = k + b.count; k < end; k++) {
            uint32_t place, id = table_find(&t, k, &place);
            if (PM_UNLIKELY(id >= limit)) { /* TABLE_NONE too */
                uint32_t given = id;
                r->status = number_growing(r, k, &given);
                if (r->status != PM_OK) {
                    unlock(r);
                    return NULL;
                }
                id = given;
                t = *current_table(r->in);
            }
            *ids++ = id;
        }
        unlock(r);
    }
    return NULL;
}

static range *owner(range *all, uint32_t number, uint32_t *count) {
    const uint32_t shift = all->shift;
    *count = number & ((UINT32_C(1) << shift) - 1);
    return &all[(number & ~OWN) >> shift];
}

/* The text and the final id of a number, or, of the first range, of an id. */
static range *whose(range *all, uint32_t number, uint32_t *count) {
    if ((number & OWN) == 0) {
        *count = number - all->base;
        return all;
    }
    return owner(all, number, count);
}

/* Alone: gives ids to all that was stored, and adds it to the tally. Needs no memory, so it cannot fail. */
static void settle(pm_interner *in, range *all, size_t ranges, fresh_tally *tally) {
    uint32_t next = in->next_id, from, to;
    for (size_t n = ranges; n-- > 0;) { /* texts go from later ranges to earlier ones */
        for (size_t i = 0; i < all[n].takeover_count; i++) {
            pm_text *text = &owner(all, all[n].takeovers[i].from, &from)->texts[from];
            whose(all, all[n].takeovers[i].to, &to)->texts[to] = *text;
        }
    }
    for (size_t n = 0; n < ranges; n++) {
        for (size_t i = 0; i < all[n].takeover_count; i++) {
            range *loser = owner(all, all[n].takeovers[i].from, &from);
            loser->texts[from].data = NULL;
        }
    }
    for (size_t n = 0; n < ranges; n++) {
        for (uint32_t i = 0; i < all[n].count; i++) {
            const pm_text text = all[n].texts[i];
            if (text.data != NULL) {
                pm_interner_write_text(in, next, text.data, (uint32_t)text.bytes);
                tally->bytes += text.bytes;
                all[n].final[i] = next++;
            }
        }
        for (size_t i = 0; i < all[n].takeover_count; i++) { /* the winner's id is known: it is an earlier range's */
            range *loser = owner(all, all[n].takeovers[i].from, &from);
            loser->final[from] = whose(all, all[n].takeovers[i].to, &to)->final[to];
        }
    }
    tally->count += next - in->next_id;
    in->next_id = in->reserved = next;
}

/* Which of the next 64 ids are numbers. */
static uint64_t numbers_among(const uint32_t *ids) {
    uint64_t own = 0;
#if defined(__SSE2__)
    for (unsigned i = 0; i < 64; i += 4) {
        const __m128 four = _mm_castsi128_ps(_mm_loadu_si128((const __m128i *)(const void *)(ids + i)));
        own |= (uint64_t)(unsigned)_mm_movemask_ps(four) << i;
    }
#else
    for (unsigned i = 0; i < 64; i++) {
        own |= (uint64_t)(ids[i] >> 31) << i;
    }
#endif
    return own;
}

static void replace(const range *r, uint32_t *id) {
    uint32_t count;
    const range *whose_it_is = owner(r->all, *id, &count);
    *id = whose_it_is->final[count];
}

/* Replaces numbers by ids: in the thread's share of the slots, and of the ids that are to be returned. Those are as
 * good as random, and one in some: they are found 64 at a time, for a branch on each would be guessed wrong. */
static void *replace_numbers(void *argument) {
    const range *r = argument;
    for (slot *s = r->slots; s < r->slots_end; s += SLOTS_AT_ONCE) { /* empty ones have id 0 */
        uint64_t own = 0;
        for (unsigned i = 0; i < SLOTS_AT_ONCE; i++) {
            own |= (uint64_t)(s[i].id >> 31) << i;
        }
        for (; own != 0; own &= own - 1) {
            replace(r, &s[__builtin_ctzll(own)].id);
        }
    }
    size_t i = r->patch;
    for (; r->patched - i >= 64; i += 64) {
        for (uint64_t own = numbers_among(r->ids + i); own != 0; own &= own - 1) {
            replace(r, &r->ids[i + (size_t)__builtin_ctzll(own)]);
        }
    }
    for (; i < r->patched; i++) {
        if ((r->ids[i] & OWN) != 0) {
            replace(r, &r->ids[i]);
        }
    }
    return NULL;
}

/* Runs `work` on each range: the first on the calling thread, as are those for which the system gives no thread. */
static void on_threads(range *ranges, size_t count, void *(*work)(void *)) {
    pthread_t threads[PM_INTERNER_THREADS_MAX];
    bool started[PM_INTERNER_THREADS_MAX];
    for (size_t i = 1; i < count; i++) {
        started[i] = pthread_create(&threads[i], NULL, work, &ranges[i]) == 0;
    }
    work(&ranges[0]);
    for (size_t i = 1; i < count; i++) {
        if (started[i]) {
            pthread_join(threads[i], NULL);
        } else {
            work(&ranges[i]);
        }
    }
}

/* Strings first .. end - 1. */
static pm_status intern_ranges(pm_interner *in, const source *from, size_t first, size_t end, size_t threads,
                               uint32_t shift, uint32_t *ids, fresh_tally *tally) {
    range all[PM_INTERNER_THREADS_MAX];
    const size_t share = (end - first) / threads, rest = first + share, rest_share = (end - rest) / threads;
    for (size_t i = 0; i < threads; i++) {
        const bool last = i + 1 == threads;
        all[i] = (range){.in = in,
                         .from = from,
                         .all = all,
                         .first = first + share * i,
                         .end = last ? end : first + share * (i + 1),
                         .patch = rest + rest_share * i,
                         .patched = last ? end : rest + rest_share * (i + 1),
                         .ids = ids,
                         .stripe = &in->stripes[i % STRIPE_COUNT],
                         .shift = shift,
                         .base = i == 0 ? in->next_id : OWN | (uint32_t)i << shift,
                         .limit = OWN | (uint32_t)(i + 1) << shift};
    }
    in->shared = true;
    on_threads(all, threads, intern_range);
    in->shared = false;
    pm_interner_drop_retired(in);
    settle(in, all, threads, tally);
    pm_status status = PM_OK;
    const size_t slots = (size_t)in->table->mask + 1, slots_each = slots / threads / SLOTS_AT_ONCE * SLOTS_AT_ONCE;
    for (size_t i = 0; i < threads; i++) {
        status = status == PM_OK ? all[i].status : status;
        all[i].slots = in->table->slots + slots_each * i;
        all[i].slots_end = i + 1 == threads ? in->table->slots + slots : all[i].slots + slots_each;
    }
    for (size_t i = 0; i < threads && status != PM_OK; i++) {
        all[i].patched = all[i].patch; /* the ids are not all written */
    }
    on_threads(all, threads, replace_numbers);
    for (size_t i = 0; i < threads; i++) {
        range_free(&all[i]);
    }
    return status;
}

pm_status pm_interner_intern_parallel(pm_interner *in, const source *from, size_t threads, uint32_t *ids,
                                      fresh_tally *tally) {
    uint32_t shift = 31;
    while (threads >> (31 - shift) != 0) { /* one code more than ranges: TABLE_NONE is above every limit */
        shift--;
    }
    pm_status status = pm_interner_make_stripes(in, STRIPE_COUNT);
    const size_t most = threads << (shift - 1); /* a range may get a few strings more than its share */
    const size_t step = most < from->count ? most : from->count;
    for (size_t first = 0; first < from->count && status == PM_OK; first += step) {
        const size_t left = from->count - first;
        status = intern_ranges(in, from, first, first + (left < step ? left : step), threads, shift, ids, tally);
    }
    return status;
}
