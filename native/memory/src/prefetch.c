/* Hints ahead of an index stream, and interleaved chains (S. Chen et al., "Improving hash join performance through
 * prefetching", 2004: group prefetching).
 *
 * Places are checked in stretches that stay in the nearest cache. A hint reaches into the next stretch before its
 * places are checked; it may then name any address, which is harmless: a hint never faults and changes no state but the
 * cache's.
 */
#include "pm/prefetch.h"
#include "size.h"
#include <string.h>

enum { STRETCH = 1024 };

/* Addresses are numbers here: a hint may be for one outside of the table. */
static inline void hint(uintptr_t table, uint64_t place, size_t record_bytes) {
    __builtin_prefetch((const void *)(table + (uintptr_t)place * record_bytes), 0, 3);
}

static bool all_below(const uint64_t *index, size_t count, size_t limit) {
    unsigned beyond = 0;
    for (size_t i = 0; i < count; i++) {
        beyond |= index[i] >= limit;
    }
    return beyond == 0;
}

/* How many of `count` elements from `first` on have one `distance` ahead of them, in all of `total`. */
static size_t hinted(size_t first, size_t count, size_t distance, size_t total) {
    const size_t left = total - first;
    return distance == 0 || distance >= left ? 0 : left - distance < count ? left - distance : count;
}

pm_status pm_prefetch_sum(const uint64_t *table, size_t table_count, const uint64_t *index, size_t count,
                          size_t distance, uint64_t *sum) {
    uint64_t total = 0;
    for (size_t first = 0; first < count; first += STRETCH) {
        const size_t length = count - first < STRETCH ? count - first : STRETCH, end = first + length;
        if (!all_below(index + first, length, table_count)) {
            return PM_INVALID;
        }
        size_t i = first;
        for (const size_t last = first + hinted(first, length, distance, count); i < last; i++) {
            hint((uintptr_t)table, index[i + distance], sizeof *table);
            total += table[index[i]];
        }
        for (; i < end; i++) {
            total += table[index[i]];
        }
    }
    *sum = total;
    return PM_OK;
}

/* Inlined with record_bytes known where it is a common size, so that a copy is a few moves. */
static inline __attribute__((always_inline)) pm_status gather(unsigned char *to, const unsigned char *table,
                                                              size_t record_bytes, size_t table_count,
                                                              const uint64_t *index, size_t count, size_t distance) {
    for (size_t first = 0; first < count; first += STRETCH) {
        const size_t length = count - first < STRETCH ? count - first : STRETCH, end = first + length;
        if (!all_below(index + first, length, table_count)) {
            return PM_INVALID;
        }
        size_t i = first;
        for (const size_t last = first + hinted(first, length, distance, count); i < last; i++) {
            hint((uintptr_t)table, index[i + distance], record_bytes);
            memcpy(to + i * record_bytes, table + index[i] * record_bytes, record_bytes);
        }
        for (; i < end; i++) {
            memcpy(to + i * record_bytes, table + index[i] * record_bytes, record_bytes);
        }
    }
    return PM_OK;
}

pm_status pm_prefetch_gather(void *to, const void *table, size_t record_bytes, size_t table_count,
                             const uint64_t *index, size_t count, size_t distance) {
    size_t bytes;
    if (!pm_size_multiply(record_bytes, table_count, &bytes) || !pm_size_multiply(record_bytes, count, &bytes)) {
        return PM_OVERFLOW;
    }
    switch (record_bytes) {
    case 4: return gather(to, table, 4, table_count, index, count, distance);
    case 8: return gather(to, table, 8, table_count, index, count, distance);
    case 16: return gather(to, table, 16, table_count, index, count, distance);
    case 64: return gather(to, table, 64, table_count, index, count, distance);
    default: return gather(to, table, record_bytes, table_count, index, count, distance);
    }
}

pm_status pm_prefetch_follow(const uint64_t *next, size_t next_count, const uint64_t *starts, size_t chain_count,
                             size_t steps, size_t interleave, uint64_t *ends) {
    if (interleave == 0 || interleave > PM_PREFETCH_CHAINS_MAX) {
        return PM_INVALID;
    }
    for (size_t first = 0; first < chain_count; first += interleave) {
        const size_t chains = chain_count - first < interleave ? chain_count - first : interleave;
        uint64_t at[PM_PREFETCH_CHAINS_MAX];
        memcpy(at, starts + first, chains * sizeof *at);
        for (size_t step = 0; step < steps; step++) {
            for (size_t i = 0; i < chains; i++) { /* loads that do not wait for each other */
                if (PM_UNLIKELY(at[i] >= next_count)) {
                    return PM_INVALID;
                }
                at[i] = next[at[i]];
            }
        }
        memcpy(ends + first, at, chains * sizeof *at);
    }
    return PM_OK;
}
