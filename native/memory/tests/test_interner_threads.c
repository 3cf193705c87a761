/* The interner and threads: one id for one string whoever comes first, and the ids of one thread on many. */
#include "check.h"
#include <pthread.h>

enum { THREADS = 4, NAMES = 3000 };

static size_t name_of(size_t i, char *text) {
    return (size_t)snprintf(text, 64, i % 3 ? "n%zu" : "a_name_of_more_than_sixteen_bytes_%zu", i);
}

typedef struct worker {
    pm_interner *interner;
    uint32_t ids[NAMES];
    uint64_t seed;
    size_t refused;
} worker;

static void *intern_all(void *argument) {
    worker *w = argument;
    char name[64];
    const size_t start = check_below(&w->seed, NAMES);
    for (size_t n = 0; n < NAMES; n++) {
        const size_t i = (start + n * 7) % NAMES;
        const size_t bytes = name_of(i, name);
        pm_intern_ref ref, again;
        const pm_status status = pm_interner_intern(w->interner, name, bytes, &ref);
        if (status == PM_FULL) {
            w->refused++;
            w->ids[i] = UINT32_MAX;
            continue;
        }
        CHECK_OK(status);
        CHECK_OK(pm_interner_lookup(w->interner, name, bytes, &again));
        CHECK_EQUAL(ref.id, again.id);
        pm_text text;
        CHECK_OK(pm_interner_text(w->interner, ref, &text));
        CHECK(text.bytes == bytes && memcmp(text.data, name, bytes) == 0);
        w->ids[i] = ref.id;
    }
    return NULL;
}

static void run_workers(worker *workers, pm_interner *interner, uint64_t seed) {
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        workers[i] = (worker){.interner = interner, .seed = seed * THREADS + i};
        CHECK_EQUAL(0, pthread_create(&threads[i], NULL, intern_all, &workers[i]));
    }
    pm_interner_stats stats;
    pm_interner_read_stats(interner, &stats); /* beside them */
    for (size_t i = 0; i < THREADS; i++) {
        CHECK_EQUAL(0, pthread_join(threads[i], NULL));
    }
}

static void threads_that_meet_a_string_at_once_get_one_id(void) {
    static worker workers[THREADS];
    static const uint64_t masks[] = {0, 0xFF, UINT64_C(0xFFFFFFFF00000000) | 0xFFF};
    for (uint64_t seed = 0; seed < 6; seed++) {
        const pm_interner_options options = {.strings = 1, .hash_mask = masks[seed % 3], .concurrent = true};
        pm_interner *interner = NULL;
        pm_interner_stats stats;
        CHECK_OK(pm_interner_new(&options, &interner));
        run_workers(workers, interner, seed);
        CHECK_EQUAL(NAMES, pm_interner_count(interner));
        for (size_t i = 1; i < THREADS; i++) {
            CHECK(memcmp(workers[0].ids, workers[i].ids, sizeof workers[0].ids) == 0);
        }
        pm_interner_read_stats(interner, &stats);
        CHECK_EQUAL(NAMES, stats.interned_count);
        CHECK_EQUAL((THREADS - 1) * NAMES, stats.deduplicated_count);
        CHECK_EQUAL((THREADS - 1) * stats.string_bytes, stats.bytes_saved);
        CHECK(pm_interner_is_valid(interner));
        pm_interner_free(interner);
    }
}

static void the_bound_holds_and_known_strings_are_never_refused(void) {
    static worker workers[THREADS];
    const pm_interner_options options = {.strings = 1, .strings_max = NAMES / 2, .concurrent = true};
    pm_interner *interner = NULL;
    CHECK_OK(pm_interner_new(&options, &interner));
    run_workers(workers, interner, 9);
    CHECK_EQUAL(NAMES / 2, pm_interner_count(interner));
    CHECK(pm_interner_is_valid(interner));
    run_workers(workers, interner, 10); /* all that fit are in: every thread is refused the same others */
    for (size_t i = 0; i < THREADS; i++) {
        CHECK_EQUAL(NAMES - NAMES / 2, workers[i].refused);
    }
    pm_interner_free(interner);
}

/* A stream of real shape: few names often, many once, over more strings than a thread takes at least. */
enum { THREAD_STRINGS = 2048, TOKENS = THREAD_STRINGS * 20 + 77, TOKENS_OF_TWO = THREAD_STRINGS * 2 + 77 };

typedef struct stream {
    char *data;
    int64_t *offsets;
    pm_text *texts;
    uint32_t *expected, *ids;
} stream;

static stream stream_of(uint64_t seed) {
    stream s = {.data = malloc(TOKENS * 64),
                .offsets = malloc((TOKENS + 1) * sizeof *s.offsets),
                .texts = malloc(TOKENS * sizeof *s.texts),
                .expected = malloc(TOKENS * sizeof *s.expected),
                .ids = malloc(TOKENS * sizeof *s.ids)};
    CHECK(s.data != NULL && s.offsets != NULL && s.texts != NULL && s.expected != NULL && s.ids != NULL);
    s.offsets[0] = 0;
    for (size_t i = 0; i < TOKENS; i++) {
        char *at = s.data + s.offsets[i];
        const size_t range = (size_t)1 << check_below(&seed, 17), bytes = name_of(check_below(&seed, range), at);
        s.texts[i] = (pm_text){at, bytes};
        s.offsets[i + 1] = s.offsets[i] + (int64_t)bytes;
    }
    return s;
}

static void stream_free(stream *s) {
    free(s->data);
    free(s->offsets);
    free(s->texts);
    free(s->expected);
    free(s->ids);
}

