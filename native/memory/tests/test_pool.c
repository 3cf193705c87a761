/* The pool: recycling, the bound, misuse, several pools, threads, failures. */
#include "check.h"
#include <pthread.h>
#if PM_ASAN
#include <sanitizer/asan_interface.h>
#endif

static pm_pool *pool_of(size_t retained_max) {
    pm_pool_type type;
    pm_pool *pool = NULL;
    pm_strbuf_pool_type(&type);
    CHECK_OK(pm_pool_new(&type, retained_max, &pool));
    return pool;
}

static pm_pool_stats stats_of(pm_pool *pool) {
    pm_pool_stats stats;
    pm_pool_read_stats(pool, &stats);
    return stats;
}

static void an_object_is_used_again(void) {
    pm_pool *pool = pool_of(10);
    pm_strbuf *string = pm_pool_acquire(pool);
    CHECK_OK(pm_strbuf_append(string, "secret", 6));
    CHECK_OK(pm_pool_release(pool, string));
    const uint64_t before = check_allocations();
    for (int i = 0; i < 100; i++) {
        pm_strbuf *again = pm_pool_acquire(pool);
        CHECK(again == string && again->length == 0 && again->data[0] == '\0');
        CHECK_OK(pm_pool_release(pool, again));
    }
    CHECK_EQUAL(before, check_allocations());
    const pm_pool_stats stats = stats_of(pool);
    CHECK_EQUAL(100, stats.hit_count);
    CHECK_EQUAL(1, stats.miss_count);
    CHECK_EQUAL(101, stats.return_count);
    CHECK_EQUAL(0, stats.discard_count);
    CHECK_EQUAL(1, stats.retained_count);
    CHECK_EQUAL(0, stats.live_count);
    CHECK_EQUAL(1, stats.thread_count);
    CHECK(pm_pool_is_valid(pool));
    CHECK_OK(pm_pool_free(pool));
    CHECK_OK(pm_pool_free(NULL));
}

static void wiping_leaves_no_byte_of_the_last_user(void) {
    pm_pool_type type;
    pm_pool *pool = NULL;
    pm_strbuf_pool_type(&type);
    type.wipe = true;
    CHECK_OK(pm_pool_new(&type, 4, &pool));
    pm_strbuf *string = pm_pool_acquire(pool);
    CHECK_OK(pm_strbuf_append(string, "a password", 10));
    CHECK_OK(pm_strbuf_truncate(string, 2));
    CHECK_OK(pm_pool_release(pool, string));
    string = pm_pool_acquire(pool);
    for (size_t i = 0; i < 11; i++) {
        CHECK_EQUAL(0, string->data[i]);
    }
    CHECK_OK(pm_pool_release(pool, string));
    CHECK_OK(pm_pool_free(pool));
}

static void an_object_grown_too_large_is_discarded(void) {
    pm_pool *pool = pool_of(10);
    pm_strbuf *string = pm_pool_acquire(pool);
    CHECK_OK(pm_strbuf_reserve(string, 100000));
    CHECK_OK(pm_pool_release(pool, string));
    const pm_pool_stats stats = stats_of(pool);
    CHECK_EQUAL(0, stats.return_count);
    CHECK_EQUAL(1, stats.discard_count);
    CHECK_EQUAL(0, stats.retained_count);
    CHECK_OK(pm_pool_free(pool));
}

static void no_more_than_the_bound_is_retained(void) {
    const size_t bounds[] = {0, 1, 2, 5, 16, 17, 33, 100, 500, 1000, 1500};
    void *objects[1600];
    for (size_t b = 0; b < sizeof bounds / sizeof bounds[0]; b++) {
        pm_pool *pool = pool_of(bounds[b]);
        CHECK_OK(pm_pool_acquire_many(pool, 1600, objects));
        CHECK_OK(pm_pool_release_many(pool, 1600, objects));
        const pm_pool_stats stats = stats_of(pool);
        CHECK_EQUAL(bounds[b], stats.retained_count); /* all of the bound is used, and no more */
        CHECK_EQUAL(bounds[b], stats.return_count);
        CHECK_EQUAL(1600 - bounds[b], stats.discard_count);
        CHECK(pm_pool_is_valid(pool));
        CHECK_OK(pm_pool_free(pool));
    }
}

