/* stream_path.inc.h: the loops of one path, included by stream_paths.c once per PATH with TARGET, WIDTH (bytes of a
 * vector) and STORE_PAST(to, vector) set. Vectors are the compiler's own. */

typedef uint64_t JOIN(words, PATH) __attribute__((vector_size(WIDTH), aligned(1), may_alias));
typedef double JOIN(doubles, PATH) __attribute__((vector_size(WIDTH), aligned(1), may_alias));
#define WORDS JOIN(words, PATH)
#define DOUBLES JOIN(doubles, PATH)
#define AT(type, address, i) (((const type *)(const void *)(address))[i])
enum { JOIN(PER_LINE, PATH) = STREAM_LINE / WIDTH };

/* One line of 64 bytes after the other, each of the vectors that `value` makes for the places `at` and i. */
#define EACH_LINE(value)                                                                                               \
    if (past) {                                                                                                        \
        for (size_t at = 0; at < lines * STREAM_LINE; at += STREAM_LINE) {                                             \
            _Pragma("GCC unroll 8") for (size_t i = 0; i < JOIN(PER_LINE, PATH); i++) {                                \
                STORE_PAST(to + at + i * WIDTH, (WORDS)(value));                                                       \
            }                                                                                                          \
        }                                                                                                              \
    } else {                                                                                                           \
        for (size_t at = 0; at < lines * STREAM_LINE; at += STREAM_LINE) {                                             \
            _Pragma("GCC unroll 8") for (size_t i = 0; i < JOIN(PER_LINE, PATH); i++) {                                \
                ((WORDS *)(void *)(to + at))[i] = (WORDS)(value);                                                      \
            }                                                                                                          \
        }                                                                                                              \
    }

TARGET static void JOIN(copy, PATH)(unsigned char *to, const unsigned char *from, size_t lines,
                                    bool past){EACH_LINE(AT(WORDS, from + at, i))}

TARGET static void JOIN(fill, PATH)(unsigned char *to, uint64_t value, size_t lines, bool past) {
    const WORDS vector = (WORDS){0} + value;
    EACH_LINE(vector)
}

TARGET static void JOIN(add_f64, PATH)(unsigned char *to, const unsigned char *a, const unsigned char *b, size_t lines,
                                       bool past){EACH_LINE(AT(DOUBLES, a + at, i) + AT(DOUBLES, b + at, i))}

TARGET static void JOIN(add_u64, PATH)(unsigned char *to, const unsigned char *a, const unsigned char *b, size_t lines,
                                       bool past){EACH_LINE(AT(WORDS, a + at, i) + AT(WORDS, b + at, i))}

TARGET static void JOIN(triad_f64, PATH)(unsigned char *to, const unsigned char *a, const unsigned char *b,
                                         double scale, size_t lines,
                                         bool past){EACH_LINE(AT(DOUBLES, a + at, i) + AT(DOUBLES, b + at, i) * scale)}

TARGET static void JOIN(triad_u64, PATH)(unsigned char *to, const unsigned char *a, const unsigned char *b,
                                         uint64_t scale, size_t lines,
                                         bool past){EACH_LINE(AT(WORDS, a + at, i) + AT(WORDS, b + at, i) * scale)}

TARGET static void JOIN(sum_f64, PATH)(double lanes[STREAM_LANES], const unsigned char *values, size_t steps) {
    enum { VECTORS = STREAM_LANES * sizeof(double) / WIDTH };
    DOUBLES sums[VECTORS];
    memcpy(sums, lanes, sizeof sums);
    for (size_t step = 0; step < steps; step++, values += sizeof sums) {
        _Pragma("GCC unroll 32") for (unsigned i = 0; i < VECTORS; i++) {
            sums[i] += AT(DOUBLES, values, i);
        }
    }
    memcpy(lanes, sums, sizeof sums);
}

TARGET static uint64_t JOIN(sum_u64, PATH)(const unsigned char *values, size_t steps) {
    enum { VECTORS = STREAM_LANES * sizeof(uint64_t) / WIDTH };
    WORDS sums[4] = {0};
    for (size_t step = 0; step < steps; step++, values += STREAM_LANES * sizeof(uint64_t)) {
        _Pragma("GCC unroll 32") for (unsigned i = 0; i < VECTORS; i++) {
            sums[i % 4] += AT(WORDS, values, i);
        }
    }
    uint64_t lanes[4 * WIDTH / sizeof(uint64_t)], sum = 0;
    memcpy(lanes, sums, sizeof lanes);
    for (unsigned i = 0; i < sizeof lanes / sizeof *lanes; i++) {
        sum += lanes[i];
    }
    return sum;
}

static const stream_ops JOIN(ops, PATH) = {
    .copy = JOIN(copy, PATH),
    .fill = JOIN(fill, PATH),
    .add_f64 = JOIN(add_f64, PATH),
    .add_u64 = JOIN(add_u64, PATH),
    .triad_f64 = JOIN(triad_f64, PATH),
    .triad_u64 = JOIN(triad_u64, PATH),
    .sum_f64 = JOIN(sum_f64, PATH),
    .sum_u64 = JOIN(sum_u64, PATH),
    .store_fence = STORE_FENCE,
};

#undef WORDS
#undef DOUBLES
#undef AT
#undef EACH_LINE
#undef PATH
#undef TARGET
#undef WIDTH
#undef STORE_PAST
#undef STORE_FENCE
