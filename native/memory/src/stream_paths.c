/* The streaming loops of every path of this architecture. Compiled without contraction of a + b * c into one rounding,
 * which only some paths could do. */
#include "stream_ops.h"
#include "target.h"
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define JOIN_AGAIN(a, b) a##_##b
#define JOIN(a, b) JOIN_AGAIN(a, b)

/* For paths that have no stores past the caches. */
#define STORE_PLAIN(to, vector) (*(WORDS *)(void *)(to) = (vector))

static void no_fence(void) {
}

#define PATH scalar
#define TARGET
#define WIDTH 8
#define STORE_PAST STORE_PLAIN
#define STORE_FENCE no_fence
#include "stream_path.inc.h"

#if defined(__x86_64__)
static void store_fence(void) {
    _mm_sfence();
}

#define PATH sse2
#define TARGET
#define WIDTH 16
#define STORE_PAST(to, vector) _mm_stream_si128((__m128i *)(void *)(to), (__m128i)(vector))
#define STORE_FENCE store_fence
#include "stream_path.inc.h"

#define PATH avx2
#define TARGET __attribute__((target("avx2")))
#define WIDTH 32
#define STORE_PAST(to, vector) _mm256_stream_si256((__m256i *)(void *)(to), (__m256i)(vector))
#define STORE_FENCE store_fence
#include "stream_path.inc.h"

#define PATH avx512
#define TARGET PM_TARGET_AVX512("")
#define WIDTH 64
#define STORE_PAST(to, vector) _mm512_stream_si512((__m512i *)(void *)(to), (__m512i)(vector))
#define STORE_FENCE store_fence
#include "stream_path.inc.h"
#endif

#if defined(__aarch64__)
#define PATH neon
#define TARGET
#define WIDTH 16
#define STORE_PAST STORE_PLAIN
#define STORE_FENCE no_fence
#include "stream_path.inc.h"
#endif

const stream_ops *pm_stream_ops_of(pm_cpu_path path) {
    switch (path) {
#if defined(__x86_64__)
    case PM_CPU_SSE2: return &ops_sse2;
    case PM_CPU_AVX2: return &ops_avx2;
    case PM_CPU_AVX512: return &ops_avx512;
#elif defined(__aarch64__)
    case PM_CPU_NEON: return &ops_neon;
#endif
    default: return &ops_scalar;
    }
}
