/* pm/pool.h: dear objects, recycled.
 *
 * A thread takes objects from, and returns them to, two magazines of its own without a lock; full and empty magazines
 * are exchanged with a depot that all threads share (J. Bonwick and J. Adams, "Magazines and Vmem", USENIX 2001).
 *
 *     thread:  hot o   loaded [o o o . . .]   spare [. . . . . .]      depot:  full [......] [......]   empty [      ]
 *
 * `hot` stands for one slot of the loaded magazine: an object that was released lately, and is acquired next.
 *
 * The bound is true at every moment: a retained object lies in a slot of a magazine, and
 *     magazines made * slots of a magazine <= retained_max,
 * whoever holds the magazines. Where no slot is left a released object is destroyed: a discard.
 *
 * Objects come back cleared: `clear` runs at release, before any other thread can see the object.
 *
 * Threads: acquire, release, statistics from any number of threads; an object may be released on another thread than
 * acquired it. A thread that ends returns its magazines. pm_pool_free must not run beside any other call on that pool.
 * After fork() the child may use only pools that it makes itself.
 *
 * Misuse: each object carries the mark of its pool, so the release of a foreign object (of another pool), and of an
 * object that lies in the pool already, is refused in every build. What is not seen: the late second release of an
 * object that someone else has acquired since, and a pointer that no pool handed out.
 */
#ifndef PM_POOL_H
#define PM_POOL_H

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* cdef:begin */
enum {
    PM_POOL_MAGAZINE_MAX = 64, /* slots of a magazine at most; fewer where retained_max is small */
    PM_POOL_WAYS = 8           /* pools that a thread uses in turn without a search */
};

typedef struct pm_pool pm_pool;

/* What a pool holds. The pool copies it; the callbacks get the pool's copy. They may run on any thread that uses the
 * pool, never under a lock of the pool, and must not use the pool. */
typedef struct pm_pool_type {
    size_t object_bytes; /* size of one object; the pool allocates it, aligned to 16, and zeroed before init */
    /* Builds an object. After a failure it holds nothing. */
    pm_status (*init)(void *object, const struct pm_pool_type *type);
    /* Empties an object for its next user; false: not worth keeping (it grew beyond retained_bytes). */
    bool (*clear)(void *object, const struct pm_pool_type *type);
    /* Gives back what the object holds, not the object. */
    void (*deinit)(void *object, const struct pm_pool_type *type);
    size_t initial;        /* for init: what to reserve, in bytes or entries as the kind says */
    size_t retained_bytes; /* for clear: larger objects are discarded; the pool's copy has SIZE_MAX for 0 */
    bool wipe;             /* for clear: overwrite old content with zeros too */
    void *context;         /* for the callbacks; the pool only passes it on */
} pm_pool_type;

typedef struct pm_pool_stats {
    uint64_t hit_count;      /* acquires served by a retained object */
    uint64_t miss_count;     /* acquires that built an object */
    uint64_t failed_count;   /* acquires that could not: memory was refused */
    uint64_t return_count;   /* releases whose object was retained */
    uint64_t discard_count;  /* releases whose object was destroyed: no slot left, or grown too large */
    uint64_t misuse_count;   /* releases refused: foreign or released before */
    uint64_t live_count;     /* objects acquired and not released */
    uint64_t retained_count; /* objects waiting for reuse, those in the threads' magazines included */
    uint64_t retained_max;   /* bound on retained_count, never exceeded */
    uint64_t magazine_slots; /* of one magazine */
    uint64_t magazine_count; /* magazines made */
    uint64_t thread_count;   /* threads that hold magazines now */
} pm_pool_stats;

/* Makes an empty pool. The caller owns *out until pm_pool_free. retained_max: objects kept for reuse at most, 0: none.
 * PM_INVALID where a callback is missing or object_bytes is 0. */
PM_API PM_NODISCARD pm_status pm_pool_new(const pm_pool_type *type, size_t retained_max, pm_pool **out);

/* Destroys the retained objects and the pool. PM_BUSY, and nothing is changed, while objects are out. */
PM_API PM_NODISCARD pm_status pm_pool_free(pm_pool *pool);

