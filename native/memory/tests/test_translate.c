/* Batches translated over a team: columns in, one column out, in the order of the rows, whatever fails. */
#include "check.h"

enum { ROWS = 3000 };

static pm_batch *batch_of(size_t rows, size_t offset_bytes, size_t source_bytes) {
    pm_batch *batch = NULL;
    CHECK_OK(pm_batch_new(offset_bytes, rows, source_bytes, &batch));
    char *source = malloc(source_bytes + 40), path[40];
    for (size_t i = 0; i < rows; i++) {
        memset(source, 'a' + (int)(i % 26), source_bytes);
        const int more = snprintf(source + source_bytes, 40, "#%zu", i);
        const int length = snprintf(path, sizeof path, "m%zu.py", i);
        const pm_batch_row row = {
            .column = {{source, i % 10 == 4 ? 0 : source_bytes + (size_t)more}, {path, (size_t)length}, {"c", 1}}};
        CHECK_OK(pm_batch_append(batch, &row, 1));
    }
    free(source);
    return batch;
}

/* The path, then the source; every 11th row fails after it has written something. */
static pm_status join(void *context, const pm_batch_row *task, pm_strbuf *out, pm_worker *worker) {
    const pm_text *source = &task->column[PM_BATCH_SOURCE], *path = &task->column[PM_BATCH_PATH];
    size_t number = 0;
    CHECK_EQUAL(0, out->length);
    CHECK_EQUAL(1, *(const int *)context);
    pm_status status = pm_strbuf_append(out, path->data, path->bytes);
    if (status == PM_OK) {
        CHECK_EQUAL(1, sscanf(out->data, "m%zu", &number));
        status = pm_strbuf_append(out, source->data, source->bytes);
    }
    return status == PM_OK && number % 11 == 0 ? pm_worker_fail(worker, PM_INVALID, "eleventh") : status;
}

static pm_team *team_of(size_t workers) {
    const pm_team_options options = {.worker_count = workers, .arena_capacity_bytes = 65536};
    pm_team *team = NULL;
    CHECK_OK(pm_team_new(&options, &team));
    return team;
}

static pm_pool *string_pool(void) {
    pm_pool_type type;
    pm_pool *pool = NULL;
    pm_strbuf_pool_type(&type);
    CHECK_OK(pm_pool_new(&type, 100, &pool));
    return pool;
}

static int one = 1;

static void check_joined(pm_team *team, const pm_batch *batch, const pm_translation *translation) {
    pm_column_view view;
    pm_team_report report;
    size_t failed = 0, count = 0;
    pm_translation_view(translation, &view);
    pm_translation_report(translation, &report);
    const pm_failure *failures = pm_team_failures(team, &count);
    const pm_status *statuses = pm_translation_statuses(translation);
    const int64_t *offsets = view.offsets;
    CHECK_EQUAL(pm_batch_row_count(batch), view.row_count);
    CHECK_EQUAL(0, offsets[0]);
    CHECK_EQUAL(0, (uintptr_t)view.data % 64);
    for (size_t i = 0; i < view.row_count; i++) {
        const size_t bytes = (size_t)(offsets[i + 1] - offsets[i]);
        pm_text path, source;
        CHECK_OK(pm_batch_text(batch, PM_BATCH_PATH, i, &path));
        CHECK_OK(pm_batch_text(batch, PM_BATCH_SOURCE, i, &source));
        CHECK_EQUAL(i % 11 == 0 ? PM_INVALID : PM_OK, statuses[i]);
        if (i % 11 == 0) {
            CHECK_EQUAL(0, bytes);
            CHECK_EQUAL(i, failures[failed].index);
            CHECK(strcmp("eleventh", failures[failed].message) == 0);
            failed++;
            continue;
        }
        CHECK_EQUAL(path.bytes + source.bytes, bytes);
        CHECK(memcmp(view.data + offsets[i], path.data, path.bytes) == 0);
        CHECK(source.bytes == 0 || memcmp(view.data + offsets[i] + path.bytes, source.data, source.bytes) == 0);
    }
    CHECK_EQUAL(view.data_bytes, offsets[view.row_count]);
    for (size_t i = view.data_bytes; i % 64 != 0; i++) {
        CHECK_EQUAL(0, view.data[i]);
    }
    CHECK_EQUAL(failed, count);
    CHECK_EQUAL(failed, report.failed_count);
    CHECK_EQUAL(view.row_count, report.done_count + report.failed_count);
}

