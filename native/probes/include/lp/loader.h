/* lp/loader.h: kernel libraries, their input files, and kernels that are set up and ready to run.
 *
 * Ownership: what `open`, `map` or `setup` returns belongs to the caller until the matching `close`, `unmap` or
 * `teardown`. A subject must be torn down before its library is closed and its input unmapped.
 * Threads: a library may be read from several threads; a subject is used by one thread at a time.
 * Failure: nothing is left open or allocated; the message holds one sentence.
 */
#ifndef LP_LOADER_H
#define LP_LOADER_H

#include "lk/kernel.h"

/* cdef:begin */
typedef struct lp_library lp_library;

/* A kernel after setup. state is NULL when it is not set up. */
typedef struct lp_subject {
    const lk_kernel *kernel;
    void *state;
    uint64_t pass; /* iterations that touch the working set once */
} lp_subject;

/* Opens a kernel library by path. NULL: not loadable, no `lk_kernels_v1`, or a kernel of another ABI version. */
lp_library *lp_library_open(const char *path, lk_message *message);
void lp_library_close(lp_library *library);
size_t lp_library_count(const lp_library *library);
/* index < lp_library_count; lives as long as the library. */
const lk_kernel *lp_library_at(const lp_library *library, size_t index);
/* NULL where the library has no kernel of that name. */
const lk_kernel *lp_library_find(const lp_library *library, const char *name);

/* Maps a file read-only and touches every page. An empty file is LK_BAD_INPUT. */
lk_status lp_input_map(const char *path, lk_input *input, lk_message *message);
void lp_input_unmap(lk_input *input);

lk_status lp_subject_setup(const lk_kernel *kernel, const lk_args *args, lk_input input, lp_subject *subject,
                           lk_message *message);
void lp_subject_teardown(lp_subject *subject);
/* Performs the iterations first .. first + count - 1. */
lk_status lp_subject_run(const lp_subject *subject, uint64_t first, uint64_t count, lk_result *result);
/* cdef:end */

/* The same, under a name of its own that profilers can toggle on: what runs in here is what is collected. */
lk_status lp_region(const lk_kernel *kernel, void *state, uint64_t first, uint64_t count, lk_result *result);

#endif
