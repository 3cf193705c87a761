/* pm/pages.h: mapped memory of huge pages, where the kernel grants them, and a report of what it really gave.
 *
 * Explicit huge pages come from a store that the administrator set aside (vm.nr_hugepages); transparent ones are advice
 * (madvise), which the kernel may follow when the memory is touched, later, or not at all. What is asked for falls back
 * step by step: explicit, transparent, plain. The struct says what was refused, and why; pm_pages_measure says what the
 * memory consists of by now.
 *
 * Threads: one pm_pages is for one thread at a time; pm_pages_measure may be called by any.
 */
#ifndef PM_PAGES_H
#define PM_PAGES_H

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* cdef:begin */
enum { PM_PAGES_HUGE_BYTES = 2097152, PM_REASON_BYTES = 160 };

typedef enum pm_pages_kind {
    PM_PAGES_PLAIN = 0,
    PM_PAGES_TRANSPARENT = 1, /* advised; pm_pages_measure tells what came of it */
    PM_PAGES_EXPLICIT = 2
} pm_pages_kind;

typedef struct pm_pages {
    unsigned char *data; /* zero; a multiple of the page, or of 2 MiB where huge pages were asked for */
    size_t bytes;        /* mapped: what was asked for, rounded up to such a multiple */
    pm_pages_kind asked;
    pm_pages_kind given;
    int error;                    /* errno of the first refusal; 0: none */
    char reason[PM_REASON_BYTES]; /* what was refused and why, in words; empty where nothing was */
} pm_pages;

typedef struct pm_pages_report {
    size_t resident_bytes;    /* of the range, huge ones included */
    size_t transparent_bytes; /* in transparent huge pages */
    size_t explicit_bytes;    /* in explicit huge pages */
    size_t page_bytes;        /* of the mapping's pages: 2 MiB for explicit ones; 0 where the range is not mapped */
} pm_pages_report;

/* Maps `bytes` bytes, 1 at least. PM_INVALID: 0 bytes or an unknown kind. PM_OVERFLOW, PM_NO_MEMORY. After a failure
 * *out is unchanged. End with pm_pages_deinit. */
PM_API PM_NODISCARD pm_status pm_pages_init(pm_pages *out, size_t bytes, pm_pages_kind kind);

/* Gives the memory back the way it came. Again is allowed. */
PM_API void pm_pages_deinit(pm_pages *pages);

/* What a range of mapped memory consists of now, by the kernel's list of mappings; slow. smaps: a file to read in its
 * place, for tests; NULL: /proc/self/smaps. Where a neighbour of the same kind was merged into one mapping with the
 * range the kernel tells their sum; a figure is then at most the range. PM_UNSUPPORTED: the system does not tell. */
PM_API PM_NODISCARD pm_status pm_pages_measure(const char *smaps, const void *address, size_t bytes,
                                               pm_pages_report *out);
/* cdef:end */

#ifdef __cplusplus
}
#endif
#endif
