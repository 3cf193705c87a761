/* The pool of linear memories.
 *
 * A slot is free where its bit in `free_bits` is set; whoever clears the bit owns the slot and writes to it without
 * further ado. Its counters are written by the owner alone and summed by readers. Invariants of a slot:
 *     bytes <= committed_bytes <= reserved_bytes          committed_bytes is a multiple of the page
 *     free: every byte up to committed_bytes is 0 or the image's; beyond it nothing is resident
 * Scanning needs a view of this process's own pages. `fork_mark` lies in a page that the kernel zeroes in a child of
 * fork: the first reset there opens a view of the child's; until it is open, other threads give all pages back instead.
 */
#include "pm/linear.h"
#include "linear_internal.h"
#include "memory.h"
#include "platform/platform.h"
#include "platform/reserve.h"
#include "pm/assert.h"
#include "size.h"
#include <string.h>

enum { WORD_BITS = 64, SCAN_RANGES = 64, GUARD_BYTES = 65536, SLOT_ALIGNMENT = 64 };
enum { MARK_CHILD = 0, MARK_OWN = 1, MARK_OPENING = 2 };

typedef struct slot {
    _Alignas(SLOT_ALIGNMENT) pm_linear front; /* tenants on different threads share no line */
    pm_linear_pool *pool;
    size_t committed_bytes;
    size_t kept_bytes;
    bool in_use; /* release checks and clears it before it touches anything */
    bool prepared;
    uint64_t acquire_count, release_count, grow_count, reset_count, cleared_pages, renewed_count, scan_failed_count;
} slot;

struct pm_linear_pool {
    unsigned char *space; /* its first page holds the fork mark */
    size_t space_bytes, page_bytes, maximum_bytes, keep_resident_bytes;
    slot *slots;
    size_t slot_count, slots_bytes;
    uint64_t *free_bits;
    size_t word_count;
    uint64_t refused_count;
    size_t owner_count; /* the caller of pm_linear_pool_new, and hosts */
    int scanner;        /* -1: none */
    bool scans;
    const unsigned char *image;
    size_t image_bytes, image_space; /* image_space: whole pages */
    int image_file;                  /* -1: the image is copied */
};

static void bump(uint64_t *counter, uint64_t amount) {
    __atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + amount, __ATOMIC_RELAXED);
}

static void set(size_t *figure, size_t value) {
    __atomic_store_n(figure, value, __ATOMIC_RELAXED);
}

/* What holds of a slot whenever its owner is not inside a call. */
static bool slot_is_valid(const slot *s) {
    const pm_linear_pool *pool = s->pool;
    return s->front.bytes <= s->front.maximum_bytes && s->front.maximum_bytes <= pool->maximum_bytes &&
           s->front.bytes <= s->committed_bytes && s->committed_bytes % pool->page_bytes == 0 &&
           s->committed_bytes < pool->maximum_bytes + pool->page_bytes && s->front.bytes >= pool->image_bytes;
}

static slot *slot_of(pm_linear *front) {
    return (slot *)(void *)front;
}

static int *fork_mark(pm_linear_pool *pool) {
    return (int *)(void *)pool->space;
}

