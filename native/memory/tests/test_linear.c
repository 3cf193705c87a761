/* Linear memories: no byte of one tenant reaches the next, growth in place, the bound, misuse, fork, threads. */
#include "check.h"
#include "platform/platform.h"
#include <pthread.h>

#if defined(_WIN32) /* has no fork, and neither bounds what stays resident nor refuses to renew what is locked */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#else
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

enum { PAGE = 65536, MANY = 8 };

static const pm_linear_method methods[] = {PM_LINEAR_AUTO, PM_LINEAR_RENEW};

static pm_linear_pool *pool_of(const pm_linear_options *options) {
    pm_linear_pool *pool = NULL;
    CHECK_OK(pm_linear_pool_new(options, &pool));
    return pool;
}

static pm_linear_pool *small_pool(pm_linear_method method) {
    return pool_of(&(pm_linear_options){.slot_count = MANY, .maximum_bytes = 64 * PAGE, .method = method});
}

static pm_linear *acquire(pm_linear_pool *pool, size_t bytes) {
    pm_linear *linear = NULL;
    CHECK_OK(pm_linear_acquire(pool, bytes, SIZE_MAX, &linear));
    return linear;
}

static pm_linear_stats stats_of(const pm_linear_pool *pool) {
    pm_linear_stats stats;
    pm_linear_read_stats(pool, &stats);
    return stats;
}

static void check_zero(const unsigned char *data, size_t bytes) {
    CHECK(bytes == 0 || (data[0] == 0 && memcmp(data, data + 1, bytes - 1) == 0)); /* each byte is the one before it */
}

static void a_tenant_without_pages_leaves_none_behind(void) {
    for (size_t m = 0; m < 2; m++) {
        pm_linear_pool *pool = small_pool(methods[m]);
        pm_linear *linear = acquire(pool, 2 * PAGE);
        memset(linear->data, 0xA5, 2 * PAGE);
        CHECK_OK(pm_linear_release(pool, linear));
        CHECK_OK(pm_linear_release(pool, acquire(pool, 0)));
        CHECK_EQUAL(0, stats_of(pool).kept_bytes);
        CHECK_OK(pm_linear_pool_free(pool));
    }
}

static void every_slot_comes_back_zero_and_at_its_place(void) {
    for (size_t m = 0; m < 2; m++) {
        pm_linear_pool *pool = small_pool(methods[m]);
        pm_linear *all[MANY];
        unsigned char *data[MANY];
        for (int round = 0; round < 3; round++) {
            for (size_t i = 0; i < MANY; i++) {
                all[i] = acquire(pool, 2 * PAGE);
                CHECK(round == 0 || data[i] == all[i]->data);
                data[i] = all[i]->data;
                check_zero(data[i], 2 * PAGE);
                memset(data[i], 0xA5, 2 * PAGE);
            }
            pm_linear *none = NULL;
            CHECK_EQUAL(PM_BUSY, pm_linear_acquire(pool, PAGE, PAGE, &none));
            CHECK(none == NULL);
            for (size_t i = 0; i < MANY; i++) {
                CHECK_OK(pm_linear_release(pool, all[i]));
            }
        }
        const pm_linear_stats stats = stats_of(pool);
        CHECK_EQUAL(3 * MANY, stats.acquire_count);
        CHECK_EQUAL(3 * MANY, stats.release_count);
        CHECK_EQUAL(3, stats.refused_count);
        CHECK_EQUAL(0, stats.in_use_count);
        CHECK_EQUAL(MANY, stats.peak_count);
        CHECK_EQUAL(0, stats.scan_failed_count);
        CHECK_EQUAL(MANY * 2 * PAGE, stats.committed_bytes);
        if (stats.method == PM_LINEAR_SCAN) {
            CHECK_EQUAL(3 * MANY * 2 * PAGE / pm_platform_page_bytes(), stats.cleared_pages);
            CHECK_EQUAL(MANY * 2 * PAGE, stats.kept_bytes);
            CHECK_EQUAL(0, stats.renewed_count);
        } else {
            CHECK_EQUAL(0, stats.cleared_pages + stats.kept_bytes);
            CHECK_EQUAL(3 * MANY, stats.renewed_count);
        }
        CHECK_OK(pm_linear_pool_free(pool));
    }
    CHECK_OK(pm_linear_pool_free(NULL));
}

