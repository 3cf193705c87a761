/* platform.h: the floor that the memory layer stands on, one file per system behind it.
 *
 * "Not supported" is said, never imitated. Nothing here counts or caches; src/memory.c does.
 */
#ifndef PM_PLATFORM_H
#define PM_PLATFORM_H

#include "pm/status.h"
#include <pthread.h>

enum { PM_HUGE_PAGE_BYTES = 2097152 };

/* Bytes of an ordinary page, a power of two. */
size_t pm_platform_page_bytes(void);

/* Zeroed pages at a multiple of `alignment` (a power of two); bytes is a multiple of the page. NULL when refused. */
void *pm_platform_pages_map(size_t bytes, size_t alignment);
void pm_platform_pages_unmap(void *address, size_t bytes);

/* Asks for huge pages in a range of whole pages. False: the system knows no such advice. */
bool pm_platform_pages_advise_huge(void *address, size_t bytes);

/* Bytes of the range that lie in huge pages now. Where a neighbouring mapping of the same kind was merged with this
 * one the kernel reports their sum: the figure is then at most the range. PM_UNSUPPORTED: the system does not tell. */
pm_status pm_platform_pages_huge_bytes(const void *address, size_t bytes, size_t *out);

/* Has `run` called when the calling thread ends, once per call of this function. False where that cannot be had. */
bool pm_platform_at_thread_exit(void (*run)(void));

typedef pthread_mutex_t pm_mutex;
#define PM_MUTEX_INIT PTHREAD_MUTEX_INITIALIZER
bool pm_platform_mutex_init(pm_mutex *mutex);
void pm_platform_mutex_deinit(pm_mutex *mutex);
void pm_platform_mutex_lock(pm_mutex *mutex);
void pm_platform_mutex_unlock(pm_mutex *mutex);

#endif
