/* Bitmaps of the source. A path is a vector type and some ten functions on it; bits_path.inc.h makes the rest of it.
 * AVX2 and AVX-512 are compiled function by function, so that the library runs on the baseline. The scalar path has
 * words of eight bytes for vectors: each byte of a mask is 0x00 or 0x80.
 */
#include "bits.h"
#include "words.h"
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#define JOIN_AGAIN(a, b) a##_##b
#define JOIN(a, b) JOIN_AGAIN(a, b)

/* Of 64 bytes, a bit each. */
typedef struct classes {
    uint64_t word;  /* ASCII letter, digit or _ */
    uint64_t blank; /* space, tab, form feed */
    uint64_t newline;
    uint64_t quote;   /* ' " backslash */
    uint64_t other;   /* not printable ASCII */
    uint64_t equal;   /* = */
    uint64_t closing; /* ] */
    uint64_t pair;    /* the second of two equal * / < > . or of -> or of . and a digit */
} classes;

/* Of the byte before a block. */
typedef struct carry {
    uint64_t word;
    uint64_t single; /* = behind it is a token of its own */
} carry;

static inline carry carry_of(uint8_t before) {
    const bool letter = (before | 0x20) >= 'a' && (before | 0x20) <= 'z';
    const bool word = letter || (before >= '0' && before <= '9') || before == '_';
    return (carry){word, word || before <= ' ' || before >= 0x7f || before == ']'};
}

/* An = belongs to the token before it where any operator stands there. ] is left out because much code writes `a[i]=b`;
 * for all else that no operator begins with, the lexer takes such a run apart. */
static inline uint64_t more_of(const classes *now, carry *before) {
    const uint64_t single = now->word | now->other | now->blank | now->closing;
    const uint64_t more =
        (now->word & (now->word << 1 | before->word)) | now->pair | (now->equal & ~(single << 1 | before->single));
    *before = (carry){now->word >> 63, single >> 63};
    return more;
}

typedef struct survey_bits {
    uint32_t newline_count;
    uint64_t high, nul, cr, tab;
} survey_bits;

/* ---- words of eight bytes ---- */

#define ONES UINT64_C(0x0101010101010101)
#define TOPS UINT64_C(0x8080808080808080)

static inline uint64_t scalar_same(uint64_t a, uint64_t b) {
    const uint64_t difference = a ^ b;
    return ~(((difference & ~TOPS) + ~TOPS) | difference) & TOPS;
}

/* Bytes beyond ASCII are in no range. */
static inline uint64_t scalar_range(uint64_t v, unsigned low, unsigned high) {
    const uint64_t ascii = v & ~TOPS;
    const uint64_t from = ascii + ONES * (0x80 - low), beyond = ascii + ONES * (0x7f - high);
    return from & ~beyond & ~v & TOPS;
}

/* The tops of eight bytes, gathered by a product in which no two of them meet. */
static inline unsigned scalar_bits(uint64_t mask) {
    return (unsigned)((mask >> 7) * UINT64_C(0x0102040810204080) >> 56);
}

#define PATH scalar
#define TARGET
#define VECTOR uint64_t
#define LANES 8
#define MASK uint64_t
#define LOAD(at) fe_word_at(at)
#define EQUAL(v, c) scalar_same(v, ONES *(c))
#define RANGE(v, low, high) scalar_range(v, low, high)
#define LOWER(v) ((v) | ONES * 0x20)
#define CONTROL(v) (scalar_range(v, 0, 0x1f) | ((v) & TOPS))
#define HIGH(v) ((v) & TOPS)
#define SAME(a, b) scalar_same(a, b)
#define OR(a, b) ((a) | (b))
#define AND(a, b) ((a) & (b))
#define BITS(m) scalar_bits(m)
#include "bits_path.inc.h"

#if defined(__x86_64__)

#define PATH sse2
#define TARGET
#define VECTOR __m128i
#define LANES 16
#define MASK __m128i
#define LOAD(at) _mm_loadu_si128((const __m128i *)(const void *)(at))
#define EQUAL(v, c) _mm_cmpeq_epi8(v, _mm_set1_epi8(c))
static inline __m128i sse2_range(__m128i v, int low, int high) {
    const __m128i above = _mm_sub_epi8(v, _mm_set1_epi8((char)low));
    return _mm_cmpeq_epi8(_mm_min_epu8(above, _mm_set1_epi8((char)(high - low))), above);
}
#define RANGE(v, low, high) sse2_range(v, low, high)
#define LOWER(v) _mm_or_si128(v, _mm_set1_epi8(0x20))
#define CONTROL(v) _mm_cmpgt_epi8(_mm_set1_epi8(0x20), v)
#define HIGH(v) (v)
#define SAME(a, b) _mm_cmpeq_epi8(a, b)
#define OR(a, b) _mm_or_si128(a, b)
#define AND(a, b) _mm_and_si128(a, b)
#define BITS(m) (uint32_t)_mm_movemask_epi8(m)
#include "bits_path.inc.h"

