/* lp/sweep.h: load latency by working set, measured by chasing pointers.
 *
 * For each size the cache lines of that many bytes form one random cycle (Sattolo's algorithm), so that each load
 * depends on the one before and no prefetcher can guess it. The time per load tells which level of the memory
 * hierarchy holds the working set. The memory is asked for in huge pages; where the kernel gives small ones, misses
 * of the TLB are part of the latency.
 *
 * Threads: one at a time. Cost: about half a second a round for sizes up to 128 MiB.
 */
#ifndef LP_SWEEP_H
#define LP_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LP_SWEEP_LINE_BYTES = 64, LP_SWEEP_MOST_POINTS = 64 };

typedef struct lp_sweep_point {
    uint64_t bytes;     /* working set */
    double ns_per_load; /* least over several bursts */
} lp_sweep_point;

/* Measures sizes from 8 KiB to `most_bytes` in steps of about sqrt(2) and writes at most `capacity` points,
 * smallest first. Returns how many; 0: the system refused memory. *huge_bytes is how much of the mapping the kernel
 * backed by huge pages, 0 where it does not say. */
size_t lp_sweep_run(uint64_t most_bytes, uint64_t seed, lp_sweep_point *points, size_t capacity, uint64_t *huge_bytes);

#endif
