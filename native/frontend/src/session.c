/* Sessions, and their tasks from the source to the end.
 *
 * A stage that fails jumps back to `run`, the one place that ends a task, however it went: so stages clean up nothing.
 * Nothing that `run` reads after the jump is a local variable.
 *
 * What a session costs is counted where it reaches the system: in `heap`, which the layer adds to while a call of the
 * session is under way on its thread, and which blocks of malloc add to here. The caller's sink and delegate may use
 * the layer for ends of their own; `heap` is not watching then.
 */
#include "session.h"
#include "fe/columns.h"
#include "inspect.h"
#include "stages.h"
#include <inttypes.h>
#include <pm/heap.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    STRING_BUFFERS = 1000,
    VECTOR_BUFFERS = 500,
    PREFETCH_DISTANCE = 8,
    STREAM_BYTES = 32768,
    STREAM_LEAST = 2048,
    INT_DIGITS = 4300,   /* sys.int_info.default_max_str_digits */
    NAMES_MIN = 16,      /* room of an interner (no more than there are tokens), and */
    TOKENS_PER_NAME = 6, /* one more for so many tokens of the source */
    NAMES_KEPT = 1,      /* times that room it may hold when a task begins, else it is cleared; a source that ... */
    NAMES_GROWTH = 4,    /* ... wants so many times that room gets a new one */
    ARENA_BYTES = 768,   /* of an arena's chunk, and more for each token: what tree.c asks for at first */
    ARENA_BYTES_PER_TOKEN = 21,
    ARENA_KEPT_BYTES = 32 << 20 /* an arena that holds more is not kept */
};

/* ---- failing ---- */

_Noreturn static void fail(fe_task *task, fe_status status, uint32_t line, uint32_t column, const char *format,
                           va_list arguments) {
    task->error = (fe_error){.status = status, .line = line, .column = column, .system = task->error.system};
    vsnprintf(task->error.message, sizeof task->error.message, format, arguments);
    longjmp(task->exit, 1);
}

void fe_fail(fe_task *task, fe_status status, uint32_t line, uint32_t column, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fail(task, status, line, column, format, arguments);
}

void fe_fail_at(fe_task *task, fe_status status, uint32_t offset, const char *format, ...) {
    const uint8_t *begin = task->source, *line = begin, *const at = begin + offset;
    uint32_t number = 1;
    for (const uint8_t *p; (p = memchr(line, '\n', (size_t)(at - line))) != NULL; line = p + 1) {
        number++;
    }
    va_list arguments;
    va_start(arguments, format);
    fail(task, status, number, (uint32_t)(at - line), format, arguments);
}

void fe_refuse(fe_task *task, size_t bytes) {
    fe_fail(task, FE_NO_MEMORY, 0, 0, "the system refused %" PRIu64 " bytes", (uint64_t)bytes);
}

/* ---- memory ---- */

void *fe_block_alloc(fe_task *task, size_t bytes) {
    fe_session *session = task->session;
    fe_block *block = NULL;
    if (PM_LIKELY(!session->fault_armed || !pm_fault_strikes())) {
        block = malloc(sizeof *block + bytes);
    }
    if (PM_UNLIKELY(block == NULL)) {
        fe_refuse(task, bytes);
    }
    block->next = task->blocks;
    block->bytes = bytes;
    task->blocks = block;
    pm_ledger_obtained(&session->heap, sizeof *block + bytes);
    return block + 1;
}

static void free_blocks(fe_session *session) {
    for (fe_block *block = session->task.blocks; block != NULL;) {
        fe_block *next = block->next;
        pm_ledger_gave_back(&session->heap, sizeof *block + block->bytes);
        free(block);
        block = next;
    }
    session->task.blocks = NULL;
}

void *fe_alloc(fe_task *task, size_t bytes) {
    if (task->arena == NULL) {
        return fe_block_alloc(task, bytes);
    }
    void *data = pm_arena_alloc(task->arena, bytes, 8);
    if (data == NULL) {
        fe_refuse(task, bytes);
    }
    return data;
}

static void begin_arena(fe_session *session) {
    fe_task *task = &session->task;
    if (task->arena == NULL) {
        const size_t likely = ARENA_BYTES + task->tokens.count * (size_t)ARENA_BYTES_PER_TOKEN;
        const pm_arena_options options = {.capacity_bytes =
                                              likely > session->arena_wanted ? likely : session->arena_wanted};
        if (pm_arena_new(&options, &task->arena) != PM_OK) {
            fe_fail(task, FE_NO_MEMORY, 0, 0, "no memory for the arena");
        }
    }
}

