/* Programs for one interner, beside a list of its strings. */
#include "column.h"

enum { STRINGS = 512 };

static pm_text strings[STRINGS]; /* point into the input, which outlives the interner */
static size_t string_count, strings_max;

static size_t find(pm_text text) {
    for (size_t i = 0; i < string_count; i++) {
        if (strings[i].bytes == text.bytes && memcmp(strings[i].data, text.data, text.bytes) == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

static size_t find_or_add(pm_text text) {
    const size_t at = find(text);
    if (at == SIZE_MAX) {
        strings[string_count] = text;
        return string_count++;
    }
    return at;
}

/* What a bulk call that ended early stored are the first of the strings it would have. */
static void cut_to(const pm_interner *interner, size_t before) {
    const size_t held = pm_interner_count(interner);
    CHECK(before <= held && held <= string_count);
    string_count = held;
}

static pm_status bulk_status(size_t after) {
    return after > strings_max ? PM_FULL : PM_OK;
}

static void intern_column(fuzz_input *in, pm_interner *interner, bool armed, size_t threads) {
    static fuzz_column column;
    uint32_t ids[COLUMN_ROWS], expected[COLUMN_ROWS];
    fuzz_column_read(in, fuzz_byte(in) % (COLUMN_ROWS + 1), &column);
    const size_t rows = column.view.row_count, before = string_count;
    if (!column.valid) {
        CHECK_EQUAL(PM_INVALID, pm_interner_intern_column(interner, &column.view, threads, ids));
        CHECK_EQUAL(PM_INVALID, pm_interner_lookup_column(interner, &column.view, 9, ids));
        return;
    }
    CHECK_OK(pm_interner_lookup_column(interner, &column.view, UINT32_MAX, ids));
    for (size_t i = 0; i < rows; i++) {
        CHECK_EQUAL((uint32_t)find(fuzz_column_row(&column, i)), ids[i]);
    }
    for (size_t i = 0; i < rows; i++) {
        expected[i] = (uint32_t)find_or_add(fuzz_column_row(&column, i));
    }
    if (fuzz_done(bulk_status(string_count), pm_interner_intern_column(interner, &column.view, threads, ids), armed)) {
        CHECK(memcmp(expected, ids, rows * sizeof *ids) == 0);
    }
    cut_to(interner, before);
}

static void intern_texts(fuzz_input *in, pm_interner *interner, bool armed, size_t threads) {
    pm_text texts[COLUMN_ROWS];
    uint32_t ids[COLUMN_ROWS], expected[COLUMN_ROWS];
    const size_t count = fuzz_byte(in) % (COLUMN_ROWS + 1), before = string_count;
    for (size_t i = 0; i < count; i++) {
        texts[i] = fuzz_text(in, 40);
        expected[i] = (uint32_t)find_or_add(texts[i]);
    }
    if (fuzz_done(bulk_status(string_count), pm_interner_intern_texts(interner, texts, count, 0, threads, ids),
                  armed)) {
        CHECK(memcmp(expected, ids, count * sizeof *ids) == 0);
    }
    cut_to(interner, before);
}

static void intern_one(fuzz_input *in, pm_interner *interner, bool armed) {
    const pm_text text = fuzz_text(in, 255);
    const size_t known = find(text);
    pm_intern_ref ref = {0}, again = {.id = 77};
    CHECK_EQUAL(known == SIZE_MAX ? PM_NOT_FOUND : PM_OK, pm_interner_lookup(interner, text.data, text.bytes, &again));
    CHECK_EQUAL(known == SIZE_MAX ? 77 : known, again.id);
    const pm_status expected = known == SIZE_MAX && string_count == strings_max ? PM_FULL : PM_OK;
    if (fuzz_done(expected, pm_interner_intern(interner, text.data, text.bytes, &ref), armed)) {
        CHECK_EQUAL(find_or_add(text), ref.id);
        CHECK_EQUAL(pm_interner_generation(interner), ref.generation);
    }
}

static void read_one(fuzz_input *in, const pm_interner *interner) {
    const uint8_t back = fuzz_byte(in) % 3;
    const uint32_t generation = pm_interner_generation(interner);
    const pm_intern_ref ref = {.id = (uint32_t)fuzz_size(in), .generation = generation - back};
    pm_text text;
    const pm_status status = pm_interner_text(interner, ref, &text);
    if (back != 0) { /* of before a clear, or of no generation at all */
        CHECK(status == PM_STALE || (back >= generation && status != PM_OK));
        return;
    }
    CHECK_EQUAL(ref.id < string_count ? PM_OK : PM_INVALID, status);
    if (status == PM_OK) {
        CHECK_EQUAL(strings[ref.id].bytes, text.bytes);
        CHECK(memcmp(strings[ref.id].data, text.data, text.bytes) == 0);
    }
}

static void step(fuzz_input *in, pm_interner *interner) {
    const uint8_t action = fuzz_byte(in), fault = fuzz_byte(in);
    const bool armed = fault >= 240;
    fuzz_fault(fault);
    if (string_count > STRINGS - COLUMN_ROWS || action >= 252) {
        pm_interner_clear(interner);
        string_count = 0;
    }
    switch (action % 4) {
    case 0: intern_one(in, interner, armed); break;
    case 1: intern_column(in, interner, armed, action / 4 % 3); break;
    case 2: intern_texts(in, interner, armed, action / 4 % 3); break;
    default: read_one(in, interner);
    }
    pm_fault_after(0);
    CHECK_EQUAL(string_count, pm_interner_count(interner));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_input in = {.next = data, .left = size};
    const uint64_t live = check_live_bytes();
    const uint8_t shape = fuzz_byte(&in), mask = fuzz_byte(&in), most = fuzz_byte(&in);
    const pm_interner_options options = {.strings = most == 0 ? 1 + shape % 64 : 1,
                                         .strings_max = most == 0 ? 0 : (size_t)most * 2,
                                         .seed = mask,
                                         .hash_mask = mask < 200 ? 0 : mask - 199, /* few hashes: many collisions */
                                         .concurrent = shape >= 128};
    pm_interner *interner = NULL;
    string_count = 0;
    strings_max = most == 0 ? SIZE_MAX : options.strings_max;
    CHECK_OK(pm_interner_new(&options, &interner));
    while (in.left > 0) {
        step(&in, interner);
    }
    CHECK(pm_interner_is_valid(interner));
    for (size_t i = 0; i < string_count; i++) {
        pm_text text;
        CHECK_OK(pm_interner_text(interner, (pm_intern_ref){(uint32_t)i, pm_interner_generation(interner)}, &text));
        CHECK(strings[i].bytes == text.bytes && memcmp(strings[i].data, text.data, text.bytes) == 0);
    }
    pm_interner_free(interner);
    CHECK_EQUAL(live, check_live_bytes());
    return 0;
}
