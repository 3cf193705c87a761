/* Many strings at once, on several threads, with the ids of a run on one.
 *
 * The strings are divided into ranges. The caller interns the first as if it were alone. Each other range has a worker
 * and a table of its own, in which its distinct strings get numbers in the order in which they first appear; their
 * bytes stay where they are. Meanwhile, range by range, the caller interns each range's distinct strings in the order
 * of their numbers: so each gets the id that one thread would have given it. Then numbers are replaced by ids.
 *
 *     caller   | intern range 0 ................ | intern what is new of range 1 | replace numbers |
 *     worker   | number range 1 ........................................ |  wait | replace numbers |
 *
 * No two threads write to one table, so there is nothing to wait for but the end of a chunk of numbers. What this costs
 * beside one thread is a second search for each string that is distinct in its range, and a look at each id.
 */
#include "interner_bulk.h"
#include "memory.h"
#include "platform/threads.h"

enum {
    CHUNK_STRINGS = 1024,      /* of a range's numbers; a multiple of BLOCK_STRINGS */
    PIECE_STRINGS = 8192,      /* ids that a thread replaces at once */
    STRINGS_PER_DISTINCT = 16, /* a range's table begins with room for that share of its strings */
    FIRST_OF_SHARE = 7,        /* the first range has 7/8 of an even share: who has it also does what is done in turn */
    SHARE_PARTS = 8
};

typedef struct chunk {
    key keys[CHUNK_STRINGS];
    uint32_t ids[CHUNK_STRINGS]; /* written by the caller */
} chunk;

typedef struct run run;

typedef struct range {
    run *run;
    size_t first, end;
    table *table;
    chunk **chunks; /* by number / CHUNK_STRINGS; room for a range of distinct strings */
    size_t chunks_bytes;
    uint32_t count;
    pm_thread thread;
    bool started;
    size_t next_piece; /* atomic */
    /* Under the run's mutex: */
    uint32_t published; /* numbers that the caller may read */
    bool done;          /* no more will come ... */
    pm_status status;   /* ... and why */
    bool settled;       /* all have ids, or the run failed */
} range;

struct run {
    pm_interner *in;
    const source *from;
    uint32_t *ids;
    pm_mutex mutex;
    pm_condition changed;
    bool failed; /* under the mutex */
};

static void publish(range *r, bool done, pm_status status) {
    pm_platform_mutex_lock(&r->run->mutex);
    r->published = r->count;
    r->done = done;
    r->status = status;
    pm_platform_condition_wake_all(&r->run->changed);
    pm_platform_mutex_unlock(&r->run->mutex);
}

/* The next number for a string that the range's table does not hold; `place` is for it. */
static pm_status add(range *r, const key *k, uint32_t place) {
    if (r->count == r->table->room) {
        table *next = table_new(table_next_room(r->table), false);
        if (next == NULL) {
            return PM_NO_MEMORY;
        }
        table_fill(next, r->table);
        table_free(r->table);
        r->table = next;
        table_find(next, k, &place);
    }
    const uint32_t at = r->count % CHUNK_STRINGS;
    chunk **last = &r->chunks[r->count / CHUNK_STRINGS];
    if (at == 0) {
        if (r->count != 0) {
            publish(r, false, PM_OK);
        }
        *last = pm_heap_alloc(sizeof **last, _Alignof(chunk));
        if (*last == NULL) {
            return PM_NO_MEMORY;
        }
    }
    (*last)->keys[at] = *k;
    table_put(r->table, place, k, key_data(k), r->count++);
    return PM_OK;
}

static pm_status number_strings(range *r) {
    const size_t strings = r->end - r->first, distinct = strings / STRINGS_PER_DISTINCT;
    uint32_t *ids = r->run->ids + r->first;
    block b;
    r->chunks_bytes = (strings / CHUNK_STRINGS + 1) * sizeof(chunk *);
    r->chunks = pm_heap_alloc(r->chunks_bytes, _Alignof(chunk *));
    r->table = table_new(distinct, r->run->in->huge_pages);
    if (r->chunks == NULL || r->table == NULL) {
        return PM_NO_MEMORY;
    }
    for (size_t first = r->first; first < r->end; first += BLOCK_STRINGS) {
        table t = *r->table; /* a copy, which writing ids cannot change */
        pm_interner_load(&b, &r->run->in->hash, r->run->from, first, r->end, &t);
        for (const key *k = b.keys, *end = k + b.count; k < end; k++) {
            uint32_t place = 0, id = table_find(&t, k, &place);
            if (PM_UNLIKELY(id == TABLE_NONE)) {
                id = r->count;
                const pm_status status = add(r, k, place);
                if (status != PM_OK) {
                    return status;
                }
                t = *r->table;
            }
            *ids++ = id;
        }
    }
    return PM_OK;
}