/* A cleared object, owned by the caller until released; NULL when memory is refused. */
PM_INLINE void *pm_pool_acquire(pm_pool *pool);

/* Takes the object back. PM_FOREIGN, PM_DOUBLE_RELEASE: it is left alone. */
PM_INLINE pm_status pm_pool_release(pm_pool *pool, void *object);

/* `count` objects, all or none: PM_NO_MEMORY, and the objects array is then undefined. */
PM_API PM_NODISCARD pm_status pm_pool_acquire_many(pm_pool *pool, size_t count, void **objects);

/* Releases each; the first refusal is returned, the others are released nevertheless. */
PM_API pm_status pm_pool_release_many(pm_pool *pool, size_t count, void *const *objects);

/* Builds objects ahead of use until `count` wait in the depot, or the bound is reached. */
PM_API PM_NODISCARD pm_status pm_pool_prefill(pm_pool *pool, size_t count);

/* Destroys what waits in the depot; the threads keep their magazines. Returns how many objects went. */
PM_API size_t pm_pool_trim(pm_pool *pool);

/* Sums over all threads, those that ended included. While others work each figure held at some moment of the call. */
PM_API void pm_pool_read_stats(pm_pool *pool, pm_pool_stats *out);

/* Walks depot and magazines; false means corruption. Only while no other thread uses the pool. */
PM_API bool pm_pool_is_valid(pm_pool *pool);
/* cdef:end */

/* The fronts that inlined code reads; the rest lies behind them, in src/pool.c. */
struct pm_pool {
    uint64_t id;      /* never used twice in a process */
    size_t way_bytes; /* where the pool's way lies in pm_pool_ways */
    pm_pool_type type;
};

/* A thread's share of a pool. bottom <= top <= limit lie in the loaded magazine, limit one slot before its end: that
 * slot is `hot`'s. Taking and giving back in turn thus moves no pointer, each step of which would wait for the last. */
typedef struct pm_pool_cache {
    void *hot; /* NULL: none */
    void **top;
    void **bottom;
    void **limit;
    uint64_t hit_count;
    uint64_t return_count;
} pm_pool_cache;

/* pool_id is the complement of the pool's id while the cache has no loaded magazine. */
typedef struct pm_pool_way {
    uint64_t pool_id;
    pm_pool_cache *cache;
} pm_pool_way;

/* Stands before each object. mark = id of its pool while it is out, the complement while it lies in the pool. */
typedef struct pm_pool_header {
    uint64_t mark;
    uint64_t reserved; /* keeps the object aligned to 16 */
} pm_pool_header;

extern PM_API PM_THREAD_LOCAL PM_TLS_FAST pm_pool_way pm_pool_ways[PM_POOL_WAYS];
PM_API void *pm_pool_acquire_slow(pm_pool *pool);
PM_API pm_status pm_pool_release_slow(pm_pool *pool, void *object, bool keep);
PM_API pm_status pm_pool_refuse(pm_pool *pool, const void *object);

#if PM_GUARDED && !PM_ASAN
#include <valgrind/memcheck.h>
#define PM_POOL_HIDE(pool, object) ((void)VALGRIND_MAKE_MEM_NOACCESS(object, (pool)->type.object_bytes))
/* What `clear` and `init` left is defined: the checker does not know that, for hiding made it forget. */
#define PM_POOL_SHOW(pool, object) ((void)VALGRIND_MAKE_MEM_DEFINED(object, (pool)->type.object_bytes))
#elif PM_ASAN
void __asan_poison_memory_region(void const volatile *address, size_t bytes);
void __asan_unpoison_memory_region(void const volatile *address, size_t bytes);
#define PM_POOL_HIDE(pool, object) __asan_poison_memory_region(object, (pool)->type.object_bytes)
#define PM_POOL_SHOW(pool, object) __asan_unpoison_memory_region(object, (pool)->type.object_bytes)
#else
#define PM_POOL_HIDE(pool, object) ((void)0)
#define PM_POOL_SHOW(pool, object) ((void)0)
#endif

