/* vector_ops.inc.h: the body of vector_ops.c for one WIDTH, included once per width with TARGET set. */

/* aligned(1): unaligned accesses; may_alias: they read and write memory of any type. */
typedef uint64_t JOIN(words, WIDTH) __attribute__((vector_size(WIDTH), aligned(1), may_alias));
typedef uint8_t JOIN(octets, WIDTH) __attribute__((vector_size(WIDTH), aligned(1), may_alias));
#define WORDS JOIN(words, WIDTH)
#define OCTETS JOIN(octets, WIDTH)
#define STEP ((size_t)4 * WIDTH)

/* Sum of a vector's u64 lanes. By address: a vector argument would change the ABI with the target. */
TARGET static inline uint64_t JOIN(lanes, WIDTH)(const WORDS *vector) {
    uint64_t sum = 0;
    for (unsigned lane = 0; lane < WIDTH / sizeof(uint64_t); lane++) {
        sum += (*vector)[lane];
    }
    return sum;
}

TARGET static uint64_t JOIN(sum, WIDTH)(unsigned char *to, const unsigned char *from, size_t chunks) {
    (void)to;
    WORDS a = {0}, b = {0}, c = {0}, d = {0};
    for (const unsigned char *end = from + chunks * LK_CHUNK_BYTES; from != end; from += STEP) {
        const WORDS *at = (const WORDS *)(const void *)from;
        a += at[0];
        b += at[1];
        c += at[2];
        d += at[3];
    }
    a += b + c + d;
    return JOIN(lanes, WIDTH)(&a);
}

/* Adds up the bytes of a vector: bytes to u16, u16 to u64, lane by lane. Lossless for any bytes. */
TARGET static inline WORDS JOIN(widen, WIDTH)(const OCTETS *octets) {
    const WORDS words = (WORDS)*octets;
    const WORDS low = words - words + UINT64_C(0x00FF00FF00FF00FF);
    WORDS pairs = (words & low) + ((words >> 8) & low);
    pairs += pairs >> 32;
    pairs += pairs >> 16;
    return pairs & 0xFFFF;
}

/* A comparison gives -1 per equal byte, so subtracting it counts; a byte holds 255 of them, two per
 * step. */
TARGET static inline uint64_t JOIN(count_whole, WIDTH)(const unsigned char *from, size_t steps) {
    WORDS total = {0};
    while (steps) {
        size_t part = steps < 127 ? steps : 127;
        steps -= part;
        OCTETS a = {0}, b = {0};
        for (; part; part--, from += STEP) {
            const OCTETS *at = (const OCTETS *)(const void *)from;
            a -= (OCTETS)(at[0] == '\n') + (OCTETS)(at[1] == '\n');
            b -= (OCTETS)(at[2] == '\n') + (OCTETS)(at[3] == '\n');
        }
        total += JOIN(widen, WIDTH)(&a) + JOIN(widen, WIDTH)(&b);
    }
    return JOIN(lanes, WIDTH)(&total);
}

TARGET static uint64_t JOIN(count, WIDTH)(unsigned char *to, const unsigned char *from, size_t chunks) {
    (void)to;
    return JOIN(count_whole, WIDTH)(from, chunks * (LK_CHUNK_BYTES / STEP));
}

/* The last vector overlaps the one before it; bytes counted already are masked. */
TARGET static uint64_t JOIN(count_any, WIDTH)(const unsigned char *data, size_t bytes) {
    uint64_t total = 0;
    if (bytes < WIDTH) {
        for (size_t i = 0; i < bytes; i++) {
            total += data[i] == '\n';
        }
        return total;
    }
    size_t steps = bytes / STEP;
    total = JOIN(count_whole, WIDTH)(data, steps);
    const unsigned char *at = data + steps * STEP, *end = data + bytes;
    OCTETS found = {0};
    for (; end - at >= WIDTH; at += WIDTH) {
        found -= (OCTETS)(*(const OCTETS *)(const void *)at == '\n');
    }
    if (at != end) {
        OCTETS lane;
        for (unsigned i = 0; i < WIDTH; i++) {
            lane[i] = (uint8_t)i;
        }
        const uint8_t seen = (uint8_t)(WIDTH - (end - at));
        const OCTETS last = *(const OCTETS *)(const void *)(end - WIDTH);
        found -= (OCTETS)(last == '\n') & (OCTETS)(lane >= seen);
    }
    const WORDS wide = JOIN(widen, WIDTH)(&found);
    return total + JOIN(lanes, WIDTH)(&wide);
}

