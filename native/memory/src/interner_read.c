/* What an interner tells: texts by id, an Arrow column of them, statistics, whether it is sound. */
#include "interner_internal.h"

/* The text of an id that may be any number; data NULL where it was not given. */
static pm_text text_or_none(const pm_interner *in, uint32_t id) {
    if (id >= __atomic_load_n(&in->next_id, __ATOMIC_RELAXED)) {
        return (pm_text){0};
    }
    const pm_text *text = text_of(in, id);
    const void *data = __atomic_load_n(&text->data, __ATOMIC_ACQUIRE); /* NULL while the string is being stored */
    return (pm_text){.data = data, .bytes = data == NULL ? 0 : text->bytes};
}

pm_status pm_interner_text(const pm_interner *in, pm_intern_ref ref, pm_text *out) {
    if (ref.generation != in->generation) {
        return PM_STALE;
    }
    const pm_text text = text_or_none(in, ref.id);
    if (text.data == NULL) {
        return PM_INVALID;
    }
    *out = text;
    return PM_OK;
}

pm_status pm_interner_texts(const pm_interner *in, uint32_t generation, const uint32_t *ids, size_t count,
                            pm_text *texts) {
    if (generation != in->generation) {
        return PM_STALE;
    }
    if (ids == NULL && count > PM_INTERNER_STRINGS_MAX) {
        return PM_INVALID;
    }
    for (size_t i = 0; i < count; i++) {
        texts[i] = text_or_none(in, ids == NULL ? (uint32_t)i : ids[i]);
        if (texts[i].data == NULL) {
            return PM_INVALID;
        }
    }
    return PM_OK;
}

static void put_offset(void *offsets, size_t offset_bytes, size_t i, size_t value) {
    if (offset_bytes == 4) {
        ((int32_t *)offsets)[i] = (int32_t)value;
    } else {
        ((int64_t *)offsets)[i] = (int64_t)value;
    }
}

pm_status pm_interner_export(const pm_interner *in, size_t first, size_t count, void *offsets, size_t offset_bytes,
                             void *data, size_t data_capacity) {
    size_t end = 0;
    if ((offset_bytes != 4 && offset_bytes != 8) || first > PM_INTERNER_STRINGS_MAX ||
        count > PM_INTERNER_STRINGS_MAX - first) {
        return PM_INVALID;
    }
    put_offset(offsets, offset_bytes, 0, 0);
    for (size_t i = 0; i < count; i++) {
        const pm_text text = text_or_none(in, (uint32_t)(first + i));
        if (text.data == NULL || text.bytes > data_capacity - end) {
            return PM_INVALID;
        }
        if (offset_bytes == 4 && text.bytes > (size_t)INT32_MAX - end) {
            return PM_OVERFLOW;
        }
        if (text.bytes != 0) {
            memcpy((char *)data + end, text.data, text.bytes);
        }
        end += text.bytes;
        put_offset(offsets, offset_bytes, i + 1, end);
    }
    return PM_OK;
}

void pm_interner_read_stats(const pm_interner *in, pm_interner_stats *out) {
    pm_interner_stats s = {0};
    pm_interner_lock(in);
    const table *t = in->table;
    s.string_count = in->next_id;
    s.preloaded_count = in->preloaded;
    s.interned_count = in->interned_before + in->next_id - in->preloaded;
    s.clear_count = in->clear_count;
    s.growth_count = in->growth_count;
    s.slot_count = (uint64_t)t->mask + 1;
    s.table_bytes = t->bytes + sizeof *t;
    for (const table *old = t->retired; old != NULL; old = old->retired) {
        s.retired_bytes += old->bytes + sizeof *old;
    }
    s.id_bytes = (segment_strings(in->segment_count) - SEGMENT_STRINGS) * sizeof(pm_text);
    for (uint32_t id = 0; id < in->next_id; id++) {
        s.string_bytes += text_of(in, id)->bytes;
    }
    for (size_t i = 0; i < in->stripe_count; i++) {
        const stripe *each = &in->stripes[i];
        s.deduplicated_count += __atomic_load_n(&each->hit_count, __ATOMIC_RELAXED);
        s.bytes_saved += __atomic_load_n(&each->hit_bytes, __ATOMIC_RELAXED);
        if (each->arena != NULL) {
            pm_arena_stats arena;
            pm_arena_read_stats(each->arena, &arena);
            s.arena_bytes += arena.capacity_bytes;
        }
    }
    pm_interner_unlock(in);
    s.footprint_bytes =
        s.table_bytes + s.retired_bytes + s.id_bytes + s.arena_bytes + pm_interner_own_bytes(in->concurrent);
    *out = s;
}

/* Whether every ready slot can be reached from its home, agrees with its text, and is the only one of its id. */
bool pm_interner_is_valid(const pm_interner *in) {
    const table *t = in->table;
    uint64_t used = 0, id_sum = 0;
    for (uint64_t n = 0; n <= t->mask; n++) {
        const slot *s = &t->slots[n];
        if (s->meta == 0) {
            continue;
        }
        if ((s->meta & (META_READY | META_BUSY)) != META_READY || s->id >= in->next_id) {
            return false;
        }
        const pm_text text = text_or_none(in, s->id);
        if (text.data == NULL || text.bytes != s->meta >> 32) {
            return false;
        }
        const key k = key_of(&in->hash, text.data, (uint32_t)text.bytes);
        uint32_t place;
        if (k.meta != s->meta || k.home != s->home || table_find(t, &k, &place) != s->id) {
            return false;
        }
        used++;
        id_sum += s->id;
    }
    return used == in->next_id && id_sum == used * (used - (used > 0)) / 2 && in->reserved == in->next_id &&
           in->next_id <= t->room && in->next_id <= in->strings_max &&
           segment_strings(in->segment_count) - SEGMENT_STRINGS >= t->room;
}