#define AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))
#define PATH avx2
#define TARGET AVX2
#define VECTOR __m256i
#define LANES 32
#define MASK __m256i
#define LOAD(at) _mm256_loadu_si256((const __m256i *)(const void *)(at))
#define EQUAL(v, c) _mm256_cmpeq_epi8(v, _mm256_set1_epi8(c))
AVX2 static inline __m256i avx2_range(__m256i v, int low, int high) {
    const __m256i above = _mm256_sub_epi8(v, _mm256_set1_epi8((char)low));
    return _mm256_cmpeq_epi8(_mm256_min_epu8(above, _mm256_set1_epi8((char)(high - low))), above);
}
#define RANGE(v, low, high) avx2_range(v, low, high)
#define LOWER(v) _mm256_or_si256(v, _mm256_set1_epi8(0x20))
#define CONTROL(v) _mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), v)
#define HIGH(v) (v)
#define SAME(a, b) _mm256_cmpeq_epi8(a, b)
#define OR(a, b) _mm256_or_si256(a, b)
#define AND(a, b) _mm256_and_si256(a, b)
#define BITS(m) (uint32_t)_mm256_movemask_epi8(m)
#include "bits_path.inc.h"

#define PATH avx512
#define TARGET __attribute__((target("avx512f,avx512bw,bmi,bmi2,popcnt")))
#define VECTOR __m512i
#define LANES 64
#define MASK uint64_t
#define LOAD(at) _mm512_loadu_si512(at)
#define EQUAL(v, c) _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(c))
#define RANGE(v, low, high)                                                                                            \
    _mm512_cmple_epu8_mask(_mm512_sub_epi8(v, _mm512_set1_epi8(low)), _mm512_set1_epi8((high) - (low)))
#define LOWER(v) _mm512_or_si512(v, _mm512_set1_epi8(0x20))
#define CONTROL(v) _mm512_cmpgt_epi8_mask(_mm512_set1_epi8(0x20), v)
#define HIGH(v) _mm512_movepi8_mask(v)
#define SAME(a, b) _mm512_cmpeq_epi8_mask(a, b)
#define OR(a, b) ((a) | (b))
#define AND(a, b) ((a) & (b))
#define BITS(m) (m)
#include "bits_path.inc.h"

#elif defined(__aarch64__)

#define PATH neon
#define TARGET
#define VECTOR uint8x16_t
#define LANES 16
#define MASK uint8x16_t
#define LOAD(at) vld1q_u8(at)
#define EQUAL(v, c) vceqq_u8(v, vdupq_n_u8(c))
#define RANGE(v, low, high) vcleq_u8(vsubq_u8(v, vdupq_n_u8(low)), vdupq_n_u8((high) - (low)))
#define LOWER(v) vorrq_u8(v, vdupq_n_u8(0x20))
#define CONTROL(v) vorrq_u8(vcltq_u8(v, vdupq_n_u8(0x20)), vcgeq_u8(v, vdupq_n_u8(0x80)))
#define HIGH(v) vcgeq_u8(v, vdupq_n_u8(0x80))
#define SAME(a, b) vceqq_u8(a, b)
#define OR(a, b) vorrq_u8(a, b)
#define AND(a, b) vandq_u8(a, b)
static inline uint32_t neon_bits(uint8x16_t mask) {
    static const uint8_t weights[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    const uint8x16_t bits = vandq_u8(mask, vld1q_u8(weights));
    return vaddv_u8(vget_low_u8(bits)) | (uint32_t)vaddv_u8(vget_high_u8(bits)) << 8;
}
#define BITS(m) neon_bits(m)
#include "bits_path.inc.h"

#endif

typedef struct bits_ops {
    size_t (*fill)(const uint8_t *source, size_t at, size_t blocks, size_t ahead, fe_bits *out, uint32_t *lines);
    survey_bits (*survey)(const uint8_t *source, size_t bytes);
} bits_ops;

static const bits_ops *selected(void) {
    static const bits_ops paths[PM_CPU_PATHS] = {
        [PM_CPU_SCALAR] = {fill_scalar, survey_scalar},
#if defined(__x86_64__)
        [PM_CPU_SSE2] = {fill_sse2, survey_sse2},
        [PM_CPU_AVX2] = {fill_avx2, survey_avx2},
        [PM_CPU_AVX512] = {fill_avx512, survey_avx512},
#elif defined(__aarch64__)
        [PM_CPU_NEON] = {fill_neon, survey_neon},
#endif
    };
    return &paths[pm_cpu_selected()];
}

size_t fe_bits_fill(const uint8_t *source, size_t at, size_t blocks, size_t ahead, fe_bits *out, uint32_t *lines) {
    return selected()->fill(source, at, blocks, ahead, out, lines);
}

fe_survey fe_bits_survey(const uint8_t *source, size_t bytes) {
    const survey_bits sum = selected()->survey(source, bytes);
    return (fe_survey){sum.newline_count, sum.high != 0, sum.nul != 0, sum.cr != 0, sum.tab != 0};
}