static void end_arena(fe_session *session) {
    fe_task *task = &session->task;
    if (task->arena == NULL) {
        return;
    }
    pm_arena_stats stats;
    pm_arena_read_stats(task->arena, &stats);
    const bool split = stats.chunk_count > 1; /* one chunk of the right size serves the next task better */
    session->arena_wanted = stats.peak_bytes > session->arena_wanted ? stats.peak_bytes : session->arena_wanted;
    if (!(session->switches & FE_SWITCH_POOL) || split || stats.capacity_bytes > ARENA_KEPT_BYTES) {
        pm_arena_free(task->arena);
        task->arena = NULL;
    } else {
        pm_arena_reset(task->arena);
    }
}

static void drop_interner(fe_session *session) {
    pm_interner *interner = session->task.interner;
    if (interner != NULL) {
        pm_interner_stats stats;
        pm_interner_read_stats(interner, &stats);
        session->ledger.interned_count += stats.interned_count - session->interned_before;
        session->ledger.deduplicated_count += stats.deduplicated_count - session->deduplicated_before;
        session->interned_before = session->deduplicated_before = 0;
        session->task.interner = NULL;
        pm_interner_free(interner);
    }
}

/* The names of earlier tasks are kept for the hits that they bring, in proportion to the largest source. */
static void begin_interner(fe_session *session) {
    fe_task *task = &session->task;
    const size_t tokens = task->tokens.count;
    const size_t names = (tokens < NAMES_MIN ? tokens : NAMES_MIN) + tokens / TOKENS_PER_NAME;
    if (names > session->names_room * NAMES_GROWTH) {
        drop_interner(session);
    }
    if (task->interner == NULL) {
        const pm_interner_options options = {.strings = names};
        if (pm_interner_new(&options, &task->interner) != PM_OK) {
            fe_fail(task, FE_NO_MEMORY, 0, 0, "no memory for the interner");
        }
        session->names_room = names;
    } else if (pm_interner_count(task->interner) > session->names_room * NAMES_KEPT) {
        pm_interner_clear(task->interner);
    }
}

/* ---- the source ---- */

uint8_t *fe_source_room(fe_task *task, size_t bytes) {
    if (bytes > FE_SOURCE_BYTES_MAX) {
        fe_fail(task, FE_INVALID, 0, 0, "a source of %" PRIu64 " bytes; the most is %d", (uint64_t)bytes,
                (int)FE_SOURCE_BYTES_MAX);
    }
    task->bytes = (uint32_t)bytes; /* buffers are sized from it */
    uint8_t *room = fe_need(task, FE_BUF_SOURCE, FE_SOURCE_LEAD + bytes + FE_SOURCE_TAIL);
    memset(room, 0, FE_SOURCE_LEAD);
    return room + FE_SOURCE_LEAD;
}

void fe_source_set(fe_task *task, uint8_t *source, size_t bytes) {
    memset(source + bytes, 0, FE_SOURCE_TAIL);
    task->source = source;
    task->bytes = (uint32_t)bytes;
}

typedef struct origin {
    const char *path; /* of a file; else: */
    const void *data;
    size_t bytes;
    bool padded;
} origin;

static void take_source(fe_task *task, const origin *from) {
    if (from->path != NULL) {
        fe_read_file(task, from->path);
    } else if (from->padded && from->bytes <= FE_SOURCE_BYTES_MAX) {
        task->source = from->data;
        task->bytes = (uint32_t)from->bytes;
    } else {
        uint8_t *room = fe_source_room(task, from->bytes);
        if (from->bytes != 0) {
            memcpy(room, from->data, from->bytes);
            fe_count_copy(task, from->bytes);
        }
        fe_source_set(task, room, from->bytes);
    }
    task->ledger->source_bytes += task->bytes;
    const uint32_t piece =
        task->bytes < STREAM_LEAST / 2 ? STREAM_LEAST : task->bytes * 2; /* small sources, small pieces */
    task->stream_bytes = piece < task->session->stream_bytes ? piece : task->session->stream_bytes;
}

/* ---- tasks ---- */

