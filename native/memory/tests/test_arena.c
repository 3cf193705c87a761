/* The arena: places, alignment, chunks, marks, statistics, failures, random programs. */
#include "check.h"

static pm_arena *arena_of(size_t capacity_bytes, size_t limit_bytes) {
    const pm_arena_options options = {.capacity_bytes = capacity_bytes, .limit_bytes = limit_bytes};
    pm_arena *arena = NULL;
    CHECK_OK(pm_arena_new(&options, &arena));
    return arena;
}

static pm_arena_stats stats_of(const pm_arena *arena) {
    pm_arena_stats stats;
    pm_arena_read_stats(arena, &stats);
    return stats;
}

static void a_new_arena_holds_no_chunk(void) {
    pm_arena *arena = arena_of(0, 0);
    CHECK_EQUAL(0, stats_of(arena).capacity_bytes);
    CHECK(pm_arena_is_valid(arena));
    pm_arena_free(arena);
    pm_arena_free(NULL);
}

static void the_default_chunk_is_4_mib_and_mapped(void) {
    pm_arena *arena = arena_of(0, 0);
    pm_ledger before, after;
    pm_ledger_read(&before);
    CHECK(pm_arena_alloc(arena, 10, 8) != NULL);
    pm_ledger_read(&after);
    CHECK_EQUAL(PM_ARENA_CAPACITY_BYTES, stats_of(arena).capacity_bytes);
    CHECK_EQUAL(1, after.map_count - before.map_count);
    CHECK_EQUAL(1, after.allocation_count - before.allocation_count);
    pm_arena_free(arena);
}

static void every_alignment_is_kept(void) {
    pm_arena *arena = arena_of(4096, 0);
    for (size_t alignment = 1; alignment <= PM_ARENA_ALIGNMENT_MAX; alignment *= 2) {
        for (size_t bytes = 0; bytes < 5; bytes++) {
            unsigned char *place = pm_arena_alloc(arena, bytes, alignment);
            CHECK(place != NULL);
            CHECK_EQUAL(0, (uintptr_t)place % alignment);
            memset(place, 0xAB, bytes);
            CHECK(pm_arena_is_valid(arena));
        }
    }
    pm_arena_free(arena);
}

static void absurd_requests_are_refused(void) {
    pm_arena *arena = arena_of(0, 0), *none = NULL;
    for (uint64_t round = 1; round <= 2; round++) { /* without a chunk, and with all of one free */
        CHECK(pm_arena_alloc(arena, 8, 0) == NULL);
        CHECK(pm_arena_alloc(arena, 8, 3) == NULL);
        CHECK(pm_arena_alloc(arena, 8, (size_t)PM_ARENA_ALIGNMENT_MAX * 2) == NULL);
        CHECK(pm_arena_alloc(arena, 8, (size_t)PM_ARENA_ALIGNMENT_MAX * 2 + 1) == NULL);
        CHECK(pm_arena_alloc(arena, 8, SIZE_MAX) == NULL);
        CHECK(pm_arena_alloc(arena, 0, 0) == NULL);
        CHECK(pm_arena_alloc(arena, SIZE_MAX, 8) == NULL);
        CHECK(pm_arena_alloc(arena, SIZE_MAX - 64, 64) == NULL);
        CHECK(pm_arena_alloc(arena, SIZE_MAX / 2, 1) == NULL);
        CHECK(pm_arena_slice(arena, SIZE_MAX / 4, 8, 8) == NULL);
        CHECK(pm_arena_copy(arena, "", SIZE_MAX) == NULL);
        CHECK_EQUAL(11 * round, stats_of(arena).failed_count);
        CHECK(pm_arena_alloc(arena, 8, 8) != NULL);
        CHECK_EQUAL(round, stats_of(arena).allocation_count);
        CHECK(pm_arena_is_valid(arena));
    }
    pm_arena_free(arena);
    const pm_arena_options absurd = {.capacity_bytes = SIZE_MAX};
    CHECK_EQUAL(PM_INVALID, pm_arena_new(&absurd, &none));
    CHECK(none == NULL);
}

