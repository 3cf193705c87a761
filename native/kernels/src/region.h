/* region.h: pages straight from the kernel, of a chosen size and touched, so that no arm meets a fault while timed.
 *
 * Not from an allocator: a working set is to start on a page (or a 2 MiB page) boundary whatever else the process
 * has allocated before. One thread at a time.
 */
#ifndef LK_REGION_H
#define LK_REGION_H

#include "lk/kernel.h"

/* Levels of the parameter `pages` of every kernel that has one. */
#define LK_PAGES_LEVELS "small,huge"
#define LK_PAGES_HELP "small: 4 KiB pages; huge: 2 MiB pages where the kernel grants them"
enum { LK_PAGES_SMALL, LK_PAGES_HUGE };

/* data = NULL: nothing is held. */
typedef struct lk_region {
    unsigned char *data;
    size_t bytes;  /* usable, as asked for */
    void *mapping; /* what goes back to the kernel, or to the process's pool: lk/region_pool.h */
    size_t mapped_bytes;
    unsigned pages;
} lk_region;

/* Maps `bytes` > 0 zeroed bytes and touches every page. pages: LK_PAGES_SMALL or LK_PAGES_HUGE; whether 2 MiB pages
 * were really given is told by lk_region_huge_bytes. LK_NO_MEMORY, with *self empty, if the kernel refuses. */
lk_status lk_region_map(lk_region *self, size_t bytes, unsigned pages, lk_message *message);
/* Empties *self; an empty region is left as it is. */
void lk_region_unmap(lk_region *self);

/* Bytes of the region that lie on transparent huge pages now, read from /proc/self/smaps; 0 where it cannot be read.
 * Neighbouring mappings with the same flags count along, for the kernel merges them. */
uint64_t lk_region_huge_bytes(const lk_region *self);

/* The region's part of a kernel's ledger, huge_page_bytes: writes at most `capacity` counters, returns how many it has.
 */
size_t lk_region_counters(const lk_region *self, lk_counter *out, size_t capacity);

/* Fills the region by repeating source[bytes], bytes > 0. */
void lk_region_tile(const lk_region *self, size_t offset, size_t length, const void *source, size_t bytes);

#endif
