#include "pooling_kinds.h"

#include <stdlib.h>
#include <string.h>

/* Plan: what is written into a buffer of the plan's size. Read: what one read call brings in. */
enum { PLAN_STRING = PM_STRBUF_BYTES, PLAN_VEC = PM_VEC_BYTES, PLAN_MAP = PM_MAP_ENTRIES };
enum { FIRST_BYTES = 16, READ_BYTES = 8192 };

#define ALWAYS static inline __attribute__((always_inline))

/* Or the compiler sees that nobody looks, and leaves the allocation out. */
ALWAYS void seen(const void *data) {
    __asm__ volatile("" : : "r"(data) : "memory");
}

ALWAYS void first_bytes(void *data) {
    static const char TEXT[FIRST_BYTES] = "lib/json/tool.py";
    memcpy(data, TEXT, sizeof TEXT);
}

ALWAYS uint64_t file_of(const lk_files *files, uint64_t index) {
    return index % files->period % files->files;
}

ALWAYS uint64_t word_at(const void *data) {
    uint64_t word;
    memcpy(&word, data, sizeof word);
    return word;
}

/* Strings: a file is read into it, 8 KiB at a time. */
ALWAYS bool fill_string(const lk_files *files, uint64_t index, pm_strbuf *string, lk_tally *tally) {
    if (files->files == 0) {
        first_bytes(string->data);
        string->length = FIRST_BYTES;
        tally->bytes += FIRST_BYTES;
        return true;
    }
    const uint64_t *at = files->byte_offsets + file_of(files, index);
    for (uint64_t done = at[0]; done < at[1]; done += READ_BYTES) {
        const size_t part = at[1] - done < READ_BYTES ? (size_t)(at[1] - done) : READ_BYTES;
        if (pm_strbuf_append(string, files->bytes + done, part) != PM_OK) {
            return false;
        }
    }
    tally->bytes += at[1] - at[0];
    return true;
}

ALWAYS uint64_t check_string(const pm_strbuf *string) {
    return string->length +
           (string->length >= sizeof(uint64_t) ? word_at(string->data + string->length - sizeof(uint64_t)) : 0);
}

ALWAYS void open_strbuf_malloc(pm_pool *pool, const lk_files *files, uint64_t index, lk_held *held, lk_tally *tally) {
    (void)pool;
    pm_strbuf *string = &held->as.string;
    if (files->files == 0) {
        string->data = malloc(PLAN_STRING);
        string->capacity = PLAN_STRING;
        held->usable = string->data != NULL;
    } else {
        held->usable = pm_strbuf_init(string, PLAN_STRING) == PM_OK;
    }
    tally->refused += !(held->usable && fill_string(files, index, string, tally));
}

ALWAYS void close_strbuf_malloc(pm_pool *pool, const lk_files *files, lk_held *held, lk_tally *tally) {
    (void)pool;
    if (!held->usable) {
        return;
    }
    seen(held->as.string.data);
    tally->checksum += check_string(&held->as.string);
    if (files->files == 0) {
        free(held->as.string.data);
    } else {
        pm_strbuf_deinit(&held->as.string);
    }
}

ALWAYS void open_strbuf_pool(pm_pool *pool, const lk_files *files, uint64_t index, lk_held *held, lk_tally *tally) {
    held->as.object = pm_pool_acquire(pool);
    held->usable = held->as.object != NULL;
    tally->refused += !(held->usable && fill_string(files, index, held->as.object, tally));
}

ALWAYS void close_strbuf_pool(pm_pool *pool, const lk_files *files, lk_held *held, lk_tally *tally) {
    (void)files;
    if (held->usable) {
        const pm_strbuf *string = held->as.object;
        seen(string->data);
        tally->checksum += check_string(string);
        pm_pool_release(pool, held->as.object);
    }
}

/* Vectors: the start of each line, pushed one by one. */
ALWAYS bool fill_vec(const lk_files *files, uint64_t index, pm_vec *vec, lk_tally *tally) {
    if (files->files == 0) {
        first_bytes(vec->data);
        vec->count = FIRST_BYTES;
        tally->bytes += FIRST_BYTES;
        return true;
    }
    const uint64_t *at = files->line_offsets + file_of(files, index);
    for (uint64_t line = at[0]; line < at[1]; line++) {
        if (pm_vec_append(vec, files->lines + line, 1) != PM_OK) {
            return false;
        }
    }
    tally->bytes += (at[1] - at[0]) * sizeof *files->lines;
    return true;
}

ALWAYS uint64_t check_vec(const pm_vec *vec) {
    const size_t bytes = vec->count * vec->element_bytes;
    return vec->count + (bytes >= sizeof(uint64_t) ? word_at((const char *)vec->data + bytes - sizeof(uint64_t)) : 0);
}

ALWAYS void open_vec_malloc(pm_pool *pool, const lk_files *files, uint64_t index, lk_held *held, lk_tally *tally) {
    (void)pool;
    pm_vec *vec = &held->as.vec;
    if (files->files == 0) {
        vec->data = malloc(PLAN_VEC);
        vec->capacity_bytes = PLAN_VEC;
        vec->element_bytes = 1;
        held->usable = vec->data != NULL;
    } else {
        held->usable = pm_vec_init(vec, sizeof *files->lines, PLAN_VEC) == PM_OK;
    }
    tally->refused += !(held->usable && fill_vec(files, index, vec, tally));
}

