/* The backing allocator and its ledger.
 *
 * Each thread counts in a block of its own, which only it writes: relaxed atomics, no lock, no shared line. The blocks
 * are chained so that a reader can sum them; a thread that ends folds its block into `ended`. A thread whose end cannot
 * be observed counts in `ended` directly, under the lock.
 *
 * Peak: with S the sum over the living threads of each one's highest live bytes, S + live(ended) is at any moment at
 * least the largest total so far. It is recorded before a fold, for a fold lowers S.
 */
#include "memory.h"
#include "platform/huge.h"
#include "platform/platform.h"
#include "platform/reserve.h"
#include "size.h"
#include "thread.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef struct counts {
    uint64_t allocation_count, free_count, failed_count, map_count, moved_count, moved_bytes;
    uint64_t allocated_bytes, freed_bytes;
    int64_t peak_bytes; /* of allocated - freed; a thread that frees what others allocated may be below zero */
    struct counts *next, *previous;
    bool chained;
} counts;

static pm_mutex lock = PM_MUTEX_INIT;
static counts chain = {.next = &chain, .previous = &chain}; /* of the living threads; the anchor counts nothing */
static counts ended;
static int64_t recorded_peak;
static PM_THREAD_LOCAL counts own;
static PM_THREAD_LOCAL pm_ledger *watched; /* NULL: nobody watches this thread */

static uint64_t fault_countdown;