/* Written by its thread alone, read by any: relaxed atomics cost nothing and make that defined. On x86-64 one
 * instruction does it, which compilers do not find. */
#if defined(__x86_64__)
#define PM_POOL_COUNT(counter) __asm__("addq $1, %0" : "+m"(counter) : : "cc")
#else
#define PM_POOL_COUNT(counter)                                                                                         \
    __atomic_store_n(&(counter), __atomic_load_n(&(counter), __ATOMIC_RELAXED) + 1, __ATOMIC_RELAXED)
#endif

PM_INLINE const pm_pool_way *pm_pool_way_of(const pm_pool *pool) {
    return (const pm_pool_way *)(const void *)((const char *)pm_pool_ways + pool->way_bytes);
}

PM_INLINE void *pm_pool_acquire(pm_pool *pool) {
    const uint64_t id = pool->id; /* read once: the compiler must assume that the stores below change it */
    const pm_pool_way *way = pm_pool_way_of(pool);
    if (PM_UNLIKELY(way->pool_id != id)) {
        return pm_pool_acquire_slow(pool);
    }
    pm_pool_cache *cache = way->cache;
    void *object = cache->hot;
    if (PM_LIKELY(object != NULL)) {
        cache->hot = NULL;
    } else if (PM_LIKELY(cache->top != cache->bottom)) {
        object = *--cache->top;
    } else {
        return pm_pool_acquire_slow(pool);
    }
    PM_POOL_COUNT(cache->hit_count);
    __atomic_store_n(&((pm_pool_header *)object - 1)->mark, id, __ATOMIC_RELAXED);
    PM_POOL_SHOW(pool, object);
    return object;
}

/* Whether the object is out of the pool with this id. */
PM_INLINE bool pm_pool_is_out(uint64_t id, const void *object) {
    return PM_LIKELY(object != NULL) &&
           PM_LIKELY(__atomic_load_n(&((const pm_pool_header *)object - 1)->mark, __ATOMIC_RELAXED) == id);
}

/* Lays an object that is out, and was cleared, into the pool; `keep` is what `clear` said. */
PM_INLINE pm_status pm_pool_lay(pm_pool *pool, uint64_t id, void *object, bool keep) {
    const pm_pool_way *way = pm_pool_way_of(pool);
    if (PM_UNLIKELY(!keep || way->pool_id != id)) {
        return pm_pool_release_slow(pool, object, keep);
    }
    pm_pool_cache *cache = way->cache;
    void **place = &cache->hot;
    if (cache->hot != NULL) {
        if (PM_UNLIKELY(cache->top == cache->limit)) {
            return pm_pool_release_slow(pool, object, keep);
        }
        place = cache->top++;
    }
    __atomic_store_n(&((pm_pool_header *)object - 1)->mark, ~id, __ATOMIC_RELAXED);
    PM_POOL_HIDE(pool, object);
    *place = object;
    PM_POOL_COUNT(cache->return_count);
    return PM_OK;
}

PM_INLINE pm_status pm_pool_release(pm_pool *pool, void *object) {
    const uint64_t id = pool->id;
    return pm_pool_is_out(id, object) ? pm_pool_lay(pool, id, object, pool->type.clear(object, &pool->type))
                                      : pm_pool_refuse(pool, object);
}

/* pm_pool_release for who knows the pool's `clear` where the code is compiled, so that it is inlined. It is compared
 * with the pool's: should it be another one, the pool's is called. */
PM_INLINE pm_status pm_pool_release_by(pm_pool *pool, void *object,
                                       bool (*clear)(void *object, const pm_pool_type *type)) {
    if (PM_UNLIKELY(pool->type.clear != clear)) {
        return pm_pool_release(pool, object);
    }
    const uint64_t id = pool->id;
    return pm_pool_is_out(id, object) ? pm_pool_lay(pool, id, object, clear(object, &pool->type))
                                      : pm_pool_refuse(pool, object);
}

#ifdef __cplusplus
}
#endif
#endif