static void the_defaults_are_a_hundred_memories_of_128_mib(void) {
    pm_linear_pool *pool = pool_of(NULL);
    const pm_linear_stats stats = stats_of(pool);
    CHECK_EQUAL(100, stats.slot_count);
    CHECK(stats.reserved_bytes >= 100 * ((size_t)128 << 20));
    CHECK_EQUAL(0, stats.committed_bytes);
    pm_linear *linear = acquire(pool, 0);
    CHECK_OK(pm_linear_grow(linear, (size_t)128 << 20));
    linear->data[((size_t)128 << 20) - 1] = 1;
    CHECK_EQUAL(PM_OVERFLOW, pm_linear_grow(linear, ((size_t)128 << 20) + 1));
    CHECK_OK(pm_linear_release(pool, linear));
    CHECK_OK(pm_linear_pool_free(pool));
}

static void growth_keeps_place_and_content_and_adds_zeros(void) {
    pm_linear_pool *pool = small_pool(PM_LINEAR_AUTO);
    pm_linear *linear = NULL;
    CHECK_OK(pm_linear_acquire(pool, PAGE, 8 * PAGE, &linear));
    unsigned char *data = linear->data;
    memset(data, 7, PAGE);
    for (size_t pages = 1; pages <= 8; pages++) {
        CHECK_OK(pm_linear_grow(linear, pages * PAGE));
        CHECK(linear->data == data && linear->bytes == pages * PAGE);
        check_zero(data + (pages > 1 ? pages - 1 : 1) * PAGE, pages > 1 ? PAGE : 0);
        memset(data + (pages - 1) * PAGE, 7, PAGE);
    }
    CHECK_EQUAL(PM_OVERFLOW, pm_linear_grow(linear, 8 * PAGE + 1));
    CHECK_EQUAL(PM_INVALID, pm_linear_grow(linear, 8 * PAGE - 1));
    CHECK(linear->bytes == 8 * PAGE && data[8 * PAGE - 1] == 7);
    CHECK_OK(pm_linear_release(pool, linear));
    CHECK(acquire(pool, 8 * PAGE) == linear);
    check_zero(data, 8 * PAGE);
    CHECK_OK(pm_linear_release(pool, linear));
    CHECK_EQUAL(8, stats_of(pool).grow_count);
    CHECK_OK(pm_linear_pool_free(pool));
}

/* Whether a byte may be read, by the kernel's word. */
#if defined(_WIN32)
static bool is_readable(const unsigned char *byte) {
    MEMORY_BASIC_INFORMATION told;
    CHECK(VirtualQuery(byte, &told, sizeof told) != 0);
    return told.State == MEM_COMMIT && told.Protect == PAGE_READWRITE;
}
#else
static bool is_readable(const unsigned char *byte) {
    FILE *maps = fopen("/proc/self/maps", "re");
    CHECK(maps != NULL);
    uint64_t first = 0, end = 0;
    char line[512], rights[5] = "";
    bool readable = false;
    while (fgets(line, sizeof line, maps) != NULL) {
        if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", &first, &end, rights) == 3 && first <= (uintptr_t)byte &&
            (uintptr_t)byte < end) {
            readable = rights[0] == 'r';
        }
    }
    fclose(maps);
    return readable;
}
#endif

