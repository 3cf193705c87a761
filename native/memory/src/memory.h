/* memory.h: the one place where the layer reaches the system for memory, and the ledger of it.
 *
 * pm/heap.h, and what only the layer needs. Whoever frees tells the size. Any thread.
 */
#ifndef PM_MEMORY_H
#define PM_MEMORY_H

#include "pm/heap.h"
#include "pm/ledger.h"

/* Makes a heap array hold `needed` bytes at least, doubling. PM_NO_MEMORY leaves it as it was. */
pm_status pm_heap_reserve(void **data, size_t *capacity, size_t needed);

/* Zeroed pages, a multiple of the page size, at a multiple of `alignment`; `huge` asks for huge pages. */
void *pm_pages_alloc(size_t bytes, size_t alignment, bool huge);
void pm_pages_free(void *pages, size_t bytes);

/* Explicit huge pages, a multiple of 2 MiB; NULL when refused, and *error is why (an errno). Freed as pages are. */
void *pm_pages_alloc_explicit(size_t bytes, int *error);

/* Address space that nothing may touch (src/platform/reserve.h); it counts as a mapping of 0 bytes. What is allowed of
 * it counts as allocated, what is forbidden again, or forgotten with the space, as given back. */
void *pm_space_reserve(size_t bytes);
void pm_space_free(void *space, size_t bytes);
bool pm_space_allow(void *address, size_t bytes);
bool pm_space_forbid(void *address, size_t bytes);
void pm_space_forgotten(size_t bytes);

/* Counts a growth that a component made by allocating, copying and freeing. */
void pm_ledger_moved(size_t bytes);

/* Called by src/thread.c when the calling thread ends. */
void pm_ledger_thread_exit(void);

/* Around a fork: after the first nothing of it is half done, and the second must follow, in the parent and the child.
 */
void pm_ledger_before_fork(void);
void pm_ledger_after_fork(bool in_child);

#endif
