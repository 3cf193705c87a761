/* Object pools: a magazine layer per thread over a depot per pool (Bonwick and Adams, USENIX 2001).
 *
 * A thread reaches its cache of a pool through `pm_pool_ways`, indexed by the pool's id: a hit there is what the
 * inlined functions need. A miss searches the chain of the thread's caches. There are two kinds of lock, taken in this
 * order. The registry, one in a process, guards which caches a thread has and which threads a pool has; a depot, one in
 * each pool, its magazines at rest, its list of caches and the sums of ended threads. Neither is held while a callback
 * runs, and neither is taken but once per magazine of objects.
 *
 * The bound: slots_made <= retained_max, slots_made = sum of the capacities of all magazines; a retained object lies in
 * exactly one slot. A magazine is made only by raising slots_made under the depot lock.
 *
 * Of a cache only its thread writes the counters; only its thread reads or writes the magazines, but for pm_pool_free
 * and pm_pool_is_valid, whose callers promise that nobody else is there.
 */
#include "pm/pool.h"
#include "memory.h"
#include "platform/platform.h"
#include "pm/assert.h"
#include "pool_internal.h"
#include "size.h"
#include "thread.h"
#include <string.h>

typedef struct magazine {
    struct magazine *link;
    size_t capacity; /* in objects */
    size_t count;    /* valid unless loaded: `top` and `hot` of the cache tell then */
    void *objects[];
} magazine;

typedef struct counters {
    uint64_t hit, miss, failed, returned, discarded, misused;
} counters;

struct cache;

typedef struct pool {
    pm_pool front;
    size_t retained_max;
    size_t slots; /* of an ordinary magazine; the last one made may be smaller */
    pm_mutex depot;
    /* Under the depot lock: */
    magazine *full, *empty, *partial; /* at most one partial: what ending threads return is poured together */
    size_t slots_made, magazines_made;
    uint64_t built_ahead, trimmed; /* retained without a release; destroyed without an acquire */
    counters ended;                /* of threads that ended or have no cache */
    struct cache *caches;
} pool;

typedef struct cache {
    pm_pool_cache front; /* hits and returns */
    counters rest;       /* the others */
    pool *owner;
    uint64_t pool_id;
    uint64_t forks; /* when it was made */
    magazine *loaded, *spare;
    struct cache *thread_link;                /* next cache of the thread */
    struct cache **thread_head;               /* the chain that this one is in */
    struct cache *pool_link, *pool_back_link; /* other caches of the pool */
} cache;

