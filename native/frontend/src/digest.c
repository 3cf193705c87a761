/* Sums of texts in pieces. */
#include "fe/batch.h"
#include <string.h>

static uint64_t load_word(const uint8_t *from) {
    uint64_t word;
    memcpy(&word, from, sizeof word);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

void fe_digest_add(fe_digest *digest, const void *data, size_t bytes) {
    const uint8_t *from = data, *const end = from + bytes;
    uint64_t first = digest->first, second = digest->second, rest = digest->rest;
    const unsigned held = digest->bytes % 8 * 8; /* bits of `rest` */
    digest->bytes += bytes;
    if (held == 0) {
        for (; end - from >= 8; from += 8) {
            first += load_word(from);
            second += first;
        }
        rest = 0;
    } else {
        for (; end - from >= 8; from += 8) {
            const uint64_t word = load_word(from);
            first += rest | word << held;
            second += first;
            rest = word >> (64 - held);
        }
    }
    for (unsigned at = held; from < end; from++) {
        rest |= (uint64_t)*from << at;
        at += 8;
        if (at == 64) {
            first += rest;
            second += first;
            rest = 0;
            at = 0;
        }
    }
    digest->first = first;
    digest->second = second;
    digest->rest = rest;
}

uint64_t fe_digest_end(const fe_digest *digest) {
    const uint64_t first = digest->first + digest->rest, second = digest->second + first;
    const uint64_t mixed = (first ^ (second << 32 | second >> 32)) + digest->bytes * UINT64_C(0x9E3779B97F4A7C15);
    return mixed ^ mixed >> 29;
}
