/* A batch over a team: whoever takes a source translates it in its own session; texts are then put in order.
 *
 * A worker writes what its tasks make end to end into chunks of its own and notes where each text begins; when all
 * lengths are known the team copies the texts to their places in the column. What a failing task wrote is dropped by
 * going back to where it began. Each worker's state lies on lines of its own.
 */
#include "batch_result.h"
#include <pm/heap.h>
#include <pm/numa.h>
#include <pm/parallel.h>
#include <stdlib.h>
#include <string.h>

enum {
    LINE_BYTES = 64,
    CHUNK_BYTES = 1 << 20,
    PREFETCH_BYTES = 256, /* from there on the processor sees by itself that bytes are read in sequence */
    BLOCK_ROWS = 64,      /* of texts that are put in order at once */
    ALONE_BYTES = 1 << 20,
    PATH_BYTES = 512 /* longer paths need an allocation */
};

typedef struct chunk {
    struct chunk *next;
    size_t used;
    uint8_t data[CHUNK_BYTES - 2 * sizeof(void *)];
} chunk;

typedef struct worker {
    _Alignas(LINE_BYTES) fe_session *session;
    chunk *first, *last;
    fe_failure *failures;
    size_t failure_count, failure_bytes;
    fe_columns *columns; /* the batch's */
    fe_digest digest;    /* of the text under way */
} worker;

/* Where a text lies: its bytes go on in the next chunk where one ends. */
typedef struct piece {
    const chunk *from;
    size_t place;
    size_t bytes;
} piece;

struct fe_translator {
    fe_translator_options options;
    pm_team *team;
    worker *workers;
    size_t worker_count;
    bool busy;
};

typedef struct job {
    fe_translator *translator;
    fe_batch *batch;
    const pm_text *texts; /* or: */
    const pm_column_view *column;
    bool are_paths, padded;
    fe_stage stage;
    fe_keep keep;
    piece *pieces; /* FE_KEEP_TEXT: by row */
} job;

/* ---- what a task makes ---- */

static bool sink_text(void *context, const void *data, size_t bytes) {
    worker *self = context;
    const uint8_t *from = data;
    while (bytes != 0) {
        chunk *to = self->last;
        if (to == NULL || to->used == sizeof to->data) {
            chunk *next = to ? to->next : self->first;
            if (next == NULL) {
                next = pm_heap_alloc(sizeof *next, 16);
                if (next == NULL) {
                    return false;
                }
                next->next = NULL;
                *(to ? &to->next : &self->first) = next;
            }
            next->used = 0;
            self->last = to = next;
        }
        const size_t room = sizeof to->data - to->used, part = bytes < room ? bytes : room;
        memcpy(to->data + to->used, from, part);
        to->used += part;
        from += part;
        bytes -= part;
    }
    return true;
}

static bool sink_digest(void *context, const void *data, size_t bytes) {
    fe_digest_add(&((worker *)context)->digest, data, bytes);
    return true;
}

static void chunks_free(worker *self) {
    for (chunk *c = self->first; c != NULL;) {
        chunk *next = c->next;
        pm_heap_free(c, sizeof *c);
        c = next;
    }
    self->first = self->last = NULL;
}

static int64_t offset_at(const pm_column_view *column, size_t row) {
    return column->offset_bytes == 4 ? ((const int32_t *)column->offsets)[row]
                                     : ((const int64_t *)column->offsets)[row];
}

static pm_text text_at(const job *j, size_t row) {
    if (j->texts != NULL) {
        return j->texts[row];
    }
    const int64_t begin = offset_at(j->column, row);
    return (pm_text){j->column->data + begin, (size_t)(offset_at(j->column, row + 1) - begin)};
}

static void prefetch(const job *j, size_t row) {
    if (row < j->batch->rows && !j->are_paths) {
        const pm_text text = text_at(j, row);
        for (size_t at = 0; at < text.bytes && at < PREFETCH_BYTES; at += LINE_BYTES) {
            __builtin_prefetch((const uint8_t *)text.data + at);
        }
    }
}

static fe_status translate_path(const job *j, const worker *self, pm_text path, fe_sink sink, fe_error *error) {
    if (path.bytes != 0 &&
        memchr(path.data, 0, path.bytes) != NULL) { /* the system would read a file of another name */
        *error = (fe_error){.status = FE_READ, .message = "the path holds a NUL character, which no file's name can"};
        return FE_READ;
    }
    char room[PATH_BYTES], *name = path.bytes < sizeof room ? room : pm_heap_alloc(path.bytes + 1, 1);
    if (name == NULL) {
        *error = (fe_error){.status = FE_NO_MEMORY, .message = "no memory for a path"};
        return FE_NO_MEMORY;
    }
    if (path.bytes != 0) {
        memcpy(name, path.data, path.bytes);
    }
    name[path.bytes] = '\0';
    const fe_status status = fe_translate_file(self->session, name, j->stage, sink, (void *)(uintptr_t)self, error);
    if (name != room) {
        pm_heap_free(name, path.bytes + 1);
    }
    return status;
}

