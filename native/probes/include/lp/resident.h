/* lp/resident.h: resident memory and page faults of this process.
 *
 * The peak is the kernel's high-water mark, which is reset by writing 5 to /proc/self/clear_refs. Linux keeps
 * resident counts per processor and folds them in batches, so figures may be off by up to 64 pages per processor.
 * Threads: the figures are the whole process's; call from one thread.
 */
#ifndef LP_RESIDENT_H
#define LP_RESIDENT_H

#include <stdbool.h>
#include <stdint.h>

typedef struct lp_resident {
    uint64_t start_bytes;  /* resident when the mark was reset */
    uint64_t minor_faults; /* so far in this process */
    uint64_t major_faults;
} lp_resident;

/* Resets the high-water mark and notes where it starts. false: the system cannot reset it (not Linux, or /proc
 * not writable); the faults are valid even then. */
bool lp_resident_begin(lp_resident *start);

/* Page faults of the process so far. */
void lp_resident_faults(uint64_t *minor_faults, uint64_t *major_faults);

/* The high-water mark less start_bytes. false: it cannot be read; *peak_bytes is left as it is. */
bool lp_resident_peak(const lp_resident *start, uint64_t *peak_bytes);

#endif