static void misuse_is_refused_and_counted(void) {
    pm_pool *pool = pool_of(10), *other = pool_of(10);
    void *object = pm_pool_acquire(pool);
    CHECK_EQUAL(PM_FOREIGN, pm_pool_release(other, object));
    CHECK_EQUAL(PM_FOREIGN, pm_pool_release(pool, NULL));
    CHECK_EQUAL(PM_BUSY, pm_pool_free(pool));
    CHECK_OK(pm_pool_release(pool, object));
    CHECK_EQUAL(PM_DOUBLE_RELEASE, pm_pool_release(pool, object));
    CHECK_EQUAL(PM_FOREIGN, pm_pool_release(other, object));
    CHECK_EQUAL(2, stats_of(pool).misuse_count);
    CHECK_EQUAL(2, stats_of(other).misuse_count);
    CHECK_EQUAL(1, stats_of(pool).retained_count);
    CHECK(pm_pool_is_valid(pool));
    CHECK_OK(pm_pool_free(pool));
    CHECK_OK(pm_pool_free(other));
}

static bool zeroed_by_hand(void *object, const pm_pool_type *type) {
    memset(object, 0, type->object_bytes);
    return true;
}

static bool another_clear(void *object, const pm_pool_type *type) {
    (void)object;
    (void)type;
    abort(); /* only a guess: never called */
}

static pm_status nothing_to_build(void *object, const pm_pool_type *type) {
    (void)object;
    (void)type;
    return PM_OK;
}

static void nothing_to_give_back(void *object, const pm_pool_type *type) {
    (void)object;
    (void)type;
}

static void a_guessed_clear_is_used_only_where_it_is_the_pools(void) {
    const pm_pool_type type = {
        .object_bytes = 24, .init = nothing_to_build, .clear = zeroed_by_hand, .deinit = nothing_to_give_back};
    bool (*const guesses[])(void *, const pm_pool_type *) = {zeroed_by_hand, another_clear, NULL};
    pm_pool *pool = NULL, *other = pool_of(1);
    CHECK_OK(pm_pool_new(&type, 5, &pool));
    for (size_t i = 0; i < sizeof guesses / sizeof guesses[0]; i++) {
        uint64_t *object = pm_pool_acquire(pool);
        CHECK_EQUAL(0, object[2]);
        object[2] = 1;
        CHECK_EQUAL(PM_FOREIGN, pm_pool_release_by(other, object, zeroed_by_hand));
        CHECK_EQUAL(1, object[2]); /* left alone */
        CHECK_OK(pm_pool_release_by(pool, object, guesses[i]));
        CHECK_EQUAL(PM_DOUBLE_RELEASE, pm_pool_release_by(pool, object, guesses[i]));
        CHECK_EQUAL(PM_FOREIGN, pm_pool_release_by(pool, NULL, guesses[i]));
    }
    CHECK_EQUAL(3, stats_of(pool).return_count);
    CHECK_EQUAL(6, stats_of(pool).misuse_count);
    CHECK_EQUAL(3, stats_of(other).misuse_count);
    CHECK_OK(pm_pool_free(pool));
    CHECK_OK(pm_pool_free(other));
}

