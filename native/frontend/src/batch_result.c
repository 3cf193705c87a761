/* What a batch kept: its making, its end, and how it is read. */
#include "batch_result.h"
#include <pm/heap.h>

enum { LINE_BYTES = 64 };

fe_status fe_batch_new(size_t rows, size_t worker_count, fe_keep keep, fe_batch **out) {
    if (rows > SIZE_MAX / 64) {
        return FE_NO_MEMORY;
    }
    fe_batch *b = pm_heap_alloc_zeroed(sizeof *b);
    if (b == NULL) {
        return FE_NO_MEMORY;
    }
    *out = b;
    b->rows = rows;
    b->worker_count = worker_count;
    b->statuses = pm_heap_alloc(fe_array_bytes(rows, sizeof *b->statuses), 16);
    if (b->statuses == NULL) {
        return FE_NO_MEMORY;
    }
    for (size_t row = 0; row < rows; row++) {
        b->statuses[row] = FE_CANCELLED;
    }
    if (keep == FE_KEEP_DIGEST) {
        b->digests = pm_heap_alloc_zeroed(fe_array_bytes(rows, sizeof *b->digests));
        return b->digests ? FE_OK : FE_NO_MEMORY;
    }
    if (keep == FE_KEEP_TEXT) {
        b->offsets = pm_heap_alloc((rows + 1) * sizeof *b->offsets, LINE_BYTES);
        return b->offsets ? FE_OK : FE_NO_MEMORY;
    }
    if (keep == FE_KEEP_COLUMNS) {
        b->columns = pm_heap_alloc_zeroed(b->worker_count * sizeof *b->columns);
        for (size_t i = 0; b->columns != NULL && i < b->worker_count; i++) {
            if (fe_columns_new(&b->columns[i]) != FE_OK) {
                return FE_NO_MEMORY;
            }
        }
        return b->columns ? FE_OK : FE_NO_MEMORY;
    }
    return FE_OK;
}

void fe_batch_free(fe_batch *b) {
    if (b == NULL) {
        return;
    }
    for (size_t i = 0; b->columns != NULL && i < b->worker_count; i++) {
        fe_columns_free(b->columns[i]);
    }
    pm_heap_free(b->columns, b->worker_count * sizeof *b->columns);
    pm_heap_free(b->statuses, fe_array_bytes(b->rows, sizeof *b->statuses));
    pm_heap_free(b->digests, fe_array_bytes(b->rows, sizeof *b->digests));
    pm_heap_free(b->offsets, (b->rows + 1) * sizeof *b->offsets);
    pm_heap_free(b->data, b->data_capacity);
    pm_heap_free(b->failures, b->failure_count * sizeof *b->failures);
    pm_heap_free(b, sizeof *b);
}

void fe_ledger_add(fe_ledger *sum, const fe_ledger *one) {
    uint64_t *to = (uint64_t *)(void *)sum;
    const uint64_t *from = (const uint64_t *)(const void *)one;
    _Static_assert(sizeof *sum % sizeof *to == 0, "counts alone");
    for (size_t i = 0; i < sizeof *sum / sizeof *to; i++) {
        to[i] += from[i];
    }
}

void fe_batch_read_report(const fe_batch *b, fe_batch_report *out) {
    *out = b->report;
}

void fe_batch_view(const fe_batch *b, pm_column_view *out) {
    *out = (pm_column_view){.offsets = b->offsets,
                            .data = b->data,
                            .row_count = b->offsets ? b->rows : 0,
                            .data_bytes = b->data_bytes,
                            .offset_bytes = sizeof *b->offsets};
}

const uint64_t *fe_batch_digests(const fe_batch *b) {
    return b->digests;
}

const fe_columns *fe_batch_columns(const fe_batch *b, size_t index) {
    return b->columns != NULL && index < b->worker_count ? b->columns[index] : NULL;
}

const fe_status *fe_batch_statuses(const fe_batch *b) {
    return b->rows ? b->statuses : NULL;
}

const fe_failure *fe_batch_failures(const fe_batch *b, size_t *count) {
    *count = b->failure_count;
    return b->failures;
}

void fe_batch_read_ledger(const fe_batch *b, fe_ledger *out) {
    *out = b->ledger;
}
