/* The nodes of a machine, as src/numa_topology.c reads them and src/numa.c uses them. */
#ifndef PM_NUMA_INTERNAL_H
#define PM_NUMA_INTERNAL_H

#include "platform/numa.h"

typedef struct pm_numa_entry {
    pm_numa_node node;
    uint64_t cpus[PM_NUMA_CPU_WORDS];
} pm_numa_entry;

struct pm_numa_topology {
    size_t count, capacity_bytes;
    pm_numa_entry *entries; /* by rising number */
};

/* NULL: there is no such node. */
const pm_numa_entry *pm_numa_find(const pm_numa_topology *topology, int node);

#endif
