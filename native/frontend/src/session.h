/* session.h: what the files that run and end tasks know of a session. */
#ifndef FE_SESSION_H
#define FE_SESSION_H

#include <pm/ledger.h>

#include "task.h"

/* What POOL keeps for the next task: one block, out of which the buffers of a task are cut one behind the other. */
typedef struct fe_kept {
    uint8_t *block;
    size_t bytes;
    size_t used;      /* by the buffers of the task under way */
    size_t wanted;    /* bytes that one task would have needed at most so far; 0: none yet */
    uint32_t strings; /* buffers of the task under way that were cut out of it, by type */
    uint32_t vectors;
} fe_kept;

struct fe_session {
    fe_task task; /* the one under way; between two of them its buffers are empty */
    uint32_t switches;
    uint32_t string_buffers; /* bounds on what is kept */
    uint32_t vector_buffers;
    uint32_t stream_bytes;
    bool fault_armed; /* pm_fault_after counts: blocks of malloc ask it too */
    bool lexing;      /* the lexer is at work */
    int file;         /* open while read.c reads; -1 */
    fe_kept kept;
    size_t arena_wanted;                           /* bytes that one task took out of the arena at most so far */
    size_t names_room;                             /* that the interner was made with; 0: none yet */
    uint64_t interned_before, deduplicated_before; /* the interner's counts when the ledger was reset */
    fe_ledger ledger;                              /* but for what `heap` and the interner count */
    pm_ledger heap;                                /* every call of the session that reached the system */
    pm_ledger *outer;                              /* what the thread watched when the call began */
    fe_sink sink;                                  /* the caller's */
    void *sink_context;
};

/* Makes the tree of the tokens, in an arena and with an interner that are kept (kept.c), which these end: */
void fe_run_parser(fe_task *task);
void fe_kept_end_arena(fe_session *session);
void fe_kept_drop_interner(fe_session *session);

/* For a task that its lexer ended: whether an error of the parser goes first. Leaves the one to report in task->error.
 * second_look.c. */
void fe_look_again(fe_session *session);

/* Ends a task for want of so many bytes. task.c. */
_Noreturn void fe_refuse(fe_task *task, size_t bytes);

/* Frees the task's blocks of malloc. task.c. */
void fe_blocks_end(fe_session *session);

/* Ends all buffers of the task: back to what is kept, or freed. buffers.c. */
void fe_buffers_end(fe_session *session);

/* Frees what is kept; between tasks. buffers.c. */
void fe_buffers_trim(fe_session *session);

/* Reads a file to FE_BUF_SOURCE and makes it the task's source. read.c. */
void fe_read_file(fe_task *task, const char *path);

/* Closes the file that a failing task left open. read.c. */
void fe_read_end(fe_session *session);

/* Room for a source of `bytes` bytes in FE_BUF_SOURCE, zeros before it: where it begins. task.c. */
uint8_t *fe_source_room(fe_task *task, size_t bytes);

/* Makes what lies there the task's source; zeros are written behind it. task.c. */
void fe_source_set(fe_task *task, uint8_t *source, size_t bytes);

#endif
