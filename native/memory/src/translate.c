/* Translating a batch in two passes over a team.
 *
 * The first runs the translator into a string and copies each text to the arena of its worker, where it stays in
 * place; `pieces` says where. The lengths are then summed to offsets, and the second pass copies blocks of rows to
 * their places in the column: by the caller alone where that is less work than waking the team.
 */
#include "pm/translate.h"
#include "memory.h"
#include "parallel_internal.h"
#include "size.h"
#include <string.h>

enum {
    BLOCK_ROWS = 256,
    ALONE_BYTES = 1 << 20,
    DATA_ALIGNMENT = 64,
    PREFETCH_BYTES = 256, /* from there on the processor sees by itself that bytes are read in sequence */
    LINE_BYTES = 64
};

struct pm_translation {
    size_t rows;
    size_t data_bytes;
    size_t data_capacity_bytes;
    unsigned char *data;
    int64_t *offsets;    /* rows + 1 */
    pm_status *statuses; /* rows */
    pm_team_report report;
};

/* A worker's own string, on a line of its own: two workers must not write one line for every row. */
typedef struct slot {
    _Alignas(LINE_BYTES) pm_strbuf string;
} slot;

typedef struct job {
    const pm_batch *batch;
    pm_translator translator;
    void *context;
    pm_translate_options options;
    pm_column_view sources;
    slot *strings;   /* one per worker, for PM_STRINGS_WORKER */
    pm_text *pieces; /* one per row; only whoever runs the row writes it */
    pm_translation *translation;
} job;

pm_status pm_translate_copy(void *context, const pm_batch_row *task, pm_strbuf *out, pm_worker *worker) {
    (void)context;
    (void)worker;
    return pm_strbuf_append(out, task->column[PM_BATCH_SOURCE].data, task->column[PM_BATCH_SOURCE].bytes);
}

static int64_t offset_at(const pm_column_view *column, size_t row) {
    return column->offset_bytes == 4 ? ((const int32_t *)column->offsets)[row]
                                     : ((const int64_t *)column->offsets)[row];
}

static void prefetch_source(const pm_column_view *sources, size_t row) {
    if (row < sources->row_count) {
        const int64_t first = offset_at(sources, row), end = offset_at(sources, row + 1);
        for (int64_t at = first; at < end && at < first + PREFETCH_BYTES; at += LINE_BYTES) {
            __builtin_prefetch(sources->data + at);
        }
    }
}

void pm_translate_prefetch(const pm_batch *batch, size_t row) {
    pm_column_view sources;
    if (pm_batch_view(batch, PM_BATCH_SOURCE, &sources) == PM_OK) {
        prefetch_source(&sources, row);
    }
}

/* The translator into an empty string, and its text into the worker's arena. */
static pm_status translate_into(const job *j, size_t row, pm_strbuf *string, pm_worker *worker) {
    pm_batch_row task;
    for (int column = 0; column < PM_BATCH_COLUMNS; column++) {
        const pm_status status = pm_batch_text(j->batch, (pm_batch_column)column, row, &task.column[column]);
        if (status != PM_OK) {
            return status;
        }
    }
    const pm_status status = j->translator(j->context, &task, string, worker);
    if (status != PM_OK || string->length == 0) {
        return status;
    }
    void *place = pm_arena_alloc(worker->arena, string->length, 1);
    if (place == NULL) {
        return PM_NO_MEMORY;
    }
    memcpy(place, string->data, string->length);
    j->pieces[row] = (pm_text){.data = place, .bytes = string->length};
    return PM_OK;
}

static pm_status translate_row(void *context, size_t row, pm_worker *worker) {
    const job *j = context;
    if (j->options.prefetch_distance != 0 && row <= SIZE_MAX - j->options.prefetch_distance) {
        prefetch_source(&j->sources, row + j->options.prefetch_distance);
    }
    pm_strbuf fresh;
    pm_strbuf *string = NULL;
    pm_status status = PM_OK;
    switch (j->options.strings) {
    case PM_STRINGS_WORKER:
        string = &j->strings[worker->index].string;
        pm_strbuf_clear(string);
        return translate_into(j, row, string, worker);
    case PM_STRINGS_POOLED:
        string = pm_pool_acquire(j->options.pool);
        if (string == NULL) {
            return PM_NO_MEMORY;
        }
        status = translate_into(j, row, string, worker);
        const pm_status released = pm_pool_release(j->options.pool, string);
        return status == PM_OK ? released : status;
    case PM_STRINGS_FRESH:
        status = pm_strbuf_init(&fresh, 0);
        if (status == PM_OK) {
            status = translate_into(j, row, &fresh, worker);
            pm_strbuf_deinit(&fresh);
        }
        return status;
    }
    return PM_INVALID;
}

static pm_status copy_block(void *context, size_t block, pm_worker *worker) {
    const job *j = context;
    const pm_translation *t = j->translation;
    const size_t first = block * BLOCK_ROWS, left = t->rows - first,
                 end = first + (left < BLOCK_ROWS ? left : BLOCK_ROWS);
    (void)worker;
    for (size_t row = first; row < end; row++) {
        if (j->pieces[row].bytes != 0) {
            memcpy(t->data + t->offsets[row], j->pieces[row].data, j->pieces[row].bytes);
        }
    }
    return PM_OK;
}