/* The caller's sink, in which the session counts nothing. */
static bool sink_outside(void *context, const void *data, size_t bytes) {
    fe_session *session = context;
    pm_ledger_watch(session->outer);
    const bool taken = session->sink(session->sink_context, data, bytes);
    session->outer = pm_ledger_watch(&session->heap);
    return taken;
}

void fe_run_parser(fe_task *task) {
    if (task->session->switches & FE_SWITCH_ARENA) {
        begin_arena(task->session);
    }
    if (task->session->switches & FE_SWITCH_INTERN) {
        begin_interner(task->session);
    }
    task->stages->parse(task);
}

static void run_stages(fe_task *task, fe_stage stage) {
    const fe_stages *stages = task->stages;
    fe_session *session = task->session;
    fe_decode(task);
    session->lexing = true;
    stages->lexer.source(task);
    session->lexing = false;
    if (stage == FE_STAGE_LEX) {
        if (task->sink != NULL) {
            fe_write_tokens(task);
        }
        return;
    }
    fe_run_parser(task);
    if (stage >= FE_STAGE_SYMBOLS) {
        stages->symbols(task);
    }
    if (stage == FE_STAGE_TEXT) {
        stages->text(task);
    } else if (stage == FE_STAGE_COLUMNS) {
        if (task->columns == NULL) {
            fe_fail(task, FE_INVALID, 0, 0, "the session has no columns to fill");
        }
        pm_ledger_watch(session->outer); /* columns are the caller's; fe_need watches by itself */
        stages->columns(task);
        pm_ledger_watch(&session->heap);
    }
}

static void begin(fe_session *session, fe_sink sink, void *context) {
    fe_task *task = &session->task;
    session->outer = pm_ledger_watch(&session->heap);
    session->fault_armed = pm_fault_pending() != 0;
    session->sink = sink;
    session->sink_context = context;
    task->sink = sink ? sink_outside : NULL;
    task->sink_context = session;
    task->source = NULL;
    task->bytes = 0;
    task->depth = 0;
    task->line_start = NULL;
    task->line_count = 0;
    task->aside_count = 0;
    task->tokens = (fe_tokens){0};
    task->tree = (fe_tree_store){0};
    task->root = 0;
    task->position = 0;
    task->symbols_digest = 0;
    task->error = (fe_error){.status = FE_OK};
    session->lexing = false;
}

static void end(fe_session *session) {
    fe_task *task = &session->task;
    fe_ledger *ledger = &session->ledger;
    pm_ledger_watch(&session->heap); /* a stage may have failed while something else was watching */
    ledger->task_count++;
    ledger->failed_count += task->error.status != FE_OK;
    ledger->token_count += task->tokens.count;
    ledger->node_count += task->tree.node_count;
    fe_read_end(session);
    free_blocks(session);
    end_arena(session);
    fe_buffers_end(session);
    pm_ledger_watch(session->outer);
}

static fe_status run(fe_session *session, const origin *from, fe_stage stage, fe_sink sink, void *context,
                     fe_error *error) {
    fe_task *task = &session->task;
    begin(session, sink, context);
    if (setjmp(task->exit) == 0) {
        if ((unsigned)stage > FE_STAGE_COLUMNS) {
            fe_fail(task, FE_INVALID, 0, 0, "there is no stage %d", (int)stage);
        }
        take_source(task, from);
        run_stages(task, stage);
    } else if (session->lexing && stage != FE_STAGE_LEX && task->error.status == FE_SYNTAX) {
        fe_look_again(session);
    }
    end(session);
    if (error != NULL) {
        *error = task->error;
    }
    return task->error.status;
}

fe_status fe_translate(fe_session *session, const void *source, size_t bytes, fe_stage stage, fe_sink sink,
                       void *context, fe_error *error) {
    const origin from = {.data = source, .bytes = bytes};
    return run(session, &from, stage, sink, context, error);
}

fe_status fe_translate_padded(fe_session *session, const void *source, size_t bytes, fe_stage stage, fe_sink sink,
                              void *context, fe_error *error) {
    const origin from = {.data = source, .bytes = bytes, .padded = true};
    return run(session, &from, stage, sink, context, error);
}

fe_status fe_translate_file(fe_session *session, const char *path, fe_stage stage, fe_sink sink, void *context,
                            fe_error *error) {
    const origin from = {.path = path};
    return run(session, &from, stage, sink, context, error);
}

/* ---- sessions ---- */

