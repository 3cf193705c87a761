/* A hash map with linear probing, backward-shift removal (Knuth, The Art of Computer Programming 3, 6.4, algorithm R)
 * and clearing by epoch.
 *
 * Slot i is in use iff slots[i].epoch == map.epoch. Byte keys lie end to end in `keys`; a removed one leaves a hole,
 * which goes when the table is rebuilt. Invariants: 4 * count <= 3 * slot_count; between a key's home slot and its own
 * there is no free slot; dead_bytes <= keys_bytes.
 *
 * Slots never lie across two cache lines. A table of 2 MiB or more, a power of two, asks for huge pages: looked into at
 * random, it would miss the processor's table of pages as often as its caches.
 */
#include "pm/map.h"
#include "hash.h"
#include "memory.h"
#include "platform/platform.h"
#include "pm/assert.h"
#include "size.h"
#include <string.h>

#define NUMBER UINT32_MAX /* the length of a key that is a number */

typedef struct slot {
    uint64_t hash;
    uint64_t key; /* the number, or the offset of the bytes in `keys` */
    uint64_t value;
    uint32_t length;
    uint32_t epoch;
} slot;

enum { SLOTS_MIN = 8, LINE_BYTES = 64, LINE_SLOTS = LINE_BYTES / sizeof(slot) };
_Static_assert(LINE_BYTES % sizeof(slot) == 0, "no slot lies across two lines");

struct pm_map {
    slot *slots;
    size_t slot_count; /* power of two */
    size_t count;
    uint32_t epoch; /* never 0, which new slots have */
    char *keys;
    size_t keys_bytes, keys_capacity, dead_bytes;
};

/* A key as it is looked for. */
typedef struct probe {
    uint64_t hash;
    uint64_t number;
    const void *bytes;
    uint32_t length;
} probe;

static probe probe_number(uint64_t key) {
    return (probe){.hash = pm_hash_number(key), .number = key, .length = NUMBER};
}

static probe probe_bytes(const void *key, size_t bytes) {
    return (probe){.hash = pm_hash_bytes(key, bytes), .bytes = key, .length = (uint32_t)bytes};
}

/* Looked at after each change; costs a step for each slot. */
#define MAP_ASSERT_VALID(map) PM_ASSERT_EXPENSIVE(pm_map_is_valid(map), (map)->slot_count)

static bool in_use(const pm_map *map, size_t i) {
    PM_ASSERT_INTERNAL(map->slots[i].epoch <= map->epoch);
    return map->slots[i].epoch == map->epoch;
}

static bool same(const pm_map *map, const slot *s, const probe *p) {
    if (s->hash != p->hash || s->length != p->length) {
        return false;
    }
    return p->length == NUMBER ? s->key == p->number
                               : p->length == 0 || memcmp(map->keys + s->key, p->bytes, p->length) == 0;
}

/* The slot of a key, or the free one where it would go. */
static size_t find(const pm_map *map, const probe *p) {
    const size_t mask = map->slot_count - 1;
    size_t i = p->hash & mask;
    while (in_use(map, i) && !same(map, &map->slots[i], p)) {
        i = (i + 1) & mask;
    }
    return i;
}

/* Free slots; NULL when memory is refused. */
static slot *slots_new(size_t count) {
    const size_t bytes = count * sizeof(slot);
    if (bytes >= PM_HUGE_PAGE_BYTES) {
        return pm_pages_alloc(bytes, PM_HUGE_PAGE_BYTES, true);
    }
    slot *slots = pm_heap_alloc(bytes, LINE_BYTES);
    if (slots != NULL) {
        memset(slots, 0, bytes);
    }
    return slots;
}

static void slots_free(slot *slots, size_t count) {
    const size_t bytes = count * sizeof *slots;
    if (bytes >= PM_HUGE_PAGE_BYTES) {
        pm_pages_free(slots, bytes);
    } else {
        pm_heap_free(slots, bytes);
    }
}

/* Slots for `entries` entries at three quarters full. */
static bool slots_for(size_t entries, size_t *out) {
    size_t needed;
    if (!pm_size_add(entries, entries / 3 + 1, &needed) || needed > SIZE_MAX / 2 / sizeof(slot)) {
        return false;
    }
    size_t slots = SLOTS_MIN;
    while (slots < needed) {
        slots *= 2;
    }
    *out = slots;
    return true;
}

static pm_status map_init(pm_map *map, size_t entries) {
    size_t slot_count;
    if (!slots_for(entries == 0 ? PM_MAP_ENTRIES : entries, &slot_count)) {
        return PM_OVERFLOW;
    }
    slot *slots = slots_new(slot_count);
    if (slots == NULL) {
        return PM_NO_MEMORY;
    }
    *map = (pm_map){.slots = slots, .slot_count = slot_count, .epoch = 1};
    return PM_OK;
}

