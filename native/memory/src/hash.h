/* The hash of the layer's tables: folded 64x64 -> 128 bit multiplication over 16 bytes a step, the idea of Wang Yi's
 * wyhash. Fast on short keys, no secret: not for keys that an adversary chooses. The same on every machine of one
 * byte order. */
#ifndef PM_HASH_H
#define PM_HASH_H

#include "pm/base.h"
#include <string.h>

#define PM_HASH_A UINT64_C(0x9E3779B97F4A7C15) /* 2^64 / golden ratio, odd */
#define PM_HASH_B UINT64_C(0xD1B54A32D192ED03) /* 2^64 / the root of x^4 = x + 1, odd */

static inline uint64_t pm_hash_fold(uint64_t a, uint64_t b) {
#if defined(__SIZEOF_INT128__)
    const unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
    const uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
    const uint64_t low = al * bl, cross = ah * bl + (low >> 32), cross2 = al * bh + (uint32_t)cross;
    return (a * b) ^ (ah * bh + (cross >> 32) + (cross2 >> 32));
#endif
}

static inline uint64_t pm_hash_number(uint64_t key) {
    return pm_hash_fold(key ^ PM_HASH_B, PM_HASH_A);
}

static inline uint64_t pm_hash_read(const unsigned char *bytes, size_t count) {
    uint64_t word = 0;
    memcpy(&word, bytes, count);
    return word;
}

static inline uint64_t pm_hash_bytes(const void *key, size_t bytes) {
    const unsigned char *at = key;
    uint64_t hash = bytes * PM_HASH_B;
    size_t left = bytes;
    for (; left > 16; left -= 16, at += 16) {
        hash = pm_hash_fold(pm_hash_read(at, 8) ^ PM_HASH_A ^ hash, pm_hash_read(at + 8, 8) ^ PM_HASH_B);
    }
    if (left >= 8) { /* two words that overlap where fewer than 16 bytes are left */
        hash = pm_hash_fold(pm_hash_read(at, 8) ^ PM_HASH_A ^ hash, pm_hash_read(at + left - 8, 8) ^ PM_HASH_B);
    } else if (left >= 4) {
        hash = pm_hash_fold(pm_hash_read(at, 4) ^ PM_HASH_A ^ hash, pm_hash_read(at + left - 4, 4) ^ PM_HASH_B);
    } else if (left > 0) {
        const uint64_t word = at[0] | (uint64_t)at[left / 2] << 8 | (uint64_t)at[left - 1] << 16;
        hash = pm_hash_fold(word ^ PM_HASH_A ^ hash, PM_HASH_B);
    }
    return pm_hash_fold(hash ^ PM_HASH_B, PM_HASH_A);
}

#endif
