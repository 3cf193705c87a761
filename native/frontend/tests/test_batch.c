/* Batches: results in order whoever made them, failures by index, one ledger. */
#include <fe/batch.h>

#include "check.h"
#include "sources.h"
#include "text.h"

enum { ROWS = 600 };

static fe_translator *translator_of(uint32_t switches, size_t workers) {
    const fe_translator_options options = {.session = {.switches = switches, .minor = 11}, .worker_count = workers};
    fe_translator *translator = NULL;
    CHECK_EQUAL(FE_OK, fe_translator_new(&options, &translator));
    return translator;
}

static void fill(pm_text *texts, size_t count) {
    for (size_t i = 0; i < count; i++) {
        texts[i] = (pm_text){SOURCES[i % SOURCE_COUNT], source_bytes(i % SOURCE_COUNT)};
    }
}

/* What one session makes of each source. */
typedef struct expectation {
    fe_error error;
    text text;
} expectation;
static expectation expected[SOURCE_COUNT];

static void expect_all(void) {
    fe_session *session = NULL;
    CHECK_EQUAL(FE_OK, fe_session_new(NULL, &session));
    for (size_t i = 0; i < SOURCE_COUNT; i++) {
        fe_translate(session, SOURCES[i], source_bytes(i), FE_STAGE_TEXT, text_sink, &expected[i].text,
                     &expected[i].error);
    }
    fe_session_free(session);
}

static void forget_all(void) {
    for (size_t i = 0; i < SOURCE_COUNT; i++) {
        text_free(&expected[i].text);
    }
}

static void check_batch(const fe_batch *batch, size_t rows) {
    pm_column_view view;
    fe_batch_view(batch, &view);
    CHECK_EQUAL(rows, view.row_count);
    const int64_t *offsets = view.offsets;
    const fe_status *statuses = fe_batch_statuses(batch);
    size_t count, failed = 0;
    const fe_failure *failures = fe_batch_failures(batch, &count);
    for (size_t row = 0; row < rows; row++) {
        const expectation *e = &expected[row % SOURCE_COUNT];
        const text actual = {(char *)(uintptr_t)view.data + offsets[row], (size_t)(offsets[row + 1] - offsets[row]), 0};
        CHECK_EQUAL(e->error.status, statuses[row]);
        if (e->error.status == FE_OK) {
            CHECK(text_is(&actual, e->text.data, e->text.bytes));
        } else {
            CHECK_EQUAL(0, actual.bytes);
            CHECK(failed < count);
            CHECK_EQUAL(row, failures[failed].index);
            CHECK_EQUAL(e->error.line, failures[failed].error.line);
            CHECK(strcmp(e->error.message, failures[failed].error.message) == 0);
            failed++;
        }
    }
    CHECK_EQUAL(failed, count);
    fe_batch_report report;
    fe_batch_read_report(batch, &report);
    CHECK_EQUAL(rows - failed, report.done_count);
    CHECK_EQUAL(failed, report.failed_count);
    CHECK_EQUAL(0, report.cancelled_count);
    fe_ledger ledger;
    fe_batch_read_ledger(batch, &ledger);
    CHECK_EQUAL(rows, ledger.task_count);
    CHECK_EQUAL(failed, ledger.failed_count);
}

static void test_texts_are_in_order_whoever_translates_them(void) {
    static pm_text texts[ROWS];
    fill(texts, ROWS);
    expect_all();
    for (size_t workers = 1; workers <= 4; workers += 3) {
        for (uint32_t switches = 0; switches <= FE_SWITCHES_ALL; switches += FE_SWITCHES_ALL) {
            fe_translator *translator = translator_of(switches, workers);
            for (size_t rows = ROWS; rows > 0; rows /= 7) {
                fe_batch *batch;
                CHECK_EQUAL(FE_OK,
                            fe_translate_texts(translator, texts, rows, false, FE_STAGE_TEXT, FE_KEEP_TEXT, &batch));
                check_batch(batch, rows);
                fe_batch_free(batch);
            }
            fe_translator_free(translator);
        }
    }
    forget_all();
}