static void nothing_beyond_a_memory_can_be_touched(void) {
    pm_linear_pool *pool = small_pool(PM_LINEAR_AUTO);
    pm_linear *large = acquire(pool, 64 * PAGE), *next = acquire(pool, PAGE);
    CHECK(is_readable(large->data + 64 * PAGE - 1));
    CHECK(!is_readable(large->data + 64 * PAGE));
    CHECK(!is_readable(next->data - 1) && !is_readable(large->data - 1));
    memset(large->data, 1, 64 * PAGE);
    CHECK_OK(pm_linear_release(pool, large));
    CHECK(acquire(pool, 2 * PAGE) == large); /* a smaller tenant of the same slot */
    CHECK(is_readable(large->data + 2 * PAGE - 1));
    CHECK(!is_readable(large->data + 2 * PAGE));
    CHECK_OK(pm_linear_grow(large, 64 * PAGE));
    check_zero(large->data, 64 * PAGE);
    CHECK_OK(pm_linear_release(pool, large));
    CHECK_OK(pm_linear_release(pool, next));
    CHECK_OK(pm_linear_pool_free(pool));
}

#if !defined(_WIN32)
/* Page by page: an emulator may refuse to tell of pages that nobody may touch, and those hold nothing. */
static size_t resident_pages(unsigned char *data, size_t bytes) {
    size_t count = 0;
    for (size_t i = 0; i < bytes; i += pm_platform_page_bytes()) {
        unsigned char resident = 0;
        count += mincore(data + i, 1, (void *)&resident) == 0 && (resident & 1) != 0;
    }
    return count;
}

static void no_more_than_the_cap_stays_resident(void) {
    const size_t page = pm_platform_page_bytes();
    const size_t caps[] = {1, page, 3 * page + 1, 2 * PAGE, 1000 * PAGE, SIZE_MAX};
    for (size_t c = 0; c < sizeof caps / sizeof *caps; c++) {
        pm_linear_pool *pool =
            pool_of(&(pm_linear_options){.slot_count = 1, .maximum_bytes = 64 * PAGE, .keep_resident_bytes = caps[c]});
        for (size_t pages = 64; pages > 0;
             pages /= 2) { /* tenants that shrink: what they leave behind adds up to nothing */
            pm_linear *linear = acquire(pool, pages * PAGE);
            check_zero(linear->data, pages * PAGE);
            memset(linear->data, 1, pages * PAGE);
            CHECK_OK(pm_linear_release(pool, linear));
            const pm_linear_stats stats = stats_of(pool);
            CHECK(stats.kept_bytes <= stats.retained_max_bytes);
            const size_t most = stats.kept_bytes / page, now = resident_pages(linear->data, 64 * PAGE);
            if (now > most) {
                fprintf(stderr, "cap %zu, %zu pages: %zu resident, %zu said\n", caps[c], pages, now, most);
                abort();
            }
        }
        CHECK_OK(pm_linear_pool_free(pool));
    }
}
#endif

static void pages_that_were_only_read_need_no_clearing(void) {
    pm_linear_pool *pool = small_pool(PM_LINEAR_AUTO);
    pm_linear *linear = acquire(pool, 16 * PAGE);
    check_zero(linear->data, 16 * PAGE);
    linear->data[5 * PAGE] = 1;
    CHECK_OK(pm_linear_release(pool, linear));
    const pm_linear_stats stats = stats_of(pool);
    CHECK_EQUAL(stats.method == PM_LINEAR_SCAN ? 1 : 0, stats.cleared_pages);
    CHECK_OK(pm_linear_pool_free(pool));
}

