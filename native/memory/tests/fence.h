/* fence.h: memory between two pages that may not be touched, so that a read or write beyond it ends the process. */
#ifndef PM_TEST_FENCE_H
#define PM_TEST_FENCE_H

#include "check.h"
#include <sys/mman.h>
#include <unistd.h>

typedef struct fence {
    unsigned char *begin, *end;
    size_t page;
} fence;

/* `bytes` rounded up to whole pages. */
static inline fence fence_new(size_t bytes) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), inside = (bytes + page - 1) / page * page;
    unsigned char *base = mmap(NULL, inside + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(base != MAP_FAILED);
    CHECK(mprotect(base + page, inside, PROT_READ | PROT_WRITE) == 0);
    return (fence){.begin = base + page, .end = base + page + inside, .page = page};
}

static inline void fence_free(fence *fenced) {
    munmap(fenced->begin - fenced->page, (size_t)(fenced->end - fenced->begin) + 2 * fenced->page);
}

#endif
