/* The preloaded allocator counter: see interpose.h.
 *
 * The real functions are looked up with dlsym(RTLD_NEXT), so that another preloaded allocator is counted just as
 * well. That look-up may itself allocate: meanwhile a small static reserve serves, and blocks from it are never
 * given back. A block is forgotten before it is freed and remembered after it is allocated, so that an address
 * reused by another thread in between is never confused with the old block.
 */
#include "interpose.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "blocks.h"

#define EXPORT __attribute__((visibility("default")))

static struct {
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void (*free)(void *);
    int (*posix_memalign)(void **, size_t, size_t);
    void *(*aligned_alloc)(size_t, size_t);
    void *(*memalign)(size_t, size_t);
    void *(*valloc)(size_t);
    size_t (*usable)(void *);
} real;

static atomic_uint_fast64_t allocations, frees, requested, live, reserved, peak, peak_reserved, maps, unmaps, mapped,
    untracked;

/* The reserve for allocations made while the real functions are being looked up. */
enum { RESERVE_BYTES = 64 << 10 };
static _Alignas(64) char reserve[RESERVE_BYTES];
static atomic_size_t reserve_used;

static bool in_reserve(const void *block) {
    return (uintptr_t)block >= (uintptr_t)reserve && (uintptr_t)block < (uintptr_t)reserve + RESERVE_BYTES;
}

/* The size stands in the 16 bytes before the block, for realloc. */
static void *from_reserve(size_t bytes) {
    size_t need = (bytes + 31) / 16 * 16;
    size_t at = bytes > RESERVE_BYTES ? RESERVE_BYTES : atomic_fetch_add(&reserve_used, need);
    if (at + need > RESERVE_BYTES) {
        errno = ENOMEM;
        return NULL;
    }
    memcpy(reserve + at, &bytes, sizeof bytes);
    return reserve + at + 16;
}

static size_t reserve_size(const void *block) {
    size_t bytes = 0;
    memcpy(&bytes, (const char *)block - 16, sizeof bytes);
    return bytes;
}

static void look_up(void *slot, const char *name) {
    void *symbol = dlsym(RTLD_NEXT, name);
    memcpy(slot, &symbol, sizeof symbol); /* ISO C has no cast from object to function pointer */
}

enum { UNREADY, RESOLVING, READY };
static atomic_int state;

/* Whether the real functions are known. Only the first threads of a process can see false, while it starts. */
static bool ready(void) {
    if (atomic_load_explicit(&state, memory_order_acquire) == READY) {
        return true;
    }
    int expected = UNREADY;
    if (!atomic_compare_exchange_strong(&state, &expected, RESOLVING)) {
        return atomic_load(&state) == READY;
    }
    look_up(&real.malloc, "malloc");
    look_up(&real.calloc, "calloc");
    look_up(&real.realloc, "realloc");
    look_up(&real.free, "free");
    look_up(&real.posix_memalign, "posix_memalign");
    look_up(&real.aligned_alloc, "aligned_alloc");
    look_up(&real.memalign, "memalign");
    look_up(&real.valloc, "valloc");
    look_up(&real.usable, "malloc_usable_size");
    atomic_store_explicit(&state, READY, memory_order_release);
    return true;
}

static __attribute__((constructor)) void start(void) {
    ready();
    pthread_atfork(blocks_lock_all, blocks_unlock_all, blocks_unlock_all);
}

static void raise_to(atomic_uint_fast64_t *most, uint64_t value) {
    uint64_t seen = atomic_load_explicit(most, memory_order_relaxed);
    while (seen < value &&
           !atomic_compare_exchange_weak_explicit(most, &seen, value, memory_order_relaxed, memory_order_relaxed)) {
    }
}

static uint64_t add(atomic_uint_fast64_t *counter, uint64_t amount) {
    return atomic_fetch_add_explicit(counter, amount, memory_order_relaxed) + amount;
}

static void take_from(atomic_uint_fast64_t *counter, uint64_t amount) {
    atomic_fetch_sub_explicit(counter, amount, memory_order_relaxed);
}

static void live_add(void *block, uint64_t bytes) {
    if (!blocks_put(block, bytes)) {
        add(&untracked, 1);
        return;
    }
    raise_to(&peak, add(&live, bytes));
    raise_to(&peak_reserved, add(&reserved, real.usable(block)));
}

/* The requested size of a block that is about to go. false: it was never remembered. */
static bool live_take(void *block, uint64_t *bytes) {
    if (!blocks_take(block, bytes)) {
        return false;
    }
    take_from(&live, *bytes);
    take_from(&reserved, real.usable(block));
    return true;
}

static void *counted(void *block, size_t bytes) {
    if (block) {
        add(&allocations, 1);
        add(&requested, bytes);
        live_add(block, bytes);
    }
    return block;
}

EXPORT void *malloc(size_t bytes) {
    return ready() ? counted(real.malloc(bytes), bytes) : from_reserve(bytes);
}

EXPORT void *calloc(size_t count, size_t size) {
    if (size && count > SIZE_MAX / size) {
        errno = ENOMEM;
        return NULL;
    }
    return ready() ? counted(real.calloc(count, size), count * size) : from_reserve(count * size);
}

