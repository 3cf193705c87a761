/* Prefetch: the answers are those of plain loops at every distance and width; a place beyond the table is refused and
 * not read. */
#include "fence.h"

enum { TABLE = 3000, COUNT_MAX = 2500 };
static const size_t distances[] = {0, 1, 2, 8, 100, 1023, 1024, 1025, 2499, 2500, 100000, SIZE_MAX};

static void gathers_and_sums_match_plain_loops(void) {
    static uint64_t index[COUNT_MAX];
    fence table = fence_new(TABLE * 100), output = fence_new(COUNT_MAX * 100);
    const size_t records[] = {0, 1, 3, 4, 8, 16, 24, 64, 100}, counts[] = {0, 1, 7, 1023, 1024, 1025, 2048, COUNT_MAX};
    uint64_t random = 1;
    for (size_t r = 0; r < sizeof records / sizeof *records; r++) {
        const size_t bytes = records[r];
        unsigned char *from = table.end - TABLE * bytes;
        for (size_t i = 0; i < TABLE * bytes; i++) {
            from[i] = (unsigned char)check_random(&random);
        }
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            const size_t count = counts[c];
            uint64_t expected = 0, sum = 1;
            for (size_t i = 0; i < count; i++) {
                index[i] = i % 50 == 0 ? TABLE - 1 : check_below(&random, TABLE);
                expected += bytes == 8 ? ((const uint64_t *)(const void *)from)[index[i]] : 0;
            }
            for (size_t d = 0; d < sizeof distances / sizeof *distances; d++) {
                unsigned char *to = output.end - count * bytes;
                memset(to, 0x5A, count * bytes);
                CHECK_OK(pm_prefetch_gather(to, from, bytes, TABLE, index, count, distances[d]));
                for (size_t i = 0; i < count; i++) {
                    CHECK(memcmp(to + i * bytes, from + index[i] * bytes, bytes) == 0);
                }
                if (bytes == 8) {
                    CHECK_OK(
                        pm_prefetch_sum((const uint64_t *)(const void *)from, TABLE, index, count, distances[d], &sum));
                    CHECK_EQUAL(expected, sum);
                }
            }
        }
    }
    fence_free(&table);
    fence_free(&output);
}

static void places_beyond_the_table_are_refused(void) {
    const uint64_t table[] = {1, 2, 3};
    static uint64_t index[COUNT_MAX], to[COUNT_MAX];
    const uint64_t beyond[] = {3, 1u << 20, UINT64_MAX};
    uint64_t sum = 99;
    for (size_t b = 0; b < 3; b++) {
        for (size_t at = 0; at < COUNT_MAX; at += 833) {
            memset(index, 0, sizeof index);
            index[at] = beyond[b];
            for (size_t d = 0; d < sizeof distances / sizeof *distances; d++) {
                CHECK_EQUAL(PM_INVALID, pm_prefetch_sum(table, 3, index, COUNT_MAX, distances[d], &sum));
                CHECK_EQUAL(PM_INVALID, pm_prefetch_gather(to, table, 8, 3, index, COUNT_MAX, distances[d]));
            }
        }
    }
    CHECK_EQUAL(99, sum);
    CHECK_EQUAL(PM_INVALID, pm_prefetch_sum(NULL, 0, index, 1, 8, &sum));
    CHECK_EQUAL(PM_OVERFLOW, pm_prefetch_gather(to, table, SIZE_MAX / 2, 3, index, 1, 8));
    CHECK_EQUAL(PM_OVERFLOW, pm_prefetch_gather(to, table, SIZE_MAX / 2, 1, index, 3, 8));
    CHECK_OK(pm_prefetch_sum(NULL, 0, NULL, 0, 8, &sum));
    CHECK_EQUAL(0, sum);
}

static void interleaved_chains_end_where_single_ones_do(void) {
    static uint64_t next[TABLE], starts[200], expected[200], ends[200];
    uint64_t random = 2;
    for (size_t i = 0; i < TABLE; i++) {
        next[i] = check_below(&random, TABLE);
    }
    for (size_t steps = 0; steps < 40; steps += 13) {
        for (size_t i = 0; i < 200; i++) {
            expected[i] = starts[i] = check_below(&random, TABLE);
            for (size_t step = 0; step < steps; step++) {
                expected[i] = next[expected[i]];
            }
        }
        for (size_t interleave = 1; interleave <= PM_PREFETCH_CHAINS_MAX; interleave++) {
            for (size_t chains = 0; chains <= 200; chains += 40) {
                memset(ends, 0xFF, sizeof ends);
                CHECK_OK(pm_prefetch_follow(next, TABLE, starts, chains, steps, interleave, ends));
                CHECK(memcmp(expected, ends, chains * sizeof *ends) == 0);
                CHECK(chains == 200 || ends[chains] == UINT64_MAX);
            }
        }
    }
    CHECK_OK(pm_prefetch_follow(next, TABLE, starts, 200, 3, 16, starts)); /* in place */
    CHECK_EQUAL(PM_INVALID, pm_prefetch_follow(next, TABLE, starts, 1, 1, 0, ends));
    CHECK_EQUAL(PM_INVALID, pm_prefetch_follow(next, TABLE, starts, 1, 1, PM_PREFETCH_CHAINS_MAX + 1, ends));
    next[5] = TABLE;
    starts[0] = 5;
    CHECK_OK(pm_prefetch_follow(next, TABLE, starts, 1, 1, 1, ends)); /* it ends there, and nothing is read */
    CHECK_EQUAL(TABLE, ends[0]);
    CHECK_EQUAL(PM_INVALID, pm_prefetch_follow(next, TABLE, starts, 1, 2, 1, ends));
}

/* pm_map_get_many asks for slots ahead of its keys: around its distance, and in maps where slots run over the end. */
static void many_lookups_match_single_ones(void) {
    for (uint64_t entries = 1; entries <= 4000; entries += entries < 20 ? 1 : 997) {
        pm_map *map = NULL;
        CHECK_OK(pm_map_new(1, &map));
        for (uint64_t key = 0; key < entries; key++) {
            CHECK_OK(pm_map_put(map, key * 3, key + 1));
            CHECK_OK(pm_map_put_bytes(map, &key, sizeof key, 5)); /* never what a number finds */
        }
        static uint64_t keys[60], values[60];
        uint64_t random = entries;
        for (size_t count = 0; count < 60; count++) {
            for (size_t i = 0; i < count; i++) {
                keys[i] = check_below(&random, entries * 3);
            }
            pm_map_get_many(map, keys, count, 0, values);
            for (size_t i = 0; i < count; i++) {
                CHECK_EQUAL(keys[i] % 3 == 0 ? keys[i] / 3 + 1 : 0, values[i]);
            }
        }
        pm_map_free(map);
    }
}

int main(void) {
    RUN(gathers_and_sums_match_plain_loops);
    RUN(places_beyond_the_table_are_refused);
    RUN(interleaved_chains_end_where_single_ones_do);
    RUN(many_lookups_match_single_ones);
    return 0;
}