static void no_bytes_are_a_place_of_their_own(void) {
    pm_arena *arena = arena_of(4096, 0);
    const char *first = pm_arena_alloc(arena, 0, 1), *second = pm_arena_alloc(arena, 0, 1);
    CHECK(first != NULL && second != NULL && first != second);
    CHECK_EQUAL(2, stats_of(arena).requested_bytes);
    pm_arena_free(arena);
}

static void statistics_are_exact(void) {
    pm_arena *arena = arena_of(4096, 0);
    const size_t redzone = PM_GUARDED ? 16 : 0;
    CHECK(pm_arena_alloc(arena, 24, 8) != NULL);
    CHECK(pm_arena_alloc(arena, 1, 8) != NULL);
    CHECK(pm_arena_alloc_call(arena, 8, 8) != NULL);
    const pm_arena_stats stats = stats_of(arena);
    CHECK_EQUAL(3, stats.allocation_count);
    CHECK_EQUAL(33, stats.requested_bytes);
    CHECK_EQUAL(7 + 3 * redzone, stats.padding_bytes);
    CHECK_EQUAL(40 + 3 * redzone, stats.allocated_bytes);
    CHECK_EQUAL(40 + 3 * redzone, stats.peak_bytes);
    CHECK_EQUAL(1, stats.refill_count);
    pm_arena_reset(arena);
    CHECK_EQUAL(0, stats_of(arena).allocated_bytes);
    CHECK_EQUAL(40 + 3 * redzone, stats_of(arena).peak_bytes);
    CHECK_EQUAL(1, stats_of(arena).reset_count);
    CHECK_EQUAL(4096, stats_of(arena).capacity_bytes);
    pm_arena_free(arena);
}

static void the_end_of_a_short_chunk_is_counted_as_tail(void) {
    pm_arena *arena = arena_of(4096, 0);
    CHECK(pm_arena_alloc(arena, 3000, 8) != NULL);
    const size_t used = stats_of(arena).allocated_bytes;
    CHECK(pm_arena_alloc(arena, 3000, 8) != NULL);
    const pm_arena_stats stats = stats_of(arena);
    CHECK_EQUAL(2, stats.chunk_count);
    CHECK_EQUAL(4096 - 64 - used, stats.tail_bytes);
    CHECK_EQUAL(used + stats.tail_bytes + used, stats.allocated_bytes);
    CHECK_EQUAL(stats.allocated_bytes, stats.peak_bytes);
    pm_arena_free(arena);
}

static void a_reset_arena_serves_again_without_the_system(void) {
    pm_arena *arena = arena_of(4096, 0);
    for (int round = 0; round < 3; round++) {
        const uint64_t before = check_allocations();
        for (int i = 0; i < 1000; i++) {
            CHECK(pm_arena_alloc(arena, 40, 8) != NULL);
        }
        CHECK(round == 0 || check_allocations() == before);
        pm_arena_reset(arena);
    }
    pm_arena_trim(arena);
    CHECK_EQUAL(0, stats_of(arena).capacity_bytes);
    pm_arena_free(arena);
}

static void a_spare_chunk_that_is_too_short_is_passed_over(void) {
    pm_arena *arena = arena_of(1024, 0);
    CHECK(pm_arena_alloc(arena, 600, 8) != NULL);
    CHECK(pm_arena_alloc(arena, 9000, 8) != NULL);
    pm_arena_reset(arena);
    CHECK(pm_arena_alloc(arena, 9000, 8) != NULL);
    CHECK_EQUAL(2, stats_of(arena).chunk_count);
    CHECK(pm_arena_alloc(arena, 600, 8) != NULL);
    CHECK_EQUAL(2, stats_of(arena).chunk_count);
    CHECK(pm_arena_is_valid(arena));
    pm_arena_free(arena);
}

