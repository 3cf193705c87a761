/* What the stages ask for: to fail, and memory that belongs to the task. Nothing here runs a stage.
 *
 * A stage that fails jumps back to session.c, the one place that ends a task, however it went: so stages clean up
 * nothing.
 */
#include "task.h"
#include "session.h"
#include "stack.h"
#include <inttypes.h>
#include <pm/heap.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- failing ---- */

_Noreturn static void task_fail(fe_task *task, fe_status status, uint32_t line, uint32_t column, const char *format,
                                va_list arguments) {
    task->error = (fe_error){.status = status, .line = line, .column = column, .system = task->error.system};
    vsnprintf(task->error.message, sizeof task->error.message, format, arguments);
    longjmp(task->exit, 1);
}

void fe_fail(fe_task *task, fe_status status, uint32_t line, uint32_t column, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    task_fail(task, status, line, column, format, arguments);
}

void fe_fail_at(fe_task *task, fe_status status, uint32_t offset, const char *format, ...) {
    const uint8_t *begin = task->source, *line = begin, *const at = begin + offset;
    uint32_t number = 1;
    for (const uint8_t *p; (p = memchr(line, '\n', (size_t)(at - line))) != NULL; line = p + 1) {
        number++;
    }
    va_list arguments;
    va_start(arguments, format);
    task_fail(task, status, number, (uint32_t)(at - line), format, arguments);
}

void fe_refuse(fe_task *task, size_t bytes) {
    fe_fail(task, FE_NO_MEMORY, 0, 0, "the system refused %" PRIu64 " bytes", (uint64_t)bytes);
}

void fe_deepen(fe_task *task, uintptr_t here, uint32_t offset) {
    task->stack_floor = fe_stack_floor(here, task->stack_begin);
    if (here < task->stack_floor) {
        fe_fail_at(task, FE_TOO_DEEP, offset,
                   "nested too deep for the stack of this thread; translate it on a thread with a larger stack");
    }
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

void fe_blocks_end(fe_session *session) {
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
