/* Scans: every path against plain loops, for every length and offset, between pages that may not be touched; rows of
 * every kind; what is refused. `--complete` tries every length up to 4096 at every offset, plainly a part of them. */
#include "fence.h"
#include "platform/threads.h"
#include <stdatomic.h>

enum { LENGTH_MAX = 4096, OFFSETS = 64 };
static bool complete;

/* Plain loops under ThreadSanitizer are slow, and have no threads to be watched. */
#if defined(__SANITIZE_THREAD__)
enum { DENSE_LENGTHS = 70, LENGTH_STEP = 19, ROUNDS = 10 };
#else
enum { DENSE_LENGTHS = 400, LENGTH_STEP = 1, ROUNDS = 100 };
#endif

/* Plain loops: what is right. */

static size_t plain_find(const unsigned char *data, size_t bytes, const unsigned char *needle, size_t needle_bytes) {
    for (size_t at = 0; at + needle_bytes <= bytes; at++) {
        size_t same = 0;
        while (same < needle_bytes && data[at + same] == needle[same]) {
            same++;
        }
        if (same == needle_bytes) {
            return at;
        }
    }
    return SIZE_MAX;
}

static size_t plain_count(const unsigned char *data, size_t bytes, unsigned char byte) {
    size_t count = 0;
    for (size_t i = 0; i < bytes; i++) {
        count += data[i] == byte;
    }
    return count;
}

static size_t plain_chars(const unsigned char *data, size_t bytes) {
    size_t count = 0;
    for (size_t i = 0; i < bytes; i++) {
        count += data[i] < 0x80 || data[i] >= 0xC0;
    }
    return count;
}

/* Few values, so that needles are found and nearly found; zero bytes, newlines and bytes of UTF-8 among them. */
static void fill(unsigned char *to, size_t bytes, uint64_t *random) {
    static const unsigned char values[16] = "ab\0\nabab e\x80\xBF\xC3\xFF\x7F";
    for (size_t i = 0; i < bytes; i++) {
        to[i] = values[check_random(random) % sizeof values];
    }
}

/* Runs `check` on every path that this machine has, and comes back to the best one. */
#define EACH_PATH(path)                                                                                                \
    for (pm_cpu_path path = PM_CPU_SCALAR; path < PM_CPU_PATHS; path++)                                                \
        if (pm_cpu_has(path) && pm_cpu_select(path) == PM_OK)

static void positions_are_the_plain_ones(const unsigned char *data, size_t bytes, size_t count, uint64_t *random) {
    static uint64_t wide[LENGTH_MAX + 1];
    static uint32_t narrow[LENGTH_MAX + 1];
    const size_t room = check_below(random, 2) ? count : check_below(random, count + 1);
    size_t found = 0, place = 0;
    wide[room] = 77;
    narrow[room] = 77;
    CHECK_EQUAL(count, pm_scan_index_u64(data, bytes, '\n', wide, room));
    CHECK_OK(pm_scan_index_u32(data, bytes, '\n', narrow, room, &found));
    CHECK_EQUAL(count, found);
    CHECK(wide[room] == 77 && narrow[room] == 77);
    for (size_t i = 0; i < room; i++, place++) {
        while (data[place] != '\n') {
            place++;
        }
        CHECK_EQUAL(place, wide[i]);
        CHECK_EQUAL(place, narrow[i]);
    }
}

