/* What Linux adds: huge pages, and what the kernel says about them. */
#include "platform.h"

#if defined(__linux__)
#include <stdio.h>
#include <sys/mman.h>

bool pm_platform_pages_advise_huge(void *address, size_t bytes) {
    return madvise(address, bytes, MADV_HUGEPAGE) == 0;
}

/* Sums AnonHugePages over the mappings that overlap the range; stdio's buffer comes from the heap but goes back. */
pm_status pm_platform_pages_huge_bytes(const void *address, size_t bytes, size_t *out) {
    FILE *smaps = fopen("/proc/self/smaps", "re");
    if (smaps == NULL) {
        return PM_UNSUPPORTED;
    }
    const unsigned long long first = (uintptr_t)address, last = first + bytes;
    unsigned long long from = 0, to = 0, kilobytes = 0;
    size_t overlap = 0, sum = 0;
    bool told = false;
    char line[512];
    while (fgets(line, sizeof line, smaps) != NULL) {
        if (sscanf(line, "AnonHugePages: %llu kB", &kilobytes) == 1) {
            const unsigned long long huge = kilobytes * 1024;
            sum += huge < overlap ? (size_t)huge : overlap;
            told = true;
        } else if (sscanf(line, "%llx-%llx ", &from, &to) == 2) {
            const unsigned long long low = from > first ? from : first, high = to < last ? to : last;
            overlap = low < high ? (size_t)(high - low) : 0;
        }
    }
    fclose(smaps);
    if (!told) {
        return PM_UNSUPPORTED;
    }
    *out = sum;
    return PM_OK;
}
#endif
typedef int pm_linux_unit; /* a translation unit must not be empty */
