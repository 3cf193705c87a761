/* Trees on their way out: as text, streamed or whole, and as columns. */
#include "check.h"
#include "dumps.h"
#include "text.h"
#include <fe/columns.h>

static fe_session *session_of(uint32_t switches, uint32_t stream_bytes) {
    const fe_options options = {.switches = switches, .minor = 11, .stream_bytes = stream_bytes};
    fe_session *session = NULL;
    CHECK_EQUAL(FE_OK, fe_session_new(&options, &session));
    return session;
}

static void append(text *self, const char *words) {
    CHECK(text_sink(self, words, strlen(words)));
}

static text text_of(const char *source, size_t bytes, uint32_t switches, uint32_t stream_bytes) {
    text out = {0};
    fe_session *session = session_of(switches, stream_bytes);
    CHECK_EQUAL(FE_OK, fe_translate(session, source, bytes, FE_STAGE_TEXT, text_sink, &out, NULL));
    fe_session_free(session);
    return out;
}

/* The same text in every variant of the tree, with and without prefetching. */
static void check_text(const char *expected, size_t expected_bytes, const char *source, size_t bytes) {
    for (uint32_t switches = 0; switches < 32; switches++) {
        const uint32_t set = (switches & 15) | (switches & 16 ? FE_SWITCH_PREFETCH : 0);
        text actual = text_of(source, bytes, set, switches & 1 ? 1 : 0);
        if (!text_is(&actual, expected, expected_bytes)) {
            fprintf(stderr, "switches %u: expected %.*s\ngot %.*s\n", set, (int)expected_bytes, expected,
                    (int)actual.bytes, actual.data);
            abort();
        }
        text_free(&actual);
    }
}

static void the_text_is_what_ast_dump_prints(void) {
    for (size_t i = 0; i < DUMP_COUNT; i++) {
        check_text(DUMPS[i][1], strlen(DUMPS[i][1]), DUMPS[i][0], strlen(DUMPS[i][0]));
    }
}

/* A name behind so many empty lines and spaces within brackets. */
static void numbers_of_every_length_are_printed(void) {
    static const uint32_t numbers[] = {0,   1,    9,    10,   99,    100,    511,     512,
                                       999, 1000, 1009, 1234, 99999, 100000, 1000000, 1020304};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        const uint32_t n = numbers[i];
        text source = {0}, expected = {0};
        for (uint32_t k = 0; k < n; k++) {
            append(&source, "\n");
        }
        append(&source, "(");
        for (uint32_t k = 0; k < n; k++) {
            append(&source, " ");
        }
        append(&source, "x)");
        char words[400];
        const uint32_t line = n + 1, column = n + 1;
        snprintf(words, sizeof words,
                 "Module(body=[Expr(value=Name(id='x', ctx=Load(), lineno=%u, col_offset=%u, end_lineno=%u, "
                 "end_col_offset=%u), lineno=%u, col_offset=0, end_lineno=%u, end_col_offset=%u)], type_ignores=[])",
                 line, column, line, column + 1, line, line, column + 2);
        append(&expected, words);
        text actual = text_of(source.data, source.bytes, FE_SWITCHES_ALL, 0);
        CHECK(text_is(&actual, expected.data, expected.bytes));
        text_free(&actual);
        text_free(&source);
        text_free(&expected);
    }
}

static void names_of_every_length_are_printed(void) {
    for (uint32_t n = 1; n < 6000; n += n < 70 ? 1 : 1977) {
        text source = {0}, expected = {0};
        append(&expected, "Module(body=[Expr(value=Attribute(value=Name(id='");
        for (uint32_t k = 0; k < n; k++) {
            append(&source, "n");
            append(&expected, "n");
        }
        append(&source, ".");
        char words[400];
        snprintf(words, sizeof words, "', ctx=Load(), lineno=1, col_offset=0, end_lineno=1, end_col_offset=%u), attr='",
                 n);
        append(&expected, words);
        for (uint32_t k = 0; k < n; k++) {
            append(&source, "m");
            append(&expected, "m");
        }
        snprintf(words, sizeof words,
                 "', ctx=Load(), lineno=1, col_offset=0, end_lineno=1, end_col_offset=%u), lineno=1, col_offset=0, "
                 "end_lineno=1, end_col_offset=%u)], type_ignores=[])",
                 2 * n + 1, 2 * n + 1);
        append(&expected, words);
        check_text(expected.data, expected.bytes, source.data, source.bytes);
        text_free(&source);
        text_free(&expected);
    }
}

