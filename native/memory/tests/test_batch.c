/* The batch: Arrow layout, contiguity, bulk appends, overflow, random programs against rows, failures. */
#include "check.h"

static pm_batch *batch_of(size_t offset_bytes) {
    pm_batch *batch = NULL;
    CHECK_OK(pm_batch_new(offset_bytes, 0, 0, &batch));
    return batch;
}

static pm_text text(const char *s) {
    return (pm_text){.data = s, .bytes = strlen(s)};
}

static void check_text(const pm_batch *batch, pm_batch_column column, size_t row, const char *expected) {
    pm_text found;
    CHECK_OK(pm_batch_text(batch, column, row, &found));
    CHECK_EQUAL(strlen(expected), found.bytes);
    CHECK(found.bytes == 0 || memcmp(expected, found.data, found.bytes) == 0);
}

static void columns_are_contiguous_and_aligned(void) {
    for (size_t offset_bytes = 4; offset_bytes <= 8; offset_bytes += 4) {
        pm_batch *batch = batch_of(offset_bytes);
        const pm_batch_row rows[] = {{{text("a = 1"), text("a.py"), text("")}},
                                     {{text("b"), text("b.py"), text("{}")}}};
        pm_column_view view;
        CHECK_OK(pm_batch_view(batch, PM_BATCH_PATH, &view));
        CHECK(view.row_count == 0 && view.data_bytes == 0 && view.offsets != NULL); /* the first offset is there */
        CHECK_OK(pm_batch_append(batch, rows, 2));
        CHECK_OK(pm_batch_view(batch, PM_BATCH_SOURCE, &view));
        CHECK_EQUAL(2, view.row_count);
        CHECK_EQUAL(offset_bytes, view.offset_bytes);
        CHECK(view.data_bytes == 6 && memcmp(view.data, "a = 1b", 6) == 0);
        CHECK_EQUAL(0, (uintptr_t)view.data % 64);
        CHECK_EQUAL(0, (uintptr_t)view.offsets % 64);
        for (size_t i = 0; i < 3; i++) {
            const int64_t expected[] = {0, 5, 6};
            CHECK_EQUAL(expected[i],
                        offset_bytes == 4 ? ((const int32_t *)view.offsets)[i] : ((const int64_t *)view.offsets)[i]);
        }
        check_text(batch, PM_BATCH_CONFIG, 0, "");
        check_text(batch, PM_BATCH_CONFIG, 1, "{}");
        pm_batch_free(batch);
    }
    pm_batch_free(NULL);
}

static void whole_columns_are_appended(void) {
    pm_batch *batch = batch_of(8), *narrow = batch_of(4);
    const int32_t source[] = {2, 4, 7};
    const int64_t path[] = {0, 1, 2}, config[] = {0, 0, 0}, falling[] = {2, 1, 2};
    const pm_column_view columns[] = {
        {.offsets = source,
         .data = (const unsigned char *)"..aabbb",
         .row_count = 2,
         .data_bytes = 7,
         .offset_bytes = 4},
        {.offsets = path, .data = (const unsigned char *)"pq", .row_count = 2, .data_bytes = 2, .offset_bytes = 8},
        {.offsets = config, .data = NULL, .row_count = 2, .data_bytes = 0, .offset_bytes = 8}};
    for (int round = 0; round < 2; round++) {
        CHECK_OK(pm_batch_append_columns(batch, columns));
        CHECK_OK(pm_batch_append_columns(narrow, columns));
    }
    CHECK_EQUAL(4, pm_batch_row_count(batch));
    check_text(batch, PM_BATCH_SOURCE, 2, "aa");
    check_text(narrow, PM_BATCH_SOURCE, 3, "bbb");
    check_text(narrow, PM_BATCH_PATH, 3, "q");
    const pm_column_view bad[] = {
        {.offsets = path, .data = (const unsigned char *)"pq", .row_count = 1, .data_bytes = 2, .offset_bytes = 8},
        {.offsets = falling, .data = (const unsigned char *)"pq", .row_count = 2, .data_bytes = 2, .offset_bytes = 8},
        {.offsets = path, .data = (const unsigned char *)"p", .row_count = 2, .data_bytes = 1, .offset_bytes = 8},
        {.offsets = path, .data = (const unsigned char *)"pq", .row_count = 2, .data_bytes = 2, .offset_bytes = 2},
        {.offsets = NULL, .data = NULL, .row_count = 2, .data_bytes = 0, .offset_bytes = 8}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const pm_column_view mixed[] = {columns[0], bad[i], columns[2]};
        CHECK_EQUAL(PM_INVALID, pm_batch_append_columns(batch, mixed));
    }
    CHECK_EQUAL(4, pm_batch_row_count(batch));
    pm_batch_free(batch);
    pm_batch_free(narrow);
}