enum { LINE_BYTES = 64, CACHE_BYTES = (sizeof(cache) + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES };
_Static_assert(sizeof(pm_pool_header) % 16 == 0, "objects are aligned to 16");

PM_THREAD_LOCAL PM_TLS_FAST pm_pool_way pm_pool_ways[PM_POOL_WAYS];
static PM_THREAD_LOCAL cache *own_caches; /* under the registry lock */
static pm_mutex registry = PM_MUTEX_INIT;
static uint64_t last_id;
static uint64_t forks;   /* between the first process and this one; under the registry lock, as `survivor` */
static cache **survivor; /* the chain of the thread that went through the last of them */

static pool *whole(pm_pool *front) {
    return (pool *)(void *)front;
}

static uint64_t load(const uint64_t *counter) {
    return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

/* ---- objects ---- */

static uint64_t object_mark(const void *object) {
    return load(&((const pm_pool_header *)object - 1)->mark);
}

static void *object_build(const pool *p) {
    const size_t bytes = sizeof(pm_pool_header) + p->front.type.object_bytes;
    pm_pool_header *header = pm_heap_alloc_zeroed(bytes);
    if (header == NULL) {
        return NULL;
    }
    if (p->front.type.init(header + 1, &p->front.type) != PM_OK) {
        pm_heap_free(header, bytes);
        return NULL;
    }
    header->mark = p->front.id;
    return header + 1;
}

static void object_destroy(const pool *p, void *object) {
    PM_ASSERT(object_mark(object) == p->front.id || object_mark(object) == ~p->front.id);
    PM_POOL_SHOW(&p->front, object);
    p->front.type.deinit(object, &p->front.type);
    pm_pool_header *header = (pm_pool_header *)object - 1;
    header->mark = 0;
    pm_heap_free(header, sizeof *header + p->front.type.object_bytes);
}

static void object_rest(const pool *p, void *object) {
    __atomic_store_n(&((pm_pool_header *)object - 1)->mark, ~p->front.id, __ATOMIC_RELAXED);
    PM_POOL_HIDE(&p->front, object);
}

/* ---- magazines ---- */

static size_t magazine_bytes(size_t capacity) {
    return sizeof(magazine) + capacity * sizeof(void *);
}

/* Under the depot lock: takes slots out of the bound for one more magazine; 0 where none are left. */
static size_t slots_reserve(pool *p) {
    const size_t left = p->retained_max - p->slots_made;
    const size_t capacity = left < p->slots ? left : p->slots;
    PM_ASSERT(p->slots_made + capacity <= p->retained_max);
    p->slots_made += capacity;
    p->magazines_made += capacity != 0;
    return capacity;
}

/* Fills slots that were reserved with a magazine; gives them back where memory is refused. No lock is held. */
static magazine *magazine_new(pool *p, size_t capacity) {
    if (capacity == 0) {
        return NULL;
    }
    magazine *m = pm_heap_alloc(magazine_bytes(capacity), LINE_BYTES);
    if (m != NULL) {
        *m = (magazine){.capacity = capacity};
        return m;
    }
    pm_platform_mutex_lock(&p->depot);
    p->slots_made -= capacity;
    p->magazines_made--;
    pm_platform_mutex_unlock(&p->depot);
    return NULL;
}

/* Whether a magazine holds `count` objects that rest in the pool. */
static bool magazine_is_valid(const pool *p, const magazine *m, size_t count) {
    for (size_t i = 0; i < count && count <= m->capacity; i++) {
        if (object_mark(m->objects[i]) != ~p->front.id) {
            return false;
        }
    }
    return count <= m->capacity;
}

/* Under the depot lock: whether full magazines are full, empty ones empty, and their slots within the bound. */
static bool depot_is_valid(const pool *p) {
    size_t slots = 0, magazines = 0;
    for (const magazine *m = p->full; m != NULL; m = m->link, magazines++) {
        slots += m->capacity;
        if (m->count != m->capacity || !magazine_is_valid(p, m, m->count)) {
            return false;
        }
    }
    for (const magazine *m = p->empty; m != NULL; m = m->link, magazines++) {
        slots += m->capacity;
        if (m->count != 0) {
            return false;
        }
    }
    if (p->partial != NULL) {
        slots += p->partial->capacity;
        magazines++;
        if (p->partial->count == 0 || p->partial->count == p->partial->capacity ||
            !magazine_is_valid(p, p->partial, p->partial->count)) {
            return false;
        }
    }
    return slots <= p->slots_made && magazines <= p->magazines_made && p->slots_made <= p->retained_max;
}

/* Looked at, under the depot lock, after each change; costs a step for each slot. */
#define DEPOT_ASSERT_VALID(p) PM_ASSERT_EXPENSIVE(depot_is_valid(p), (p)->slots_made)

static void push(magazine **list, magazine *m) {
    m->link = *list;
    *list = m;
}

static magazine *pop(magazine **list) {
    magazine *m = *list;
    if (m != NULL) {
        *list = m->link;
    }
    return m;
}

/* Under the depot lock: lays a magazine to rest, pouring partial ones together. NULL is allowed. */
static void depot_put(pool *p, magazine *m) {
    if (m == NULL) {
        return;
    }
    magazine *partial = p->partial;
    if (m->count != 0 && m->count != m->capacity) {
        if (partial == NULL) {
            p->partial = m;
            return;
        }
        while (m->count != 0 && partial->count != partial->capacity) {
            partial->objects[partial->count++] = m->objects[--m->count];
        }
        if (partial->count == partial->capacity) {
            push(&p->full, partial);
            p->partial = NULL;
            depot_put(p, m); /* once: there is no partial one left to pour into */
            return;
        }
    }
    push(m->count == 0 ? &p->empty : &p->full, m);
}

/* Under the depot lock. */
static magazine *depot_take_objects(pool *p) {
    magazine *m = pop(&p->full);
    if (m == NULL) {
        m = p->partial;
        p->partial = NULL;
    }
    return m;
}

/* ---- caches ---- */

static size_t loaded_count(const cache *c) {
    return (size_t)(c->front.top - c->front.bottom) + (c->front.hot != NULL);
}

/* Leads the calling thread, whose cache it is, to it. */
static void show_way(cache *c) {
    pm_pool_ways[c->pool_id % PM_POOL_WAYS] =
        (pm_pool_way){.pool_id = c->loaded == NULL ? ~c->pool_id : c->pool_id, .cache = &c->front};
}

/* Whether the calling thread's cache is what its invariants say. */
static bool cache_is_valid(const cache *c) {
    const pm_pool_cache *f = &c->front;
    if (c->loaded == NULL) {
        return f->hot == NULL && f->top == NULL && f->bottom == NULL && f->limit == NULL;
    }
    if (f->bottom != c->loaded->objects || f->limit != f->bottom + c->loaded->capacity - 1 || f->top < f->bottom ||
        f->top > f->limit || (f->hot != NULL && object_mark(f->hot) != ~c->pool_id)) {
        return false;
    }
    return magazine_is_valid(c->owner, c->loaded, (size_t)(f->top - f->bottom)) &&
           (c->spare == NULL || magazine_is_valid(c->owner, c->spare, c->spare->count));
}

/* Looked at after each exchange of magazines, on the cache's thread. */
#define CACHE_ASSERT_VALID(c) PM_ASSERT_EXPENSIVE(cache_is_valid(c), (size_t)2 * PM_POOL_MAGAZINE_MAX)

static void load_magazine(cache *c, magazine *m) {
    PM_ASSERT(m->count <= m->capacity && m->capacity != 0);
    c->loaded = m;
    c->front.hot = m->count == 0 ? NULL : m->objects[--m->count];
    c->front.bottom = m->objects;
    c->front.top = m->objects + m->count;
    c->front.limit = m->objects + m->capacity - 1;
    show_way(c);
}

/* Takes the loaded magazine out of the cache, its count set; NULL where there is none. */
static magazine *unload_magazine(cache *c) {
    magazine *m = c->loaded;
    if (m != NULL) {
        if (c->front.hot != NULL) {
            *c->front.top++ = c->front.hot;
        }
        m->count = (size_t)(c->front.top - c->front.bottom);
    }
    c->loaded = NULL;
    c->front.hot = NULL;
    c->front.top = c->front.bottom = c->front.limit = NULL;
    return m;
}

static void exchange_loaded_and_spare(cache *c) {
    magazine *m = unload_magazine(c);
    load_magazine(c, c->spare);
    c->spare = m;
}

/* Asks for the lines of the marks, to write to them: other threads may have had them last, and each acquire would wait
 * for its own. */
static void prefetch_marks(const cache *c) {
    for (void *const *object = c->front.bottom; object != c->front.top; object++) {
        const pm_pool_header *header = (const pm_pool_header *)*object - 1;
#if defined(__x86_64__) /* there since 2014, and no operation before; compilers would give a hint to read */
        __asm__ volatile("prefetchw %0" : : "m"(*header));
#else
        __builtin_prefetch(header, 1);
#endif
    }
}

/* The calling thread's cache of the pool, made on first use; NULL where it cannot have one. */
static cache *cache_of(pool *p) {
    const pm_pool_way *way = &pm_pool_ways[p->front.id % PM_POOL_WAYS];
    if (way->pool_id == p->front.id || way->pool_id == ~p->front.id) {
        return (cache *)(void *)way->cache;
    }
    if (!pm_thread_enter()) {
        return NULL;
    }
    pm_platform_mutex_lock(&registry);
    cache *c = own_caches;
    while (c != NULL && c->pool_id != p->front.id) {
        c = c->thread_link;
    }
    pm_platform_mutex_unlock(&registry);
    if (c == NULL) {
        c = pm_heap_alloc(CACHE_BYTES, LINE_BYTES);
        if (c == NULL) {
            return NULL;
        }
        *c = (cache){.owner = p,
                     .pool_id = p->front.id,
                     .thread_head = &own_caches,
                     .forks = __atomic_load_n(&forks, __ATOMIC_RELAXED)};
        pm_platform_mutex_lock(&registry);
        c->thread_link = own_caches;
        own_caches = c;
        pm_platform_mutex_lock(&p->depot);
        c->pool_link = p->caches;
        if (p->caches != NULL) {
            p->caches->pool_back_link = c;
        }
        p->caches = c;
        pm_platform_mutex_unlock(&p->depot);
        pm_platform_mutex_unlock(&registry);
    }
    show_way(c);
    return c;
}

/* Under the depot lock. */
static void add_counters(counters *sum, const cache *c) {
    sum->hit += load(&c->front.hit_count);
    sum->returned += load(&c->front.return_count);
    sum->miss += load(&c->rest.miss);
    sum->failed += load(&c->rest.failed);
    sum->discarded += load(&c->rest.discarded);
    sum->misused += load(&c->rest.misused);
}

static counters sum_counters(const pool *p) {
    counters sum = p->ended;
    for (const cache *c = p->caches; c != NULL; c = c->pool_link) {
        add_counters(&sum, c);
    }
    return sum;
}

void pm_pool_before_fork(void) {
    pm_platform_mutex_lock(&registry);
}

void pm_pool_after_fork(bool in_child) {
    if (in_child) {
        __atomic_store_n(&forks, forks + 1, __ATOMIC_RELAXED);
        survivor = &own_caches;
    }
    pm_platform_mutex_unlock(&registry);
}

/* Under the registry lock: whether the thread of a cache is in this process, and with it the chain that it is in. */
static bool has_thread(const cache *c) {
    return c->forks == forks || c->thread_head == survivor;
}

void pm_pool_thread_exit(void) {
    memset(pm_pool_ways, 0, sizeof pm_pool_ways);
    pm_platform_mutex_lock(&registry);
    cache *c = own_caches;
    own_caches = NULL;
    while (c != NULL) {
        cache *next = c->thread_link;
        pool *p = c->owner;
        pm_platform_mutex_lock(&p->depot);
        add_counters(&p->ended, c);
        depot_put(p, unload_magazine(c));
        depot_put(p, c->spare);
        if (c->pool_back_link != NULL) {
            c->pool_back_link->pool_link = c->pool_link;
        } else {
            p->caches = c->pool_link;
        }
        if (c->pool_link != NULL) {
            c->pool_link->pool_back_link = c->pool_back_link;
        }
        DEPOT_ASSERT_VALID(p);
        pm_platform_mutex_unlock(&p->depot);
        pm_heap_free(c, CACHE_BYTES);
        c = next;
    }
    pm_platform_mutex_unlock(&registry);
}

/* ---- acquire and release ---- */

/* Counts in the thread's cache, or under the lock where it has none. */
static void count(pool *p, cache *c, size_t offset) {
    if (c != NULL) {
        uint64_t *counter = (uint64_t *)(void *)((char *)&c->rest + offset);
        PM_POOL_COUNT(*counter);
        return;
    }
    pm_platform_mutex_lock(&p->depot);
    ++*(uint64_t *)(void *)((char *)&p->ended + offset);
    pm_platform_mutex_unlock(&p->depot);
}

void *pm_pool_acquire_slow(pm_pool *front) {
    pool *p = whole(front);
    cache *c = cache_of(p);
    if (c != NULL && loaded_count(c) == 0) {
        if (c->spare != NULL && c->spare->count != 0) {
            exchange_loaded_and_spare(c);
        } else {
            pm_platform_mutex_lock(&p->depot);
            magazine *m = depot_take_objects(p);
            if (m != NULL) {
                depot_put(p, unload_magazine(c));
                load_magazine(c, m);
            }
            DEPOT_ASSERT_VALID(p);
            pm_platform_mutex_unlock(&p->depot);
            prefetch_marks(c);
        }
        CACHE_ASSERT_VALID(c);
    }
    if (c != NULL && loaded_count(c) != 0) {
        return pm_pool_acquire(front); /* a hit now: the way and the magazine are in place */
    }
    void *object = object_build(p);
    count(p, c, object != NULL ? offsetof(counters, miss) : offsetof(counters, failed));
    return object;
}

/* Makes room for one object in the loaded magazine; false where the bound leaves none. */
static bool make_room(pool *p, cache *c) {
    if (c->loaded != NULL && loaded_count(c) != c->loaded->capacity) {
        return true;
    }
    if (c->spare != NULL && c->spare->count != c->spare->capacity) {
        exchange_loaded_and_spare(c);
        return true;
    }
    pm_platform_mutex_lock(&p->depot);
    magazine *m = pop(&p->empty);
    const size_t slots = m == NULL ? slots_reserve(p) : 0;
    if (m != NULL || slots != 0) { /* the spare one is full or none: what is loaded takes its place */
        depot_put(p, c->spare);
        c->spare = NULL;
    }
    DEPOT_ASSERT_VALID(p);
    pm_platform_mutex_unlock(&p->depot);
    if (m == NULL) {
        m = magazine_new(p, slots);
    }
    if (m == NULL) {
        return false;
    }
    c->spare = unload_magazine(c);
    load_magazine(c, m);
    CACHE_ASSERT_VALID(c);
    return true;
}

pm_status pm_pool_release_slow(pm_pool *front, void *object, bool keep) {
    pool *p = whole(front);
    cache *c = cache_of(p);
    if (keep && c != NULL && make_room(p, c)) {
        return pm_pool_lay(front, front->id, object, keep); /* the way and the room are there now */
    }
    object_destroy(p, object);
    count(p, c, offsetof(counters, discarded));
    return PM_OK;
}

pm_status pm_pool_refuse(pm_pool *front, const void *object) {
    pool *p = whole(front);
    count(p, cache_of(p), offsetof(counters, misused));
    if (object == NULL) {
        return PM_FOREIGN;
    }
    const pm_pool_header *header = (const pm_pool_header *)object - 1;
    return load(&header->mark) == ~p->front.id ? PM_DOUBLE_RELEASE : PM_FOREIGN;
}

pm_status pm_pool_acquire_many(pm_pool *front, size_t count_wanted, void **objects) {
    for (size_t i = 0; i < count_wanted; i++) {
        objects[i] = pm_pool_acquire(front);
        if (objects[i] == NULL) {
            pm_pool_release_many(front, i, objects);
            return PM_NO_MEMORY;
        }
    }
    return PM_OK;
}

pm_status pm_pool_release_many(pm_pool *front, size_t count_given, void *const *objects) {
    pm_status first = PM_OK;
    for (size_t i = 0; i < count_given; i++) {
        const pm_status status = pm_pool_release(front, objects[i]);
        first = first == PM_OK ? status : first;
    }
    return first;
}

/* ---- the pool ---- */

pm_status pm_pool_new(const pm_pool_type *type, size_t retained_max, pm_pool **out) {
    size_t bytes;
    if (type == NULL || type->object_bytes == 0 || type->init == NULL || type->clear == NULL || type->deinit == NULL) {
        return PM_INVALID;
    }
    if (!pm_size_add(type->object_bytes, sizeof(pm_pool_header), &bytes)) {
        return PM_OVERFLOW;
    }
    pool *p = pm_heap_alloc_zeroed(sizeof *p);
    if (p == NULL) {
        return PM_NO_MEMORY;
    }
    if (!pm_platform_mutex_init(&p->depot)) {
        pm_heap_free(p, sizeof *p);
        return PM_NO_MEMORY;
    }
    /* Small bounds are split into about 16 magazines, so that 8 threads can have two each. */
    const size_t sixteenth = retained_max / 16 == 0 ? 1 : retained_max / 16;
    p->slots = sixteenth < PM_POOL_MAGAZINE_MAX ? sixteenth : PM_POOL_MAGAZINE_MAX;
    p->retained_max = retained_max;
    p->front.type = *type;
    p->front.type.retained_bytes = type->retained_bytes == 0 ? SIZE_MAX : type->retained_bytes;
    p->front.id = __atomic_add_fetch(&last_id, 1, __ATOMIC_RELAXED);
    p->front.way_bytes = p->front.id % PM_POOL_WAYS * sizeof(pm_pool_way);
    *out = &p->front;
    return PM_OK;
}

static void magazines_destroy(const pool *p, magazine *list) {
    while (list != NULL) {
        magazine *m = pop(&list);
        for (size_t i = 0; i < m->count; i++) {
            object_destroy(p, m->objects[i]);
        }
        pm_heap_free(m, magazine_bytes(m->capacity));
    }
}

pm_status pm_pool_free(pm_pool *front) {
    if (front == NULL) {
        return PM_OK;
    }
    pool *p = whole(front);
    pm_platform_mutex_lock(&registry);
    const counters sum = sum_counters(p);
    if (sum.hit + sum.miss != sum.returned + sum.discarded) {
        pm_platform_mutex_unlock(&registry);
        return PM_BUSY;
    }
    for (cache *c = p->caches; c != NULL; c = c->pool_link) {
        if (has_thread(c)) {
            cache **link = c->thread_head;
            while (*link != c) {
                link = &(*link)->thread_link;
            }
            *link = c->thread_link;
        }
    }
    pm_platform_mutex_unlock(&registry);
    PM_ASSERT_EXPENSIVE(pm_pool_is_valid(front), p->slots_made);
    /* Nobody reaches the pool any more: threads that still have it in their ways compare its id, never used again. */
    while (p->caches != NULL) {
        cache *c = p->caches;
        p->caches = c->pool_link;
        depot_put(p, unload_magazine(c));
        depot_put(p, c->spare);
        pm_heap_free(c, CACHE_BYTES);
    }
    magazines_destroy(p, p->full);
    magazines_destroy(p, p->empty);
    if (p->partial != NULL) {
        p->partial->link = NULL;
        magazines_destroy(p, p->partial);
    }
    pm_platform_mutex_deinit(&p->depot);
    pm_heap_free(p, sizeof *p);
    return PM_OK;
}

/* Objects at rest in the depot, under its lock. */
static size_t depot_count(const pool *p) {
    size_t objects = p->partial == NULL ? 0 : p->partial->count;
    for (const magazine *m = p->full; m != NULL; m = m->link) {
        objects += m->count;
    }
    return objects;
}

pm_status pm_pool_prefill(pm_pool *front, size_t count_wanted) {
    pool *p = whole(front);
    for (;;) {
        pm_platform_mutex_lock(&p->depot);
        const size_t waiting = depot_count(p);
        magazine *m = waiting < count_wanted ? pop(&p->empty) : NULL;
        const size_t slots = m == NULL && waiting < count_wanted ? slots_reserve(p) : 0;
        pm_platform_mutex_unlock(&p->depot);
        if (m == NULL && slots == 0) {
            return PM_OK;
        }
        m = m == NULL ? magazine_new(p, slots) : m;
        if (m == NULL) {
            return PM_NO_MEMORY;
        }
        size_t built = 0;
        while (m->count < m->capacity && waiting + built < count_wanted) {
            void *object = object_build(p);
            if (object == NULL) {
                break;
            }
            object_rest(p, object);
            m->objects[m->count++] = object;
            built++;
        }
        const bool refused = m->count < m->capacity && waiting + built < count_wanted;
        pm_platform_mutex_lock(&p->depot);
        p->built_ahead += built;
        depot_put(p, m);
        DEPOT_ASSERT_VALID(p);
        pm_platform_mutex_unlock(&p->depot);
        if (refused) {
            return PM_NO_MEMORY;
        }
    }
}

size_t pm_pool_trim(pm_pool *front) {
    pool *p = whole(front);
    magazine *list = NULL, *m;
    size_t objects = 0;
    pm_platform_mutex_lock(&p->depot);
    while ((m = depot_take_objects(p)) != NULL || (m = pop(&p->empty)) != NULL) {
        objects += m->count;
        p->slots_made -= m->capacity;
        p->magazines_made--;
        push(&list, m);
    }
    p->trimmed += objects;
    DEPOT_ASSERT_VALID(p);
    pm_platform_mutex_unlock(&p->depot);
    magazines_destroy(p, list);
    return objects;
}

/* a - b, or 0 where counters read at different moments would give less. */
static uint64_t at_least_zero(uint64_t a, uint64_t b) {
    return a > b ? a - b : 0;
}

void pm_pool_read_stats(pm_pool *front, pm_pool_stats *out) {
    pool *p = whole(front);
    pm_platform_mutex_lock(&p->depot);
    const counters sum = sum_counters(p);
    uint64_t threads = 0;
    for (const cache *c = p->caches; c != NULL; c = c->pool_link) {
        threads++;
    }
    *out = (pm_pool_stats){
        .hit_count = sum.hit,
        .miss_count = sum.miss,
        .failed_count = sum.failed,
        .return_count = sum.returned,
        .discard_count = sum.discarded,
        .misuse_count = sum.misused,
        .live_count = at_least_zero(sum.hit + sum.miss, sum.returned + sum.discarded),
        .retained_count = at_least_zero(sum.returned + p->built_ahead, sum.hit + p->trimmed),
        .retained_max = p->retained_max,
        .magazine_slots = p->slots,
        .magazine_count = p->magazines_made,
        .thread_count = threads,
    };
    pm_platform_mutex_unlock(&p->depot);
}

bool pm_pool_is_valid(pm_pool *front) {
    pool *p = whole(front);
    pm_platform_mutex_lock(&p->depot);
    bool valid = depot_is_valid(p);
    size_t slots = 0, magazines = 0, objects = depot_count(p);
    const magazine *const lists[] = {p->full, p->empty, p->partial};
    for (size_t i = 0; i < 3; i++) {
        for (const magazine *m = lists[i]; m != NULL; m = i == 2 ? NULL : m->link) {
            slots += m->capacity;
            magazines++;
        }
    }
    for (const cache *c = p->caches; c != NULL && valid; c = c->pool_link) {
        valid = cache_is_valid(c);
        const magazine *const held[] = {c->loaded, c->spare};
        for (size_t i = 0; i < 2; i++) {
            slots += held[i] == NULL ? 0 : held[i]->capacity;
            magazines += held[i] != NULL;
        }
        objects += loaded_count(c) + (c->spare == NULL ? 0 : c->spare->count);
    }
    const counters sum = sum_counters(p);
    valid = valid && magazines == p->magazines_made && slots == p->slots_made &&
            objects == sum.returned + p->built_ahead - sum.hit - p->trimmed;
    pm_platform_mutex_unlock(&p->depot);
    return valid;
}