static void test_a_batch_outlives_its_translator(void) {
    pm_text texts[SOURCE_COUNT];
    fill(texts, SOURCE_COUNT);
    expect_all();
    fe_translator *translator = translator_of(FE_SWITCHES_ALL, 2);
    fe_batch *batch;
    CHECK_EQUAL(FE_OK, fe_translate_texts(translator, texts, SOURCE_COUNT, false, FE_STAGE_TEXT, FE_KEEP_TEXT, &batch));
    fe_translator_free(translator);
    check_batch(batch, SOURCE_COUNT);
    fe_batch_free(batch);
    forget_all();
}

static void test_texts_longer_than_a_chunk_are_whole(void) {
    enum { BYTES = 120000 };
    char *source = malloc(BYTES);
    CHECK(source != NULL);
    for (size_t i = 0; i < BYTES; i += 6) {
        memcpy(source + i, "x = 1\n", 6);
    }
    text whole = {0};
    fe_session *session;
    CHECK_EQUAL(FE_OK, fe_session_new(NULL, &session));
    CHECK_EQUAL(FE_OK, fe_translate(session, source, BYTES, FE_STAGE_TEXT, text_sink, &whole, NULL));
    fe_session_free(session);
    CHECK(whole.bytes > 2 << 20);
    const pm_text texts[] = {{source, BYTES}, {"(", 1}, {source, 6}, {source, BYTES}};
    fe_translator *translator = translator_of(FE_SWITCHES_ALL, 2);
    fe_batch *batch;
    CHECK_EQUAL(FE_OK, fe_translate_texts(translator, texts, 4, false, FE_STAGE_TEXT, FE_KEEP_TEXT, &batch));
    pm_column_view view;
    fe_batch_view(batch, &view);
    const int64_t *offsets = view.offsets;
    for (size_t row = 0; row < 4; row += 3) {
        const text actual = {(char *)(uintptr_t)view.data + offsets[row], (size_t)(offsets[row + 1] - offsets[row]), 0};
        CHECK(text_is(&actual, whole.data, whole.bytes));
    }
    CHECK_EQUAL(offsets[1], offsets[2]);
    fe_batch_free(batch);
    fe_translator_free(translator);
    text_free(&whole);
    free(source);
}

static void test_digests_tell_texts_apart_and_agree_with_theirs(void) {
    static pm_text texts[ROWS];
    fill(texts, ROWS);
    expect_all();
    fe_translator *translator = translator_of(FE_SWITCHES_ALL, 3);
    fe_batch *batch;
    CHECK_EQUAL(FE_OK, fe_translate_texts(translator, texts, ROWS, false, FE_STAGE_TEXT, FE_KEEP_DIGEST, &batch));
    const uint64_t *digests = fe_batch_digests(batch);
    for (size_t row = 0; row < ROWS; row++) {
        const expectation *e = &expected[row % SOURCE_COUNT];
        fe_digest digest = {0};
        if (e->error.status == FE_OK) {
            fe_digest_add(&digest, e->text.data, e->text.bytes);
        }
        CHECK_EQUAL(e->error.status == FE_OK ? fe_digest_end(&digest) : 0, digests[row]);
    }
    for (size_t i = 2; i < 20; i++) {
        for (size_t j = 2; j < i; j++) {
            CHECK(digests[i] != digests[j]);
        }
    }
    pm_column_view view;
    fe_batch_view(batch, &view);
    CHECK_EQUAL(0, view.row_count);
    fe_batch_free(batch);
    fe_translator_free(translator);
    forget_all();
}

static void test_a_digest_does_not_depend_on_where_the_text_is_cut(void) {
    uint8_t bytes[1000];
    uint64_t state = 7;
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)check_random(&state);
    }
    for (size_t length = 0; length < sizeof bytes; length += 1 + length / 8) {
        fe_digest whole = {0};
        fe_digest_add(&whole, bytes, length);
        for (int round = 0; round < 20; round++) {
            fe_digest cut = {0};
            for (size_t at = 0; at < length;) {
                const size_t part = check_below(&state, length - at < 40 ? length - at + 1 : 40);
                fe_digest_add(&cut, bytes + at, part);
                at += part;
            }
            CHECK_EQUAL(fe_digest_end(&whole), fe_digest_end(&cut));
        }
        if (length > 8) {
            fe_digest other = {0};
            bytes[length / 2] ^= 1;
            fe_digest_add(&other, bytes, length);
            bytes[length / 2] ^= 1;
            CHECK(fe_digest_end(&other) != fe_digest_end(&whole));
        }
    }
}

