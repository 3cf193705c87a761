/* pm/prefetch.h: reading through an index with hints ahead of it, and following several chains at once.
 *
 * A read hint asks for a line of memory `distance` elements before it is needed. It pays where places are scattered
 * over more memory than the caches hold and nothing else overlaps the waiting; in sequential passes it costs. Distance
 * 0 gives no hints; pm_map_get_many (pm/map.h) gives its own. Places are checked before anything is read there:
 * PM_INVALID where one lies beyond the table, and what the call writes is then undefined. Threads: pure but for the
 * output; any thread.
 */
#ifndef PM_PREFETCH_H
#define PM_PREFETCH_H

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* cdef:begin */
enum { PM_PREFETCH_DISTANCE = 8, PM_PREFETCH_CHAINS = 16, PM_PREFETCH_CHAINS_MAX = 64 }; /* defaults, most chains */

/* *sum becomes the sum of table[index[i]], i < count, modulo 2^64. */
PM_API PM_NODISCARD pm_status pm_prefetch_sum(const uint64_t *table, size_t table_count, const uint64_t *index,
                                              size_t count, size_t distance, uint64_t *sum);

/* Copies records, of record_bytes each, table_count in the table: record i of `to` becomes record index[i] of `table`.
 * The two must not overlap. PM_OVERFLOW where the table or the output would be larger than memory. */
PM_API PM_NODISCARD pm_status pm_prefetch_gather(void *to, const void *table, size_t record_bytes, size_t table_count,
                                                 const uint64_t *index, size_t count, size_t distance);

/* Follows chain_count chains: ends[i] becomes what `steps` times at = next[at] makes of starts[i]. `interleave` chains,
 * 1 to PM_PREFETCH_CHAINS_MAX (else PM_INVALID), are followed side by side, so that their waits overlap; 1 follows one
 * after the other. starts and ends may be the same. */
PM_API PM_NODISCARD pm_status pm_prefetch_follow(const uint64_t *next, size_t next_count, const uint64_t *starts,
                                                 size_t chain_count, size_t steps, size_t interleave, uint64_t *ends);
/* cdef:end */

#ifdef __cplusplus
}
#endif
#endif
