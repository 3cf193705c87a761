/* reserve.h: the floor under the linear memories: address space without memory, images, and which pages were touched.
 *
 * "Not supported" is said, never imitated. Nothing here counts; src/memory.c does.
 */
#ifndef PM_PLATFORM_RESERVE_H
#define PM_PLATFORM_RESERVE_H

#include "pm/status.h"

/* Address space that nothing may touch yet, page aligned, in small pages once it is used; given back with
 * pm_platform_pages_unmap. NULL when refused. */
void *pm_platform_space_map(size_t bytes);

/* Lets whole pages of such a space be read and written, or forbids it again; their content stays. */
bool pm_platform_space_allow(void *address, size_t bytes, bool allowed);

/* Makes whole pages of a space, which may be read and written, what they were when mapped: zero, or their image's. */
bool pm_platform_space_renew(void *address, size_t bytes);

/* A file without a name that holds `bytes` bytes at data, zero up to the end of its last page. PM_UNSUPPORTED where the
 * system has none, PM_NO_MEMORY. *content is where it can be read, *file what pm_platform_image_place needs. */
pm_status pm_platform_image_new(const void *data, size_t bytes, int *file, const unsigned char **content);
void pm_platform_image_free(int file, const unsigned char *content, size_t bytes);

/* Lays the image over the first pages of a space, copied page by page on the first write. They may not be touched until
 * they are allowed. */
bool pm_platform_image_place(int file, void *address, size_t bytes);

enum { PM_TOUCHED_PRESENT = 1, PM_TOUCHED_SWAPPED = 2 };

typedef struct pm_touched_range {
    uint64_t first, end;
    uint64_t kind; /* PM_TOUCHED_PRESENT or PM_TOUCHED_SWAPPED, or both */
} pm_touched_range;

/* Opens what tells the touched pages of this process; -1 where the system does not tell. A child that fork made needs
 * one of its own. */
int pm_platform_touched_open(void);
void pm_platform_touched_close(int scanner);

/* Writes the ranges from `first` to `end` whose pages hold memory of their own: neither never touched, nor only read,
 * nor an image's. Returns how many, -1 on an error; *walked is where the walk stopped, for the table was full or the
 * end was reached. */
long pm_platform_touched(int scanner, uintptr_t first, uintptr_t end, pm_touched_range *ranges, size_t capacity,
                         uintptr_t *walked);

/* Has whole pages be zero in every child that fork makes, whoever calls it. False where that cannot be had. */
bool pm_platform_zero_in_child(void *address, size_t bytes);

#endif
