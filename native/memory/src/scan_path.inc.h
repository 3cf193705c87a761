/* scan_path.inc.h: the algorithms of one path, included by scan_paths.c once per PATH with TARGET set and
 * four functions on 64 bytes defined: eq64 and chars64 (a bit per byte that equals, or begins a character), rare64 (a
 * bit per place where all rare bytes stand) and differ64. Everything else is written once, here. */

/* n < 64 bytes into a block of which the rest is zero. */
TARGET static inline void JOIN(load_some, PATH)(unsigned char block[64], const unsigned char *at, size_t n) {
    memset(block, 0, 64);
    if (n >= 32) {
        copy_ends(block, at, n, 32);
    } else if (n >= 16) {
        copy_ends(block, at, n, 16);
    } else if (n >= 8) {
        copy_ends(block, at, n, 8);
    } else if (n >= 4) {
        copy_ends(block, at, n, 4);
    } else if (n > 0) {
        block[0] = at[0];
        block[n / 2] = at[n / 2];
        block[n - 1] = at[n - 1];
    }
}

/* The bits of the n bytes at `at`, of which `readable` >= n may be read; n may be more than 64. */
TARGET static inline uint64_t JOIN(eq_some, PATH)(const unsigned char *at, size_t n, size_t readable,
                                                  unsigned char byte) {
    if (PM_LIKELY(readable >= 64)) {
        return JOIN(eq64, PATH)(at, byte) & low_bits(n);
    }
    unsigned char block[64];
    JOIN(load_some, PATH)(block, at, n);
    return JOIN(eq64, PATH)(block, byte) & low_bits(n);
}

TARGET static inline uint64_t JOIN(chars_some, PATH)(const unsigned char *at, size_t n, size_t readable) {
    if (PM_LIKELY(readable >= 64)) {
        return JOIN(chars64, PATH)(at) & low_bits(n);
    }
    unsigned char block[64];
    JOIN(load_some, PATH)(block, at, n);
    return JOIN(chars64, PATH)(block) & low_bits(n);
}

TARGET static bool JOIN(same, PATH)(const unsigned char *a, const unsigned char *b, size_t bytes) {
    if (bytes < 64) {
        return same_short(a, b, bytes);
    }
    for (size_t at = 0; at < bytes - 64; at += 64) {
        if (JOIN(differ64, PATH)(a + at, b + at)) {
            return false;
        }
    }
    return !JOIN(differ64, PATH)(a + bytes - 64, b + bytes - 64);
}

/* Whether the needle, of which the rare bytes stand where they should, stands at `at`. */
TARGET static inline bool JOIN(confirm, PATH)(const unsigned char *at, const scan_needle *needle) {
    return needle->count <= SCAN_RARE || (needle->count < 64 ? same_short(at, needle->bytes, needle->count)
                                                             : JOIN(same, PATH)(at, needle->bytes, needle->count));
}

/* At the end of what may be read: `readable` bytes from the last of the rare places. By itself, and with a needle of
 * its own, so that the needle of the loops around `candidates` stays in registers. */
TARGET static __attribute__((noinline)) uint64_t JOIN(last_candidates, PATH)(const unsigned char *at, size_t places,
                                                                             size_t readable,
                                                                             const scan_needle *needle) {
    uint64_t mask = UINT64_MAX;
    for (unsigned i = 0; i < SCAN_RARE; i++) {
        mask &= JOIN(eq_some, PATH)(at + needle->place[i], places, readable, needle->byte[i]);
    }
    return mask;
}

/* A bit per place in [at, last), 64 at most, where the rare bytes stand. The needle placed at last - 1 ends inside the
 * `readable` bytes of data. `copy` is a copy of the needle. */
TARGET static inline uint64_t JOIN(candidates, PATH)(const unsigned char *data, size_t at, size_t last, size_t readable,
                                                     const scan_needle *copy, const scan_needle *needle) {
    const unsigned char *from = data + at;
    if (PM_UNLIKELY(readable - at < copy->last_place + 64)) {
        return JOIN(last_candidates, PATH)(from, last - at, readable - at - copy->last_place, needle);
    }
    return JOIN(rare64, PATH)(from + copy->place[0], from + copy->place[1], from + copy->place[2], copy->byte) &
           low_bits(last - at);
}

