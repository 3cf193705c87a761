/* Copy on write: no write is seen elsewhere, every copy made or avoided is counted, blocks end with their last handle.
 */
#include "check.h"
#include <pthread.h>

static pm_cow_stats stats_now(void) {
    pm_cow_stats stats;
    pm_cow_read_stats(&stats);
    return stats;
}

static void check_content(const char *expected, const pm_cow *cow) {
    CHECK_EQUAL(strlen(expected), cow->bytes);
    CHECK(memcmp(expected, cow->data, cow->bytes) == 0);
}

static void borrowed_bytes_are_copied_by_the_first_write_alone(void) {
    char lent[] = "print(1)";
    pm_cow cow;
    unsigned char *bytes = NULL;
    const pm_cow_stats before = stats_now();
    const uint64_t allocations = check_allocations();
    pm_cow_borrow(&cow, lent, strlen(lent));
    CHECK(cow.data == (const unsigned char *)lent && pm_cow_is_shared(&cow));
    CHECK_EQUAL(allocations, check_allocations());
    CHECK_EQUAL(1, stats_now().avoided_count - before.avoided_count);
    CHECK_OK(pm_cow_write(&cow, &bytes));
    bytes[0] = 'P';
    CHECK_OK(pm_cow_write(&cow, &bytes)); /* its own now */
    bytes[6] = '2';
    check_content("Print(2)", &cow);
    CHECK(strcmp("print(1)", lent) == 0);
    CHECK_EQUAL(allocations + 1, check_allocations());
    const pm_cow_stats after = stats_now();
    CHECK_EQUAL(1, after.copied_count - before.copied_count);
    CHECK_EQUAL(8, after.copied_bytes - before.copied_bytes);
    CHECK_EQUAL(1, after.shared_count - before.shared_count);
    CHECK_EQUAL(8, after.shared_bytes - before.shared_bytes);
    CHECK_EQUAL(before.avoided_count, after.avoided_count);
    CHECK_EQUAL(before.avoided_bytes, after.avoided_bytes);
    pm_cow_end(&cow);
    pm_cow_end(&cow);
    CHECK(cow.block == NULL && cow.bytes == 0);
}

static void a_write_is_not_seen_through_another_handle(void) {
    pm_cow first, second, slice;
    unsigned char *bytes = NULL;
    CHECK_OK(pm_cow_copy(&first, "target=rust", 11));
    pm_cow_share(&first, &second);
    CHECK_OK(pm_cow_slice(&first, 7, 4, &slice));
    CHECK(second.data == first.data && slice.data == first.data + 7);
    CHECK_OK(pm_cow_write(&second, &bytes));
    memcpy(bytes + 7, "wasm", 4);
    check_content("target=rust", &first);
    check_content("target=wasm", &second);
    check_content("rust", &slice);
    pm_cow_end(&first);
    check_content("rust", &slice); /* the block lives on */
    pm_cow_end(&second);
    pm_cow_end(&slice);
}

static void the_last_handle_writes_in_place(void) {
    pm_cow first, slice;
    unsigned char *bytes = NULL;
    CHECK_OK(pm_cow_copy(&first, "abcdef", 6));
    CHECK_OK(pm_cow_slice(&first, 2, 3, &slice));
    pm_cow_end(&first);
    const pm_cow_stats before = stats_now();
    const unsigned char *place = slice.data;
    CHECK(!pm_cow_is_shared(&slice));
    CHECK_OK(pm_cow_write(&slice, &bytes));
    CHECK(bytes == place);
    bytes[0] = 'X';
    check_content("Xde", &slice);
    CHECK_EQUAL(before.copied_count, stats_now().copied_count);
    pm_cow_end(&slice);
}

