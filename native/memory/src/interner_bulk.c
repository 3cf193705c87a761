/* Many strings at once, on one thread: blocks of keys are loaded and hashed, then their slots prefetched, then probed.
 * A string that is hashed waits for no other's cache miss. Group prefetching: S. Chen, A. Ailamaki, P. Gibbons,
 * T. Mowry, "Improving hash join performance through prefetching", ICDE 2004. */
#include "interner_bulk.h"

static inline uint32_t source_at(const source *from, source_kind kind, size_t i, const unsigned char **data) {
    if (kind == SOURCE_TEXTS || kind == SOURCE_LED) {
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
        const key *k = &b->keys[b->longs[i]];
        const slot *s = &t->slots[k->home & t->mask];
        if (slot_meta(s) == k->meta) {
            __builtin_prefetch((const void *)(uintptr_t)s->word[0]);
        }
    }
}

/* Inlined once for each kind. Long strings, which are few, are hashed in a loop of their own: a branch among the short
 * ones would be mispredicted at each of them. */
__attribute__((always_inline)) static inline void load(block *b, const hasher *h, const source *from, source_kind kind,
                                                       size_t first, const table *t) {
    const uintptr_t end = (uintptr_t)from->data + from->data_bytes;
    const hasher hash = *h; /* copies, which writing keys cannot change */
    const source strings = *from;
    const slot *slots = t->slots;
    const uint32_t mask = t->mask;
    uint32_t long_count = 0;
    for (uint32_t i = 0; i < b->count; i++) {
        key *k = &b->keys[i];
        const uint32_t bytes = source_at(&strings, kind, first + i, &k->data);
        const uint32_t capped = bytes < PM_INTERNER_INLINE_BYTES ? bytes : PM_INTERNER_INLINE_BYTES;
        if ((kind == SOURCE_NARROW || kind == SOURCE_WIDE) && PM_LIKELY(end - (uintptr_t)k->data >= 16)) {
            key_load_open(k, capped);
        } else if (kind == SOURCE_LED) {
            key_load_led(k, capped);
        } else {
            key_load_exact(k, capped);
        }
        key_hash_short(k, &hash, bytes);
        __builtin_prefetch(&slots[k->home & mask]);
        b->longs[long_count] = i;
        long_count += bytes > PM_INTERNER_INLINE_BYTES;
    }
    b->long_count = long_count;
    for (uint32_t i = 0; i < long_count; i++) {
        key *k = &b->keys[b->longs[i]];
        key_hash_long(k, h, key_bytes(k));
        table_prefetch(t, k);
    }
    prefetch_longs(b, t);
}

void pm_interner_load(block *b, const hasher *h, const source *from, size_t first, size_t end, const table *t) {
    b->count = end - first < BLOCK_STRINGS ? (uint32_t)(end - first) : BLOCK_STRINGS;
    switch (from->kind) {
    case SOURCE_TEXTS: load(b, h, from, SOURCE_TEXTS, first, t); break;
    case SOURCE_LED: load(b, h, from, SOURCE_LED, first, t); break;
    case SOURCE_NARROW: load(b, h, from, SOURCE_NARROW, first, t); break;
    case SOURCE_WIDE: load(b, h, from, SOURCE_WIDE, first, t); break;
    }
}

pm_status pm_interner_intern_block(pm_interner *in, const block *b, uint32_t *ids, fresh_tally *tally) {
    table t = *current_table(in); /* a copy, which writing ids cannot change */
    for (uint32_t i = 0; i < b->count; i++) {
        const key *k = &b->keys[i];
        uint32_t place, id = table_find(&t, k, &place);
        if (PM_UNLIKELY(id == TABLE_NONE)) {
            bool fresh;
            const pm_status status = pm_interner_store(in, k, &id, &fresh);
            if (status != PM_OK) {
                return status;
            }
            t = *current_table(in);
            tally->count += fresh;
            tally->bytes += fresh ? key_bytes(k) : 0;
        }
        ids[i] = id;
    }
    return PM_OK;
}

pm_status pm_interner_intern_range(pm_interner *in, const source *from, size_t first, size_t end, uint32_t *ids,
                                   fresh_tally *tally) {
    block b;
    pm_status status = PM_OK;
    for (size_t i = first; i < end && status == PM_OK; i += BLOCK_STRINGS) {
        pm_interner_load(&b, &in->hash, from, i, end, current_table(in));
        status = pm_interner_intern_block(in, &b, ids + i, tally);
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

static pm_status source_of_texts(const pm_text *texts, size_t count, size_t lead_bytes, source *out) {
    *out = (source){.kind = lead_bytes < KEY_LEAD_BYTES ? SOURCE_TEXTS : SOURCE_LED, .items = texts, .count = count};
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
    const size_t useful = divisible ? from->count / PM_INTERNER_THREAD_STRINGS_MIN : 0;
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
