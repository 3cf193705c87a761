/* The hash map: random programs against a plain table, both kinds of key, removal, epochs, failures, pooled use. */
#include "check.h"

static pm_map *map_of(size_t entries) {
    pm_map *map = NULL;
    CHECK_OK(pm_map_new(entries, &map));
    return map;
}

static void thirty_two_entries_fit_without_growing(void) {
    pm_map *map = map_of(0);
    const uint64_t before = check_allocations();
    for (uint64_t key = 0; key < PM_MAP_ENTRIES; key++) {
        CHECK_OK(pm_map_put(map, key, key * key));
    }
    CHECK_EQUAL(before, check_allocations());
    uint64_t value = 0;
    CHECK_OK(pm_map_get(map, 31, &value));
    CHECK_EQUAL(961, value);
    value = 5;
    CHECK_EQUAL(PM_NOT_FOUND, pm_map_get(map, 32, &value));
    CHECK_EQUAL(5, value);
    pm_map_free(map);
    pm_map_free(NULL);
}

static void numbers_and_bytes_are_different_keys(void) {
    pm_map *map = map_of(4);
    const uint64_t number = UINT64_C(0x0102030405060708);
    uint64_t value = 0;
    CHECK_OK(pm_map_put(map, number, 1));
    CHECK_OK(pm_map_put_bytes(map, &number, sizeof number, 2));
    CHECK_OK(pm_map_put_bytes(map, "", 0, 3));
    CHECK_OK(pm_map_put_bytes(map, "a\0b", 3, 4));
    CHECK_OK(pm_map_put_bytes(map, "a\0c", 3, 5));
    CHECK_EQUAL(5, pm_map_count(map));
    CHECK_OK(pm_map_get(map, number, &value));
    CHECK_EQUAL(1, value);
    CHECK_OK(pm_map_get_bytes(map, &number, sizeof number, &value));
    CHECK_EQUAL(2, value);
    CHECK_OK(pm_map_get_bytes(map, "", 0, &value));
    CHECK_EQUAL(3, value);
    CHECK_OK(pm_map_get_bytes(map, "a\0b", 3, &value));
    CHECK_EQUAL(4, value);
    CHECK_EQUAL(PM_OVERFLOW, pm_map_put_bytes(map, "a", UINT32_MAX, 1));
    CHECK_EQUAL(PM_NOT_FOUND, pm_map_get_bytes(map, "a", UINT32_MAX, &value));
    pm_map_free(map);
}

static void absurd_sizes_are_refused(void) {
    pm_map *map = NULL;
    CHECK_EQUAL(PM_OVERFLOW, pm_map_new(SIZE_MAX, &map));
    CHECK_EQUAL(PM_OVERFLOW, pm_map_new(SIZE_MAX / 8, &map));
    CHECK(map == NULL);
}

static void words_are_counted(void) {
    pm_map *map = map_of(0);
    const int64_t offsets[] = {0, 1, 2, 2, 3, 3}, falling[] = {3, 1}, negative[] = {-4, 1};
    uint64_t value = 0, before = 0;
    CHECK_OK(pm_map_count_many(map, "aba", offsets, 5));
    CHECK_OK(pm_map_get_bytes(map, "a", 1, &value));
    CHECK_EQUAL(2, value);
    CHECK_OK(pm_map_get_bytes(map, NULL, 0, &value));
    CHECK_EQUAL(2, value);
    CHECK_EQUAL(PM_INVALID, pm_map_count_many(map, "aba", falling, 1));
    CHECK_EQUAL(PM_INVALID, pm_map_count_many(map, "aba", negative, 1));
    const pm_text words[] = {{"a", 1}, {NULL, 0}, {"a", 1}}, endless[] = {{"a", SIZE_MAX}};
    CHECK_OK(pm_map_get_bytes(map, "a", 1, &before));
    CHECK_OK(pm_map_count_texts(map, words, 3));
    CHECK_OK(pm_map_get_bytes(map, "a", 1, &value));
    CHECK_EQUAL(before + 2, value);
    CHECK_EQUAL(PM_OVERFLOW, pm_map_count_texts(map, endless, 1));
    CHECK_EQUAL(3, pm_map_count(map));
    pm_map_free(map);
}

