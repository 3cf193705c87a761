/* pm/batch.h: translation tasks as columns: sources, paths, configs.
 *
 * Each column is contiguous, in the Arrow layout of string (int32 offsets) or large_string (int64 offsets): the bytes
 * of all rows end to end, and row_count + 1 offsets, the first 0; row i is data[offsets[i] .. offsets[i + 1]). Both
 * buffers are aligned to 64 bytes and padded. A pass over one column touches no other. Text is not checked to be UTF-8.
 * Threads: one thread at a time, any number for reading. A failure, an offset that would overflow included, leaves the
 * batch unchanged. Appending may move the buffers: views end with it.
 */
#ifndef PM_BATCH_H
#define PM_BATCH_H

#include "status.h"
#include "text.h"

#ifdef __cplusplus
extern "C" {
#endif

/* cdef:begin */
typedef enum pm_batch_column {
    PM_BATCH_SOURCE = 0,
    PM_BATCH_PATH = 1,
    PM_BATCH_CONFIG = 2,
    PM_BATCH_COLUMNS = 3
} pm_batch_column;

typedef struct pm_batch pm_batch;

/* One task. */
typedef struct pm_batch_row {
    pm_text column[3]; /* by pm_batch_column */
} pm_batch_row;

/* One column, or a part of one, in Arrow form. `offsets` are int32_t or int64_t as offset_bytes (4 or 8) says,
 * row_count + 1 of them. Read: the memory is the batch's and ends with the next change. Written: borrowed for the call;
 * offsets[0] may be any. */
typedef struct pm_column_view {
    const void *offsets;
    const unsigned char *data;
    size_t row_count;
    size_t data_bytes;
    size_t offset_bytes;
} pm_column_view;

/* offset_bytes 4 or 8, else PM_INVALID. rows, bytes_per_row: room to reserve, 0 for none. End with pm_batch_free. */
PM_API PM_NODISCARD pm_status pm_batch_new(size_t offset_bytes, size_t rows, size_t bytes_per_row, pm_batch **out);
PM_API void pm_batch_free(pm_batch *batch);

/* Room for `rows` further rows, with column_bytes[c] further bytes in column c: appending them cannot fail. */
PM_API PM_NODISCARD pm_status pm_batch_reserve(pm_batch *batch, size_t rows, const size_t column_bytes[3]);

/* Copies rows in, all or none. Their texts must not lie in this batch. */
PM_API PM_NODISCARD pm_status pm_batch_append(pm_batch *batch, const pm_batch_row *rows, size_t count);

/* Copies whole columns in, all or none. PM_INVALID where the three row counts differ, or offsets decrease or pass
 * data_bytes. */
PM_API PM_NODISCARD pm_status pm_batch_append_columns(pm_batch *batch, const pm_column_view columns[3]);

PM_API size_t pm_batch_row_count(const pm_batch *batch);

PM_API PM_NODISCARD pm_status pm_batch_view(const pm_batch *batch, pm_batch_column column, pm_column_view *out);

/* One text of a row; PM_INVALID beyond the last row. */
PM_API PM_NODISCARD pm_status pm_batch_text(const pm_batch *batch, pm_batch_column column, size_t row, pm_text *out);

/* No rows, memory kept for reuse. */
PM_API void pm_batch_reset(pm_batch *batch);

/* Bytes of memory held by the columns. */
PM_API size_t pm_batch_capacity_bytes(const pm_batch *batch);
/* cdef:end */

#ifdef __cplusplus
}
#endif
#endif
