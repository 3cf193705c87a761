/* peers.copy and peers.triad: whole arrays, to = from and to = a + b * 3, over outputs larger than the caches.
 *
 * An iteration writes one whole array; an item is 64 bytes of it. The numbers are small and whole, so that every way
 * of rounding gives the same bits.
 *   ours:   pm_stream_copy, pm_stream_triad_f64, which decide by themselves to write past the caches.
 *   memcpy: the C library's (copy).
 *   plain:  a loop as one writes it, vectorised by the compiler for the baseline of the architecture.
 *   limit:  what the machine gives: the same loop with the widest non-temporal stores, and nothing else in it.
 */
#include <pm/stream.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "define.h"
#include "region.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { ITEM_BYTES = 64, LEAST_BYTES = 4096, SAMPLES = 64 };
enum { P_CONTENDER, P_ARRAY, P_PAGES };
static const double SCALE = 3.0;

#define ARRAY_PARAM {"array", "B", "", "bytes of each array, at least 4096; cut to a multiple of 4096"}
static const lk_param peers_copy_params[] = {
    [P_CONTENDER] = {"contender", "", "ours,memcpy,plain,limit", "limit: non-temporal stores and nothing else"},
    [P_ARRAY] = ARRAY_PARAM,
    [P_PAGES] = {"pages", "", LK_PAGES_LEVELS, LK_PAGES_HELP},
};
static const lk_param peers_triad_params[] = {
    [P_CONTENDER] = {"contender", "", "ours,plain,limit", "limit: non-temporal stores and nothing else"},
    [P_ARRAY] = ARRAY_PARAM,
    [P_PAGES] = {"pages", "", LK_PAGES_LEVELS, LK_PAGES_HELP},
};

/* b is not read by a copy. `count` doubles, a multiple of 512; arrays start on a page. */
typedef void (*arrays_fn)(double *to, const double *a, const double *b, size_t count);

typedef struct arrays {
    lk_region regions[3]; /* to, a, b; b is empty where nothing reads it */
    arrays_fn work;
    size_t count;
    unsigned moved; /* arrays that are read or written */
} arrays;

static void copy_ours(double *to, const double *a, const double *b, size_t count) {
    (void)b;
    pm_stream_copy(to, a, count * sizeof *to, 0);
}

static void copy_memcpy(double *to, const double *a, const double *b, size_t count) {
    (void)b;
    memcpy(to, a, count * sizeof *to);
}

/* Or the compiler would see a memcpy in it. */
__attribute__((optimize("no-tree-loop-distribute-patterns"))) static void
copy_plain(double *restrict to, const double *restrict a, const double *b, size_t count) {
    (void)b;
    for (size_t i = 0; i < count; i++) {
        to[i] = a[i];
    }
}

static void triad_ours(double *to, const double *a, const double *b, size_t count) {
    pm_stream_triad_f64(to, a, b, SCALE, count, 0);
}

static void triad_plain(double *restrict to, const double *restrict a, const double *restrict b, size_t count) {
    for (size_t i = 0; i < count; i++) {
        to[i] = a[i] + b[i] * SCALE;
    }
}

#if defined(__x86_64__)
#define LIMIT(path, isa, width, load, store, triad)                                                                    \
    __attribute__((target(isa))) static void copy_##path(double *to, const double *a, const double *b, size_t count) { \
        (void)b;                                                                                                       \
        for (size_t i = 0; i < count; i += (width)) {                                                                  \
            store(to + i, load(a + i));                                                                                \
        }                                                                                                              \
        _mm_sfence();                                                                                                  \
    }                                                                                                                  \
    __attribute__((target(isa))) static void triad_##path(double *to, const double *a, const double *b,                \
                                                          size_t count) {                                              \
        for (size_t i = 0; i < count; i += (width)) {                                                                  \
            store(to + i, triad);                                                                                      \
        }                                                                                                              \
        _mm_sfence();                                                                                                  \
    }
LIMIT(sse2, "sse2", 2, _mm_load_pd, _mm_stream_pd,
      _mm_add_pd(_mm_load_pd(a + i), _mm_mul_pd(_mm_load_pd(b + i), _mm_set1_pd(SCALE))))
LIMIT(avx2, "avx2", 4, _mm256_load_pd, _mm256_stream_pd,
      _mm256_add_pd(_mm256_load_pd(a + i), _mm256_mul_pd(_mm256_load_pd(b + i), _mm256_set1_pd(SCALE))))
