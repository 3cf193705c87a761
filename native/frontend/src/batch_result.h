/* batch_result.h: what a batch keeps, for batch.c, which fills it. */
#ifndef FE_BATCH_RESULT_H
#define FE_BATCH_RESULT_H

#include "fe/batch.h"

struct fe_batch {
    size_t rows;
    fe_status *statuses;
    uint64_t *digests;
    int64_t *offsets;
    uint8_t *data;
    size_t data_bytes, data_capacity;
    fe_columns **columns; /* by worker */
    size_t worker_count;
    fe_failure *failures;
    size_t failure_count;
    fe_batch_report report;
    fe_ledger ledger;
};

/* An empty result, every source FE_CANCELLED. After a failure *out is NULL or for fe_batch_free. */
fe_status fe_batch_new(size_t rows, size_t worker_count, fe_keep keep, fe_batch **out);

/* Bytes of an array by row; never 0. */
static inline size_t fe_array_bytes(size_t rows, size_t element_bytes) {
    return rows == 0 ? 1 : rows * element_bytes;
}

/* Adds every count, live_bytes and peak_bytes too. */
void fe_ledger_add(fe_ledger *sum, const fe_ledger *one);

#endif
