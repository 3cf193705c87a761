/* Files: read whole whatever their size says, refused with the system's words. */
#include <errno.h>
#include <fe/frontend.h>
#include <sys/stat.h>
#if !defined(_WIN32)
#include <sys/wait.h>
#endif
#include <unistd.h>

#include "check.h"
#include "text.h"

static char directory[300];

static const char *path_of(const char *name) {
    static char path[400];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static void write_file(const char *name, const void *data, size_t bytes) {
    FILE *file = fopen(path_of(name), "wb");
    CHECK(file != NULL);
    CHECK_EQUAL(bytes, fwrite(data, 1, bytes, file));
    CHECK_EQUAL(0, fclose(file));
}

static fe_session *session_of(uint32_t switches) {
    const fe_options options = {.switches = switches, .minor = 11};
    fe_session *session = NULL;
    CHECK_EQUAL(FE_OK, fe_session_new(&options, &session));
    return session;
}

static void test_a_file_is_translated_like_its_bytes(void) {
    enum { MOST = 300000 };
    char *source = malloc(MOST);
    CHECK(source != NULL);
    for (size_t i = 0; i < MOST; i += 6) {
        memcpy(source + i, "x = 1\n", 6);
    }
    static const size_t sizes[] = {0, 6, 60, 4092, 4098, 65538, 299994};
    for (uint32_t switches = 0; switches <= FE_SWITCHES_ALL; switches += FE_SWITCHES_ALL) {
        fe_session *session = session_of(switches);
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            text expected = {0}, actual = {0};
            write_file("source.py", source, sizes[i]);
            CHECK_EQUAL(FE_OK, fe_translate(session, source, sizes[i], FE_STAGE_TEXT, text_sink, &expected, NULL));
            CHECK_EQUAL(FE_OK,
                        fe_translate_file(session, path_of("source.py"), FE_STAGE_TEXT, text_sink, &actual, NULL));
            CHECK(text_is(&actual, expected.data, expected.bytes));
            text_free(&expected);
            text_free(&actual);
        }
        fe_session_free(session);
    }
    free(source);
}

static void check_refused(fe_session *session, const char *path, int error) {
    fe_error out;
    CHECK_EQUAL(FE_READ, fe_translate_file(session, path, FE_STAGE_TEXT, NULL, NULL, &out));
    CHECK_EQUAL(error, out.system);
    CHECK(out.message[0] != '\0');
}

static void test_what_cannot_be_read_is_told_in_the_systems_words(void) {
    fe_session *session = session_of(FE_SWITCHES_ALL);
    check_refused(session, path_of("missing.py"), ENOENT);
    fe_error error;
    CHECK_EQUAL(FE_READ, fe_translate_file(session, path_of("missing.py"), FE_STAGE_LEX, NULL, NULL, &error));
    CHECK(strcmp(strerror(ENOENT), error.message) == 0);
#if !defined(_WIN32)
    check_refused(session, directory, EISDIR);
#endif
    write_file("good.py", "x = 1\n", 6);
    CHECK_EQUAL(FE_OK, fe_translate_file(session, path_of("good.py"), FE_STAGE_TEXT, NULL, NULL, &error));
    CHECK_EQUAL(0, error.system);
    fe_session_free(session);
}

#if !defined(_WIN32)
/* More than a pipe holds, so that reading and writing take turns. */
static void test_a_pipe_is_read_to_the_end_of_what_is_written(void) {
    enum { LINES = 20000 };
    const char *path = path_of("fifo");
    CHECK_EQUAL(0, mkfifo(path, 0600));
    const pid_t writer = fork();
    CHECK(writer >= 0);
    if (writer == 0) {
        FILE *pipe = fopen(path, "wb");
        for (unsigned i = 0; pipe != NULL && i < LINES; i++) {
            fputs("x = 1\n", pipe);
        }
        _exit(pipe == NULL || fclose(pipe) != 0);
    }
    fe_session *session = session_of(FE_SWITCHES_ALL);
    fe_error error;
    CHECK_EQUAL(FE_OK, fe_translate_file(session, path, FE_STAGE_PARSE, NULL, NULL, &error));
    int status = 1;
    CHECK_EQUAL(writer, waitpid(writer, &status, 0));
    CHECK_EQUAL(0, status);
    fe_ledger ledger;
    fe_session_read_ledger(session, &ledger);
    CHECK_EQUAL(6u * LINES, ledger.source_bytes);
    CHECK_EQUAL(FE_OK, fe_translate_file(session, "/dev/null", FE_STAGE_TEXT, NULL, NULL, &error));
    unlink(path);
    fe_session_free(session);
}
#endif

#if defined(__linux__)
static void test_a_file_that_says_nothing_of_its_size_is_read_to_its_end(void) {
    FILE *file = fopen("/proc/self/maps", "rb"); /* its size is 0 for stat; it is no Python, and says so */
    if (file != NULL) {
        fclose(file);
        fe_session *session = session_of(FE_SWITCHES_ALL);
        fe_error error;
        CHECK_EQUAL(FE_SYNTAX, fe_translate_file(session, "/proc/self/maps", FE_STAGE_TEXT, NULL, NULL, &error));
        fe_ledger ledger;
        fe_session_read_ledger(session, &ledger);
        CHECK(ledger.source_bytes > 1000);
        fe_session_free(session);
    }
}

static void test_no_descriptor_is_left_open(void) {
    const int first = dup(0);
    CHECK(first >= 0);
    close(first);
    write_file("good.py", "x = 1\n", 6);
    for (uint64_t n = 0; n < 12; n++) {
        fe_session *session = session_of(0);
        pm_fault_after(n);
        (void)fe_translate_file(session, path_of("good.py"), FE_STAGE_TEXT, NULL, NULL, NULL);
        pm_fault_after(0);
        (void)fe_translate_file(session, directory, FE_STAGE_TEXT, NULL, NULL, NULL);
        fe_session_free(session);
    }
    const int again = dup(0);
    CHECK_EQUAL(first, again);
    close(again);
}
#endif

int main(void) {
    const char *root = getenv("TMPDIR");
#if defined(_WIN32)
    root = root ? root : ".";
    snprintf(directory, sizeof directory, "%s/fe_test_read", root);
    mkdir(directory);
#else
    snprintf(directory, sizeof directory, "%s/fe_test_read_XXXXXX", root ? root : "/tmp");
    CHECK(mkdtemp(directory) != NULL);
#endif
    RUN(test_a_file_is_translated_like_its_bytes);
    RUN(test_what_cannot_be_read_is_told_in_the_systems_words);
#if !defined(_WIN32)
    RUN(test_a_pipe_is_read_to_the_end_of_what_is_written);
#endif
#if defined(__linux__)
    RUN(test_a_file_that_says_nothing_of_its_size_is_read_to_its_end);
    RUN(test_no_descriptor_is_left_open);
#endif
    remove(path_of("source.py"));
    remove(path_of("good.py"));
    rmdir(directory);
    return 0;
}
