/* pm/heap.h: the counted heap that the layer itself uses, for programs built on it in C.
 *
 * Whoever frees tells the size, so that the ledger (pm/ledger.h) needs no header before each block. Any thread.
 */
#ifndef PM_HEAP_H
#define PM_HEAP_H

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* `bytes` > 0 at a multiple of `alignment`, a power of two; NULL when refused. Content undefined. */
PM_API void *pm_heap_alloc(size_t bytes, size_t alignment);

/* The same, aligned to 16 and zeroed. */
PM_API void *pm_heap_alloc_zeroed(size_t bytes);

/* Another size for a block aligned to 16 (NULL: a new one); NULL when refused, and the block stays. */
PM_API void *pm_heap_resize(void *block, size_t old_bytes, size_t new_bytes);

/* NULL is allowed. */
PM_API void pm_heap_free(void *block, size_t bytes);

/* Whether pm_fault_after wants this request refused, for callers that reach the system themselves. Counts it as failed
 * then. */
PM_API bool pm_fault_strikes(void);

#ifdef __cplusplus
}
#endif
#endif
