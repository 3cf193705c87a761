/* pm/arena.h: memory that is handed out by advancing a pointer and given back all at once.
 *
 * For what lives and dies together, such as the nodes of one syntax tree. An allocation costs a few instructions and
 * no header; there is no freeing of one allocation. Chunks come from the system when the current one is used up, stay
 * with the arena over `pm_arena_reset` and `pm_arena_rewind`, and go back in `pm_arena_free`.
 *
 *     chunk     | header | free ........................... | placed ........................ |
 *                        ^ floor                          ^ next                            ^ end
 * `next` moves down: aligning is then one `and`, and one comparison guards the whole allocation (the design of the
 * Rust crate bumpalo). So successive allocations have falling addresses. One addition keeps the statistics exact.
 *
 * Threads: one thread at a time; an arena holds no atomics. Give each thread its own.
 * Failure: an allocation that cannot be served returns NULL and changes nothing but `failed_count`.
 * Under AddressSanitizer, or compiled for Valgrind, every allocation is followed by a poisoned redzone, and what was
 * reset or rewound is poisoned; the library then serves every allocation out of line, however the caller was compiled.
 */
#ifndef PM_ARENA_H
#define PM_ARENA_H

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* cdef:begin */
enum {
    PM_ARENA_CAPACITY_BYTES = 4194304, /* of a chunk, where the options say 0 */
    PM_ARENA_ALIGNMENT_MAX = 65536     /* the largest alignment of one allocation, in bytes */
};

typedef struct pm_arena pm_arena;

typedef struct pm_arena_options {
    size_t capacity_bytes; /* of a chunk; 0: PM_ARENA_CAPACITY_BYTES. Reserved on first use; pages touched as used. */
    size_t limit_bytes;    /* most that all chunks together may take; 0: no limit. Beyond it allocations fail. */
    bool huge_pages;       /* ask for 2 MiB pages: chunks are then multiples of 2 MiB, and aligned so */
} pm_arena_options;

/* A place to come back to. Holds until the arena is reset, or rewound to an earlier mark. */
typedef struct pm_arena_mark {
    const void *chunk; /* NULL: nothing was allocated yet */
    size_t used_bytes; /* placed in that chunk */
    uint64_t epoch;    /* resets so far */
} pm_arena_mark;

typedef struct pm_arena_stats {
    uint64_t allocation_count; /* allocations served since the arena was made; exact */
    uint64_t requested_bytes;  /* bytes asked for by them; exact */
    uint64_t padding_bytes;    /* bytes spent on their alignment (and redzones); exact */
    uint64_t tail_bytes;       /* bytes left unused at the ends of chunks that were too short for the next one */
    uint64_t failed_count;     /* allocations refused */
    uint64_t reset_count;
    uint64_t rewind_count;
    uint64_t chunk_count;   /* chunks held now, unused ones included */
    uint64_t refill_count;  /* times an allocation had to go to the next chunk */
    size_t allocated_bytes; /* in use now: placed since the last reset, less what was rewound, tails included */
    size_t peak_bytes;      /* highest allocated_bytes; exact */
    size_t capacity_bytes;  /* held from the system now, chunk headers included */
} pm_arena_stats;

/* Makes an empty arena that owns no chunk yet. options NULL: all defaults. The caller owns *out until pm_arena_free.
 * PM_INVALID where the capacity is absurd (above a quarter of the address space), PM_NO_MEMORY. */
PM_API PM_NODISCARD pm_status pm_arena_new(const pm_arena_options *options, pm_arena **out);

/* Gives every chunk back; everything that the arena handed out ends. NULL is allowed. */
PM_API void pm_arena_free(pm_arena *arena);

/* `bytes` bytes at a multiple of `alignment` (a power of two up to PM_ARENA_ALIGNMENT_MAX); not cleared. 0 bytes count
 * as 1. NULL when memory is refused or the alignment is wrong. Inlined; the arena owns the memory. */
PM_INLINE void *pm_arena_alloc(pm_arena *arena, size_t bytes, size_t alignment);

