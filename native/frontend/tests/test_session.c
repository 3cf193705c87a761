/* Sessions: what they make does not depend on the switches, what they take is given back and counted. */
#include <fe/frontend.h>

#include "check.h"
#include "sources.h"
#include "text.h"

/* How a source ends, and its text. */
typedef struct outcome {
    fe_error error;
    text text;
} outcome;

static fe_session *session_of(uint32_t switches) {
    const fe_options options = {.switches = switches, .minor = 11};
    fe_session *session = NULL;
    CHECK_EQUAL(FE_OK, fe_session_new(&options, &session));
    return session;
}

static outcome outcome_of(fe_session *session, size_t i) {
    outcome out = {0};
    const fe_status status =
        fe_translate(session, SOURCES[i], source_bytes(i), FE_STAGE_TEXT, text_sink, &out.text, &out.error);
    CHECK_EQUAL(out.error.status, status);
    return out;
}

static void check_same(const outcome *expected, const outcome *actual, size_t i, uint32_t switches) {
    const bool same =
        expected->error.status == actual->error.status && expected->error.line == actual->error.line &&
        expected->error.column == actual->error.column && strcmp(expected->error.message, actual->error.message) == 0 &&
        (expected->error.status != FE_OK || text_is(&actual->text, expected->text.data, expected->text.bytes));
    if (!same) {
        fprintf(stderr, "source %zu, switches %u: %d (%s) %.*s\nexpected %d (%s) %.*s\n", i, switches,
                actual->error.status, actual->error.message, (int)actual->text.bytes, actual->text.data,
                expected->error.status, expected->error.message, (int)expected->text.bytes, expected->text.data);
        abort();
    }
}

static fe_ledger ledger_of(const fe_session *session) {
    fe_ledger ledger;
    fe_session_read_ledger(session, &ledger);
    return ledger;
}

static void test_every_setting_of_the_switches_makes_the_same_text_cold_and_warm(void) {
    outcome expected[SOURCE_COUNT];
    fe_session *plain = session_of(0);
    size_t accepted = 0;
    for (size_t i = 0; i < SOURCE_COUNT; i++) {
        expected[i] = outcome_of(plain, i);
        accepted += expected[i].error.status == FE_OK;
    }
    fe_session_free(plain);
    CHECK(accepted > SOURCE_COUNT / 2 && accepted < SOURCE_COUNT);
    for (uint32_t switches = 1; switches <= FE_SWITCHES_ALL; switches++) {
        fe_session *session = session_of(switches);
        for (size_t round = 0; round < 2; round++) {
            for (size_t i = 0; i < SOURCE_COUNT; i++) {
                outcome actual = outcome_of(session, i);
                check_same(&expected[i], &actual, i, switches);
                text_free(&actual.text);
            }
        }
        fe_session_free(session);
    }
    for (size_t i = 0; i < SOURCE_COUNT; i++) {
        text_free(&expected[i].text);
    }
}

static void test_the_text_is_that_of_ast_dump(void) {
    static const char expected[] =
        "Module(body=[Assign(targets=[Name(id='x', ctx=Store(), lineno=1, col_offset=0, end_lineno=1, "
        "end_col_offset=1)], "
        "value=Constant(value=1, lineno=1, col_offset=4, end_lineno=1, end_col_offset=5), lineno=1, col_offset=0, "
        "end_lineno=1, end_col_offset=5)], type_ignores=[])";
    fe_session *session = session_of(FE_SWITCHES_ALL);
    text made = {0};
    CHECK_EQUAL(FE_OK, fe_translate(session, "x = 1", 5, FE_STAGE_TEXT, text_sink, &made, NULL));
    CHECK(text_is(&made, expected, sizeof expected - 1));
    text_free(&made);
    fe_session_free(session);
}

/* Sources and texts in turn, with each allocation of a cold and a warm task refused in turn. */
static void check_failures(uint32_t switches, size_t i) {
    fe_session *sound = session_of(switches);
    outcome expected = outcome_of(sound, i);
    fe_session_free(sound);
    for (uint64_t n = 1;; n++) {
        const uint64_t live = check_live_bytes();
        fe_session *session = session_of(switches);
        pm_fault_after(n);
        outcome hit = outcome_of(session, i);
        const bool struck = pm_fault_pending() == 0;
        pm_fault_after(0);
        if (hit.error.status == FE_NO_MEMORY) {
            CHECK(struck);
            CHECK(hit.error.message[0] != '\0');
        } else { /* some can do without */
            check_same(&expected, &hit, i, switches);
        }
        outcome after = outcome_of(session, i);
        check_same(&expected, &after, i, switches);
        text_free(&hit.text);
        text_free(&after.text);
        fe_session_free(session);
        CHECK_EQUAL(live, check_live_bytes());
        if (!struck) {
            CHECK(n > 1);
            break;
        }
    }
    text_free(&expected.text);
}