static void a_copy_ends_with_a_nul(void) {
    pm_arena *arena = arena_of(0, 0);
    const char text[] = "def f(): pass";
    char *copy = pm_arena_copy(arena, text, sizeof text - 1);
    CHECK(copy != text && strcmp(copy, text) == 0);
    CHECK(pm_arena_copy(arena, NULL, 0)[0] == '\0');
    pm_arena_free(arena);
}

static void a_rewind_ends_what_came_after_its_mark(void) {
    pm_arena *arena = arena_of(1024, 0);
    const pm_arena_mark empty = pm_arena_mark_now(arena);
    char *kept = pm_arena_copy(arena, "kept", 4);
    const pm_arena_mark mark = pm_arena_mark_now(arena);
    const size_t used = stats_of(arena).allocated_bytes;
    void *first = pm_arena_alloc(arena, 16, 8);
    for (int i = 0; i < 200; i++) {
        CHECK(pm_arena_alloc(arena, 100, 8) != NULL);
    }
    CHECK_OK(pm_arena_rewind(arena, mark));
    CHECK_EQUAL(used, stats_of(arena).allocated_bytes);
    CHECK(strcmp(kept, "kept") == 0);
    CHECK(pm_arena_is_valid(arena));
    CHECK(pm_arena_alloc(arena, 16, 8) == first);
    CHECK_OK(pm_arena_rewind(arena, empty));
    CHECK_EQUAL(0, stats_of(arena).allocated_bytes);
    CHECK_EQUAL(PM_INVALID, pm_arena_rewind(arena, mark)); /* beyond what is in use */
    pm_arena_free(arena);
}

static void stale_and_foreign_marks_are_refused(void) {
    pm_arena *arena = arena_of(1024, 0), *other = arena_of(1024, 0);
    CHECK(pm_arena_alloc(arena, 8, 8) != NULL);
    CHECK(pm_arena_alloc(other, 8, 8) != NULL);
    const pm_arena_mark mark = pm_arena_mark_now(arena);
    CHECK_EQUAL(PM_INVALID, pm_arena_rewind(other, mark));
    pm_arena_reset(arena);
    CHECK_EQUAL(PM_INVALID, pm_arena_rewind(arena, mark));
    CHECK_EQUAL(0, stats_of(arena).rewind_count);
    pm_arena_free(arena);
    pm_arena_free(other);
}

/* One call for many places gives the same places, and the same figures, as a call for each. */
static void a_bulk_allocation_is_many_single_ones(void) {
    enum { MANY = 500 };
    for (size_t alignment = 1; alignment <= 256; alignment *= 4) {
        pm_arena *bulk = arena_of(4096, 0), *single = arena_of(4096, 0);
        uint64_t random = alignment;
        size_t sizes[MANY];
        uintptr_t places[MANY];
        for (size_t i = 0; i < MANY; i++) {
            sizes[i] = check_below(&random, check_below(&random, 16) == 0 ? 6000 : 100);
            CHECK(pm_arena_alloc(single, sizes[i], alignment) != NULL);
        }
        CHECK_OK(pm_arena_alloc_many(bulk, sizes, MANY, alignment, places));
        for (size_t i = 0; i < MANY; i++) {
            CHECK_EQUAL(0, places[i] % alignment);
            memset((void *)places[i], (int)i, sizes[i]);
        }
        for (size_t i = 0; i < MANY; i++) {
            for (size_t k = 0; k < sizes[i]; k++) {
                CHECK_EQUAL((unsigned char)i, ((const unsigned char *)places[i])[k]);
            }
        }
        CHECK_EQUAL(stats_of(single).allocation_count, stats_of(bulk).allocation_count);
        CHECK_EQUAL(stats_of(single).requested_bytes, stats_of(bulk).requested_bytes);
        CHECK(pm_arena_is_valid(bulk));
        pm_arena_free(bulk);
        pm_arena_free(single);
    }
}

