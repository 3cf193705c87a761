/* Many strings at once: where they come from, and their keys, hashed a block ahead of the probing. */
#ifndef PM_INTERNER_BULK_H
#define PM_INTERNER_BULK_H

#include "interner_internal.h"

enum { BLOCK_STRINGS = 64 }; /* their keys stay in the first cache, and their slots arrive meanwhile */

typedef enum source_kind { SOURCE_TEXTS, SOURCE_NARROW, SOURCE_WIDE } source_kind;

/* Strings, checked: a column with offsets of 4 or 8 bytes, or texts. */
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

/* The keys of strings first .. first + count - 1, count <= BLOCK_STRINGS. */
void pm_interner_load_keys(const hasher *h, const source *from, size_t first, size_t count, key *keys);

/* Interns keys in turn, and adds what was new to the tally. */
pm_status pm_interner_intern_keys(pm_interner *in, const key *keys, size_t count, uint32_t *ids, fresh_tally *tally);

/* Strings first .. end - 1 of a source into ids[first .. end - 1], in turn, on the calling thread. */
pm_status pm_interner_intern_range(pm_interner *in, const source *from, size_t first, size_t end, uint32_t *ids,
                                   fresh_tally *tally);

/* All strings of a source on `threads` threads, 2 at least. */
pm_status pm_interner_intern_parallel(pm_interner *in, const source *from, size_t threads, uint32_t *ids,
                                      fresh_tally *tally);

#endif