static void map_deinit(pm_map *map) {
    slots_free(map->slots, map->slot_count);
    pm_heap_free(map->keys, map->keys_capacity);
}

pm_status pm_map_new(size_t entries, pm_map **out) {
    pm_map *map = pm_heap_alloc(sizeof *map, 1);
    if (map == NULL) {
        return PM_NO_MEMORY;
    }
    const pm_status status = map_init(map, entries);
    if (status != PM_OK) {
        pm_heap_free(map, sizeof *map);
        return status;
    }
    *out = map;
    return PM_OK;
}

void pm_map_free(pm_map *map) {
    if (map != NULL) {
        map_deinit(map);
        pm_heap_free(map, sizeof *map);
    }
}

/* Moves every entry to a table of `slot_count` slots, and the byte keys together. */
static pm_status rebuild(pm_map *map, size_t slot_count) {
    pm_map next = {.slot_count = slot_count, .epoch = 1, .count = map->count};
    next.keys_capacity = map->keys_capacity;
    next.slots = slots_new(slot_count);
    if (next.slots == NULL) {
        return PM_NO_MEMORY;
    }
    if (next.keys_capacity != 0) {
        next.keys = pm_heap_alloc(next.keys_capacity, 1);
        if (next.keys == NULL) {
            slots_free(next.slots, slot_count);
            return PM_NO_MEMORY;
        }
    }
    for (size_t from = 0; from < map->slot_count; from++) {
        if (!in_use(map, from)) {
            continue;
        }
        slot moved = map->slots[from];
        if (moved.length != NUMBER && moved.length != 0) {
            PM_ASSERT(next.keys != NULL && moved.length <= next.keys_capacity - next.keys_bytes);
            memcpy(next.keys + next.keys_bytes, map->keys + moved.key, moved.length);
            moved.key = next.keys_bytes;
            next.keys_bytes += moved.length;
        }
        moved.epoch = next.epoch;
        size_t to = moved.hash & (slot_count - 1);
        while (in_use(&next, to)) {
            to = (to + 1) & (slot_count - 1);
        }
        next.slots[to] = moved;
    }
    PM_ASSERT(next.keys_bytes + map->dead_bytes == map->keys_bytes);
    map_deinit(map);
    *map = next;
    MAP_ASSERT_VALID(map);
    return PM_OK;
}

/* The value under a key, stored as 0 where it was missing; NULL and *status where that fails. */
static uint64_t *value_of(pm_map *map, const probe *p, pm_status *status) {
    size_t i = find(map, p);
    if (in_use(map, i)) {
        return &map->slots[i].value;
    }
    const size_t key_bytes = p->length == NUMBER ? 0 : p->length;
    if ((map->count + 1) * 4 > map->slot_count * 3) {
        if (map->slot_count > SIZE_MAX / 2 / sizeof(slot)) {
            *status = PM_OVERFLOW;
            return NULL;
        }
        *status = rebuild(map, map->slot_count * 2);
    } else if (map->dead_bytes > map->keys_bytes / 2 && map->keys_bytes + key_bytes > map->keys_capacity) {
        *status = rebuild(map, map->slot_count);
    }
    size_t needed = 0;
    if (*status == PM_OK && key_bytes != 0) {
        void *keys = map->keys;
        *status = pm_size_add(map->keys_bytes, key_bytes, &needed) ? pm_heap_reserve(&keys, &map->keys_capacity, needed)
                                                                   : PM_OVERFLOW;
        map->keys = keys;
    }
    if (*status != PM_OK) {
        return NULL;
    }
    i = find(map, p);
    PM_ASSERT(!in_use(map, i));
    map->slots[i] = (slot){.hash = p->hash, .key = p->number, .length = p->length, .epoch = map->epoch};
    if (key_bytes != 0) {
        memcpy(map->keys + map->keys_bytes, p->bytes, key_bytes);
        map->slots[i].key = map->keys_bytes;
        map->keys_bytes = needed;
    }
    map->count++;
    PM_ASSERT(map->count * 4 <= map->slot_count * 3 && map->keys_bytes <= map->keys_capacity);
    MAP_ASSERT_VALID(map);
    return &map->slots[i].value;
}

static pm_status put(pm_map *map, probe p, uint64_t value) {
    pm_status status = PM_OK;
    uint64_t *stored = value_of(map, &p, &status);
    if (stored != NULL) {
        *stored = value;
    }
    return status;
}

