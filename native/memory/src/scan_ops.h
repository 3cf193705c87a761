/* scan_ops.h: the functions of one path, as src/scan_paths.c makes them and src/scan.c calls them. */
#ifndef PM_SCAN_OPS_H
#define PM_SCAN_OPS_H

#include "pm/cpu.h"
#include "pm/scan.h"

/* What is looked for. count > 0; places are those of its SCAN_RARE rarest bytes, with repeats where it has fewer. */
enum { SCAN_RARE = 3 };
typedef struct scan_needle {
    const unsigned char *bytes;
    size_t count;
    size_t place[SCAN_RARE];
    size_t last_place; /* the largest of them */
    unsigned char byte[SCAN_RARE];
} scan_needle;

/* 64 places from `at`, and a bit for each where the rare bytes stand. */
enum {
    SCAN_BLOCKS = 256,
    SCAN_FEW = 8,        /* blocks with candidates are few where there are so many more rows */
    SCAN_MANY_BYTES = 64 /* of needles that are looked for among many candidates */
};
typedef struct scan_block {
    size_t at;
    uint64_t mask;
} scan_block;

/* A stretch of rows: row i is data[offsets[i] .. offsets[i + 1]). All of data[0 .. bytes) may be read. */
typedef struct scan_rows {
    const void *offsets; /* int32_t or int64_t */
    size_t count;
    const unsigned char *data;
    size_t bytes;
} scan_rows;

/* For one width of offsets. Bits of rows that hit are set in `words`, which begin zero; the hits are returned. */
typedef struct scan_row_ops {
    bool (*sound)(const scan_rows *rows); /* offsets lie in the data and never decrease: all others rely on it */
    size_t (*contain)(const scan_rows *rows, const scan_needle *needle, uint64_t *words);
    size_t (*begin)(const scan_rows *rows, const scan_needle *needle, bool whole, uint64_t *words);
    void (*count_byte)(const scan_rows *rows, unsigned char byte, uint64_t *counts);
    void (*count_chars)(const scan_rows *rows, uint64_t *counts);
} scan_row_ops;

typedef struct scan_ops {
    size_t (*find)(const unsigned char *data, size_t bytes, const scan_needle *needle);
    bool (*same)(const unsigned char *a, const unsigned char *b, size_t bytes);
    size_t (*count_byte)(const unsigned char *data, size_t bytes, unsigned char byte);
    size_t (*count_chars)(const unsigned char *data, size_t bytes);
    size_t (*index_32)(const unsigned char *data, size_t bytes, unsigned char byte, uint32_t *out, size_t capacity);
    size_t (*index_64)(const unsigned char *data, size_t bytes, unsigned char byte, uint64_t *out, size_t capacity);
    /* As `contain`, for texts that lie anywhere, each by itself; NULL where laying them end to end is faster. */
    size_t (*texts)(const pm_text *texts, size_t count, const scan_needle *needle, uint64_t *words);
    scan_row_ops rows_32, rows_64;
} scan_ops;

/* Of `count` > 0 bytes, which the result points to. */
scan_needle pm_scan_needle_of(const void *bytes, size_t count);

/* Stores the answers for `count` rows; the first one's is to be the first of the mask's. */
void pm_scan_store(const pm_scan_mask *mask, const uint64_t *words, size_t count);

/* The functions of a path that this machine has. */
const scan_ops *pm_scan_ops_of(pm_cpu_path path);

#endif