/* `count` times `piece` between quotes, of which repr makes `count` times `shown` between single ones. */
static void check_string(const char *quotes, const char *piece, const char *shown, uint32_t count) {
    text source = {0}, expected = {0};
    uint32_t lines = 1, column = 0;
    append(&source, quotes);
    append(&expected, "Module(body=[Expr(value=Constant(value='");
    for (uint32_t k = 0; k < count; k++) {
        append(&source, piece);
        append(&expected, shown);
    }
    append(&source, quotes);
    for (size_t i = 0; i < source.bytes; i++) {
        column = source.data[i] == '\n' ? 0 : column + 1;
        lines += source.data[i] == '\n';
    }
    char words[400];
    snprintf(words, sizeof words,
             "', lineno=1, col_offset=0, end_lineno=%u, end_col_offset=%u), lineno=1, col_offset=0, end_lineno=%u, "
             "end_col_offset=%u)], type_ignores=[])",
             lines, column, lines, column);
    append(&expected, words);
    check_text(expected.data, expected.bytes, source.data, source.bytes);
    text_free(&source);
    text_free(&expected);
}

static void strings_longer_than_a_piece_are_printed(void) {
    check_string("'''", "\n", "\\n", 50000);
    check_string("'''", "\xe2\x82\xac\n", "\xe2\x82\xac\\n", 20000);
    check_string("\"", "abcdefg hijklm", "abcdefg hijklm", 10000);
    check_string("'", "\\x00", "\\x00", 30000);
    for (uint32_t n = 0; n < 600; n += 7) {
        check_string("\"", "y", "y", n);
        check_string("'''", "\t", "\\t", n);
    }
}

/* Longest bytes between two looks at the room that is left: lists without nodes, operators, words. */
static void lists_of_holes_and_words_do_not_leave_the_buffer(void) {
    text source = {0}, expected = {0};
    append(&source, "{");
    append(&expected, "Module(body=[Expr(value=Dict(keys=[");
    enum { COUNT = 3000 };
    for (int k = 0; k < COUNT; k++) {
        append(&source, k ? ",**x" : "**x");
        append(&expected, k ? ", None" : "None");
    }
    append(&source, "}");
    append(&expected, "], values=[");
    char words[400];
    for (unsigned k = 0; k < COUNT; k++) {
        snprintf(words, sizeof words,
                 "%sName(id='x', ctx=Load(), lineno=1, col_offset=%u, end_lineno=1, end_col_offset=%u)", k ? ", " : "",
                 3 + 4 * k, 4 + 4 * k);
        append(&expected, words);
    }
    snprintf(words, sizeof words,
             "], lineno=1, col_offset=0, end_lineno=1, end_col_offset=%u), lineno=1, col_offset=0, end_lineno=1, "
             "end_col_offset=%u)], type_ignores=[])",
             4 * COUNT + 1, 4 * COUNT + 1);
    append(&expected, words);
    check_text(expected.data, expected.bytes, source.data, source.bytes);
    text_free(&source);
    text_free(&expected);
}

typedef struct refusal {
    unsigned taken, calls;
} refusal;

static bool refusing_sink(void *context, const void *data, size_t bytes) {
    refusal *self = context;
    (void)data;
    (void)bytes;
    return self->calls++ < self->taken;
}