static void texts_come_in_the_order_of_the_rows_whatever_fails(void) {
    pm_team *team = team_of(3);
    pm_pool *pool = string_pool();
    const size_t shapes[][3] = {{1, 4, 0}, {10, 4, 5}, {ROWS, 4, 30}, {ROWS, 8, 1000}}; /* the last needs two passes */
    pm_batch *small = batch_of(2, 8, 5);
    pm_translate_prefetch(small, 1);
    pm_translate_prefetch(small, SIZE_MAX); /* a hint beyond the end is none */
    pm_batch_free(small);
    for (size_t shape = 0; shape < sizeof shapes / sizeof shapes[0]; shape++) {
        pm_batch *batch = batch_of(shapes[shape][0], shapes[shape][1], shapes[shape][2]);
        for (int strings = PM_STRINGS_WORKER; strings <= PM_STRINGS_FRESH; strings++) {
            for (size_t distance = 0; distance <= 8; distance += 8) {
                const pm_translate_options options = {.strings = (pm_translate_strings)strings,
                                                      .pool = strings == PM_STRINGS_POOLED ? pool : NULL,
                                                      .prefetch_distance = distance};
                pm_translation *translation = NULL;
                CHECK_OK(pm_translate_batch(team, batch, join, &one, &options, &translation));
                check_joined(team, batch, translation);
                pm_translation_free(translation);
            }
        }
        pm_batch_free(batch);
    }
    pm_pool_stats stats;
    pm_pool_read_stats(pool, &stats);
    CHECK_EQUAL(0, stats.live_count);
    CHECK(stats.hit_count > 10 * stats.miss_count);
    pm_team_stats team_stats;
    pm_team_read_stats(team, &team_stats);
    CHECK_EQUAL(24, team_stats.batch_count); /* two passes are one batch */
    CHECK_OK(pm_team_free(team));
    CHECK_OK(pm_pool_free(pool));
}

static void copying_gives_the_source_column(void) {
    pm_team *team = team_of(2);
    pm_batch *batch = batch_of(500, 8, 100);
    pm_translation *translation = NULL;
    pm_column_view sources, texts;
    CHECK_OK(pm_translate_batch(team, batch, pm_translate_copy, NULL, NULL, &translation));
    CHECK_OK(pm_batch_view(batch, PM_BATCH_SOURCE, &sources));
    pm_translation_view(translation, &texts);
    CHECK_EQUAL(sources.data_bytes, texts.data_bytes);
    CHECK(memcmp(sources.data, texts.data, sources.data_bytes) == 0);
    CHECK(memcmp(sources.offsets, texts.offsets, 501 * sizeof(int64_t)) == 0);
    pm_translation_free(translation);
    pm_translation_free(NULL);
    pm_batch_free(batch);
    CHECK_OK(pm_team_free(team));
}

static void a_batch_without_rows_is_a_column_without_rows(void) {
    pm_team *team = team_of(1);
    pm_batch *batch = batch_of(0, 8, 0);
    pm_translation *translation = NULL;
    pm_column_view view;
    CHECK_OK(pm_translate_batch(team, batch, join, &one, NULL, &translation));
    pm_translation_view(translation, &view);
    CHECK_EQUAL(0, view.row_count + view.data_bytes + (uint64_t)((const int64_t *)view.offsets)[0]);
    CHECK(pm_translation_statuses(translation) == NULL);
    pm_translation_free(translation);
    pm_batch_free(batch);
    CHECK_OK(pm_team_free(team));
}

static pm_status cancel_first(void *context, const pm_batch_row *task, pm_strbuf *out, pm_worker *worker) {
    (void)context;
    (void)task;
    pm_team_cancel(worker->team);
    return pm_strbuf_append(out, "done", 4);
}

static pm_status translate_nested(void *context, size_t index, pm_worker *worker) {
    pm_translation *translation = NULL;
    (void)index;
    CHECK_EQUAL(PM_BUSY, pm_translate_batch(worker->team, context, join, &one, NULL, &translation));
    return PM_OK;
}

