/* stream_ops.h: the functions of one path, as src/stream_paths.c makes them and src/stream.c calls them. */
#ifndef PM_STREAM_OPS_H
#define PM_STREAM_OPS_H

#include "pm/base.h"
#include "pm/cpu.h"

enum { STREAM_LINE = 64, STREAM_LANES = 32 };

/* `past` the caches: `to` is then a multiple of STREAM_LINE, and store_fence comes after. `lines` counts lines of 64
 * bytes written; what is left of an array is for the caller. Sums take STREAM_LANES elements a step. */
typedef struct stream_ops {
    void (*copy)(unsigned char *to, const unsigned char *from, size_t lines, bool past);
    void (*fill)(unsigned char *to, uint64_t value, size_t lines, bool past);
    void (*add_f64)(unsigned char *to, const unsigned char *a, const unsigned char *b, size_t lines, bool past);
    void (*add_u64)(unsigned char *to, const unsigned char *a, const unsigned char *b, size_t lines, bool past);
    void (*triad_f64)(unsigned char *to, const unsigned char *a, const unsigned char *b, double scale, size_t lines,
                      bool past);
    void (*triad_u64)(unsigned char *to, const unsigned char *a, const unsigned char *b, uint64_t scale, size_t lines,
                      bool past);
    void (*sum_f64)(double lanes[STREAM_LANES], const unsigned char *values, size_t steps);
    uint64_t (*sum_u64)(const unsigned char *values, size_t steps);
    void (*store_fence)(void);
} stream_ops;

/* The functions of a path that this machine has. */
const stream_ops *pm_stream_ops_of(pm_cpu_path path);

#endif