static void a_random_program_never_sees_an_old_byte(void) {
    for (size_t m = 0; m < 2; m++) {
        for (uint64_t seed = 1; seed <= 4; seed++) {
            uint64_t state = seed;
            pm_linear_pool *pool = pool_of(&(pm_linear_options){.slot_count = MANY,
                                                                .maximum_bytes = 64 * PAGE,
                                                                .keep_resident_bytes = (size_t)PAGE << (4 * (seed & 1)),
                                                                .method = methods[m]});
            pm_linear *held[MANY] = {NULL};
            unsigned char tenant = 0;
            for (int step = 0; step < 400; step++) {
                const size_t i = check_below(&state, MANY);
                const size_t pages = check_below(&state, 65);
                if (held[i] == NULL) {
                    held[i] = acquire(pool, pages * PAGE);
                    check_zero(held[i]->data, held[i]->bytes);
                } else if (check_below(&state, 3) == 0) {
                    CHECK_OK(pm_linear_release(pool, held[i]));
                    held[i] = NULL;
                    continue;
                } else if (check_below(&state, 8) == 0) {
                    CHECK_OK(pm_linear_reset(held[i], pages * PAGE));
                    check_zero(held[i]->data, held[i]->bytes);
                } else {
                    const size_t had = held[i]->bytes;
                    CHECK_EQUAL(pages * PAGE < had ? PM_INVALID : PM_OK, pm_linear_grow(held[i], pages * PAGE));
                    check_zero(held[i]->data + had, held[i]->bytes - had);
                }
                tenant = tenant == 255 ? 1 : (unsigned char)(tenant + 1);
                for (int write = 0; write < 20 && held[i]->bytes != 0; write++) {
                    held[i]->data[check_below(&state, held[i]->bytes)] = tenant;
                }
            }
            for (size_t i = 0; i < MANY; i++) {
                CHECK(held[i] == NULL || pm_linear_release(pool, held[i]) == PM_OK);
            }
            CHECK_EQUAL(0, stats_of(pool).in_use_count);
            CHECK_OK(pm_linear_pool_free(pool));
        }
    }
}

static void every_new_memory_is_the_image(void) {
    static unsigned char image[3 * PAGE + 100];
    for (size_t i = 0; i < sizeof image; i++) {
        image[i] = (unsigned char)(i * 7 + i / 4096);
    }
    for (size_t m = 0; m < 4; m++) {
        pm_linear_options options = {.slot_count = 2,
                                     .maximum_bytes = 16 * PAGE,
                                     .keep_resident_bytes = m < 2 ? 0 : 4096,
                                     .image = image,
                                     .image_bytes = sizeof image,
                                     .method = methods[m % 2]};
        pm_linear_pool *pool = pool_of(&options);
        CHECK_EQUAL(0, stats_of(pool).in_use_count);
        pm_linear *linear = NULL;
        CHECK_EQUAL(PM_INVALID, pm_linear_acquire(pool, 3 * PAGE, SIZE_MAX, &linear));
        uint64_t state = m;
        for (int round = 0; round < 20; round++) {
            linear = acquire(pool, 8 * PAGE);
            CHECK(memcmp(image, linear->data, sizeof image) == 0);
            check_zero(linear->data + sizeof image, 8 * PAGE - sizeof image);
            for (int write = 0; write < 30; write++) {
                linear->data[check_below(&state, 8 * PAGE)] ^= 0xFF;
            }
            CHECK_OK(pm_linear_reset(linear, (size_t)(5 + round % 4) * PAGE));
            CHECK(memcmp(image, linear->data, sizeof image) == 0);
            memset(linear->data, 0xEE, linear->bytes);
            CHECK_OK(pm_linear_release(pool, linear));
        }
        CHECK_OK(pm_linear_pool_free(pool));
    }
}

static void misuse_is_refused(void) {
    pm_linear_pool *pool = small_pool(PM_LINEAR_AUTO), *other = small_pool(PM_LINEAR_AUTO);
    pm_linear *linear = acquire(pool, PAGE);
    CHECK_EQUAL(PM_FOREIGN, pm_linear_release(other, linear));
    CHECK_EQUAL(PM_FOREIGN, pm_linear_release(pool, NULL));
    CHECK_EQUAL(PM_FOREIGN, pm_linear_release(pool, (pm_linear *)(void *)((char *)linear + 8)));
    CHECK_EQUAL(PM_BUSY, pm_linear_pool_free(pool));
    CHECK_OK(pm_linear_release(pool, linear));
    CHECK_EQUAL(PM_DOUBLE_RELEASE, pm_linear_release(pool, linear));
    pm_linear *none = NULL;
    CHECK_EQUAL(PM_OVERFLOW, pm_linear_acquire(pool, 65 * PAGE, SIZE_MAX, &none));
    CHECK_EQUAL(PM_OVERFLOW, pm_linear_acquire(pool, 2 * PAGE, PAGE, &none));
    CHECK_EQUAL(PM_OVERFLOW, pm_linear_acquire(pool, SIZE_MAX, SIZE_MAX, &none));
    CHECK(none == NULL);
    CHECK_OK(pm_linear_pool_free(pool));
    pm_linear_pool_drop(other);
    pm_linear_pool_drop(NULL);
}

