#include "regions.h"

#include <stdbool.h>
#include <sys/mman.h>

enum { MOST_KEPT = 32 };

static struct {
    bool on;
    size_t count;
    struct kept {
        void *mapping;
        size_t mapped_bytes;
        unsigned pages;
    } kept[MOST_KEPT];
} pool;

void regions_keep_from_now_on(void) {
    pool.on = true;
}

void *lk_region_take(size_t mapped_bytes, unsigned pages) {
    for (size_t i = pool.count; i-- > 0;) {
        if (pool.kept[i].mapped_bytes == mapped_bytes && pool.kept[i].pages == pages) {
            void *mapping = pool.kept[i].mapping;
            pool.kept[i] = pool.kept[--pool.count];
            return mapping;
        }
    }
    while (pool.count) {
        pool.count--;
        munmap(pool.kept[pool.count].mapping, pool.kept[pool.count].mapped_bytes);
    }
    return NULL;
}

int lk_region_keep(void *mapping, size_t mapped_bytes, unsigned pages) {
    if (!pool.on || pool.count == MOST_KEPT) {
        return 0;
    }
    pool.kept[pool.count++] = (struct kept){mapping, mapped_bytes, pages};
    return 1;
}
