/* What a session keeps for the trees of later tasks, its arena and its interner; and the parser, which needs them. */
#include "session.h"
#include "stages.h"

enum {
    NAMES_MIN = 16,      /* room of an interner (no more than there are tokens), and */
    TOKENS_PER_NAME = 6, /* one more for so many tokens of the source */
    NAMES_KEPT = 1,      /* times that room it may hold when a task begins, else it is cleared; a source that ... */
    NAMES_GROWTH = 4,    /* ... wants so many times that room gets a new one */
    ARENA_BYTES = 768,   /* of an arena's chunk, and more for each token: what tree.c asks for at first */
    ARENA_BYTES_PER_TOKEN = 21,
    ARENA_KEPT_BYTES = 32 << 20 /* an arena that holds more is not kept */
};

static void kept_begin_arena(fe_session *session) {
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

void fe_kept_end_arena(fe_session *session) {
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

void fe_kept_drop_interner(fe_session *session) {
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
static void kept_begin_interner(fe_session *session) {
    fe_task *task = &session->task;
    const size_t tokens = task->tokens.count;
    const size_t names = (tokens < NAMES_MIN ? tokens : NAMES_MIN) + tokens / TOKENS_PER_NAME;
    if (names > session->names_room * NAMES_GROWTH) {
        fe_kept_drop_interner(session);
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

void fe_run_parser(fe_task *task) {
    if (task->session->switches & FE_SWITCH_ARENA) {
        kept_begin_arena(task->session);
    }
    if (task->session->switches & FE_SWITCH_INTERN) {
        kept_begin_interner(task->session);
    }
    task->stages->parse(task);
}