/* The same through a call, for languages and places that cannot inline. */
PM_API void *pm_arena_alloc_call(pm_arena *arena, size_t bytes, size_t alignment);

/* `count` elements of `element_bytes`; NULL also when their product overflows. */
PM_API void *pm_arena_slice(pm_arena *arena, size_t count, size_t element_bytes, size_t alignment);

/* A copy of `bytes` bytes followed by a NUL; NULL when memory is refused. data may be NULL when bytes is 0. */
PM_API char *pm_arena_copy(pm_arena *arena, const void *data, size_t bytes);

/* One allocation per size; their addresses go to addresses[0 .. count - 1]. All or none: after a failure the arena is
 * where it was before. One call for many nodes: about 1 ns each. */
PM_API PM_NODISCARD pm_status pm_arena_alloc_many(pm_arena *arena, const size_t *sizes, size_t count, size_t alignment,
                                                  uintptr_t *addresses);

/* Remembers the current place. */
PM_API pm_arena_mark pm_arena_mark_now(const pm_arena *arena);

/* Ends everything allocated since the mark and keeps the chunks. PM_INVALID where the mark is of another arena, of
 * before a reset, or lies beyond what is in use. */
PM_API PM_NODISCARD pm_status pm_arena_rewind(pm_arena *arena, pm_arena_mark mark);

/* Ends everything allocated, keeps the chunks for reuse. Cost: independent of the number of allocations. */
PM_API void pm_arena_reset(pm_arena *arena);

/* Gives back the chunks that hold nothing now. */
PM_API void pm_arena_trim(pm_arena *arena);

/* Whether the `bytes` bytes from address on are memory in use of this arena. */
PM_API bool pm_arena_contains(const pm_arena *arena, const void *address, size_t bytes);

PM_API void pm_arena_read_stats(const pm_arena *arena, pm_arena_stats *out);

/* Bytes of the chunks that the kernel backs with huge pages now, as it reports them; reads /proc, slow.
 * PM_UNSUPPORTED where the system does not tell. */
PM_API PM_NODISCARD pm_status pm_arena_huge_bytes(const pm_arena *arena, size_t *bytes);

/* Walks the whole structure; false means memory corruption. For assertions and tests. */
PM_API bool pm_arena_is_valid(const pm_arena *arena);
/* cdef:end */

/* The front that inlined code reads; the rest lies behind it, in src/arena.c. */
struct pm_arena {
    uintptr_t next;  /* lowest byte placed in the current chunk */
    uintptr_t limit; /* lowest byte that inlined code may place; equal to `next` where it may place nothing */
    uint64_t tally;  /* since the statistics were last folded: PM_ARENA_TALLY_ONE for each allocation, and its bytes */
};

#define PM_ARENA_TALLY_ONE (UINT64_C(1) << 30)

PM_API void *pm_arena_alloc_slow(pm_arena *arena, size_t bytes, size_t alignment);

/* Whether the alignment is 0 or a power of two, and not too large: one test of a constant folded from both. */
PM_INLINE bool pm_arena_aligns(size_t alignment) {
    return (alignment & ((alignment - 1) | ~((size_t)PM_ARENA_ALIGNMENT_MAX * 2 - 1))) == 0;
}

PM_INLINE void *pm_arena_alloc(pm_arena *arena, size_t bytes, size_t alignment) {
    const uintptr_t next = arena->next, place = (next - bytes) & ~((uintptr_t)alignment - 1);
    /* 0 bytes wrap and go the long way, as do bytes that reach below address 0, and alignment 0 whose place is 0. */
    if (PM_LIKELY(bytes - 1 < next && place >= arena->limit && pm_arena_aligns(alignment))) {
        arena->next = place;
        arena->tally += PM_ARENA_TALLY_ONE + bytes;
        return (void *)place;
    }
    return pm_arena_alloc_slow(arena, bytes, alignment);
}

#ifdef __cplusplus
}
#endif
#endif
