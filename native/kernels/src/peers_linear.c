/* peers.linear: a linear memory for one tenant: had, 16 pages touched, given back with nothing left in it.
 *
 * An iteration, and an item, is one memory of 1 MiB: the first word of each of its first 16 pages is read, which must
 * be zero, and written.
 *   ours:     pm_linear, out of the pool.
 *   mmap:     mapped and unmapped each time.
 *   dontneed: stays mapped; MADV_DONTNEED on the whole memory gives the pages back.
 */
#include <pm/linear.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "args.h"
#include "define.h"

enum { MEMORY_BYTES = 1 << 20, PAGE_BYTES = 4096, PAGES = 16 };
enum { P_CONTENDER };

static const lk_param peers_linear_params[] = {
    [P_CONTENDER] = {"contender", "", "ours,mmap,dontneed", "ours: out of the pool; the others: system calls"},
};

typedef struct tenancy {
    bool (*serve)(struct tenancy *self, uint64_t *left);
    pm_linear_pool *pool;
    unsigned char *mapping; /* of `dontneed` */
} tenancy;

static unsigned char *map(void) {
    void *data = mmap(NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return data == MAP_FAILED ? NULL : data;
}

/* Returns what an earlier tenant left. */
static uint64_t touch(unsigned char *data) {
    uint64_t left = 0;
    for (size_t page = 0; page < PAGES; page++) {
        uint64_t *word = (uint64_t *)(void *)(data + page * PAGE_BYTES);
        left |= *word;
        *word = page + 1;
    }
    return left;
}

static bool serve_ours(tenancy *self, uint64_t *left) {
    pm_linear *memory;
    if (pm_linear_acquire(self->pool, MEMORY_BYTES, MEMORY_BYTES, &memory) != PM_OK) {
        return false;
    }
    *left |= touch(memory->data);
    return pm_linear_release(self->pool, memory) == PM_OK;
}

static bool serve_mmap(tenancy *self, uint64_t *left) {
    (void)self;
    unsigned char *data = map();
    if (!data) {
        return false;
    }
    *left |= touch(data);
    return munmap(data, MEMORY_BYTES) == 0;
}

static bool serve_dontneed(tenancy *self, uint64_t *left) {
    *left |= touch(self->mapping);
    return madvise(self->mapping, MEMORY_BYTES, MADV_DONTNEED) == 0;
}

static void peers_linear_teardown(void *state) {
    tenancy *self = state;
    pm_linear_pool_drop(self->pool);
    if (self->mapping) {
        munmap(self->mapping, MEMORY_BYTES);
    }
}

static lk_status peers_linear_build(tenancy *self, const lk_value *values, lk_input input, uint64_t *pass,
                                    lk_message *message) {
    static bool (*const WAYS[])(tenancy *, uint64_t *) = {serve_ours, serve_mmap, serve_dontneed};
    (void)input;
    const pm_linear_options options = {.slot_count = 4, .maximum_bytes = MEMORY_BYTES};
    self->mapping = map();
    if (!self->mapping || pm_linear_pool_new(&options, &self->pool) != PM_OK) {
        self->pool = NULL;
        return lk_say(message, LK_NO_MEMORY, "the system refused linear memories");
    }
    self->serve = WAYS[values[P_CONTENDER].level];
    *pass = 1;
    return LK_OK;
}

static lk_status peers_linear_run(void *state, uint64_t first, uint64_t count, lk_result *result) {
    tenancy *self = state;
    (void)first;
    uint64_t served = 0, left = 0;
    while (served < count && self->serve(self, &left)) {
        served++;
    }
    *result = (lk_result){.checksum = left ? left : served, .items = served, .bytes = served * PAGES * PAGE_BYTES};
    return served == count ? LK_OK : LK_NO_MEMORY;
}

LK_KERNEL(peers_linear, tenancy, .name = "peers.linear", .item = "memory",
          .help = "has a zeroed memory, touches 16 pages and gives it back: pool, mmap, MADV_DONTNEED");