static void a_range_outside_is_refused(void) {
    pm_cow cow, out = {0};
    const size_t firsts[] = {0, 3}, ends[] = {2, 2}, beyond[] = {2, 5};
    pm_cow many[2];
    pm_cow_borrow(&cow, "abcd", 4);
    CHECK_EQUAL(PM_INVALID, pm_cow_slice(&cow, 5, 0, &out));
    CHECK_EQUAL(PM_INVALID, pm_cow_slice(&cow, 1, 4, &out));
    CHECK_EQUAL(PM_INVALID, pm_cow_slice(&cow, 2, SIZE_MAX, &out));
    CHECK_EQUAL(PM_INVALID, pm_cow_slice_many(&cow, firsts, ends, 2, many));
    CHECK_EQUAL(PM_INVALID, pm_cow_slice_many(&cow, firsts, beyond, 2, many));
    CHECK_EQUAL(PM_INVALID, pm_cow_splice(&cow, 5, 0, "", 0));
    CHECK_EQUAL(PM_INVALID, pm_cow_splice(&cow, 2, 3, "", 0));
    CHECK_EQUAL(PM_OVERFLOW, pm_cow_splice(&cow, 0, 0, "x", SIZE_MAX));
    CHECK_EQUAL(PM_OVERFLOW, pm_cow_copy(&out, "x", SIZE_MAX));
    CHECK_EQUAL(PM_NO_MEMORY, pm_cow_copy(&out, "x", SIZE_MAX / 2));
    CHECK_OK(pm_cow_slice(&cow, 4, 0, &out));
    CHECK_EQUAL(0, out.bytes);
    check_content("abcd", &cow);
    pm_cow_end(&out);
    pm_cow_end(&cow);
}

static void nothing_at_all_can_be_shared_and_written(void) {
    pm_cow empty, copy, slice;
    unsigned char *bytes = NULL;
    pm_cow_borrow(&empty, NULL, 0);
    CHECK_OK(pm_cow_copy(&copy, NULL, 0));
    CHECK_OK(pm_cow_slice(&empty, 0, 0, &slice));
    CHECK_OK(pm_cow_splice(&slice, 0, 0, NULL, 0));
    CHECK_OK(pm_cow_write(&empty, &bytes));
    CHECK(bytes != NULL);
    CHECK_OK(pm_cow_splice(&slice, 0, 0, "new", 3));
    check_content("new", &slice);
    pm_cow_end(&slice);
    pm_cow_end(&copy);
    pm_cow_end(&empty);
}

static void splicing_shared_bytes_copies_only_what_is_left_of_them(void) {
    pm_cow cow;
    const pm_cow_stats before = stats_now();
    pm_cow_borrow(&cow, "one two three", 13);
    CHECK_OK(pm_cow_splice(&cow, 4, 3, "2", 1));
    check_content("one 2 three", &cow);
    CHECK_EQUAL(10, stats_now().copied_bytes - before.copied_bytes);
    CHECK_OK(pm_cow_splice(&cow, 0, 4, cow.data + 6, 5)); /* a part of itself */
    check_content("three2 three", &cow);
    CHECK_OK(pm_cow_splice(&cow, 12, 0, "!", 1));
    CHECK_OK(pm_cow_splice(&cow, 0, 5, NULL, 0));
    check_content("2 three!", &cow);
    CHECK_EQUAL(1, stats_now().copied_count - before.copied_count); /* growth is no copy of shared bytes */
    pm_cow_end(&cow);
}

static void many_slices_are_made_and_ended_at_once(void) {
    enum { COUNT = 1000 };
    static size_t firsts[COUNT], ends[COUNT];
    static pm_cow slices[COUNT];
    pm_cow source;
    for (size_t i = 0; i < COUNT; i++) {
        firsts[i] = i;
        ends[i] = i + i % 5;
    }
    CHECK_OK(pm_cow_copy(&source, NULL, 0));
    static const unsigned char zeros[2 * COUNT];
    CHECK_OK(pm_cow_splice(&source, 0, 0, zeros, sizeof zeros));
    const uint64_t allocations = check_allocations();
    const pm_cow_stats before = stats_now();
    CHECK_OK(pm_cow_slice_many(&source, firsts, ends, COUNT, slices));
    CHECK_EQUAL(allocations, check_allocations());
    CHECK_EQUAL(COUNT, stats_now().avoided_count - before.avoided_count);
    CHECK_EQUAL(2 * COUNT, stats_now().avoided_bytes - before.avoided_bytes);
    for (size_t i = 0; i < COUNT; i++) {
        CHECK(slices[i].data == source.data + i && slices[i].bytes == i % 5);
    }
    pm_cow_end(&source);
    unsigned char *bytes = NULL;
    CHECK_OK(pm_cow_write(&slices[4], &bytes)); /* one goes its own way: two runs of neighbours are left */
    pm_cow_end_many(slices, COUNT);
    CHECK(slices[0].block == NULL && slices[COUNT - 1].block == NULL);
}