static void a_bulk_allocation_is_all_or_none(void) {
    pm_arena *arena = arena_of(1024, 4096);
    const size_t sizes[] = {16, 900, 900, 7}, too_many[] = {900, 900, 900, 900, 900, 900};
    uintptr_t places[6];
    CHECK_OK(pm_arena_alloc_many(arena, sizes, 4, 16, places));
    for (size_t i = 0; i < 4; i++) {
        CHECK_EQUAL(0, places[i] % 16);
        CHECK(pm_arena_contains(arena, (const void *)places[i], sizes[i]));
    }
    const size_t used = stats_of(arena).allocated_bytes;
    CHECK_EQUAL(PM_NO_MEMORY, pm_arena_alloc_many(arena, too_many, 6, 8, places));
    CHECK_EQUAL(used, stats_of(arena).allocated_bytes);
    CHECK_EQUAL(PM_INVALID, pm_arena_alloc_many(arena, sizes, 4, 12, places));
    CHECK_EQUAL(0, stats_of(arena).rewind_count);
    CHECK(pm_arena_is_valid(arena));
    pm_arena_free(arena);
}

static void the_limit_holds_and_spare_chunks_make_room(void) {
    pm_arena *arena = arena_of(1024, 8192);
    CHECK(pm_arena_alloc(arena, 7000, 8) != NULL);
    CHECK(pm_arena_alloc(arena, 7000, 8) == NULL);
    CHECK(stats_of(arena).capacity_bytes <= 8192);
    pm_arena_reset(arena);
    CHECK(pm_arena_alloc(arena, 8000, 8) != NULL); /* the chunk of 7000 bytes had to go for it */
    CHECK(stats_of(arena).capacity_bytes <= 8192);
    pm_arena_free(arena);
}

static void only_memory_in_use_is_contained(void) {
    pm_arena *arena = arena_of(1024, 0);
    char *first = pm_arena_alloc(arena, 100, 8), *last = NULL, outside;
    for (int i = 0; i < 30; i++) {
        last = pm_arena_alloc(arena, 100, 8);
    }
    CHECK(pm_arena_contains(arena, first, 100) && pm_arena_contains(arena, last, 100));
    CHECK(!pm_arena_contains(arena, &outside, 1));
    CHECK(!pm_arena_contains(arena, last - 1, 1));
    CHECK(!pm_arena_contains(arena, first, 4096));
    CHECK(!pm_arena_contains(arena, first, SIZE_MAX));
    pm_arena_reset(arena);
    CHECK(!pm_arena_contains(arena, first, 1));
    pm_arena_free(arena);
}

static void huge_pages_are_asked_for_and_reported(void) {
    const pm_arena_options options = {.capacity_bytes = 3 << 20, .huge_pages = true};
    pm_arena *arena = NULL;
    CHECK_OK(pm_arena_new(&options, &arena));
    char *place = pm_arena_alloc(arena, 1 << 20, 64);
    memset(place, 1, 1 << 20);
    CHECK_EQUAL(4 << 20, stats_of(arena).capacity_bytes);
    size_t huge = SIZE_MAX;
    const pm_status status = pm_arena_huge_bytes(arena, &huge);
    CHECK(status == PM_UNSUPPORTED || (status == PM_OK && huge <= 4 << 20 && huge % 4096 == 0));
    pm_arena_free(arena);
}

static pm_status fill(void) {
    const pm_arena_options options = {.capacity_bytes = 512};
    pm_arena *arena = NULL;
    pm_status status = pm_arena_new(&options, &arena);
    if (status != PM_OK) {
        return status;
    }
    for (int i = 0; i < 40; i++) {
        const size_t used = stats_of(arena).allocated_bytes;
        if (pm_arena_alloc(arena, 60, 8) == NULL) {
            status = PM_NO_MEMORY;
            CHECK_EQUAL(used, stats_of(arena).allocated_bytes);
            CHECK(pm_arena_alloc(arena, 60, 8) != NULL); /* it still works */
        }
        CHECK(pm_arena_is_valid(arena));
    }
    pm_arena_free(arena);
    return status;
}

