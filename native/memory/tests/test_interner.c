/* The interner, on one thread: against a plain list under hashes good and bad, ids, views, generations, bounds, bulk.
 */
#include "fence.h"
#include "pm/cpu.h"

#define EACH_PATH                                                                                                      \
    for (pm_cpu_path path = 0; path < PM_CPU_PATHS; path++)                                                            \
        if (pm_cpu_has(path) && pm_cpu_select(path) == PM_OK)

static pm_interner *interner_of(pm_interner_options options) {
    pm_interner *interner = NULL;
    CHECK_OK(pm_interner_new(&options, &interner));
    return interner;
}

static uint32_t intern(pm_interner *interner, const char *text) {
    pm_intern_ref ref = {0};
    CHECK_OK(pm_interner_intern(interner, text, strlen(text), &ref));
    CHECK_EQUAL(pm_interner_generation(interner), ref.generation);
    return ref.id;
}

static pm_interner_stats stats_of(const pm_interner *interner) {
    pm_interner_stats stats;
    pm_interner_read_stats(interner, &stats);
    return stats;
}

static void check_text(const pm_interner *interner, uint32_t id, const void *data, size_t bytes) {
    pm_text text = {0};
    CHECK_OK(pm_interner_text(interner, (pm_intern_ref){id, pm_interner_generation(interner)}, &text));
    CHECK_EQUAL(bytes, text.bytes);
    CHECK(text.data != NULL && (bytes == 0 || memcmp(data, text.data, bytes) == 0));
}

static void equal_strings_have_one_id_and_ids_count_up(void) {
    pm_interner *interner = interner_of((pm_interner_options){0});
    CHECK_EQUAL(0, intern(interner, "data"));
    CHECK_EQUAL(1, intern(interner, "config"));
    CHECK_EQUAL(0, intern(interner, "data"));
    CHECK_EQUAL(2, intern(interner, ""));
    CHECK_EQUAL(3, intern(interner, "an identifier of more than sixteen bytes"));
    CHECK_EQUAL(3, intern(interner, "an identifier of more than sixteen bytes"));
    CHECK_EQUAL(2, intern(interner, ""));
    CHECK_EQUAL(4, pm_interner_count(interner));
    check_text(interner, 0, "data", 4);
    check_text(interner, 2, "", 0);
    check_text(interner, 3, "an identifier of more than sixteen bytes", 40);
    CHECK(pm_interner_is_valid(interner));
    pm_interner_free(interner);
    pm_interner_free(NULL);
}

static void strings_that_differ_only_in_closing_zeros_are_different(void) {
    pm_interner *interner = interner_of((pm_interner_options){.hash_mask = 1});
    static const char zeros[40] = {0};
    pm_intern_ref ref;
    for (size_t round = 0; round < 2; round++) {
        for (size_t bytes = 0; bytes <= sizeof zeros; bytes++) {
            CHECK_OK(pm_interner_intern(interner, zeros, bytes, &ref));
            CHECK_EQUAL(bytes, ref.id);
        }
    }
    CHECK(pm_interner_is_valid(interner));
    pm_interner_free(interner);
}

static void a_lookup_stores_nothing(void) {
    pm_interner *interner = interner_of((pm_interner_options){0});
    pm_intern_ref ref = {7, 7};
    CHECK_EQUAL(PM_NOT_FOUND, pm_interner_lookup(interner, "x", 1, &ref));
    CHECK_EQUAL(PM_NOT_FOUND, pm_interner_lookup(interner, "x", UINT32_MAX, &ref));
    CHECK_EQUAL(7, ref.id);
    CHECK_EQUAL(0, pm_interner_count(interner));
    CHECK_EQUAL(0, intern(interner, "x"));
    CHECK_OK(pm_interner_lookup(interner, "x", 1, &ref));
    CHECK_EQUAL(0, ref.id);
    CHECK_EQUAL(PM_OVERFLOW, pm_interner_intern(interner, "x", UINT32_MAX, &ref));
    CHECK_EQUAL(1, stats_of(interner).string_count);
    CHECK_EQUAL(0, stats_of(interner).deduplicated_count);
    pm_interner_free(interner);
}

