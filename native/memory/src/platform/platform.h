/* platform.h: the floor that the memory layer stands on, one file per system behind it.
 *
 * "Not supported" is said, never imitated. Nothing here counts or caches; src/memory.c does.
 */
#ifndef PM_PLATFORM_H
#define PM_PLATFORM_H

#include "pm/status.h"

#if !defined(_WIN32)
#include <pthread.h>
#include <stdlib.h>
#endif

enum { PM_HUGE_PAGE_BYTES = 2097152 };

/* Bytes of an ordinary page, a power of two. */
size_t pm_platform_page_bytes(void);

/* Zeroed pages at a multiple of `alignment` (a power of two); bytes is a multiple of the page. NULL when refused. */
void *pm_platform_pages_map(size_t bytes, size_t alignment);
void pm_platform_pages_unmap(void *address, size_t bytes);

/* Asks for huge pages in a range of whole pages. False: the system knows no such advice. */
bool pm_platform_pages_advise_huge(void *address, size_t bytes);

/* Bytes of the range that lie in huge pages now. Where a neighbouring mapping of the same kind was merged with this
 * one the kernel reports their sum: the figure is then at most the range. PM_UNSUPPORTED: the system does not tell. */
pm_status pm_platform_pages_huge_bytes(const void *address, size_t bytes, size_t *out);

/* The C heap. alloc: `bytes` at a multiple of `alignment`, a power of two that divides them where it is above 16. The
 * others: at a multiple of 16. What one of them gives only resize (blocks aligned to 16) and free take back. NULL when
 * refused; a block that could not be resized stays. */
#if defined(_WIN32)
void *pm_platform_heap_alloc(size_t bytes, size_t alignment);
void *pm_platform_heap_alloc_zeroed(size_t bytes);
void *pm_platform_heap_resize(void *block, size_t bytes);
void pm_platform_heap_free(void *block);
#else
static inline void *pm_platform_heap_alloc(size_t bytes, size_t alignment) {
    return alignment <= _Alignof(max_align_t) ? malloc(bytes) : aligned_alloc(alignment, bytes);
}
static inline void *pm_platform_heap_alloc_zeroed(size_t bytes) {
    return calloc(1, bytes);
}
static inline void *pm_platform_heap_resize(void *block, size_t bytes) {
    return realloc(block, bytes);
}
static inline void pm_platform_heap_free(void *block) {
    free(block);
}
#endif

/* Has `run` called when the calling thread ends, once per call of this function. False where that cannot be had. */
bool pm_platform_at_thread_exit(void (*run)(void));

/* Has functions called around each fork from now on: on the forking thread before it, and after it in the parent and
 * in the child. Nothing where there are no forks. */
void pm_platform_at_fork(void (*before)(void), void (*in_parent)(void), void (*in_child)(void));

#if defined(_WIN32)
typedef struct pm_mutex {
    void *word; /* an SRWLOCK */
} pm_mutex;
#define PM_MUTEX_INIT {0}
#else
typedef pthread_mutex_t pm_mutex;
#define PM_MUTEX_INIT PTHREAD_MUTEX_INITIALIZER
#endif
bool pm_platform_mutex_init(pm_mutex *mutex);
void pm_platform_mutex_deinit(pm_mutex *mutex);
void pm_platform_mutex_lock(pm_mutex *mutex);
void pm_platform_mutex_unlock(pm_mutex *mutex);

#endif
