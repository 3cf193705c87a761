/* pm/numa.h: which memory is near which processors, memory placed on chosen nodes, threads held to a node.
 *
 * Linux's own system calls, without libnuma: mbind, get_mempolicy, move_pages, sched_setaffinity. Nodes are named by
 * the kernel's numbers, which may have gaps. Where there is one node, or the kernel refuses, memory is of plain pages:
 * the struct says so, and why. It goes back the way it came in any case.
 *
 * Threads: a topology is read-only and may be shared. One pm_numa_memory is for one thread at a time.
 */
#ifndef PM_NUMA_H
#define PM_NUMA_H

#include "pages.h"

#ifdef __cplusplus
extern "C" {
#endif

/* cdef:begin */
enum { PM_NUMA_NODES_MAX = 1024, PM_NUMA_CPUS_MAX = 8192, PM_NUMA_CPU_WORDS = 128 };

typedef enum pm_numa_strategy {
    PM_NUMA_LOCAL = 0,       /* on the node that the calling thread runs on; on others when that one is full */
    PM_NUMA_INTERLEAVED = 1, /* page by page on all nodes in turn */
    PM_NUMA_PINNED = 2       /* on one node only; a process that overfills it is ended by the kernel */
} pm_numa_strategy;

typedef struct pm_numa_topology pm_numa_topology;

typedef struct pm_numa_node {
    int node;
    size_t cpu_count;      /* 0: memory only */
    uint64_t memory_bytes; /* 0: processors only, or the system does not tell */
    bool has_memory;
} pm_numa_node;

typedef struct pm_numa_memory {
    pm_pages pages; /* the memory, and which kind of pages was asked for and given */
    pm_numa_strategy asked;
    int asked_node; /* PM_NUMA_PINNED: the node; otherwise -1 */
    bool placed;    /* the kernel took the placement; false: plain placement, on the node of the first touch */
    int node;       /* that it is placed on; -1: several, or not placed */
    int error;      /* errno of the refusal; 0: none */
    char reason[PM_REASON_BYTES]; /* why it was not placed; empty where it was */
} pm_numa_memory;

/* The processors that a thread may run on; bit c % 64 of word c / 64 is processor c. */
typedef struct pm_numa_affinity {
    uint64_t cpus[PM_NUMA_CPU_WORDS];
} pm_numa_affinity;

/* Reads the nodes that are online. root: a directory laid out as /sys/devices/system/node, for tests; NULL: that one.
 * Without it there is one node, 0, with all processors that the thread may use. PM_INVALID: what is written there
 * cannot be read. PM_NO_MEMORY. The caller owns *out until pm_numa_topology_free. */
PM_API PM_NODISCARD pm_status pm_numa_topology_new(const char *root, pm_numa_topology **out);
PM_API void pm_numa_topology_free(pm_numa_topology *topology);

PM_API size_t pm_numa_node_count(const pm_numa_topology *topology);

/* The index-th node, by rising number. PM_NOT_FOUND: there are not so many. */
PM_API PM_NODISCARD pm_status pm_numa_read_node(const pm_numa_topology *topology, size_t index, pm_numa_node *out);

/* Whether a processor belongs to a node; false also where there is no such node. */
PM_API bool pm_numa_has_cpu(const pm_numa_topology *topology, int node, size_t cpu);

/* Maps `bytes` bytes of zeros and has the kernel place them; no page is touched. node is for PM_NUMA_PINNED.
 * PM_NOT_FOUND: no such node, or one without memory. PM_INVALID, PM_OVERFLOW, PM_NO_MEMORY as pm_pages_init. That the
 * placement was refused is no failure: see `placed`. End with pm_numa_free. */
PM_API PM_NODISCARD pm_status pm_numa_alloc(const pm_numa_topology *topology, size_t bytes, pm_numa_strategy strategy,
                                            int node, pm_pages_kind kind, pm_numa_memory *out);

/* Gives the memory back the way it came. Again is allowed. */
PM_API void pm_numa_free(pm_numa_memory *memory);

/* Adds up the pages of a range by the node they lie on now: node_pages[n] for node n < node_capacity, absent_pages for
 * those that hold no memory (never written). Pages of nodes beyond the capacity are left out. PM_UNSUPPORTED: the
 * system does not tell. */
PM_API PM_NODISCARD pm_status pm_numa_count_pages(const void *address, size_t bytes, uint64_t *node_pages,
                                                  size_t node_capacity, uint64_t *absent_pages);

/* Holds the calling thread to those of a node's processors that it may run on now; *before is what to restore.
 * PM_NOT_FOUND: no such node. PM_UNSUPPORTED: it has no processor that the thread may use, or the system refuses. */
PM_API PM_NODISCARD pm_status pm_numa_pin_thread(const pm_numa_topology *topology, int node, pm_numa_affinity *before);

/* Lets the calling thread run where it could before. PM_UNSUPPORTED: the system refuses. */
PM_API PM_NODISCARD pm_status pm_numa_restore_thread(const pm_numa_affinity *before);
/* cdef:end */

#ifdef __cplusplus
}
#endif
#endif