static fe_status translate(const job *j, worker *self, size_t row, fe_error *error) {
    const fe_translator_options *options = &j->translator->options;
    fe_sink sink = j->keep == FE_KEEP_TEXT ? sink_text : j->keep == FE_KEEP_DIGEST ? sink_digest : NULL;
    *error = (fe_error){.status = FE_NO_MEMORY, .message = "no memory for a session"};
    if (self->session == NULL && fe_session_new(&options->session, &self->session) != FE_OK) {
        return FE_NO_MEMORY; /* the options were checked when the translator was made */
    }
    if (self->columns != NULL) {
        self->columns->next_file = (uint32_t)row;
    }
    fe_session_set_columns(self->session, self->columns);
    if (options->session.switches & FE_SWITCH_PREFETCH) {
        prefetch(j, row + 1);
    }
    const pm_text text = text_at(j, row);
    if (j->are_paths) {
        return translate_path(j, self, text, sink, error);
    }
    return (j->padded ? fe_translate_padded : fe_translate)(self->session, text.data, text.bytes, j->stage, sink, self,
                                                            error);
}

static void note_failure(worker *self, size_t row, const fe_error *error) {
    const size_t needed = (self->failure_count + 1) * sizeof *self->failures;
    if (needed > self->failure_bytes) {
        const size_t bytes = self->failure_bytes ? self->failure_bytes * 2 : 4 * sizeof *self->failures;
        fe_failure *grown = pm_heap_resize(self->failures, self->failure_bytes, bytes);
        if (grown == NULL) {
            return; /* `statuses` names it */
        }
        self->failures = grown;
        self->failure_bytes = bytes;
    }
    self->failures[self->failure_count++] = (fe_failure){row, *error};
}

static pm_status run_row(void *context, size_t row, pm_worker *thread) {
    const job *j = context;
    worker *self = &j->translator->workers[thread->index];
    chunk *before = self->last;
    const size_t used = before ? before->used : 0;
    fe_error error;
    self->digest = (fe_digest){0};
    const fe_status status = j->batch->statuses[row] = translate(j, self, row, &error);
    if (status != FE_OK) {
        note_failure(self, row, &error);
        self->last = before;
        if (before != NULL) {
            before->used = used;
        }
        return PM_OK;
    }
    if (j->keep == FE_KEEP_DIGEST) {
        j->batch->digests[row] = fe_digest_end(&self->digest);
    } else if (j->keep == FE_KEEP_TEXT && self->last != NULL) {
        piece *text = &j->pieces[row];
        *text = before ? (piece){before, used, 0} : (piece){self->first, 0, 0};
        text->bytes = text->from->used - text->place;
        for (const chunk *c = text->from; c != self->last; text->bytes += c->used) {
            c = c->next;
        }
    }
    return PM_OK;
}

/* ---- the column ---- */

static pm_status copy_block(void *context, size_t block, pm_worker *thread) {
    const job *j = context;
    const fe_batch *b = j->batch;
    const size_t first = block * BLOCK_ROWS, end = b->rows - first < BLOCK_ROWS ? b->rows : first + BLOCK_ROWS;
    (void)thread;
    for (size_t row = first; row < end; row++) {
        const chunk *from = j->pieces[row].from;
        uint8_t *to = b->data + b->offsets[row];
        for (size_t place = j->pieces[row].place, left = j->pieces[row].bytes; left != 0; place = 0) {
            const size_t here = sizeof from->data - place, part = left < here ? left : here;
            memcpy(to, from->data + place, part);
            to += part;
            left -= part;
            from = from->next;
        }
    }
    return PM_OK;
}

