/* Linux's calls for placement and affinity, as its manual pages mbind(2), get_mempolicy(2), move_pages(2), getcpu(2)
 * and sched_setaffinity(2) describe them. A mask's length is given in bits, and mbind takes one bit less than it is
 * told. */
#include "numa.h"
#include <errno.h>

#if defined(__linux__)
#include <linux/mempolicy.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MASK_BITS = PM_NUMA_NODES_MAX + 1 };

static int result(long returned) {
    return returned < 0 ? errno : 0;
}

int pm_platform_place(void *address, size_t bytes, pm_numa_strategy strategy, const uint64_t nodes[PM_NODE_WORDS]) {
    const int modes[] = {MPOL_PREFERRED, MPOL_INTERLEAVE, MPOL_BIND};
    const int error = result(syscall(SYS_mbind, address, bytes, modes[strategy], nodes, MASK_BITS, 0));
    if (error != 0) {
        return error;
    }
    int mode = -1;
    uint64_t got[PM_NODE_WORDS + 1] = {0};
    const long told = syscall(SYS_get_mempolicy, &mode, got, MASK_BITS + 63, address, MPOL_F_ADDR);
    return told < 0 ? errno : mode == modes[strategy] ? 0 : EINVAL;
}

int pm_platform_current_node(void) {
    unsigned cpu, node;
    return syscall(SYS_getcpu, &cpu, &node, NULL) == 0 ? (int)node : -1;
}

int pm_platform_locate(size_t count, void *const *pages, int *nodes) {
    return result(syscall(SYS_move_pages, 0, count, pages, NULL, nodes, 0));
}

int pm_platform_affinity_read(pm_numa_affinity *out) {
    memset(out, 0, sizeof *out); /* the kernel writes its own mask's length only */
    return result(syscall(SYS_sched_getaffinity, 0, sizeof out->cpus, out->cpus));
}

int pm_platform_affinity_write(const pm_numa_affinity *affinity) {
    return result(syscall(SYS_sched_setaffinity, 0, sizeof affinity->cpus, affinity->cpus));
}
#else
int pm_platform_place(void *address, size_t bytes, pm_numa_strategy strategy, const uint64_t nodes[PM_NODE_WORDS]) {
    (void)address;
    (void)bytes;
    (void)strategy;
    (void)nodes;
    return ENOSYS;
}

int pm_platform_current_node(void) {
    return -1;
}

int pm_platform_locate(size_t count, void *const *pages, int *nodes) {
    (void)count;
    (void)pages;
    (void)nodes;
    return ENOSYS;
}

int pm_platform_affinity_read(pm_numa_affinity *out) {
    (void)out;
    return ENOSYS;
}

int pm_platform_affinity_write(const pm_numa_affinity *affinity) {
    (void)affinity;
    return ENOSYS;
}
#endif