static void views_stay_where_they_are_while_the_table_grows(void) {
    enum { N = 5000 };
    static pm_text first[N], again[N];
    pm_interner *interner = interner_of((pm_interner_options){.strings = 1});
    char name[32];
    for (uint32_t i = 0; i < N; i++) {
        const int bytes = snprintf(name, sizeof name, "name_%0*u", (int)(i % 20), i);
        pm_intern_ref ref;
        CHECK_OK(pm_interner_intern(interner, name, (size_t)bytes, &ref));
        CHECK_OK(pm_interner_text(interner, ref, &first[ref.id]));
    }
    const uint32_t count = (uint32_t)pm_interner_count(interner);
    CHECK_OK(pm_interner_texts(interner, 1, NULL, count, again));
    CHECK(memcmp(first, again, count * sizeof *first) == 0);
    CHECK(stats_of(interner).growth_count >= 8);
    CHECK_EQUAL(0, stats_of(interner).retired_bytes);
    CHECK(pm_interner_is_valid(interner));
    pm_interner_free(interner);
}

static void ids_of_before_a_clear_are_stale(void) {
    for (int concurrent = 0; concurrent < 2; concurrent++) {
        pm_interner *interner = interner_of((pm_interner_options){.strings = 4, .concurrent = concurrent});
        pm_intern_ref before, after;
        pm_text text;
        uint32_t id = 0;
        char name[20];
        for (int i = 0; i < 2000; i++) {
            CHECK_OK(pm_interner_intern(interner, name, (size_t)snprintf(name, sizeof name, "%d", i), &before));
        }
        CHECK((stats_of(interner).retired_bytes != 0) == concurrent);
        pm_interner_clear(interner);
        CHECK_EQUAL(0, pm_interner_count(interner));
        CHECK_EQUAL(0, stats_of(interner).retired_bytes);
        CHECK_EQUAL(PM_STALE, pm_interner_text(interner, before, &text));
        CHECK_EQUAL(PM_STALE, pm_interner_texts(interner, before.generation, &before.id, 1, &text));
        CHECK_EQUAL(PM_NOT_FOUND, pm_interner_lookup(interner, "7", 1, &after));
        const uint64_t allocations = check_allocations();
        CHECK_OK(pm_interner_intern(interner, "7", 1, &after));
        CHECK_EQUAL(allocations, check_allocations()); /* the memory was kept */
        CHECK_EQUAL(0, after.id);
        CHECK(after.generation != before.generation);
        CHECK_OK(pm_interner_text(interner, after, &text));
        CHECK_EQUAL(PM_INVALID, pm_interner_text(interner, (pm_intern_ref){1, after.generation}, &text));
        id = 1;
        CHECK_EQUAL(PM_INVALID, pm_interner_texts(interner, after.generation, &id, 1, &text));
        CHECK_EQUAL(PM_INVALID, pm_interner_texts(interner, after.generation, NULL, SIZE_MAX, &text));
        CHECK_EQUAL(2001, stats_of(interner).interned_count);
        CHECK_EQUAL(1, stats_of(interner).clear_count);
        CHECK(pm_interner_is_valid(interner));
        pm_interner_free(interner);
    }
}

#define PRELOAD(texts) .preload = (texts), .preload_count = sizeof(texts) / sizeof *(texts)

static const pm_text keywords[] = {{"False", 5}, {"", 0}, {"a name of more than sixteen bytes", 33}, {"match", 5}};