static pm_status add(pm_map *map, probe p, uint64_t amount) {
    pm_status status = PM_OK;
    uint64_t *stored = value_of(map, &p, &status);
    if (stored != NULL) {
        *stored += amount;
    }
    return status;
}

static pm_status get(const pm_map *map, probe p, uint64_t *value) {
    const size_t i = find(map, &p);
    if (!in_use(map, i)) {
        return PM_NOT_FOUND;
    }
    *value = map->slots[i].value;
    return PM_OK;
}

static pm_status remove_key(pm_map *map, probe p) {
    const size_t mask = map->slot_count - 1;
    size_t hole = find(map, &p);
    if (!in_use(map, hole)) {
        return PM_NOT_FOUND;
    }
    map->dead_bytes += p.length == NUMBER ? 0 : p.length;
    map->count--;
    /* Whatever follows without a gap, and whose home does not lie between the hole and itself, moves into the hole. */
    for (size_t i = (hole + 1) & mask; in_use(map, i); i = (i + 1) & mask) {
        const size_t home = map->slots[i].hash & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            map->slots[hole] = map->slots[i];
            hole = i;
        }
    }
    map->slots[hole].epoch = map->epoch - 1; /* free: no slot carries a later epoch than the map */
    PM_ASSERT(map->dead_bytes <= map->keys_bytes);
    MAP_ASSERT_VALID(map);
    return PM_OK;
}

pm_status pm_map_put(pm_map *map, uint64_t key, uint64_t value) {
    return put(map, probe_number(key), value);
}

pm_status pm_map_put_bytes(pm_map *map, const void *key, size_t key_bytes, uint64_t value) {
    return key_bytes >= NUMBER ? PM_OVERFLOW : put(map, probe_bytes(key, key_bytes), value);
}

pm_status pm_map_get(const pm_map *map, uint64_t key, uint64_t *value) {
    return get(map, probe_number(key), value);
}

pm_status pm_map_get_bytes(const pm_map *map, const void *key, size_t key_bytes, uint64_t *value) {
    return key_bytes >= NUMBER ? PM_NOT_FOUND : get(map, probe_bytes(key, key_bytes), value);
}

pm_status pm_map_add(pm_map *map, uint64_t key, uint64_t amount) {
    return add(map, probe_number(key), amount);
}

pm_status pm_map_add_bytes(pm_map *map, const void *key, size_t key_bytes, uint64_t amount) {
    return key_bytes >= NUMBER ? PM_OVERFLOW : add(map, probe_bytes(key, key_bytes), amount);
}

pm_status pm_map_remove(pm_map *map, uint64_t key) {
    return remove_key(map, probe_number(key));
}

pm_status pm_map_remove_bytes(pm_map *map, const void *key, size_t key_bytes) {
    return key_bytes >= NUMBER ? PM_NOT_FOUND : remove_key(map, probe_bytes(key, key_bytes));
}

pm_status pm_map_put_many(pm_map *map, const uint64_t *keys, const uint64_t *values, size_t count) {
    pm_status status = PM_OK;
    for (size_t i = 0; i < count && status == PM_OK; i++) {
        status = pm_map_put(map, keys[i], values[i]);
    }
    return status;
}

/* Looks from slot *at on to the end of its line: true when *at is the slot of the key, or the free one where it would
 * go; else it is the first of the next line. */
static inline bool find_in_line(const pm_map *map, const probe *p, size_t *at) {
    do {
        if (!in_use(map, *at) || same(map, &map->slots[*at], p)) {
            return true;
        }
        *at = (*at + 1) & (map->slot_count - 1);
    } while (*at % LINE_SLOTS != 0);
    return false;
}

/* Waits for memory overlap: a key's home line is asked for AHEAD keys before it is looked at, and where the search goes
 * on to the next line, that one is asked for and looked at AHEAD keys later again. */
void pm_map_get_many(const pm_map *map, const uint64_t *keys, size_t count, uint64_t missing, uint64_t *values) {
    enum { AHEAD = 24, UNDER_WAY = 64 };
    const size_t answered = SIZE_MAX;
    size_t at[UNDER_WAY]; /* where key i goes on, i modulo UNDER_WAY */
    _Static_assert(UNDER_WAY > 2 * AHEAD, "a place is taken again after its key is answered");
    for (size_t i = 0; i < count + (size_t)2 * AHEAD; i++) {
        if (i < count) {
            at[i % UNDER_WAY] = pm_hash_number(keys[i]) & (map->slot_count - 1);
            __builtin_prefetch(&map->slots[at[i % UNDER_WAY]]);
        }
        for (size_t turn = 1; turn <= 2; turn++) {
            const size_t now = i - turn * AHEAD; /* wraps beyond count at first */
            /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): set AHEAD keys ago, as now < count */
            if (now >= count || at[now % UNDER_WAY] == answered) {
                continue;
            }
            size_t *place = &at[now % UNDER_WAY];
            const probe p = probe_number(keys[now]);
            bool found = find_in_line(map, &p, place);
            if (turn == 1 && !found) {
                __builtin_prefetch(&map->slots[*place]);
                continue;
            }
            while (!found) {
                found = find_in_line(map, &p, place);
            }
            values[now] = in_use(map, *place) ? map->slots[*place].value : missing;
            *place = answered;
        }
    }
}

