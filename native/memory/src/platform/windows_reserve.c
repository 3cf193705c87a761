/* What Windows gives the linear memories: reserved space that is committed when it is allowed, and write watching,
 * which tells the pages that were ever written; one that was only read holds nothing.
 *
 * Not supported: images, for a view of a file cannot be laid over part of a reservation; and renewing, for between
 * giving memory back and asking for it anew another process may take it. Linear memories then copy the image and write
 * zeros, and what they keep resident is not bounded. There is no fork.
 */
#include "reserve.h"

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

void *pm_platform_space_map(size_t bytes) {
    return VirtualAlloc(NULL, bytes, MEM_RESERVE | MEM_WRITE_WATCH, PAGE_NOACCESS);
}

/* Pages that are committed already keep their content when they are committed again. */
bool pm_platform_space_allow(void *address, size_t bytes, bool allowed) {
    DWORD before;
    if (allowed && VirtualAlloc(address, bytes, MEM_COMMIT, PAGE_READWRITE) == NULL) {
        return false;
    }
    return VirtualProtect(address, bytes, allowed ? PAGE_READWRITE : PAGE_NOACCESS, &before);
}

bool pm_platform_space_renew(void *address, size_t bytes) {
    (void)address;
    (void)bytes;
    return false;
}

bool pm_platform_zero_in_child(void *address, size_t bytes) {
    (void)address;
    (void)bytes;
    return true; /* there are no children */
}

int pm_platform_touched_open(void) {
    return 0; /* nothing needs to be open */
}

void pm_platform_touched_close(int scanner) {
    (void)scanner;
}

enum { WATCHED_PAGES = 256 };

/* Windows writes single pages, in ascending order; neighbours are put together. */
long pm_platform_touched(int scanner, uintptr_t first, uintptr_t end, pm_touched_range *ranges, size_t capacity,
                         uintptr_t *walked) {
    (void)scanner;
    void *pages[WATCHED_PAGES];
    ULONG_PTR count = capacity < WATCHED_PAGES ? capacity : WATCHED_PAGES;
    const ULONG_PTR room = count;
    DWORD page_bytes = 0;
    if (GetWriteWatch(0, (void *)first, end - first, pages, &count, &page_bytes) != 0) {
        return -1;
    }
    long told = 0;
    for (ULONG_PTR i = 0; i < count; i++) {
        const uint64_t page = (uintptr_t)pages[i];
        if (told > 0 && ranges[told - 1].end == page) {
            ranges[told - 1].end += page_bytes;
        } else {
            ranges[told++] = (pm_touched_range){.first = page, .end = page + page_bytes, .kind = PM_TOUCHED_PRESENT};
        }
    }
    *walked = count == room ? (uintptr_t)ranges[told - 1].end : end;
    return told;
}
#endif
typedef int pm_windows_reserve_unit; /* a translation unit must not be empty */
