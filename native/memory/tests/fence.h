/* fence.h: memory between two pages that may not be touched, so that a read or write beyond it ends the process. */
#ifndef PM_TEST_FENCE_H
#define PM_TEST_FENCE_H

#include "check.h"
#include "platform/platform.h"
#include "platform/reserve.h"

typedef struct fence {
    unsigned char *begin, *end;
    size_t page;
} fence;

/* `bytes` rounded up to whole pages. */
static inline fence fence_new(size_t bytes) {
    const size_t page = pm_platform_page_bytes(), inside = (bytes + page - 1) / page * page;
    unsigned char *base = pm_platform_space_map(inside + 2 * page);
    CHECK(base != NULL);
    CHECK(pm_platform_space_allow(base + page, inside, true));
    return (fence){.begin = base + page, .end = base + page + inside, .page = page};
}

static inline void fence_free(fence *fenced) {
    pm_platform_pages_unmap(fenced->begin - fenced->page, (size_t)(fenced->end - fenced->begin) + 2 * fenced->page);
}

#endif