static uint64_t load(const uint64_t *counter) {
    return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static void add(uint64_t *counter, uint64_t amount) {
    __atomic_store_n(counter, load(counter) + amount, __ATOMIC_RELAXED);
}

static int64_t live(const counts *c) {
    return (int64_t)(load(&c->allocated_bytes) - load(&c->freed_bytes));
}

/* The block to count in; `end` must follow. */
static counts *begin(void) {
    if (PM_LIKELY(own.chained)) {
        return &own;
    }
    const bool observed = pm_thread_enter();
    pm_platform_mutex_lock(&lock);
    if (!observed) {
        return &ended;
    }
    own = (counts){.next = &chain, .previous = chain.previous, .chained = true};
    chain.previous->next = &own;
    chain.previous = &own;
    pm_platform_mutex_unlock(&lock);
    return &own;
}

static void end(const counts *c) {
    if (PM_UNLIKELY(c == &ended)) {
        pm_platform_mutex_unlock(&lock);
    }
}

static void count_allocation(size_t bytes, size_t maps) {
    counts *c = begin();
    add(&c->allocation_count, 1);
    add(&c->allocated_bytes, bytes);
    add(&c->map_count, maps);
    if (live(c) > __atomic_load_n(&c->peak_bytes, __ATOMIC_RELAXED)) {
        __atomic_store_n(&c->peak_bytes, live(c), __ATOMIC_RELAXED);
    }
    end(c);
    if (watched != NULL) {
        pm_ledger_obtained(watched, bytes);
        watched->map_count += maps;
    }
}

static void count_free(size_t bytes) {
    counts *c = begin();
    add(&c->free_count, 1);
    add(&c->freed_bytes, bytes);
    end(c);
    if (watched != NULL) {
        pm_ledger_gave_back(watched, bytes);
    }
}

static void count_failure(void) {
    counts *c = begin();
    add(&c->failed_count, 1);
    end(c);
    if (watched != NULL) {
        watched->failed_count++;
    }
}

void pm_ledger_moved(size_t bytes) {
    counts *c = begin();
    add(&c->moved_count, 1);
    add(&c->moved_bytes, bytes);
    end(c);
    if (watched != NULL) {
        watched->moved_count++;
        watched->moved_bytes += bytes;
    }
}

pm_ledger *pm_ledger_watch(pm_ledger *watch) {
    pm_ledger *before = watched;
    watched = watch;
    return before;
}

/* Under the lock. Sums, and the bound on the peak so far. */
static int64_t sum(counts *out) {
    int64_t peaks = live(&ended) > ended.peak_bytes ? live(&ended) : ended.peak_bytes;
    *out = ended;
    for (const counts *c = chain.next; c != &chain; c = c->next) {
        out->allocation_count += load(&c->allocation_count);
        out->free_count += load(&c->free_count);
        out->failed_count += load(&c->failed_count);
        out->map_count += load(&c->map_count);
        out->moved_count += load(&c->moved_count);
        out->moved_bytes += load(&c->moved_bytes);
        out->freed_bytes += load(&c->freed_bytes);
        out->allocated_bytes += load(&c->allocated_bytes);
        peaks += __atomic_load_n(&c->peak_bytes, __ATOMIC_RELAXED);
    }
    return peaks > recorded_peak ? peaks : recorded_peak;
}

void pm_ledger_thread_exit(void) {
    if (!own.chained) {
        return;
    }
    counts total;
    pm_platform_mutex_lock(&lock);
    recorded_peak = sum(&total);
    own.previous->next = own.next;
    own.next->previous = own.previous;
    ended.allocation_count += own.allocation_count;
    ended.free_count += own.free_count;
    ended.failed_count += own.failed_count;
    ended.map_count += own.map_count;
    ended.moved_count += own.moved_count;
    ended.moved_bytes += own.moved_bytes;
    ended.allocated_bytes += own.allocated_bytes;
    ended.freed_bytes += own.freed_bytes;
    pm_platform_mutex_unlock(&lock);
    own.chained = false;
}

void pm_ledger_before_fork(void) {
    pm_platform_mutex_lock(&lock);
}

/* In the child the other threads are gone, and the memory of their blocks is used for new threads: what they counted
 * is taken over, and their blocks are let go of. */
void pm_ledger_after_fork(bool in_child) {
    if (in_child) {
        counts total;
        recorded_peak = sum(&total);
        for (const counts *c = chain.next; c != &chain; c = c->next) {
            if (c != &own) {
                ended.allocation_count += c->allocation_count;
                ended.free_count += c->free_count;
                ended.failed_count += c->failed_count;
                ended.map_count += c->map_count;
                ended.moved_count += c->moved_count;
                ended.moved_bytes += c->moved_bytes;
                ended.allocated_bytes += c->allocated_bytes;
                ended.freed_bytes += c->freed_bytes;
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

void pm_ledger_read(pm_ledger *out) {
    counts total;
    pm_platform_mutex_lock(&lock);
    const int64_t peak = sum(&total);
    pm_platform_mutex_unlock(&lock);
    *out = (pm_ledger){
        .allocation_count = total.allocation_count,
        .free_count = total.free_count,
        .failed_count = total.failed_count,
        .map_count = total.map_count,
        .moved_count = total.moved_count,
        .moved_bytes = total.moved_bytes,
        .allocated_bytes = total.allocated_bytes,
        .freed_bytes = total.freed_bytes,
        .live_bytes = total.allocated_bytes - total.freed_bytes,
        .peak_bytes = peak > 0 ? (uint64_t)peak : 0,
    };
}

void pm_fault_after(uint64_t n) {
    __atomic_store_n(&fault_countdown, n, __ATOMIC_SEQ_CST);
}

uint64_t pm_fault_pending(void) {
    return __atomic_load_n(&fault_countdown, __ATOMIC_SEQ_CST);
}

/* Whether this allocation is the one to fail. Armed only in tests: the compare-and-swap is never in anyone's way. */
static bool fault(void) {
    uint64_t left = load(&fault_countdown);
    while (PM_UNLIKELY(left != 0)) {
        if (__atomic_compare_exchange_n(&fault_countdown, &left, left - 1, true, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
            return left == 1;
        }
    }
    return false;
}

bool pm_fault_strikes(void) {
    const bool refused = fault();
    if (refused) {
        count_failure();
    }
    return refused;
}

/* No object may be larger than PTRDIFF_MAX: what asks for more is not even passed on. */
static bool refused(size_t bytes) {
    return bytes > PTRDIFF_MAX || fault();
}

static void *counted(void *block, size_t bytes, size_t maps) {
    if (PM_UNLIKELY(block == NULL)) {
        count_failure();
    } else {
        count_allocation(bytes, maps);
    }
    return block;
}

void *pm_heap_alloc(size_t bytes, size_t alignment) {
    size_t rounded = bytes;
    const bool fits = alignment <= _Alignof(max_align_t) || pm_size_round_up(bytes, alignment, &rounded);
    return counted(refused(bytes) || !fits ? NULL : pm_platform_heap_alloc(rounded, alignment), bytes, 0);
}

void *pm_heap_alloc_zeroed(size_t bytes) {
    return counted(refused(bytes) ? NULL : pm_platform_heap_alloc_zeroed(bytes), bytes, 0);
}

void *pm_heap_resize(void *block, size_t old_bytes, size_t new_bytes) {
    const volatile uintptr_t old_address = (uintptr_t)block; /* volatile: only its number is used after realloc */
    void *moved = counted(refused(new_bytes) ? NULL : pm_platform_heap_resize(block, new_bytes), new_bytes, 0);
    if (moved != NULL && old_address != 0) {
        count_free(old_bytes);
        if ((uintptr_t)moved != old_address) {
            pm_ledger_moved(old_bytes < new_bytes ? old_bytes : new_bytes);
        }
    }
    return moved;
}

void pm_heap_free(void *block, size_t bytes) {
    if (block != NULL) {
        pm_platform_heap_free(block);
        count_free(bytes);
    }
}

pm_status pm_heap_reserve(void **data, size_t *capacity, size_t needed) {
    if (needed <= *capacity) {
        return PM_OK;
    }
    const size_t grown = pm_size_double(*capacity, needed);
    void *moved = pm_heap_resize(*data, *capacity, grown);
    if (moved == NULL) {
        return PM_NO_MEMORY;
    }
    *data = moved;
    *capacity = grown;
    return PM_OK;
}

void *pm_pages_alloc(size_t bytes, size_t alignment, bool huge) {
    void *pages = counted(refused(bytes) ? NULL : pm_platform_pages_map(bytes, alignment), bytes, 1);
    if (huge && pages != NULL) {
        pm_platform_pages_advise_huge(pages, bytes); /* only advice: what came of it is read from the kernel */
    }
    return pages;
}

void *pm_pages_alloc_explicit(size_t bytes, int *error) {
    *error = ENOMEM;
    return counted(refused(bytes) ? NULL : pm_platform_pages_map_explicit(bytes, error), bytes, 1);
}

void pm_pages_free(void *pages, size_t bytes) {
    pm_platform_pages_unmap(pages, bytes);
    count_free(bytes);
}

void *pm_space_reserve(size_t bytes) {
    return counted(refused(bytes) ? NULL : pm_platform_space_map(bytes), 0, 1);
}

void pm_space_free(void *space, size_t bytes) {
    pm_platform_pages_unmap(space, bytes);
    count_free(0);
}

bool pm_space_allow(void *address, size_t bytes) {
    const bool allowed = !refused(bytes) && pm_platform_space_allow(address, bytes, true);
    return counted(allowed ? address : NULL, bytes, 0) != NULL;
}

bool pm_space_forbid(void *address, size_t bytes) {
    const bool forbidden = pm_platform_space_allow(address, bytes, false);
    if (forbidden) {
        count_free(bytes);
    }
    return forbidden;
}

void pm_space_forgotten(size_t bytes) {
    if (bytes != 0) {
        count_free(bytes);
    }
}
