/* Programs for one batch, beside a list of its texts. */
#include "column.h"

enum { ROWS = 256 };

static pm_batch_row rows[ROWS]; /* point into the input, which outlives the batch */
static size_t row_count;

static void append_rows(fuzz_input *in, pm_batch *batch, bool armed) {
    pm_batch_row some[COLUMN_ROWS];
    const size_t count = fuzz_byte(in) % (COLUMN_ROWS + 1);
    for (size_t i = 0; i < count; i++) {
        for (size_t c = 0; c < PM_BATCH_COLUMNS; c++) {
            some[i].column[c] = fuzz_text(in, 255);
        }
    }
    if (fuzz_done(PM_OK, pm_batch_append(batch, some, count), armed)) {
        memcpy(rows + row_count, some, count * sizeof *some);
        row_count += count;
    }
}

static void append_columns(fuzz_input *in, pm_batch *batch, bool armed) {
    static fuzz_column columns[PM_BATCH_COLUMNS];
    pm_column_view views[PM_BATCH_COLUMNS];
    const size_t count = fuzz_byte(in) % COLUMN_ROWS;
    bool valid = true;
    for (size_t c = 0; c < PM_BATCH_COLUMNS; c++) {
        const size_t own = count + (fuzz_byte(in) == 255);
        fuzz_column_read(in, own, &columns[c]);
        views[c] = columns[c].view;
        valid = valid && columns[c].valid && own == views[0].row_count;
    }
    if (fuzz_done(valid ? PM_OK : PM_INVALID, pm_batch_append_columns(batch, views), armed)) {
        for (size_t i = 0; i < views[0].row_count; i++) {
            for (size_t c = 0; c < PM_BATCH_COLUMNS; c++) {
                rows[row_count].column[c] = fuzz_column_row(&columns[c], i);
            }
            row_count++;
        }
    }
}

static void check_rows(const pm_batch *batch) {
    CHECK_EQUAL(row_count, pm_batch_row_count(batch));
    for (int c = 0; c < PM_BATCH_COLUMNS; c++) {
        pm_column_view view;
        size_t bytes = 0;
        CHECK_OK(pm_batch_view(batch, (pm_batch_column)c, &view));
        CHECK_EQUAL(row_count, view.row_count);
        for (size_t i = 0; i < row_count; i++) {
            pm_text text;
            const pm_text expected = rows[i].column[c];
            CHECK_OK(pm_batch_text(batch, (pm_batch_column)c, i, &text));
            CHECK_EQUAL(expected.bytes, text.bytes);
            CHECK(text.bytes == 0 || memcmp(expected.data, text.data, text.bytes) == 0);
            bytes += text.bytes;
        }
        CHECK_EQUAL(bytes, view.data_bytes);
    }
}

static void step(fuzz_input *in, pm_batch *batch) {
    const uint8_t action = fuzz_byte(in), fault = fuzz_byte(in);
    const bool armed = fault >= 240;
    if (row_count > ROWS - COLUMN_ROWS - 1) {
        pm_batch_reset(batch);
        row_count = 0;
    }
    fuzz_fault(fault);
    switch (action % 8) {
    case 0:
    case 1: append_rows(in, batch, armed); break;
    case 2:
    case 3:
    case 4: append_columns(in, batch, armed); break;
    case 5: {
        const size_t more = fuzz_size(in), bytes[PM_BATCH_COLUMNS] = {fuzz_size(in), fuzz_byte(in), fuzz_size(in)};
        const pm_status status = pm_batch_reserve(batch, more, bytes);
        if (fuzz_is_absurd(more) || fuzz_is_absurd(bytes[0]) || fuzz_is_absurd(bytes[2])) {
            CHECK(status == PM_OVERFLOW || status == PM_NO_MEMORY);
        } else {
            (void)fuzz_done(PM_OK, status, armed);
        }
        break;
    }
    case 6: {
        pm_text text;
        CHECK_EQUAL(PM_INVALID, pm_batch_text(batch, PM_BATCH_PATH, row_count + fuzz_byte(in), &text));
        break;
    }
    default: pm_batch_reset(batch); row_count = 0;
    }
    pm_fault_after(0);
    CHECK_EQUAL(row_count, pm_batch_row_count(batch));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_input in = {.next = data, .left = size};
    const uint64_t live = check_live_bytes();
    pm_batch *batch = NULL;
    row_count = 0;
    const uint8_t shape = fuzz_byte(&in);
    CHECK_OK(pm_batch_new(shape % 2 == 0 ? 4 : 8, shape / 16, shape % 16, &batch));
    while (in.left > 0) {
        step(&in, batch);
    }
    check_rows(batch);
    pm_batch_free(batch);
    CHECK_EQUAL(live, check_live_bytes());
    return 0;
}