static uint32_t bound_of(uint32_t wanted, uint32_t otherwise) {
    return wanted == FE_BUFFERS_NONE ? 0 : wanted ? wanted : otherwise;
}

fe_status fe_session_new(const fe_options *options, fe_session **out) {
    const fe_options defaults = {.switches = FE_SWITCHES_ALL, .minor = 11};
    const fe_options *o = options ? options : &defaults;
    if (o->switches & ~(uint32_t)FE_SWITCHES_ALL) {
        return FE_INVALID;
    }
    const fe_dialect *dialect = fe_dialect_of(o->minor);
    if (dialect == NULL) {
        return FE_UNSUPPORTED;
    }
    pm_ledger heap = {0};
    pm_ledger *outer = pm_ledger_watch(&heap);
    fe_session *session = pm_heap_alloc_zeroed(sizeof *session);
    pm_ledger_watch(outer);
    if (session == NULL) {
        return FE_NO_MEMORY;
    }
    session->heap = heap;
    session->switches = o->switches;
    session->string_buffers = bound_of(o->string_buffers, STRING_BUFFERS);
    session->vector_buffers = bound_of(o->vector_buffers, VECTOR_BUFFERS);
    session->file = -1;
    fe_task *task = &session->task;
    task->session = session;
    task->stages = fe_stages_of(o->switches);
    task->switches = o->switches;
    task->dialect = dialect;
    task->shows_empty = o->show_empty != 0 || !dialect->leaves_out_empty;
    task->prefetch = o->switches & FE_SWITCH_PREFETCH ? o->prefetch ? o->prefetch : PREFETCH_DISTANCE : 0;
    session->stream_bytes = o->stream_bytes ? o->stream_bytes : STREAM_BYTES;
    task->int_digits = o->int_digits ? o->int_digits : INT_DIGITS;
    task->ledger = &session->ledger;
    task->delegate = o->delegate;
    *out = session;
    return FE_OK;
}

void fe_session_trim(fe_session *session) {
    fe_task *task = &session->task;
    pm_ledger *outer = pm_ledger_watch(&session->heap);
    drop_interner(session);
    session->names_room = 0;
    pm_arena_free(task->arena);
    task->arena = NULL;
    session->arena_wanted = 0;
    fe_buffers_trim(session);
    pm_ledger_watch(outer);
}

void fe_session_free(fe_session *session) {
    if (session != NULL) {
        fe_session_trim(session);
        pm_heap_free(session, sizeof *session);
    }
}

void fe_session_set_columns(fe_session *session, fe_columns *columns) {
    session->task.columns = columns;
}

void fe_session_read_ledger(const fe_session *session, fe_ledger *out) {
    const pm_ledger *heap = &session->heap;
    *out = session->ledger;
    out->allocation_count = heap->allocation_count;
    out->free_count = heap->free_count;
    out->allocated_bytes = heap->allocated_bytes;
    out->freed_bytes = heap->freed_bytes;
    out->live_bytes = heap->live_bytes;
    out->peak_bytes = heap->peak_bytes;
    out->copy_count += heap->moved_count;
    out->copied_bytes += heap->moved_bytes;
    if (session->task.interner != NULL) {
        pm_interner_stats stats;
        pm_interner_read_stats(session->task.interner, &stats);
        out->interned_count += stats.interned_count - session->interned_before;
        out->deduplicated_count += stats.deduplicated_count - session->deduplicated_before;
    }
}

void fe_session_reset_ledger(fe_session *session) {
    const uint64_t live = session->heap.live_bytes;
    session->ledger = (fe_ledger){0};
    session->heap = (pm_ledger){.live_bytes = live, .peak_bytes = live};
    if (session->task.interner != NULL) {
        pm_interner_stats stats;
        pm_interner_read_stats(session->task.interner, &stats);
        session->interned_before = stats.interned_count;
        session->deduplicated_before = stats.deduplicated_count;
    }
}

const char *fe_status_text(fe_status status) {
    static const char *const texts[] = {"no error",
                                        "not Python",
                                        "nested too deep",
                                        "only Python can answer",
                                        "no memory",
                                        "the file cannot be read",
                                        "an argument is out of its range",
                                        "a version of Python that is not known",
                                        "the output was refused",
                                        "cancelled",
                                        "another batch is under way"};
    return (unsigned)status < sizeof texts / sizeof *texts ? texts[status] : "no such status";
}
