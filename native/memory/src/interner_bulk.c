/* Many strings at once, on one thread: blocks of keys are loaded and hashed, then their slots prefetched, then probed.
 * A string that is hashed waits for no other's cache miss. Group prefetching: S. Chen, A. Ailamaki, P. Gibbons,
 * T. Mowry, "Improving hash join performance through prefetching", ICDE 2004. */
#include "interner_bulk.h"
#include "pm/cpu.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if defined(__x86_64__)
#define TARGET_MASKED __attribute__((target("avx512f,avx512bw,avx512vl,bmi,bmi2")))

static bool has_masks(void) {
    return pm_cpu_selected() == PM_CPU_AVX512 && __builtin_cpu_supports("avx512vl");
}

/* Words of a string of up to 16 bytes; the others' places are not read. */
TARGET_MASKED static inline void key_load_masked(key *k, const unsigned char *data, uint32_t bytes) {
    const __m128i text = _mm_maskz_loadu_epi8((__mmask16)_bzhi_u32(UINT32_MAX, bytes), data);
    _mm_storeu_si128((__m128i *)(void *)k->word, text);
}
#else
#define TARGET_MASKED
#define key_load_masked key_load_exact

static bool has_masks(void) {
    return false;
}
#endif

static inline uint32_t source_at(const source *from, source_kind kind, size_t i, const unsigned char **data) {
    if (kind < SOURCE_NARROW) {
        const pm_text *text = (const pm_text *)from->items + i;
        *data = text->data;
        return (uint32_t)text->bytes;
    }
    if (kind == SOURCE_NARROW) {
        const int32_t *offsets = from->items;
        *data = from->data + offsets[i];
        return (uint32_t)(offsets[i + 1] - offsets[i]);
    }
    const int64_t *offsets = from->items;
    *data = from->data + offsets[i];
    return (uint32_t)(offsets[i + 1] - offsets[i]);
}

/* The bytes of long strings: their slots, prefetched before, tell where they are. */
static void prefetch_longs(const block *b, const table *t) {
    for (uint32_t i = 0; i < b->long_count; i++) {
        const key *k = b->longs[i];
        const slot *s = &t->slots[k->home & t->mask];
        if (slot_meta(s) == k->meta) {
            __builtin_prefetch((const void *)(uintptr_t)s->word[0]);
        }
    }
}

/* Where 16 bytes can be read that begin before it. */
static uintptr_t open_end(const source *from) {
    const bool has_some = from->kind >= SOURCE_NARROW && from->data_bytes >= PM_INTERNER_INLINE_BYTES;
    return has_some ? (uintptr_t)from->data + from->data_bytes - PM_INTERNER_INLINE_BYTES + 1 : 0;
}

/* The few strings that are long, or stand at the end of the data: apart, so that the others' loop keeps to registers.
 */
static __attribute__((noinline)) void load_apart(block *b, key *k, const hasher *h, const unsigned char *data,
                                                 uint32_t bytes) {
    *k = key_of(h, data, bytes);
    if (bytes > PM_INTERNER_INLINE_BYTES) {
        b->longs[b->long_count++] = k;
    }
}

/* Inlined once for each kind. */
__attribute__((always_inline)) static inline void load(block *b, const hasher *h, const source *from, source_kind kind,
                                                       size_t first, const table *t) {
    const hasher hash = *h; /* copies, which writing keys cannot change */
    const source strings = *from;
    const uintptr_t open = open_end(from);
    const slot *slots = t->slots;
    const uint32_t mask = t->mask;
    key *k = b->keys;
    for (size_t i = first, end = first + b->count; i < end; i++, k++) {
        const unsigned char *data;
        const uint32_t bytes = source_at(&strings, kind, i, &data);
        const bool in_column = kind == SOURCE_NARROW || kind == SOURCE_WIDE;
        if (PM_UNLIKELY(bytes > PM_INTERNER_INLINE_BYTES) || (in_column && PM_UNLIKELY((uintptr_t)data >= open))) {
            load_apart(b, k, h, data, bytes);
        } else {
            if (in_column) {
                key_load_open(k, data, bytes);
            } else if (kind == SOURCE_MASKED) {
                key_load_masked(k, data, bytes);
            } else if (kind == SOURCE_LED) {
                key_load_led(k, data, bytes);
            } else {
                key_load_exact(k, data, bytes);
            }
            key_hash_short(k, &hash, bytes);
        }
        __builtin_prefetch(&slots[k->home & mask]);
    }
}

