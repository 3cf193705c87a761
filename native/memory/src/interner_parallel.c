/* Many strings at once, on several threads, with the ids of a run on one.
 *
 * The strings are divided into ranges, one per thread. The first range is interned as it would be alone. The others
 * meanwhile only read the interner: what is there came before, in an earlier call or in the first range, so its id is
 * final. What is not there gets a number of the range's own, from a table of the range's own that borrows the bytes.
 * Then, range by range and in each by number, those strings are interned: this is the order in which they first appear.
 * At last each thread replaces its range's own numbers by the ids.
 */
#include "interner_bulk.h"
#include "memory.h"
#include <pthread.h>

enum { OWN_STRINGS = 4096 };
#define OWN (UINT32_C(1) << 31) /* marks a range's own number; ids are smaller */

typedef struct range {
    pm_interner *in;
    const source *from;
    size_t first, end;
    uint32_t *ids;
    pm_status status;
    fresh_tally tally;
    table *own;
    key *keys; /* by own number */
    size_t keys_capacity;
    uint32_t key_count;
    uint32_t *final; /* ids by own number */
} range;

static void range_free(range *r) {
    table_free(r->own);
    pm_heap_free(r->keys, r->keys_capacity);
    pm_heap_free(r->final, r->key_count * sizeof *r->final);
}

static pm_status own_grow(range *r) {
    table *next = table_new(r->own == NULL ? OWN_STRINGS : table_next_room(r->own), false);
    if (next == NULL) {
        return PM_NO_MEMORY;
    }
    if (r->own != NULL) {
        table_fill(next, r->own);
        table_free(r->own);
    }
    r->own = next;
    return PM_OK;
}

/* The range's own number of a string, a new one where it has none. */
static pm_status own_number(range *r, const key *k, uint32_t *number) {
    uint32_t place = 0;
    if (r->own == NULL || r->key_count == r->own->room) {
        const pm_status status = own_grow(r);
        if (status != PM_OK) {
            return status;
        }
    }
    *number = table_find(r->own, k, &place);
    if (*number != TABLE_NONE) {
        return PM_OK;
    }
    void *keys = r->keys;
    const pm_status status = pm_heap_reserve(&keys, &r->keys_capacity, ((size_t)r->key_count + 1) * sizeof *k);
    r->keys = keys;
    if (status == PM_OK) {
        *number = r->key_count++;
        r->keys[*number] = *k;
        table_put(r->own, place, k, k->data, *number);
    }
    return status;
}

static pm_status number_range(range *r) {
    block b;
    pm_status status = PM_OK;
    for (size_t first = r->first; first < r->end; first += BLOCK_STRINGS) {
        const table t = *current_table(r->in);
        pm_interner_load(&b, &r->in->hash, r->from, first, r->end, &t);
        for (uint32_t i = 0; i < b.count; i++) {
            uint32_t place, id = table_find(&t, &b.keys[i], &place);
            if (PM_UNLIKELY(id == TABLE_NONE)) {
                status = own_number(r, &b.keys[i], &id);
                if (status != PM_OK) {
                    return status;
                }
                id |= OWN;
            }
            r->ids[first + i] = id;
        }
    }
    if (r->key_count != 0) {
        r->final = pm_heap_alloc(r->key_count * sizeof *r->final, _Alignof(uint32_t));
        status = r->final == NULL ? PM_NO_MEMORY : PM_OK;
    }
    return status;
}

static void *find_ids(void *argument) {
    range *r = argument;
    r->status =
        r->first == 0 ? pm_interner_intern_range(r->in, r->from, 0, r->end, r->ids, &r->tally) : number_range(r);
    return NULL;
}

static pm_status intern_own(range *r) {
    block b;
    pm_status status = r->status;
    for (uint32_t first = 0; first < r->key_count && status == PM_OK; first += b.count) {
        const uint32_t left = r->key_count - first;
        b.count = left < BLOCK_STRINGS ? left : BLOCK_STRINGS;
        memcpy(b.keys, r->keys + first, b.count * sizeof *b.keys);
        pm_interner_prefetch(&b, current_table(r->in));
        status = pm_interner_intern_block(r->in, &b, r->final + first, &r->tally);
    }
    return status;
}

static void *replace_own(void *argument) {
    const range *r = argument;
    for (size_t i = r->first; i < r->end && r->key_count != 0; i++) {
        const uint32_t id = r->ids[i];
        r->ids[i] = (id & OWN) == 0 ? id : r->final[id ^ OWN];
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

pm_status pm_interner_intern_parallel(pm_interner *in, const source *from, size_t threads, uint32_t *ids,
                                      fresh_tally *tally) {
    range ranges[PM_INTERNER_THREADS_MAX];
    for (size_t i = 0; i < threads; i++) {
        ranges[i] = (range){.in = in,
                            .from = from,
                            .first = from->count / threads * i,
                            .end = i + 1 == threads ? from->count : from->count / threads * (i + 1),
                            .ids = ids};
    }
    in->keep_outgrown = true;
    on_threads(ranges, threads, find_ids);
    in->keep_outgrown = false;
    if (!in->concurrent) {
        pm_interner_drop_retired(in);
    }
    pm_status status = ranges[0].status;
    for (size_t i = 1; i < threads && status == PM_OK; i++) {
        status = intern_own(&ranges[i]);
    }
    if (status == PM_OK) {
        on_threads(ranges, threads, replace_own);
    }
    for (size_t i = 0; i < threads; i++) {
        tally->count += ranges[i].tally.count;
        tally->bytes += ranges[i].tally.bytes;
        range_free(&ranges[i]);
    }
    return status;
}
