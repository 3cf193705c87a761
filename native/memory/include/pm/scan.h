/* pm/scan.h: searching and counting in bytes, with vectors (pm/cpu.h says which).
 *
 * Over one range of bytes, and over the rows of an Arrow column (pm_column_view: int32 or int64 offsets, offsets[0] may
 * be any). Bytes are compared as they are, zero bytes included; only pm_scan_count_chars reads them as UTF-8. No byte
 * outside the ranges given is read, whatever their alignment; of a column, the range is data[0 .. data_bytes). data and
 * needle may be NULL where their length is 0. Threads: all functions are pure but for what they write; any thread.
 *
 * The search looks for the three bytes of the needle that are rarest in program text, 64 places at a time, and compares
 * the needle only where all stand (the idea of W. Muła's "SIMD-friendly algorithms for substring searching" and of
 * A. Gallant's memchr). The worst case, text and needle of a few repeated bytes, costs bytes x needle_bytes.
 */
#ifndef PM_SCAN_H
#define PM_SCAN_H

#include "batch.h"

#ifdef __cplusplus
extern "C" {
#endif

/* cdef:begin */

/* Where the needle first stands; SIZE_MAX where nowhere. The empty needle stands at 0. */
PM_API size_t pm_scan_find(const void *data, size_t bytes, const void *needle, size_t needle_bytes);

PM_API bool pm_scan_contains(const void *data, size_t bytes, const void *needle, size_t needle_bytes);
PM_API bool pm_scan_equals(const void *data, size_t bytes, const void *needle, size_t needle_bytes);
PM_API bool pm_scan_starts_with(const void *data, size_t bytes, const void *needle, size_t needle_bytes);

PM_API size_t pm_scan_count_byte(const void *data, size_t bytes, unsigned char byte);

/* Characters of UTF-8: the bytes that do not continue one. Not checked to be UTF-8. */
PM_API size_t pm_scan_count_chars(const void *data, size_t bytes);

/* Positions of a byte, such as the newline, ascending: the first `capacity` of them; what room is left is undefined.
 * Returns how many there are in all. */
PM_API size_t pm_scan_index_u64(const void *data, size_t bytes, unsigned char byte, uint64_t *positions,
                                size_t capacity);
/* The same with narrow positions. PM_OVERFLOW where bytes is more than 2^32. */
PM_API PM_NODISCARD pm_status pm_scan_index_u32(const void *data, size_t bytes, unsigned char byte, uint32_t *positions,
                                                size_t capacity, size_t *count);

/* How often each byte occurs. */
PM_API void pm_scan_histogram(const void *data, size_t bytes, uint64_t counts[256]);

typedef enum pm_scan_test { PM_SCAN_CONTAINS = 0, PM_SCAN_EQUALS = 1, PM_SCAN_STARTS_WITH = 2 } pm_scan_test;

/* Where the answers for rows go; either may be NULL. */
typedef struct pm_scan_mask {
    unsigned char *bits;  /* (row_count + 7) / 8 bytes, row i in bit i % 8 of byte i / 8, as Arrow does; rest zero */
    unsigned char *bytes; /* row_count bytes, 1 or 0 */
} pm_scan_mask;

/* Tests every row. *hit_count: rows for which the test holds. A needle never stands across two rows. PM_INVALID where
 * the test is unknown, offset_bytes is neither 4 nor 8, or offsets are negative, decrease or pass data_bytes; the mask
 * is then undefined. "Contains" scans the text of many rows at once, and finds the rows of the hits afterwards. */
PM_API PM_NODISCARD pm_status pm_scan_rows(const pm_column_view *column, pm_scan_test test, const void *needle,
                                           size_t needle_bytes, const pm_scan_mask *mask, size_t *hit_count);

/* The same for texts that lie anywhere. PM_INVALID where the test is unknown. Short texts are laid end to end, some at
 * a time, and searched together. */
PM_API PM_NODISCARD pm_status pm_scan_texts(const pm_text *texts, size_t count, pm_scan_test test, const void *needle,
                                            size_t needle_bytes, const pm_scan_mask *mask, size_t *hit_count);

/* Counts in each row, into row_count numbers. PM_INVALID as above; counts are then undefined. */
PM_API PM_NODISCARD pm_status pm_scan_rows_count_byte(const pm_column_view *column, unsigned char byte,
                                                      uint64_t *counts);
PM_API PM_NODISCARD pm_status pm_scan_rows_count_chars(const pm_column_view *column, uint64_t *counts);
/* cdef:end */

#ifdef __cplusplus
}
#endif
#endif