pm_status pm_map_count_many(pm_map *map, const void *data, const int64_t *offsets, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (offsets[i] < 0 || offsets[i + 1] < offsets[i]) {
            return PM_INVALID;
        }
        if (offsets[i + 1] - offsets[i] >= (int64_t)NUMBER) {
            return PM_OVERFLOW;
        }
    }
    pm_status status = PM_OK;
    for (size_t i = 0; i < count && status == PM_OK; i++) {
        const size_t bytes = (size_t)(offsets[i + 1] - offsets[i]);
        status = pm_map_add_bytes(map, bytes == 0 ? "" : (const char *)data + offsets[i], bytes, 1);
    }
    return status;
}

pm_status pm_map_count_texts(pm_map *map, const pm_text *keys, size_t count) {
    pm_status status = PM_OK;
    for (size_t i = 0; i < count && status == PM_OK; i++) {
        status = pm_map_add_bytes(map, keys[i].bytes == 0 ? "" : keys[i].data, keys[i].bytes, 1);
    }
    return status;
}

size_t pm_map_count(const pm_map *map) {
    return map->count;
}

/* Once in four billion clears: epochs start over, so no slot may keep an old one. */
PM_COLD static void epochs_start_over(pm_map *map) {
    memset(map->slots, 0, map->slot_count * sizeof *map->slots);
    map->epoch = 0;
}

void pm_map_clear(pm_map *map) {
    map->count = map->keys_bytes = map->dead_bytes = 0;
    if (PM_UNLIKELY(map->epoch == UINT32_MAX)) {
        epochs_start_over(map);
    }
    map->epoch++;
    MAP_ASSERT_VALID(map);
}

void pm_map_read_stats(const pm_map *map, pm_map_stats *out) {
    *out = (pm_map_stats){.entry_count = map->count,
                          .slot_count = map->slot_count,
                          .key_bytes = map->keys_bytes,
                          .capacity_bytes = map->slot_count * sizeof(slot) + map->keys_capacity};
}

bool pm_map_is_valid(const pm_map *map) {
    const size_t mask = map->slot_count - 1;
    size_t count = 0, bytes = 0;
    for (size_t i = 0; i < map->slot_count; i++) {
        const slot *s = &map->slots[i];
        if (s->epoch > map->epoch) {
            return false;
        }
        if (!in_use(map, i)) {
            continue;
        }
        for (size_t at = s->hash & mask; at != i; at = (at + 1) & mask) {
            if (!in_use(map, at)) {
                return false;
            }
        }
        if (s->length != NUMBER) {
            if (s->length != 0 && s->key + s->length > map->keys_bytes) {
                return false;
            }
            bytes += s->length;
        }
        count++;
    }
    return count == map->count && count * 4 <= map->slot_count * 3 && bytes + map->dead_bytes == map->keys_bytes &&
           map->keys_bytes <= map->keys_capacity;
}

static pm_status pooled_init(void *object, const pm_pool_type *type) {
    return map_init(object, type->initial);
}

PM_COLD static void wipe(pm_map *map) {
    memset(map->slots, 0, map->slot_count * sizeof *map->slots);
    if (map->keys != NULL) {
        memset(map->keys, 0, map->keys_capacity);
    }
    map->epoch = 1;
}

static bool pooled_clear(void *object, const pm_pool_type *type) {
    pm_map *map = object;
    pm_map_clear(map);
    if (PM_UNLIKELY(type->wipe)) {
        wipe(map);
    }
    return map->slot_count * sizeof *map->slots + map->keys_capacity <= type->retained_bytes;
}

static void pooled_deinit(void *object, const pm_pool_type *type) {
    (void)type;
    map_deinit(object);
}

void pm_map_pool_type(pm_pool_type *out) {
    size_t slots = 0;
    const bool fits = slots_for(PM_MAP_ENTRIES, &slots);
    *out = (pm_pool_type){.object_bytes = sizeof(pm_map),
                          .init = pooled_init,
                          .clear = pooled_clear,
                          .deinit = pooled_deinit,
                          .initial = PM_MAP_ENTRIES,
                          .retained_bytes = fits ? slots * sizeof(slot) * 64 : 0};
}