static void a_sink_that_refuses_ends_the_task_and_no_more(void) {
    text source = {0};
    for (int i = 0; i < 2000; i++) {
        append(&source, "x\n");
    }
    for (uint32_t switches = 0; switches < 16; switches++) {
        fe_session *session = session_of(switches, 4096);
        refusal sink = {.taken = switches & FE_SWITCH_VIEWS ? 3 : 0};
        CHECK_EQUAL(FE_SINK,
                    fe_translate(session, source.data, source.bytes, FE_STAGE_TEXT, refusing_sink, &sink, NULL));
        CHECK_EQUAL(sink.taken + 1, sink.calls);
        text out = {0};
        CHECK_EQUAL(FE_OK, fe_translate(session, "x", 1, FE_STAGE_TEXT, text_sink, &out, NULL));
        CHECK(text_is(&out, DUMPS[1][1], strlen(DUMPS[1][1])));
        text_free(&out);
        fe_session_free(session);
    }
    text_free(&source);
}

static void what_is_written_is_counted(void) {
    for (uint32_t switches = 0; switches < 16; switches++) {
        fe_session *session = session_of(switches, 0);
        fe_ledger ledger;
        CHECK_EQUAL(FE_OK, fe_translate(session, "x", 1, FE_STAGE_TEXT, NULL, NULL, NULL));
        fe_session_read_ledger(session, &ledger);
        CHECK_EQUAL(strlen(DUMPS[1][1]), ledger.output_bytes);
        fe_session_free(session);
    }
}

static void a_tree_too_deep_for_the_stack_is_an_error(void) {
    text source = {0};
    append(&source, "x");
    for (int i = 0; i < 5900; i++) {
        append(&source, ".a");
    }
    const size_t deep = source.bytes;
    for (int i = 0; i < 1000000; i++) { /* more frames than any stack has that tests get */
        append(&source, ".a");
    }
    fe_columns *columns;
    CHECK_EQUAL(FE_OK, fe_columns_new(&columns));
    for (uint32_t switches = 0; switches < 16; switches++) {
        fe_session *session = session_of(switches, 0);
        fe_session_set_columns(session, columns);
        for (fe_stage stage = FE_STAGE_SYMBOLS; stage <= FE_STAGE_COLUMNS; stage++) {
            CHECK_EQUAL(FE_OK, fe_translate(session, source.data, deep, stage, NULL, NULL, NULL));
            const fe_status status = fe_translate(session, source.data, source.bytes, stage, NULL, NULL, NULL);
            /* where the walk over a chain is a loop after all, as compilers may have it, nothing is too deep */
            CHECK(status == FE_TOO_DEEP || (stage == FE_STAGE_SYMBOLS && status == FE_OK));
        }
        fe_session_free(session);
    }
    fe_columns_free(columns);
    text_free(&source);
}

/* ---- columns ---- */

static bool string_is(const pm_interner *interner, int32_t id, const char *expected) {
    pm_text found;
    const pm_intern_ref ref = {(uint32_t)id, pm_interner_generation(interner)};
    CHECK_OK(pm_interner_text(interner, ref, &found));
    return found.bytes == strlen(expected) && memcmp(found.data, expected, found.bytes) == 0;
}

typedef struct row {
    const char *kind, *field;
    int32_t parent, index, lineno, col_offset, end_lineno, end_col_offset;
    const char *name, *value;
} row;

static const char ROWS_SOURCE[] = "def f(a):\n return {**b, 'c': '''d\n'''}\n";
static const row ROWS[] = {
    {"Module", NULL, -1, -1, -1, -1, -1, -1, NULL, NULL},      {"FunctionDef", "body", 0, 0, 1, 0, 3, 4, "f", NULL},
    {"arguments", "args", 1, -1, -1, -1, -1, -1, NULL, NULL},  {"arg", "args", 2, 0, 1, 6, 1, 7, "a", NULL},
    {"Return", "body", 1, 0, 2, 1, 3, 4, NULL, NULL},          {"Dict", "value", 4, -1, 2, 8, 3, 4, NULL, NULL},
    {"Constant", "keys", 5, 1, 2, 14, 2, 17, NULL, "'c'"},     {"Name", "values", 5, 0, 2, 11, 2, 12, "b", NULL},
    {"Constant", "values", 5, 1, 2, 19, 3, 3, NULL, "'d\\n'"},
};
enum { ROW_COUNT = sizeof ROWS / sizeof *ROWS };

