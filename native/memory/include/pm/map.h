/* pm/map.h: a hash map from a number or a byte string to a number, by itself or out of a pool.
 *
 * Open addressing with linear probing over a power of two of slots, at most three quarters full; removal shifts back
 * (no tombstones). Equal hashes are never trusted: numbers are compared whole, byte strings byte for byte. Byte keys
 * are copied into the map. A number and a byte string are never the same key. Clearing is O(1): slots carry the epoch
 * they were written in. Slots of 2 MiB and more are mapped, with the advice to use huge pages. The hash has no secret:
 * not for keys that an adversary chooses. Threads: one thread at a time, any number of threads for reading
 * (pm_map_get*, pm_map_count). After a failure the map is unchanged.
 */
#ifndef PM_MAP_H
#define PM_MAP_H

#include "pool.h"
#include "text.h"

#ifdef __cplusplus
extern "C" {
#endif

/* cdef:begin */
enum { PM_MAP_ENTRIES = 32, PM_MAP_RETAINED = 100 }; /* defaults: entries before growth, objects that a pool keeps */

typedef struct pm_map pm_map;

typedef struct pm_map_stats {
    size_t entry_count;
    size_t slot_count;
    size_t key_bytes;      /* bytes of the byte keys held, those of removed keys not yet given back included */
    size_t capacity_bytes; /* memory of slots and keys */
} pm_map_stats;

/* A map of its own that takes `entries` entries (0: PM_MAP_ENTRIES) without growing. PM_OVERFLOW, PM_NO_MEMORY. */
PM_API PM_NODISCARD pm_status pm_map_new(size_t entries, pm_map **out);
/* Not for a map out of a pool. NULL is allowed. */
PM_API void pm_map_free(pm_map *map);

/* Stores value under key, over a value that was there. Byte keys: at most 2^32 - 2 bytes, else PM_OVERFLOW. */
PM_API PM_NODISCARD pm_status pm_map_put(pm_map *map, uint64_t key, uint64_t value);
PM_API PM_NODISCARD pm_status pm_map_put_bytes(pm_map *map, const void *key, size_t key_bytes, uint64_t value);

/* PM_NOT_FOUND leaves *value as it was. */
PM_API PM_NODISCARD pm_status pm_map_get(const pm_map *map, uint64_t key, uint64_t *value);
PM_API PM_NODISCARD pm_status pm_map_get_bytes(const pm_map *map, const void *key, size_t key_bytes, uint64_t *value);

/* Adds to the value under key, a missing one counts as 0, modulo 2^64. */
PM_API PM_NODISCARD pm_status pm_map_add(pm_map *map, uint64_t key, uint64_t amount);
PM_API PM_NODISCARD pm_status pm_map_add_bytes(pm_map *map, const void *key, size_t key_bytes, uint64_t amount);

PM_API PM_NODISCARD pm_status pm_map_remove(pm_map *map, uint64_t key);
PM_API PM_NODISCARD pm_status pm_map_remove_bytes(pm_map *map, const void *key, size_t key_bytes);

/* Many at once. put: after a failure the entries before the failing one are stored. get: missing keys give `missing`;
 * waits for memory overlap. values may be keys. */
PM_API PM_NODISCARD pm_status pm_map_put_many(pm_map *map, const uint64_t *keys, const uint64_t *values, size_t count);
PM_API void pm_map_get_many(const pm_map *map, const uint64_t *keys, size_t count, uint64_t missing, uint64_t *values);
/* Adds 1 for each of `count` byte keys in Arrow form: key i is data[offsets[i] .. offsets[i + 1]). PM_INVALID, and the
 * map is unchanged, where offsets decrease; after PM_NO_MEMORY the keys before the failing one are counted. */
PM_API PM_NODISCARD pm_status pm_map_count_many(pm_map *map, const void *data, const int64_t *offsets, size_t count);
/* The same with keys that lie anywhere. */
PM_API PM_NODISCARD pm_status pm_map_count_texts(pm_map *map, const pm_text *keys, size_t count);

PM_API size_t pm_map_count(const pm_map *map);

/* No entries, memory kept. O(1). */
PM_API void pm_map_clear(pm_map *map);

PM_API void pm_map_read_stats(const pm_map *map, pm_map_stats *out);

/* Walks the slots; false means corruption. For assertions and tests. */
PM_API bool pm_map_is_valid(const pm_map *map);

/* Fills *out for a pool of pm_map: `initial` entries each (PM_MAP_ENTRIES), kept up to 64 times its initial memory,
 * not wiped. */
PM_API void pm_map_pool_type(pm_pool_type *out);
/* cdef:end */

#ifdef __cplusplus
}
#endif
#endif