static void test_a_column_is_translated_like_texts(void) {
    char data[8192];
    int32_t offsets[SOURCE_COUNT + 1] = {0};
    size_t used = 0;
    for (size_t i = 0; i < SOURCE_COUNT; i++) {
        CHECK(used + source_bytes(i) <= sizeof data);
        memcpy(data + used, SOURCES[i], source_bytes(i));
        used += source_bytes(i);
        offsets[i + 1] = (int32_t)used;
    }
    expect_all();
    fe_translator *translator = translator_of(FE_SWITCHES_ALL, 2);
    pm_column_view column = {offsets, (const unsigned char *)data, SOURCE_COUNT, used, 4};
    fe_batch *batch;
    CHECK_EQUAL(FE_OK, fe_translate_column(translator, &column, FE_STAGE_TEXT, FE_KEEP_TEXT, &batch));
    check_batch(batch, SOURCE_COUNT);
    fe_batch_free(batch);
    offsets[3] = -1;
    CHECK_EQUAL(FE_INVALID, fe_translate_column(translator, &column, FE_STAGE_TEXT, FE_KEEP_TEXT, &batch));
    offsets[3] = 100000;
    CHECK_EQUAL(FE_INVALID, fe_translate_column(translator, &column, FE_STAGE_TEXT, FE_KEEP_TEXT, &batch));
    column.offset_bytes = 2;
    CHECK_EQUAL(FE_INVALID, fe_translate_column(translator, &column, FE_STAGE_TEXT, FE_KEEP_TEXT, &batch));
    fe_translator_free(translator);
    forget_all();
}

static void test_paths_that_cannot_be_read_fail_alone(void) {
    char path[600];
    memset(path, 'p', sizeof path);
    const pm_text paths[] = {{"no such file", 12}, {path, sizeof path}, {"", 0}, {".", 1}};
    fe_translator *translator = translator_of(FE_SWITCHES_ALL, 2);
    fe_batch *batch;
    CHECK_EQUAL(FE_OK, fe_translate_files(translator, paths, 4, FE_STAGE_TEXT, FE_KEEP_TEXT, &batch));
    size_t count;
    const fe_failure *failures = fe_batch_failures(batch, &count);
    CHECK_EQUAL(4, count);
    for (size_t i = 0; i < count; i++) {
        CHECK_EQUAL(i, failures[i].index);
        CHECK_EQUAL(FE_READ, failures[i].error.status);
        CHECK(failures[i].error.system != 0 && failures[i].error.message[0] != '\0');
    }
    fe_batch_free(batch);
    fe_translator_free(translator);
}

static void test_what_to_keep_must_go_with_the_stage(void) {
    const pm_text one = {"x", 1};
    fe_translator *translator = translator_of(FE_SWITCHES_ALL, 1);
    fe_batch *batch;
    CHECK_EQUAL(FE_INVALID, fe_translate_texts(translator, &one, 1, false, FE_STAGE_PARSE, FE_KEEP_TEXT, &batch));
    CHECK_EQUAL(FE_INVALID, fe_translate_texts(translator, &one, 1, false, FE_STAGE_TEXT, FE_KEEP_COLUMNS, &batch));
    CHECK_EQUAL(FE_INVALID, fe_translate_texts(translator, &one, 1, false, FE_STAGE_COLUMNS, FE_KEEP_NOTHING, &batch));
    CHECK_EQUAL(FE_INVALID, fe_translate_texts(translator, &one, 1, false, (fe_stage)7, FE_KEEP_NOTHING, &batch));
    for (fe_stage stage = FE_STAGE_LEX; stage <= FE_STAGE_TEXT; stage++) {
        CHECK_EQUAL(FE_OK, fe_translate_texts(translator, &one, 1, false, stage, FE_KEEP_NOTHING, &batch));
        CHECK(fe_batch_digests(batch) == NULL && fe_batch_columns(batch, 0) == NULL);
        fe_batch_free(batch);
    }
    CHECK_EQUAL(FE_OK, fe_translate_texts(translator, NULL, 0, false, FE_STAGE_TEXT, FE_KEEP_TEXT, &batch));
    CHECK(fe_batch_statuses(batch) == NULL);
    fe_batch_free(batch);
    fe_batch_free(NULL);
    fe_translator_free(translator);
    fe_translator_free(NULL);
    const fe_translator_options options = {.session = {.switches = 999, .minor = 11}};
    CHECK_EQUAL(FE_INVALID, fe_translator_new(&options, &translator));
}