static void an_offset_that_would_overflow_leaves_the_batch_alone(void) {
    pm_batch *batch = batch_of(4);
    const pm_batch_row row = {{text("s"), text("p"), text("c")}};
    CHECK_OK(pm_batch_append(batch, &row, 1));
    const pm_batch_row large = {{text("s"), {.data = "p", .bytes = (size_t)INT32_MAX}, text("c")}};
    const pm_batch_row absurd[] = {{{{.data = "s", .bytes = SIZE_MAX}, text("p"), text("c")}}, row};
    const size_t past[3] = {0, 0, (size_t)INT32_MAX};
    CHECK_EQUAL(PM_OVERFLOW, pm_batch_append(batch, &large, 1));
    CHECK_EQUAL(PM_OVERFLOW, pm_batch_append(batch, absurd, 2));
    CHECK_EQUAL(PM_OVERFLOW, pm_batch_reserve(batch, 1, past));
    CHECK_EQUAL(1, pm_batch_row_count(batch));
    check_text(batch, PM_BATCH_CONFIG, 0, "c");
    CHECK_OK(pm_batch_append(batch, &row, 1));
    check_text(batch, PM_BATCH_PATH, 1, "p");
    pm_batch_free(batch);
}

static void bad_arguments_are_refused(void) {
    pm_batch *batch = NULL;
    pm_column_view view;
    pm_text found;
    CHECK_EQUAL(PM_INVALID, pm_batch_new(2, 0, 0, &batch));
    CHECK_EQUAL(PM_OVERFLOW, pm_batch_new(8, SIZE_MAX, 2, &batch));
    CHECK(batch == NULL);
    batch = batch_of(8);
    CHECK_EQUAL(PM_INVALID, pm_batch_view(batch, PM_BATCH_COLUMNS, &view));
    CHECK_EQUAL(PM_INVALID, pm_batch_text(batch, PM_BATCH_SOURCE, 0, &found));
    CHECK_EQUAL(PM_INVALID, pm_batch_text(batch, (pm_batch_column)-1, 0, &found));
    pm_batch_free(batch);
}

static void a_reset_batch_is_filled_again_without_the_system(void) {
    pm_batch *batch = NULL;
    CHECK_OK(pm_batch_new(8, 100, 10, &batch));
    const pm_batch_row row = {{text("0123456789"), text("path"), text("config")}};
    for (int round = 0; round < 3; round++) {
        const uint64_t before = check_allocations();
        for (int i = 0; i < 100; i++) {
            CHECK_OK(pm_batch_append(batch, &row, 1));
        }
        CHECK_EQUAL(before, check_allocations());
        CHECK_EQUAL(100, pm_batch_row_count(batch));
        pm_batch_reset(batch);
        CHECK_EQUAL(0, pm_batch_row_count(batch));
    }
    CHECK(pm_batch_capacity_bytes(batch) >= 3 * 1000 + 3 * 101 * 8);
    pm_batch_free(batch);
}

static void random_programs_match_plain_rows(void) {
    enum { ROWS = 400, BYTES = 40 };
    static char model[ROWS][3][BYTES + 1];
    for (uint64_t seed = 1; seed <= 20; seed++) {
        uint64_t random = seed;
        size_t rows = 0;
        pm_batch *batch = batch_of(seed % 2 ? 4 : 8);
        while (rows < ROWS - 20) {
            if (check_below(&random, 60) == 0) {
                pm_batch_reset(batch);
                rows = 0;
            }
            const size_t count = check_below(&random, 20);
            pm_batch_row added[20];
            for (size_t i = 0; i < count; i++) {
                for (size_t c = 0; c < 3; c++) {
                    char *s = model[rows + i][c];
                    const size_t bytes = check_below(&random, BYTES);
                    for (size_t k = 0; k < bytes; k++) {
                        s[k] = (char)('a' + check_below(&random, 26));
                    }
                    s[bytes] = '\0';
                    added[i].column[c] = text(s);
                }
            }
            CHECK_OK(pm_batch_append(batch, added, count));
            rows += count;
        }
        CHECK_EQUAL(rows, pm_batch_row_count(batch));
        for (size_t i = 0; i < rows; i++) {
            for (int c = 0; c < 3; c++) {
                check_text(batch, (pm_batch_column)c, i, model[i][c]);
            }
        }
        pm_batch_free(batch);
    }
}

static pm_status fill(void) {
    pm_batch *batch = NULL;
    const pm_batch_row row = {{text("source of a task"), text("path.py"), text("config")}};
    pm_status status = pm_batch_new(4, 0, 0, &batch);
    if (status != PM_OK) {
        return status;
    }
    for (size_t i = 0; i < 50; i++) {
        if (pm_batch_append(batch, &row, 1) != PM_OK) {
            status = PM_NO_MEMORY;
            CHECK_EQUAL(i, pm_batch_row_count(batch));
            CHECK_OK(pm_batch_append(batch, &row, 1));
        }
        check_text(batch, PM_BATCH_PATH, i, "path.py");
    }
    pm_batch_free(batch);
    return status;
}

static void every_refused_allocation_leaves_the_batch_unchanged(void) {
    check_every_failure(fill);
}

int main(void) {
    RUN(columns_are_contiguous_and_aligned);
    RUN(whole_columns_are_appended);
    RUN(an_offset_that_would_overflow_leaves_the_batch_alone);
    RUN(bad_arguments_are_refused);
    RUN(a_reset_batch_is_filled_again_without_the_system);
    RUN(random_programs_match_plain_rows);
    RUN(every_refused_allocation_leaves_the_batch_unchanged);
    return 0;
}
