/* layout.scan: one pass over records of eight u64 fields, kept as rows, as columns, or as blocks of columns.
 *
 * Input, format LKROWS: one section, the records, eight u64 each. They are repeated, or cut, to fill the working set.
 * The number of rows is the largest power of two that fits the working set, for the random order is computed: two
 * rounds of odd multiplication and xor-shift, each a bijection of the k-bit numbers. It costs a dozen instructions
 * per row in every arm, reads no memory that would compete with the rows, and has no stride for a prefetcher to find.
 *
 * Each loop is compiled for its layout, order and number of fields, so that the compiler vectorises what can be.
 * Columns start an odd number of cache lines apart: columns a power of two apart would all fall into one cache set.
 *
 * An iteration is a block of 64 rows; the checksum is the sum of the fields read, modulo 2^64.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "define.h"
#include "input.h"
#include "region.h"
#include "span.h"

enum { FIELDS = 8, BLOCK_ROWS = 64, GROUP_ROWS = 8, COLUMN_PAD = 9 * 8 /* u64: nine cache lines */ };
enum { ROW_BYTES = FIELDS * sizeof(uint64_t) };
enum layout { AOS, SOA, AOSOA };
enum { P_LAYOUT, P_FIELDS, P_ORDER, P_WORKING_SET, P_PAGES };

static const lk_param layout_scan_params[] = {
    [P_LAYOUT] = {"layout", "", "aos,soa,aosoa", "aos: rows; soa: columns; aosoa: blocks of 8 rows, columns within"},
    [P_FIELDS] = {"fields", "count", "1,2,4,8", "how many of the eight fields are read"},
    [P_ORDER] = {"order", "", "sequential,random", "the order of the rows"},
    [P_WORKING_SET] = {"working_set", "B", "", "bytes of all rows, at least 4096; cut to a power of two rows"},
    [P_PAGES] = {"pages", "", LK_PAGES_LEVELS, LK_PAGES_HELP},
};

typedef struct table {
    lk_region region;
    const uint64_t *data;
    size_t stride; /* soa: u64 from one column to the next */
    uint64_t mask; /* rows - 1 */
    unsigned shift;
    unsigned fields;
    uint64_t pass;
    uint64_t (*scan)(const struct table *self, uint64_t begin, uint64_t end);
} table;

static inline uint64_t shuffled(const table *self, uint64_t row) {
    row = row * UINT64_C(0x9E3779B97F4A7C15) & self->mask;
    row ^= row >> self->shift;
    row = row * UINT64_C(0xD6E8FEB86659FD93) & self->mask;
    return row ^ row >> self->shift;
}

/* Called with constants for `layout`, `fields` and `random` alone. Eight rows at a time into eight sums, so that no
 * layout waits for one chain of additions: a row's fields side by side where they lie so, a column's rows elsewhere. */
static inline __attribute__((always_inline)) uint64_t scan_rows(const table *self, uint64_t begin, uint64_t end,
                                                                enum layout layout, unsigned fields, bool random) {
    const size_t step = layout == AOS ? 1 : layout == SOA ? self->stride : GROUP_ROWS;
    uint64_t sums[GROUP_ROWS] = {0};
    for (uint64_t group = begin; group < end; group += GROUP_ROWS) {
#pragma GCC unroll 8
        for (unsigned lane = 0; lane < GROUP_ROWS; lane++) {
            const uint64_t row = random ? shuffled(self, group + lane) : group + lane;
            const uint64_t *first = self->data;
            if (layout == AOSOA) {
                first += random ? row / GROUP_ROWS * GROUP_ROWS * FIELDS + row % GROUP_ROWS : group * FIELDS + lane;
            } else {
                first += layout == AOS ? row * FIELDS : row;
            }
#pragma GCC unroll 8
            for (unsigned field = 0; field < fields; field++) {
                uint64_t value = first[field * step];
                if (random && layout != AOS) {
                    __asm__("" : "+r"(value)); /* gathering two rows into a vector costs more than it saves */
                }
                sums[layout == AOS ? (lane * fields + field) % GROUP_ROWS : lane] += value;
            }
        }
    }
    uint64_t sum = 0;
    for (unsigned lane = 0; lane < GROUP_ROWS; lane++) {
        sum += sums[lane];
    }
    return sum;
}

#define SCAN(layout, order, fields)                                                                                    \
    static uint64_t scan_##layout##_##order##_##fields(const table *self, uint64_t begin, uint64_t end) {              \
        return scan_rows(self, begin, end, layout, fields, order);                                                     \
    }
