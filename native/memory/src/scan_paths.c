/* The scans of every path of this architecture. A path is four functions on blocks of 64 bytes; scan_path.inc.h makes
 * the rest of them. AVX2 and AVX-512 are compiled function by function, so that the library runs on the baseline. */
#include "scan_ops.h"
#include "target.h"
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#define JOIN_AGAIN(a, b) a##_##b
#define JOIN(a, b) JOIN_AGAIN(a, b)
#define JOIN3_AGAIN(a, b, c) a##b##c
#define JOIN3(a, b, c) JOIN3_AGAIN(a, b, c)
#define ALWAYS static inline __attribute__((always_inline))

ALWAYS uint64_t low_bits(size_t n) {
    return n >= 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
}

ALWAYS unsigned lowest_bit(uint64_t mask) {
    return mask == 0 ? 64 : (unsigned)__builtin_ctzll(mask);
}

ALWAYS unsigned bit_count(uint64_t mask) {
    return (unsigned)__builtin_popcountll(mask);
}

/* Loads that may lie at any address; a number of n < 8 bytes has its other bytes zero. */
ALWAYS uint64_t load_word(const unsigned char *at, size_t n) {
    uint64_t word = 0;
    if (n == 8) {
        memcpy(&word, at, 8);
    } else {
        unsigned char bytes[8] = {0};
        for (size_t i = 0; i < n; i++) {
            bytes[i] = at[i];
        }
        memcpy(&word, bytes, 8);
    }
    return word;
}

/* All ones in the first n <= 8 bytes in memory. */
ALWAYS uint64_t word_of_ones(size_t n) {
    static const unsigned char ones[8] = {255, 255, 255, 255, 255, 255, 255, 255};
    return load_word(ones, n);
}

/* n bytes, `half` <= n <= 2 * half, as two copies that overlap. */
ALWAYS void copy_ends(unsigned char *to, const unsigned char *from, size_t n, size_t half) {
    memcpy(to, from, half);
    memcpy(to + n - half, from + n - half, half);
}

ALWAYS uint64_t word_difference(const unsigned char *a, const unsigned char *b) {
    return load_word(a, 8) ^ load_word(b, 8);
}

/* Fewer than 64 bytes: words, the last of which overlaps the one before it. */
ALWAYS bool same_short(const unsigned char *a, const unsigned char *b, size_t bytes) {
    if (bytes >= 8) {
        uint64_t difference = word_difference(a + bytes - 8, b + bytes - 8);
        for (size_t at = 0; at + 8 < bytes; at += 8) {
            difference |= word_difference(a + at, b + at);
        }
        return difference == 0;
    }
    if (bytes >= 4) {
        uint32_t x[2], y[2];
        memcpy(&x[0], a, 4);
        memcpy(&x[1], a + bytes - 4, 4);
        memcpy(&y[0], b, 4);
        memcpy(&y[1], b + bytes - 4, 4);
        return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
    }
    return bytes == 0 || ((a[0] ^ b[0]) | (a[bytes / 2] ^ b[bytes / 2]) | (a[bytes - 1] ^ b[bytes - 1])) == 0;
}

/* Scalar: eight bytes in a word. */

#define EACH_BYTE(value) ((uint64_t)(value) * UINT64_C(0x0101010101010101))

/* A bit per byte of eight that is zero, in the order of memory. Adding 0x7F to seven bits carries out of none. */
ALWAYS uint64_t zero_bytes(uint64_t word) {
    const uint64_t low = EACH_BYTE(0x7F);
    const uint64_t zero = ~(((word & low) + low) | word | low); /* 0x80 where the byte is 0 */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return (__builtin_bswap64(zero) >> 7) * UINT64_C(0x0102040810204080) >> 56;
#else
    return (zero >> 7) * UINT64_C(0x0102040810204080) >> 56;
#endif
}

ALWAYS uint64_t eq64_scalar(const unsigned char *at, unsigned char byte) {
    uint64_t mask = 0;
    for (unsigned i = 0; i < 8; i++) {
        mask |= zero_bytes(load_word(at + 8 * i, 8) ^ EACH_BYTE(byte)) << 8 * i;
    }
    return mask;
}

/* A byte continues a character where its two highest bits are 10. */
ALWAYS uint64_t chars64_scalar(const unsigned char *at) {
    uint64_t mask = 0;
    for (unsigned i = 0; i < 8; i++) {
        mask |= zero_bytes((load_word(at + 8 * i, 8) & EACH_BYTE(0xC0)) ^ EACH_BYTE(0x80)) << 8 * i;
    }
    return ~mask;
}

