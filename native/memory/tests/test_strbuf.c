/* The growable string: contents against a plain model, aliasing, overflow, failures. */
#include "check.h"

static void a_new_string_is_empty_and_ends_with_a_nul(void) {
    pm_strbuf *string = NULL;
    CHECK_OK(pm_strbuf_new(0, &string));
    CHECK_EQUAL(PM_STRBUF_BYTES, string->capacity);
    CHECK_EQUAL(0, string->length);
    CHECK_EQUAL('\0', string->data[0]);
    pm_strbuf_free(string);
    pm_strbuf_free(NULL);
}

static void growth_doubles(void) {
    pm_strbuf string;
    CHECK_OK(pm_strbuf_init(&string, 4));
    CHECK_OK(pm_strbuf_append(&string, "abc", 3));
    CHECK_EQUAL(4, string.capacity);
    CHECK_OK(pm_strbuf_append(&string, "d", 1));
    CHECK_EQUAL(8, string.capacity);
    CHECK(strcmp(string.data, "abcd") == 0);
    pm_strbuf_deinit(&string);
}

static void a_string_can_append_itself(void) {
    pm_strbuf string;
    CHECK_OK(pm_strbuf_init(&string, 4));
    CHECK_OK(pm_strbuf_append(&string, "xyz", 3));
    for (int i = 0; i < 10; i++) {
        CHECK_OK(pm_strbuf_append(&string, string.data, string.length));
    }
    CHECK_EQUAL(3 * 1024, string.length);
    for (size_t i = 0; i < string.length; i++) {
        CHECK_EQUAL("xyz"[i % 3], string.data[i]);
    }
    pm_strbuf_deinit(&string);
}

static void overflow_leaves_the_string_alone(void) {
    pm_strbuf string;
    CHECK_OK(pm_strbuf_init(&string, 0));
    CHECK_OK(pm_strbuf_append(&string, "kept", 4));
    CHECK_EQUAL(PM_OVERFLOW, pm_strbuf_reserve(&string, SIZE_MAX));
    CHECK_EQUAL(PM_OVERFLOW, pm_strbuf_append(&string, "", SIZE_MAX - 4));
    CHECK_EQUAL(PM_NO_MEMORY, pm_strbuf_reserve(&string, SIZE_MAX / 2));
    CHECK_EQUAL(PM_INVALID, pm_strbuf_truncate(&string, 5));
    CHECK(strcmp(string.data, "kept") == 0);
    CHECK_OK(pm_strbuf_truncate(&string, 2));
    CHECK(strcmp(string.data, "ke") == 0);
    pm_strbuf_clear(&string);
    CHECK_EQUAL(0, string.length);
    pm_strbuf_deinit(&string);
}

static void pieces_are_joined(void) {
    pm_strbuf string;
    const int64_t offsets[] = {1, 3, 3, 6}, falling[] = {0, 2, 1}, negative[] = {-1, 2};
    CHECK_OK(pm_strbuf_init(&string, 1));
    CHECK_OK(pm_strbuf_append_many(&string, "xabcde", offsets, 3, ", ", 2));
    CHECK(strcmp(string.data, "ab, , cde") == 0);
    CHECK_OK(pm_strbuf_append_many(&string, "xabcde", offsets, 3, NULL, 0));
    CHECK(strcmp(string.data, "ab, , cdeabcde") == 0);
    CHECK_EQUAL(PM_INVALID, pm_strbuf_append_many(&string, "abc", falling, 2, NULL, 0));
    CHECK_EQUAL(PM_INVALID, pm_strbuf_append_many(&string, "abc", negative, 1, NULL, 0));
    CHECK_EQUAL(PM_OVERFLOW, pm_strbuf_append_many(&string, "xabcde", offsets, 3, "", SIZE_MAX / 2 + 1));
    CHECK_OK(pm_strbuf_append_many(&string, NULL, NULL, 0, NULL, 0));
    pm_strbuf_clear(&string);
    const pm_text texts[] = {{"ab", 2}, {NULL, 0}, {"cde", 3}}, endless[] = {{"a", SIZE_MAX}, {"b", 1}};
    CHECK_OK(pm_strbuf_append_texts(&string, texts, 3, ", ", 2));
    CHECK(string.length == 9 && strcmp("ab, , cde", string.data) == 0);
    CHECK_OK(pm_strbuf_append_texts(&string, texts, 1, NULL, 0));
    CHECK(string.length == 11 && strcmp("ab, , cdeab", string.data) == 0);
    CHECK_EQUAL(PM_OVERFLOW, pm_strbuf_append_texts(&string, endless, 2, NULL, 0));
    CHECK_EQUAL(PM_OVERFLOW, pm_strbuf_append_texts(&string, texts, 3, "", SIZE_MAX / 2 + 1));
    CHECK_OK(pm_strbuf_append_texts(&string, NULL, 0, NULL, 0));
    CHECK_EQUAL(11, string.length);
    pm_strbuf_deinit(&string);
}

static void random_programs_match_a_plain_array(void) {
    static char model[200000];
    for (uint64_t seed = 1; seed <= 40; seed++) {
        uint64_t random = seed;
        size_t length = 0;
        pm_strbuf string;
        CHECK_OK(pm_strbuf_init(&string, 1 + check_below(&random, 300)));
        for (int step = 0; step < 200; step++) {
            char piece[400];
            const size_t action = check_below(&random, 20), bytes = check_below(&random, sizeof piece);
            if (action == 0) {
                pm_strbuf_clear(&string);
                length = 0;
            } else if (action == 1) {
                length = check_below(&random, length + 1);
                CHECK_OK(pm_strbuf_truncate(&string, length));
            } else if (action == 2) {
                CHECK_OK(pm_strbuf_reserve(&string, bytes));
            } else {
                for (size_t i = 0; i < bytes; i++) {
                    piece[i] = (char)check_random(&random);
                }
                CHECK_OK(pm_strbuf_append(&string, piece, bytes));
                memcpy(model + length, piece, bytes);
                length += bytes;
            }
            CHECK_EQUAL(length, string.length);
            CHECK(string.length < string.capacity && string.data[length] == '\0');
            CHECK(memcmp(model, string.data, length) == 0);
        }
        pm_strbuf_deinit(&string);
    }
}

static pm_status grow(void) {
    pm_strbuf *string = NULL;
    pm_status status = pm_strbuf_new(8, &string);
    if (status != PM_OK) {
        return status;
    }
    for (int i = 0; i < 100; i++) {
        const size_t length = string->length;
        if (pm_strbuf_append(string, "0123456789", 10) != PM_OK) {
            status = PM_NO_MEMORY;
            CHECK_EQUAL(length, string->length);
            CHECK_OK(pm_strbuf_append(string, "0123456789", 10));
        }
    }
    CHECK_EQUAL(1000, strlen(string->data));
    pm_strbuf_free(string);
    return status;
}

static void every_refused_allocation_leaves_the_string_working(void) {
    check_every_failure(grow);
}

int main(void) {
    RUN(a_new_string_is_empty_and_ends_with_a_nul);
    RUN(growth_doubles);
    RUN(a_string_can_append_itself);
    RUN(overflow_leaves_the_string_alone);
    RUN(pieces_are_joined);
    RUN(random_programs_match_a_plain_array);
    RUN(every_refused_allocation_leaves_the_string_working);
    return 0;
}
