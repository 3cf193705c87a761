/* Huge pages on Linux, and what its list of mappings says; words for an errno anywhere. */
#include "huge.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#if defined(__linux__)
#include <sys/mman.h>

#if !defined(MAP_HUGE_2MB)
#define MAP_HUGE_2MB (21 << 26)
#endif

void *pm_platform_pages_map_explicit(size_t bytes, int *error) {
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_HUGE_2MB;
    void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
    *error = pages == MAP_FAILED ? errno : 0;
    return pages == MAP_FAILED ? NULL : pages;
}

/* Adds one figure of a mapping, no more than the part of it that is asked about. */
static bool add_figure(const char *line, const char *format, size_t overlap, size_t *sum) {
    unsigned long long kilobytes = 0;
    if (sscanf(line, format, &kilobytes) != 1) {
        return false;
    }
    const unsigned long long bytes = kilobytes * 1024;
    *sum += bytes < overlap ? (size_t)bytes : overlap;
    return true;
}

/* stdio's buffer comes from the heap but goes back. */
pm_status pm_platform_pages_measure(const char *smaps, const void *address, size_t bytes, pm_pages_report *out) {
    FILE *file = fopen(smaps == NULL ? "/proc/self/smaps" : smaps, "re");
    if (file == NULL) {
        return PM_UNSUPPORTED;
    }
    const unsigned long long first = (uintptr_t)address, last = first + bytes;
    unsigned long long from = 0, to = 0, kilobytes = 0;
    pm_pages_report sum = {0};
    size_t overlap = 0;
    bool told = false;
    char line[512];
    while (fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "%llx-%llx ", &from, &to) == 2) {
            const unsigned long long low = from > first ? from : first, high = to < last ? to : last;
            overlap = low < high ? (size_t)(high - low) : 0;
        } else if (overlap == 0) {
            told = told || strncmp(line, "AnonHugePages:", 14) == 0;
        } else if (add_figure(line, "AnonHugePages: %llu kB", overlap, &sum.transparent_bytes)) {
            told = true;
        } else if (add_figure(line, "Private_Hugetlb: %llu kB", overlap, &sum.explicit_bytes) ||
                   add_figure(line, "Rss: %llu kB", overlap, &sum.resident_bytes)) {
            continue;
        } else if (sscanf(line, "KernelPageSize: %llu kB", &kilobytes) == 1) {
            sum.page_bytes = (size_t)kilobytes * 1024;
        }
    }
    fclose(file);
    if (!told) {
        return PM_UNSUPPORTED;
    }
    sum.resident_bytes += sum.explicit_bytes; /* the kernel's Rss leaves explicit huge pages out */
    *out = sum;
    return PM_OK;
}
#else
void *pm_platform_pages_map_explicit(size_t bytes, int *error) {
    (void)bytes;
    *error = ENOSYS;
    return NULL;
}

pm_status pm_platform_pages_measure(const char *smaps, const void *address, size_t bytes, pm_pages_report *out) {
    (void)smaps;
    (void)address;
    (void)bytes;
    (void)out;
    return PM_UNSUPPORTED;
}
#endif

#if defined(_WIN32)
void pm_platform_error_text(int error, char *out, size_t bytes) {
    if (strerror_s(out, bytes, error) != 0) {
        snprintf(out, bytes, "error %d", error);
    }
}
#else
/* strerror_r returns the text in one tradition (GNU), a status in the other (POSIX). */
static inline const char *text_of_pointer(const char *text, const char *buffer) {
    (void)buffer;
    return text;
}

static inline const char *text_of_status(int status, const char *buffer) {
    return status == 0 ? buffer : "unknown error";
}

void pm_platform_error_text(int error, char *out, size_t bytes) {
    char buffer[96] = "";
    const char *text = _Generic(strerror_r(error, buffer, sizeof buffer), char *: text_of_pointer, int: text_of_status)(
        strerror_r(error, buffer, sizeof buffer), buffer);
    snprintf(out, bytes, "%s", text);
}
#endif