LIMIT(avx512, "avx512f", 8, _mm512_load_pd, _mm512_stream_pd,
      _mm512_add_pd(_mm512_load_pd(a + i), _mm512_mul_pd(_mm512_load_pd(b + i), _mm512_set1_pd(SCALE))))

static arrays_fn limit_of(bool copies) {
    if (__builtin_cpu_supports("avx512f")) {
        return copies ? copy_avx512 : triad_avx512;
    }
    if (__builtin_cpu_supports("avx2")) {
        return copies ? copy_avx2 : triad_avx2;
    }
    return copies ? copy_sse2 : triad_sse2;
}
#else
static arrays_fn limit_of(bool copies) {
    (void)copies;
    return NULL;
}
#endif

static void arrays_teardown(void *state) {
    arrays *self = state;
    for (unsigned i = 0; i < 3; i++) {
        lk_region_unmap(&self->regions[i]);
    }
}

static double *array_of(const arrays *self, unsigned which) {
    return (double *)(void *)self->regions[which].data;
}

static lk_status arrays_build(arrays *self, const lk_value *values, arrays_fn work, unsigned moved, uint64_t *pass,
                              lk_message *message) {
    const uint64_t bytes = values[P_ARRAY].number / LEAST_BYTES * LEAST_BYTES;
    if (bytes == 0 || bytes > UINT64_C(1) << 40) {
        return lk_say(message, LK_INVALID, "array=%llu is out of range: from %d bytes",
                      (unsigned long long)values[P_ARRAY].number, LEAST_BYTES);
    }
    if (!work) {
        return lk_say(message, LK_UNSUPPORTED, "this architecture has no non-temporal stores in C");
    }
    self->work = work;
    self->moved = moved;
    self->count = (size_t)bytes / sizeof(double);
    for (unsigned which = 0; which < moved; which++) {
        const lk_status status = lk_region_map(&self->regions[which], (size_t)bytes, values[P_PAGES].level, message);
        if (status != LK_OK) {
            return status;
        }
        for (size_t i = 0; which && i < self->count; i++) {
            array_of(self, which)[i] = (double)((i * 7 + which) % 1021);
        }
    }
    *pass = 1;
    return LK_OK;
}

static lk_status peers_copy_build(arrays *self, const lk_value *values, lk_input input, uint64_t *pass,
                                  lk_message *message) {
    const arrays_fn ways[] = {copy_ours, copy_memcpy, copy_plain, limit_of(true)};
    (void)input;
    return arrays_build(self, values, ways[values[P_CONTENDER].level], 2, pass, message);
}

static lk_status peers_triad_build(arrays *self, const lk_value *values, lk_input input, uint64_t *pass,
                                   lk_message *message) {
    const arrays_fn ways[] = {triad_ours, triad_plain, limit_of(false)};
    (void)input;
    return arrays_build(self, values, ways[values[P_CONTENDER].level], 3, pass, message);
}

static lk_status arrays_run(void *state, uint64_t first, uint64_t count, lk_result *result) {
    const arrays *self = state;
    (void)first;
    double *to = array_of(self, 0);
    double check = 0;
    for (uint64_t iteration = 0; iteration < count; iteration++) {
        self->work(to, array_of(self, 1), array_of(self, 2), self->count);
        for (size_t sample = 0; sample < SAMPLES; sample++) {
            check += to[sample * (self->count - 1) / (SAMPLES - 1)];
        }
    }
    const uint64_t bytes = count * self->count * sizeof *to;
    *result = (lk_result){.checksum = (uint64_t)check, .items = bytes / ITEM_BYTES, .bytes = bytes * self->moved};
    return LK_OK;
}

#define peers_copy_run arrays_run
#define peers_copy_teardown arrays_teardown
LK_KERNEL(peers_copy, arrays, .name = "peers.copy", .item = "64 bytes",
          .help = "copies an array: the memory layer, memcpy, a loop, non-temporal stores alone");

#define peers_triad_run arrays_run
#define peers_triad_teardown arrays_teardown
LK_KERNEL(peers_triad, arrays, .name = "peers.triad", .item = "64 bytes",
          .help = "adds an array to a multiple of another: the memory layer, a loop, non-temporal stores alone");