static void absurd_options_are_refused(void) {
    const unsigned char image[1] = {1};
    const struct {
        pm_linear_options options;
        pm_status status;
    } cases[] = {
        {{.slot_count = PM_LINEAR_SLOT_COUNT_MAX + 1}, PM_INVALID},
        {{.maximum_bytes = 2 * PAGE, .reserved_bytes = PAGE}, PM_INVALID},
        {{.maximum_bytes = PAGE, .image = image, .image_bytes = PAGE + 1}, PM_INVALID},
        {{.method = (pm_linear_method)3}, PM_INVALID},
        {{.maximum_bytes = SIZE_MAX}, PM_OVERFLOW},
        {{.slot_count = 3, .maximum_bytes = SIZE_MAX / 2}, PM_OVERFLOW},
        {{.guard_bytes = SIZE_MAX}, PM_OVERFLOW},
        {{.slot_count = 1000, .maximum_bytes = SIZE_MAX / 4096},
         PM_NO_MEMORY}, /* no machine has so much address space */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pm_linear_pool *pool = NULL;
        CHECK_EQUAL(cases[i].status, pm_linear_pool_new(&cases[i].options, &pool));
        CHECK(pool == NULL);
    }
}

#if !defined(_WIN32)
/* Clears in a child what the parent wrote, and the parent's copy stays. */
static void both_sides_of_a_fork_clear_their_own_pages(void) {
    pm_linear_pool *pool = small_pool(PM_LINEAR_AUTO);
    pm_linear *linear = acquire(pool, 4 * PAGE);
    memset(linear->data, 9, 4 * PAGE);
    fflush(stdout);
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        linear->data[PAGE] = 3;
        bool right =
            pm_linear_release(pool, linear) == PM_OK && pm_linear_acquire(pool, 4 * PAGE, PAGE * 4, &linear) == PM_OK;
        for (size_t i = 0; i < 4 * PAGE; i++) {
            right = right && linear->data[i] == 0;
        }
        linear->data[0] = 1;
        right = right && pm_linear_release(pool, linear) == PM_OK && linear->data[0] == 0;
        _exit(right && stats_of(pool).scan_failed_count == 0 ? 0 : 1);
    }
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    for (size_t i = 0; i < 4 * PAGE; i++) {
        CHECK(linear->data[i] == 9);
    }
    CHECK_OK(pm_linear_release(pool, linear));
    check_zero(linear->data, 4 * PAGE);
    CHECK_OK(pm_linear_pool_free(pool));
}

static void locked_memory_is_cleared_by_hand(void) {
    pm_linear_pool *pool = small_pool(PM_LINEAR_RENEW);
    pm_linear *linear = acquire(pool, PAGE);
    if (mlock(linear->data, PAGE) == 0) { /* a locked page cannot be given back; where locking is not allowed, it can */
        memset(linear->data, 5, PAGE);
        CHECK_OK(pm_linear_release(pool, linear));
        check_zero(linear->data, PAGE);
        munlock(linear->data, PAGE);
    } else {
        CHECK_OK(pm_linear_release(pool, linear));
    }
    CHECK_OK(pm_linear_pool_free(pool));
}
#endif

typedef struct worker {
    pm_linear_pool *pool;
    uint64_t seed;
} worker;

