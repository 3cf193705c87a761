/* Streaming: every path and both kinds of store give the bits of plain loops, for every length and alignment, and
 * nothing outside of the arrays is touched. */
#include "fence.h"

enum { COUNT_MAX = 700, BYTES_MAX = COUNT_MAX * 8 + 64 };
static const size_t thresholds[] = {1, SIZE_MAX};

#define EACH_PATH_AND_THRESHOLD(threshold)                                                                             \
    for (pm_cpu_path path = PM_CPU_SCALAR; path < PM_CPU_PATHS; path++)                                                \
        for (size_t way = 0; way < 2 && pm_cpu_has(path); way++)                                                       \
            for (size_t threshold = thresholds[way]; pm_cpu_select(path) == PM_OK && threshold != 0; threshold = 0)

/* Three inputs and an output, between fences. */
typedef struct arrays {
    fence a, b, to;
    uint64_t x[COUNT_MAX], y[COUNT_MAX], expected[COUNT_MAX];
} arrays;

static arrays *arrays_new(void) {
    arrays *all = malloc(sizeof *all);
    CHECK(all != NULL);
    all->a = fence_new(BYTES_MAX);
    all->b = fence_new(BYTES_MAX);
    all->to = fence_new(BYTES_MAX);
    return all;
}

static void arrays_free(arrays *all) {
    fence_free(&all->a);
    fence_free(&all->b);
    fence_free(&all->to);
    free(all);
}

/* At the end of the memory where `at_end`, otherwise at its beginning; `offset` bytes away from it. */
static unsigned char *place(const fence *memory, size_t bytes, size_t offset, bool at_end) {
    return at_end ? memory->end - bytes - offset : memory->begin + offset;
}

