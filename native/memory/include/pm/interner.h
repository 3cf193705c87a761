/* pm/interner.h: each distinct string stored once, handed out as a small number and a view.
 *
 * Ids are dense and count up from 0 in the order in which strings first appear. Within one interner and one generation
 * two strings are equal iff their ids are. Strings are bytes, any bytes, none included; up to 2^32 - 2 of them.
 * Correct under any hash: the bytes are always compared.
 *
 *     table of slots, 32 bytes each           texts by id            arenas
 *     [hash and length | id | 16 bytes] ...   [address, length] ...  s e l f d a t a c o n f i g ...
 * A string of up to 16 bytes is compared in its slot and nowhere else. Slots move when the table grows; the bytes in
 * the arenas, which the views point to, never do.
 *
 * Threads: as the options say. By default one thread at a time, and any number that only read while none writes. With
 * `concurrent` any number of threads intern, look up and read at once: finding a string that is there waits for
 * nothing, and no two threads ever get two ids for one string. pm_interner_clear and pm_interner_free must always run
 * alone. There is one type, for both work on the same slots; `concurrent` only adds locks to storing a new string.
 *
 * Failure: a call for one string that fails changes nothing. A call for many may have stored some of them; its ids are
 * then undefined. After PM_FULL these are the ones that came first. After a failure the interner works on.
 */
#ifndef PM_INTERNER_H
#define PM_INTERNER_H

#include "batch.h"

