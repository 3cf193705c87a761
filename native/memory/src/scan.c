/* Searching and counting: arguments are checked and the path is taken here, once per call.
 *
 * Rows go in stretches of STRETCH, whose offsets are checked right before they are used, while they are in the nearest
 * cache. */
#include "pm/scan.h"
#include "scan_frequency.h"
#include "scan_ops.h"
#include <string.h>

enum { STRETCH = 1024, STRETCH_WORDS = STRETCH / 64 };

static const scan_ops *ops(void) {
    return pm_scan_ops_of(pm_cpu_selected());
}

/* Empty ranges may come without an address; arithmetic on one is then still defined. */
static const unsigned char *address(const void *data) {
    static const unsigned char nothing[1];
    return data == NULL ? nothing : data;
}

/* Where a byte stands in the order of choice: the rarest first, one that was chosen already last. */
static unsigned rank(const scan_needle *n, unsigned char byte, unsigned chosen) {
    for (unsigned i = 0; i < chosen; i++) {
        if (n->byte[i] == byte) {
            return 256u + pm_scan_frequency[byte];
        }
    }
    return pm_scan_frequency[byte];
}

static bool is_chosen(const scan_needle *n, size_t place, unsigned chosen) {
    for (unsigned i = 0; i < chosen; i++) {
        if (n->place[i] == place) {
            return true;
        }
    }
    return false;
}

/* A needle of fewer bytes than SCAN_RARE has its last one chosen again. */
scan_needle pm_scan_needle_of(const void *bytes, size_t count) {
    scan_needle n = {.bytes = address(bytes), .count = count};
    for (unsigned chosen = 0; chosen < SCAN_RARE; chosen++) {
        size_t best = count - 1;
        unsigned best_rank = UINT32_MAX;
        for (size_t place = 0; place < count; place++) {
            const unsigned place_rank = rank(&n, n.bytes[place], chosen);
            if (place_rank < best_rank && !is_chosen(&n, place, chosen)) {
                best = place;
                best_rank = place_rank;
            }
        }
        n.place[chosen] = best;
        n.byte[chosen] = n.bytes[best];
        n.last_place = best > n.last_place ? best : n.last_place;
    }
    return n;
}

size_t pm_scan_find(const void *data, size_t bytes, const void *needle, size_t needle_bytes) {
    if (needle_bytes == 0) {
        return 0;
    }
    const scan_needle n = pm_scan_needle_of(needle, needle_bytes);
    return ops()->find(address(data), bytes, &n);
}

bool pm_scan_contains(const void *data, size_t bytes, const void *needle, size_t needle_bytes) {
    return pm_scan_find(data, bytes, needle, needle_bytes) != SIZE_MAX;
}

bool pm_scan_equals(const void *data, size_t bytes, const void *needle, size_t needle_bytes) {
    return bytes == needle_bytes && ops()->same(address(data), address(needle), bytes);
}

bool pm_scan_starts_with(const void *data, size_t bytes, const void *needle, size_t needle_bytes) {
    return bytes >= needle_bytes && ops()->same(address(data), address(needle), needle_bytes);
}

size_t pm_scan_count_byte(const void *data, size_t bytes, unsigned char byte) {
    return ops()->count_byte(address(data), bytes, byte);
}

size_t pm_scan_count_chars(const void *data, size_t bytes) {
    return ops()->count_chars(address(data), bytes);
}

size_t pm_scan_index_u64(const void *data, size_t bytes, unsigned char byte, uint64_t *positions, size_t capacity) {
    return ops()->index_64(address(data), bytes, byte, positions, capacity);
}

pm_status pm_scan_index_u32(const void *data, size_t bytes, unsigned char byte, uint32_t *positions, size_t capacity,
                            size_t *count) {
    if (bytes > (uint64_t)UINT32_MAX + 1) {
        return PM_OVERFLOW;
    }
    *count = ops()->index_32(address(data), bytes, byte, positions, capacity);
    return PM_OK;
}

/* Four tables: equal bytes in a row would otherwise wait for each other's sum. */
void pm_scan_histogram(const void *data, size_t bytes, uint64_t counts[256]) {
    uint64_t parts[4][256] = {{0}};
    const unsigned char *at = address(data), *end = at + bytes;
    for (; end - at >= 4; at += 4) {
        for (unsigned i = 0; i < 4; i++) {
            parts[i][at[i]]++;
        }
    }
    for (; at != end; at++) {
        parts[0][*at]++;
    }
    for (unsigned byte = 0; byte < 256; byte++) {
        counts[byte] = parts[0][byte] + parts[1][byte] + parts[2][byte] + parts[3][byte];
    }
}

/* Rows `row` to `row + count` of a column. */
static scan_rows stretch_of(const pm_column_view *column, size_t row, size_t count) {
    return (scan_rows){.offsets = (const unsigned char *)column->offsets + row * column->offset_bytes,
                       .count = count,
                       .data = address(column->data),
                       .bytes = column->data_bytes};
}