static void range_is_scanned_as_plainly(unsigned char *data, size_t bytes, fence *other, uint64_t *random) {
    const size_t newlines = plain_count(data, bytes, '\n'), chars = plain_chars(data, bytes);
    const size_t longest = bytes < 100 ? bytes : 100,
                 needle_bytes = longest == 0 ? 0 : 1 + check_below(random, longest);
    unsigned char *needle = other->end - needle_bytes;
    memcpy(needle, data + check_below(random, bytes - needle_bytes + 1), needle_bytes);
    if (needle_bytes != 0 && check_below(random, 3) == 0) {
        needle[check_below(random, needle_bytes)] ^= 1;
    }
    const size_t place = plain_find(data, bytes, needle, needle_bytes);
    const size_t differs = bytes == 0 ? 0 : check_below(random, bytes);
    const uint64_t seed = check_random(random);
    EACH_PATH(path) {
        uint64_t same_random = seed;
        CHECK_EQUAL(newlines, pm_scan_count_byte(data, bytes, '\n'));
        CHECK_EQUAL(chars, pm_scan_count_chars(data, bytes));
        CHECK_EQUAL(place, pm_scan_find(data, bytes, needle, needle_bytes));
        positions_are_the_plain_ones(data, bytes, newlines, &same_random);
    }
    unsigned char *copy = other->end - bytes;
    memcpy(copy, data, bytes);
    EACH_PATH(path) {
        CHECK(pm_scan_equals(data, bytes, copy, bytes));
        CHECK(pm_scan_starts_with(data, bytes, copy + bytes - bytes / 2, 0));
        CHECK(bytes == 0 || !pm_scan_equals(data, bytes, copy, bytes - 1));
        CHECK(bytes == 0 || pm_scan_starts_with(data, bytes, copy, differs));
    }
    if (bytes != 0) {
        copy[differs] ^= 0x20;
        EACH_PATH(path) {
            CHECK(!pm_scan_equals(data, bytes, copy, bytes));
            CHECK(pm_scan_starts_with(data, bytes, copy, differs));
            CHECK(!pm_scan_starts_with(data, bytes, copy, differs + 1));
        }
    }
}

static void every_length_and_offset_gives_the_plain_answer(void) {
    uint64_t random = 1;
    fence text = fence_new(LENGTH_MAX + OFFSETS), other = fence_new(LENGTH_MAX);
    for (size_t bytes = 0; bytes <= LENGTH_MAX; bytes += complete || bytes <= DENSE_LENGTHS ? 1 : LENGTH_STEP) {
        const bool all = complete || bytes <= DENSE_LENGTHS || bytes % 512 <= 1;
        for (size_t offset = all ? 0 : bytes % OFFSETS; offset < OFFSETS; offset += all ? 1 : OFFSETS) {
            fill(text.begin + offset, bytes, &random);
            range_is_scanned_as_plainly(text.begin + offset, bytes, &other, &random);
            fill(text.end - offset - bytes, bytes, &random);
            range_is_scanned_as_plainly(text.end - offset - bytes, bytes, &other, &random);
        }
        fill(text.end - bytes, bytes, &random);
        range_is_scanned_as_plainly(text.end - bytes, bytes, &other, &random);
    }
    fence_free(&text);
    fence_free(&other);
}

/* Every place is a hit, so that nothing but the room ends the writing. */
static void positions_stop_where_the_room_ends(void) {
    fence wide = fence_new(200 * sizeof(uint64_t)), narrow = fence_new(200 * sizeof(uint32_t));
    unsigned char data[200];
    memset(data, '\n', sizeof data);
    EACH_PATH(path) {
        for (size_t room = 0; room <= sizeof data; room++) {
            uint64_t *places = (uint64_t *)(void *)(wide.end - room * sizeof *places);
            uint32_t *narrow_places = (uint32_t *)(void *)(narrow.end - room * sizeof *narrow_places);
            size_t count = 0;
            CHECK_EQUAL(sizeof data, pm_scan_index_u64(data, sizeof data, '\n', places, room));
            CHECK_OK(pm_scan_index_u32(data, sizeof data, '\n', narrow_places, room, &count));
            CHECK_EQUAL(sizeof data, count);
            for (size_t i = 0; i < room; i++) {
                CHECK(places[i] == i && narrow_places[i] == i);
            }
        }
    }
    fence_free(&wide);
    fence_free(&narrow);
}

/* Rows. */

enum { ROWS_MAX = 5000 };

static bool plain_test(pm_scan_test test, const unsigned char *row, size_t bytes, const unsigned char *needle,
                       size_t needle_bytes) {
    switch (test) {
    case PM_SCAN_CONTAINS: return plain_find(row, bytes, needle, needle_bytes) != SIZE_MAX;
    case PM_SCAN_EQUALS: return bytes == needle_bytes && plain_find(row, bytes, needle, bytes) == 0;
    default: return bytes >= needle_bytes && plain_find(row, needle_bytes, needle, needle_bytes) == 0;
    }
}

