/* huge.h: the floor under huge pages. "Not supported" is said, never imitated. */
#ifndef PM_PLATFORM_HUGE_H
#define PM_PLATFORM_HUGE_H

#include "pm/pages.h"

/* Explicit huge pages; bytes is a multiple of their size. NULL when refused, and *error is why. Given back with
 * pm_platform_pages_unmap. */
void *pm_platform_pages_map_explicit(size_t bytes, int *error);

/* As pm_pages_measure. */
pm_status pm_platform_pages_measure(const char *smaps, const void *address, size_t bytes, pm_pages_report *out);

/* Writes the words for an errno, cut to fit. */
void pm_platform_error_text(int error, char *out, size_t bytes);

#endif
