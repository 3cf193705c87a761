/* numa.h: the floor under placement. Results are 0 or an errno; ENOSYS where the system has no such call. */
#ifndef PM_PLATFORM_NUMA_H
#define PM_PLATFORM_NUMA_H

#include "pm/numa.h"

enum { PM_NODE_WORDS = PM_NUMA_NODES_MAX / 64 };

/* Has the pages of a range come from the nodes in the mask as the strategy says, and reads back that it is so. */
int pm_platform_place(void *address, size_t bytes, pm_numa_strategy strategy, const uint64_t nodes[PM_NODE_WORDS]);

/* The node that the calling thread runs on; -1: unknown. */
int pm_platform_current_node(void);

/* The node of each of `count` pages, or a negative number for one that holds no memory. */
int pm_platform_locate(size_t count, void *const *pages, int *nodes);

int pm_platform_affinity_read(pm_numa_affinity *out);
int pm_platform_affinity_write(const pm_numa_affinity *affinity);

#endif