static void many_are_stored_and_found_at_once(void) {
    enum { N = 5000 };
    static uint64_t keys[N], values[N], found[N];
    pm_map *map = map_of(0);
    for (uint64_t i = 0; i < N; i++) {
        keys[i] = i * 1024; /* equal low bits: the hash must spread them */
        values[i] = i + 7;
    }
    CHECK_OK(pm_map_put_many(map, keys, values, N));
    keys[3] = 1;
    pm_map_get_many(map, keys, N, 99, found);
    for (size_t i = 0; i < N; i++) {
        CHECK_EQUAL(i == 3 ? 99 : values[i], found[i]);
    }
    CHECK(pm_map_is_valid(map));
    pm_map_free(map);
}

/* The model: keys 0 .. KEYS - 1, each a number and a byte string (decimal, padded to a length of its own). */
enum { KEYS = 300 };

typedef struct model {
    bool present[2][KEYS];
    uint64_t value[2][KEYS];
    size_t count;
} model;

static size_t key_text(char *text, size_t key) {
    const int bytes = snprintf(text, 64, "%0*zu", (int)(1 + key % 40), key);
    return (size_t)bytes;
}

static void step(pm_map *map, model *m, uint64_t *random) {
    const size_t key = check_below(random, KEYS), kind = check_below(random, 2), action = check_below(random, 100);
    const uint64_t value = check_random(random);
    bool *present = &m->present[kind][key];
    uint64_t *stored = &m->value[kind][key], found = 0;
    char text[64];
    const size_t bytes = key_text(text, key);
    if (action == 0) {
        pm_map_clear(map);
        *m = (model){0};
    } else if (action < 40) {
        CHECK_OK(kind ? pm_map_put(map, key, value) : pm_map_put_bytes(map, text, bytes, value));
        m->count += !*present;
        *present = true;
        *stored = value;
    } else if (action < 50) {
        CHECK_OK(kind ? pm_map_add(map, key, value) : pm_map_add_bytes(map, text, bytes, value));
        m->count += !*present;
        *stored = (*present ? *stored : 0) + value;
        *present = true;
    } else if (action < 80) {
        CHECK_EQUAL(*present ? PM_OK : PM_NOT_FOUND,
                    kind ? pm_map_remove(map, key) : pm_map_remove_bytes(map, text, bytes));
        m->count -= *present;
        *present = false;
    } else {
        CHECK_EQUAL(*present ? PM_OK : PM_NOT_FOUND,
                    kind ? pm_map_get(map, key, &found) : pm_map_get_bytes(map, text, bytes, &found));
        CHECK(!*present || found == *stored);
    }
}

static void random_programs_match_a_plain_table(void) {
    for (uint64_t seed = 1; seed <= 30; seed++) {
        uint64_t random = seed, found;
        model m = {0};
        char text[64];
        pm_map *map = map_of(1 + check_below(&random, 64));
        for (int i = 0; i < 2000; i++) {
            step(map, &m, &random);
            CHECK_EQUAL(m.count, pm_map_count(map));
            CHECK(i % 50 != 0 || pm_map_is_valid(map));
        }
        for (size_t key = 0; key < KEYS; key++) {
            const size_t bytes = key_text(text, key);
            CHECK_EQUAL(m.present[1][key] ? PM_OK : PM_NOT_FOUND, pm_map_get(map, key, &found));
            CHECK(!m.present[1][key] || found == m.value[1][key]);
            CHECK_EQUAL(m.present[0][key] ? PM_OK : PM_NOT_FOUND, pm_map_get_bytes(map, text, bytes, &found));
            CHECK(!m.present[0][key] || found == m.value[0][key]);
        }
        pm_map_free(map);
    }
}

static void removed_byte_keys_do_not_pile_up(void) {
    pm_map *map = map_of(0);
    char key[100] = {0};
    for (int i = 0; i < 10000; i++) {
        memcpy(key, &i, sizeof i);
        CHECK_OK(pm_map_put_bytes(map, key, sizeof key, 1));
        CHECK_OK(pm_map_remove_bytes(map, key, sizeof key));
    }
    pm_map_stats stats;
    pm_map_read_stats(map, &stats);
    CHECK_EQUAL(0, stats.entry_count);
    CHECK(stats.capacity_bytes < 64 * 1024);
    CHECK(pm_map_is_valid(map));
    pm_map_free(map);
}

