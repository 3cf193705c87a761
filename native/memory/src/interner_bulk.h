/* Many strings at once: where they come from, and their keys, hashed a block ahead of the probing. */
#ifndef PM_INTERNER_BULK_H
#define PM_INTERNER_BULK_H

#include "interner_internal.h"

enum { BLOCK_STRINGS = 64 }; /* their keys stay in the first cache, and their slots arrive meanwhile */

typedef enum source_kind { SOURCE_TEXTS, SOURCE_LED, SOURCE_MASKED, SOURCE_NARROW, SOURCE_WIDE } source_kind;

/* Strings, checked: texts, by themselves, with readable bytes before each, or loaded by a mask of their length, or a
 * column with offsets of 4 or 8 bytes. */
typedef struct source {
    source_kind kind;
    const void *items; /* pm_text, int32_t or int64_t */
    const unsigned char *data;
    size_t data_bytes;
    size_t count;
    uint64_t total_bytes; /* lengths of all strings */
} source;

/* What a run of strings stored. */
typedef struct fresh_tally {
    uint64_t count, bytes;
} fresh_tally;

typedef struct block {
    _Alignas(64) key keys[BLOCK_STRINGS]; /* two to a cache line */
    uint32_t count;
    uint32_t long_count;
    const key *longs[BLOCK_STRINGS]; /* keys of strings of more than 16 bytes */
} block;

/* Fills a block with the keys of up to BLOCK_STRINGS strings from `first` on, none from `end` on, and prefetches what
 * looking for them in the table will read. */
void pm_interner_load(block *b, const hasher *h, const source *from, size_t first, size_t end, const table *t);

/* Prefetches what looking for keys in a table will read of it. */
void pm_interner_prefetch(const table *t, const key *keys, uint32_t count);

/* Interns keys in turn, and adds what was new to the tally. */
pm_status pm_interner_intern_keys(pm_interner *in, const key *keys, uint32_t count, uint32_t *ids, fresh_tally *tally);

/* Strings first .. end - 1 of a source into ids[first .. end - 1], in turn, on the calling thread. */
pm_status pm_interner_intern_range(pm_interner *in, const source *from, size_t first, size_t end, uint32_t *ids,
                                   fresh_tally *tally);

/* All strings of a source on `threads` threads, 2 at least, with an interner that is not `concurrent` and whose bound
 * they cannot reach. PM_NO_MEMORY leaves some of the strings stored, and the ids undefined. */
pm_status pm_interner_intern_parallel(pm_interner *in, const source *from, size_t threads, uint32_t *ids,
                                      fresh_tally *tally);

#endif