static const scan_row_ops *row_ops(const pm_column_view *column) {
    if (column->offsets == NULL || (column->offset_bytes != 4 && column->offset_bytes != 8)) {
        return NULL;
    }
    return column->offset_bytes == 4 ? &ops()->rows_32 : &ops()->rows_64;
}

static void store_bits(unsigned char *bits, const uint64_t *words, size_t count) {
    for (size_t i = 0; i < (count + 7) / 8; i++) {
        bits[i] = (unsigned char)(words[i / 8] >> i % 8 * 8);
    }
}

/* Eight bits to eight bytes: each byte keeps its own bit, which 0x7F then carries into the highest one. */
static void store_bytes(unsigned char *bytes, const uint64_t *words, size_t count) {
    size_t row = 0;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    for (; count - row >= 8; row += 8) {
        const uint64_t each = (words[row / 64] >> row % 64 & 0xFF) * UINT64_C(0x0101010101010101);
        const uint64_t own = each & UINT64_C(0x8040201008040201);
        const uint64_t ones = (own + UINT64_C(0x7F7F7F7F7F7F7F7F)) >> 7 & UINT64_C(0x0101010101010101);
        memcpy(bytes + row, &ones, 8);
    }
#endif
    for (; row < count; row++) {
        bytes[row] = words[row / 64] >> row % 64 & 1;
    }
}

void pm_scan_store(const pm_scan_mask *mask, const uint64_t *words, size_t count) {
    if (mask->bits != NULL) {
        store_bits(mask->bits, words, count);
    }
    if (mask->bytes != NULL) {
        store_bytes(mask->bytes, words, count);
    }
}

static size_t count_of(const uint64_t *words) {
    size_t count = 0;
    for (size_t i = 0; i < STRETCH_WORDS; i++) {
        count += (size_t)__builtin_popcountll(words[i]);
    }
    return count;
}

/* The empty needle: rows that are empty, or all of them. */
static void mark_empty(const pm_column_view *column, size_t row, size_t count, bool whole, uint64_t *words) {
    for (size_t i = 0; i < count; i++) {
        const bool empty =
            column->offset_bytes == 4
                ? ((const int32_t *)column->offsets)[row + i + 1] == ((const int32_t *)column->offsets)[row + i]
                : ((const int64_t *)column->offsets)[row + i + 1] == ((const int64_t *)column->offsets)[row + i];
        words[i / 64] |= (uint64_t)(empty || !whole) << i % 64;
    }
}

pm_status pm_scan_rows(const pm_column_view *column, pm_scan_test test, const void *needle, size_t needle_bytes,
                       const pm_scan_mask *mask, size_t *hit_count) {
    const scan_row_ops *rows_ops = row_ops(column);
    if (rows_ops == NULL || (unsigned)test > PM_SCAN_STARTS_WITH) {
        return PM_INVALID;
    }
    const scan_needle n = needle_bytes == 0 ? (scan_needle){0} : pm_scan_needle_of(needle, needle_bytes);
    const bool whole = test == PM_SCAN_EQUALS;
    size_t hits = 0, row = 0;
    do { /* once for no rows, too: their one offset is to be sound */
        const size_t count = column->row_count - row < STRETCH ? column->row_count - row : STRETCH;
        const scan_rows rows = stretch_of(column, row, count);
        uint64_t words[STRETCH_WORDS] = {0};
        if (!rows_ops->sound(&rows)) {
            return PM_INVALID;
        }
        if (needle_bytes == 0) {
            mark_empty(column, row, count, whole, words);
            hits += count_of(words);
        } else if (test != PM_SCAN_CONTAINS) {
            hits += rows_ops->begin(&rows, &n, whole, words);
        } else {
            hits += rows_ops->contain(&rows, &n, words);
        }
        const pm_scan_mask part = {.bits = mask->bits == NULL ? NULL : mask->bits + row / 8,
                                   .bytes = mask->bytes == NULL ? NULL : mask->bytes + row};
        pm_scan_store(&part, words, count);
        row += count;
    } while (row < column->row_count);
    *hit_count = hits;
    return PM_OK;
}

pm_status pm_scan_rows_count_byte(const pm_column_view *column, unsigned char byte, uint64_t *counts) {
    const scan_row_ops *rows_ops = row_ops(column);
    const scan_rows rows = stretch_of(column, 0, column->row_count);
    if (rows_ops == NULL || !rows_ops->sound(&rows)) {
        return PM_INVALID;
    }
    rows_ops->count_byte(&rows, byte, counts);
    return PM_OK;
}

pm_status pm_scan_rows_count_chars(const pm_column_view *column, uint64_t *counts) {
    const scan_row_ops *rows_ops = row_ops(column);
    const scan_rows rows = stretch_of(column, 0, column->row_count);
    if (rows_ops == NULL || !rows_ops->sound(&rows)) {
        return PM_INVALID;
    }
    rows_ops->count_chars(&rows, counts);
    return PM_OK;
}