#define SCANS(layout) /* 0: sequential, 1: random */                                                                   \
    SCAN(layout, 0, 1)                                                                                                 \
    SCAN(layout, 0, 2)                                                                                                 \
    SCAN(layout, 0, 4) SCAN(layout, 0, 8) SCAN(layout, 1, 1) SCAN(layout, 1, 2) SCAN(layout, 1, 4) SCAN(layout, 1, 8)
SCANS(AOS)
SCANS(SOA)
SCANS(AOSOA)

#define ROW(layout, order)                                                                                             \
    {scan_##layout##_##order##_1, scan_##layout##_##order##_2, scan_##layout##_##order##_4, scan_##layout##_##order##_8}
static uint64_t (*const SCAN_OF[3][2][4])(const table *, uint64_t, uint64_t) = {
    [AOS] = {ROW(AOS, 0), ROW(AOS, 1)},
    [SOA] = {ROW(SOA, 0), ROW(SOA, 1)},
    [AOSOA] = {ROW(AOSOA, 0), ROW(AOSOA, 1)},
};

static void place(const table *self, enum layout layout, const uint64_t *records, uint64_t record_count) {
    uint64_t *data = (uint64_t *)(void *)self->region.data;
    if (layout == AOS) {
        lk_region_tile(&self->region, 0, (self->mask + 1) * ROW_BYTES, records, record_count * ROW_BYTES);
        return;
    }
    for (uint64_t row = 0, from = 0; row <= self->mask; row++, from = from + 1 == record_count ? 0 : from + 1) {
        uint64_t *first = layout == SOA ? data + row : data + row / GROUP_ROWS * GROUP_ROWS * FIELDS + row % GROUP_ROWS;
        for (unsigned field = 0; field < FIELDS; field++) {
            first[field * (layout == SOA ? self->stride : GROUP_ROWS)] = records[from * FIELDS + field];
        }
    }
}

static void layout_scan_teardown(void *state) {
    table *self = state;
    lk_region_unmap(&self->region);
}

static lk_status layout_scan_build(table *self, const lk_value *values, lk_input input, uint64_t *pass,
                                   lk_message *message) {
    uint64_t limit = values[P_WORKING_SET].number / ROW_BYTES;
    if (limit < BLOCK_ROWS || limit > UINT64_C(1) << 40) {
        return lk_say(message, LK_INVALID, "working_set=%llu is out of range: from %d bytes",
                      (unsigned long long)values[P_WORKING_SET].number, BLOCK_ROWS * ROW_BYTES);
    }
    lk_section records;
    lk_status status = lk_input_open(input, "LKROWS", 1, &records, message);
    if (status != LK_OK) {
        return status;
    }
    if (records.bytes == 0 || records.bytes % ROW_BYTES) {
        return lk_say(message, LK_BAD_INPUT, "LKROWS: %zu bytes are not whole records of %d", records.bytes, ROW_BYTES);
    }
    unsigned bits = 63 - (unsigned)__builtin_clzll(limit);
    uint64_t rows = UINT64_C(1) << bits;
    self->mask = rows - 1;
    self->shift = (bits + 1) / 2;
    self->fields = (unsigned)values[P_FIELDS].number;
    self->pass = rows / BLOCK_ROWS;
    self->stride = rows + COLUMN_PAD;
    self->scan = SCAN_OF[values[P_LAYOUT].level][values[P_ORDER].level][values[P_FIELDS].level];
    status = lk_region_map(&self->region, FIELDS * self->stride * sizeof(uint64_t), values[P_PAGES].level, message);
    if (status != LK_OK) {
        return status;
    }
    self->data = (const uint64_t *)(const void *)self->region.data;
    place(self, (enum layout)values[P_LAYOUT].level, records.data, records.bytes / ROW_BYTES);
    *pass = self->pass;
    return LK_OK;
}

static lk_status layout_scan_run(void *state, uint64_t first, uint64_t count, lk_result *result) {
    const table *self = state;
    uint64_t sum = 0;
    for (lk_span span = lk_span_start(first, count, self->pass); lk_span_next(&span);) {
        sum += self->scan(self, span.begin * BLOCK_ROWS, span.end * BLOCK_ROWS);
    }
    uint64_t rows = count * BLOCK_ROWS;
    *result = (lk_result){.checksum = sum, .items = rows, .bytes = rows * self->fields * sizeof(uint64_t)};
    return LK_OK;
}

static size_t layout_scan_counters(void *state, lk_counter *out, size_t capacity) {
    const table *self = state;
    return lk_region_counters(&self->region, out, capacity);
}

LK_KERNEL(layout_scan, table, .name = "layout.scan", .item = "row",
          .help = "sums some fields of all records, kept as rows, as columns or as blocks of columns",
          .counters = layout_scan_counters);