/* All tests of one column with one needle, in both widths, on every path. */
static void column_is_scanned_as_plainly(const int64_t *offsets, size_t rows, const unsigned char *data, size_t bytes,
                                         const unsigned char *needle, size_t needle_bytes) {
    static int32_t narrow[ROWS_MAX + 1];
    static uint64_t counts[ROWS_MAX], chars[ROWS_MAX];
    static pm_text texts[ROWS_MAX];
    static unsigned char expected[ROWS_MAX];
    for (size_t row = 0; row <= rows; row++) {
        narrow[row] = (int32_t)offsets[row];
        if (row < rows) {
            const size_t length = (size_t)(offsets[row + 1] - offsets[row]);
            texts[row] = (pm_text){.data = length == 0 ? NULL : data + offsets[row], .bytes = length};
        }
    }
    fence flags = fence_new(ROWS_MAX), bits = fence_new(ROWS_MAX / 8 + 1);
    const pm_scan_mask mask = {.bits = bits.end - (rows + 7) / 8, .bytes = flags.end - rows}, none = {0};
    for (pm_scan_test test = PM_SCAN_CONTAINS; test <= PM_SCAN_STARTS_WITH; test++) {
        size_t plain_hits = 0;
        for (size_t row = 0; row < rows; row++) {
            const unsigned char *text = data + offsets[row];
            expected[row] = plain_test(test, text, (size_t)(offsets[row + 1] - offsets[row]), needle, needle_bytes);
            plain_hits += expected[row];
        }
        EACH_PATH(path) {
            for (int wide = 0; wide < 2; wide++) {
                const pm_column_view column = {.offsets = wide ? (const void *)offsets : narrow,
                                               .data = data,
                                               .row_count = rows,
                                               .data_bytes = bytes,
                                               .offset_bytes = wide ? 8 : 4};
                size_t hits = SIZE_MAX;
                memset(mask.bits, 0xAA, (rows + 7) / 8);
                memset(mask.bytes, 0xAA, rows);
                CHECK_OK(pm_scan_rows(&column, test, needle, needle_bytes, &mask, &hits));
                CHECK_EQUAL(plain_hits, hits);
                CHECK(memcmp(expected, mask.bytes, rows) == 0);
                for (size_t row = 0; row < (rows + 7) / 8 * 8; row++) {
                    CHECK_EQUAL(row < rows ? expected[row] : 0, mask.bits[row / 8] >> row % 8 & 1);
                }
                CHECK_OK(pm_scan_rows(&column, test, needle, needle_bytes, &none, &hits));
                CHECK_EQUAL(plain_hits, hits);
                memset(mask.bits, 0xAA, (rows + 7) / 8);
                memset(mask.bytes, 0xAA, rows);
                CHECK_OK(pm_scan_texts(texts, rows, test, needle, needle_bytes, wide ? &mask : &none, &hits));
                CHECK_EQUAL(plain_hits, hits);
                CHECK(!wide || memcmp(expected, mask.bytes, rows) == 0);
                for (size_t row = 0; wide && row < (rows + 7) / 8 * 8; row++) {
                    CHECK_EQUAL(row < rows ? expected[row] : 0, mask.bits[row / 8] >> row % 8 & 1);
                }
                CHECK_OK(pm_scan_rows_count_byte(&column, '\n', counts));
                CHECK_OK(pm_scan_rows_count_chars(&column, chars));
                for (size_t row = 0; row < rows && test == PM_SCAN_CONTAINS; row++) {
                    const size_t length = (size_t)(offsets[row + 1] - offsets[row]);
                    CHECK_EQUAL(plain_count(data + offsets[row], length, '\n'), counts[row]);
                    CHECK_EQUAL(plain_chars(data + offsets[row], length), chars[row]);
                }
            }
        }
    }
    fence_free(&flags);
    fence_free(&bits);
}