static fe_status put_in_order(job *j) {
    fe_batch *b = j->batch;
    size_t total = 0;
    b->offsets[0] = 0;
    for (size_t row = 0; row < b->rows; row++) {
        total += j->pieces[row].bytes; /* all of it lies in memory: no overflow */
        b->offsets[row + 1] = (int64_t)total;
    }
    if (total == 0) {
        return FE_OK;
    }
    b->data_capacity = (total + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES;
    b->data = pm_heap_alloc(b->data_capacity, LINE_BYTES);
    if (b->data == NULL) {
        return FE_NO_MEMORY;
    }
    b->data_bytes = total;
    memset(b->data + total, 0, b->data_capacity - total);
    const size_t blocks = (b->rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
    pm_team_report report;
    if (total > ALONE_BYTES && pm_team_run(j->translator->team, blocks, copy_block, j, NULL, &report) == PM_OK &&
        report.done_count == blocks) {
        return FE_OK;
    }
    for (size_t block = 0; block < blocks; block++) {
        (void)copy_block(j, block, NULL);
    }
    return FE_OK;
}

/* ---- a batch from its making to its end ---- */

static int by_index(const void *a, const void *b) {
    const size_t left = ((const fe_failure *)a)->index, right = ((const fe_failure *)b)->index;
    return (left > right) - (left < right);
}

static fe_status gather_failures(const fe_translator *t, fe_batch *b) {
    for (size_t i = 0; i < t->worker_count; i++) {
        b->failure_count += t->workers[i].failure_count;
    }
    if (b->failure_count == 0) {
        return FE_OK;
    }
    b->failures = pm_heap_alloc(b->failure_count * sizeof *b->failures, 16);
    if (b->failures == NULL) {
        b->failure_count = 0;
        return FE_NO_MEMORY;
    }
    size_t count = 0;
    for (size_t i = 0; i < t->worker_count; i++) {
        const worker *w = &t->workers[i];
        if (w->failure_count != 0) {
            memcpy(b->failures + count, w->failures, w->failure_count * sizeof *w->failures);
            count += w->failure_count;
        }
    }
    qsort(b->failures, count, sizeof *b->failures, by_index);
    return FE_OK;
}

static void begin_workers(const job *j) {
    for (size_t i = 0; i < j->translator->worker_count; i++) {
        worker *w = &j->translator->workers[i];
        w->columns = j->batch->columns ? j->batch->columns[i] : NULL;
        if (w->session != NULL) {
            fe_session_reset_ledger(w->session);
        }
    }
}

static void end_workers(const job *j) {
    for (size_t i = 0; i < j->translator->worker_count; i++) {
        worker *w = &j->translator->workers[i];
        if (w->session != NULL) {
            fe_ledger ledger;
            fe_session_read_ledger(w->session, &ledger);
            fe_ledger_add(&j->batch->ledger, &ledger);
        }
        chunks_free(w);
        pm_heap_free(w->failures, w->failure_bytes);
        w->failures = NULL;
        w->failure_count = w->failure_bytes = 0;
        w->columns = NULL;
    }
}

static void read_report(const job *j) {
    fe_batch *b = j->batch;
    pm_team_stats stats;
    pm_team_read_stats(j->translator->team, &stats);
    b->report = (fe_batch_report){.worker_count = stats.worker_count, .pinned_count = stats.pinned_count};
    for (size_t row = 0; row < b->rows; row++) {
        b->report.done_count += b->statuses[row] == FE_OK;
        b->report.cancelled_count += b->statuses[row] == FE_CANCELLED;
    }
    b->report.failed_count = b->rows - b->report.done_count - b->report.cancelled_count;
}

static fe_status status_of(pm_status status) {
    return status == PM_OK ? FE_OK : status == PM_BUSY ? FE_BUSY : status == PM_INVALID ? FE_INVALID : FE_NO_MEMORY;
}

static fe_status run_batch(job *j, size_t rows) {
    fe_status status = fe_batch_new(rows, j->translator->worker_count, j->keep, &j->batch);
    if (status == FE_OK && j->keep == FE_KEEP_TEXT) {
        j->pieces = pm_heap_alloc_zeroed(fe_array_bytes(rows, sizeof *j->pieces));
        status = j->pieces ? FE_OK : FE_NO_MEMORY;
    }
    if (status == FE_OK) {
        pm_team_report report;
        begin_workers(j);
        status = status_of(pm_team_run(j->translator->team, rows, run_row, j, NULL, &report));
        if (status == FE_OK && j->keep == FE_KEEP_TEXT) {
            status = put_in_order(j);
        }
        if (status == FE_OK) {
            status = gather_failures(j->translator, j->batch);
        }
        end_workers(j);
        read_report(j);
    }
    pm_heap_free(j->pieces, fe_array_bytes(rows, sizeof *j->pieces));
    return status;
}

static fe_status run(job *j, size_t rows, fe_batch **out) {
    static const fe_stage NEEDED[] = {FE_STAGE_LEX, FE_STAGE_TEXT, FE_STAGE_TEXT, FE_STAGE_COLUMNS};
    const bool known = (unsigned)j->stage <= FE_STAGE_COLUMNS && (unsigned)j->keep <= FE_KEEP_COLUMNS;
    if (!known || (j->keep != FE_KEEP_NOTHING && j->stage != NEEDED[j->keep]) ||
        (j->stage == FE_STAGE_COLUMNS && (j->keep != FE_KEEP_COLUMNS || rows > UINT32_MAX))) {
        return FE_INVALID;
    }
    if (pm_thread_is_worker() || __atomic_exchange_n(&j->translator->busy, true, __ATOMIC_ACQUIRE)) {
        return FE_BUSY;
    }
    const fe_status status = run_batch(j, rows);
    __atomic_store_n(&j->translator->busy, false, __ATOMIC_RELEASE);
    if (status != FE_OK) {
        fe_batch_free(j->batch);
        return status;
    }
    *out = j->batch;
    return FE_OK;
}

fe_status fe_translate_texts(fe_translator *translator, const pm_text *sources, size_t count, bool padded,
                             fe_stage stage, fe_keep keep, fe_batch **out) {
    job j = {.translator = translator, .texts = sources, .padded = padded, .stage = stage, .keep = keep};
    return run(&j, count, out);
}

fe_status fe_translate_files(fe_translator *translator, const pm_text *paths, size_t count, fe_stage stage,
                             fe_keep keep, fe_batch **out) {
    job j = {.translator = translator, .texts = paths, .are_paths = true, .stage = stage, .keep = keep};
    return run(&j, count, out);
}

fe_status fe_translate_column(fe_translator *translator, const pm_column_view *sources, fe_stage stage, fe_keep keep,
                              fe_batch **out) {
    if (sources->offset_bytes != 4 && sources->offset_bytes != 8) {
        return FE_INVALID;
    }
    int64_t before = 0;
    for (size_t row = 0; row <= sources->row_count && sources->row_count != 0; row++) {
        const int64_t offset = offset_at(sources, row);
        if (offset < before || (uint64_t)offset > sources->data_bytes) {
            return FE_INVALID;
        }
        before = offset;
    }
    job j = {.translator = translator, .column = sources, .stage = stage, .keep = keep};
    return run(&j, sources->row_count, out);
}

/* ---- translators ---- */

fe_status fe_translator_new(const fe_translator_options *options, fe_translator **out) {
    const fe_translator_options defaults = {.session = {.switches = FE_SWITCHES_ALL, .minor = 11}};
    const fe_translator_options *o = options ? options : &defaults;
    fe_session *probe;
    fe_status status = fe_session_new(&o->session, &probe); /* says what is wrong with the options */
    if (status != FE_OK) {
        return status;
    }
    fe_session_free(probe);
    fe_translator *t = pm_heap_alloc_zeroed(sizeof *t);
    if (t == NULL) {
        return FE_NO_MEMORY;
    }
    t->options = *o;
    pm_numa_topology *topology = NULL;
    pm_team_options team = {.worker_count = o->worker_count};
    if (o->numa) {
        status = status_of(pm_numa_topology_new(NULL, &topology));
        team.pin = pm_team_pin_to_nodes;
        team.pin_context = topology;
    }
    if (status == FE_OK) {
        status = status_of(pm_team_new(&team, &t->team));
    }
    pm_numa_topology_free(topology);
    if (status == FE_OK) {
        t->worker_count = pm_team_worker_count(t->team);
        t->workers = pm_heap_alloc(t->worker_count * sizeof *t->workers, LINE_BYTES);
        status = t->workers ? FE_OK : FE_NO_MEMORY;
    }
    if (status != FE_OK) {
        fe_translator_free(t);
        return status;
    }
    memset(t->workers, 0, t->worker_count * sizeof *t->workers);
    *out = t;
    return FE_OK;
}

void fe_translator_free(fe_translator *t) {
    if (t == NULL) {
        return;
    }
    for (size_t i = 0; t->workers != NULL && i < t->worker_count; i++) {
        fe_session_free(t->workers[i].session);
    }
    (void)!pm_team_free(t->team); /* busy only where the caller broke the rule */
    pm_heap_free(t->workers, t->worker_count * sizeof *t->workers);
    pm_heap_free(t, sizeof *t);
}

void fe_translator_cancel(fe_translator *t) {
    pm_team_cancel(t->team);
}

fe_status fe_translator_trim(fe_translator *t) {
    if (__atomic_exchange_n(&t->busy, true, __ATOMIC_ACQUIRE)) {
        return FE_BUSY;
    }
    for (size_t i = 0; i < t->worker_count; i++) {
        if (t->workers[i].session != NULL) {
            fe_session_trim(t->workers[i].session);
        }
    }
    __atomic_store_n(&t->busy, false, __ATOMIC_RELEASE);
    return FE_OK;
}