/* A plain model of what is out and what rests, while objects go in and out in runs that cross every magazine. */
static void no_object_is_out_twice_or_lost(void) {
    enum { MOST = 300 };
    const size_t bounds[] = {1, 2, 3, 16, 40, 200, 1000};
    for (size_t b = 0; b < sizeof bounds / sizeof bounds[0]; b++) {
        pm_pool *pool = pool_of(bounds[b]);
        pm_strbuf *out[MOST];
        size_t count = 0;
        uint64_t random = b, acquired = 0, released = 0;
        for (int step = 0; step < 400; step++) {
            for (size_t run = check_below(&random, 100); run > 0 && count < MOST; run--) {
                pm_strbuf *string = pm_pool_acquire(pool);
                CHECK_EQUAL(0, string->length);
                CHECK_OK(pm_strbuf_append(string, "x", 1)); /* one that is out already would not be empty */
                out[count++] = string;
                acquired++;
            }
            for (size_t run = check_below(&random, 100); run > 0 && count > 0; run--) {
                pm_strbuf *string = out[check_below(&random, count)];
                for (size_t i = 0; i < count; i++) {
                    if (out[i] == string) {
                        out[i] = out[--count];
                        break;
                    }
                }
                CHECK_OK(pm_pool_release(pool, string));
                released++;
            }
            const pm_pool_stats stats = stats_of(pool);
            CHECK_EQUAL(acquired, stats.hit_count + stats.miss_count);
            CHECK_EQUAL(released, stats.return_count + stats.discard_count);
            CHECK_EQUAL(count, stats.live_count);
            CHECK(stats.retained_count <= bounds[b]);
            CHECK(pm_pool_is_valid(pool));
        }
        CHECK_OK(pm_pool_release_many(pool, count, (void *const *)out));
        CHECK_OK(pm_pool_free(pool));
    }
}

#if PM_ASAN
static void an_object_at_rest_is_poisoned(void) {
    pm_pool *pool = pool_of(100);
    void *objects[40];
    CHECK_OK(pm_pool_acquire_many(pool, 40, objects));
    for (size_t i = 0; i < 40; i++) {
        CHECK(!__asan_address_is_poisoned(objects[i]));
        CHECK_OK(pm_pool_release(pool, objects[i]));
        CHECK(__asan_address_is_poisoned(objects[i]));
    }
    CHECK_OK(pm_pool_free(pool));
}
#endif

static void a_type_needs_its_callbacks(void) {
    pm_pool_type type;
    pm_pool *pool = NULL;
    pm_strbuf_pool_type(&type);
    type.object_bytes = SIZE_MAX;
    CHECK_EQUAL(PM_OVERFLOW, pm_pool_new(&type, 1, &pool));
    type.object_bytes = 0;
    CHECK_EQUAL(PM_INVALID, pm_pool_new(&type, 1, &pool));
    pm_strbuf_pool_type(&type);
    type.clear = NULL;
    CHECK_EQUAL(PM_INVALID, pm_pool_new(&type, 1, &pool));
    CHECK_EQUAL(PM_INVALID, pm_pool_new(NULL, 1, &pool));
    CHECK(pool == NULL);
}

static void objects_can_be_built_ahead_and_given_back(void) {
    pm_pool *pool = pool_of(100);
    CHECK_OK(pm_pool_prefill(pool, 40));
    CHECK_EQUAL(40, stats_of(pool).retained_count);
    const uint64_t before = check_allocations();
    void *objects[40];
    CHECK_OK(pm_pool_acquire_many(pool, 40, objects));
    CHECK(check_allocations() - before <= 1); /* the thread's cache, no object */
    CHECK_EQUAL(40, stats_of(pool).hit_count);
    CHECK_OK(pm_pool_release_many(pool, 40, objects));
    const uint64_t trimmed = pm_pool_trim(pool); /* all but what the thread's own magazines hold */
    CHECK(trimmed > 0);
    CHECK_EQUAL(40 - trimmed, stats_of(pool).retained_count);
    CHECK(pm_pool_is_valid(pool));
    CHECK_OK(pm_pool_free(pool));
}

static void building_ahead_ends_at_the_bound(void) {
    pm_pool *pool = pool_of(100);
    CHECK_OK(pm_pool_prefill(pool, 1000));
    CHECK_EQUAL(100, stats_of(pool).retained_count);
    CHECK_EQUAL(100, pm_pool_trim(pool));
    CHECK_EQUAL(0, stats_of(pool).retained_count);
    CHECK(pm_pool_is_valid(pool));
    CHECK_OK(pm_pool_free(pool));
}

