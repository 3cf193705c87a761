/* Translation tasks as columns in Arrow layout.
 *
 * Invariants per column: offsets.count == rows + 1, offsets[0] == 0, offsets never decrease, the last one is
 * bytes.count. Every append first reserves everything and checks every offset, then copies: it cannot fail half-way.
 */
#include "pm/batch.h"
#include "memory.h"
#include "pm/assert.h"
#include "pm/buffer.h"
#include "size.h"
#include <string.h>

typedef struct column {
    pm_buffer offsets;
    pm_buffer bytes;
} column;

struct pm_batch {
    size_t offset_bytes;
    size_t rows;
    column columns[PM_BATCH_COLUMNS];
};

static uint64_t offset_max(const pm_batch *batch) {
    return batch->offset_bytes == 4 ? INT32_MAX : INT64_MAX;
}

/* Reads an offset of a view; the caller sees to the range. */
static int64_t offset_at(const void *offsets, size_t offset_bytes, size_t row) {
    return offset_bytes == 4 ? ((const int32_t *)offsets)[row] : ((const int64_t *)offsets)[row];
}

static bool column_is_valid(const pm_batch *batch, const column *c) {
    const size_t offset_bytes = batch->offset_bytes;
    if (c->offsets.count != batch->rows + 1 || c->offsets.element_bytes != offset_bytes ||
        c->bytes.element_bytes != 1) {
        return false;
    }
    int64_t before = 0;
    for (size_t i = 0; i <= batch->rows; i++) {
        const int64_t offset = offset_at(c->offsets.data, offset_bytes, i);
        if (offset < before || (i == 0 && offset != 0)) {
            return false;
        }
        before = offset;
    }
    return (uint64_t)before == c->bytes.count && c->bytes.count <= offset_max(batch);
}

static bool batch_is_valid(const pm_batch *batch) {
    for (size_t c = 0; c < PM_BATCH_COLUMNS; c++) {
        if (!column_is_valid(batch, &batch->columns[c])) {
            return false;
        }
    }
    return true;
}

/* Looked at after each change; costs a step for each offset. */
#define BATCH_ASSERT_VALID(batch) PM_ASSERT_EXPENSIVE(batch_is_valid(batch), ((batch)->rows + 1) * PM_BATCH_COLUMNS)

/* Appends to an offsets buffer that has room. */
static void offset_push(column *c, uint64_t offset) {
    PM_ASSERT_INTERNAL(c->offsets.count < c->offsets.capacity_bytes / c->offsets.element_bytes);
    unsigned char *end = c->offsets.data + c->offsets.count++ * c->offsets.element_bytes;
    if (c->offsets.element_bytes == 4) {
        *(int32_t *)(void *)end = (int32_t)offset;
    } else {
        *(int64_t *)(void *)end = (int64_t)offset;
    }
}

static void bytes_push(column *c, const void *data, size_t bytes) {
    PM_ASSERT_INTERNAL(bytes <= c->bytes.capacity_bytes - c->bytes.count);
    if (bytes != 0) {
        memcpy(c->bytes.data + c->bytes.count, data, bytes);
        c->bytes.count += bytes;
    }
}

pm_status pm_batch_new(size_t offset_bytes, size_t rows, size_t bytes_per_row, pm_batch **out) {
    if (offset_bytes != 4 && offset_bytes != 8) {
        return PM_INVALID;
    }
    size_t bytes, offsets;
    if (!pm_size_multiply(rows, bytes_per_row, &bytes) || !pm_size_add(rows, 1, &offsets)) {
        return PM_OVERFLOW;
    }
    pm_batch *batch = pm_heap_alloc_zeroed(sizeof *batch);
    if (batch == NULL) {
        return PM_NO_MEMORY;
    }
    batch->offset_bytes = offset_bytes;
    pm_status status = PM_OK;
    for (size_t c = 0; c < PM_BATCH_COLUMNS && status == PM_OK; c++) {
        const pm_buffer_options ends = {.element_bytes = offset_bytes, .count = offsets};
        const pm_buffer_options text = {.count = bytes};
        status = pm_buffer_init(&batch->columns[c].bytes, &text);
        if (status == PM_OK) {
            status = pm_buffer_init(&batch->columns[c].offsets, &ends);
        }
    }
    if (status != PM_OK) {
        pm_batch_free(batch);
        return status;
    }
    for (size_t c = 0; c < PM_BATCH_COLUMNS; c++) {
        offset_push(&batch->columns[c], 0);
    }
    BATCH_ASSERT_VALID(batch);
    *out = batch;
    return PM_OK;
}

void pm_batch_free(pm_batch *batch) {
    if (batch == NULL) {
        return;
    }
    for (size_t c = 0; c < PM_BATCH_COLUMNS; c++) {
        pm_buffer_deinit(&batch->columns[c].offsets);
        pm_buffer_deinit(&batch->columns[c].bytes);
    }
    pm_heap_free(batch, sizeof *batch);
}