ALWAYS uint64_t rare64_scalar(const unsigned char *a, const unsigned char *b, const unsigned char *c,
                              const unsigned char byte[SCAN_RARE]) {
    uint64_t mask = 0;
    for (unsigned i = 0; i < 64; i += 8) {
        const uint64_t differences = (load_word(a + i, 8) ^ EACH_BYTE(byte[0])) |
                                     (load_word(b + i, 8) ^ EACH_BYTE(byte[1])) |
                                     (load_word(c + i, 8) ^ EACH_BYTE(byte[2]));
        mask |= zero_bytes(differences) << i;
    }
    return mask;
}

ALWAYS bool differ64_scalar(const unsigned char *a, const unsigned char *b) {
    uint64_t difference = 0;
    for (unsigned i = 0; i < 64; i += 8) {
        difference |= word_difference(a + i, b + i);
    }
    return difference != 0;
}

/* How many of eight ascending offsets lie at or before a place. Only AVX2 and AVX-512 gain by vectors here. */
ALWAYS unsigned ended8_32(const int32_t *offsets, int32_t at) {
    unsigned ended = 0;
    for (unsigned i = 0; i < 8; i++) {
        ended += offsets[i] <= at;
    }
    return ended;
}

ALWAYS unsigned ended8_64(const int64_t *offsets, int64_t at) {
    unsigned ended = 0;
    for (unsigned i = 0; i < 8; i++) {
        ended += offsets[i] <= at;
    }
    return ended;
}

#define texts_scalar NULL
#define ended8_32_scalar ended8_32
#define ended8_64_scalar ended8_64
#define PATH scalar
#define TARGET
#include "scan_path.inc.h"

#if defined(__x86_64__)
ALWAYS __m128i load_16(const unsigned char *at) {
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}

ALWAYS uint64_t bits_16(__m128i equal, unsigned at) {
    return (uint64_t)(uint32_t)_mm_movemask_epi8(equal) << at;
}

ALWAYS uint64_t eq64_sse2(const unsigned char *at, unsigned char byte) {
    const __m128i wanted = _mm_set1_epi8((char)byte);
    uint64_t mask = 0;
    for (unsigned i = 0; i < 64; i += 16) {
        mask |= bits_16(_mm_cmpeq_epi8(load_16(at + i), wanted), i);
    }
    return mask;
}

/* As signed numbers, continuing bytes are those below -64. */
ALWAYS uint64_t chars64_sse2(const unsigned char *at) {
    const __m128i least = _mm_set1_epi8(-65);
    uint64_t mask = 0;
    for (unsigned i = 0; i < 64; i += 16) {
        mask |= bits_16(_mm_cmpgt_epi8(load_16(at + i), least), i);
    }
    return mask;
}

ALWAYS uint64_t rare64_sse2(const unsigned char *a, const unsigned char *b, const unsigned char *c,
                            const unsigned char byte[SCAN_RARE]) {
    const __m128i x = _mm_set1_epi8((char)byte[0]), y = _mm_set1_epi8((char)byte[1]), z = _mm_set1_epi8((char)byte[2]);
    uint64_t mask = 0;
    for (unsigned i = 0; i < 64; i += 16) {
        const __m128i two = _mm_and_si128(_mm_cmpeq_epi8(load_16(a + i), x), _mm_cmpeq_epi8(load_16(b + i), y));
        mask |= bits_16(_mm_and_si128(two, _mm_cmpeq_epi8(load_16(c + i), z)), i);
    }
    return mask;
}

ALWAYS bool differ64_sse2(const unsigned char *a, const unsigned char *b) {
    __m128i equal = _mm_cmpeq_epi8(load_16(a), load_16(b));
    for (unsigned i = 16; i < 64; i += 16) {
        equal = _mm_and_si128(equal, _mm_cmpeq_epi8(load_16(a + i), load_16(b + i)));
    }
    return _mm_movemask_epi8(equal) != 0xFFFF;
}

#define texts_sse2 NULL
#define ended8_32_sse2 ended8_32
#define ended8_64_sse2 ended8_64
#define PATH sse2
#define TARGET
#include "scan_path.inc.h"

#define texts_avx2 NULL
#define PATH avx2
#define TARGET __attribute__((target("avx2,bmi,bmi2,popcnt")))

