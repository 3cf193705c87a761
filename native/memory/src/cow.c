/* Copy on write over blocks with an atomic count of references.
 *
 * A handle may write its block in place only while it is the block's only handle. Nobody else can raise the count then:
 * that takes a handle, and the one there is belongs to the caller. The last reference is dropped with release order and
 * seen with acquire order, so a block is freed, or written by the handle that is left, after all others stopped
 * reading.
 *
 * Invariants: block == NULL, or [data, data + bytes) lies in [block->content, block->content + capacity).
 * Counters: as in src/memory.c, a block per thread that only it writes, chained for readers, folded when it ends.
 */
#include "pm/cow.h"
#include "cow_internal.h"
#include "memory.h"
#include "platform/platform.h"
#include "pm/assert.h"
#include "size.h"
#include "thread.h"
#include <string.h>

struct pm_cow_block {
    uint64_t references;
    size_t capacity; /* of content */
    unsigned char content[];
};

/* ---- counters ---- */

/* `rewritten`: shared handles that were copied later; they are in `copied` too. */
enum { SHARED, REWRITTEN, COPIED, KINDS };

typedef struct counts {
    uint64_t count[KINDS], bytes[KINDS];
    struct counts *next, *previous;
    bool chained;
} counts;

static pm_mutex lock = PM_MUTEX_INIT;
static counts chain = {.next = &chain, .previous = &chain};
static counts ended;
static PM_THREAD_LOCAL counts own;

static void add(uint64_t *counter, uint64_t amount) {
    __atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + amount, __ATOMIC_RELAXED);
}

/* Chains the thread's block; false where its end cannot be observed. */
static bool enter(void) {
    if (!pm_thread_enter()) {
        return false;
    }
    pm_platform_mutex_lock(&lock);
    own = (counts){.next = &chain, .previous = chain.previous, .chained = true};
    chain.previous->next = &own;
    chain.previous = &own;
    pm_platform_mutex_unlock(&lock);
    return true;
}

static void note(size_t kind, uint64_t count, uint64_t bytes) {
    if (PM_LIKELY(own.chained) || enter()) {
        add(&own.count[kind], count);
        add(&own.bytes[kind], bytes);
        return;
    }
    pm_platform_mutex_lock(&lock);
    ended.count[kind] += count;
    ended.bytes[kind] += bytes;
    pm_platform_mutex_unlock(&lock);
}

/* Under the lock. */
static void fold(counts *sum, const counts *c) {
    for (size_t kind = 0; kind < KINDS; kind++) {
        sum->count[kind] += __atomic_load_n(&c->count[kind], __ATOMIC_RELAXED);
        sum->bytes[kind] += __atomic_load_n(&c->bytes[kind], __ATOMIC_RELAXED);
    }
}

void pm_cow_thread_exit(void) {
    if (own.chained) {
        pm_platform_mutex_lock(&lock);
        fold(&ended, &own);
        own.previous->next = own.next;
        own.next->previous = own.previous;
        pm_platform_mutex_unlock(&lock);
        own.chained = false;
    }
}

void pm_cow_before_fork(void) {
    pm_platform_mutex_lock(&lock);
}

void pm_cow_after_fork(bool in_child) {
    if (in_child) {
        for (const counts *c = chain.next; c != &chain; c = c->next) {
            if (c != &own) {
                fold(&ended, c);
            }
        }
        chain.next = chain.previous = &chain;
        if (own.chained) {
            own.next = own.previous = &chain;
            chain.next = chain.previous = &own;
        }
    }
    pm_platform_mutex_unlock(&lock);
}

static uint64_t at_least_zero(uint64_t a, uint64_t b) {
    return a > b ? a - b : 0; /* one thread's write may be read before another's sharing */
}