pm_status pm_batch_reserve(pm_batch *batch, size_t rows, const size_t column_bytes[3]) {
    for (size_t c = 0; c < PM_BATCH_COLUMNS; c++) {
        size_t total;
        if (!pm_size_add(batch->columns[c].bytes.count, column_bytes[c], &total) || total > offset_max(batch)) {
            return PM_OVERFLOW;
        }
    }
    for (size_t c = 0; c < PM_BATCH_COLUMNS; c++) {
        pm_status status = pm_buffer_reserve(&batch->columns[c].offsets, rows);
        if (status == PM_OK) {
            status = pm_buffer_reserve(&batch->columns[c].bytes, column_bytes[c]);
        }
        if (status != PM_OK) {
            return status;
        }
    }
    return PM_OK;
}

pm_status pm_batch_append(pm_batch *batch, const pm_batch_row *rows, size_t count) {
    size_t bytes[PM_BATCH_COLUMNS] = {0};
    for (size_t i = 0; i < count; i++) {
        for (size_t c = 0; c < PM_BATCH_COLUMNS; c++) {
            if (!pm_size_add(bytes[c], rows[i].column[c].bytes, &bytes[c])) {
                return PM_OVERFLOW;
            }
        }
    }
    const pm_status status = pm_batch_reserve(batch, count, bytes);
    if (status != PM_OK) {
        return status;
    }
    for (size_t c = 0; c < PM_BATCH_COLUMNS; c++) {
        column *to = &batch->columns[c];
        for (size_t i = 0; i < count; i++) {
            bytes_push(to, rows[i].column[c].data, rows[i].column[c].bytes);
            offset_push(to, to->bytes.count);
        }
    }
    batch->rows += count;
    BATCH_ASSERT_VALID(batch);
    return PM_OK;
}

/* Whether the offsets of a column start at 0 or later, never decrease and end inside its data. */
static bool is_sound(const pm_column_view *view) {
    if ((view->offset_bytes != 4 && view->offset_bytes != 8) || view->offsets == NULL) {
        return false;
    }
    int64_t before = 0;
    for (size_t i = 0; i <= view->row_count; i++) {
        const int64_t offset = offset_at(view->offsets, view->offset_bytes, i);
        if (offset < before) {
            return false;
        }
        before = offset;
    }
    return (uint64_t)before <= view->data_bytes;
}

pm_status pm_batch_append_columns(pm_batch *batch, const pm_column_view columns[3]) {
    const size_t count = columns[0].row_count;
    size_t bytes[PM_BATCH_COLUMNS];
    for (size_t c = 0; c < PM_BATCH_COLUMNS; c++) {
        if (columns[c].row_count != count || !is_sound(&columns[c])) {
            return PM_INVALID;
        }
        bytes[c] = (size_t)(offset_at(columns[c].offsets, columns[c].offset_bytes, count) -
                            offset_at(columns[c].offsets, columns[c].offset_bytes, 0));
    }
    const pm_status status = pm_batch_reserve(batch, count, bytes);
    if (status != PM_OK) {
        return status;
    }
    for (size_t c = 0; c < PM_BATCH_COLUMNS; c++) {
        column *to = &batch->columns[c];
        const pm_column_view *from = &columns[c];
        const int64_t first = offset_at(from->offsets, from->offset_bytes, 0);
        const int64_t shift = (int64_t)to->bytes.count - first;
        for (size_t i = 1; i <= count; i++) {
            offset_push(to, (uint64_t)(offset_at(from->offsets, from->offset_bytes, i) + shift));
        }
        bytes_push(to, bytes[c] == 0 ? NULL : from->data + first, bytes[c]);
    }
    batch->rows += count;
    BATCH_ASSERT_VALID(batch);
    return PM_OK;
}

size_t pm_batch_row_count(const pm_batch *batch) {
    return batch->rows;
}

pm_status pm_batch_view(const pm_batch *batch, pm_batch_column which, pm_column_view *out) {
    if ((unsigned)which >= PM_BATCH_COLUMNS) {
        return PM_INVALID;
    }
    const column *c = &batch->columns[which];
    *out = (pm_column_view){.offsets = c->offsets.data,
                            .data = c->bytes.data,
                            .row_count = batch->rows,
                            .data_bytes = c->bytes.count,
                            .offset_bytes = batch->offset_bytes};
    return PM_OK;
}

pm_status pm_batch_text(const pm_batch *batch, pm_batch_column which, size_t row, pm_text *out) {
    if ((unsigned)which >= PM_BATCH_COLUMNS || row >= batch->rows) {
        return PM_INVALID;
    }
    const column *c = &batch->columns[which];
    const size_t first = (size_t)offset_at(c->offsets.data, batch->offset_bytes, row);
    const size_t last = (size_t)offset_at(c->offsets.data, batch->offset_bytes, row + 1);
    *out = (pm_text){.data = c->bytes.data == NULL ? NULL : c->bytes.data + first, .bytes = last - first};
    return PM_OK;
}

void pm_batch_reset(pm_batch *batch) {
    batch->rows = 0;
    for (size_t c = 0; c < PM_BATCH_COLUMNS; c++) {
        batch->columns[c].offsets.count = 1;
        batch->columns[c].bytes.count = 0;
    }
    BATCH_ASSERT_VALID(batch);
}

size_t pm_batch_capacity_bytes(const pm_batch *batch) {
    size_t bytes = 0;
    for (size_t c = 0; c < PM_BATCH_COLUMNS; c++) {
        bytes += batch->columns[c].offsets.capacity_bytes + batch->columns[c].bytes.capacity_bytes;
    }
    return bytes;
}
