/* pm/linear.h: a pool of linear memories, for the instances of WebAssembly modules or any tenant like them.
 *
 * A linear memory is a range of bytes that begins at 0, grows at its end and never moves. The pool reserves address
 * space for all of its memories when it is made; a memory is allowed page by page as it grows, and stays mapped when it
 * goes back, so that the next tenant finds pages that need neither a system call nor a page fault.
 *
 *     space     | fork mark | guard | slot 0 ................. | guard | slot 1 ...... | guard | ...
 *     slot        | in use: bytes .... | allowed, 0 | forbidden up to reserved_bytes |
 *
 * What one tenant wrote is gone before the next one comes: a memory that goes back is made zero (or its image) at once.
 * Linux 6.7 and later tells which pages hold anything (PAGEMAP_SCAN); those are cleared in place, up to
 * keep_resident_bytes, and what lies beyond is given back to the kernel. Elsewhere all pages are given back. Pages that
 * were swapped out are given back too. No reset depends on what a tenant did, on its honesty or on its size.
 *
 * Bound: the pool never holds more than slot_count x maximum_bytes; of memories that nobody uses at most
 * slot_count x keep_resident_bytes (exceeded only where the kernel refuses to take pages back, as for locked memory).
 *
 * Threads: any, without a lock: a free memory is taken out of a bitmap by one atomic step. One memory is for one thread
 * at a time. Fork: both processes go on, each with its own copies; the child opens its own view of its pages.
 * After a failure pool and memory are unchanged.
 */
#ifndef PM_LINEAR_H
#define PM_LINEAR_H

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* cdef:begin */
enum {
    PM_LINEAR_SLOT_COUNT = 100,             /* of a pool, where the options say 0 */
    PM_LINEAR_SLOT_COUNT_MAX = 65536,       /* most slots of one pool */
    PM_LINEAR_MAXIMUM_BYTES = 134217728,    /* of a memory, where the options say 0: 128 MiB */
    PM_LINEAR_KEEP_RESIDENT_BYTES = 2097152 /* of a memory that nobody uses, where the options say 0 */
};

typedef enum pm_linear_method {
    PM_LINEAR_AUTO = 0,
    PM_LINEAR_SCAN = 1, /* ask the kernel for the touched pages, clear them in place */
    PM_LINEAR_RENEW = 2 /* give all pages back; the kernel makes new ones when they are touched */
} pm_linear_method;

typedef struct pm_linear_pool pm_linear_pool;

typedef struct pm_linear_options {
    size_t slot_count;          /* 0: PM_LINEAR_SLOT_COUNT */
    size_t maximum_bytes;       /* that a memory may grow to; 0: PM_LINEAR_MAXIMUM_BYTES */
    size_t reserved_bytes;      /* address space of a memory; 0: maximum_bytes. 4 GiB spare wasm32 its bounds checks. */
    size_t guard_bytes;         /* forbidden before and after each memory, at least; 0: 64 KiB */
    size_t keep_resident_bytes; /* 0: PM_LINEAR_KEEP_RESIDENT_BYTES; SIZE_MAX: all that was touched */
    const unsigned char *image; /* what a memory begins with, instead of zeros; copied. NULL: none */
    size_t image_bytes;         /* at most maximum_bytes */
    pm_linear_method method;    /* PM_LINEAR_AUTO: scan where the kernel can */
} pm_linear_options;

/* A memory in use. Only the pool writes these fields. */
typedef struct pm_linear {
    unsigned char *data;  /* page aligned; never moves */
    size_t bytes;         /* that the tenant may use */
    size_t maximum_bytes; /* that it may grow to */
} pm_linear;

typedef struct pm_linear_stats {
    size_t slot_count;
    size_t in_use_count;
    size_t peak_count;          /* slots that were ever used; the lowest free one is always taken */
    uint64_t acquire_count;     /* memories handed out */
    uint64_t release_count;     /* memories that came back */
    uint64_t refused_count;     /* acquires that found no free slot, or were refused memory */
    uint64_t grow_count;        /* growths done */
    uint64_t reset_count;       /* times a memory was made as new: every release, and every pm_linear_reset */
    uint64_t cleared_pages;     /* pages cleared in place by them */
    uint64_t renewed_count;     /* times pages were given back to the kernel by them */
    uint64_t scan_failed_count; /* resets that fell back from scanning to giving back */
    size_t kept_bytes;          /* resident in memories that nobody uses, as far as resets left them so */
    size_t committed_bytes;     /* that may be read and written now */
    size_t reserved_bytes;      /* address space, guards included */
    size_t slot_bytes;          /* address space of one memory */
    size_t guard_bytes;         /* forbidden before and after it */
    size_t retained_max_bytes;  /* slot_count x keep_resident_bytes, the bound on kept_bytes */
    pm_linear_method method;    /* in force: never PM_LINEAR_AUTO */
    bool image_shared;          /* pages of the image are shared until written; false: copied, or there is no image */
} pm_linear_stats;

/* options NULL: all defaults. PM_INVALID: reserved below maximum, too many slots, an image that does not fit.
 * PM_OVERFLOW: the space cannot be represented. PM_NO_MEMORY: address space or memory refused. PM_UNSUPPORTED: scanning
 * was demanded and the kernel cannot. The caller owns *out until pm_linear_pool_free. */
PM_API PM_NODISCARD pm_status pm_linear_pool_new(const pm_linear_options *options, pm_linear_pool **out);

/* PM_BUSY, and nothing changes, while a memory is in use or a host (pm/wasmtime.h) rests on the pool. NULL is allowed.
 */
PM_API PM_NODISCARD pm_status pm_linear_pool_free(pm_linear_pool *pool);

/* Gives the pool up without asking: it ends now, or with the last host that rests on it. Memories that were acquired by
 * hand end with it. NULL is allowed. */
PM_API void pm_linear_pool_drop(pm_linear_pool *pool);

/* A memory of `bytes` bytes, zero or the image and then zero, that may grow to maximum_bytes (what is more than the
 * pool's maximum counts as that). PM_BUSY: all slots are in use. PM_OVERFLOW: more than the maximum. PM_INVALID: less
 * than the image. PM_NO_MEMORY. Give it back with pm_linear_release. Costs a system call only where the slot's last
 * tenant had another size. */
PM_API PM_NODISCARD pm_status pm_linear_acquire(pm_linear_pool *pool, size_t bytes, size_t maximum_bytes,
                                                pm_linear **out);

/* Makes the memory `bytes` long, in place; new bytes are zero. PM_INVALID: shorter than it is. PM_OVERFLOW: beyond its
 * maximum. PM_NO_MEMORY. */
PM_API PM_NODISCARD pm_status pm_linear_grow(pm_linear *linear, size_t bytes);

/* Makes the memory as new, `bytes` long, for the next use by the same holder. Errors as for pm_linear_acquire; after
 * one the old content may be gone, and the memory has its old length. */
PM_API PM_NODISCARD pm_status pm_linear_reset(pm_linear *linear, size_t bytes);

/* Clears the memory and gives it back. PM_FOREIGN: it is no memory of this pool. PM_DOUBLE_RELEASE: it is not in use.
 */
PM_API PM_NODISCARD pm_status pm_linear_release(pm_linear_pool *pool, pm_linear *linear);

/* Each figure is one that held at some moment of the call. Any thread. */
PM_API void pm_linear_read_stats(const pm_linear_pool *pool, pm_linear_stats *out);
/* cdef:end */

#ifdef __cplusplus
}
#endif
#endif