static void preloaded_strings_have_the_first_ids_now_and_after_a_clear(void) {
    for (int concurrent = 0; concurrent < 2; concurrent++) {
        pm_interner *interner = interner_of((pm_interner_options){PRELOAD(keywords), .concurrent = concurrent});
        for (int round = 0; round < 2; round++) {
            CHECK_EQUAL(4, pm_interner_count(interner));
            CHECK_EQUAL(0, intern(interner, "False"));
            CHECK_EQUAL(1, intern(interner, ""));
            CHECK_EQUAL(2, intern(interner, "a name of more than sixteen bytes"));
            CHECK_EQUAL(3, intern(interner, "match"));
            CHECK_EQUAL(4, intern(interner, "data"));
            pm_interner_clear(interner);
        }
        const pm_interner_stats stats = stats_of(interner);
        CHECK_EQUAL(4, stats.preloaded_count);
        CHECK_EQUAL(2, stats.interned_count);
        CHECK_EQUAL(8, stats.deduplicated_count);
        CHECK_EQUAL(2 * (5 + 0 + 33 + 5), stats.bytes_saved);
        CHECK(pm_interner_is_valid(interner));
        pm_interner_free(interner);
    }
}

static void the_bound_is_true(void) {
    for (int concurrent = 0; concurrent < 2; concurrent++) {
        pm_interner *interner = interner_of((pm_interner_options){.strings_max = 3, .concurrent = concurrent});
        const pm_text texts[] = {{"a", 1}, {"b", 1}, {"a", 1}, {"c", 1}, {"d", 1}};
        uint32_t ids[5];
        pm_intern_ref ref = {9, 9};
        CHECK_OK(pm_interner_intern_texts(interner, texts, 4, 0, 1, ids));
        CHECK_EQUAL(PM_FULL, pm_interner_intern(interner, "d", 1, &ref));
        CHECK_EQUAL(9, ref.id);
        CHECK_EQUAL(2, intern(interner, "c"));
        CHECK_EQUAL(PM_FULL, pm_interner_intern_texts(interner, texts, 5, 0, 1, ids));
        CHECK_EQUAL(3, pm_interner_count(interner));
        pm_interner_clear(interner);
        CHECK_EQUAL(0, intern(interner, "d"));
        CHECK(pm_interner_is_valid(interner));
        pm_interner_free(interner);
    }
}

static void contradicting_options_are_refused(void) {
    static const pm_text twice[] = {{"a", 1}, {"b", 1}, {"a", 1}}, endless[] = {{"a", UINT32_MAX}};
    const struct {
        pm_interner_options options;
        pm_status status;
    } wrong[] = {
        {{.strings_max = (size_t)PM_INTERNER_STRINGS_MAX + 1}, PM_INVALID},
        {{.strings = 11, .strings_max = 10}, PM_INVALID},
        {{.strings = (size_t)PM_INTERNER_STRINGS_MAX + 1}, PM_INVALID},
        {{.strings_max = 3, PRELOAD(keywords)}, PM_INVALID},
        {{.preload_count = 1}, PM_INVALID},
        {{PRELOAD(twice)}, PM_INVALID},
        {{PRELOAD(endless)}, PM_OVERFLOW},
    };
    pm_interner *interner = NULL;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CHECK_EQUAL(wrong[i].status, pm_interner_new(&wrong[i].options, &interner));
    }
    CHECK(interner == NULL);
    interner = interner_of((pm_interner_options){.strings_max = 4, PRELOAD(keywords)});
    CHECK_EQUAL(4, pm_interner_count(interner));
    pm_interner_free(interner);
}