TARGET static inline __m256i load_32(const unsigned char *at) {
    return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

TARGET static inline uint64_t bits_64(__m256i low, __m256i high) {
    return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

TARGET static inline uint64_t eq64_avx2(const unsigned char *at, unsigned char byte) {
    const __m256i wanted = _mm256_set1_epi8((char)byte);
    return bits_64(_mm256_cmpeq_epi8(load_32(at), wanted), _mm256_cmpeq_epi8(load_32(at + 32), wanted));
}

TARGET static inline uint64_t chars64_avx2(const unsigned char *at) {
    const __m256i least = _mm256_set1_epi8(-65);
    return bits_64(_mm256_cmpgt_epi8(load_32(at), least), _mm256_cmpgt_epi8(load_32(at + 32), least));
}

TARGET static inline __m256i rare32_avx2(const unsigned char *a, const unsigned char *b, const unsigned char *c,
                                         const unsigned char byte[SCAN_RARE]) {
    const __m256i two = _mm256_and_si256(_mm256_cmpeq_epi8(load_32(a), _mm256_set1_epi8((char)byte[0])),
                                         _mm256_cmpeq_epi8(load_32(b), _mm256_set1_epi8((char)byte[1])));
    return _mm256_and_si256(two, _mm256_cmpeq_epi8(load_32(c), _mm256_set1_epi8((char)byte[2])));
}

TARGET static inline uint64_t rare64_avx2(const unsigned char *a, const unsigned char *b, const unsigned char *c,
                                          const unsigned char byte[SCAN_RARE]) {
    return bits_64(rare32_avx2(a, b, c, byte), rare32_avx2(a + 32, b + 32, c + 32, byte));
}

TARGET static inline bool differ64_avx2(const unsigned char *a, const unsigned char *b) {
    const __m256i low = _mm256_xor_si256(load_32(a), load_32(b));
    const __m256i both = _mm256_or_si256(low, _mm256_xor_si256(load_32(a + 32), load_32(b + 32)));
    return !_mm256_testz_si256(both, both);
}

TARGET static inline unsigned ended8_32_avx2(const int32_t *offsets, int32_t at) {
    const __m256i after = _mm256_cmpgt_epi32(load_32((const unsigned char *)offsets), _mm256_set1_epi32(at));
    return 8 - bit_count((unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(after)));
}

TARGET static inline unsigned ended8_64_avx2(const int64_t *offsets, int64_t at) {
    const __m256i place = _mm256_set1_epi64x(at);
    const __m256i low = _mm256_cmpgt_epi64(load_32((const unsigned char *)offsets), place);
    const __m256i high = _mm256_cmpgt_epi64(load_32((const unsigned char *)(offsets + 4)), place);
    return 8 - bit_count((unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(low)) |
                         (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(high)) << 4);
}

#include "scan_path.inc.h"

#define PATH avx512
#define TARGET PM_TARGET_AVX512(",bmi,bmi2,popcnt")

TARGET static inline __m512i load_64(const unsigned char *at) {
    return _mm512_loadu_si512((const void *)at);
}

TARGET static inline uint64_t eq64_avx512(const unsigned char *at, unsigned char byte) {
    return _mm512_cmpeq_epi8_mask(load_64(at), _mm512_set1_epi8((char)byte));
}

TARGET static inline uint64_t chars64_avx512(const unsigned char *at) {
    return _mm512_cmpgt_epi8_mask(load_64(at), _mm512_set1_epi8(-65));
}

TARGET static inline uint64_t rare64_avx512(const unsigned char *a, const unsigned char *b, const unsigned char *c,
                                            const unsigned char byte[SCAN_RARE]) {
    return _mm512_cmpeq_epi8_mask(load_64(a), _mm512_set1_epi8((char)byte[0])) &
           _mm512_cmpeq_epi8_mask(load_64(b), _mm512_set1_epi8((char)byte[1])) &
           _mm512_cmpeq_epi8_mask(load_64(c), _mm512_set1_epi8((char)byte[2]));
}

TARGET static inline bool differ64_avx512(const unsigned char *a, const unsigned char *b) {
    return _mm512_cmpneq_epi8_mask(load_64(a), load_64(b)) != 0;
}

TARGET static inline unsigned ended8_32_avx512(const int32_t *offsets, int32_t at) {
    const __m256i some = _mm256_loadu_si256((const __m256i *)(const void *)offsets);
    const __m256i after = _mm256_cmpgt_epi32(some, _mm256_set1_epi32(at));
    return 8 - bit_count((unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(after)));
}

TARGET static inline unsigned ended8_64_avx512(const int64_t *offsets, int64_t at) {
    return bit_count(_mm512_cmple_epi64_mask(load_64((const unsigned char *)offsets), _mm512_set1_epi64(at)));
}

TARGET static size_t texts_avx512(const pm_text *texts, size_t count, const scan_needle *needle, uint64_t *words);

#include "scan_path.inc.h"

enum { TEXTS_AHEAD = 8, LINE_BYTES = 64 }; /* texts from the one in hand to the one whose second line is asked for */

/* What lies outside a text is masked, and so not read. */
PM_TARGET_AVX512(",bmi,bmi2,popcnt")
static size_t texts_avx512(const pm_text *texts, size_t count, const scan_needle *needle, uint64_t *words) {
    const scan_needle n = *needle;
    const __m512i x = _mm512_set1_epi8((char)n.byte[0]), y = _mm512_set1_epi8((char)n.byte[1]),
                  z = _mm512_set1_epi8((char)n.byte[2]);
    size_t hits = 0;
    for (size_t i = 0; i < count; i++) {
        if (i + TEXTS_AHEAD < count) {
            __builtin_prefetch((const char *)texts[i + TEXTS_AHEAD].data + LINE_BYTES);
        }
        const unsigned char *data = texts[i].data;
        const size_t places = texts[i].bytes >= n.count ? texts[i].bytes - n.count + 1 : 0;
        bool hit = false;
        for (size_t at = 0; at < places && !hit; at += 64) {
            const __mmask64 some = low_bits(places - at);
            const unsigned char *from = data + at;
            __mmask64 mask = _mm512_mask_cmpeq_epi8_mask(some, _mm512_maskz_loadu_epi8(some, from + n.place[0]), x);
            mask = _mm512_mask_cmpeq_epi8_mask(mask, _mm512_maskz_loadu_epi8(some, from + n.place[1]), y);
            if (PM_LIKELY(mask == 0)) {
                continue;
            }
            mask = _mm512_mask_cmpeq_epi8_mask(mask, _mm512_maskz_loadu_epi8(some, from + n.place[2]), z);
            for (uint64_t left = mask; left != 0 && !hit; left &= left - 1) {
                hit = confirm_avx512(from + lowest_bit(left), &n);
            }
        }
        words[i / 64] |= (uint64_t)hit << i % 64;
        hits += hit;
    }
    return hits;
}
#endif

#if defined(__aarch64__)
/* Four vectors of 0 and 255 to a bit per byte: keep bit i % 8 of byte i, then add neighbours three times. */
ALWAYS uint64_t bits_neon(const uint8x16_t equal[4]) {
    static const uint8_t places[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    const uint8x16_t place = vld1q_u8(places);
    const uint8x16_t low = vpaddq_u8(vandq_u8(equal[0], place), vandq_u8(equal[1], place));
    const uint8x16_t high = vpaddq_u8(vandq_u8(equal[2], place), vandq_u8(equal[3], place));
    const uint8x16_t all = vpaddq_u8(low, high);
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(all, all)), 0);
}

ALWAYS uint64_t eq64_neon(const unsigned char *at, unsigned char byte) {
    const uint8x16_t wanted = vdupq_n_u8(byte);
    uint8x16_t equal[4];
    for (unsigned i = 0; i < 4; i++) {
        equal[i] = vceqq_u8(vld1q_u8(at + 16 * i), wanted);
    }
    return bits_neon(equal);
}

/* As signed numbers, continuing bytes are those below -64. */
ALWAYS uint64_t chars64_neon(const unsigned char *at) {
    const int8x16_t least = vdupq_n_s8(-65);
    uint8x16_t begins[4];
    for (unsigned i = 0; i < 4; i++) {
        begins[i] = vcgtq_s8(vreinterpretq_s8_u8(vld1q_u8(at + 16 * i)), least);
    }
    return bits_neon(begins);
}

ALWAYS uint64_t rare64_neon(const unsigned char *a, const unsigned char *b, const unsigned char *c,
                            const unsigned char byte[SCAN_RARE]) {
    const uint8x16_t x = vdupq_n_u8(byte[0]), y = vdupq_n_u8(byte[1]), z = vdupq_n_u8(byte[2]);
    uint8x16_t all[4];
    for (unsigned i = 0; i < 4; i++) {
        const uint8x16_t two = vandq_u8(vceqq_u8(vld1q_u8(a + 16 * i), x), vceqq_u8(vld1q_u8(b + 16 * i), y));
        all[i] = vandq_u8(two, vceqq_u8(vld1q_u8(c + 16 * i), z));
    }
    return bits_neon(all);
}

ALWAYS bool differ64_neon(const unsigned char *a, const unsigned char *b) {
    uint8x16_t difference = veorq_u8(vld1q_u8(a), vld1q_u8(b));
    for (unsigned i = 16; i < 64; i += 16) {
        difference = vorrq_u8(difference, veorq_u8(vld1q_u8(a + i), vld1q_u8(b + i)));
    }
    return vmaxvq_u8(difference) != 0;
}

#define texts_neon NULL
#define ended8_32_neon ended8_32
#define ended8_64_neon ended8_64
#define PATH neon
#define TARGET
#include "scan_path.inc.h"
#endif

const scan_ops *pm_scan_ops_of(pm_cpu_path path) {
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
