/* Searches and counts on every vector path, beside a search byte by byte. */
#include "column.h"

static size_t plain_find(pm_text text, pm_text needle) {
    const unsigned char *data = text.data;
    for (size_t at = 0; at + needle.bytes <= text.bytes; at++) {
        if (memcmp(data + at, needle.data, needle.bytes) == 0) {
            return at;
        }
    }
    return SIZE_MAX;
}

static bool plain_test(pm_text text, pm_text needle, pm_scan_test test) {
    const size_t at = plain_find(text, needle);
    return test == PM_SCAN_CONTAINS ? at != SIZE_MAX
                                    : at == 0 && (test == PM_SCAN_STARTS_WITH || text.bytes == needle.bytes);
}

static size_t plain_count(pm_text text, unsigned char byte) {
    size_t count = 0;
    for (size_t i = 0; i < text.bytes; i++) {
        count += ((const unsigned char *)text.data)[i] == byte;
    }
    return count;
}

static void check_range(pm_text text, pm_text needle, unsigned char byte) {
    uint64_t positions[64];
    uint32_t narrow[64];
    size_t narrow_count = 0, at = 0;
    CHECK_EQUAL(plain_find(text, needle), pm_scan_find(text.data, text.bytes, needle.data, needle.bytes));
    CHECK_EQUAL(plain_test(text, needle, PM_SCAN_CONTAINS),
                pm_scan_contains(text.data, text.bytes, needle.data, needle.bytes));
    CHECK_EQUAL(plain_test(text, needle, PM_SCAN_EQUALS),
                pm_scan_equals(text.data, text.bytes, needle.data, needle.bytes));
    CHECK_EQUAL(plain_test(text, needle, PM_SCAN_STARTS_WITH),
                pm_scan_starts_with(text.data, text.bytes, needle.data, needle.bytes));
    const size_t count = plain_count(text, byte);
    CHECK_EQUAL(count, pm_scan_count_byte(text.data, text.bytes, byte));
    CHECK_EQUAL(count, pm_scan_index_u64(text.data, text.bytes, byte, positions, 64));
    CHECK_OK(pm_scan_index_u32(text.data, text.bytes, byte, narrow, 64, &narrow_count));
    CHECK_EQUAL(count, narrow_count);
    for (size_t i = 0; i < text.bytes && at < 64; i++) {
        if (((const unsigned char *)text.data)[i] == byte) {
            CHECK_EQUAL(i, positions[at]);
            CHECK_EQUAL(i, narrow[at]);
            at++;
        }
    }
}

static void check_column(const fuzz_column *column, pm_text needle, pm_scan_test test, unsigned char byte) {
    const size_t rows = column->view.row_count;
    unsigned char bits[COLUMN_ROWS / 8 + 1], bytes[COLUMN_ROWS];
    uint64_t counts[COLUMN_ROWS];
    const pm_scan_mask mask = {.bits = bits, .bytes = bytes};
    const bool known = (unsigned)test <= PM_SCAN_STARTS_WITH;
    size_t hits = 0, expected = 0;
    CHECK_EQUAL(known && column->valid ? PM_OK : PM_INVALID,
                pm_scan_rows(&column->view, test, needle.data, needle.bytes, &mask, &hits));
    for (size_t i = 0; known && column->valid && i < rows; i++) {
        const bool hit = plain_test(fuzz_column_row(column, i), needle, test);
        CHECK_EQUAL(hit, bytes[i]);
        CHECK_EQUAL(hit, bits[i / 8] >> i % 8 & 1);
        expected += hit;
    }
    CHECK(!known || !column->valid || hits == expected);
    if (column->valid) {
        pm_text texts[COLUMN_ROWS];
        for (size_t i = 0; i < rows; i++) {
            texts[i] = fuzz_column_row(column, i);
        }
        memset(bytes, 2, sizeof bytes);
        CHECK_EQUAL(known ? PM_OK : PM_INVALID,
                    pm_scan_texts(texts, rows, test, needle.data, needle.bytes, &mask, &hits));
        CHECK(!known || hits == expected);
        for (size_t i = 0; known && i < rows; i++) {
            CHECK_EQUAL(plain_test(texts[i], needle, test), bytes[i]);
        }
    }
    CHECK_EQUAL(column->valid ? PM_OK : PM_INVALID, pm_scan_rows_count_byte(&column->view, byte, counts));
    for (size_t i = 0; column->valid && i < rows; i++) {
        CHECK_EQUAL(plain_count(fuzz_column_row(column, i), byte), counts[i]);
    }
    CHECK_EQUAL(column->valid ? PM_OK : PM_INVALID, pm_scan_rows_count_chars(&column->view, counts));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_input in = {.next = data, .left = size};
    static fuzz_column column;
    const pm_text needle = fuzz_text(&in, 32);
    const uint8_t byte = fuzz_byte(&in), test = fuzz_byte(&in);
    fuzz_column_read(&in, fuzz_byte(&in) % (COLUMN_ROWS + 1), &column);
    const pm_text rest = {.data = in.next, .bytes = in.left};
    for (pm_cpu_path path = PM_CPU_SCALAR; path < PM_CPU_PATHS; path++) {
        if (pm_cpu_has(path)) {
            CHECK_OK(pm_cpu_select(path));
            check_range(rest, needle, byte);
            check_column(&column, needle, (pm_scan_test)(test % 4), byte);
        }
    }
    CHECK_OK(pm_cpu_select(pm_cpu_best()));
    return 0;
}