/* Full tables have long runs, which go on in the next line and around the end; the last table is mapped. */
static void bulk_lookups_find_what_single_ones_find(void) {
    const size_t sizes[] = {6, 24, 96, 1000, 90000};
    static uint64_t keys[3000], values[3000];
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        pm_map *map = map_of(sizes[s]);
        for (uint64_t key = 0; key < sizes[s]; key++) {
            CHECK_OK(pm_map_put(map, key * key, ~key));
        }
        pm_map_stats stats;
        pm_map_read_stats(map, &stats);
        CHECK_EQUAL(sizes[s] == 90000, stats.capacity_bytes >= 2097152);
        uint64_t random = s;
        for (size_t count = 0; count <= 3000; count = count < 140 ? count + 1 : count + 953) {
            uint64_t expected[3000];
            for (size_t i = 0; i < count; i++) {
                const uint64_t key = check_below(&random, sizes[s] + sizes[s] / 4);
                keys[i] = key * key;
                expected[i] = 7;
                CHECK_EQUAL(key < sizes[s] ? PM_OK : PM_NOT_FOUND, pm_map_get(map, keys[i], &expected[i]));
            }
            pm_map_get_many(map, keys, count, 7, values);
            CHECK(memcmp(expected, values, count * sizeof *values) == 0);
            pm_map_get_many(map, keys, count, 7, keys); /* in place */
            CHECK(memcmp(expected, keys, count * sizeof *keys) == 0);
        }
        CHECK(pm_map_is_valid(map));
        pm_map_free(map);
    }
}

static pm_status grow(void) {
    pm_map *map = NULL;
    pm_status status = pm_map_new(4, &map);
    if (status != PM_OK) {
        return status;
    }
    for (uint64_t i = 0; i < 60; i++) {
        const size_t count = pm_map_count(map);
        if (pm_map_put_bytes(map, &i, sizeof i, i) != PM_OK) {
            status = PM_NO_MEMORY;
            CHECK_EQUAL(count, pm_map_count(map));
            CHECK(pm_map_is_valid(map));
            CHECK_OK(pm_map_put_bytes(map, &i, sizeof i, i));
        }
    }
    for (uint64_t i = 0, value = 0; i < 60; i++) {
        CHECK_OK(pm_map_get_bytes(map, &i, sizeof i, &value));
        CHECK_EQUAL(i, value);
    }
    pm_map_free(map);
    return status;
}

static void every_refused_allocation_leaves_the_map_working(void) {
    check_every_failure(grow);
}

static void a_pooled_map_comes_back_empty(void) {
    for (int wipe = 0; wipe < 2; wipe++) {
        pm_pool_type type;
        pm_pool *pool = NULL;
        pm_map_pool_type(&type);
        type.wipe = wipe;
        CHECK_OK(pm_pool_new(&type, PM_MAP_RETAINED, &pool));
        for (uint64_t round = 0; round < 20; round++) {
            pm_map *map = pm_pool_acquire(pool);
            uint64_t value;
            CHECK_EQUAL(0, pm_map_count(map));
            CHECK_EQUAL(PM_NOT_FOUND, pm_map_get(map, 1, &value));
            CHECK_EQUAL(PM_NOT_FOUND, pm_map_get_bytes(map, "key", 3, &value));
            CHECK_OK(pm_map_put(map, 1, round));
            CHECK_OK(pm_map_put_bytes(map, "key", 3, round));
            CHECK(pm_map_is_valid(map));
            CHECK_OK(pm_pool_release(pool, map));
        }
        pm_map *large = pm_pool_acquire(pool);
        for (uint64_t key = 0; key < 10000; key++) {
            CHECK_OK(pm_map_put(large, key, key));
        }
        CHECK_OK(pm_pool_release(pool, large));
        pm_pool_stats stats;
        pm_pool_read_stats(pool, &stats);
        CHECK_EQUAL(1, stats.discard_count);
        CHECK_OK(pm_pool_free(pool));
    }
}

int main(void) {
    RUN(thirty_two_entries_fit_without_growing);
    RUN(numbers_and_bytes_are_different_keys);
    RUN(absurd_sizes_are_refused);
    RUN(words_are_counted);
    RUN(many_are_stored_and_found_at_once);
    RUN(random_programs_match_a_plain_table);
    RUN(bulk_lookups_find_what_single_ones_find);
    RUN(removed_byte_keys_do_not_pile_up);
    RUN(every_refused_allocation_leaves_the_map_working);
    RUN(a_pooled_map_comes_back_empty);
    return 0;
}
