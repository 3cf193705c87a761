/* Memory placed on nodes, threads held to them. */
#include "pm/numa.h"
#include "memory.h"
#include "numa_internal.h"
#include "platform/huge.h"
#include "platform/platform.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { LOCATE_AT_ONCE = 256 };

/* The nodes to choose from, as a mask; how many there are. */
static size_t memory_nodes(const pm_numa_topology *topology, uint64_t mask[PM_NODE_WORDS]) {
    size_t count = 0;
    for (size_t i = 0; i < topology->count; i++) {
        const pm_numa_node *node = &topology->entries[i].node;
        if (node->has_memory) {
            mask[node->node / 64] |= UINT64_C(1) << node->node % 64;
            count++;
        }
    }
    return count;
}

/* Has the kernel place the memory, or notes why it stays where the first touch puts it. */
static void place(const pm_numa_topology *topology, pm_numa_memory *memory) {
    uint64_t nodes[PM_NODE_WORDS] = {0};
    if (memory_nodes(topology, nodes) < 2) {
        snprintf(memory->reason, sizeof memory->reason, "one node has memory: there is nothing to choose");
        return;
    }
    int node = memory->asked_node;
    if (memory->asked == PM_NUMA_LOCAL) {
        node = pm_platform_current_node();
        if (node < 0 || node >= PM_NUMA_NODES_MAX) {
            snprintf(memory->reason, sizeof memory->reason, "the system does not tell the node of a thread");
            return;
        }
    }
    if (memory->asked != PM_NUMA_INTERLEAVED) {
        memset(nodes, 0, sizeof nodes);
        nodes[node / 64] = UINT64_C(1) << node % 64;
    }
    memory->error =
        pm_fault_strikes() ? ENOMEM : pm_platform_place(memory->pages.data, memory->pages.bytes, memory->asked, nodes);
    if (memory->error != 0) {
        char text[96];
        pm_platform_error_text(memory->error, text, sizeof text);
        snprintf(memory->reason, sizeof memory->reason, "mbind refused: %s", text);
        return;
    }
    memory->placed = true;
    memory->node = node;
}

pm_status pm_numa_alloc(const pm_numa_topology *topology, size_t bytes, pm_numa_strategy strategy, int node,
                        pm_pages_kind kind, pm_numa_memory *out) {
    if ((unsigned)strategy > PM_NUMA_PINNED) {
        return PM_INVALID;
    }
    pm_numa_memory memory = {.asked = strategy, .asked_node = -1, .node = -1};
    if (strategy == PM_NUMA_PINNED) {
        const pm_numa_entry *entry = pm_numa_find(topology, node);
        if (entry == NULL || !entry->node.has_memory) {
            return PM_NOT_FOUND;
        }
        memory.asked_node = node;
    }
    const pm_status status = pm_pages_init(&memory.pages, bytes, kind);
    if (status == PM_OK) {
        place(topology, &memory);
        *out = memory;
    }
    return status;
}

void pm_numa_free(pm_numa_memory *memory) {
    pm_pages_deinit(&memory->pages);
}

pm_status pm_numa_count_pages(const void *address, size_t bytes, uint64_t *node_pages, size_t node_capacity,
                              uint64_t *absent_pages) {
    const size_t page = pm_platform_page_bytes();
    const uintptr_t first = (uintptr_t)address & ~(page - 1), end = (uintptr_t)address + bytes;
    for (uintptr_t at = first; at < end;) {
        void *pages[LOCATE_AT_ONCE];
        int nodes[LOCATE_AT_ONCE] = {0};
        size_t count = 0;
        for (; count < LOCATE_AT_ONCE && at < end; at += page) {
            pages[count++] = (void *)at;
        }
        if (pm_platform_locate(count, pages, nodes) != 0) {
            return PM_UNSUPPORTED;
        }
        for (size_t i = 0; i < count; i++) {
            if (nodes[i] < 0) {
                ++*absent_pages;
            } else if ((size_t)nodes[i] < node_capacity) {
                node_pages[nodes[i]]++;
            }
        }
    }
    return PM_OK;
}

pm_status pm_numa_pin_thread(const pm_numa_topology *topology, int node, pm_numa_affinity *before) {
    const pm_numa_entry *entry = pm_numa_find(topology, node);
    if (entry == NULL) {
        return PM_NOT_FOUND;
    }
    pm_numa_affinity now, wanted;
    if (pm_platform_affinity_read(&now) != 0) {
        return PM_UNSUPPORTED;
    }
    for (size_t w = 0; w < PM_NUMA_CPU_WORDS; w++) {
        wanted.cpus[w] = now.cpus[w] & entry->cpus[w];
    }
    if (pm_platform_affinity_write(&wanted) != 0) { /* an empty mask is refused too */
        return PM_UNSUPPORTED;
    }
    *before = now;
    return PM_OK;
}

pm_status pm_numa_restore_thread(const pm_numa_affinity *before) {
    return pm_platform_affinity_write(before) == 0 ? PM_OK : PM_UNSUPPORTED;
}
