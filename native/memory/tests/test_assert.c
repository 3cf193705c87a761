/* Assertions: those that are off cost nothing, those that are on see a structure that was damaged from outside. */
#define PM_ASSERT_LEVEL 0 /* of this file, whatever the build */
#include "check.h"
#include "pm/assert.h"
#if !defined(_WIN32)
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

/* Defined nowhere: a reference that reaches the linker fails the build. */
bool never_evaluated(void);

static void what_is_off_is_not_even_linked(void) {
    PM_ASSERT(never_evaluated());
    PM_ASSERT_INTERNAL(never_evaluated());
    PM_ASSERT_EXPENSIVE(never_evaluated(), (size_t)never_evaluated());
}

static void expensive_checks_run_at_each_step_of_a_small_structure_and_seldom_for_a_large_one(void) {
    while (!pm_assert_due(PM_ASSERT_CREDIT * 4)) { /* whatever ran before: the credit is used up now */
    }
    unsigned small = 0, large = 0;
    for (unsigned i = 0; i < 1000; i++) {
        small += pm_assert_due(PM_ASSERT_CREDIT);
    }
    CHECK_EQUAL(1000, small);
    for (unsigned i = 0; i < 1000; i++) {
        large += pm_assert_due(PM_ASSERT_CREDIT * 10);
    }
    CHECK_EQUAL(100, large);
}

#if !defined(_WIN32)
/* Whether a process that damages a structure, and then changes it through the library, is ended by an assertion. */
static bool aborts(void (*damage)(void)) {
    (void)fflush(NULL);
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(freopen("/dev/null", "w", stderr) != NULL);
        damage();
        _exit(0);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void buffer_whose_count_is_wrong(void) {
    pm_buffer buffer;
    CHECK_OK(pm_buffer_init(&buffer, NULL));
    CHECK_OK(pm_buffer_append(&buffer, "a", 1));
    buffer.count = buffer.capacity_bytes + 1;
    CHECK_OK(pm_buffer_reserve(&buffer, 1));
}

static void string_whose_end_is_gone(void) {
    pm_strbuf string;
    CHECK_OK(pm_strbuf_init(&string, 0));
    CHECK_OK(pm_strbuf_append(&string, "text", 4));
    string.data[4] = 'x';
    CHECK_OK(pm_strbuf_append(&string, "a", 1));
}

static void vector_whose_count_is_wrong(void) {
    pm_vec vec;
    CHECK_OK(pm_vec_init(&vec, 8, 64));
    vec.count = 9;
    CHECK_OK(pm_vec_reserve(&vec, 1));
}

static void arena_whose_place_is_wrong(void) {
    pm_arena *arena;
    CHECK_OK(pm_arena_new(NULL, &arena));
    CHECK(pm_arena_alloc(arena, 64, 8) != NULL);
    arena->next += 4096;
    pm_arena_reset(arena);
}

static void handle_outside_its_block(void) {
    pm_cow cow, other;
    CHECK_OK(pm_cow_copy(&cow, "text", 4));
    cow.bytes = 5;
    pm_cow_share(&cow, &other);
}

static void handle_ended_twice(void) {
    pm_cow cow, other;
    CHECK_OK(pm_cow_copy(&cow, "text", 4));
    pm_cow_share(&cow, &other);
    pm_cow copies[3] = {cow, cow, cow};
    pm_cow_end_many(copies, 3);
}

static void pooled_object_whose_mark_is_gone(void) {
    pm_pool_type type;
    pm_pool *pool;
    void *objects[64];
    pm_strbuf_pool_type(&type);
    CHECK_OK(pm_pool_new(&type, 64, &pool));
    CHECK_OK(pm_pool_acquire_many(pool, 64, objects));
    CHECK_OK(pm_pool_release(pool, objects[0]));
    ((pm_pool_header *)objects[0] - 1)->mark = 0;
    (void)pm_pool_release_many(pool, 63, objects + 1); /* more than a magazine: those are exchanged */
    (void)pm_pool_trim(pool);
}

static void damage_is_seen_where_the_library_asserts(void) {
    static void (*const damages[])(void) = {
        buffer_whose_count_is_wrong,      string_whose_end_is_gone, vector_whose_count_is_wrong,
        arena_whose_place_is_wrong,       handle_outside_its_block, handle_ended_twice,
        pooled_object_whose_mark_is_gone,
    };
    if (pm_assert_level() < 3) {
        return; /* the library was compiled without; what it does with such structures is undefined */
    }
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        if (!aborts(damages[i])) {
            fprintf(stderr, "damage %zu was not seen\n", i);
            abort();
        }
    }
}
#endif

int main(void) {
    RUN(what_is_off_is_not_even_linked);
    RUN(expensive_checks_run_at_each_step_of_a_small_structure_and_seldom_for_a_large_one);
#if !defined(_WIN32)
    RUN(damage_is_seen_where_the_library_asserts);
#endif
    return 0;
}
