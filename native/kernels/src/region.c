#include "region.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "args.h"
#include "lk/region_pool.h"

enum { SMALL_PAGE = 4096, HUGE_PAGE = 2 * 1024 * 1024, POOLED_BYTES = 1024 * 1024 /* and more */ };

/* ISO C has no cast from object to function pointer. */
static void find(void *function, const char *name) {
    void *symbol = dlsym(RTLD_DEFAULT, name);
    memcpy(function, &symbol, sizeof symbol);
}

static void *take(size_t mapped_bytes, unsigned pages) {
    lk_region_take_fn function = NULL;
    if (mapped_bytes >= POOLED_BYTES) {
        find(&function, LK_REGION_TAKE);
    }
    return function ? function(mapped_bytes, pages) : NULL;
}

static bool keep(const lk_region *self) {
    lk_region_keep_fn function = NULL;
    if (self->mapped_bytes >= POOLED_BYTES) {
        find(&function, LK_REGION_KEEP);
    }
    return function && function(self->mapping, self->mapped_bytes, self->pages);
}

static void advise(const lk_region *self, unsigned pages) {
#if defined(MADV_HUGEPAGE) && defined(MADV_NOHUGEPAGE)
    /* Refused where the kernel was built without transparent huge pages: small pages are what is there then. */
    (void)madvise(self->mapping, self->mapped_bytes, pages == LK_PAGES_HUGE ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
#else
    (void)self, (void)pages;
#endif
}

lk_status lk_region_map(lk_region *self, size_t bytes, unsigned pages, lk_message *message) {
    *self = (lk_region){0};
    size_t page = pages == LK_PAGES_HUGE ? HUGE_PAGE : SMALL_PAGE;
    size_t slack = pages == LK_PAGES_HUGE ? HUGE_PAGE : 0;
    if (bytes > SIZE_MAX / 2 - 2 * page) {
        return lk_say(message, LK_NO_MEMORY, "%zu bytes are more than this machine can address", bytes);
    }
    size_t rounded = (bytes + page - 1) / page * page;
    void *mapping = take(rounded + slack, pages);
    const bool fresh = mapping == NULL;
    if (fresh) {
        mapping = mmap(NULL, rounded + slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    }
    if (mapping == MAP_FAILED) {
        return lk_say(message, LK_NO_MEMORY, "the system refused a mapping of %zu bytes", rounded + slack);
    }
    *self = (lk_region){.bytes = bytes, .mapping = mapping, .mapped_bytes = rounded + slack, .pages = pages};
    self->data = (unsigned char *)(((uintptr_t)mapping + page - 1) / page * page);
    if (!fresh) {
        memset(self->data, 0, rounded);
        return LK_OK;
    }
    advise(self, pages);
    for (size_t at = 0; at < rounded; at += SMALL_PAGE) {
        *(volatile unsigned char *)(self->data + at) = 0;
    }
    return LK_OK;
}

void lk_region_unmap(lk_region *self) {
    if (self->data) {
        if (!keep(self)) {
            munmap(self->mapping, self->mapped_bytes);
        }
        *self = (lk_region){0};
    }
}

/* Whether a line of smaps begins a mapping, "BEGIN-END ..." in hexadecimal, and which; other lines are its fields. */
static bool is_mapping(const char *line, uintptr_t *begin, uintptr_t *end) {
    char *dash, *space;
    *begin = (uintptr_t)strtoull(line, &dash, 16);
    if (dash == line || *dash != '-') {
        return false;
    }
    *end = (uintptr_t)strtoull(dash + 1, &space, 16);
    return *space == ' ';
}

uint64_t lk_region_huge_bytes(const lk_region *self) {
    FILE *file = self->data ? fopen("/proc/self/smaps", "r") : NULL;
    if (!file) {
        return 0;
    }
    static const char HUGE_FIELD[] = "AnonHugePages:";
    char line[512];
    uintptr_t begin, end;
    int inside = 0;
    uint64_t huge_bytes = 0;
    while (fgets(line, sizeof line, file)) {
        if (is_mapping(line, &begin, &end)) {
            inside = begin <= (uintptr_t)self->data && (uintptr_t)self->data < end;
        } else if (inside && strncmp(line, HUGE_FIELD, sizeof HUGE_FIELD - 1) == 0) {
            huge_bytes = strtoull(line + sizeof HUGE_FIELD - 1, NULL, 10) * 1024;
        }
    }
    fclose(file);
    return huge_bytes;
}

size_t lk_region_counters(const lk_region *self, lk_counter *out, size_t capacity) {
    if (capacity > 0) {
        out[0] = (lk_counter){"huge_page_bytes", "B", (double)lk_region_huge_bytes(self)};
    }
    return 1;
}

void lk_region_tile(const lk_region *self, size_t offset, size_t length, const void *source, size_t bytes) {
    for (size_t done = 0; done < length;) {
        size_t part = length - done < bytes ? length - done : bytes;
        memcpy(self->data + offset + done, source, part);
        done += part;
    }
}