static void many_pools_share_a_thread(void) {
    enum { POOLS = 3 * PM_POOL_WAYS + 1 };
    pm_pool *pools[POOLS];
    pm_strbuf *strings[POOLS];
    for (size_t i = 0; i < POOLS; i++) {
        pools[i] = pool_of(4);
    }
    for (int round = 0; round < 5; round++) {
        for (size_t i = 0; i < POOLS; i++) {
            strings[i] = pm_pool_acquire(pools[i]);
        }
        for (size_t i = 0; i < POOLS; i++) {
            CHECK_OK(pm_pool_release(pools[i], strings[i]));
        }
    }
    for (size_t i = 0; i < POOLS; i++) {
        CHECK_EQUAL(4, stats_of(pools[i]).hit_count);
        CHECK(pm_pool_is_valid(pools[i]));
        CHECK_OK(pm_pool_free(pools[(i * 7) % POOLS])); /* in another order than made */
        pools[(i * 7) % POOLS] = pool_of(1);            /* a new pool in an old way must not see the old cache */
        void *object = pm_pool_acquire(pools[(i * 7) % POOLS]);
        CHECK_OK(pm_pool_release(pools[(i * 7) % POOLS], object));
        CHECK_OK(pm_pool_free(pools[(i * 7) % POOLS]));
        pools[(i * 7) % POOLS] = pool_of(4);
        for (int k = 0; k < 5; k++) {
            CHECK_OK(pm_pool_release(pools[(i * 7) % POOLS], pm_pool_acquire(pools[(i * 7) % POOLS])));
        }
    }
    for (size_t i = 0; i < POOLS; i++) {
        CHECK_OK(pm_pool_free(pools[i]));
    }
}

/* ---- threads ---- */

static void run_threads(size_t count, void *(*body)(void *), void *argument) {
    pthread_t threads[16];
    for (size_t i = 0; i < count; i++) {
        CHECK_EQUAL(0, pthread_create(&threads[i], NULL, body, argument));
    }
    for (size_t i = 0; i < count; i++) {
        CHECK_EQUAL(0, pthread_join(threads[i], NULL));
    }
}

/* Every built object that is not out is retained: counted by the callbacks themselves, so that the bound is judged by
 * something else than the pool's own figures. */
static int64_t built;

static pm_status watched_init(void *object, const pm_pool_type *type) {
    (void)object;
    (void)type;
    __atomic_fetch_add(&built, 1, __ATOMIC_SEQ_CST);
    return PM_OK;
}

static bool watched_clear(void *object, const pm_pool_type *type) {
    memset(object, 0, type->object_bytes);
    return true;
}

static void watched_deinit(void *object, const pm_pool_type *type) {
    (void)object;
    (void)type;
    __atomic_fetch_sub(&built, 1, __ATOMIC_SEQ_CST);
}

static pm_pool *watched_pool(size_t retained_max) {
    const pm_pool_type type = {
        .object_bytes = 40, .init = watched_init, .clear = watched_clear, .deinit = watched_deinit};
    pm_pool *pool = NULL;
    CHECK_OK(pm_pool_new(&type, retained_max, &pool));
    return pool;
}

enum { HELD = 30 };

static void *churn(void *argument) {
    pm_pool *pool = argument;
    uint64_t random = (uintptr_t)&random;
    uint64_t *held[HELD] = {0};
    for (int step = 0; step < 20000; step++) {
        const size_t i = check_below(&random, HELD);
        if (held[i] == NULL) {
            held[i] = pm_pool_acquire(pool);
            for (size_t k = 0; k < 5; k++) {
                CHECK_EQUAL(0, held[i][k]); /* cleared, and nobody else's */
            }
            held[i][0] = held[i][4] = (uintptr_t)held;
        } else {
            CHECK_EQUAL((uintptr_t)held, held[i][0]);
            CHECK_EQUAL((uintptr_t)held, held[i][4]);
            CHECK_OK(pm_pool_release(pool, held[i]));
            held[i] = NULL;
        }
    }
    for (size_t i = 0; i < HELD; i++) {
        if (held[i] != NULL) {
            CHECK_OK(pm_pool_release(pool, held[i]));
        }
    }
    return NULL;
}