ALWAYS void close_vec_malloc(pm_pool *pool, const lk_files *files, lk_held *held, lk_tally *tally) {
    (void)pool;
    if (!held->usable) {
        return;
    }
    seen(held->as.vec.data);
    tally->checksum += check_vec(&held->as.vec);
    if (files->files == 0) {
        free(held->as.vec.data);
    } else {
        pm_vec_deinit(&held->as.vec);
    }
}

ALWAYS void open_vec_pool(pm_pool *pool, const lk_files *files, uint64_t index, lk_held *held, lk_tally *tally) {
    pm_vec *vec = held->as.object = pm_pool_acquire(pool);
    held->usable = vec != NULL;
    const bool typed = held->usable && (files->files == 0 || pm_vec_retype(vec, sizeof *files->lines) == PM_OK);
    tally->refused += !(typed && fill_vec(files, index, vec, tally));
}

ALWAYS void close_vec_pool(pm_pool *pool, const lk_files *files, lk_held *held, lk_tally *tally) {
    (void)files;
    if (held->usable) {
        const pm_vec *vec = held->as.object;
        seen(vec->data);
        tally->checksum += check_vec(vec);
        pm_pool_release(pool, held->as.object);
    }
}

/* Maps: the distinct identifiers of a file, counted. */
ALWAYS bool fill_map(const lk_files *files, uint64_t index, pm_map *map, lk_tally *tally) {
    if (files->files == 0) {
        tally->bytes += FIRST_BYTES;
        return pm_map_put(map, index, ~index) == PM_OK;
    }
    const uint64_t *at = files->name_offsets + file_of(files, index);
    const int64_t *names = files->names + at[0];
    const size_t count = (size_t)(at[1] - at[0]);
    tally->bytes += (uint64_t)(names[count] - names[0]);
    return pm_map_count_many(map, files->name_bytes, names, count) == PM_OK;
}

ALWAYS void open_map_malloc(pm_pool *pool, const lk_files *files, uint64_t index, lk_held *held, lk_tally *tally) {
    (void)pool;
    pm_map *map = NULL;
    held->usable = pm_map_new(PLAN_MAP, &map) == PM_OK;
    held->as.object = map;
    tally->refused += !(held->usable && fill_map(files, index, map, tally));
}

ALWAYS void close_map_malloc(pm_pool *pool, const lk_files *files, lk_held *held, lk_tally *tally) {
    (void)pool, (void)files;
    if (held->usable) {
        tally->checksum += pm_map_count(held->as.object);
        pm_map_free(held->as.object);
    }
}

ALWAYS void open_map_pool(pm_pool *pool, const lk_files *files, uint64_t index, lk_held *held, lk_tally *tally) {
    held->as.object = pm_pool_acquire(pool);
    held->usable = held->as.object != NULL;
    tally->refused += !(held->usable && fill_map(files, index, held->as.object, tally));
}

ALWAYS void close_map_pool(pm_pool *pool, const lk_files *files, lk_held *held, lk_tally *tally) {
    (void)files;
    if (held->usable) {
        tally->checksum += pm_map_count(held->as.object);
        pm_pool_release(pool, held->as.object);
    }
}

/* `open` and `close` again as functions, and the loop over both. */
#define KIND(name)                                                                                                     \
    static void one_open_##name(pm_pool *pool, const lk_files *files, uint64_t index, lk_held *held,                   \
                                lk_tally *tally) {                                                                     \
        open_##name(pool, files, index, held, tally);                                                                  \
    }                                                                                                                  \
    static void one_close_##name(pm_pool *pool, const lk_files *files, lk_held *held, lk_tally *tally) {               \
        close_##name(pool, files, held, tally);                                                                        \
    }                                                                                                                  \
    static void open_close_##name(pm_pool *pool, const lk_files *files, uint64_t begin, uint64_t end,                  \
                                  lk_tally *tally) {                                                                   \
        lk_tally sum = *tally;                                                                                         \
        for (uint64_t index = begin; index < end; index++) {                                                           \
            lk_held held;                                                                                              \
            open_##name(pool, files, index, &held, &sum);                                                              \
            close_##name(pool, files, &held, &sum);                                                                    \
        }                                                                                                              \
        *tally = sum;                                                                                                  \
    }
KIND(strbuf_malloc)
KIND(strbuf_pool)
KIND(vec_malloc)
KIND(vec_pool)
KIND(map_malloc)
KIND(map_pool)

#define ENTRY(name, type, retained) {open_close_##name, one_open_##name, one_close_##name, type, retained}
const lk_kind *lk_kind_of(unsigned object, bool pooled) {
    static const lk_kind KINDS[3][2] = {
        {ENTRY(strbuf_malloc, NULL, 0), ENTRY(strbuf_pool, pm_strbuf_pool_type, PM_STRBUF_RETAINED)},
        {ENTRY(vec_malloc, NULL, 0), ENTRY(vec_pool, pm_vec_pool_type, PM_VEC_RETAINED)},
        {ENTRY(map_malloc, NULL, 0), ENTRY(map_pool, pm_map_pool_type, PM_MAP_RETAINED)},
    };
    return &KINDS[object][pooled];
}