/* The view of this process's pages; -1: there is none, or none yet. */
static int scanner_of(pm_linear_pool *pool) {
    int mark = __atomic_load_n(fork_mark(pool), __ATOMIC_ACQUIRE);
    if (PM_UNLIKELY(mark == MARK_CHILD) &&
        __atomic_compare_exchange_n(fork_mark(pool), &mark, MARK_OPENING, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
        /* The parent's view stays open: a child that closed its files may have given the number to another one. */
        pool->scanner = pm_platform_touched_open();
        __atomic_store_n(fork_mark(pool), MARK_OWN, __ATOMIC_RELEASE);
        mark = MARK_OWN;
    }
    return mark == MARK_OWN ? pool->scanner : -1;
}

/* Writes what a new memory holds over a part of a slot. */
static void write_initial(const pm_linear_pool *pool, slot *s, size_t first, size_t end) {
    size_t zero_from = first;
    if (first < pool->image_bytes) {
        zero_from = end < pool->image_bytes ? end : pool->image_bytes;
        memcpy(s->front.data + first, pool->image + first, zero_from - first);
    }
    memset(s->front.data + zero_from, 0, end - zero_from);
}

/* Gives pages back to the kernel, which makes new ones on demand; where it refuses (locked memory) they are written. */
static void renew(pm_linear_pool *pool, slot *s, size_t first, size_t end) {
    bump(&s->renewed_count, 1);
    if (!pm_platform_space_renew(s->front.data + first, end - first)) {
        write_initial(pool, s, first, end);
    } else if (pool->image_file < 0 && first < pool->image_bytes) {
        const size_t image_end = end < pool->image_bytes ? end : pool->image_bytes;
        memcpy(s->front.data + first, pool->image + first, image_end - first);
    }
}

/* Clears the pages that hold anything. False: the kernel did not tell them all. */
static bool clear_touched(pm_linear_pool *pool, slot *s, int scanner) {
    pm_touched_range ranges[SCAN_RANGES] = {{0}}; /* checkers do not see the kernel write it */
    const uintptr_t base = (uintptr_t)s->front.data, end = base + s->committed_bytes;
    size_t kept = 0;
    for (uintptr_t from = base; from < end;) {
        uintptr_t walked = from;
        const long count = pm_platform_touched(scanner, from, end, ranges, SCAN_RANGES, &walked);
        if (count < 0 || walked <= from) {
            return false;
        }
        for (long i = 0; i < count; i++) {
            const size_t first = (size_t)(ranges[i].first - base), last = (size_t)(ranges[i].end - base);
            if ((ranges[i].kind & PM_TOUCHED_SWAPPED) != 0) { /* clearing would read it back from the disk */
                renew(pool, s, first, last);
                continue;
            }
            const size_t room = (pool->keep_resident_bytes - kept) & ~(pool->page_bytes - 1);
            const size_t cleared = last - first < room ? last - first : room;
            write_initial(pool, s, first, first + cleared);
            bump(&s->cleared_pages, cleared / pool->page_bytes);
            kept += cleared;
            if (first + cleared < last) { /* the cap is reached: all the rest goes back at once */
                renew(pool, s, first + cleared, s->committed_bytes);
                set(&s->kept_bytes, kept);
                return true;
            }
        }
        from = walked;
    }
    set(&s->kept_bytes, kept);
    return true;
}

/* Makes all that the slot allows what a new memory holds. */
static void make_new(pm_linear_pool *pool, slot *s) {
    bump(&s->reset_count, 1);
    if (s->committed_bytes == 0) {
        set(&s->kept_bytes, 0); /* what an earlier tenant left went when the slot was shortened */
        return;
    }
    if (pool->scans) {
        const int scanner = scanner_of(pool);
        if (scanner >= 0 && clear_touched(pool, s, scanner)) {
            return;
        }
        bump(&s->scan_failed_count, 1);
    }
    renew(pool, s, 0, s->committed_bytes);
    set(&s->kept_bytes, 0);
}

/* Allows exactly the pages that `bytes` bytes need. The slot's pages are as new, or they are to be lengthened only. */
static pm_status commit(pm_linear_pool *pool, slot *s, size_t bytes) {
    size_t needed;
    if (!pm_size_round_up(bytes, pool->page_bytes, &needed)) {
        return PM_OVERFLOW;
    }
    const size_t had = s->committed_bytes;
    if (needed > had) {
        if (!pm_space_allow(s->front.data + had, needed - had)) {
            return PM_NO_MEMORY;
        }
    } else if (needed < had) { /* what is forbidden must hold no memory, or the bound would not hold */
        renew(pool, s, needed, had);
        if (!pm_space_forbid(s->front.data + needed, had - needed)) {
            return PM_NO_MEMORY;
        }
    }
    set(&s->committed_bytes, needed);
    return PM_OK;
}

/* The first use of a slot: lays the image under it, or copies it. */
static pm_status prepare(pm_linear_pool *pool, slot *s, size_t bytes) {
    if (pool->image_file >= 0 && !pm_platform_image_place(pool->image_file, s->front.data, pool->image_space)) {
        return PM_NO_MEMORY;
    }
    const pm_status status = commit(pool, s, bytes);
    if (status == PM_OK) {
        if (pool->image_file < 0) {
            write_initial(pool, s, 0, pool->image_bytes);
        }
        s->prepared = true;
    }
    return status;
}

static pm_status check_size(const pm_linear_pool *pool, size_t bytes, size_t maximum_bytes) {
    return bytes > maximum_bytes ? PM_OVERFLOW : bytes < pool->image_bytes ? PM_INVALID : PM_OK;
}

/* Takes the lowest free slot: the one most likely to be warm. */
static slot *take(pm_linear_pool *pool) {
    for (size_t w = 0; w < pool->word_count; w++) {
        uint64_t bits = __atomic_load_n(&pool->free_bits[w], __ATOMIC_RELAXED);
        while (bits != 0) {
            const uint64_t lowest = bits & -bits;
            bits = __atomic_fetch_and(&pool->free_bits[w], ~lowest, __ATOMIC_ACQUIRE);
            if ((bits & lowest) != 0) {
                return &pool->slots[w * WORD_BITS + (size_t)__builtin_ctzll(lowest)];
            }
        }
    }
    return NULL;
}

static bool is_free(const pm_linear_pool *pool, size_t index) {
    return (__atomic_load_n(&pool->free_bits[index / WORD_BITS], __ATOMIC_ACQUIRE) >> index % WORD_BITS & 1) != 0;
}

static void put(pm_linear_pool *pool, const slot *s) {
    const size_t index = (size_t)(s - pool->slots);
    PM_ASSERT(index < pool->slot_count && !is_free(pool, index));
    __atomic_fetch_or(&pool->free_bits[index / WORD_BITS], UINT64_C(1) << index % WORD_BITS, __ATOMIC_RELEASE);
}

pm_status pm_linear_acquire(pm_linear_pool *pool, size_t bytes, size_t maximum_bytes, pm_linear **out) {
    const size_t maximum = maximum_bytes < pool->maximum_bytes ? maximum_bytes : pool->maximum_bytes;
    pm_status status = check_size(pool, bytes, maximum);
    if (status != PM_OK) {
        return status;
    }
    slot *s = take(pool);
    if (s == NULL) {
        __atomic_fetch_add(&pool->refused_count, 1, __ATOMIC_RELAXED);
        return PM_BUSY;
    }
    status = s->prepared ? commit(pool, s, bytes) : prepare(pool, s, bytes);
    if (status != PM_OK) {
        put(pool, s);
        __atomic_fetch_add(&pool->refused_count, 1, __ATOMIC_RELAXED);
        return status;
    }
    s->front.bytes = bytes;
    s->front.maximum_bytes = maximum;
    bump(&s->acquire_count, 1);
    PM_ASSERT(slot_is_valid(s));
    __atomic_store_n(&s->in_use, true, __ATOMIC_RELAXED);
    *out = &s->front;
    return PM_OK;
}

pm_status pm_linear_grow(pm_linear *linear, size_t bytes) {
    slot *s = slot_of(linear);
    if (bytes < linear->bytes) {
        return PM_INVALID;
    }
    if (bytes > linear->maximum_bytes) {
        return PM_OVERFLOW;
    }
    if (bytes > s->committed_bytes) {
        const pm_status status = commit(s->pool, s, bytes);
        if (status != PM_OK) {
            return status;
        }
    }
    linear->bytes = bytes;
    PM_ASSERT(slot_is_valid(s));
    bump(&s->grow_count, 1);
    return PM_OK;
}

pm_status pm_linear_reset(pm_linear *linear, size_t bytes) {
    slot *s = slot_of(linear);
    pm_status status = check_size(s->pool, bytes, linear->maximum_bytes);
    if (status == PM_OK) {
        make_new(s->pool, s);
        status = commit(s->pool, s, bytes);
    }
    if (status == PM_OK) {
        linear->bytes = bytes;
        PM_ASSERT(slot_is_valid(s));
    }
    return status;
}

pm_status pm_linear_release(pm_linear_pool *pool, pm_linear *linear) {
    const uintptr_t offset = (uintptr_t)linear - (uintptr_t)pool->slots;
    if (linear == NULL || offset >= pool->slot_count * sizeof(slot) || offset % sizeof(slot) != 0) {
        return PM_FOREIGN;
    }
    slot *s = slot_of(linear);
    if (!__atomic_exchange_n(&s->in_use, false, __ATOMIC_ACQ_REL)) {
        return PM_DOUBLE_RELEASE;
    }
    make_new(pool, s);
    PM_ASSERT(slot_is_valid(s) && s->kept_bytes <= s->committed_bytes);
    bump(&s->release_count, 1);
    put(pool, s);
    return PM_OK;
}

void pm_linear_read_stats(const pm_linear_pool *pool, pm_linear_stats *out) {
    pm_linear_stats sum = {
        .slot_count = pool->slot_count,
        .refused_count = __atomic_load_n(&pool->refused_count, __ATOMIC_RELAXED),
        .reserved_bytes = pool->space_bytes,
        .method = pool->scans ? PM_LINEAR_SCAN : PM_LINEAR_RENEW,
        .image_shared = pool->image_file >= 0,
    };
    sum.slot_bytes = pm_linear_reserved_each(pool, &sum.guard_bytes);
    const size_t kept_each = pool->scans ? pool->keep_resident_bytes : 0;
    if (!pm_size_multiply(pool->slot_count, kept_each, &sum.retained_max_bytes)) {
        sum.retained_max_bytes = SIZE_MAX;
    }
    for (size_t i = 0; i < pool->slot_count; i++) {
        const slot *s = &pool->slots[i];
        const bool idle = is_free(pool, i);
        const uint64_t acquired = __atomic_load_n(&s->acquire_count, __ATOMIC_RELAXED);
        sum.acquire_count += acquired;
        sum.peak_count += acquired != 0;
        sum.in_use_count += !idle;
        sum.release_count += __atomic_load_n(&s->release_count, __ATOMIC_RELAXED);
        sum.grow_count += __atomic_load_n(&s->grow_count, __ATOMIC_RELAXED);
        sum.reset_count += __atomic_load_n(&s->reset_count, __ATOMIC_RELAXED);
        sum.cleared_pages += __atomic_load_n(&s->cleared_pages, __ATOMIC_RELAXED);
        sum.renewed_count += __atomic_load_n(&s->renewed_count, __ATOMIC_RELAXED);
        sum.scan_failed_count += __atomic_load_n(&s->scan_failed_count, __ATOMIC_RELAXED);
        sum.kept_bytes += idle ? __atomic_load_n(&s->kept_bytes, __ATOMIC_RELAXED) : 0;
        sum.committed_bytes += __atomic_load_n(&s->committed_bytes, __ATOMIC_RELAXED);
    }
    *out = sum;
}

size_t pm_linear_reserved_each(const pm_linear_pool *pool, size_t *guard_bytes) {
    const size_t stride = (size_t)(pool->slots[1].front.data - pool->slots[0].front.data);
    *guard_bytes = (size_t)(pool->slots[0].front.data - pool->space) - pool->page_bytes;
    return stride - *guard_bytes;
}

static pm_status keep_image(pm_linear_pool *pool, const pm_linear_options *o) {
    if (o->image == NULL || o->image_bytes == 0) {
        return PM_OK;
    }
    pool->image_bytes = o->image_bytes;
    (void)pm_size_round_up(o->image_bytes, pool->page_bytes, &pool->image_space); /* at most the maximum: it fits */
    if (pm_platform_image_new(o->image, o->image_bytes, &pool->image_file, &pool->image) == PM_OK) {
        return PM_OK;
    }
    unsigned char *copy = pm_pages_alloc(pool->image_space, pool->page_bytes, false);
    if (copy == NULL) {
        return PM_NO_MEMORY;
    }
    memcpy(copy, o->image, o->image_bytes);
    pool->image = copy;
    return PM_OK;
}

static void pool_end(pm_linear_pool *pool) {
    for (size_t i = 0; i < pool->slot_count && pool->space != NULL; i++) {
        pm_space_forgotten(pool->slots[i].committed_bytes);
    }
    if (pool->scanner >= 0) {
        pm_platform_touched_close(pool->scanner);
    }
    if (pool->image_file >= 0) {
        pm_platform_image_free(pool->image_file, pool->image, pool->image_bytes);
    } else if (pool->image != NULL) {
        pm_pages_free((void *)(uintptr_t)pool->image, pool->image_space);
    }
    if (pool->space != NULL) {
        pm_space_free(pool->space, pool->space_bytes);
    }
    pm_heap_free(pool->slots, pool->slots_bytes);
    pm_heap_free(pool->free_bits, pool->word_count * sizeof *pool->free_bits);
    pm_heap_free(pool, sizeof *pool);
}

/* Reserves the space and lays the slots out in it. */
static pm_status lay_out(pm_linear_pool *pool, size_t reserved, size_t guard) {
    const size_t page = pool->page_bytes;
    size_t stride, bytes, first;
    if (!pm_size_round_up(reserved, page, &reserved) || !pm_size_round_up(guard, page, &guard) ||
        !pm_size_add(reserved, guard, &stride) || !pm_size_multiply(stride, pool->slot_count, &bytes) ||
        !pm_size_add(page, guard, &first) || !pm_size_add(bytes, first, &bytes)) {
        return PM_OVERFLOW;
    }
    pool->space = pm_space_reserve(bytes);
    pool->space_bytes = bytes;
    if (pool->space == NULL || !pm_platform_space_allow(pool->space, page, true)) {
        return PM_NO_MEMORY;
    }
    for (size_t i = 0; i <= pool->slot_count; i++) { /* one more, so that the stride can be told of one slot too */
        pool->slots[i] = (slot){.pool = pool, .front.data = pool->space + first + i * stride};
    }
    for (size_t i = 0; i < pool->slot_count; i++) {
        pool->free_bits[i / WORD_BITS] |= UINT64_C(1) << i % WORD_BITS;
    }
    return PM_OK;
}

static pm_status open_scanner(pm_linear_pool *pool, pm_linear_method method) {
    if (method != PM_LINEAR_RENEW && pm_platform_zero_in_child(pool->space, pool->page_bytes)) {
        *fork_mark(pool) = MARK_OWN;
        pool->scanner = pm_platform_touched_open();
    }
    pool->scans = pool->scanner >= 0;
    return method == PM_LINEAR_SCAN && !pool->scans ? PM_UNSUPPORTED : PM_OK;
}

pm_status pm_linear_pool_new(const pm_linear_options *options, pm_linear_pool **out) {
    pm_linear_options o = options == NULL ? (pm_linear_options){0} : *options;
    o.slot_count = o.slot_count == 0 ? PM_LINEAR_SLOT_COUNT : o.slot_count;
    o.maximum_bytes = o.maximum_bytes == 0 ? PM_LINEAR_MAXIMUM_BYTES : o.maximum_bytes;
    o.reserved_bytes = o.reserved_bytes == 0 ? o.maximum_bytes : o.reserved_bytes;
    o.guard_bytes = o.guard_bytes == 0 ? GUARD_BYTES : o.guard_bytes;
    o.keep_resident_bytes = o.keep_resident_bytes == 0 ? PM_LINEAR_KEEP_RESIDENT_BYTES : o.keep_resident_bytes;
    if (o.slot_count > PM_LINEAR_SLOT_COUNT_MAX || o.reserved_bytes < o.maximum_bytes ||
        (o.image != NULL && o.image_bytes > o.maximum_bytes) || (unsigned)o.method > PM_LINEAR_RENEW) {
        return PM_INVALID;
    }
    pm_linear_pool *pool = pm_heap_alloc_zeroed(sizeof *pool);
    if (pool == NULL) {
        return PM_NO_MEMORY;
    }
    *pool = (pm_linear_pool){.page_bytes = pm_platform_page_bytes(),
                             .maximum_bytes = o.maximum_bytes,
                             .keep_resident_bytes = o.keep_resident_bytes,
                             .slot_count = o.slot_count,
                             .slots_bytes = (o.slot_count + 1) * sizeof(slot),
                             .word_count = (o.slot_count + WORD_BITS - 1) / WORD_BITS,
                             .owner_count = 1,
                             .scanner = -1,
                             .image_file = -1};
    pool->slots = pm_heap_alloc(pool->slots_bytes, SLOT_ALIGNMENT);
    pool->free_bits = pm_heap_alloc_zeroed(pool->word_count * sizeof *pool->free_bits);
    pm_status status = pool->slots == NULL || pool->free_bits == NULL ? PM_NO_MEMORY : PM_OK;
    status = status == PM_OK ? lay_out(pool, o.reserved_bytes, o.guard_bytes) : status;
    status = status == PM_OK ? open_scanner(pool, o.method) : status;
    status = status == PM_OK ? keep_image(pool, &o) : status;
    if (status != PM_OK) {
        pool_end(pool);
        return status;
    }
    *out = pool;
    return PM_OK;
}

void pm_linear_pool_share(pm_linear_pool *pool) {
    __atomic_fetch_add(&pool->owner_count, 1, __ATOMIC_RELAXED);
}

pm_status pm_linear_pool_free(pm_linear_pool *pool) {
    if (pool == NULL) {
        return PM_OK;
    }
    for (size_t i = 0; i < pool->slot_count; i++) {
        if (!is_free(pool, i)) {
            return PM_BUSY;
        }
    }
    size_t alone = 1;
    if (!__atomic_compare_exchange_n(&pool->owner_count, &alone, 0, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
        return PM_BUSY;
    }
    pool_end(pool);
    return PM_OK;
}

void pm_linear_pool_drop(pm_linear_pool *pool) {
    if (pool != NULL && __atomic_fetch_sub(&pool->owner_count, 1, __ATOMIC_ACQ_REL) == 1) {
        pool_end(pool);
    }
}
