/* lk/region_pool.h: large mappings that a process keeps for the next working set.
 *
 * Touching fresh pages takes several times as long as filling them, and a clock worker sets up dozens of working sets
 * of one size, one after another, out of several kernel libraries. The program that loads them may therefore export
 * both functions; a kernel looks them up by name and maps and unmaps itself where they are not there, or say no.
 *
 * A kept mapping holds what was last written to it. Who takes it owns it. Threads: one at a time.
 */
#ifndef LK_REGION_POOL_H
#define LK_REGION_POOL_H

#include <stddef.h>

/* A kept mapping of exactly that length and kind of pages, or NULL. Those of other lengths go back to the system: what
 * is kept never adds to what the next working set needs. */
typedef void *(*lk_region_take_fn)(size_t mapped_bytes, unsigned pages);
#define LK_REGION_TAKE "lk_region_take"

/* 1: the mapping is kept and not the caller's any more; 0: it is still the caller's. */
typedef int (*lk_region_keep_fn)(void *mapping, size_t mapped_bytes, unsigned pages);
#define LK_REGION_KEEP "lk_region_keep"

#endif