static void test_columns_hold_each_source_under_its_number(void) {
    static pm_text texts[ROWS];
    fill(texts, ROWS);
    expect_all();
    fe_translator *translator = translator_of(FE_SWITCHES_ALL, 3);
    fe_batch *batch;
    CHECK_EQUAL(FE_OK, fe_translate_texts(translator, texts, ROWS, false, FE_STAGE_COLUMNS, FE_KEEP_COLUMNS, &batch));
    static bool seen[ROWS];
    memset(seen, 0, sizeof seen);
    size_t worker = 0, files = 0;
    for (const fe_columns *c; (c = fe_batch_columns(batch, worker)) != NULL; worker++) {
        for (size_t i = 0; i < c->file_count; i++, files++) {
            CHECK(c->file[i] < ROWS && !seen[c->file[i]]);
            seen[c->file[i]] = true;
            CHECK_EQUAL(FE_OK, expected[c->file[i] % SOURCE_COUNT].error.status);
            CHECK(c->first_row[i] < c->first_row[i + 1]);
        }
    }
    CHECK_EQUAL(3, worker);
    fe_batch_report report;
    fe_batch_read_report(batch, &report);
    CHECK_EQUAL(report.done_count, files);
    fe_batch_free(batch);
    fe_translator_free(translator);
    forget_all();
}

/* A delegate that cancels the batch, or tries to run another. */
typedef struct meddler {
    fe_translator *translator;
    fe_status nested;
} meddler;

static int64_t cancel_batch(void *context, const void *name, size_t bytes, void *out, size_t capacity) {
    fe_translator_cancel(((meddler *)context)->translator);
    if (bytes <= capacity) {
        memcpy(out, name, bytes);
    }
    return (int64_t)bytes;
}

static int64_t run_batch(void *context, const void *name, size_t bytes, void *out, size_t capacity) {
    meddler *self = context;
    const pm_text one = {"x", 1};
    fe_batch *batch;
    self->nested = fe_translate_texts(self->translator, &one, 1, false, FE_STAGE_LEX, FE_KEEP_NOTHING, &batch);
    if (bytes <= capacity) {
        memcpy(out, name, bytes);
    }
    return (int64_t)bytes;
}

static void meddle(meddler *self, int64_t (*how)(void *, const void *, size_t, void *, size_t), fe_batch **batch) {
    static pm_text texts[ROWS];
    fill(texts, ROWS);
    texts[0] = (pm_text){"\xc3\xa4 = 1", 6};
    const fe_delegate delegate = {.context = self, .normalize = how};
    const fe_translator_options options = {.session = {.switches = FE_SWITCHES_ALL, .minor = 11, .delegate = &delegate},
                                           .worker_count = 1};
    CHECK_EQUAL(FE_OK, fe_translator_new(&options, &self->translator));
    CHECK_EQUAL(FE_OK, fe_translate_texts(self->translator, texts, ROWS, false, FE_STAGE_TEXT, FE_KEEP_TEXT, batch));
    fe_translator_free(self->translator);
}

static void test_a_cancelled_batch_begins_no_further_source(void) {
    meddler self = {0};
    fe_batch *batch;
    meddle(&self, cancel_batch, &batch);
    fe_batch_report report;
    fe_batch_read_report(batch, &report);
    CHECK(report.cancelled_count > 0 && report.done_count > 0);
    CHECK_EQUAL(ROWS, report.done_count + report.failed_count + report.cancelled_count);
    CHECK_EQUAL(FE_OK, fe_batch_statuses(batch)[0]);
    CHECK_EQUAL(FE_CANCELLED, fe_batch_statuses(batch)[ROWS - 1]);
    fe_batch_free(batch);
}

static void test_a_batch_inside_a_batch_is_busy(void) {
    meddler self = {0};
    fe_batch *batch;
    meddle(&self, run_batch, &batch);
    CHECK_EQUAL(FE_BUSY, self.nested);
    fe_batch_free(batch);
}