static inline uint64_t JOIN(last_word, WIDTH)(const unsigned char *chunk) {
    uint64_t word;
    __asm__ volatile("" ::: "memory"); /* read what was stored, not what the compiler knows it stored */
    memcpy(&word, chunk + LK_CHUNK_BYTES - sizeof word, sizeof word);
    return word;
}

TARGET static uint64_t JOIN(store, WIDTH)(unsigned char *to, const unsigned char *from, size_t chunks) {
    (void)from;
    const WORDS fill = (WORDS){0} + LK_FILL;
    uint64_t check = 0;
    for (; chunks; chunks--, to += LK_CHUNK_BYTES) {
        for (size_t i = 0; i < LK_CHUNK_BYTES; i += STEP) {
            WORDS *at = (WORDS *)(void *)(to + i);
            at[0] = fill;
            at[1] = fill;
            at[2] = fill;
            at[3] = fill;
        }
        check += JOIN(last_word, WIDTH)(to);
    }
    return check;
}

TARGET static uint64_t JOIN(copy, WIDTH)(unsigned char *to, const unsigned char *from, size_t chunks) {
    uint64_t check = 0;
    for (; chunks; chunks--, to += LK_CHUNK_BYTES, from += LK_CHUNK_BYTES) {
        for (size_t i = 0; i < LK_CHUNK_BYTES; i += STEP) {
            const WORDS *in = (const WORDS *)(const void *)(from + i);
            WORDS *out = (WORDS *)(void *)(to + i);
            const WORDS a = in[0], b = in[1], c = in[2], d = in[3];
            __asm__ volatile("" ::: "memory"); /* or the compiler makes a call of memcpy out of the loop */
            out[0] = a;
            out[1] = b;
            out[2] = c;
            out[3] = d;
        }
        check += JOIN(last_word, WIDTH)(to);
    }
    return check;
}

TARGET static uint64_t JOIN(load_at, WIDTH)(const unsigned char *at, size_t stride, size_t mask, size_t n) {
    WORDS a = {0}, b = {0};
    for (size_t i = 0; i < n; i += 4) {
        const unsigned char *from = at + (i & mask) * stride;
        a += *(const WORDS *)(const void *)from;
        b += *(const WORDS *)(const void *)(from + stride);
        a += *(const WORDS *)(const void *)(from + 2 * stride);
        b += *(const WORDS *)(const void *)(from + 3 * stride);
        __asm__ volatile("" ::: "memory"); /* the same addresses come again: load them again */
    }
    a += b;
    return JOIN(lanes, WIDTH)(&a);
}

TARGET static void JOIN(store_at, WIDTH)(unsigned char *at, size_t stride, size_t mask, size_t n, uint64_t value) {
    const WORDS fill = (WORDS){0} + value;
    for (size_t i = 0; i < n; i += 4) {
        unsigned char *to = at + (i & mask) * stride;
        *(WORDS *)(void *)to = fill;
        *(WORDS *)(void *)(to + stride) = fill;
        *(WORDS *)(void *)(to + 2 * stride) = fill;
        *(WORDS *)(void *)(to + 3 * stride) = fill;
        __asm__ volatile("" ::: "memory"); /* the same addresses come again: store to them again */
    }
}

static const lk_vector_ops JOIN(ops, WIDTH) = {
    JOIN(sum, WIDTH),       JOIN(count, WIDTH),   JOIN(store, WIDTH),    JOIN(copy, WIDTH),
    JOIN(count_any, WIDTH), JOIN(load_at, WIDTH), JOIN(store_at, WIDTH),
};

#undef WORDS
#undef OCTETS
#undef STEP
