/* The growable vector: contents against a plain model, element sizes, overflow, failures, pooled use. */
#include "check.h"

static void a_new_vector_has_room_for_1024_bytes(void) {
    pm_vec *vec = NULL;
    CHECK_OK(pm_vec_new(8, 0, &vec));
    CHECK_EQUAL(PM_VEC_BYTES, vec->capacity_bytes);
    CHECK_EQUAL(0, (uintptr_t)vec->data % 16);
    CHECK_OK(pm_vec_resize(vec, 128));
    CHECK_EQUAL(PM_VEC_BYTES, vec->capacity_bytes);
    CHECK_OK(pm_vec_resize(vec, 129));
    CHECK_EQUAL(2 * PM_VEC_BYTES, vec->capacity_bytes);
    pm_vec_free(vec);
    pm_vec_free(NULL);
    CHECK_EQUAL(PM_INVALID, pm_vec_new(0, 0, &vec));
}

static void a_vector_can_append_itself(void) {
    pm_vec vec;
    const uint32_t first[] = {1, 2, 3};
    CHECK_OK(pm_vec_init(&vec, 4, 12));
    CHECK_OK(pm_vec_append(&vec, first, 3));
    CHECK_OK(pm_vec_append(&vec, vec.data, 3));
    CHECK_OK(pm_vec_append(&vec, NULL, 0));
    for (size_t i = 0; i < 6; i++) {
        CHECK_EQUAL(i % 3 + 1, ((uint32_t *)vec.data)[i]);
    }
    pm_vec_deinit(&vec);
}

static void only_an_empty_vector_changes_its_element_size(void) {
    pm_vec vec;
    CHECK_OK(pm_vec_init(&vec, 4, 0));
    CHECK_OK(pm_vec_resize(&vec, 1));
    CHECK_EQUAL(PM_BUSY, pm_vec_retype(&vec, 8));
    pm_vec_clear(&vec);
    CHECK_EQUAL(PM_INVALID, pm_vec_retype(&vec, 0));
    CHECK_OK(pm_vec_retype(&vec, 8));
    CHECK_EQUAL(8, vec.element_bytes);
    pm_vec_deinit(&vec);
}

static void overflow_leaves_the_vector_alone(void) {
    pm_vec vec;
    CHECK_OK(pm_vec_init(&vec, 8, 0));
    CHECK_OK(pm_vec_resize(&vec, 3));
    CHECK_EQUAL(PM_OVERFLOW, pm_vec_reserve(&vec, SIZE_MAX));
    CHECK_EQUAL(PM_OVERFLOW, pm_vec_reserve(&vec, SIZE_MAX / 8));
    CHECK_EQUAL(PM_NO_MEMORY, pm_vec_reserve(&vec, SIZE_MAX / 16));
    CHECK_EQUAL(PM_OVERFLOW, pm_vec_resize(&vec, SIZE_MAX / 4));
    CHECK_EQUAL(3, vec.count);
    pm_vec_deinit(&vec);
}

static void random_programs_match_a_plain_array(void) {
    static uint64_t model[100000];
    for (uint64_t seed = 1; seed <= 40; seed++) {
        uint64_t random = seed;
        size_t count = 0;
        pm_vec vec;
        CHECK_OK(pm_vec_init(&vec, sizeof(uint64_t), 1 + check_below(&random, 100)));
        for (int step = 0; step < 200; step++) {
            uint64_t piece[50];
            const size_t action = check_below(&random, 12), more = check_below(&random, 50);
            if (action == 0) {
                pm_vec_clear(&vec);
                count = 0;
            } else if (action == 1) {
                const size_t resized = check_below(&random, count + 20);
                CHECK_OK(pm_vec_resize(&vec, resized));
                if (resized > count) {
                    memset(model + count, 0, (resized - count) * sizeof *model);
                }
                count = resized;
            } else {
                for (size_t i = 0; i < more; i++) {
                    piece[i] = model[count + i] = check_random(&random);
                }
                CHECK_OK(pm_vec_append(&vec, piece, more));
                count += more;
            }
            CHECK_EQUAL(count, vec.count);
            CHECK(count == 0 || memcmp(model, vec.data, count * sizeof *model) == 0);
        }
        pm_vec_deinit(&vec);
    }
}

static pm_status grow(void) {
    pm_vec *vec = NULL;
    pm_status status = pm_vec_new(4, 4, &vec);
    if (status != PM_OK) {
        return status;
    }
    for (uint32_t i = 0; i < 100; i++) {
        if (pm_vec_append(vec, &i, 1) != PM_OK) {
            status = PM_NO_MEMORY;
            CHECK_EQUAL(i, vec->count);
            CHECK_OK(pm_vec_append(vec, &i, 1));
        }
    }
    for (uint32_t i = 0; i < 100; i++) {
        CHECK_EQUAL(i, ((uint32_t *)vec->data)[i]);
    }
    pm_vec_free(vec);
    return status;
}

static void every_refused_allocation_leaves_the_vector_working(void) {
    check_every_failure(grow);
}

static void a_pooled_vector_comes_back_empty_and_untyped(void) {
    pm_pool_type type;
    pm_pool *pool = NULL;
    pm_vec_pool_type(&type);
    type.wipe = true;
    CHECK_OK(pm_pool_new(&type, PM_VEC_RETAINED, &pool));
    pm_vec *vec = pm_pool_acquire(pool);
    CHECK_OK(pm_vec_retype(vec, 8));
    CHECK_OK(pm_vec_append(vec, "12345678", 1));
    CHECK_OK(pm_pool_release(pool, vec));
    pm_vec *again = pm_pool_acquire(pool);
    CHECK(again == vec && vec->count == 0 && vec->element_bytes == 1);
    CHECK(memcmp(vec->data, "\0\0\0\0\0\0\0\0", 8) == 0);
    CHECK_OK(pm_vec_resize(vec, (size_t)65 * PM_VEC_BYTES));
    CHECK_OK(pm_pool_release(pool, vec));
    pm_pool_stats stats;
    pm_pool_read_stats(pool, &stats);
    CHECK_EQUAL(1, stats.discard_count);
    CHECK_OK(pm_pool_free(pool));
}

int main(void) {
    RUN(a_new_vector_has_room_for_1024_bytes);
    RUN(a_vector_can_append_itself);
    RUN(only_an_empty_vector_changes_its_element_size);
    RUN(overflow_leaves_the_vector_alone);
    RUN(random_programs_match_a_plain_array);
    RUN(every_refused_allocation_leaves_the_vector_working);
    RUN(a_pooled_vector_comes_back_empty_and_untyped);
    return 0;
}