static double as_double(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint64_t as_bits(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* A double that is neither huge nor whole, so that the order of roundings shows. */
static uint64_t some_double(uint64_t *random) {
    return as_bits((double)(int64_t)check_random(random) * 1e-9);
}

typedef struct call {
    void (*run)(void *to, const void *a, const void *b, size_t count, size_t threshold);
    uint64_t (*plain)(uint64_t a, uint64_t b);
    bool of_doubles;
} call;

#define SCALE 3.1

static void run_copy(void *to, const void *a, const void *b, size_t count, size_t threshold) {
    (void)b;
    pm_stream_copy(to, a, count * 8, threshold);
}
static uint64_t plain_copy(uint64_t a, uint64_t b) {
    (void)b;
    return a;
}
static void run_fill(void *to, const void *a, const void *b, size_t count, size_t threshold) {
    (void)a, (void)b;
    pm_stream_fill(to, UINT64_C(0x0123456789ABCDEF), count, threshold);
}
static uint64_t plain_fill(uint64_t a, uint64_t b) {
    (void)a, (void)b;
    return UINT64_C(0x0123456789ABCDEF);
}
static void run_add_f64(void *to, const void *a, const void *b, size_t count, size_t threshold) {
    pm_stream_add_f64(to, a, b, count, threshold);
}
static uint64_t plain_add_f64(uint64_t a, uint64_t b) {
    return as_bits(as_double(a) + as_double(b));
}
static void run_add_u64(void *to, const void *a, const void *b, size_t count, size_t threshold) {
    pm_stream_add_u64(to, a, b, count, threshold);
}
static uint64_t plain_add_u64(uint64_t a, uint64_t b) {
    return a + b;
}
static void run_triad_f64(void *to, const void *a, const void *b, size_t count, size_t threshold) {
    pm_stream_triad_f64(to, a, b, SCALE, count, threshold);
}
static uint64_t plain_triad_f64(uint64_t a, uint64_t b) {
    const volatile double product = as_double(b) * SCALE; /* rounded by itself */
    return as_bits(as_double(a) + product);
}
static void run_triad_u64(void *to, const void *a, const void *b, size_t count, size_t threshold) {
    pm_stream_triad_u64(to, a, b, UINT64_C(0x9E3779B97F4A7C15), count, threshold);
}
static uint64_t plain_triad_u64(uint64_t a, uint64_t b) {
    return a + b * UINT64_C(0x9E3779B97F4A7C15);
}

static const call calls[] = {{run_copy, plain_copy, false},          {run_fill, plain_fill, false},
                             {run_add_f64, plain_add_f64, true},     {run_add_u64, plain_add_u64, false},
                             {run_triad_f64, plain_triad_f64, true}, {run_triad_u64, plain_triad_u64, false}};

/* One call, its output `offset` bytes from a fence, its inputs elsewhere; and in place, over its first input. */
static void outputs_are_the_plain_ones(arrays *all, const call *which, size_t count, size_t offset, bool at_end,
                                       uint64_t *random) {
    for (size_t i = 0; i < count; i++) {
        all->x[i] = which->of_doubles ? some_double(random) : check_random(random);
        all->y[i] = which->of_doubles ? some_double(random) : check_random(random);
        all->expected[i] = which->plain(all->x[i], all->y[i]);
    }
    const size_t bytes = count * 8, before = check_below(random, 64), spare = 64;
    unsigned char *a = place(&all->a, bytes, check_below(random, 64), at_end),
                  *b = place(&all->b, bytes, before, at_end);
    unsigned char *to = place(&all->to, bytes, offset, at_end);
    memcpy(a, all->x, bytes);
    memcpy(b, all->y, bytes);
    EACH_PATH_AND_THRESHOLD(threshold) {
        memset(all->to.begin, 0x5A, (size_t)(all->to.end - all->to.begin));
        which->run(to, a, b, count, threshold);
        CHECK(memcmp(all->expected, to, bytes) == 0);
        for (size_t i = 1; i <= spare; i++) {
            CHECK(to - i < all->to.begin || to[-(ptrdiff_t)i] == 0x5A);
            CHECK(to + bytes + i > all->to.end || to[bytes + i - 1] == 0x5A);
        }
        if (which->run != run_copy) {
            memcpy(to, all->x, bytes);
            which->run(to, to, b, count, threshold);
            CHECK(memcmp(all->expected, to, bytes) == 0);
        }
    }
}

static void every_length_and_alignment_gives_the_plain_bits(void) {
    uint64_t random = 1;
    arrays *all = arrays_new();
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        for (size_t count = 0; count <= 40; count++) {
            for (size_t offset = 0; offset < 64; offset += count <= 18 ? 1 : 8) {
                outputs_are_the_plain_ones(all, &calls[i], count, offset, offset % 2 == 0, &random);
                outputs_are_the_plain_ones(all, &calls[i], count, offset, offset % 2 != 0, &random);
            }
        }
        for (size_t count = 41; count <= COUNT_MAX; count += 23) {
            outputs_are_the_plain_ones(all, &calls[i], count, check_below(&random, 64), count % 2 == 0, &random);
        }
    }
    arrays_free(all);
}

static void bytes_are_copied_at_every_length_and_alignment(void) {
    uint64_t random = 2;
    arrays *all = arrays_new();
    unsigned char *from = all->a.end - 512;
    for (size_t i = 0; i < 512; i++) {
        from[i] = (unsigned char)check_random(&random);
    }
    for (size_t bytes = 0; bytes <= 300; bytes++) {
        for (size_t offset = 0; offset < 64; offset++) {
            EACH_PATH_AND_THRESHOLD(threshold) {
                unsigned char *to = all->to.end - bytes - offset;
                memset(to - 64, 0x5A, bytes + offset + 64);
                pm_stream_copy(to, all->a.end - bytes, bytes, threshold);
                CHECK(memcmp(to, all->a.end - bytes, bytes) == 0);
                CHECK(to[-1] == 0x5A && (offset == 0 || to[bytes] == 0x5A));
            }
        }
    }
    pm_stream_copy(NULL, NULL, 0, 0);
    arrays_free(all);
}

static void sums_are_taken_in_the_order_that_is_promised(void) {
    uint64_t random = 3;
    arrays *all = arrays_new();
    for (size_t count = 0; count <= COUNT_MAX; count += count < 140 ? 1 : 37) {
        for (size_t i = 0; i < count; i++) {
            all->x[i] = some_double(&random);
        }
        double lanes[32] = {0};
        uint64_t whole = 0;
        for (size_t i = 0; i < count; i++) {
            lanes[i % 32] += as_double(all->x[i]);
            whole += all->x[i];
        }
        for (size_t half = 16; half != 0; half /= 2) {
            for (size_t i = 0; i < half; i++) {
                lanes[i] += lanes[i + half];
            }
        }
        for (size_t offset = 0; offset < 64; offset += count < 40 ? 1 : 13) {
            unsigned char *at = place(&all->a, count * 8, offset, offset % 2 == 0);
            memcpy(at, all->x, count * 8);
            EACH_PATH_AND_THRESHOLD(threshold) {
                CHECK_EQUAL(as_bits(lanes[0]), as_bits(pm_stream_sum_f64((const double *)(const void *)at, count)));
                CHECK_EQUAL(whole, pm_stream_sum_u64((const uint64_t *)(const void *)at, count));
            }
        }
    }
    arrays_free(all);
}

/* The threshold of the machine itself: an output just as large as the cache, and one just below. */
static void outputs_larger_than_the_cache_are_right(void) {
    const size_t cache = pm_cpu_cache_bytes() < (size_t)64 << 20 ? pm_cpu_cache_bytes() : (size_t)64 << 20;
    for (size_t bytes = cache - 8; bytes <= cache + 8; bytes += 16) {
        unsigned char *memory = malloc(bytes + 24);
        CHECK(memory != NULL);
        pm_stream_fill(memory + 8, 7, bytes / 8, 0);
        CHECK_EQUAL(bytes / 8 * 7, pm_stream_sum_u64((const uint64_t *)(const void *)(memory + 8), bytes / 8));
        free(memory);
    }
}

int main(void) {
    const pm_cpu_path path = pm_cpu_selected();
    RUN(every_length_and_alignment_gives_the_plain_bits);
    RUN(bytes_are_copied_at_every_length_and_alignment);
    RUN(sums_are_taken_in_the_order_that_is_promised);
    CHECK_OK(pm_cpu_select(path));
    RUN(outputs_larger_than_the_cache_are_right);
    check_print_paths();
    return 0;
}