static void *work(void *argument) {
    const worker *self = argument;
    uint64_t state = self->seed;
    for (int round = 0; round < 300; round++) {
        pm_linear *linear = NULL;
        const pm_status status = pm_linear_acquire(self->pool, (1 + check_below(&state, 3)) * PAGE, SIZE_MAX, &linear);
        if (status == PM_BUSY) {
            continue;
        }
        CHECK_OK(status);
        for (size_t i = 0; i < linear->bytes; i += 512) {
            CHECK_EQUAL(0, linear->data[i]);
        }
        for (int write = 0; write < 8; write++) {
            linear->data[check_below(&state, linear->bytes) & ~(size_t)511] = (unsigned char)self->seed;
        }
        CHECK_OK(pm_linear_grow(linear, linear->bytes + PAGE));
        CHECK_OK(pm_linear_release(self->pool, linear));
        if (round % 64 == 0) {
            CHECK(stats_of(self->pool).in_use_count <= 3);
        }
    }
    return NULL;
}

static void threads_share_a_pool(void) {
    for (size_t m = 0; m < 2; m++) {
        pm_linear_pool *pool =
            pool_of(&(pm_linear_options){.slot_count = 3, .maximum_bytes = 8 * PAGE, .method = methods[m]});
        pthread_t threads[4];
        worker workers[4];
        for (size_t i = 0; i < 4; i++) {
            workers[i] = (worker){.pool = pool, .seed = i + 1};
            CHECK(pthread_create(&threads[i], NULL, work, &workers[i]) == 0);
        }
        for (size_t i = 0; i < 4; i++) {
            CHECK(pthread_join(threads[i], NULL) == 0);
        }
        const pm_linear_stats stats = stats_of(pool);
        CHECK_EQUAL(stats.acquire_count, stats.release_count);
        CHECK_EQUAL(1200, stats.acquire_count + stats.refused_count);
        CHECK_OK(pm_linear_pool_free(pool));
    }
}

static pm_status use_a_pool(void) {
    static const unsigned char image[5000] = {1, 2, 3};
    const pm_linear_options options = {
        .slot_count = 2, .maximum_bytes = 8 * PAGE, .image = image, .image_bytes = sizeof image};
    pm_linear_pool *pool = NULL;
    pm_status status = pm_linear_pool_new(&options, &pool);
    if (status != PM_OK) {
        return status;
    }
    pm_linear *linear = NULL;
    status = pm_linear_acquire(pool, PAGE, SIZE_MAX, &linear);
    if (status == PM_OK) {
        linear->data[PAGE - 1] = 1;
        status = pm_linear_grow(linear, 2 * PAGE);
        CHECK_EQUAL(status == PM_OK ? 2 * PAGE : PAGE, linear->bytes);
        CHECK(linear->data[1] == 2 && linear->data[PAGE - 1] == 1);
        CHECK_OK(pm_linear_release(pool, linear));
    }
    CHECK_OK(pm_linear_acquire(pool, PAGE, SIZE_MAX, &linear)); /* it works on */
    CHECK(linear->data[2] == 3 && linear->data[PAGE - 1] == 0);
    CHECK_OK(pm_linear_release(pool, linear));
    CHECK_OK(pm_linear_pool_free(pool));
    return status;
}

static void every_refused_allocation_leaves_the_pool_working(void) {
    check_every_failure(use_a_pool);
}

int main(void) {
    RUN(a_tenant_without_pages_leaves_none_behind);
    RUN(every_slot_comes_back_zero_and_at_its_place);
    RUN(the_defaults_are_a_hundred_memories_of_128_mib);
    RUN(growth_keeps_place_and_content_and_adds_zeros);
    RUN(nothing_beyond_a_memory_can_be_touched);
    RUN(pages_that_were_only_read_need_no_clearing);
    RUN(a_random_program_never_sees_an_old_byte);
    RUN(every_new_memory_is_the_image);
    RUN(misuse_is_refused);
    RUN(absurd_options_are_refused);
#if !defined(_WIN32)
    RUN(no_more_than_the_cap_stays_resident);
    RUN(both_sides_of_a_fork_clear_their_own_pages);
    RUN(locked_memory_is_cleared_by_hand);
#endif
    RUN(threads_share_a_pool);
    RUN(every_refused_allocation_leaves_the_pool_working);
    return 0;
}