static void random_columns_are_scanned_as_plainly(void) {
    static int64_t offsets[ROWS_MAX + 1];
    const size_t most_bytes = (size_t)1 << 18;
    fence text = fence_new(most_bytes), needles = fence_new(512);
    uint64_t random = 2;
    for (int round = 0; round < (complete ? 600 : ROUNDS); round++) {
        const size_t rows = round % 10 == 0 ? 2000 + check_below(&random, 3000) : check_below(&random, 300);
        const size_t longest = 1 + check_below(&random, round % 3 == 0 ? 12 : most_bytes / ROWS_MAX);
        offsets[0] = (int64_t)check_below(&random, 70);
        for (size_t row = 0; row < rows; row++) {
            offsets[row + 1] = offsets[row] + (int64_t)check_below(&random, longest);
        }
        const size_t used = (size_t)offsets[rows], spare = check_below(&random, 2) * check_below(&random, 100);
        unsigned char *data = text.end - used - spare;
        fill(data, used + spare, &random);
        size_t needle_bytes = check_below(&random, round % 5 == 0 ? 130 : 7);
        needle_bytes = needle_bytes > used ? used : needle_bytes;
        unsigned char *needle = needles.end - needle_bytes;
        if (rows != 0 && check_below(&random, 2)) { /* the beginning of a row, and what follows it */
            const size_t from = (size_t)offsets[check_below(&random, rows)];
            memcpy(needle, data + (from + needle_bytes > used ? used - needle_bytes : from), needle_bytes);
        } else {
            fill(needle, needle_bytes, &random);
        }
        column_is_scanned_as_plainly(offsets, rows, data, used + spare, needle, needle_bytes);
    }
    fence_free(&text);
    fence_free(&needles);
}

/* Hits everywhere, then nowhere, then everywhere: both ways to search, and the changes between them. */
static void dense_and_sparse_stretches_alternate(void) {
    static int64_t offsets[ROWS_MAX + 1];
    const size_t row_bytes = 70;
    fence text = fence_new(ROWS_MAX * row_bytes);
    unsigned char *data = text.end - ROWS_MAX * row_bytes;
    for (size_t row = 0; row < ROWS_MAX; row++) {
        offsets[row + 1] = (int64_t)((row + 1) * row_bytes);
        for (size_t i = 0; i < row_bytes; i++) {
            data[row * row_bytes + i] = (unsigned char)(row / 1500 % 2 == 1 ? 'x' : i % 9 == row % 9 ? 'q' : 'r');
        }
    }
    column_is_scanned_as_plainly(offsets, ROWS_MAX, data, ROWS_MAX * row_bytes, (const unsigned char *)"q", 1);
    column_is_scanned_as_plainly(offsets, ROWS_MAX, data, ROWS_MAX * row_bytes, (const unsigned char *)"rqr", 3);
    column_is_scanned_as_plainly(offsets, ROWS_MAX, data, ROWS_MAX * row_bytes, data, row_bytes);
    fence_free(&text);
}

/* Texts too long to be laid end to end, among short ones. */
static void long_texts_are_scanned_as_plainly(void) {
    static int64_t offsets[301];
    fence text = fence_new((size_t)300 * 2000);
    uint64_t random = 4;
    for (size_t row = 0; row < 300; row++) {
        offsets[row + 1] = offsets[row] + (int64_t)check_below(&random, row < 150 ? 2000 : 60);
    }
    const size_t bytes = (size_t)offsets[300];
    fill(text.end - bytes, bytes, &random);
    column_is_scanned_as_plainly(offsets, 300, text.end - bytes, bytes, (const unsigned char *)"abab\n", 5);
    fence_free(&text);
}

/* Text is searched 16384 bytes at a time: rows that fill one, nearly, and more than one, among short ones. */
static void rows_around_a_window_are_scanned_as_plainly(void) {
    static const int64_t lengths[] = {16383, 1, 16384, 0, 16385, 3, 16320, 64, 40000, 2, 5, 0, 0, 16448, 7, 7};
    enum { ROWS = 400 };
    static int64_t offsets[ROWS + 1];
    const size_t most_bytes = (size_t)1 << 18;
    fence text = fence_new(most_bytes);
    uint64_t random = 5;
    for (size_t part = 0; part < 2; part++) { /* hits in nearly every row, then in few */
        for (size_t row = 0; row < ROWS; row++) {
            offsets[row + 1] = offsets[row] + (row % 25 == 0 ? lengths[row / 25] : (int64_t)check_below(&random, 200));
        }
        const size_t bytes = (size_t)offsets[ROWS];
        unsigned char *data = text.end - bytes;
        CHECK(bytes <= most_bytes);
        for (size_t i = 0; i < bytes; i++) {
            data[i] = check_below(&random, part == 0 ? 12 : 900) == 0 ? 'b' : 'a';
        }
        const size_t needle_bytes[] = {1, 2, 3, 4, 17, 63, 64, 65, 130};
        for (size_t i = 0; i < sizeof needle_bytes / sizeof *needle_bytes; i++) {
            const unsigned char *of_text = data + bytes - 150 - check_below(&random, 1000);
            column_is_scanned_as_plainly(offsets, ROWS, data, bytes, of_text, needle_bytes[i]);
        }
    }
    fence_free(&text);
}