#ifdef __cplusplus
extern "C" {
#endif

/* cdef:begin */
enum {
    PM_INTERNER_STRINGS = 10000,          /* room reserved where the options say 0 */
    PM_INTERNER_STRINGS_MAX = 2147483647, /* no interner holds more; ids are below it */
    PM_INTERNER_INLINE_BYTES = 16,        /* strings up to this length are compared in their slot */
    PM_INTERNER_THREADS_MAX = 64,         /* of one call */
    PM_INTERNER_THREAD_STRINGS = 65536    /* see pm_interner_options */
};

typedef struct pm_interner pm_interner;

typedef struct pm_interner_options {
    size_t strings;     /* room for so many before the table grows; 0: PM_INTERNER_STRINGS */
    size_t strings_max; /* a true bound, preloaded ones included: beyond it PM_FULL; 0: PM_INTERNER_STRINGS_MAX */
    uint64_t seed;      /* of the hash; ids do not depend on it. Choose it at random where an adversary picks strings */
    uint64_t hash_mask; /* for tests: the bits of the hash that are used; 0: all */
    /* A call uses fewer threads than asked for where each would get fewer strings, for starting them would take longer
     * than they save; 0: PM_INTERNER_THREAD_STRINGS. */
    size_t thread_strings;
    /* Strings that a new or cleared interner holds, such as the keywords of a language: string i has id i. No two may
     * be equal. Array and bytes are the caller's and must live as long as the interner. */
    const pm_text *preload;
    size_t preload_count;
    bool concurrent;
    bool huge_pages; /* ask for 2 MiB pages for tables of that size and more */
} pm_interner_options;

/* An id that knows when it was given. Two are equal iff both members are. */
typedef struct pm_intern_ref {
    uint32_t id;
    uint32_t generation; /* begins at 1 and counts up at each clear; passes 2^32 - 1 to 1 */
} pm_intern_ref;

typedef struct pm_interner_stats {
    uint64_t string_count;       /* held now, preloaded ones included */
    uint64_t preloaded_count;    /* of those, the ones that the option put there */
    uint64_t interned_count;     /* requests that stored a new string, since the interner was made */
    uint64_t deduplicated_count; /* requests that found theirs there, since the interner was made */
    uint64_t bytes_saved;        /* length of the strings of those requests: text that was not stored again. Only text:
                                    compare footprint_bytes for what that costs */
    uint64_t clear_count;
    uint64_t growth_count;    /* times that the table grew */
    uint64_t slot_count;      /* of the table */
    uint64_t string_bytes;    /* length of the strings held now; no terminators, no padding */
    uint64_t arena_bytes;     /* memory held for them: string_bytes, and what is unused or lost in the chunks */
    uint64_t table_bytes;     /* memory of the table */
    uint64_t id_bytes;        /* memory of the texts by id */
    uint64_t retired_bytes;   /* memory of smaller tables that concurrent readers may be in; goes with the next clear */
    uint64_t footprint_bytes; /* all memory held: the four above, and the interner itself */
} pm_interner_stats;

/* options NULL: all defaults. The caller owns *out until pm_interner_free. PM_INVALID for bounds that contradict each
 * other (more than PM_INTERNER_STRINGS_MAX, more preloaded strings than strings_max) and for a string that is preloaded
 * twice, PM_OVERFLOW for one that is too long, PM_NO_MEMORY. */
PM_API PM_NODISCARD pm_status pm_interner_new(const pm_interner_options *options, pm_interner **out);

/* Ends every view. NULL is allowed. */
PM_API void pm_interner_free(pm_interner *interner);

/* The id of a string, which is stored where it was missing. data: borrowed for the call, NULL where bytes is 0.
 * PM_OVERFLOW for a longer string than can be, PM_FULL, PM_NO_MEMORY. */
PM_API PM_NODISCARD pm_status pm_interner_intern(pm_interner *interner, const void *data, size_t bytes,
                                                 pm_intern_ref *out);

/* The same without storing; PM_NOT_FOUND leaves *out as it was. Not counted in the statistics. */
PM_API PM_NODISCARD pm_status pm_interner_lookup(const pm_interner *interner, const void *data, size_t bytes,
                                                 pm_intern_ref *out);

/* The ids of many strings, ids[0 .. row_count - 1], as if each were interned in turn: a column in Arrow form, or
 * pointers and lengths. The fast way in: hashing runs ahead of probing, and what will be probed is prefetched.
 * threads > 1 divides the strings over so many threads, the caller's included (0 counts as 1). The ids are the same,
 * whatever the number of threads. An interner that is `concurrent` gets its threads from its callers, and one whose
 * bound the call might reach must store in turn: there the caller's thread does all.
 * lead_bytes: so many bytes before each text may be read too, such as the header of the object that holds it; with 16
 * or more, loading takes no branches. 0 is always right; nothing else outside the strings is read.
 * All strings are checked before the first is stored: PM_INVALID where offsets decrease, are negative or pass
 * data_bytes; PM_OVERFLOW as above. PM_FULL, PM_NO_MEMORY. */
PM_API PM_NODISCARD pm_status pm_interner_intern_column(pm_interner *interner, const pm_column_view *column,
                                                        size_t threads, uint32_t *ids);
PM_API PM_NODISCARD pm_status pm_interner_intern_texts(pm_interner *interner, const pm_text *texts, size_t count,
                                                       size_t lead_bytes, size_t threads, uint32_t *ids);

/* The same without storing: a missing string's id is `missing`. */
PM_API PM_NODISCARD pm_status pm_interner_lookup_column(const pm_interner *interner, const pm_column_view *column,
                                                        uint32_t missing, uint32_t *ids);
PM_API PM_NODISCARD pm_status pm_interner_lookup_texts(const pm_interner *interner, const pm_text *texts, size_t count,
                                                       size_t lead_bytes, uint32_t missing, uint32_t *ids);

/* The string of an id: the interner's memory, at the same place until it is cleared or freed. No NUL follows.
 * PM_STALE where the id was given before a clear, PM_INVALID where it was never given. */
PM_API PM_NODISCARD pm_status pm_interner_text(const pm_interner *interner, pm_intern_ref ref, pm_text *out);

/* The strings of `count` ids of one generation; ids NULL: of the ids from 0 on. PM_STALE, PM_INVALID: *texts is
 * undefined. */
PM_API PM_NODISCARD pm_status pm_interner_texts(const pm_interner *interner, uint32_t generation, const uint32_t *ids,
                                                size_t count, pm_text *texts);

/* The strings with the ids first .. first + count - 1, laid end to end in Arrow form: count + 1 offsets of offset_bytes
 * (4 or 8) that begin with 0, and at most data_capacity bytes to data. PM_INVALID where an id was never given or
 * the bytes do not fit; PM_OVERFLOW where the offsets are too narrow. After a failure both arrays are undefined. */
PM_API PM_NODISCARD pm_status pm_interner_export(const pm_interner *interner, size_t first, size_t count, void *offsets,
                                                 size_t offset_bytes, void *data, size_t data_capacity);

/* How many strings are held; the ids below it are given, or, with `concurrent`, being given. */
PM_API size_t pm_interner_count(const pm_interner *interner);

/* Of the ids that are given now. */
PM_API uint32_t pm_interner_generation(const pm_interner *interner);

/* Ends all ids and views, and begins a new generation with the preloaded strings. Keeps the memory for reuse;
 * cannot fail. Alone. */
PM_API void pm_interner_clear(pm_interner *interner);

/* With `concurrent`, waits for the strings that are being stored. */
PM_API void pm_interner_read_stats(const pm_interner *interner, pm_interner_stats *out);

/* Walks the whole structure; false means corruption. While nothing else runs. For assertions and tests. */
PM_API bool pm_interner_is_valid(const pm_interner *interner);
/* cdef:end */

#ifdef __cplusplus
}
#endif
#endif