static void many_threads_give_the_ids_of_one(void) {
    for (uint64_t seed = 1; seed <= 3; seed++) {
        stream s = stream_of(seed);
        const pm_column_view column = {s.offsets, (unsigned char *)s.data, TOKENS, (size_t)s.offsets[TOKENS], 8};
        pm_interner *alone = NULL;
        pm_interner_stats expected, actual;
        CHECK_OK(pm_interner_new(NULL, &alone));
        CHECK_OK(pm_interner_intern_column(alone, &column, 1, s.expected));
        pm_interner_read_stats(alone, &expected);
        for (size_t threads = 2; threads <= 100; threads += threads < 5 ? 1 : 95) {
            const pm_interner_options options = {
                .strings = 10, .concurrent = threads % 2 == 0, .seed = threads, .thread_strings = THREAD_STRINGS};
            pm_interner *interner = NULL;
            CHECK_OK(pm_interner_new(&options, &interner));
            CHECK_OK(pm_interner_intern_column(interner, &column, threads, s.ids));
            CHECK(memcmp(s.expected, s.ids, TOKENS * sizeof *s.ids) == 0);
            CHECK(pm_interner_is_valid(interner));
            pm_interner_read_stats(interner, &actual);
            CHECK_EQUAL(expected.interned_count, actual.interned_count);
            CHECK_EQUAL(expected.deduplicated_count, actual.deduplicated_count);
            CHECK_EQUAL(expected.bytes_saved, actual.bytes_saved);
            CHECK_EQUAL(expected.string_bytes, actual.string_bytes);
            CHECK_OK(pm_interner_intern_texts(interner, s.texts, TOKENS, 0, threads, s.ids)); /* all known by now */
            CHECK(memcmp(s.expected, s.ids, TOKENS * sizeof *s.ids) == 0);
            pm_interner_free(interner);
        }
        pm_interner_free(alone);
        stream_free(&s);
    }
}

static void a_full_interner_holds_what_one_thread_would_have_stored(void) {
    stream s = stream_of(4);
    pm_interner *alone = NULL, *shared = NULL;
    CHECK_OK(pm_interner_new(NULL, &alone));
    CHECK_OK(pm_interner_intern_texts(alone, s.texts, TOKENS, 0, 1, s.expected));
    const size_t all = pm_interner_count(alone);
    for (size_t bound = 1; bound <= all; bound += all / 5) {
        const pm_interner_options options = {.strings_max = bound, .thread_strings = THREAD_STRINGS};
        CHECK_OK(pm_interner_new(&options, &shared));
        CHECK_EQUAL(bound < all ? PM_FULL : PM_OK, pm_interner_intern_texts(shared, s.texts, TOKENS, 0, 4, s.ids));
        CHECK_EQUAL(bound, pm_interner_count(shared));
        for (uint32_t id = 0; id < bound; id++) {
            pm_text a, b;
            CHECK_OK(pm_interner_text(alone, (pm_intern_ref){id, 1}, &a));
            CHECK_OK(pm_interner_text(shared, (pm_intern_ref){id, 1}, &b));
            CHECK(a.bytes == b.bytes && memcmp(a.data, b.data, a.bytes) == 0);
        }
        CHECK(pm_interner_is_valid(shared));
        pm_interner_free(shared);
    }
    pm_interner_free(alone);
    stream_free(&s);
}

static stream shared_stream;
static size_t shared_count;

static pm_status intern_on_two_threads(void) {
    const pm_interner_options options = {.strings = 1, .thread_strings = THREAD_STRINGS};
    pm_interner *interner = NULL;
    pm_status status = pm_interner_new(&options, &interner);
    if (status != PM_OK) {
        return status;
    }
    status = pm_interner_intern_texts(interner, shared_stream.texts, TOKENS_OF_TWO, 0, 2, shared_stream.ids);
    CHECK(pm_interner_is_valid(interner));
    if (status == PM_OK) {
        const size_t bytes = TOKENS_OF_TWO * sizeof *shared_stream.ids;
        CHECK(memcmp(shared_stream.expected, shared_stream.ids, bytes) == 0);
    } else { /* some strings are stored, not always the first: ids differ, but equal ones are equal */
        static uint32_t ids[TOKENS_OF_TWO];
        CHECK_OK(pm_interner_intern_texts(interner, shared_stream.texts, TOKENS_OF_TWO, 0, 2, shared_stream.ids));
        CHECK(pm_interner_is_valid(interner));
        for (size_t i = 0; i < TOKENS_OF_TWO; i++) {
            ids[shared_stream.expected[i]] = shared_stream.ids[i];
        }
        for (size_t i = 0; i < TOKENS_OF_TWO; i++) {
            CHECK_EQUAL(ids[shared_stream.expected[i]], shared_stream.ids[i]);
        }
    }
    CHECK_EQUAL(shared_count, pm_interner_count(interner));
    pm_interner_free(interner);
    return status;
}

static void every_refused_allocation_of_a_parallel_run_leaves_the_interner_working(void) {
    pm_interner *alone = NULL;
    shared_stream = stream_of(5);
    CHECK_OK(pm_interner_new(NULL, &alone));
    CHECK_OK(pm_interner_intern_texts(alone, shared_stream.texts, TOKENS_OF_TWO, 0, 1, shared_stream.expected));
    shared_count = pm_interner_count(alone);
    pm_interner_free(alone);
    check_every_failure(intern_on_two_threads);
    stream_free(&shared_stream);
}

int main(void) {
    RUN(threads_that_meet_a_string_at_once_get_one_id);
    RUN(the_bound_holds_and_known_strings_are_never_refused);
    RUN(many_threads_give_the_ids_of_one);
    RUN(a_full_interner_holds_what_one_thread_would_have_stored);
    RUN(every_refused_allocation_of_a_parallel_run_leaves_the_interner_working);
    return 0;
}
