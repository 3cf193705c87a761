/* bench.h: what a plan has named so far: kernel libraries, inputs, and subjects that are set up when first used.
 *
 * One bench per process. Strings are borrowed from the plan's text, which outlives the bench.
 */
#ifndef DRIVER_BENCH_H
#define DRIVER_BENCH_H

#include "lp/loader.h"

enum { BENCH_LIBRARIES = 8, BENCH_INPUTS = 32, BENCH_SUBJECTS = 4096, BENCH_ARGS = 16 };

typedef struct bench_subject {
    const char *name;
    const char *kernel;
    const char *input; /* digest, or "-" */
    lk_arg args[BENCH_ARGS];
    size_t arg_count;
    lp_subject ready[BENCH_LIBRARIES]; /* state NULL: not set up from that library */
} bench_subject;

typedef struct bench bench;

bench *bench_new(void);
void bench_free(bench *self);

/* Each returns LK_OK or fills the message. */
lk_status bench_library(bench *self, size_t index, const char *path, lk_message *message);
lk_status bench_input(bench *self, const char *digest, const char *path, lk_message *message);
/* The new subject, to which arguments are added, or NULL. */
bench_subject *bench_declare(bench *self, const char *name, const char *kernel, const char *input, lk_message *message);
/* Sets the subject up from that library unless it is already. */
lk_status bench_ready(bench *self, const char *name, size_t library, lp_subject **subject, lk_message *message);
/* Tears down every subject that is set up. */
void bench_drop(bench *self);
const lp_library *bench_loaded(const bench *self, size_t index);

#endif