/* Where the needle first stands in [at, last); SIZE_MAX where nowhere. */
TARGET static inline size_t JOIN(find_between, PATH)(const unsigned char *data, size_t at, size_t last, size_t readable,
                                                     const scan_needle *copy, const scan_needle *needle) {
    for (; at < last; at += 64) {
        uint64_t mask = JOIN(candidates, PATH)(data, at, last, readable, copy, needle);
        for (; mask != 0; mask &= mask - 1) {
            const size_t place = at + lowest_bit(mask);
            if (JOIN(confirm, PATH)(data + place, copy)) {
                return place;
            }
        }
    }
    return SIZE_MAX;
}

/* Lists the blocks of [at, last) that have candidates, `room` blocks at most, and returns how many were listed. A block
 * is stored whether it has some or not, and counts only if it has: no branch, and none to guess wrong. *end is where
 * the next call is to begin. */
TARGET static __attribute__((noinline)) size_t JOIN(list_blocks, PATH)(const unsigned char *data, size_t at,
                                                                       size_t last, size_t readable,
                                                                       const scan_needle *needle, scan_block *blocks,
                                                                       size_t room, size_t *end) {
    const unsigned char *a = data + needle->place[0], *b = data + needle->place[1], *c = data + needle->place[2];
    const unsigned char byte[SCAN_RARE] = {needle->byte[0], needle->byte[1], needle->byte[2]};
    const size_t whole = (last - at) / 64, full = whole < room ? whole : room;
    size_t listed = 0;
    for (const size_t stop = at + 64 * full; at < stop; at += 64) {
        const uint64_t mask = JOIN(rare64, PATH)(a + at, b + at, c + at, byte);
        blocks[listed] = (scan_block){.at = at, .mask = mask};
        listed += mask != 0;
    }
    if (full < room && at < last) {
        const uint64_t mask = JOIN(candidates, PATH)(data, at, last, readable, needle, needle);
        blocks[listed] = (scan_block){.at = at, .mask = mask};
        listed += mask != 0;
        at += 64;
    }
    *end = at;
    return listed;
}

TARGET static size_t JOIN(find, PATH)(const unsigned char *data, size_t bytes, const scan_needle *needle) {
    const scan_needle copy = *needle;
    return bytes < copy.count ? SIZE_MAX
                              : JOIN(find_between, PATH)(data, 0, bytes - copy.count + 1, bytes, &copy, needle);
}

TARGET static size_t JOIN(count_byte, PATH)(const unsigned char *data, size_t bytes, unsigned char byte) {
    size_t count = 0, at = 0;
    for (; bytes - at >= 64; at += 64) {
        count += bit_count(JOIN(eq64, PATH)(data + at, byte));
    }
    return count + bit_count(JOIN(eq_some, PATH)(data + at, bytes - at, bytes - at, byte));
}

TARGET static size_t JOIN(count_chars, PATH)(const unsigned char *data, size_t bytes) {
    size_t count = 0, at = 0;
    for (; bytes - at >= 64; at += 64) {
        count += bit_count(JOIN(chars64, PATH)(data + at));
    }
    return count + bit_count(JOIN(chars_some, PATH)(data + at, bytes - at, bytes - at));
}

#define OFFSET_BITS 32
#include "scan_rows.inc.h"
#undef OFFSET_BITS
#define OFFSET_BITS 64
#include "scan_rows.inc.h"
#undef OFFSET_BITS

static const scan_ops JOIN(ops, PATH) = {
    .find = JOIN(find, PATH),
    .same = JOIN(same, PATH),
    .count_byte = JOIN(count_byte, PATH),
    .count_chars = JOIN(count_chars, PATH),
    .index_32 = JOIN(index_32, PATH),
    .index_64 = JOIN(index_64, PATH),
    .texts = JOIN(texts, PATH),
    .rows_32 = {JOIN(sound_32, PATH), JOIN(contain_32, PATH), JOIN(begin_32, PATH), JOIN(rows_count_byte_32, PATH),
                JOIN(rows_count_chars_32, PATH)},
    .rows_64 = {JOIN(sound_64, PATH), JOIN(contain_64, PATH), JOIN(begin_64, PATH), JOIN(rows_count_byte_64, PATH),
                JOIN(rows_count_chars_64, PATH)},
};

#undef PATH
#undef TARGET
