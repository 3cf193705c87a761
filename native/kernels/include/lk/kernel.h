/* lk/kernel.h: the ABI between the lab and the code that it measures.
 *
 * A kernel library is a shared library with hidden symbols that exports one function, `lk_kernels_v1`. The
 * driver, the Python worker and the profilers all load it through this header, so two revisions of one kernel,
 * or a user's own C file, run side by side in one process and through one code path.
 *
 * An *iteration* is the smallest piece of work that a kernel can be asked for; an *item* is what its figures are
 * divided by (a row, a byte, a buffer). A *pass* is the number of iterations that touch the whole working set once.
 *
 * Contract of every kernel
 *  - `run(state, first, count)` performs the iterations first .. first + count - 1 of an endless sequence: the
 *    sequence wraps after a pass. What it computes depends on (arguments, input, first, count) alone.
 *  - All arms of a comparison return the same `checksum` and `items` for the same (first, count): the driver
 *    refuses to time arms that differ.
 *  - Memory is allocated and touched in `setup`; `run` allocates only if allocating is what is measured.
 *  - Doubling `count` doubles the instructions executed. The checksum keeps the work alive.
 *  - A state is used by one thread at a time; a kernel may own threads that `run` starts and waits for.
 *  - After a failed `setup` nothing is left allocated and *state is NULL.
 */
#ifndef LK_KERNEL_H
#define LK_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* cdef:begin */
enum { LK_ABI_VERSION = 1, LK_MESSAGE_BYTES = 240 };

typedef enum lk_status {
    LK_OK = 0,
    LK_INVALID = 1,     /* an argument is missing, unknown or out of range */
    LK_NO_MEMORY = 2,   /* the system refused memory */
    LK_UNSUPPORTED = 3, /* this machine cannot run it (an instruction set, a system call) */
    LK_BAD_INPUT = 4,   /* the input file is not what the kernel reads */
    LK_FAILED = 5       /* anything else; the message tells */
} lk_status;

/* One parameter of a kernel. `levels` lists the allowed values, comma-separated, or is "" where any value of
 * `unit` will do. Numbers are passed as decimal text. */
typedef struct lk_param {
    const char *name;
    const char *unit; /* "" for a word, "B" for bytes, "count" ... */
    const char *levels;
    const char *help;
} lk_param;

typedef struct lk_arg {
    const char *name;
    const char *value;
} lk_arg;

/* Borrowed for the duration of `setup` only. */
typedef struct lk_args {
    const lk_arg *items;
    size_t count;
} lk_args;

/* A read-only mapping of the input file; it outlives every state that was set up from it. bytes = 0: none. */
typedef struct lk_input {
    const void *data;
    size_t bytes;
} lk_input;

typedef struct lk_result {
    uint64_t checksum;
    uint64_t items; /* items processed */
    uint64_t bytes; /* payload bytes that the algorithm must move, the model's count and not the hardware's */
} lk_result;

/* A figure of the kernel's own ledger: name as in the metrics table, unit, value since setup. */
typedef struct lk_counter {
    const char *name;
    const char *unit;
    double value;
} lk_counter;

/* Why `setup` failed: one sentence, NUL-terminated, untouched on success. */
typedef struct lk_message {
    char text[240];
} lk_message;

typedef struct lk_kernel {
    uint32_t abi;     /* LK_ABI_VERSION */
    const char *name; /* "layout.scan" */
    const char *item; /* what one item is: "row", "byte", "buffer" */
    const char *help;
    const lk_param *params;
    size_t param_count;
    /* On LK_OK *state is owned by the caller until `teardown`, and *pass >= 1 is the pass length in iterations. */
    lk_status (*setup)(const lk_args *args, lk_input input, void **state, uint64_t *pass, lk_message *message);
    /* Adds nothing to *result: overwrites it. */
    lk_status (*run)(void *state, uint64_t first, uint64_t count, lk_result *result);
    void (*teardown)(void *state);
    /* NULL where the kernel keeps no ledger. Writes at most `capacity` counters, returns how many it has. */
    size_t (*counters)(void *state, lk_counter *counters, size_t capacity);
} lk_kernel;
/* cdef:end */

/* The one exported symbol: a static array that lives as long as the library. */
typedef const lk_kernel *(*lk_kernels_fn)(size_t *count);
#define LK_KERNELS_SYMBOL "lk_kernels_v1"

#if defined(_WIN32)
#define LK_EXPORT __declspec(dllexport)
#else
#define LK_EXPORT __attribute__((visibility("default")))
#endif
LK_EXPORT const lk_kernel *lk_kernels_v1(size_t *count);

#ifdef __cplusplus
}
#endif
#endif
