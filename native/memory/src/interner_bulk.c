/* Many strings at once, on one thread: blocks of keys are loaded and hashed, then their slots prefetched, then probed.
 * A string that is hashed waits for no other's cache miss. Group prefetching: S. Chen, A. Ailamaki, P. Gibbons,
 * T. Mowry, "Improving hash join performance through prefetching", ICDE 2004. */
#include "interner_bulk.h"

static inline uint32_t source_at(const source *from, source_kind kind, size_t i, const unsigned char **data) {
    if (kind == SOURCE_TEXTS) {
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

/* Inlined once for each kind. Long strings, which are few, are hashed in a loop of their own: a branch among the short
 * ones would be mispredicted at each of them. */
__attribute__((always_inline)) static inline void load_keys(const hasher *h, const source *from, source_kind kind,
                                                            size_t first, size_t count, key *keys) {
    uint32_t lengths[BLOCK_STRINGS], longs[BLOCK_STRINGS], long_count = 0;
    const uintptr_t end = (uintptr_t)from->data + from->data_bytes;
    for (uint32_t i = 0; i < count; i++) {
        key *k = &keys[i];
        const uint32_t bytes = source_at(from, kind, first + i, &k->data);
        const uint32_t capped = bytes < PM_INTERNER_INLINE_BYTES ? bytes : PM_INTERNER_INLINE_BYTES;
        if (kind != SOURCE_TEXTS && PM_LIKELY(end - (uintptr_t)k->data >= 16)) {
            key_load_open(k, capped);
        } else {
            key_load_exact(k, capped);
        }
        key_hash_short(k, h, capped);
        lengths[i] = bytes;
        longs[long_count] = i;
        long_count += bytes > PM_INTERNER_INLINE_BYTES;
    }
    for (uint32_t i = 0; i < long_count; i++) {
        key_hash_long(&keys[longs[i]], h, lengths[longs[i]]);
    }
}

void pm_interner_load_keys(const hasher *h, const source *from, size_t first, size_t count, key *keys) {
    switch (from->kind) {
    case SOURCE_TEXTS: load_keys(h, from, SOURCE_TEXTS, first, count, keys); break;
    case SOURCE_NARROW: load_keys(h, from, SOURCE_NARROW, first, count, keys); break;
    case SOURCE_WIDE: load_keys(h, from, SOURCE_WIDE, first, count, keys); break;
    }
}

static void prefetch(const table *t, const key *keys, size_t count) {
    for (size_t i = 0; i < count; i++) {
        table_prefetch(t, &keys[i]);
    }
}

pm_status pm_interner_intern_keys(pm_interner *in, const key *keys, size_t count, uint32_t *ids, fresh_tally *tally) {
    const table *t = current_table(in);
    prefetch(t, keys, count);
    for (size_t i = 0; i < count; i++) {
        uint32_t place, id = table_find(t, &keys[i], &place);
        if (PM_UNLIKELY(id == TABLE_NONE)) {
            bool fresh;
            const pm_status status = pm_interner_store(in, &keys[i], &id, &fresh);
            if (status != PM_OK) {
                return status;
            }
            t = current_table(in);
            tally->count += fresh;
            tally->bytes += fresh ? key_bytes(&keys[i]) : 0;
        }
        ids[i] = id;
    }
    return PM_OK;
}

pm_status pm_interner_intern_range(pm_interner *in, const source *from, size_t first, size_t end, uint32_t *ids,
                                   fresh_tally *tally) {
    key keys[BLOCK_STRINGS];
    pm_status status = PM_OK;
    for (size_t i = first; i < end && status == PM_OK; i += BLOCK_STRINGS) {
        const size_t count = end - i < BLOCK_STRINGS ? end - i : BLOCK_STRINGS;
        pm_interner_load_keys(&in->hash, from, i, count, keys);
        status = pm_interner_intern_keys(in, keys, count, ids + i, tally);
    }
    return status;
}

/* Offsets as unsigned numbers: a length that is negative then is too long, and one comparison finds both. */
static pm_status check_offsets(const source *from, uint64_t *first, uint64_t *last) {
    const int32_t *narrow = from->items;
    const int64_t *wide = from->items;
    bool bad = false;
    if (from->kind == SOURCE_NARROW) {
        for (size_t i = 0; i < from->count; i++) {
            bad |= narrow[i + 1] < narrow[i];
        }
        *first = (uint64_t)narrow[0];
        *last = (uint64_t)narrow[from->count];
    } else {
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
    }
    if (*first > *last || *last > from->data_bytes) {
        return PM_INVALID;
    }
    return !bad ? PM_OK : from->kind == SOURCE_WIDE ? PM_OVERFLOW : PM_INVALID;
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

static pm_status source_of_texts(const pm_text *texts, size_t count, source *out) {
    *out = (source){.kind = SOURCE_TEXTS, .items = texts, .count = count};
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
    const size_t useful = from->count / PM_INTERNER_THREAD_STRINGS_MIN;
    threads = threads < useful ? threads : useful;
    threads = threads < PM_INTERNER_THREADS_MAX ? threads : PM_INTERNER_THREADS_MAX;
    const pm_status status = threads < 2 ? pm_interner_intern_range(in, from, 0, from->count, ids, &tally)
                                         : pm_interner_intern_parallel(in, from, threads, ids, &tally);
    if (status == PM_OK) {
        pm_interner_count_hits(in, pm_interner_stripe(in), from->count - tally.count,
                               from->total_bytes - tally.bytes);
    }
    return status;
}

pm_status pm_interner_intern_column(pm_interner *in, const pm_column_view *column, size_t threads, uint32_t *ids) {
    source from;
    const pm_status status = source_of_column(column, &from);
    return status == PM_OK ? intern_source(in, &from, threads, ids) : status;
}

pm_status pm_interner_intern_texts(pm_interner *in, const pm_text *texts, size_t count, size_t threads, uint32_t *ids) {
    source from;
    const pm_status status = source_of_texts(texts, count, &from);
    return status == PM_OK ? intern_source(in, &from, threads, ids) : status;
}

static void lookup_source(const pm_interner *in, const source *from, uint32_t missing, uint32_t *ids) {
    key keys[BLOCK_STRINGS];
    for (size_t first = 0; first < from->count; first += BLOCK_STRINGS) {
        const size_t left = from->count - first, count = left < BLOCK_STRINGS ? left : BLOCK_STRINGS;
        const table *t = current_table(in);
        pm_interner_load_keys(&in->hash, from, first, count, keys);
        prefetch(t, keys, count);
        for (size_t i = 0; i < count; i++) {
            uint32_t place;
            const uint32_t id = table_find(t, &keys[i], &place);
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

pm_status pm_interner_lookup_texts(const pm_interner *in, const pm_text *texts, size_t count, uint32_t missing,
                                   uint32_t *ids) {
    source from;
    const pm_status status = source_of_texts(texts, count, &from);
    if (status == PM_OK) {
        lookup_source(in, &from, missing, ids);
    }
    return status;
}