static void statistics_count_text_and_memory(void) {
    pm_interner *interner = interner_of((pm_interner_options){.strings = 8});
    static const char *const names[] = {"data", "config", "data", "logger", "data", "config", "logger", "logger"};
    for (size_t i = 0; i < 8; i++) {
        intern(interner, names[i]);
    }
    const pm_interner_stats stats = stats_of(interner);
    CHECK_EQUAL(3, stats.interned_count);
    CHECK_EQUAL(5, stats.deduplicated_count);
    CHECK_EQUAL(16, stats.string_bytes);
    CHECK_EQUAL(2 * 4 + 6 + 2 * 6, stats.bytes_saved);
    CHECK_EQUAL(16, stats.slot_count);
    CHECK(stats.table_bytes >= 16 * 32 && stats.arena_bytes >= 16 && stats.id_bytes >= 3 * sizeof(pm_text));
    CHECK(stats.footprint_bytes > stats.table_bytes + stats.arena_bytes + stats.id_bytes);
    pm_interner_free(interner);
}

/* Any length from 0 to 40, few distinct letters: many equal strings, many with one beginning. */
static size_t random_text(uint64_t *random, unsigned char *text) {
    const size_t bytes = check_below(random, 4) == 0 ? check_below(random, 41) : check_below(random, 6);
    for (size_t i = 0; i < bytes; i++) {
        text[i] = (unsigned char)check_below(random, i < 4 || i + 2 > bytes ? 3 : 1);
    }
    return bytes;
}

/* The model: the distinct texts in a list, searched from its front. */
typedef struct model {
    unsigned char text[3000][40];
    size_t bytes[3000];
    uint32_t count;
} model;

static uint32_t model_intern(model *m, const unsigned char *text, size_t bytes) {
    uint32_t id = 0;
    while (id < m->count && (m->bytes[id] != bytes || memcmp(m->text[id], text, bytes) != 0)) {
        id++;
    }
    if (id == m->count) {
        memcpy(m->text[id], text, bytes);
        m->bytes[id] = bytes;
        m->count++;
    }
    return id;
}

static const uint64_t masks[] = {0, UINT64_C(0xFFFFFFFF00000000), 0xFFFFFFFF, 3, UINT64_C(1) << 63};

/* Strings in an exact block of the heap: a sanitizer sees any read beside them. */
typedef struct stream {
    unsigned char *data, *led;
    int32_t narrow[2001];
    int64_t wide[2001];
    pm_text texts[2000], led_texts[2000];
    uint32_t ids[2000];
    size_t count;
} stream;

static void stream_fill(stream *s, uint64_t *random, model *m) {
    static unsigned char all[2000][40];
    static size_t bytes[2000];
    size_t total = 0;
    s->count = check_below(random, 2001);
    for (size_t i = 0; i < s->count; i++) {
        bytes[i] = random_text(random, all[i]);
        total += bytes[i];
        s->ids[i] = model_intern(m, all[i], bytes[i]);
    }
    s->data = malloc(total + 1);
    s->led = malloc(total + 17);
    CHECK(s->data != NULL && s->led != NULL);
    memset(s->led, 255, 16);
    s->narrow[0] = 1; /* a column may begin anywhere */
    s->data[0] = 255;
    for (size_t i = 0; i < s->count; i++) {
        memcpy(s->data + s->narrow[i], all[i], bytes[i]);
        memcpy(s->led + 16 + s->narrow[i] - 1, all[i], bytes[i]);
        s->texts[i] = (pm_text){bytes[i] == 0 ? NULL : s->data + s->narrow[i], bytes[i]};
        s->led_texts[i] = (pm_text){s->led + 16 + s->narrow[i] - 1, bytes[i]};
        s->narrow[i + 1] = s->narrow[i] + (int32_t)bytes[i];
    }
    for (size_t i = 0; i <= s->count; i++) {
        s->wide[i] = s->narrow[i];
    }
}

static void check_ids(const uint32_t *expected, uint32_t *actual, size_t count) {
    for (size_t i = 0; i < count; i++) {
        CHECK_EQUAL(expected[i], actual[i]);
        actual[i] = UINT32_MAX;
    }
}