static void a_needle_never_stands_across_rows(void) {
    const unsigned char data[] = "abcab\0cabc";
    const int64_t offsets[] = {0, 2, 2, 5, 6, 10};
    column_is_scanned_as_plainly(offsets, 5, data, 10, (const unsigned char *)"abc", 3);
    column_is_scanned_as_plainly(offsets, 5, data, 10, (const unsigned char *)"\0", 1);
    column_is_scanned_as_plainly(offsets, 5, data, 10, (const unsigned char *)"b\0c", 3);
    column_is_scanned_as_plainly(offsets, 5, data, 10, (const unsigned char *)"abcab\0cabcX", 11);
    column_is_scanned_as_plainly(offsets, 5, data, 10, NULL, 0);
}

static void ranges_without_bytes_need_no_address(void) {
    EACH_PATH(path) {
        CHECK_EQUAL(0, pm_scan_find(NULL, 0, NULL, 0));
        CHECK_EQUAL(SIZE_MAX, pm_scan_find(NULL, 0, "a", 1));
        CHECK(pm_scan_contains("a", 1, NULL, 0) && !pm_scan_contains(NULL, 0, "a", 1));
        CHECK(pm_scan_equals(NULL, 0, NULL, 0) && !pm_scan_equals(NULL, 0, "a", 1));
        CHECK(pm_scan_starts_with(NULL, 0, NULL, 0) && !pm_scan_starts_with(NULL, 0, "a", 1));
        CHECK_EQUAL(0, pm_scan_count_byte(NULL, 0, 0));
        CHECK_EQUAL(0, pm_scan_count_chars(NULL, 0));
        CHECK_EQUAL(0, pm_scan_index_u64(NULL, 0, 0, NULL, 0));
        CHECK_EQUAL(3, pm_scan_index_u64("a\na\n\n", 5, '\n', NULL, 0));
    }
    const int64_t zero = 0;
    column_is_scanned_as_plainly(&zero, 0, NULL, 0, (const unsigned char *)"a", 1);
}

static void unsound_columns_are_refused(void) {
    const int64_t falling[] = {0, 3, 2, 4}, negative[] = {-1, 1, 2, 3}, beyond[] = {0, 1, 2, 5};
    const int32_t narrow_falling[] = {0, 3, 2, 4}, narrow_negative[] = {-1, 1, 2, 3}, narrow_beyond[] = {0, 1, 2, 5};
    const void *const all[2][3] = {{narrow_falling, narrow_negative, narrow_beyond}, {falling, negative, beyond}};
    const pm_scan_mask none = {0};
    uint64_t counts[3];
    size_t hits = 9;
    EACH_PATH(path) {
        for (size_t i = 0; i < 6; i++) {
            const pm_column_view column = {.offsets = all[i / 3][i % 3],
                                           .data = (const unsigned char *)"abcd",
                                           .row_count = 3,
                                           .data_bytes = 4,
                                           .offset_bytes = i < 3 ? 4 : 8};
            CHECK_EQUAL(PM_INVALID, pm_scan_rows(&column, PM_SCAN_CONTAINS, "a", 1, &none, &hits));
            CHECK_EQUAL(PM_INVALID, pm_scan_rows(&column, PM_SCAN_EQUALS, "", 0, &none, &hits));
            CHECK_EQUAL(PM_INVALID, pm_scan_rows_count_byte(&column, 'a', counts));
            CHECK_EQUAL(PM_INVALID, pm_scan_rows_count_chars(&column, counts));
        }
    }
    const pm_column_view odd = {.offsets = falling, .offset_bytes = 3}, missing = {.offset_bytes = 8};
    const int64_t zero = 0;
    const pm_column_view empty = {.offsets = &zero, .offset_bytes = 8};
    CHECK_EQUAL(PM_INVALID, pm_scan_rows(&odd, PM_SCAN_CONTAINS, "a", 1, &none, &hits));
    CHECK_EQUAL(PM_INVALID, pm_scan_rows(&missing, PM_SCAN_CONTAINS, "a", 1, &none, &hits));
    CHECK_EQUAL(PM_INVALID, pm_scan_rows_count_byte(&missing, 'a', counts));
    CHECK_EQUAL(PM_INVALID, pm_scan_rows_count_chars(&odd, counts));
    CHECK_EQUAL(PM_INVALID, pm_scan_rows(&empty, (pm_scan_test)3, "a", 1, &none, &hits));
    CHECK_EQUAL(PM_INVALID, pm_scan_texts(NULL, 0, (pm_scan_test)3, "a", 1, &none, &hits));
    CHECK_EQUAL(9, hits);
    uint32_t narrow[1];
    if (sizeof(size_t) > 4) {
        CHECK_EQUAL(PM_OVERFLOW, pm_scan_index_u32("", SIZE_MAX, 0, narrow, 1, &hits));
    }
}