static void every_refused_chunk_leaves_the_arena_working(void) {
    check_every_failure(fill);
}

/* A random program against a list of what must still hold: contents, disjointness by contents, bytes in use. */
enum { BLOCKS = 400 };

typedef struct block {
    unsigned char *place;
    size_t bytes;
    unsigned char fill;
} block;

static void check_blocks(const block *blocks, size_t count) {
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < blocks[i].bytes; k++) {
            CHECK_EQUAL(blocks[i].fill, blocks[i].place[k]);
        }
    }
}

static void random_programs_keep_every_byte(void) {
    for (uint64_t seed = 1; seed <= 60; seed++) {
        uint64_t random = seed;
        pm_arena *arena = arena_of(256 << check_below(&random, 6), 0);
        block blocks[BLOCKS];
        struct {
            pm_arena_mark mark;
            size_t count;
        } marks[16];
        size_t count = 0, mark_count = 0;
        for (int step = 0; step < 600; step++) {
            const size_t action = check_below(&random, 40);
            if (action == 0) {
                pm_arena_reset(arena);
                count = mark_count = 0;
            } else if (action <= 2 && mark_count < 16) {
                marks[mark_count].mark = pm_arena_mark_now(arena);
                marks[mark_count++].count = count;
            } else if (action <= 4 && mark_count > 0) {
                mark_count = check_below(&random, mark_count);
                CHECK_OK(pm_arena_rewind(arena, marks[mark_count].mark));
                count = marks[mark_count].count;
            } else if (action == 5) {
                pm_arena_trim(arena);
            } else if (count < BLOCKS) {
                block *b = &blocks[count++];
                const size_t alignment = (size_t)1 << check_below(&random, 9);
                b->bytes = check_below(&random, check_below(&random, 8) == 0 ? 5000 : 120);
                b->place = action % 2 ? pm_arena_alloc(arena, b->bytes, alignment)
                                      : pm_arena_slice(arena, b->bytes, 1, alignment);
                b->fill = (unsigned char)check_random(&random);
                CHECK_EQUAL(0, (uintptr_t)b->place % alignment);
                CHECK(pm_arena_contains(arena, b->place, b->bytes));
                memset(b->place, b->fill, b->bytes);
            }
            CHECK(pm_arena_is_valid(arena));
        }
        check_blocks(blocks, count);
        const pm_arena_stats stats = stats_of(arena);
        CHECK(stats.allocated_bytes <= stats.peak_bytes &&
              stats.peak_bytes <= stats.requested_bytes + stats.padding_bytes + stats.tail_bytes);
        pm_arena_free(arena);
    }
}

int main(void) {
    RUN(a_new_arena_holds_no_chunk);
    RUN(the_default_chunk_is_4_mib_and_mapped);
    RUN(every_alignment_is_kept);
    RUN(absurd_requests_are_refused);
    RUN(no_bytes_are_a_place_of_their_own);
    RUN(statistics_are_exact);
    RUN(the_end_of_a_short_chunk_is_counted_as_tail);
    RUN(a_reset_arena_serves_again_without_the_system);
    RUN(a_spare_chunk_that_is_too_short_is_passed_over);
    RUN(a_copy_ends_with_a_nul);
    RUN(a_rewind_ends_what_came_after_its_mark);
    RUN(stale_and_foreign_marks_are_refused);
    RUN(a_bulk_allocation_is_many_single_ones);
    RUN(a_bulk_allocation_is_all_or_none);
    RUN(the_limit_holds_and_spare_chunks_make_room);
    RUN(only_memory_in_use_is_contained);
    RUN(huge_pages_are_asked_for_and_reported);
    RUN(every_refused_chunk_leaves_the_arena_working);
    RUN(random_programs_keep_every_byte);
    return 0;
}