static __attribute__((noinline)) void load_texts(block *b, const hasher *h, const source *from, size_t first,
                                                 const table *t) {
    load(b, h, from, SOURCE_TEXTS, first, t);
}

static __attribute__((noinline)) void load_led(block *b, const hasher *h, const source *from, size_t first,
                                               const table *t) {
    load(b, h, from, SOURCE_LED, first, t);
}

TARGET_MASKED static __attribute__((noinline)) void load_masked(block *b, const hasher *h, const source *from,
                                                                size_t first, const table *t) {
    load(b, h, from, SOURCE_MASKED, first, t);
}

static __attribute__((noinline)) void load_narrow(block *b, const hasher *h, const source *from, size_t first,
                                                  const table *t) {
    load(b, h, from, SOURCE_NARROW, first, t);
}

static __attribute__((noinline)) void load_wide(block *b, const hasher *h, const source *from, size_t first,
                                                const table *t) {
    load(b, h, from, SOURCE_WIDE, first, t);
}

void pm_interner_load(block *b, const hasher *h, const source *from, size_t first, size_t end, const table *t) {
    b->count = end - first < BLOCK_STRINGS ? (uint32_t)(end - first) : BLOCK_STRINGS;
    b->long_count = 0;
    switch (from->kind) {
    case SOURCE_TEXTS: load_texts(b, h, from, first, t); break;
    case SOURCE_LED: load_led(b, h, from, first, t); break;
    case SOURCE_MASKED: load_masked(b, h, from, first, t); break;
    case SOURCE_NARROW: load_narrow(b, h, from, first, t); break;
    case SOURCE_WIDE: load_wide(b, h, from, first, t); break;
    }
    prefetch_longs(b, t);
}

void pm_interner_prefetch(const table *t, const key *keys, uint32_t count) {
    for (const key *k = keys, *end = keys + count; k < end; k++) {
        __builtin_prefetch(&t->slots[k->home & t->mask]);
        if (key_is_long(k)) {
            __builtin_prefetch(key_data(k));
        }
    }
}

pm_status pm_interner_intern_keys(pm_interner *in, const key *keys, uint32_t count, uint32_t *ids, fresh_tally *tally) {
    table t = *current_table(in); /* a copy, which writing ids cannot change */
    for (const key *k = keys, *end = k + count; k < end; k++) {
        uint32_t place, id = table_find(&t, k, &place);
        if (PM_UNLIKELY(id == TABLE_NONE)) {
            uint32_t stored;
            bool fresh;
            const pm_status status = pm_interner_store(in, k, &stored, &fresh);
            if (status != PM_OK) {
                return status;
            }
            id = stored;
            t = *current_table(in);
            tally->count += fresh;
            tally->bytes += fresh ? key_bytes(k) : 0;
        }
        *ids++ = id;
    }
    return PM_OK;
}

pm_status pm_interner_intern_range(pm_interner *in, const source *from, size_t first, size_t end, uint32_t *ids,
                                   fresh_tally *tally) {
    block b;
    pm_status status = PM_OK;
    for (size_t i = first; i < end && status == PM_OK; i += BLOCK_STRINGS) {
        pm_interner_load(&b, &in->hash, from, i, end, current_table(in));
        status = pm_interner_intern_keys(in, b.keys, b.count, ids + i, tally);
    }
    return status;
}

enum { OFFSETS_AT_ONCE = 32 }; /* a loop of its own over so many becomes vectors */

static bool falls_narrow(const int32_t *offsets, size_t count) {
    unsigned falls = 0;
    for (; count >= OFFSETS_AT_ONCE; count -= OFFSETS_AT_ONCE, offsets += OFFSETS_AT_ONCE) {
        for (unsigned i = 0; i < OFFSETS_AT_ONCE; i++) {
            falls |= offsets[i + 1] < offsets[i];
        }
    }
    for (size_t i = 0; i < count; i++) {
        falls |= offsets[i + 1] < offsets[i];
    }
    return falls != 0;
}

