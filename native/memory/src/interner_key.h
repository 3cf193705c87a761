/* A string as the interner looks for it: its hash, its length, and its first 16 bytes as two words.
 *
 * The words of a string of up to 16 bytes are the string, padded with zeros: two such strings are equal iff words and
 * lengths are. Where 16 bytes from its begin on are the caller's they are loaded whole and masked, without a branch on
 * the length, which real text makes unpredictable; elsewhere nothing beyond the string is read.
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
    uint64_t word[2]; /* of a string of up to 16 bytes */
    const unsigned char *data;
    uint64_t meta; /* never 0: hash and state in the lower half, length in the upper; a slot's that holds the string */
    uint32_t home; /* the other half of the hash: where in the table to begin */
} key;

enum { META_READY = 1, META_BUSY = 2 }; /* the two lowest bits of a slot's meta; both 0 in an empty slot */

static inline hasher hasher_of(uint64_t seed, uint64_t mask) {
    const uint64_t spread = pm_hash_number(seed);
    return (hasher){.a = PM_HASH_A ^ spread, .b = PM_HASH_B ^ (spread << 32 | spread >> 32), .mask = mask};
}

static inline uint32_t key_bytes(const key *k) {
    return (uint32_t)(k->meta >> 32);
}

static inline void key_finish(key *k, uint64_t hash, uint64_t mask, uint32_t bytes) {
    hash &= mask;
    k->home = (uint32_t)hash;
    k->meta = (uint64_t)bytes << 32 | (hash >> 32 & ~UINT64_C(3)) | META_READY;
}

/* For a string of up to 16 bytes, whose words are loaded. */
static inline void key_hash_short(key *k, const hasher *h, uint32_t bytes) {
    key_finish(k, pm_hash_fold(k->word[0] ^ h->a, k->word[1] ^ h->b ^ bytes), h->mask, bytes);
}

/* For a longer one: 16 bytes a step, the last step overlapping the one before. */
static inline void key_hash_long(key *k, const hasher *h, uint32_t bytes) {
    const unsigned char *at = k->data, *last = k->data + bytes - 16;
    uint64_t hash = bytes * PM_HASH_B;
    for (; at < last; at += 16) {
        hash = pm_hash_fold(pm_hash_read(at, 8) ^ h->a ^ hash, pm_hash_read(at + 8, 8) ^ h->b);
    }
    hash = pm_hash_fold(pm_hash_read(last, 8) ^ h->a ^ hash, pm_hash_read(last + 8, 8) ^ h->b);
    key_finish(k, pm_hash_fold(hash ^ h->b, PM_HASH_A), h->mask, bytes);
}

/* The bytes that a word of a short string keeps of 8 loaded ones, by its length; all zeros and all ones in memory, so
 * right in either byte order. */
static inline uint64_t key_mask(uint32_t bytes) {
    static const unsigned char edge[16] = {255, 255, 255, 255, 255, 255, 255, 255};
    return pm_hash_read(edge + 8 - bytes, 8);
}

/* Words of a string of up to 16 bytes in memory of which 16 may be read. */
static inline void key_load_open(key *k, uint32_t bytes) {
    const uint32_t low = bytes < 8 ? bytes : 8;
    k->word[0] = pm_hash_read(k->data, 8) & key_mask(low);
    k->word[1] = pm_hash_read(k->data + 8, 8) & key_mask(bytes - low);
}

/* Up to 8 bytes as a word padded with zeros; two reads that overlap. */
static inline uint64_t key_load_word(const unsigned char *at, uint32_t bytes) {
    unsigned char padded[8] = {0};
    if (bytes == 8) {
        return pm_hash_read(at, 8);
    }
    if (bytes >= 4) {
        memcpy(padded + bytes - 4, at + bytes - 4, 4);
        memcpy(padded, at, 4);
    } else if (bytes > 0) {
        padded[bytes / 2] = at[bytes / 2];
        padded[bytes - 1] = at[bytes - 1];
        padded[0] = at[0];
    }
    return pm_hash_read(padded, 8);
}

/* The same where nothing beyond the string may be read. */
static inline void key_load_exact(key *k, uint32_t bytes) {
    const uint32_t low = bytes < 8 ? bytes : 8;
    k->word[0] = key_load_word(k->data, low);
    k->word[1] = bytes > 8 ? key_load_word(k->data + 8, bytes - 8) : 0;
}

static inline key key_of(const hasher *h, const void *data, uint32_t bytes) {
    key k = {.data = data};
    if (bytes <= PM_INTERNER_INLINE_BYTES) {
        key_load_exact(&k, bytes);
        key_hash_short(&k, h, bytes);
    } else {
        key_hash_long(&k, h, bytes);
    }
    return k;
}

#endif
