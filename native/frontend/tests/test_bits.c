/* The bitmaps of the source: on every path what one byte after the other says. */
#include "check.h"

#include "bits.h"

enum { BLOCKS = FE_BITS_BLOCKS, LEAD = 64, BYTES = (BLOCKS + 2) * 64 };

static bool is_word(uint8_t c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

static bool is_blank(uint8_t c) {
    return c == ' ' || c == '\t' || c == '\f';
}

static bool is_quote(uint8_t c) {
    return c == '"' || c == '\'' || c == '\\';
}

/* Whether b belongs to the token that a is part of. */
static bool joins(uint8_t a, uint8_t b) {
    if (b == '=') {
        return a > ' ' && a < 0x7f && !is_word(a) && a != ']';
    }
    return (is_word(a) && is_word(b)) || (a == b && strchr("*/<>.", a) != NULL && a != 0) || (a == '-' && b == '>') ||
           (a == '.' && b >= '0' && b <= '9');
}

static bool bit(const uint64_t *words, size_t i) {
    return words[i / 64] >> (i % 64) & 1;
}

static void check_bitmaps(const uint8_t *source, size_t at, size_t blocks, size_t ahead) {
    static fe_bits bits;
    static uint32_t lines[BYTES + 4];
    const size_t count = fe_bits_fill(source, at, blocks, ahead, &bits, lines);
    size_t line = 0;
    unsigned begins = 0;
    for (size_t i = 0; i < (blocks + ahead) * 64; i++) {
        const uint8_t before = at + i == 0 ? 0 : source[at + i - 1], c = source[at + i];
        CHECK_EQUAL(joins(before, c), bit(bits.more, i));
        if (i >= blocks * 64) {
            continue;
        }
        begins += bit(bits.begin, i);
        CHECK_EQUAL(!is_blank(c) && !joins(before, c), bit(bits.begin, i));
        CHECK_EQUAL(is_quote(c), bit(bits.quote, i));
        CHECK_EQUAL(is_quote(c) || c < ' ' || c >= 0x7f, bit(bits.odd, i));
        if (c == '\n') {
            CHECK_EQUAL(at + i + 1, lines[line]);
            line++;
        }
        if (i % 64 == 63) {
            CHECK_EQUAL(begins, bits.begin_count[i / 64]);
            begins = 0;
        }
    }
    CHECK_EQUAL(line, count);
    for (size_t i = blocks + ahead; i < blocks + 2; i++) {
        CHECK_EQUAL(0, bits.more[i]);
    }
}

static void check_survey(const uint8_t *source, size_t bytes) {
    fe_survey expected = {0};
    for (size_t i = 0; i < bytes; i++) {
        expected.newline_count += source[i] == '\n';
        expected.high |= source[i] >= 0x80;
        expected.nul |= source[i] == 0;
        expected.cr |= source[i] == '\r';
        expected.tab |= source[i] == '\t' || source[i] == '\f';
    }
    const fe_survey actual = fe_bits_survey(source, bytes);
    CHECK_EQUAL(expected.newline_count, actual.newline_count);
    CHECK_EQUAL(expected.high, actual.high);
    CHECK_EQUAL(expected.nul, actual.nul);
    CHECK_EQUAL(expected.cr, actual.cr);
    CHECK_EQUAL(expected.tab, actual.tab);
}

static void on_every_path(void (*check)(void)) {
    const pm_cpu_path before = pm_cpu_selected();
    for (int path = 0; path < PM_CPU_PATHS; path++) {
        if (pm_cpu_select((pm_cpu_path)path) == PM_OK) {
            check();
        }
    }
    CHECK_OK(pm_cpu_select(before));
}

/* Bytes of Python, or any. */
static void fill(uint8_t *out, uint64_t *state, bool any) {
    static const char text[] = " \t\n\f\r==**//<<>>..--->!:()[]{},\"'\\#_azAZ09ifx 12";
    for (size_t i = 0; i < BYTES; i++) {
        out[i] = (uint8_t)(any ? check_below(state, 256) : (uint8_t)text[check_below(state, sizeof text - 1)]);
    }
}

static void check_random_bitmaps(void) {
    static uint8_t memory[LEAD + BYTES];
    uint64_t state = 4;
    for (unsigned round = 0; round < 40; round++) {
        fill(memory + LEAD, &state, round % 4 == 0);
        const size_t blocks = 1 + check_below(&state, BLOCKS), at = round % 3 == 0 ? 0 : 64 * check_below(&state, 2);
        check_bitmaps(memory + LEAD, at, round % 2 ? blocks : 1, round % 2 && blocks + 3 < BLOCKS ? 2 : 0);
    }
}

/* Every pair of bytes, also over the border of two blocks. */
static void check_every_pair(void) {
    static uint8_t memory[LEAD + BYTES];
    for (unsigned a = 0; a < 256; a++) {
        for (unsigned b = 0; b < 256; b += 32) {
            memset(memory, ' ', sizeof memory);
            for (unsigned k = 0; k < 32; k++) {
                memory[LEAD + 63 + k * 67] = (uint8_t)a;
                memory[LEAD + 64 + k * 67] = (uint8_t)(b + k);
            }
            check_bitmaps(memory + LEAD, 0, 35, 1);
        }
    }
}

static void check_surveys(void) {
    static uint8_t memory[BYTES];
    uint64_t state = 5;
    for (size_t bytes = 0; bytes < 260; bytes++) {
        memset(memory, 'a', sizeof memory);
        check_survey(memory + 3, bytes);
        static const uint8_t special[] = {'\n', '\t', '\f', '\r', 0, 0x80, 0xff, 0x7f, 1};
        for (size_t k = 0; k < sizeof special; k++) {
            const size_t at = check_below(&state, 260);
            memory[3 + at] = special[k];
            check_survey(memory + 3, bytes);
            memory[3 + at] = 'a';
        }
    }
}

static void test_bitmaps_of_random_bytes_are_those_of_a_look_at_each(void) {
    on_every_path(check_random_bitmaps);
}

static void test_every_pair_of_bytes_is_joined_or_not_as_the_rules_say(void) {
    on_every_path(check_every_pair);
}

static void test_a_survey_tells_what_is_there_and_nothing_beyond(void) {
    on_every_path(check_surveys);
}

int main(void) {
    RUN(test_bitmaps_of_random_bytes_are_those_of_a_look_at_each);
    RUN(test_every_pair_of_bytes_is_joined_or_not_as_the_rules_say);
    RUN(test_a_survey_tells_what_is_there_and_nothing_beyond);
    return 0;
}
