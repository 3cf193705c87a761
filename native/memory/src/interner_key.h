/* A string as the interner looks for it: its hash, its length, and two words.
 *
 * The words of a string of up to 16 bytes are the string, padded with zeros: two such strings are equal iff words and
 * lengths are. Of a longer one they are its address and 0. Where 16 bytes from its begin on are the caller's they are
 * loaded whole and masked, without a branch on the length, which real text makes unpredictable; elsewhere nothing
 * beyond the string is read.
 *
 * The hash is the folded multiplication of hash.h, over both words at once, with a seed.
 */
#ifndef PM_INTERNER_KEY_H
#define PM_INTERNER_KEY_H

#include "hash.h"
#include "pm/interner.h"

typedef struct hasher {
    uint64_t a, b;
    uint64_t mask;
} hasher;

typedef struct key {
    uint64_t word[2];
    uint64_t meta; /* never 0: hash and state in the lower half, length in the upper; a slot's that holds the string */
    uint32_t home; /* the other half of the hash: where in the table to begin */
} key;

enum { KEY_LEAD_BYTES = 16 };           /* what key_load_led may read before a string */
enum { META_READY = 3, META_BUSY = 2 }; /* the two lowest bits of a slot's meta; both 0 in an empty slot */

static inline hasher hasher_of(uint64_t seed, uint64_t mask) {
    const uint64_t spread = pm_hash_number(seed);
    return (hasher){.a = PM_HASH_A ^ spread, .b = PM_HASH_B ^ (spread << 32 | spread >> 32), .mask = mask};
}

static inline uint32_t key_bytes(const key *k) {
    return (uint32_t)(k->meta >> 32);
}

static inline bool key_is_long(const key *k) {
    return k->meta >= (uint64_t)(PM_INTERNER_INLINE_BYTES + 1) << 32;
}

/* The string's bytes, where it was when the key was made or in the key itself. */
static inline const void *key_data(const key *k) {
    return key_is_long(k) ? (const void *)(uintptr_t)k->word[0] : k->word;
}

static inline void key_finish(key *k, uint64_t hash, uint64_t mask, uint32_t bytes) {
    hash &= mask;
    k->home = (uint32_t)hash;
    k->meta = (uint64_t)bytes << 32 | hash >> 32 | META_READY;
}

/* For a string of up to 16 bytes, whose words are loaded. */
static inline void key_hash_short(key *k, const hasher *h, uint32_t bytes) {
    key_finish(k, pm_hash_fold(k->word[0] ^ h->a, k->word[1] ^ h->b ^ bytes), h->mask, bytes);
}

/* For a longer one: 16 bytes a step, the last step overlapping the one before. */
static inline void key_hash_long(key *k, const hasher *h, const unsigned char *data, uint32_t bytes) {
    const unsigned char *at = data, *last = data + bytes - 16;
    uint64_t hash = bytes * PM_HASH_B;
    for (; at < last; at += 16) {
        hash = pm_hash_fold(pm_hash_read(at, 8) ^ h->a ^ hash, pm_hash_read(at + 8, 8) ^ h->b);
    }
    hash = pm_hash_fold(pm_hash_read(last, 8) ^ h->a ^ hash, pm_hash_read(last + 8, 8) ^ h->b);
    k->word[0] = (uintptr_t)data;
    k->word[1] = 0;
    key_finish(k, pm_hash_fold(hash ^ h->b, PM_HASH_A), h->mask, bytes);
}

/* Words of a string of up to 16 bytes in memory of which 16 may be read. The mask is all ones, then all zeros, in
 * memory, so right in either byte order. */
static inline void key_load_open(key *k, const unsigned char *data, uint32_t bytes) {
    typedef uint64_t words __attribute__((vector_size(16)));
    static const unsigned char edge[32] = {255, 255, 255, 255, 255, 255, 255, 255,
                                           255, 255, 255, 255, 255, 255, 255, 255};
    words text, mask;
    memcpy(&text, data, sizeof text);
    memcpy(&mask, edge + 16 - bytes, sizeof mask);
    text &= mask;
    k->word[0] = text[0];
    k->word[1] = text[1];
}

/* Up to 8 bytes as a word padded with zeros, from reads that overlap: nothing goes through memory. */
static inline uint64_t key_load_word(const unsigned char *at, uint32_t bytes) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    if (bytes == 8) {
        return pm_hash_read(at, 8);
    }
    if (bytes >= 4) {
        return pm_hash_read(at, 4) | pm_hash_read(at + bytes - 4, 4) << 8 * (bytes - 4);
    }
    if (bytes == 0) {
        return 0;
    }
    const uint32_t middle = bytes / 2, last = bytes - 1;
    return at[0] | (uint64_t)at[middle] << 8 * middle | (uint64_t)at[last] << 8 * last;
#else
    return bytes == 0 ? 0 : pm_hash_read(at, bytes);
#endif
}

/* Words of a string of up to 16 bytes; nothing beyond it is read. */
static inline void key_load_exact(key *k, const unsigned char *data, uint32_t bytes) {
    const uint32_t low = bytes < 8 ? bytes : 8;
    k->word[0] = key_load_word(data, low);
    k->word[1] = bytes > 8 ? key_load_word(data + 8, bytes - 8) : 0;
}

/* Words of a string of up to 16 bytes in memory of which the 16 that end with it may be read: the 8 that end with it,
 * shifted down to those that the first word lacks, are one of the words. */
static inline void key_load_led(key *k, const unsigned char *data, uint32_t bytes) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    const bool two = bytes > 8;
    const uint64_t first = pm_hash_read(data - (two ? 0 : 8), 8);
    const uint64_t last = pm_hash_read(data + bytes - 8, 8) >> (-8 * bytes & 63);
    k->word[0] = two ? first : bytes == 0 ? 0 : last;
    k->word[1] = two ? last : 0;
#else
    key_load_exact(k, data, bytes);
#endif
}

static inline key key_of(const hasher *h, const void *data, uint32_t bytes) {
    key k;
    if (bytes <= PM_INTERNER_INLINE_BYTES) {
        key_load_exact(&k, data, bytes);
        key_hash_short(&k, h, bytes);
    } else {
        key_hash_long(&k, h, data, bytes);
    }
    return k;
}

#endif