static void test_a_refused_allocation_fails_its_task_alone(void) {
    static const uint32_t settings[] = {0,
                                        FE_SWITCHES_ALL,
                                        FE_SWITCH_ARENA,
                                        FE_SWITCH_INTERN | FE_SWITCH_SOA,
                                        FE_SWITCH_POOL | FE_SWITCH_VIEWS | FE_SWITCH_SIMD,
                                        FE_SWITCH_ALIGNED,
                                        FE_SWITCHES_ALL & ~FE_SWITCH_POOL,
                                        FE_SWITCHES_ALL & ~FE_SWITCH_ARENA};
    for (size_t s = 0; s < sizeof settings / sizeof *settings; s++) {
        for (size_t i = 4; i < SOURCE_COUNT; i += 5) {
            check_failures(settings[s], i);
        }
    }
}

static void test_a_session_that_is_refused_memory_is_not_made(void) {
    fe_session *session = NULL;
    pm_fault_after(1);
    CHECK_EQUAL(FE_NO_MEMORY, fe_session_new(NULL, &session));
    pm_fault_after(0);
    CHECK(session == NULL);
}

static void test_the_ledger_balances_with_what_the_layer_counts(void) {
    for (uint32_t switches = 0; switches <= FE_SWITCHES_ALL; switches += 3) {
        const uint64_t before = check_live_bytes();
        fe_session *session = session_of(switches);
        const uint64_t fresh = ledger_of(session).live_bytes;
        for (size_t i = 0; i < SOURCE_COUNT; i++) {
            outcome out = outcome_of(session, i);
            text_free(&out.text);
            const fe_ledger l = ledger_of(session);
            CHECK_EQUAL(l.allocated_bytes - l.freed_bytes, l.live_bytes);
            CHECK_EQUAL(check_live_bytes() - before, l.live_bytes); /* between tasks no block of malloc is left */
            CHECK(l.peak_bytes >= l.live_bytes);
            CHECK_EQUAL(i + 1, l.task_count);
        }
        if (!(switches & (FE_SWITCH_POOL | FE_SWITCH_INTERN))) {
            CHECK_EQUAL(fresh, ledger_of(session).live_bytes);
        }
        fe_session_trim(session);
        const fe_ledger l = ledger_of(session);
        CHECK_EQUAL(fresh, l.live_bytes);
        CHECK_EQUAL(l.free_count + 1, l.allocation_count); /* the session itself is left */
        fe_session_reset_ledger(session);
        CHECK_EQUAL(0, ledger_of(session).allocation_count);
        CHECK_EQUAL(fresh, ledger_of(session).live_bytes);
        CHECK_EQUAL(fresh, ledger_of(session).peak_bytes);
        fe_session_free(session);
        CHECK_EQUAL(before, check_live_bytes());
    }
}

/* A function of about 1 KB, different for each `number`. */
static size_t write_source(char *out, size_t capacity, unsigned number) {
    return (size_t)snprintf(
        out, capacity,
        "def function_%u(first, second=None, *rest, **options):\n"
        "    \"\"\"Returns what comes of the first and the second, as far as there is one.\n\n"
        "    Options are looked at in the order in which they were given; unknown ones raise ValueError.\n"
        "    \"\"\"\n"
        "    total = 0\n"
        "    for index, item in enumerate(rest):\n"
        "        if item is None or index > %u:\n"
        "            continue  # nothing to add\n"
        "        total += item * (index + 1) - first.offset[index %% 3]\n"
        "    for name, value in sorted(options.items()):\n"
        "        if name not in {'scale', 'shift', \"clip_%u\"}:\n"
        "            raise ValueError('no such option: ', name)\n"
        "        total = getattr(first, name)(total, value) if value else total\n"
        "    try:\n"
        "        result = [second.convert(total, part) for part in range(3) if part != %u %% 3]\n"
        "    except (AttributeError, TypeError) as error:\n"
        "        result = [total, str(error), 1.5e3]\n"
        "    return {'first': first, 'total': total, **{'result': result}}\n",
        number, number, number, number);
}

