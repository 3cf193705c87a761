/* pooling_kinds.h: what pooling.buffers does with one buffer of each kind, fresh or out of a pool.
 *
 * `open` takes a buffer and fills it, `close` checks what is in it and gives it back; between the two it may change
 * hands. The halves are the same for both sources but for where the buffer comes from and goes to.
 */
#ifndef LK_POOLING_KINDS_H
#define LK_POOLING_KINDS_H

#include <pm/map.h>
#include <pm/pool.h>
#include <pm/strbuf.h>
#include <pm/vec.h>
#include <stdbool.h>

#include "lk/kernel.h"

/* The corpus as the kernel reads it: see pooling_buffers.c. files = 0: the plan's sizes, nothing is read. */
typedef struct lk_files {
    size_t files;
    uint64_t period; /* the sequence of files starts again after so many buffers */
    const uint64_t *byte_offsets;
    const unsigned char *bytes;
    const uint64_t *line_offsets;
    const uint32_t *lines;
    const uint64_t *name_offsets;
    const int64_t *names;
    const unsigned char *name_bytes;
} lk_files;

/* A buffer in use. A fresh string or vector is a struct in the hands of its user, a pooled one is the pool's. */
typedef struct lk_held {
    union {
        pm_strbuf string;
        pm_vec vec;
        void *object;
    } as;
    bool usable; /* false: memory was refused, nothing is held */
} lk_held;

/* Sums over buffers. */
typedef struct lk_tally {
    uint64_t checksum;
    uint64_t bytes;
    uint64_t refused; /* buffers that could not be had or filled */
} lk_tally;

/* open_close: n buffers, one after the other. open, close: the halves, for a hand-over. pool is NULL for fresh ones. */
typedef struct lk_kind {
    void (*open_close)(pm_pool *pool, const lk_files *files, uint64_t begin, uint64_t end, lk_tally *tally);
    void (*open)(pm_pool *pool, const lk_files *files, uint64_t index, lk_held *held, lk_tally *tally);
    void (*close)(pm_pool *pool, const lk_files *files, lk_held *held, lk_tally *tally);
    void (*pool_type)(pm_pool_type *type);
    size_t retained_max; /* of the pool: the plan's number */
} lk_kind;

/* object: 0 strbuf, 1 vec, 2 map; pooled: false malloc, true pool. */
const lk_kind *lk_kind_of(unsigned object, bool pooled);

#endif
