/* Mappings that wait for the next working set: none before the plan asks for it, each to one taker, none of another
 * length left over. */
#include <stdbool.h>
#include <sys/mman.h>

#include "../../probes/tests/check.h"
#include "../regions.h"

enum { SMALL = 1 << 20, LARGE = 1 << 22 };

static void *map(size_t bytes) {
    void *mapping = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(mapping != MAP_FAILED);
    return mapping;
}

static bool mapped(void *mapping) {
    unsigned char there;
    return mincore(mapping, 1, &there) == 0;
}

int main(void) {
    void *first = map(SMALL);
    CHECK(!lk_region_keep(first, SMALL, 0)); /* passes that count memory never ask for it */
    CHECK(mapped(first) && lk_region_take(SMALL, 0) == NULL);
    regions_keep_from_now_on();
    void *second = map(SMALL);
    CHECK(lk_region_keep(first, SMALL, 0) && lk_region_keep(second, SMALL, 1));
    CHECK(lk_region_take(SMALL, 1) == second); /* the pages must be of the same kind */
    CHECK(lk_region_take(SMALL, 0) == first);
    CHECK(lk_region_take(SMALL, 0) == NULL && mapped(first)); /* whoever took it owns it */
    CHECK(lk_region_keep(first, SMALL, 0) && lk_region_keep(second, SMALL, 0));
    CHECK(lk_region_take(LARGE, 0) == NULL); /* another length: what was kept does not add to it */
    CHECK(!mapped(first) && !mapped(second));
    return 0;
}