void pm_cow_read_stats(pm_cow_stats *out) {
    pm_platform_mutex_lock(&lock);
    counts sum = ended;
    for (const counts *c = chain.next; c != &chain; c = c->next) {
        fold(&sum, c);
    }
    pm_platform_mutex_unlock(&lock);
    *out = (pm_cow_stats){
        .copied_count = sum.count[COPIED],
        .copied_bytes = sum.bytes[COPIED],
        .shared_count = sum.count[SHARED],
        .shared_bytes = sum.bytes[SHARED],
        .avoided_count = at_least_zero(sum.count[SHARED], sum.count[REWRITTEN]),
        .avoided_bytes = at_least_zero(sum.bytes[SHARED], sum.bytes[REWRITTEN]),
    };
}

/* ---- blocks ---- */

static pm_status block_new(size_t capacity, pm_cow_block **out) {
    size_t bytes;
    if (!pm_size_add(sizeof(pm_cow_block), capacity, &bytes)) {
        return PM_OVERFLOW;
    }
    pm_cow_block *block = pm_heap_alloc(bytes, _Alignof(max_align_t));
    if (block == NULL) {
        return PM_NO_MEMORY;
    }
    block->references = 1;
    block->capacity = capacity;
    *out = block;
    return PM_OK;
}

static void block_retain(pm_cow_block *block, uint64_t count) {
    if (block != NULL) {
        __atomic_fetch_add(&block->references, count, __ATOMIC_RELAXED);
    }
}

/* Whether the bytes of a handle lie in its block. */
static bool cow_is_valid(const pm_cow *cow) {
    const pm_cow_block *block = cow->block;
    if (block == NULL) {
        return cow->data != NULL || cow->bytes == 0;
    }
    const uintptr_t offset = (uintptr_t)cow->data - (uintptr_t)block->content;
    return __atomic_load_n(&block->references, __ATOMIC_RELAXED) != 0 && offset <= block->capacity &&
           cow->bytes <= block->capacity - offset;
}

static void block_release(pm_cow_block *block, uint64_t count) {
    PM_ASSERT(block == NULL || __atomic_load_n(&block->references, __ATOMIC_RELAXED) >= count);
    if (block != NULL && __atomic_fetch_sub(&block->references, count, __ATOMIC_ACQ_REL) == count) {
        pm_heap_free(block, sizeof *block + block->capacity);
    }
}

static void copy_bytes(unsigned char *to, const void *from, size_t bytes) {
    if (bytes != 0) {
        PM_ASSERT(from != NULL);
        memcpy(to, from, bytes);
    }
}

/* ---- handles ---- */

void pm_cow_borrow(pm_cow *cow, const void *data, size_t bytes) {
    *cow = (pm_cow){.data = data, .bytes = bytes};
    note(SHARED, 1, bytes);
}

pm_status pm_cow_copy(pm_cow *cow, const void *data, size_t bytes) {
    pm_cow_block *block;
    const pm_status status = block_new(bytes, &block);
    if (status != PM_OK) {
        return status;
    }
    copy_bytes(block->content, data, bytes);
    *cow = (pm_cow){.data = block->content, .bytes = bytes, .block = block};
    note(COPIED, 1, bytes);
    return PM_OK;
}

void pm_cow_share(const pm_cow *cow, pm_cow *out) {
    PM_ASSERT(cow_is_valid(cow));
    block_retain(cow->block, 1);
    *out = *cow;
    note(SHARED, 1, cow->bytes);
}

pm_status pm_cow_slice(const pm_cow *cow, size_t first, size_t bytes, pm_cow *out) {
    if (first > cow->bytes || bytes > cow->bytes - first) {
        return PM_INVALID;
    }
    const size_t end = first + bytes;
    return pm_cow_slice_many(cow, &first, &end, 1, out);
}