static void a_histogram_counts_every_byte(void) {
    unsigned char data[1027];
    uint64_t random = 3, counts[256], sum = 0;
    fill(data, sizeof data, &random);
    for (size_t bytes = 0; bytes <= sizeof data; bytes += bytes < 10 ? 1 : 113) {
        pm_scan_histogram(data, bytes, counts);
        for (unsigned byte = 0; byte < 256; byte++) {
            CHECK_EQUAL(plain_count(data, bytes, (unsigned char)byte), counts[byte]);
        }
    }
    pm_scan_histogram(NULL, 0, counts);
    for (unsigned byte = 0; byte < 256; byte++) {
        sum += counts[byte];
    }
    CHECK_EQUAL(0, sum);
}

static atomic_bool stopped;

static void *scan_until_stopped(void *argument) {
    const unsigned char *data = argument;
    do {
        CHECK_EQUAL(4000, pm_scan_find(data, LENGTH_MAX, "needle", 6));
        CHECK_EQUAL(LENGTH_MAX - 6, pm_scan_count_byte(data, LENGTH_MAX, '.'));
    } while (!atomic_load(&stopped));
    return NULL;
}

static void the_path_may_change_while_others_scan(void) {
    static unsigned char data[LENGTH_MAX];
    pm_thread threads[2];
    memset(data, '.', sizeof data);
    memcpy(data + 4000, "needle", 6);
    atomic_store(&stopped, false);
    for (size_t i = 0; i < 2; i++) {
        CHECK(pm_platform_thread_start(&threads[i], scan_until_stopped, data));
    }
    for (int round = 0; round < 200; round++) {
        EACH_PATH(path) {
            CHECK_EQUAL(4000, pm_scan_find(data, LENGTH_MAX, "needle", 6));
        }
    }
    atomic_store(&stopped, true);
    for (size_t i = 0; i < 2; i++) {
        pm_platform_thread_join(threads[i]);
    }
}

int main(int count, char **arguments) {
    complete = count > 1 && strcmp(arguments[1], "--complete") == 0;
    const pm_cpu_path path = pm_cpu_selected();
    CHECK_EQUAL(pm_cpu_best(), path);
    RUN(every_length_and_offset_gives_the_plain_answer);
    RUN(positions_stop_where_the_room_ends);
    RUN(random_columns_are_scanned_as_plainly);
    RUN(dense_and_sparse_stretches_alternate);
    RUN(long_texts_are_scanned_as_plainly);
    RUN(rows_around_a_window_are_scanned_as_plainly);
    RUN(a_needle_never_stands_across_rows);
    RUN(ranges_without_bytes_need_no_address);
    RUN(unsound_columns_are_refused);
    RUN(the_path_may_change_while_others_scan);
    RUN(a_histogram_counts_every_byte);
    CHECK_OK(pm_cpu_select(path));
    check_print_paths();
    return 0;
}
