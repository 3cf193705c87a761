/* pm/cow.h: bytes that are shared until someone writes them: inputs, slices of them, configs.
 *
 * A handle reads bytes that are the caller's (borrowed), or that lie in a block which handles share and count. Sharing
 * and slicing copy nothing; the first write through a handle gives it bytes of its own, unless it is the only one on
 * its block. So no write is ever seen through another handle, nor in memory that was borrowed.
 *
 *     pm_cow_borrow       memory of the caller  <----- handle
 *     pm_cow_copy         handle -----> block [references | capacity | bytes ........] <----- pm_cow_slice,
 * pm_cow_share
 *
 * Ownership: a handle lies in the caller's memory; each one that was made is ended with pm_cow_end. Borrowed memory
 * stays the caller's, unchanged and in place, until the last handle on it was written or ended. A slice keeps the
 * whole of its block.
 * Threads: the references are counted atomically, so handles on one block may be used, shared and ended on any threads
 * at once. One handle is for one thread at a time, or for any number that only read or share it.
 * Failure: the handle is unchanged.
 */
#ifndef PM_COW_H
#define PM_COW_H

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* cdef:begin */
typedef struct pm_cow_block pm_cow_block;

typedef struct pm_cow {
    const unsigned char *data; /* not to be written but through pm_cow_write; may be NULL where bytes is 0 */
    size_t bytes;
    pm_cow_block *block; /* NULL: borrowed, or empty */
} pm_cow;

/* What was copied, and what would have been if every handle had copied at once, as owned strings do. */
typedef struct pm_cow_stats {
    uint64_t copied_count; /* copies made: by pm_cow_copy, and by the first write to shared or borrowed bytes */
    uint64_t copied_bytes;
    uint64_t shared_count; /* handles made without a copy: borrowed, shared, sliced */
    uint64_t shared_bytes;
    uint64_t avoided_count; /* those of shared_count that were not copied later either */
    uint64_t avoided_bytes;
} pm_cow_stats;

/* A handle on memory of the caller's. */
PM_API void pm_cow_borrow(pm_cow *cow, const void *data, size_t bytes);

/* A handle on a copy; data may be NULL where bytes is 0. PM_OVERFLOW, PM_NO_MEMORY. */
PM_API PM_NODISCARD pm_status pm_cow_copy(pm_cow *cow, const void *data, size_t bytes);

/* *out becomes another handle on the same bytes. */
PM_API void pm_cow_share(const pm_cow *cow, pm_cow *out);

/* *out becomes a handle on the `bytes` bytes from `first` on; PM_INVALID where they are not all in the handle. */
PM_API PM_NODISCARD pm_status pm_cow_slice(const pm_cow *cow, size_t first, size_t bytes, pm_cow *out);

/* `count` slices, all or none; slice i is [firsts[i], ends[i]). One atomic operation in all. */
PM_API PM_NODISCARD pm_status pm_cow_slice_many(const pm_cow *cow, const size_t *firsts, const size_t *ends,
                                                size_t count, pm_cow *out);

/* *data are the handle's bytes, its own now and free to be written until it is shared, sliced, spliced or ended. */
PM_API PM_NODISCARD pm_status pm_cow_write(pm_cow *cow, unsigned char **data);

/* Replaces the `removed` bytes from `first` on with `bytes` bytes of data, which may be part of the handle's own. What
 * is left of shared bytes is copied once, straight to its new place. PM_INVALID where the range is not all in the
 * handle, PM_OVERFLOW, PM_NO_MEMORY. */
PM_API PM_NODISCARD pm_status pm_cow_splice(pm_cow *cow, size_t first, size_t removed, const void *data, size_t bytes);

/* Whether the next write copies. */
PM_API bool pm_cow_is_shared(const pm_cow *cow);

/* Ends a handle, or each of `count`; they are empty afterwards, and ending them again does nothing. */
PM_API void pm_cow_end(pm_cow *cow);
PM_API void pm_cow_end_many(pm_cow *cows, size_t count);

/* Sums over all threads and handles since the process began; counted per thread, without a lock. While others work
 * each figure held at some moment of the call. */
PM_API void pm_cow_read_stats(pm_cow_stats *out);
/* cdef:end */

#ifdef __cplusplus
}
#endif
#endif