static pm_status program(void) {
    pm_text texts[40];
    fill(texts, 40);
    fe_translator *translator;
    const fe_translator_options options = {.session = {.switches = FE_SWITCHES_ALL, .minor = 11}, .worker_count = 1};
    fe_status status = fe_translator_new(&options, &translator);
    if (status != FE_OK) {
        return PM_NO_MEMORY;
    }
    fe_batch *batch = NULL;
    status = fe_translate_texts(translator, texts, 40, false, FE_STAGE_TEXT, FE_KEEP_TEXT, &batch);
    bool refused = status == FE_NO_MEMORY;
    for (size_t row = 0; status == FE_OK && row < 40; row++) {
        refused = refused || fe_batch_statuses(batch)[row] == FE_NO_MEMORY;
    }
    CHECK(status == FE_OK || refused);
    fe_batch_free(batch);
    fe_translator_free(translator);
    return refused ? PM_NO_MEMORY : PM_OK;
}

static void test_every_refused_allocation_is_told_and_nothing_is_left(void) {
    for (uint64_t n = 1;; n++) {
        const uint64_t live = check_live_bytes();
        pm_fault_after(n);
        (void)program(); /* some refusals can be done without */
        const bool struck = pm_fault_pending() == 0;
        pm_fault_after(0);
        CHECK_EQUAL(live, check_live_bytes());
        if (!struck) {
            CHECK(n > 20);
            CHECK_EQUAL(PM_OK, program());
            return;
        }
    }
}

static void test_a_trimmed_translator_holds_less(void) {
    pm_text texts[SOURCE_COUNT];
    fill(texts, SOURCE_COUNT);
    fe_translator *translator = translator_of(FE_SWITCHES_ALL, 1);
    const uint64_t fresh = check_live_bytes();
    fe_batch *batch;
    CHECK_EQUAL(FE_OK,
                fe_translate_texts(translator, texts, SOURCE_COUNT, false, FE_STAGE_TEXT, FE_KEEP_NOTHING, &batch));
    fe_batch_free(batch);
    const uint64_t warm = check_live_bytes();
    CHECK_EQUAL(FE_OK, fe_translator_trim(translator));
    CHECK(check_live_bytes() < warm && check_live_bytes() > fresh);
    fe_translator_free(translator);
}

static void test_workers_can_be_bound_to_nodes(void) {
    pm_text texts[SOURCE_COUNT];
    fill(texts, SOURCE_COUNT);
    const fe_translator_options options = {
        .session = {.switches = FE_SWITCHES_ALL, .minor = 11}, .worker_count = 2, .numa = true};
    fe_translator *translator;
    CHECK_EQUAL(FE_OK, fe_translator_new(&options, &translator));
    fe_batch *batch;
    CHECK_EQUAL(FE_OK, fe_translate_texts(translator, texts, SOURCE_COUNT, false, FE_STAGE_TEXT, FE_KEEP_TEXT, &batch));
    fe_batch_report report;
    fe_batch_read_report(batch, &report);
    CHECK_EQUAL(2, report.worker_count);
    CHECK(report.pinned_count <= 2);
    fe_batch_free(batch);
    fe_translator_free(translator);
}

int main(void) {
    RUN(test_texts_are_in_order_whoever_translates_them);
    RUN(test_a_batch_outlives_its_translator);
    RUN(test_texts_longer_than_a_chunk_are_whole);
    RUN(test_digests_tell_texts_apart_and_agree_with_theirs);
    RUN(test_a_digest_does_not_depend_on_where_the_text_is_cut);
    RUN(test_a_column_is_translated_like_texts);
    RUN(test_paths_that_cannot_be_read_fail_alone);
    RUN(test_what_to_keep_must_go_with_the_stage);
    RUN(test_columns_hold_each_source_under_its_number);
    RUN(test_a_cancelled_batch_begins_no_further_source);
    RUN(test_a_batch_inside_a_batch_is_busy);
    RUN(test_every_refused_allocation_is_told_and_nothing_is_left);
    RUN(test_a_trimmed_translator_holds_less);
    RUN(test_workers_can_be_bound_to_nodes);
    return 0;
}
