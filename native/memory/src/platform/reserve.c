/* Address space, images, touched pages: POSIX for the space, Linux for the rest; Windows is in windows_reserve.c.
 *
 * Touched pages are asked for with the ioctl PAGEMAP_SCAN (Linux 6.7; Documentation/admin-guide/mm/pagemap.rst). Its
 * argument is declared here, since headers of most systems are older than their kernels.
 */
#include "reserve.h"
#include "platform.h"

#if !defined(_WIN32)
#include <sys/mman.h>

#if defined(__linux__)
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#endif

#if !defined(MAP_NORESERVE)
#define MAP_NORESERVE 0
#endif

enum { SPACE_FLAGS = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE };

void *pm_platform_space_map(size_t bytes) {
    void *space = mmap(NULL, bytes, PROT_NONE, SPACE_FLAGS, -1, 0);
    if (space == MAP_FAILED) {
        return NULL;
    }
#if defined(__linux__)
    madvise(space, bytes, MADV_NOHUGEPAGE); /* where it is refused there are no huge pages to avoid */
#endif
    return space;
}

bool pm_platform_space_allow(void *address, size_t bytes, bool allowed) {
    return mprotect(address, bytes, allowed ? PROT_READ | PROT_WRITE : PROT_NONE) == 0;
}

#if defined(__linux__)
bool pm_platform_space_renew(void *address, size_t bytes) {
    return madvise(address, bytes, MADV_DONTNEED) == 0;
}

pm_status pm_platform_image_new(const void *data, size_t bytes, int *file, const unsigned char **content) {
    const int made = memfd_create("pm-image", MFD_CLOEXEC);
    if (made < 0) {
        return PM_UNSUPPORTED;
    }
    void *view = MAP_FAILED;
    if (ftruncate(made, (off_t)bytes) == 0) {
        view = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, made, 0);
    }
    if (view == MAP_FAILED) {
        close(made);
        return PM_NO_MEMORY;
    }
    memcpy(view, data, bytes);
    mprotect(view, bytes, PROT_READ);
    *file = made;
    *content = view;
    return PM_OK;
}

void pm_platform_image_free(int file, const unsigned char *content, size_t bytes) {
    munmap((void *)(uintptr_t)content, bytes);
    close(file);
}

bool pm_platform_image_place(int file, void *address, size_t bytes) {
    return mmap(address, bytes, PROT_NONE, MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, file, 0) == address;
}

bool pm_platform_zero_in_child(void *address, size_t bytes) {
    return madvise(address, bytes, MADV_WIPEONFORK) == 0;
}

/* struct pm_scan_arg of linux/fs.h */
typedef struct scan_argument {
    uint64_t size, flags, start, end, walk_end, ranges, range_count, page_limit;
    uint64_t inverted, all_of, any_of, told;
} scan_argument;

enum { PAGE_FILE = 4, PAGE_PRESENT = 8, PAGE_SWAPPED = 16, PAGE_ZERO = 32 };
_Static_assert(PAGE_PRESENT == PM_TOUCHED_PRESENT << 3 && PAGE_SWAPPED == PM_TOUCHED_SWAPPED << 3,
               "kinds are shifted ones");
#define SCAN_REQUEST _IOWR('f', 16, scan_argument)

int pm_platform_touched_open(void) {
    const int scanner = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    const scan_argument nothing = {.size = sizeof nothing}; /* an empty walk: does the kernel know the request? */
    if (scanner >= 0 && ioctl(scanner, SCAN_REQUEST, &nothing) != 0) {
        close(scanner);
        return -1;
    }
    return scanner;
}

void pm_platform_touched_close(int scanner) {
    close(scanner);
}

long pm_platform_touched(int scanner, uintptr_t first, uintptr_t end, pm_touched_range *ranges, size_t capacity,
                         uintptr_t *walked) {
    scan_argument argument = {.size = sizeof argument,
                              .start = first,
                              .end = end,
                              .ranges = (uintptr_t)ranges,
                              .range_count = capacity,
                              .inverted = PAGE_FILE | PAGE_ZERO,
                              .all_of = PAGE_FILE | PAGE_ZERO,
                              .any_of = PAGE_PRESENT | PAGE_SWAPPED,
                              .told = PAGE_PRESENT | PAGE_SWAPPED};
    const int count = ioctl(scanner, SCAN_REQUEST, &argument);
    for (int i = 0; i < count; i++) {
        ranges[i].kind >>= 3;
    }
    *walked = (uintptr_t)argument.walk_end;
    return count;
}
#else
bool pm_platform_space_renew(void *address, size_t bytes) {
    return mmap(address, bytes, PROT_READ | PROT_WRITE, SPACE_FLAGS | MAP_FIXED, -1, 0) == address;
}

bool pm_platform_zero_in_child(void *address, size_t bytes) {
    (void)address;
    (void)bytes;
    return false;
}

int pm_platform_touched_open(void) {
    return -1;
}

void pm_platform_touched_close(int scanner) {
    (void)scanner;
}

long pm_platform_touched(int scanner, uintptr_t first, uintptr_t end, pm_touched_range *ranges, size_t capacity,
                         uintptr_t *walked) {
    (void)scanner;
    (void)first;
    (void)end;
    (void)ranges;
    (void)capacity;
    (void)walked;
    return -1;
}
#endif
#endif
typedef int pm_reserve_unit; /* a translation unit must not be empty */