static void cancelled_rows_are_empty_and_nesting_is_refused(void) {
    pm_team *team = team_of(2);
    pm_batch *batch = batch_of(ROWS, 8, 10);
    pm_translation *translation = NULL;
    pm_team_report report;
    pm_column_view view;
    CHECK_OK(pm_translate_batch(team, batch, cancel_first, NULL, NULL, &translation));
    pm_translation_report(translation, &report);
    pm_translation_view(translation, &view);
    CHECK(report.cancelled_count > 0 && report.done_count >= 1);
    CHECK_EQUAL(ROWS, report.cancelled_count + report.done_count);
    CHECK_EQUAL(4 * report.done_count, view.data_bytes);
    pm_translation_free(translation);
    CHECK_OK(pm_team_run(team, 2, translate_nested, batch, NULL, &report));
    CHECK_EQUAL(2, report.done_count);
    pm_batch_free(batch);
    CHECK_OK(pm_team_free(team));
}

static void wrong_options_are_refused(void) {
    pm_team *team = team_of(1);
    pm_pool *pool = string_pool();
    pm_batch *batch = batch_of(1, 8, 1);
    pm_translation *translation = NULL;
    const pm_translate_options no_pool = {.strings = PM_STRINGS_POOLED}, idle_pool = {.pool = pool},
                               unknown = {.strings = (pm_translate_strings)9};
    CHECK_EQUAL(PM_INVALID, pm_translate_batch(team, batch, join, &one, &no_pool, &translation));
    CHECK_EQUAL(PM_INVALID, pm_translate_batch(team, batch, join, &one, &idle_pool, &translation));
    CHECK_EQUAL(PM_INVALID, pm_translate_batch(team, batch, join, &one, &unknown, &translation));
    CHECK_EQUAL(PM_INVALID, pm_translate_batch(team, batch, NULL, NULL, NULL, &translation));
    CHECK(translation == NULL);
    pm_batch_free(batch);
    CHECK_OK(pm_pool_free(pool));
    CHECK_OK(pm_team_free(team));
}

/* Refused memory fails the whole call or one row of it, and then that row is named. */
static void every_refused_allocation_is_an_error_and_leaks_nothing(void) {
    const int kinds[] = {PM_STRINGS_WORKER, PM_STRINGS_POOLED, PM_STRINGS_FRESH};
    pm_batch *batch = batch_of(6, 8, 300);
    for (size_t kind = 0; kind < 3; kind++) {
        bool failed = true;
        for (uint64_t n = 1; failed; n++) {
            const uint64_t live = check_live_bytes();
            pm_team *team = team_of(2);
            pm_pool *pool = string_pool();
            pm_translate_options options = {.strings = (pm_translate_strings)kinds[kind],
                                            .pool = kinds[kind] == PM_STRINGS_POOLED ? pool : NULL};
            pm_translation *translation = NULL;
            pm_fault_after(n);
            const pm_status status = pm_translate_batch(team, batch, pm_translate_copy, NULL, &options, &translation);
            failed = pm_fault_pending() == 0;
            pm_fault_after(0);
            CHECK(status == PM_OK || (failed && status == PM_NO_MEMORY));
            if (status == PM_OK) {
                pm_team_report report;
                pm_translation_report(translation, &report);
                CHECK_EQUAL(6, report.done_count + report.failed_count);
                CHECK(report.failed_count == 0 || failed);
            }
            pm_translation_free(translation);
            CHECK_OK(pm_pool_free(pool));
            CHECK_OK(pm_team_free(team));
            CHECK_EQUAL(live, check_live_bytes());
        }
    }
    pm_batch_free(batch);
}

int main(void) {
    RUN(texts_come_in_the_order_of_the_rows_whatever_fails);
    RUN(copying_gives_the_source_column);
    RUN(a_batch_without_rows_is_a_column_without_rows);
    RUN(cancelled_rows_are_empty_and_nesting_is_refused);
    RUN(wrong_options_are_refused);
    RUN(every_refused_allocation_is_an_error_and_leaks_nothing);
    return 0;
}
