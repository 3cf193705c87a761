/* interpose.h: what the preloaded allocator counter (lab-interpose.so) exports.
 *
 * Preloaded into a process it passes every allocation call on to the allocator that would have served it and counts
 * the call, the bytes asked for and what is live. A program finds the functions with dlsym(RTLD_DEFAULT, ...) and
 * takes snapshots around the region it is interested in; the difference of two snapshots is the region's.
 *
 * Counted: malloc, calloc, realloc, reallocarray, free, posix_memalign, aligned_alloc, memalign, valloc and the
 * program's own mmap, mremap and munmap (those the allocator makes inside the C library are not the program's). An
 * anonymous mapping is reserved whole, touched or not; one placed over an older one (MAP_FIXED) adds nothing.
 * Threads: everything may be called from any thread. Snapshots are exact when no other thread allocates meanwhile.
 */
#ifndef LAB_INTERPOSE_H
#define LAB_INTERPOSE_H

#include <stdint.h>

typedef struct lab_alloc_counts {
    uint64_t allocations;         /* calls that returned a block; a realloc of a block is one, and one free */
    uint64_t frees;               /* blocks given back */
    uint64_t requested_bytes;     /* asked for by the counted allocations, in all */
    uint64_t live_bytes;          /* asked for and not yet given back */
    uint64_t reserved_bytes;      /* the same blocks at their usable sizes, and the program's anonymous mappings */
    uint64_t peak_live_bytes;     /* highest live_bytes since the last lab_alloc_reset_peak */
    uint64_t peak_reserved_bytes; /* highest reserved_bytes since then */
    uint64_t maps;                /* mmap calls of the program */
    uint64_t unmaps;
    uint64_t mapped_bytes; /* asked for by those, in all */
    uint64_t untracked;    /* blocks whose size could not be remembered: live bytes are short of theirs */
} lab_alloc_counts;

typedef void (*lab_alloc_snapshot_fn)(lab_alloc_counts *counts);
typedef void (*lab_alloc_reset_peak_fn)(void);
#define LAB_ALLOC_SNAPSHOT "lab_alloc_snapshot"
#define LAB_ALLOC_RESET_PEAK "lab_alloc_reset_peak"

void lab_alloc_snapshot(lab_alloc_counts *counts);
/* The peaks start again from what is live now. */
void lab_alloc_reset_peak(void);

#endif