static void check_export(const pm_interner *interner, const model *m) {
    static int64_t wide[3001];
    static int32_t narrow[3001];
    const size_t bytes = stats_of(interner).string_bytes, first = m->count / 3;
    unsigned char *data = malloc(bytes + 1);
    CHECK(data != NULL);
    CHECK_OK(pm_interner_export(interner, 0, m->count, wide, 8, data, bytes));
    CHECK_EQUAL(bytes, wide[m->count]);
    for (uint32_t id = 0; id < m->count; id++) {
        CHECK_EQUAL(m->bytes[id], wide[id + 1] - wide[id]);
        CHECK(memcmp(m->text[id], data + wide[id], m->bytes[id]) == 0);
        check_text(interner, id, m->text[id], m->bytes[id]);
    }
    CHECK_OK(pm_interner_export(interner, first, m->count - first, narrow, 4, data, bytes));
    CHECK_EQUAL(bytes - (size_t)wide[first], narrow[m->count - first]);
    CHECK_EQUAL(PM_INVALID, pm_interner_export(interner, 0, m->count + 1, wide, 8, data, bytes));
    CHECK_EQUAL(PM_INVALID, pm_interner_export(interner, 1, SIZE_MAX, wide, 8, data, bytes));
    CHECK_EQUAL(PM_INVALID, pm_interner_export(interner, 0, m->count, wide, 2, data, bytes));
    CHECK(bytes == 0 || pm_interner_export(interner, 0, m->count, wide, 8, data, bytes - 1) == PM_INVALID);
    free(data);
}

static void every_way_in_gives_the_ids_of_a_plain_list_under_any_hash(void) {
    static stream s;
    static model m;
    static uint32_t ids[2000];
    for (uint64_t seed = 1; seed <= 40; seed++) {
        uint64_t random = seed;
        const pm_cpu_path path = (pm_cpu_path)(seed / 5 % PM_CPU_PATHS); /* not all are on one machine */
        CHECK_OK(pm_cpu_select(pm_cpu_has(path) ? path : PM_CPU_SCALAR));
        pm_interner *interner = interner_of((pm_interner_options){.strings = 1 + check_below(&random, 50),
                                                                  .seed = seed,
                                                                  .hash_mask = masks[seed % 5],
                                                                  .concurrent = seed % 2 == 0});
        m.count = 0;
        for (size_t way = check_below(&random, 5), step = 0; step < 5; step++, way = (way + 1) % 5) {
            const uint32_t known = m.count;
            stream_fill(&s, &random, &m);
            const pm_column_view narrow = {s.narrow, s.data, s.count, (size_t)s.narrow[s.count], 4};
            const pm_column_view wide = {s.wide, s.data, s.count, (size_t)s.wide[s.count], 8};
            CHECK_OK(pm_interner_lookup_texts(interner, s.texts, s.count, 0, 99999, ids));
            for (size_t i = 0; i < s.count; i++) {
                CHECK_EQUAL(s.ids[i] < known ? s.ids[i] : 99999, ids[i]);
            }
            switch (way) {
            case 0: CHECK_OK(pm_interner_intern_column(interner, &narrow, 1, ids)); break;
            case 1: CHECK_OK(pm_interner_intern_column(interner, &wide, 0, ids)); break;
            case 2: CHECK_OK(pm_interner_intern_texts(interner, s.texts, s.count, 0, 1, ids)); break;
            case 3: CHECK_OK(pm_interner_intern_texts(interner, s.led_texts, s.count, 16, 1, ids)); break;
            default:
                for (size_t i = 0; i < s.count; i++) {
                    pm_intern_ref ref;
                    CHECK_OK(pm_interner_intern(interner, s.texts[i].data, s.texts[i].bytes, &ref));
                    ids[i] = ref.id;
                }
            }
            check_ids(s.ids, ids, s.count);
            CHECK_OK(pm_interner_lookup_column(interner, way % 2 ? &wide : &narrow, 0, ids));
            check_ids(s.ids, ids, s.count);
            CHECK_OK(pm_interner_lookup_texts(interner, s.led_texts, s.count, 17, 0, ids));
            check_ids(s.ids, ids, s.count);
            CHECK(pm_interner_is_valid(interner));
            free(s.data);
            free(s.led);
        }
        CHECK_EQUAL(m.count, pm_interner_count(interner));
        check_export(interner, &m);
        pm_interner_free(interner);
    }
    CHECK_OK(pm_cpu_select(pm_cpu_best()));
}