EXPORT void free(void *block) {
    if (!block || in_reserve(block) || !ready()) {
        return;
    }
    uint64_t bytes = 0;
    live_take(block, &bytes);
    add(&frees, 1);
    real.free(block);
}

EXPORT void *realloc(void *old, size_t bytes) {
    if (!old) {
        return malloc(bytes);
    }
    if (in_reserve(old)) {
        void *moved = malloc(bytes);
        if (moved) {
            size_t kept = reserve_size(old);
            memcpy(moved, old, kept < bytes ? kept : bytes);
        }
        return moved;
    }
    uint64_t was = 0;
    bool known = live_take(old, &was);
    void *block = real.realloc(old, bytes);
    if (block) {
        add(&frees, 1);
        return counted(block, bytes);
    }
    if (bytes == 0) { /* glibc frees */
        add(&frees, 1);
    } else if (known) { /* refused: the old block lives on, and was never away as far as the peak is concerned */
        live_add(old, was);
    }
    return block;
}

EXPORT void *reallocarray(void *old, size_t count, size_t size) {
    if (size && count > SIZE_MAX / size) {
        errno = ENOMEM;
        return NULL;
    }
    /* NOLINTNEXTLINE(clang-analyzer-optin.portability.UnixAPI): the program's own call, with its own size, passed on */
    return realloc(old, count * size);
}

EXPORT int posix_memalign(void **block, size_t alignment, size_t bytes) {
    if (!ready()) {
        return ENOMEM;
    }
    int error = real.posix_memalign(block, alignment, bytes);
    if (!error) {
        counted(*block, bytes);
    }
    return error;
}

EXPORT void *aligned_alloc(size_t alignment, size_t bytes) {
    return ready() ? counted(real.aligned_alloc(alignment, bytes), bytes) : NULL;
}

EXPORT void *memalign(size_t alignment, size_t bytes) {
    return ready() ? counted(real.memalign(alignment, bytes), bytes) : NULL;
}

EXPORT void *valloc(size_t bytes) {
    return ready() ? counted(real.valloc(bytes), bytes) : NULL;
}

static uint64_t whole_pages(size_t bytes) {
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    return ((uint64_t)bytes + page - 1) / page * page;
}

/* A program may also unmap what was never counted, such as a file: the figure stops at zero. */
static void unreserve(uint64_t bytes) {
    uint64_t seen = atomic_load_explicit(&reserved, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&reserved, &seen, seen > bytes ? seen - bytes : 0,
                                                  memory_order_relaxed, memory_order_relaxed)) {
    }
}

/* The system calls themselves, for mmap is wanted before anything can be looked up. */
EXPORT void *mmap(void *hint, size_t bytes, int protection, int flags, int fd, off_t offset) {
    long address = syscall(SYS_mmap, hint, bytes, protection, flags, fd, offset);
    if (address == -1) {
        return MAP_FAILED;
    }
    add(&maps, 1);
    add(&mapped, bytes);
    if ((flags & MAP_ANONYMOUS) && !(flags & MAP_FIXED)) {
        raise_to(&peak_reserved, add(&reserved, whole_pages(bytes)));
    }
    return (void *)address;
}

EXPORT void *mremap(void *old, size_t old_bytes, size_t bytes, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    void *target = flags & MREMAP_FIXED ? va_arg(rest, void *) : NULL;
    va_end(rest);
    long address = syscall(SYS_mremap, old, old_bytes, bytes, flags, target);
    if (address == -1) {
        return MAP_FAILED;
    }
    raise_to(&peak_reserved, add(&reserved, whole_pages(bytes)));
    take_from(&reserved, whole_pages(old_bytes));
    return (void *)address;
}

#if defined(__LP64__)
EXPORT void *mmap64(void *hint, size_t bytes, int protection, int flags, int fd, off_t offset) {
    return mmap(hint, bytes, protection, flags, fd, offset);
}
#endif

EXPORT int munmap(void *address, size_t bytes) {
    int result = (int)syscall(SYS_munmap, address, bytes);
    if (result == 0) {
        add(&unmaps, 1);
        unreserve(whole_pages(bytes));
    }
    return result;
}

EXPORT void lab_alloc_snapshot(lab_alloc_counts *counts) {
    *counts = (lab_alloc_counts){
        .allocations = atomic_load(&allocations),
        .frees = atomic_load(&frees),
        .requested_bytes = atomic_load(&requested),
        .live_bytes = atomic_load(&live),
        .reserved_bytes = atomic_load(&reserved),
        .peak_live_bytes = atomic_load(&peak),
        .peak_reserved_bytes = atomic_load(&peak_reserved),
        .maps = atomic_load(&maps),
        .unmaps = atomic_load(&unmaps),
        .mapped_bytes = atomic_load(&mapped),
        .untracked = atomic_load(&untracked),
    };
}

EXPORT void lab_alloc_reset_peak(void) {
    atomic_store(&peak, atomic_load(&live));
    atomic_store(&peak_reserved, atomic_load(&reserved));
}