static void translate_one(fe_session *session, unsigned number) {
    static char room[4096];
    memset(room, 0, sizeof room);
    const size_t bytes = write_source(room + FE_PADDING_BYTES, sizeof room - 2 * FE_PADDING_BYTES, number);
    fe_error error;
    const fe_status status =
        fe_translate_padded(session, room + FE_PADDING_BYTES, bytes, FE_STAGE_TEXT, NULL, NULL, &error);
    if (status != FE_OK) {
        fprintf(stderr, "%s at %u\n", error.message, error.line);
    }
    CHECK_EQUAL(FE_OK, status);
}

static void test_a_warm_task_asks_for_less_than_one_allocation_and_copies_less_than_once(void) {
    fe_session *session = session_of(FE_SWITCHES_ALL);
    translate_one(session, 0);
    fe_session_reset_ledger(session);
    for (unsigned i = 1; i <= 100; i++) {
        translate_one(session, i);
    }
    const fe_ledger l = ledger_of(session);
    CHECK_EQUAL(100, l.task_count);
    CHECK(l.allocation_count < 20);
    CHECK(l.copy_count < 100);
    CHECK(l.pool_hits > 20 * l.pool_misses);
    fe_session_free(session);
}

static void test_a_cold_task_asks_for_less_than_twelve_allocations_and_peaks_below_the_baseline(void) {
    uint64_t peaks[2];
    for (int on = 0; on < 2; on++) {
        fe_session *session = session_of(on ? FE_SWITCHES_ALL : 0);
        translate_one(session, 7);
        peaks[on] = ledger_of(session).peak_bytes;
        if (on) {
            CHECK(ledger_of(session).allocation_count < 12);
            CHECK(ledger_of(session).copy_count == 0);
        } else {
            CHECK(ledger_of(session).allocation_count > 100);
        }
        fe_session_free(session);
    }
    CHECK(peaks[1] * 10 <= peaks[0] * 7);
}

static void test_a_trimmed_session_is_cold_again(void) {
    fe_session *session = session_of(FE_SWITCHES_ALL);
    translate_one(session, 1);
    const uint64_t cold = ledger_of(session).allocation_count;
    fe_session_trim(session);
    fe_session_reset_ledger(session);
    translate_one(session, 1);
    CHECK_EQUAL(cold - 1, ledger_of(session).allocation_count); /* all but the session itself */
    fe_session_free(session);
}

static void test_bounds_of_the_pools_hold(void) {
    uint64_t hits[3];
    for (uint32_t bound = 1; bound <= 2; bound++) {
        const fe_options options = {
            .switches = FE_SWITCHES_ALL, .minor = 11, .string_buffers = bound, .vector_buffers = bound};
        fe_session *session;
        CHECK_EQUAL(FE_OK, fe_session_new(&options, &session));
        translate_one(session, 1);
        fe_session_reset_ledger(session);
        translate_one(session, 1);
        hits[bound] = ledger_of(session).pool_hits;
        CHECK(hits[bound] <= 2 * bound);
        CHECK(ledger_of(session).pool_misses > 0);
        fe_session_free(session);
    }
    CHECK(hits[2] > hits[1]);
}

static bool refuse(void *context, const void *data, size_t bytes) {
    (void)data;
    (void)bytes;
    return --*(int *)context > 0;
}

static void test_a_sink_that_refuses_ends_its_task_alone(void) {
    for (int on = 0; on < 2; on++) {
        fe_session *session = session_of(on ? FE_SWITCHES_ALL : 0);
        int pieces = 1;
        CHECK_EQUAL(FE_SINK, fe_translate(session, "x = 1", 5, FE_STAGE_TEXT, refuse, &pieces, NULL));
        translate_one(session, 3);
        CHECK_EQUAL(1, ledger_of(session).failed_count);
        fe_session_free(session);
    }
}

static bool allocating_sink(void *context, const void *data, size_t bytes) {
    return pm_strbuf_append(context, data, bytes) == PM_OK;
}

static void test_what_a_sink_takes_is_not_the_sessions(void) {
    fe_session *session = session_of(FE_SWITCHES_ALL);
    translate_one(session, 1);
    translate_one(session, 2);
    fe_session_reset_ledger(session);
    pm_strbuf *string;
    CHECK_OK(pm_strbuf_new(1, &string));
    CHECK_EQUAL(FE_OK, fe_translate(session, "x = 1", 5, FE_STAGE_TEXT, allocating_sink, string, NULL));
    CHECK(string->length > 100);
    CHECK_EQUAL(0, ledger_of(session).allocation_count);
    pm_strbuf_free(string);
    fe_session_free(session);
}