/* ---- programs against a model ---- */

enum { HANDLES = 8, TEXT_MAX = 200 };

typedef struct model {
    unsigned char bytes[TEXT_MAX];
    size_t count;
    bool made;
} model;

static void any_program_leaves_what_copies_would(void) {
    static unsigned char lent[TEXT_MAX], lent_before[TEXT_MAX];
    uint64_t random = 11;
    for (size_t i = 0; i < TEXT_MAX; i++) {
        lent[i] = lent_before[i] = (unsigned char)check_random(&random);
    }
    for (int program = 0; program < 400; program++) {
        pm_cow cows[HANDLES] = {0};
        model models[HANDLES] = {0};
        for (int step = 0; step < 60; step++) {
            const size_t a = check_below(&random, HANDLES), b = check_below(&random, HANDLES);
            pm_cow *cow = &cows[a];
            model *m = &models[a];
            if (!m->made) {
                const size_t bytes = check_below(&random, 40);
                if (models[b].made) { /* a slice, or the whole, of another */
                    const size_t first = check_below(&random, models[b].count + 1);
                    m->count = check_below(&random, models[b].count - first + 1);
                    CHECK_OK(pm_cow_slice(&cows[b], first, m->count, cow));
                    memcpy(m->bytes, models[b].bytes + first, m->count);
                } else {
                    if (step % 2 == 0) {
                        pm_cow_borrow(cow, lent, bytes);
                    } else {
                        CHECK_OK(pm_cow_copy(cow, lent, bytes));
                    }
                    memcpy(m->bytes, lent, bytes);
                    m->count = bytes;
                }
                m->made = true;
            } else if (check_below(&random, 4) == 0) {
                pm_cow_end(cow);
                m->made = false;
            } else if (check_below(&random, 3) == 0 && m->count != 0) {
                unsigned char *bytes = NULL;
                const size_t at = check_below(&random, m->count);
                CHECK_OK(pm_cow_write(cow, &bytes));
                bytes[at] = m->bytes[at] = (unsigned char)step;
            } else {
                const size_t first = check_below(&random, m->count + 1);
                const size_t removed = check_below(&random, m->count - first + 1);
                unsigned char inserted[30], before[TEXT_MAX];
                size_t bytes = check_below(&random, 30);
                const unsigned char *from = inserted;
                for (size_t i = 0; i < bytes; i++) {
                    inserted[i] = (unsigned char)check_random(&random);
                }
                if (m->count > 0 && check_below(&random, 2) == 0) { /* a part of itself */
                    const size_t at = check_below(&random, m->count);
                    bytes = bytes < m->count - at ? bytes : m->count - at;
                    memcpy(inserted, m->bytes + at, bytes);
                    from = cow->data + at;
                }
                if (m->count - removed + bytes > TEXT_MAX) {
                    continue;
                }
                CHECK_OK(pm_cow_splice(cow, first, removed, from, bytes));
                memcpy(before, m->bytes, m->count);
                memcpy(m->bytes + first, inserted, bytes);
                memcpy(m->bytes + first + bytes, before + first + removed, m->count - first - removed);
                m->count = m->count - removed + bytes;
            }
            for (size_t i = 0; i < HANDLES; i++) {
                if (models[i].made) {
                    CHECK_EQUAL(models[i].count, cows[i].bytes);
                    CHECK(models[i].count == 0 || memcmp(models[i].bytes, cows[i].data, models[i].count) == 0);
                }
            }
        }
        pm_cow_end_many(cows, HANDLES);
        CHECK(memcmp(lent, lent_before, TEXT_MAX) == 0);
    }
}

/* ---- threads ---- */

enum { THREADS = 4, ROUNDS = 5000 };
static pm_cow shared_config;