/* Piece by piece, beside whoever else does. */
static void replace_numbers(range *r) {
    for (;;) {
        const size_t piece = __atomic_fetch_add(&r->next_piece, 1, __ATOMIC_RELAXED);
        const size_t first = r->first + piece * PIECE_STRINGS;
        if (first >= r->end) {
            return;
        }
        const size_t end = r->end - first < PIECE_STRINGS ? r->end : first + PIECE_STRINGS;
        for (size_t i = first; i < end; i++) {
            const uint32_t number = r->run->ids[i];
            r->run->ids[i] = r->chunks[number / CHUNK_STRINGS]->ids[number % CHUNK_STRINGS];
        }
    }
}

static void number_range(range *r) {
    const pm_status status = number_strings(r);
    publish(r, true, status);
}

static void *work(void *argument) {
    range *r = argument;
    number_range(r);
    pm_platform_mutex_lock(&r->run->mutex);
    while (!r->settled) {
        pm_platform_condition_wait(&r->run->changed, &r->run->mutex);
    }
    const bool failed = r->run->failed;
    pm_platform_mutex_unlock(&r->run->mutex);
    if (!failed) {
        replace_numbers(r);
    }
    return NULL;
}

static uint32_t block_at(uint32_t first, uint32_t end) {
    return end - first < BLOCK_STRINGS ? end - first : BLOCK_STRINGS;
}

/* The caller: gives ids to a range's numbers as they come. */
static pm_status settle(range *r, fresh_tally *tally) {
    run *const all = r->run;
    pm_status status = PM_OK;
    for (uint32_t settled = 0;;) {
        pm_platform_mutex_lock(&all->mutex);
        while (r->published == settled && !r->done) {
            pm_platform_condition_wait(&all->changed, &all->mutex);
        }
        const uint32_t published = r->published;
        const bool done = r->done;
        status = done ? r->status : PM_OK;
        pm_platform_mutex_unlock(&all->mutex);
        while (settled < published && status == PM_OK) {
            chunk *c = r->chunks[settled / CHUNK_STRINGS];
            const uint32_t at = settled % CHUNK_STRINGS, count = block_at(settled, published);
            if (at == 0) {
                pm_interner_prefetch(current_table(all->in), c->keys, count);
            }
            if (at + count < CHUNK_STRINGS) {
                pm_interner_prefetch(current_table(all->in), c->keys + at + count,
                                     block_at(settled + count, published));
            }
            status = pm_interner_intern_keys(all->in, c->keys + at, count, c->ids + at, tally);
            settled += count;
        }
        if (done || status != PM_OK) {
            return status;
        }
    }
}

static void set_settled(range *r, bool failed) {
    pm_platform_mutex_lock(&r->run->mutex);
    r->settled = true;
    r->run->failed = failed;
    pm_platform_condition_wake_all(&r->run->changed);
    pm_platform_mutex_unlock(&r->run->mutex);
}

static void range_free(range *r) {
    for (size_t n = 0; n < ((size_t)r->count + CHUNK_STRINGS - 1) / CHUNK_STRINGS; n++) {
        pm_heap_free(r->chunks[n], sizeof **r->chunks);
    }
    pm_heap_free(r->chunks, r->chunks_bytes);
    table_free(r->table);
}

static pm_status intern_ranges(run *all, size_t threads, fresh_tally *tally) {
    range ranges[PM_INTERNER_THREADS_MAX];
    const size_t count = all->from->count, own = count / threads * FIRST_OF_SHARE / SHARE_PARTS;
    const size_t each = (count - own) / (threads - 1);
    for (size_t i = 1; i < threads; i++) {
        ranges[i] =
            (range){.run = all, .first = own + each * (i - 1), .end = i + 1 == threads ? count : own + each * i};
        ranges[i].started = pm_platform_thread_start(&ranges[i].thread, work, &ranges[i]);
    }
    pm_status status = pm_interner_intern_range(all->in, all->from, 0, own, all->ids, tally);
    for (size_t i = 1; i < threads; i++) {
        if (!ranges[i].started && status == PM_OK) {
            number_range(&ranges[i]);
        }
        status = status == PM_OK ? settle(&ranges[i], tally) : status;
        set_settled(&ranges[i], status != PM_OK);
    }
    for (size_t i = 1; i < threads; i++) {
        if (status == PM_OK) {
            replace_numbers(&ranges[i]);
        }
        if (ranges[i].started) {
            pm_platform_thread_join(ranges[i].thread);
        }
        range_free(&ranges[i]);
    }
    return status;
}

pm_status pm_interner_intern_parallel(pm_interner *in, const source *from, size_t threads, uint32_t *ids,
                                      fresh_tally *tally) {
    run all = {.in = in, .from = from, .ids = ids};
    if (!pm_platform_mutex_init(&all.mutex)) {
        return PM_NO_MEMORY;
    }
    pm_status status = PM_NO_MEMORY;
    if (pm_platform_condition_init(&all.changed)) {
        status = intern_ranges(&all, threads, tally);
        pm_platform_condition_deinit(&all.changed);
    }
    pm_platform_mutex_deinit(&all.mutex);
    return status;
}