static void test_streamed_pieces_are_as_large_as_asked_for(void) {
    static char source[FE_PADDING_BYTES * 2 + 40000];
    size_t bytes = 0;
    for (unsigned i = 0; i < 30; i++) {
        bytes += write_source(source + FE_PADDING_BYTES + bytes, 2000, i);
    }
    text texts[2] = {{0}, {0}};
    for (int i = 0; i < 2; i++) {
        const fe_options options = {.switches = FE_SWITCHES_ALL, .minor = 11, .stream_bytes = i ? 1 << 20 : 1};
        fe_session *session;
        CHECK_EQUAL(FE_OK, fe_session_new(&options, &session));
        CHECK_EQUAL(FE_OK, fe_translate_padded(session, source + FE_PADDING_BYTES, bytes, FE_STAGE_TEXT, text_sink,
                                               &texts[i], NULL));
        fe_session_free(session);
    }
    CHECK(text_is(&texts[0], texts[1].data, texts[1].bytes));
    text_free(&texts[0]);
    text_free(&texts[1]);
}

static void test_options_are_checked(void) {
    fe_session *session = NULL;
    fe_options options = {.switches = 256, .minor = 11};
    CHECK_EQUAL(FE_INVALID, fe_session_new(&options, &session));
    options = (fe_options){.switches = 0, .minor = 10};
    CHECK_EQUAL(FE_UNSUPPORTED, fe_session_new(&options, &session));
    CHECK(session == NULL);
    session = session_of(FE_SWITCHES_ALL);
    CHECK_EQUAL(FE_INVALID, fe_translate(session, "x", 1, (fe_stage)9, NULL, NULL, NULL));
    CHECK_EQUAL(FE_INVALID,
                fe_translate(session, "x", (size_t)FE_SOURCE_BYTES_MAX + 1, FE_STAGE_LEX, NULL, NULL, NULL));
    CHECK_EQUAL(FE_INVALID, fe_translate(session, "x", 1, FE_STAGE_COLUMNS, NULL, NULL, NULL));
    CHECK_EQUAL(3, ledger_of(session).failed_count);
    fe_session_free(session);
    fe_session_free(NULL);
    for (int status = FE_OK; status <= FE_BUSY; status++) {
        CHECK(strcmp(fe_status_text((fe_status)status), fe_status_text((fe_status)99)) != 0);
    }
}

static void test_an_error_has_line_column_and_words(void) {
    for (int on = 0; on < 2; on++) {
        fe_session *session = session_of(on ? FE_SWITCHES_ALL : 0);
        fe_error error;
        static const char source[] = "x = 1\nif x\n    y\n";
        CHECK_EQUAL(FE_SYNTAX, fe_translate(session, source, sizeof source - 1, FE_STAGE_PARSE, NULL, NULL, &error));
        CHECK_EQUAL(2, error.line);
        CHECK_EQUAL(4, error.column);
        CHECK(strcmp(error.message, "expected ':'") == 0);
        fe_session_free(session);
    }
}

static void test_deep_nesting_is_an_error(void) {
    static char source[20001];
    memset(source, '-', sizeof source - 1);
    source[sizeof source - 2] = 'x';
    for (uint32_t switches = 0; switches <= FE_SWITCHES_ALL; switches += FE_SWITCHES_ALL) {
        fe_session *session = session_of(switches);
        CHECK_EQUAL(FE_TOO_DEEP, fe_translate(session, source, sizeof source - 1, FE_STAGE_TEXT, NULL, NULL, NULL));
        translate_one(session, 3);
        fe_session_free(session);
    }
}

int main(void) {
    RUN(test_the_text_is_that_of_ast_dump);
    RUN(test_every_setting_of_the_switches_makes_the_same_text_cold_and_warm);
    RUN(test_a_refused_allocation_fails_its_task_alone);
    RUN(test_a_session_that_is_refused_memory_is_not_made);
    RUN(test_the_ledger_balances_with_what_the_layer_counts);
    RUN(test_a_warm_task_asks_for_less_than_one_allocation_and_copies_less_than_once);
    RUN(test_a_cold_task_asks_for_less_than_twelve_allocations_and_peaks_below_the_baseline);
    RUN(test_a_trimmed_session_is_cold_again);
    RUN(test_bounds_of_the_pools_hold);
    RUN(test_a_sink_that_refuses_ends_its_task_alone);
    RUN(test_what_a_sink_takes_is_not_the_sessions);
    RUN(test_streamed_pieces_are_as_large_as_asked_for);
    RUN(test_options_are_checked);
    RUN(test_an_error_has_line_column_and_words);
    RUN(test_deep_nesting_is_an_error);
    return 0;
}