/* Sums the lengths of the pieces to offsets and makes room for the data. */
static pm_status lay_out(const job *j) {
    pm_translation *t = j->translation;
    size_t total = 0, capacity;
    t->offsets[0] = 0;
    for (size_t row = 0; row < t->rows; row++) {
        if (!pm_size_add(total, j->pieces[row].bytes, &total)) {
            return PM_OVERFLOW;
        }
        t->offsets[row + 1] = (int64_t)total;
    }
    if (total > INT64_MAX || !pm_size_round_up(total, DATA_ALIGNMENT, &capacity)) {
        return PM_OVERFLOW;
    }
    if (capacity == 0) {
        return PM_OK;
    }
    t->data = pm_heap_alloc(capacity, DATA_ALIGNMENT);
    if (t->data == NULL) {
        return PM_NO_MEMORY;
    }
    t->data_capacity_bytes = capacity;
    t->data_bytes = total;
    memset(t->data + total, 0, capacity - total);
    return PM_OK;
}

static pm_status translate(pm_team *team, job *j) {
    pm_translation *t = j->translation;
    if (!pm_team_enter(team)) {
        return PM_BUSY;
    }
    pm_team_first_pass(team, t->rows, translate_row, j, t->statuses, &t->report);
    const pm_status status = lay_out(j);
    if (status == PM_OK) {
        const size_t blocks = t->rows / BLOCK_ROWS + (t->rows % BLOCK_ROWS != 0);
        if (t->data_bytes > ALONE_BYTES) {
            pm_team_next_pass(team, blocks, copy_block, j);
        } else {
            for (size_t block = 0; block < blocks; block++) {
                (void)copy_block(j, block, NULL);
            }
        }
    }
    pm_team_leave(team);
    return status;
}

/* The strings of the workers, all or none. */
static pm_status strings_new(job *j, size_t count) {
    j->strings = pm_heap_alloc(count * sizeof(slot), LINE_BYTES);
    if (j->strings == NULL) {
        return PM_NO_MEMORY;
    }
    memset(j->strings, 0, count * sizeof(slot));
    for (size_t i = 0; i < count; i++) {
        const pm_status status = pm_strbuf_init(&j->strings[i].string, 0);
        if (status != PM_OK) {
            return status;
        }
    }
    return PM_OK;
}

static void strings_free(job *j, size_t count) {
    for (size_t i = 0; j->strings != NULL && i < count; i++) {
        pm_strbuf_deinit(&j->strings[i].string);
    }
    pm_heap_free(j->strings, count * sizeof(slot));
}

static size_t rows_bytes(size_t rows, size_t element_bytes) {
    return rows == 0 ? 1 : rows * element_bytes; /* a batch of so many rows holds three offsets for each: no overflow */
}

pm_status pm_translate_batch(pm_team *team, const pm_batch *batch, pm_translator translator, void *context,
                             const pm_translate_options *options, pm_translation **out) {
    const size_t rows = pm_batch_row_count(batch), workers = pm_team_worker_count(team);
    job j = {.batch = batch, .translator = translator, .context = context};
    j.options = options == NULL ? (pm_translate_options){0} : *options;
    const bool pooled = j.options.strings == PM_STRINGS_POOLED;
    if (translator == NULL || j.options.strings > PM_STRINGS_FRESH || pooled != (j.options.pool != NULL)) {
        return PM_INVALID;
    }
    pm_translation *t = pm_heap_alloc_zeroed(sizeof *t);
    if (t == NULL) {
        return PM_NO_MEMORY;
    }
    t->rows = rows;
    t->offsets = pm_heap_alloc((rows + 1) * sizeof(int64_t), DATA_ALIGNMENT);
    t->statuses = pm_heap_alloc(rows_bytes(rows, sizeof(pm_status)), _Alignof(max_align_t));
    j.pieces = pm_heap_alloc_zeroed(rows_bytes(rows, sizeof(pm_text)));
    j.translation = t;
    pm_status status = t->offsets == NULL || t->statuses == NULL || j.pieces == NULL ? PM_NO_MEMORY : PM_OK;
    if (status == PM_OK && j.options.strings == PM_STRINGS_WORKER) {
        status = strings_new(&j, workers);
    }
    if (status == PM_OK) {
        status = pm_batch_view(batch, PM_BATCH_SOURCE, &j.sources);
    }
    if (status == PM_OK) {
        status = translate(team, &j);
    }
    strings_free(&j, workers);
    pm_heap_free(j.pieces, rows_bytes(rows, sizeof(pm_text)));
    if (status != PM_OK) {
        pm_translation_free(t);
        return status;
    }
    *out = t;
    return PM_OK;
}

void pm_translation_free(pm_translation *t) {
    if (t != NULL) {
        pm_heap_free(t->data, t->data_capacity_bytes);
        pm_heap_free(t->offsets, (t->rows + 1) * sizeof(int64_t));
        pm_heap_free(t->statuses, rows_bytes(t->rows, sizeof(pm_status)));
        pm_heap_free(t, sizeof *t);
    }
}

void pm_translation_view(const pm_translation *t, pm_column_view *out) {
    *out = (pm_column_view){.offsets = t->offsets,
                            .data = t->data,
                            .row_count = t->rows,
                            .data_bytes = t->data_bytes,
                            .offset_bytes = sizeof(int64_t)};
}

const pm_status *pm_translation_statuses(const pm_translation *t) {
    return t->rows == 0 ? NULL : t->statuses;
}

void pm_translation_report(const pm_translation *t, pm_team_report *out) {
    *out = t->report;
}