/* Strings of every length up to 40, right behind a page that may not be read and right before one. */
static void nothing_beside_a_string_is_read(void) {
    enum { LENGTHS = 41, LEAD = 16 };
    fence fenced = fence_new(LENGTHS);
    pm_text first[LENGTHS], last[LENGTHS], led[LENGTHS];
    int32_t narrow[LENGTHS + 1] = {0};
    uint32_t ids[LENGTHS];
    size_t bytes = (size_t)(fenced.end - fenced.begin);
    memset(fenced.begin, 'x', bytes);
    for (uint32_t n = 0; n < LENGTHS; n++) {
        first[n] = (pm_text){fenced.begin, n};
        last[n] = (pm_text){fenced.end - n, n};
        led[n] = (pm_text){fenced.begin + LEAD, n};
    }
    EACH_PATH {
        pm_interner *interner = interner_of((pm_interner_options){0});
        CHECK_OK(pm_interner_intern_texts(interner, first, LENGTHS, 0, 1, ids));
        CHECK_EQUAL(LENGTHS, pm_interner_count(interner));
        const pm_text *others[] = {first, last, led, last};
        const size_t lead[] = {0, 0, LEAD, LEAD};
        for (size_t way = 0; way < 4; way++) {
            CHECK_OK(pm_interner_lookup_texts(interner, others[way], LENGTHS, lead[way], 99, ids));
            for (uint32_t n = 0; n < LENGTHS; n++) {
                CHECK_EQUAL(n, ids[n]);
            }
        }
        for (int32_t n = 0; n < LENGTHS; n++) { /* a column whose last rows end with the data */
            narrow[LENGTHS] = (int32_t)bytes;
            for (int32_t i = 0; i < LENGTHS; i++) {
                narrow[i] = (int32_t)bytes - n;
            }
            const pm_column_view column = {narrow, fenced.begin, LENGTHS, bytes, 4};
            CHECK_OK(pm_interner_lookup_column(interner, &column, 99, ids));
            CHECK_EQUAL(0, ids[0]);
            CHECK_EQUAL(n, ids[LENGTHS - 1]);
        }
        pm_interner_free(interner);
    }
    fence_free(&fenced);
    CHECK_OK(pm_cpu_select(pm_cpu_best()));
}

