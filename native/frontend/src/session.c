/* Sessions, and their tasks from the source to the end: runs the stages, which never call back.
 *
 * A stage that fails jumps back to `session_run`, which ends the task. Nothing that it reads after the jump is a local
 * variable.
 *
 * What a session costs is counted where it reaches the system: in `heap`, which the layer adds to while a call of the
 * session is under way on its thread, and which blocks of malloc add to here. The caller's sink and delegate may use
 * the layer for ends of their own; `heap` is not watching then.
 */
#include "session.h"
#include "fe/columns.h"
#include "inspect.h"
#include "stack.h"
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
    INT_DIGITS = 4300, /* sys.int_info.default_max_str_digits */
};

typedef struct origin {
    const char *path; /* of a file; else: */
    const void *data;
    size_t bytes;
    bool padded;
} origin;

static void session_take_source(fe_task *task, const origin *from) {
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
static bool session_sink_outside(void *context, const void *data, size_t bytes) {
    fe_session *session = context;
    pm_ledger_watch(session->outer);
    const bool taken = session->sink(session->sink_context, data, bytes);
    session->outer = pm_ledger_watch(&session->heap);
    return taken;
}

static void session_run_stages(fe_task *task, fe_stage stage) {
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

static void session_begin(fe_session *session, fe_sink sink, void *context) {
    fe_task *task = &session->task;
    session->outer = pm_ledger_watch(&session->heap);
    session->fault_armed = pm_fault_pending() != 0;
    session->sink = sink;
    session->sink_context = context;
    task->sink = sink ? session_sink_outside : NULL;
    task->sink_context = session;
    task->source = NULL;
    task->bytes = 0;
    task->depth = 0;
    task->stack_begin = FE_STACK_HERE();
    task->stack_floor = fe_stack_first_floor(task->stack_begin);
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

static void session_end(fe_session *session) {
    fe_task *task = &session->task;
    fe_ledger *ledger = &session->ledger;
    pm_ledger_watch(&session->heap); /* a stage may have failed while something else was watching */
    ledger->task_count++;
    ledger->failed_count += task->error.status != FE_OK;
    ledger->token_count += task->tokens.count;
    ledger->node_count += task->tree.node_count;
    fe_read_end(session);
    fe_blocks_end(session);
    fe_kept_end_arena(session);
    fe_buffers_end(session);
    pm_ledger_watch(session->outer);
}

static fe_status session_run(fe_session *session, const origin *from, fe_stage stage, fe_sink sink, void *context,
                             fe_error *error) {
    fe_task *task = &session->task;
    session_begin(session, sink, context);
    if (setjmp(task->exit) == 0) {
        if ((unsigned)stage > FE_STAGE_COLUMNS) {
            fe_fail(task, FE_INVALID, 0, 0, "there is no stage %d", (int)stage);
        }
        session_take_source(task, from);
        session_run_stages(task, stage);
    } else if (session->lexing && stage != FE_STAGE_LEX && task->error.status == FE_SYNTAX) {
        fe_look_again(session);
    }
    session_end(session);
    if (error != NULL) {
        *error = task->error;
    }
    return task->error.status;
}

fe_status fe_translate(fe_session *session, const void *source, size_t bytes, fe_stage stage, fe_sink sink,
                       void *context, fe_error *error) {
    const origin from = {.data = source, .bytes = bytes};
    return session_run(session, &from, stage, sink, context, error);
}

fe_status fe_translate_padded(fe_session *session, const void *source, size_t bytes, fe_stage stage, fe_sink sink,
                              void *context, fe_error *error) {
    const origin from = {.data = source, .bytes = bytes, .padded = true};
    return session_run(session, &from, stage, sink, context, error);
}

fe_status fe_translate_file(fe_session *session, const char *path, fe_stage stage, fe_sink sink, void *context,
                            fe_error *error) {
    const origin from = {.path = path};
    return session_run(session, &from, stage, sink, context, error);
}

/* ---- sessions ---- */

static uint32_t session_bound_of(uint32_t wanted, uint32_t otherwise) {
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
    session->string_buffers = session_bound_of(o->string_buffers, STRING_BUFFERS);
    session->vector_buffers = session_bound_of(o->vector_buffers, VECTOR_BUFFERS);
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
    fe_kept_drop_interner(session);
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