static void threads_stay_within_the_bound_and_return_what_they_hold(void) {
    const size_t bounds[] = {0, 3, 20, 64, 1000};
    for (size_t b = 0; b < sizeof bounds / sizeof bounds[0]; b++) {
        pm_pool *pool = watched_pool(bounds[b]);
        run_threads(6, churn, pool);
        const pm_pool_stats stats = stats_of(pool);
        CHECK_EQUAL(0, stats.live_count);
        CHECK_EQUAL(0, stats.thread_count); /* their magazines lie in the depot now */
        CHECK_EQUAL(built, stats.retained_count);
        CHECK(stats.retained_count <= bounds[b]);
        CHECK_EQUAL(stats.hit_count + stats.miss_count, stats.return_count + stats.discard_count);
        CHECK(pm_pool_is_valid(pool));
        const uint64_t misses = stats.miss_count;
        if (stats.retained_count != 0) { /* what threads that ended returned is there for the next one */
            CHECK_OK(pm_pool_release(pool, pm_pool_acquire(pool)));
            CHECK_EQUAL(misses, stats_of(pool).miss_count);
        }
        CHECK_OK(pm_pool_free(pool));
        CHECK_EQUAL(0, built);
    }
}

/* One thread acquires, another releases: a ring of single slots between them. */
enum { SLOTS = 256, HANDED = 200000 };

typedef struct crossing {
    pm_pool *pool;
    void *slots[SLOTS];
} crossing;

static void *release_what_comes(void *argument) {
    crossing *c = argument;
    for (size_t i = 0; i < HANDED; i++) {
        void *object;
        while ((object = __atomic_exchange_n(&c->slots[i % SLOTS], NULL, __ATOMIC_ACQ_REL)) == NULL) {
            sched_yield();
        }
        CHECK_OK(pm_pool_release(c->pool, object));
    }
    return NULL;
}

static void objects_come_back_from_another_thread(void) {
    crossing c = {.pool = watched_pool(1000)};
    pthread_t thread;
    CHECK_EQUAL(0, pthread_create(&thread, NULL, release_what_comes, &c));
    for (size_t i = 0; i < HANDED; i++) {
        void *object = pm_pool_acquire(c.pool);
        CHECK(object != NULL);
        while (__atomic_load_n(&c.slots[i % SLOTS], __ATOMIC_ACQUIRE) != NULL) {
            sched_yield();
        }
        __atomic_store_n(&c.slots[i % SLOTS], object, __ATOMIC_RELEASE);
    }
    CHECK_EQUAL(0, pthread_join(thread, NULL));
    const pm_pool_stats stats = stats_of(c.pool);
    CHECK_EQUAL(HANDED, stats.hit_count + stats.miss_count);
    CHECK_EQUAL(HANDED, stats.return_count + stats.discard_count);
    CHECK(stats.miss_count < HANDED / 20); /* the depot carries the objects back */
    CHECK(stats.retained_count <= 1000);
    CHECK_OK(pm_pool_free(c.pool));
    CHECK_EQUAL(0, built);
}

/* Threads that outlive pools they used: their caches must not be followed after the pool is gone. */
static pthread_barrier_t barrier;

static void *use_then_wait(void *argument) {
    pm_pool **pool = argument;
    CHECK_OK(pm_pool_release(*pool, pm_pool_acquire(*pool)));
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier); /* the pool was freed and another made in its stead */
    CHECK_OK(pm_pool_release(*pool, pm_pool_acquire(*pool)));
    return NULL;
}

static void a_pool_may_end_before_threads_that_used_it(void) {
    pm_pool *pool = watched_pool(10);
    pthread_t thread;
    pthread_barrier_init(&barrier, NULL, 2);
    CHECK_EQUAL(0, pthread_create(&thread, NULL, use_then_wait, &pool));
    pthread_barrier_wait(&barrier);
    CHECK_OK(pm_pool_free(pool));
    CHECK_EQUAL(0, built);
    pool = watched_pool(10);
    pthread_barrier_wait(&barrier);
    CHECK_EQUAL(0, pthread_join(thread, NULL));
    CHECK_EQUAL(1, stats_of(pool).retained_count);
    CHECK_OK(pm_pool_free(pool));
    pthread_barrier_destroy(&barrier);
}