static void wrong_columns_are_refused_before_anything_is_stored(void) {
    pm_interner *interner = interner_of((pm_interner_options){0});
    const int32_t falling[] = {0, 2, 1, 3}, negative[] = {-1, 1, 2, 3}, beyond[] = {0, 1, 2, 4};
    const int64_t wide_falling[] = {0, 2, 1, 3}, wide_negative[] = {INT64_MIN, 1, 2, 3};
    const int64_t too_long[] = {0, 1, UINT32_MAX + INT64_C(1), UINT32_MAX + INT64_C(1)};
    const pm_text long_text[] = {{"a", 1}, {"b", UINT32_MAX}};
    const void *narrow[] = {falling, negative, beyond}, *wide[] = {wide_falling, wide_negative};
    uint32_t ids[3];
    pm_column_view column = {NULL, (const unsigned char *)"abc", 3, 3, 4};
    for (size_t i = 0; i < 3; i++) {
        column.offsets = narrow[i];
        CHECK_EQUAL(PM_INVALID, pm_interner_intern_column(interner, &column, 1, ids));
        CHECK_EQUAL(PM_INVALID, pm_interner_lookup_column(interner, &column, 0, ids));
    }
    column.offset_bytes = 8;
    for (size_t i = 0; i < 2; i++) {
        column.offsets = wide[i];
        CHECK_EQUAL(PM_INVALID, pm_interner_intern_column(interner, &column, 1, ids));
    }
    column.offsets = too_long;
    column.data_bytes = SIZE_MAX;
    CHECK_EQUAL(PM_OVERFLOW, pm_interner_intern_column(interner, &column, 1, ids));
    column.offset_bytes = 2;
    CHECK_EQUAL(PM_INVALID, pm_interner_intern_column(interner, &column, 1, ids));
    CHECK_EQUAL(PM_OVERFLOW, pm_interner_intern_texts(interner, long_text, 2, 0, 1, ids));
    CHECK_EQUAL(PM_OVERFLOW, pm_interner_lookup_texts(interner, long_text, 2, 0, 1, ids));
    CHECK_EQUAL(0, pm_interner_count(interner));
    column = (pm_column_view){NULL, NULL, 0, 0, 4};
    CHECK_OK(pm_interner_intern_column(interner, &column, 1, NULL));
    CHECK_OK(pm_interner_intern_texts(interner, NULL, 0, 0, 1, NULL));
    pm_interner_free(interner);
}

static void large_tables_come_as_pages_huge_ones_on_request(void) {
    pm_interner *interner = interner_of((pm_interner_options){.strings = 600000, .huge_pages = true});
    CHECK_EQUAL(0, stats_of(interner).slot_count * 32 % (2 * 1024 * 1024));
    CHECK_EQUAL(0, intern(interner, "a"));
    CHECK(pm_interner_is_valid(interner));
    pm_interner_free(interner);
}

static pm_status grow(bool concurrent) {
    const pm_interner_options options = {.strings = 2, PRELOAD(keywords), .concurrent = concurrent};
    pm_interner *interner = NULL;
    pm_status status = pm_interner_new(&options, &interner);
    if (status != PM_OK) {
        return status;
    }
    for (uint32_t i = 0; i < 1500; i++) {
        unsigned char text[100] = {0};
        pm_intern_ref ref = {0};
        memcpy(text, &i, sizeof i);
        if (pm_interner_intern(interner, text, sizeof text, &ref) != PM_OK) {
            status = PM_NO_MEMORY;
            CHECK_EQUAL(4 + i, pm_interner_count(interner));
            CHECK(pm_interner_is_valid(interner));
            CHECK_OK(pm_interner_intern(interner, text, sizeof text, &ref));
        }
        CHECK_EQUAL(4 + i, ref.id);
    }
    CHECK(pm_interner_is_valid(interner));
    pm_interner_free(interner);
    return status;
}

static pm_status grow_alone(void) {
    return grow(false);
}

static pm_status grow_shared(void) {
    return grow(true);
}

static void every_refused_allocation_leaves_the_interner_working(void) {
    check_every_failure(grow_alone);
    check_every_failure(grow_shared);
}

int main(void) {
    RUN(equal_strings_have_one_id_and_ids_count_up);
    RUN(strings_that_differ_only_in_closing_zeros_are_different);
    RUN(a_lookup_stores_nothing);
    RUN(views_stay_where_they_are_while_the_table_grows);
    RUN(ids_of_before_a_clear_are_stale);
    RUN(preloaded_strings_have_the_first_ids_now_and_after_a_clear);
    RUN(the_bound_is_true);
    RUN(contradicting_options_are_refused);
    RUN(statistics_count_text_and_memory);
    RUN(every_way_in_gives_the_ids_of_a_plain_list_under_any_hash);
    RUN(nothing_beside_a_string_is_read);
    RUN(wrong_columns_are_refused_before_anything_is_stored);
    RUN(large_tables_come_as_pages_huge_ones_on_request);
    RUN(every_refused_allocation_leaves_the_interner_working);
    return 0;
}