/* Offsets as unsigned numbers: a length that is negative then is too long, and one comparison finds both. */
static pm_status check_offsets(const source *from, uint64_t *first, uint64_t *last) {
    const int64_t *wide = from->items;
    if (from->kind == SOURCE_NARROW) {
        const int32_t *narrow = from->items;
        *first = (uint64_t)narrow[0];
        *last = (uint64_t)narrow[from->count];
        return *first <= *last && *last <= from->data_bytes && !falls_narrow(narrow, from->count) ? PM_OK : PM_INVALID;
    }
    bool bad = false;
    for (size_t i = 0; i < from->count; i++) {
        bad |= (uint64_t)wide[i + 1] - (uint64_t)wide[i] >= UINT32_MAX;
    }
    *first = (uint64_t)wide[0];
    *last = (uint64_t)wide[from->count];
    for (size_t i = 0; bad && i < from->count; i++) {
        if (wide[i + 1] < wide[i]) {
            return PM_INVALID;
        }
    }
    if (*first > *last || *last > from->data_bytes) {
        return PM_INVALID;
    }
    return bad ? PM_OVERFLOW : PM_OK;
}

static pm_status source_of_column(const pm_column_view *column, source *out) {
    if (column->offset_bytes != 4 && column->offset_bytes != 8) {
        return PM_INVALID;
    }
    *out = (source){.kind = column->offset_bytes == 4 ? SOURCE_NARROW : SOURCE_WIDE,
                    .items = column->offsets,
                    .data = column->data,
                    .data_bytes = column->data_bytes,
                    .count = column->row_count};
    if (out->count == 0) {
        return PM_OK;
    }
    uint64_t first, last;
    const pm_status status = check_offsets(out, &first, &last);
    out->total_bytes = last - first;
    return status;
}

static pm_status source_of_texts(const pm_text *texts, size_t count, size_t lead_bytes, source *out) {
    const source_kind kind = has_masks() ? SOURCE_MASKED : lead_bytes < KEY_LEAD_BYTES ? SOURCE_TEXTS : SOURCE_LED;
    *out = (source){.kind = kind, .items = texts, .count = count};
    for (size_t i = 0; i < count; i++) {
        if (texts[i].bytes >= UINT32_MAX) {
            return PM_OVERFLOW;
        }
        out->total_bytes += texts[i].bytes;
    }
    return PM_OK;
}

static pm_status intern_source(pm_interner *in, const source *from, size_t threads, uint32_t *ids) {
    fresh_tally tally = {0};
    const bool divisible = !in->concurrent && from->count <= in->strings_max - in->next_id;
    const size_t useful = divisible ? from->count / in->thread_strings : 0;
    threads = threads < useful ? threads : useful;
    threads = threads < PM_INTERNER_THREADS_MAX ? threads : PM_INTERNER_THREADS_MAX;
    const pm_status status = threads < 2 ? pm_interner_intern_range(in, from, 0, from->count, ids, &tally)
                                         : pm_interner_intern_parallel(in, from, threads, ids, &tally);
    if (status == PM_OK) {
        pm_interner_count_hits(in, pm_interner_stripe(in), from->count - tally.count, from->total_bytes - tally.bytes);
    }
    return status;
}

pm_status pm_interner_intern_column(pm_interner *in, const pm_column_view *column, size_t threads, uint32_t *ids) {
    source from;
    const pm_status status = source_of_column(column, &from);
    return status == PM_OK ? intern_source(in, &from, threads, ids) : status;
}

pm_status pm_interner_intern_texts(pm_interner *in, const pm_text *texts, size_t count, size_t lead_bytes,
                                   size_t threads, uint32_t *ids) {
    source from;
    const pm_status status = source_of_texts(texts, count, lead_bytes, &from);
    return status == PM_OK ? intern_source(in, &from, threads, ids) : status;
}

static void lookup_source(const pm_interner *in, const source *from, uint32_t missing, uint32_t *ids) {
    block b;
    for (size_t first = 0; first < from->count; first += BLOCK_STRINGS) {
        const table t = *current_table(in);
        pm_interner_load(&b, &in->hash, from, first, from->count, &t);
        for (uint32_t i = 0; i < b.count; i++) {
            uint32_t place;
            const uint32_t id = table_find(&t, &b.keys[i], &place);
            ids[first + i] = id == TABLE_NONE ? missing : id;
        }
    }
}

pm_status pm_interner_lookup_column(const pm_interner *in, const pm_column_view *column, uint32_t missing,
                                    uint32_t *ids) {
    source from;
    const pm_status status = source_of_column(column, &from);
    if (status == PM_OK) {
        lookup_source(in, &from, missing, ids);
    }
    return status;
}

pm_status pm_interner_lookup_texts(const pm_interner *in, const pm_text *texts, size_t count, size_t lead_bytes,
                                   uint32_t missing, uint32_t *ids) {
    source from;
    const pm_status status = source_of_texts(texts, count, lead_bytes, &from);
    if (status == PM_OK) {
        lookup_source(in, &from, missing, ids);
    }
    return status;
}