static void *read_statistics(void *argument) {
    pm_pool *pool = argument;
    for (int i = 0; i < 300; i++) {
        CHECK(stats_of(pool).retained_max == 50);
        pm_pool_trim(pool);
        CHECK_OK(pm_pool_prefill(pool, 3));
    }
    return NULL;
}

static void statistics_trim_and_prefill_run_beside_users(void) {
    pm_pool *pool = watched_pool(50);
    pthread_t reader;
    CHECK_EQUAL(0, pthread_create(&reader, NULL, read_statistics, pool));
    run_threads(3, churn, pool);
    CHECK_EQUAL(0, pthread_join(reader, NULL));
    CHECK_EQUAL(built, stats_of(pool).retained_count);
    CHECK(built <= 50);
    CHECK(pm_pool_is_valid(pool));
    CHECK_OK(pm_pool_free(pool));
}

/* ---- failures ---- */

static pm_status acquire_and_release(void) {
    pm_pool_type type;
    pm_pool *pool = NULL;
    void *objects[20];
    pm_strbuf_pool_type(&type);
    pm_status status = pm_pool_new(&type, 40, &pool);
    if (status != PM_OK) {
        return status;
    }
    if (pm_pool_prefill(pool, 5) != PM_OK) {
        status = PM_NO_MEMORY;
    }
    CHECK(pm_pool_is_valid(pool));
    if (pm_pool_acquire_many(pool, 20, objects) != PM_OK) {
        status = PM_NO_MEMORY;
        CHECK(pm_pool_is_valid(pool));
        CHECK_OK(pm_pool_acquire_many(pool, 20, objects)); /* it still works */
    }
    const bool pending = pm_fault_pending() != 0;
    CHECK_OK(pm_pool_release_many(pool, 20, objects)); /* a refused magazine is no error: objects are discarded */
    const bool refused_a_magazine = pending && pm_fault_pending() == 0;
    CHECK(pm_pool_is_valid(pool));
    CHECK_EQUAL(0, stats_of(pool).live_count);
    CHECK_OK(pm_pool_free(pool));
    return refused_a_magazine ? PM_NO_MEMORY : status;
}

static void every_refused_allocation_leaves_the_pool_working(void) {
    /* The thread's cache may be refused too: the object is then built without one, which is no error either. */
    for (uint64_t n = 1;; n++) {
        const uint64_t live = check_live_bytes();
        pm_fault_after(n);
        const pm_status status = acquire_and_release();
        const bool failed = pm_fault_pending() == 0;
        pm_fault_after(0);
        CHECK_EQUAL(live, check_live_bytes());
        CHECK(status == PM_OK || failed);
        if (!failed) {
            CHECK(n > 20);
            return;
        }
    }
}

int main(void) {
    RUN(an_object_is_used_again);
    RUN(wiping_leaves_no_byte_of_the_last_user);
    RUN(an_object_grown_too_large_is_discarded);
    RUN(no_more_than_the_bound_is_retained);
    RUN(misuse_is_refused_and_counted);
    RUN(a_guessed_clear_is_used_only_where_it_is_the_pools);
    RUN(no_object_is_out_twice_or_lost);
#if PM_ASAN
    RUN(an_object_at_rest_is_poisoned);
#endif
    RUN(a_type_needs_its_callbacks);
    RUN(objects_can_be_built_ahead_and_given_back);
    RUN(building_ahead_ends_at_the_bound);
    RUN(many_pools_share_a_thread);
    RUN(threads_stay_within_the_bound_and_return_what_they_hold);
    RUN(objects_come_back_from_another_thread);
    RUN(a_pool_may_end_before_threads_that_used_it);
    RUN(statistics_trim_and_prefill_run_beside_users);
    RUN(every_refused_allocation_leaves_the_pool_working);
    return 0;
}
