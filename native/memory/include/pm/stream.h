/* pm/stream.h: copies, fills and sums over arrays that may be larger than the caches.
 *
 * Where the output has `threshold_bytes` or more it is written past the caches (non-temporal stores): memory then moves
 * each line once instead of reading it first, and what the caches hold stays. threshold_bytes 0 takes
 * pm_cpu_cache_bytes(), SIZE_MAX never. NEON and scalar paths have no such stores in C and write plainly. Any address
 * and length works; output aligned to 64 bytes (pm/buffer.h) is fastest.
 * Every path (pm/cpu.h) gives the same bits. Outputs may be one of the inputs, but must not overlap them otherwise.
 * What was written is visible to other threads as with plain stores. Threads: pure but for the output; any thread.
 */
#ifndef PM_STREAM_H
#define PM_STREAM_H

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* cdef:begin */

/* `bytes` bytes; the two must not overlap. */
PM_API void pm_stream_copy(void *to, const void *from, size_t bytes, size_t threshold_bytes);

/* `count` times the eight bytes of `value`. */
PM_API void pm_stream_fill(void *to, uint64_t value, size_t count, size_t threshold_bytes);

/* to[i] = a[i] + b[i]; whole numbers modulo 2^64. */
PM_API void pm_stream_add_f64(double *to, const double *a, const double *b, size_t count, size_t threshold_bytes);
PM_API void pm_stream_add_u64(uint64_t *to, const uint64_t *a, const uint64_t *b, size_t count, size_t threshold_bytes);

/* to[i] = a[i] + b[i] * scale, rounded twice (never fused); whole numbers modulo 2^64. */
PM_API void pm_stream_triad_f64(double *to, const double *a, const double *b, double scale, size_t count,
                                size_t threshold_bytes);
PM_API void pm_stream_triad_u64(uint64_t *to, const uint64_t *a, const uint64_t *b, uint64_t scale, size_t count,
                                size_t threshold_bytes);

/* The sum of doubles, in an order that is part of the contract: element i is added to lane i % 32, then lane j + 16 to
 * lane j, j + 8 to j, and so on. Closer to the true sum than adding in a row. */
PM_API double pm_stream_sum_f64(const double *values, size_t count);

/* The sum modulo 2^64. */
PM_API uint64_t pm_stream_sum_u64(const uint64_t *values, size_t count);
/* cdef:end */

#ifdef __cplusplus
}
#endif
#endif
