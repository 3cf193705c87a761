/* vector_ops.h: the same loops over bytes with vectors of 16, 32 or 64 bytes, chosen at run time.
 *
 * Every load and store is an unaligned one, whatever the address: arms that differ in their address alone run the
 * very same instructions. 16 bytes are the baseline of the build (SSE2, NEON, or what the compiler makes of it);
 * 32 need AVX2, 64 need AVX-512 BW. All functions are pure but for the memory that they write; any thread.
 */
#ifndef LK_VECTOR_OPS_H
#define LK_VECTOR_OPS_H

#include "lk/kernel.h"

enum { LK_CHUNK_BYTES = 4096 };

/* `chunks` chunks of LK_CHUNK_BYTES; memory that a function does not use may be NULL. */
typedef uint64_t (*lk_chunks_fn)(unsigned char *to, const unsigned char *from, size_t chunks);

typedef struct lk_vector_ops {
    lk_chunks_fn sum;   /* of the u64 in `from`, modulo 2^64 */
    lk_chunks_fn count; /* of the newlines in `from` */
    lk_chunks_fn store; /* fills `to` with LK_FILL; sum of the last u64 of each chunk, read back */
    lk_chunks_fn copy;  /* from -> to, which do not overlap; sum of the last u64 of each chunk, read back */
    /* Newlines in any number of bytes at any address; reads no byte beyond them. */
    uint64_t (*count_any)(const unsigned char *data, size_t bytes);
    /* n vector accesses, n and mask + 1 multiples of 4, number i at `at + (i & mask) * stride`: the sum of the u64
     * lanes loaded, or `value` stored to every lane. */
    uint64_t (*load_at)(const unsigned char *at, size_t stride, size_t mask, size_t n);
    void (*store_at)(unsigned char *at, size_t stride, size_t mask, size_t n, uint64_t value);
} lk_vector_ops;

#define LK_FILL UINT64_C(0x5A17C0DE5EEDF00D)

/* width: 16, 32 or 64. NULL, and the reason in *message, where this machine lacks the instructions. */
const lk_vector_ops *lk_vector_ops_of(uint64_t width, lk_message *message);

/* The widest of 16 and 32 bytes that this machine has: wide enough for the load ports, and known to every simulator. */
const lk_vector_ops *lk_vector_ops_default(void);

#endif