pm_status pm_cow_slice_many(const pm_cow *cow, const size_t *firsts, const size_t *ends, size_t count, pm_cow *out) {
    uint64_t bytes = 0;
    PM_ASSERT(cow_is_valid(cow));
    for (size_t i = 0; i < count; i++) {
        if (firsts[i] > ends[i] || ends[i] > cow->bytes) {
            return PM_INVALID;
        }
    }
    for (size_t i = 0; i < count; i++) {
        const size_t length = ends[i] - firsts[i];
        out[i] =
            (pm_cow){.data = cow->data == NULL ? NULL : cow->data + firsts[i], .bytes = length, .block = cow->block};
        bytes += length;
    }
    block_retain(cow->block, count);
    note(SHARED, count, bytes);
    return PM_OK;
}

bool pm_cow_is_shared(const pm_cow *cow) {
    return cow->block == NULL || __atomic_load_n(&cow->block->references, __ATOMIC_ACQUIRE) != 1;
}

/* Moves the handle to a new block of at least `room` bytes whose content is built from three parts. */
static pm_status rebuild(pm_cow *cow, size_t room, size_t first, size_t removed, const void *data, size_t bytes) {
    const bool shared = pm_cow_is_shared(cow);
    const size_t kept = cow->bytes - removed;
    pm_cow_block *block;
    const pm_status status = block_new(room, &block);
    if (status != PM_OK) {
        return status;
    }
    copy_bytes(block->content, cow->data, first);
    copy_bytes(block->content + first, data, bytes);
    copy_bytes(block->content + first + bytes, cow->data == NULL ? NULL : cow->data + first + removed, kept - first);
    if (shared) {
        note(REWRITTEN, 1, cow->bytes);
        note(COPIED, 1, kept);
    } else {
        pm_ledger_moved(kept);
    }
    block_release(cow->block, 1);
    *cow = (pm_cow){.data = block->content, .bytes = kept + bytes, .block = block};
    PM_ASSERT(cow_is_valid(cow));
    return PM_OK;
}

pm_status pm_cow_write(pm_cow *cow, unsigned char **data) {
    if (pm_cow_is_shared(cow)) {
        const pm_status status = rebuild(cow, cow->bytes, 0, 0, NULL, 0);
        if (status != PM_OK) {
            return status;
        }
    }
    *data = cow->block->content + (cow->data - cow->block->content);
    return PM_OK;
}

pm_status pm_cow_splice(pm_cow *cow, size_t first, size_t removed, const void *data, size_t bytes) {
    size_t length;
    if (first > cow->bytes || removed > cow->bytes - first) {
        return PM_INVALID;
    }
    if (!pm_size_add(cow->bytes - removed, bytes, &length)) {
        return PM_OVERFLOW;
    }
    if (removed == 0 && bytes == 0) {
        return PM_OK;
    }
    if (pm_cow_is_shared(cow)) {
        return rebuild(cow, length, first, removed, data, bytes);
    }
    const uintptr_t from = (uintptr_t)data, begin = (uintptr_t)cow->data;
    const bool own_part = bytes != 0 && from - begin < cow->bytes; /* moving the tail would change it */
    const size_t room = cow->block->capacity - (size_t)(cow->data - cow->block->content);
    if (own_part || length > room) {
        return rebuild(cow, length > room ? pm_size_double(room, length) : room, first, removed, data, bytes);
    }
    unsigned char *content = cow->block->content + (cow->data - cow->block->content);
    memmove(content + first + bytes, content + first + removed, cow->bytes - removed - first);
    copy_bytes(content + first, data, bytes);
    cow->bytes = length;
    PM_ASSERT(cow_is_valid(cow));
    return PM_OK;
}

void pm_cow_end(pm_cow *cow) {
    block_release(cow->block, 1);
    *cow = (pm_cow){0};
}

void pm_cow_end_many(pm_cow *cows, size_t count) {
    for (size_t i = 0, run; i < count; i += run) { /* neighbours are slices of one block: one atomic for all */
        pm_cow_block *block = cows[i].block;
        for (run = 0; i + run < count && cows[i + run].block == block; run++) {
            cows[i + run] = (pm_cow){0};
        }
        block_release(block, run);
    }
}
