/* The nodes of a machine, read from the directory that Linux shows them in: `online` and `has_memory` are lists such as
 * "0-1,4", as is `cpulist` of each node; `meminfo` has a line "Node 0 MemTotal: 1024 kB". */
#include "memory.h"
#include "numa_internal.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 4096, TEXT_BYTES = 32768 };

static void set_bit(uint64_t *mask, size_t bit) {
    mask[bit / 64] |= UINT64_C(1) << bit % 64;
}

static bool has_bit(const uint64_t *mask, size_t bit) {
    return (mask[bit / 64] >> bit % 64 & 1) != 0;
}

/* "0-3,8" as bits. False where it is written otherwise, or reaches beyond the mask. */
static bool parse_list(const char *text, uint64_t *mask, size_t bits) {
    while (isspace((unsigned char)*text)) {
        text++;
    }
    while (*text != '\0') {
        char *end;
        if (!isdigit((unsigned char)*text)) {
            return false;
        }
        const unsigned long first = strtoul(text, &end, 10);
        unsigned long last = first;
        if (*end == '-') {
            text = end + 1;
            if (!isdigit((unsigned char)*text)) {
                return false;
            }
            last = strtoul(text, &end, 10);
        }
        if (last < first || last >= bits) {
            return false;
        }
        for (unsigned long bit = first; bit <= last; bit++) {
            set_bit(mask, bit);
        }
        text = *end == ',' ? end + 1 : end;
        if (*end != ',') {
            while (isspace((unsigned char)*text)) {
                text++;
            }
            return *text == '\0';
        }
    }
    return true;
}

/* The text of root/name; false where there is no such file. */
static bool read_text(const char *root, const char *name, char *text) {
    char path[PATH_BYTES];
    const int length = snprintf(path, sizeof path, "%s/%s", root, name);
    FILE *file = length > 0 && length < PATH_BYTES ? fopen(path, "r") : NULL;
    if (file == NULL) {
        return false;
    }
    text[fread(text, 1, TEXT_BYTES - 1, file)] = '\0';
    fclose(file);
    return true;
}

static pm_status read_entry(const char *root, int node, char *text, pm_numa_entry *out) {
    char name[64];
    *out = (pm_numa_entry){.node.node = node};
    snprintf(name, sizeof name, "node%d/cpulist", node);
    if (!read_text(root, name, text)) {
        return PM_NOT_FOUND;
    }
    if (!parse_list(text, out->cpus, PM_NUMA_CPUS_MAX)) {
        return PM_INVALID;
    }
    for (size_t w = 0; w < PM_NUMA_CPU_WORDS; w++) {
        out->node.cpu_count += (size_t)__builtin_popcountll(out->cpus[w]);
    }
    snprintf(name, sizeof name, "node%d/meminfo", node);
    const char *total = read_text(root, name, text) ? strstr(text, "MemTotal:") : NULL;
    if (total != NULL) {
        out->node.memory_bytes = (uint64_t)strtoull(total + strlen("MemTotal:"), NULL, 10) * 1024;
    }
    return PM_OK;
}

static pm_status add(pm_numa_topology *topology, const pm_numa_entry *entry) {
    void *entries = topology->entries;
    const pm_status status =
        pm_heap_reserve(&entries, &topology->capacity_bytes, (topology->count + 1) * sizeof *entry);
    topology->entries = entries;
    if (status == PM_OK) {
        topology->entries[topology->count++] = *entry;
    }
    return status;
}

/* A system that shows no nodes has one. */
static pm_status add_only_node(pm_numa_topology *topology) {
    pm_numa_affinity affinity;
    pm_numa_entry entry = {.node.has_memory = true};
    if (pm_platform_affinity_read(&affinity) == 0) {
        memcpy(entry.cpus, affinity.cpus, sizeof entry.cpus);
        for (size_t w = 0; w < PM_NUMA_CPU_WORDS; w++) {
            entry.node.cpu_count += (size_t)__builtin_popcountll(entry.cpus[w]);
        }
    }
    return add(topology, &entry);
}

static pm_status read_nodes(pm_numa_topology *topology, const char *root, char *text) {
    uint64_t online[PM_NODE_WORDS] = {0}, memory[PM_NODE_WORDS] = {0};
    if (!read_text(root, "online", text)) {
        return add_only_node(topology);
    }
    if (!parse_list(text, online, PM_NUMA_NODES_MAX)) {
        return PM_INVALID;
    }
    const bool lists_memory = read_text(root, "has_memory", text);
    if (lists_memory && !parse_list(text, memory, PM_NUMA_NODES_MAX)) {
        return PM_INVALID;
    }
    for (int node = 0; node < PM_NUMA_NODES_MAX; node++) {
        if (!has_bit(online, (size_t)node)) {
            continue;
        }
        pm_numa_entry entry;
        pm_status status = read_entry(root, node, text, &entry);
        if (status == PM_NOT_FOUND) {
            continue; /* it went off line meanwhile */
        }
        entry.node.has_memory = lists_memory ? has_bit(memory, (size_t)node) : entry.node.memory_bytes != 0;
        status = status == PM_OK ? add(topology, &entry) : status;
        if (status != PM_OK) {
            return status;
        }
    }
    return topology->count == 0 ? PM_INVALID : PM_OK;
}

pm_status pm_numa_topology_new(const char *root, pm_numa_topology **out) {
    pm_numa_topology *topology = pm_heap_alloc_zeroed(sizeof *topology);
    char *text = pm_heap_alloc(TEXT_BYTES, 1);
    pm_status status = topology == NULL || text == NULL ? PM_NO_MEMORY : PM_OK;
    if (status == PM_OK) {
        status = read_nodes(topology, root == NULL ? "/sys/devices/system/node" : root, text);
    }
    pm_heap_free(text, TEXT_BYTES);
    if (status != PM_OK) {
        pm_numa_topology_free(topology);
        return status;
    }
    *out = topology;
    return PM_OK;
}

void pm_numa_topology_free(pm_numa_topology *topology) {
    if (topology != NULL) {
        pm_heap_free(topology->entries, topology->capacity_bytes);
        pm_heap_free(topology, sizeof *topology);
    }
}

size_t pm_numa_node_count(const pm_numa_topology *topology) {
    return topology->count;
}

pm_status pm_numa_read_node(const pm_numa_topology *topology, size_t index, pm_numa_node *out) {
    if (index >= topology->count) {
        return PM_NOT_FOUND;
    }
    *out = topology->entries[index].node;
    return PM_OK;
}

const pm_numa_entry *pm_numa_find(const pm_numa_topology *topology, int node) {
    for (size_t i = 0; i < topology->count; i++) {
        if (topology->entries[i].node.node == node) {
            return &topology->entries[i];
        }
    }
    return NULL;
}

bool pm_numa_has_cpu(const pm_numa_topology *topology, int node, size_t cpu) {
    const pm_numa_entry *entry = pm_numa_find(topology, node);
    return entry != NULL && cpu < PM_NUMA_CPUS_MAX && has_bit(entry->cpus, cpu);
}