static void *share_write_and_end(void *argument) {
    const unsigned char mark = (unsigned char)(uintptr_t)argument;
    for (int round = 0; round < ROUNDS; round++) {
        pm_cow mine, again;
        unsigned char *bytes = NULL;
        pm_cow_share(&shared_config, &mine);
        pm_cow_share(&mine, &again);
        if (round % 4 == 0) {
            CHECK_OK(pm_cow_write(&mine, &bytes));
            bytes[0] = mark;
            CHECK_EQUAL(mark, mine.data[0]);
        }
        CHECK_EQUAL('c', again.data[0]);
        pm_cow_end(&mine);
        pm_cow_end(&again);
    }
    return NULL;
}

static void handles_on_one_block_work_on_any_threads(void) {
    pthread_t threads[THREADS];
    const pm_cow_stats before = stats_now();
    CHECK_OK(pm_cow_copy(&shared_config, "config", 6));
    for (uintptr_t i = 0; i < THREADS; i++) {
        CHECK_EQUAL(0, pthread_create(&threads[i], NULL, share_write_and_end, (void *)i)); // NOLINT
    }
    for (size_t i = 0; i < THREADS; i++) {
        CHECK_EQUAL(0, pthread_join(threads[i], NULL));
    }
    const pm_cow_stats after = stats_now(); /* of threads that ended */
    CHECK_EQUAL(2 * THREADS * ROUNDS, after.shared_count - before.shared_count);
    CHECK_EQUAL(THREADS * ROUNDS / 4 + 1, after.copied_count - before.copied_count);
    CHECK_EQUAL(THREADS * ROUNDS * 7 / 4, after.avoided_count - before.avoided_count);
    CHECK(!pm_cow_is_shared(&shared_config));
    check_content("config", &shared_config);
    pm_cow_end(&shared_config);
}

/* Each of two handles may find itself the last one: exactly then it writes in place, and never while the other reads.
 */
static void *write_own_share(void *argument) {
    pm_cow *cow = argument;
    unsigned char *bytes = NULL;
    CHECK_OK(pm_cow_write(cow, &bytes));
    for (size_t i = 0; i < cow->bytes; i++) {
        bytes[i]++;
    }
    pm_cow_end(cow);
    return NULL;
}

static void two_last_handles_do_not_write_one_block(void) {
    static unsigned char content[512];
    for (int round = 0; round < 300; round++) {
        pm_cow cow, other;
        pthread_t thread;
        CHECK_OK(pm_cow_copy(&cow, content, sizeof content));
        pm_cow_share(&cow, &other);
        CHECK_EQUAL(0, pthread_create(&thread, NULL, write_own_share, &other));
        unsigned char *bytes = NULL;
        CHECK_OK(pm_cow_write(&cow, &bytes));
        for (size_t i = 0; i < cow.bytes; i++) {
            CHECK_EQUAL(0, bytes[i]);
        }
        CHECK_EQUAL(0, pthread_join(thread, NULL));
        pm_cow_end(&cow);
    }
}

/* ---- failures ---- */

static pm_status copy_share_write_and_splice(void) {
    pm_cow cow, other;
    unsigned char *bytes = NULL;
    pm_status status = pm_cow_copy(&cow, "abc", 3), last;
    if (status != PM_OK) {
        return status;
    }
    pm_cow_share(&cow, &other);
    status = pm_cow_write(&other, &bytes);
    last = pm_cow_splice(&cow, 1, 1, "12345", 5);
    if (last != PM_OK) {
        check_content("abc", &cow);
    }
    pm_cow_end(&other);
    pm_cow_end(&cow);
    return status != PM_OK ? status : last;
}

static void every_refused_allocation_leaves_the_handle_unchanged(void) {
    check_every_failure(copy_share_write_and_splice);
}

int main(void) {
    RUN(borrowed_bytes_are_copied_by_the_first_write_alone);
    RUN(a_write_is_not_seen_through_another_handle);
    RUN(the_last_handle_writes_in_place);
    RUN(a_range_outside_is_refused);
    RUN(nothing_at_all_can_be_shared_and_written);
    RUN(splicing_shared_bytes_copies_only_what_is_left_of_them);
    RUN(many_slices_are_made_and_ended_at_once);
    RUN(any_program_leaves_what_copies_would);
    RUN(handles_on_one_block_work_on_any_threads);
    RUN(two_last_handles_do_not_write_one_block);
    RUN(every_refused_allocation_leaves_the_handle_unchanged);
    return 0;
}
