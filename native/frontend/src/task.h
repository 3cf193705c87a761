/* task.h: one task on its way through the stages, and what the stages ask of the session that runs it.
 *
 * Shared by every variant: nothing here depends on a macro. session.c makes and ends tasks; each stage is a function
 * of the task, and calls what task.c and buffers.c have. A stage that cannot go on calls fe_fail, which does not
 * return: it jumps back to session.c, which ends the task, and with it every buffer, block and arena mark of the task.
 * So a stage holds nothing outside the task.
 */
#ifndef FE_TASK_H
#define FE_TASK_H

#include <pm/arena.h>
#include <pm/interner.h>
#include <pm/text.h>
#include <setjmp.h>

#include "dialect.h"
#include "fe/frontend.h"
#include "kinds.h"
#include "token_store.h"
#include "tree_store.h"

/* Growable memory of a task, from the session: kept for later tasks (POOL) or new. */
typedef struct fe_buffer {
    void *data;
    size_t bytes;      /* capacity */
    void *holder;      /* session.c's: where it goes back to */
    uint8_t is_vector; /* string or vector, for the bounds of the pools */
} fe_buffer;

/* A block of malloc that a task owns; the data follow. They hang together so that ending a task ends them all. */
typedef struct fe_block {
    struct fe_block *next;
    size_t bytes; /* of the data */
} fe_block;

enum {
    FE_SOURCE_LEAD = 64, /* zeroed bytes that may be read before the source ... */
    FE_SOURCE_TAIL = 64, /* ... and behind it */
    FE_BUFFERS = 25
};

/* What each buffer of a task holds; columns of tokens and nodes are parts of one buffer or several, as the stage likes.
 */
typedef enum fe_buffer_use {
    FE_BUF_SOURCE,
    FE_BUF_DECODED, /* without VIEWS: the decode stage's copy */
    FE_BUF_LINES,   /* uint32_t line_start[] */
    FE_BUF_ASIDES,  /* fe_aside[] */
    FE_BUF_BITS,    /* bitmaps of the source (SIMD) */
    FE_BUF_TOKENS,
    FE_BUF_TOKENS_2,
    FE_BUF_TOKENS_3,
    FE_BUF_TOKENS_4,
    FE_BUF_TOKENS_5,
    FE_BUF_NAMES, /* what bulk interning needs */
    FE_BUF_NAMES_2,
    FE_BUF_WORDS, /* without ARENA: unused */
    FE_BUF_NODES,
    FE_BUF_NODES_2,
    FE_BUF_NODES_3,
    FE_BUF_NODES_4,
    FE_BUF_STACK, /* the parser's list of elements under way */
    FE_BUF_SCRATCH,
    FE_BUF_SCRATCH_2,
    FE_BUF_SYMBOLS,
    FE_BUF_SYMBOLS_2,
    FE_BUF_SYMBOLS_3,
    FE_BUF_OUTPUT,
    FE_BUF_RESULT /* without VIEWS: the copy that is handed to the sink */
} fe_buffer_use;

/* A line of which some tokens count their columns from elsewhere than its begin; see positions.h. */
typedef struct fe_aside {
    uint32_t number;
    uint32_t begin;
} fe_aside;

typedef struct fe_task {
    fe_session *session;
    const struct fe_stages *stages; /* of the session's switches */
    const uint8_t *source; /* FE_SOURCE_LEAD and FE_SOURCE_TAIL zero bytes around it; UTF-8, no BOM, '\n' line ends */
    uint32_t bytes;
    uint32_t newline_count; /* in the source, and ... */
    bool has_tabs;          /* ... whether a tab or form feed is; the decode stage counts */
    uint32_t switches;
    const fe_dialect *dialect; /* of the language */
    bool shows_empty;          /* the text has empty lists */
    uint32_t prefetch;         /* elements ahead; 0 where PREFETCH is off */
    uint32_t int_digits;       /* decimal digits of an int at most */
    uint32_t depth;            /* nesting now */
    uintptr_t stack_begin;     /* where on the stack the task began, and ... */
    uintptr_t stack_floor;     /* ... how far down recursion may go; see stack.h */

    uint32_t *line_start; /* byte offset of line i + 1; line_count entries and one more: `bytes` */
    uint32_t line_count;
    uint32_t aside_count; /* entries of FE_BUF_ASIDES */
    fe_tokens tokens;
    struct fe_tree_store tree;
    uintptr_t root;          /* fe_ref of the Module */
    uint32_t position;       /* parser: the token that is read next */
    uint64_t symbols_digest; /* symbols.c: a sum over scopes and names that no switch changes */

    pm_arena *arena;       /* ARENA; NULL otherwise */
    pm_interner *interner; /* INTERN; NULL otherwise */
    fe_block *blocks;      /* malloc'd blocks of the task */
    fe_buffer buffers[FE_BUFFERS];

    fe_sink sink;
    void *sink_context;
    struct fe_columns *columns; /* fe/columns.h: where columns.c appends; NULL: nowhere */
    fe_ledger *ledger;          /* the session's */
    const fe_delegate *delegate;
    uint32_t stream_bytes;
    fe_error error;
    jmp_buf exit;
} fe_task;

/* Ends the task with a status, a place and a message in printf's way. */
_Noreturn void fe_fail(fe_task *task, fe_status status, uint32_t line, uint32_t column, const char *format, ...)
    __attribute__((format(printf, 5, 6), cold));

/* The same at a byte offset of the source (any offset up to task->bytes); needs line_start. */
_Noreturn void fe_fail_at(fe_task *task, fe_status status, uint32_t offset, const char *format, ...)
    __attribute__((format(printf, 4, 5), cold));

/* For recursion that has come below task->stack_floor: lowers the floor to what the stack really has, or fails with
 * FE_TOO_DEEP at an offset of the source. `here` is the caller's frame. */
void fe_deepen(fe_task *task, uintptr_t here, uint32_t offset) __attribute__((cold, noinline));

/* At least `bytes` bytes in task->buffers[use], what it held kept (a growth that moves is counted as a copy). Returns
 * data. 64 bytes behind the capacity may be written, so that copies can be wide. */
void *fe_need(fe_task *task, fe_buffer_use use, size_t bytes);

/* malloc without ARENA, aligned to 8; belongs to the task. Counted. */
void *fe_block_alloc(fe_task *task, size_t bytes);

/* From the task's arena, or fe_block_alloc where there is none. */
void *fe_alloc(fe_task *task, size_t bytes);

/* Counts a copy of bytes of the task that a stage made. */
static inline void fe_count_copy(fe_task *task, size_t bytes) {
    task->ledger->copy_count++;
    task->ledger->copied_bytes += bytes;
}

#endif