static void check_rows(const fe_columns *c, uint64_t first) {
    for (uint64_t i = 0; i < ROW_COUNT; i++) {
        const row *expected = &ROWS[i];
        const uint64_t at = first + i;
        CHECK(strcmp(expected->kind, fe_columns_kind(c->kind[at])) == 0);
        const char *field = fe_columns_field(c->field[at]);
        CHECK(expected->field == NULL ? field == NULL : field != NULL && strcmp(expected->field, field) == 0);
        CHECK_EQUAL(expected->parent, c->parent[at]);
        CHECK_EQUAL(expected->index, c->index[at]);
        CHECK_EQUAL(expected->lineno, c->lineno[at]);
        CHECK_EQUAL(expected->col_offset, c->col_offset[at]);
        CHECK_EQUAL(expected->end_lineno, c->end_lineno[at]);
        CHECK_EQUAL(expected->end_col_offset, c->end_col_offset[at]);
        CHECK(expected->name ? string_is(c->names, c->name[at], expected->name) : c->name[at] == -1);
        CHECK(expected->value ? string_is(c->values, c->value[at], expected->value) : c->value[at] == -1);
    }
}

static fe_status columns_of(fe_session *session, const char *source) {
    return fe_translate(session, source, strlen(source), FE_STAGE_COLUMNS, NULL, NULL, NULL);
}

static void a_row_stands_for_each_node(void) {
    for (uint32_t switches = 0; switches < 16; switches++) {
        fe_session *session = session_of(switches, 0);
        fe_columns *columns;
        CHECK_EQUAL(FE_OK, fe_columns_new(&columns));
        fe_session_set_columns(session, columns);
        columns->next_file = 7;
        for (uint64_t k = 0; k < 100; k++) {
            CHECK_EQUAL(FE_OK, columns_of(session, ROWS_SOURCE));
            CHECK_EQUAL(FE_SYNTAX, columns_of(session, "x +"));
            CHECK_EQUAL((k + 1) * ROW_COUNT, columns->row_count);
        }
        CHECK_EQUAL(100, columns->file_count);
        for (uint32_t k = 0; k < 100; k++) {
            check_rows(columns, k * (uint64_t)ROW_COUNT);
            CHECK_EQUAL(k * (uint64_t)ROW_COUNT, columns->first_row[k]);
            CHECK_EQUAL(7 + k, columns->file[k]);
        }
        CHECK_EQUAL(columns->row_count, columns->first_row[100]);
        CHECK_EQUAL(3, pm_interner_count(columns->names));
        CHECK_EQUAL(2, pm_interner_count(columns->values));
        fe_columns_clear(columns);
        CHECK_EQUAL(0, columns->row_count);
        CHECK_EQUAL(FE_OK, columns_of(session, ROWS_SOURCE));
        check_rows(columns, 0);
        fe_session_free(session);
        fe_columns_free(columns);
    }
    fe_columns_free(NULL);
}

static void codes_without_a_meaning_are_null(void) {
    uint32_t fields = 0;
    while (fe_columns_field(fields) != NULL) {
        fields++;
    }
    CHECK(fields > 50 && fields < 255);
    CHECK(fe_columns_field(255) == NULL);
    CHECK(fe_columns_kind(0) == NULL);
    CHECK(fe_columns_kind(1) != NULL);
    CHECK(fe_columns_kind(255) == NULL);
}

static void columns_that_were_not_set_are_an_error(void) {
    fe_session *session = session_of(FE_SWITCHES_ALL, 0);
    CHECK_EQUAL(FE_INVALID, columns_of(session, "x"));
    fe_session_free(session);
}

int main(void) {
    RUN(the_text_is_what_ast_dump_prints);
    RUN(numbers_of_every_length_are_printed);
    RUN(names_of_every_length_are_printed);
    RUN(strings_longer_than_a_piece_are_printed);
    RUN(lists_of_holes_and_words_do_not_leave_the_buffer);
    RUN(a_sink_that_refuses_ends_the_task_and_no_more);
    RUN(what_is_written_is_counted);
    RUN(a_tree_too_deep_for_the_stack_is_an_error);
    RUN(a_row_stands_for_each_node);
    RUN(codes_without_a_meaning_are_null);
    RUN(columns_that_were_not_set_are_an_error);
    return 0;
}
