/* pm/ledger.h: every call of the layer that reaches the system for memory, counted.
 *
 * malloc, calloc, realloc, aligned_alloc, mmap and their opposites are called in one file of the layer, and counted
 * there: per thread, without a lock, summed when read. Allocations that a pool or an arena serves from what it holds
 * do not appear: that difference is what the layer is for.
 */
#ifndef PM_LEDGER_H
#define PM_LEDGER_H

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* cdef:begin */
typedef struct pm_ledger {
    uint64_t allocation_count; /* calls that obtained memory: heap and pages, growing included */
    uint64_t free_count;       /* calls that gave memory back; growing in place or by moving counts once here too */
    uint64_t failed_count;     /* calls that the system, or pm_fault_after, refused */
    uint64_t map_count;        /* those of allocation_count that mapped pages */
    uint64_t moved_count;      /* growths that copied what they held to another address */
    uint64_t moved_bytes;      /* bytes so copied */
    uint64_t allocated_bytes;  /* bytes asked for, in all, since the process began */
    uint64_t freed_bytes;      /* bytes given back, in all */
    uint64_t live_bytes;       /* allocated_bytes - freed_bytes */
    uint64_t peak_bytes;       /* highest live_bytes; with several threads an upper bound: the sum of each one's peak */
} pm_ledger;

/* Writes the sums over all threads, those that ended included. Any thread, at any time; while others allocate each
 * figure is one that held at some moment of the call. Takes a lock that no allocation takes. */
PM_API void pm_ledger_read(pm_ledger *out);

/* Makes the n-th allocation from now fail once, in whichever thread makes it (n = 1: the next one); 0 disarms.
 * For tests: the call that fails is counted in failed_count. */
PM_API void pm_fault_after(uint64_t n);

/* Allocations that pm_fault_after still lets pass, the failing one included; 0 when disarmed or past. */
PM_API uint64_t pm_fault_pending(void);
/* cdef:end */

/* From now on what this thread's calls obtain and give back is counted in *watch too, until the next call; NULL: no
 * longer. Returns what was watched before. The caller owns *watch, which begins as zeros or with what is live already,
 * and may count calls of its own in it. live_bytes and peak_bytes are exact. Free of locks. */
PM_API pm_ledger *pm_ledger_watch(pm_ledger *watch);

/* Counts in a watch; for callers that reach the system themselves. */
PM_INLINE void pm_ledger_obtained(pm_ledger *watch, size_t bytes) {
    watch->allocation_count++;
    watch->allocated_bytes += bytes;
    watch->live_bytes += bytes;
    if (watch->live_bytes > watch->peak_bytes) {
        watch->peak_bytes = watch->live_bytes;
    }
}

PM_INLINE void pm_ledger_gave_back(pm_ledger *watch, size_t bytes) {
    watch->free_count++;
    watch->freed_bytes += bytes;
    watch->live_bytes -= bytes;
}

#ifdef __cplusplus
}
#endif
#endif
