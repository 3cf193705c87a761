/* A session for each worker that a team can have, made with its first row. The worker's number is the key: a team runs
 * each of its workers on one thread, so a session is taken twice at a time only where two teams share the bridge. */
#include "fe/bridge.h"
#include <inttypes.h>
#include <pm/heap.h>
#include <stdio.h>

typedef struct place {
    fe_session *session;
    bool taken;
} place;

struct fe_bridge {
    fe_options options;
    place places[PM_TEAM_WORKERS_MAX];
};

fe_status fe_bridge_new(const fe_options *options, fe_bridge **out) {
    fe_session *first = NULL; /* says what is wrong with the options */
    const fe_status status = fe_session_new(options, &first);
    if (status != FE_OK) {
        return status;
    }
    fe_bridge *bridge = pm_heap_alloc_zeroed(sizeof *bridge);
    if (bridge == NULL) {
        fe_session_free(first);
        return FE_NO_MEMORY;
    }
    bridge->options = options ? *options : (fe_options){.switches = FE_SWITCHES_ALL, .minor = 11};
    bridge->places[0].session = first;
    *out = bridge;
    return FE_OK;
}

void fe_bridge_free(fe_bridge *bridge) {
    for (size_t i = 0; bridge != NULL && i < PM_TEAM_WORKERS_MAX; i++) {
        fe_session_free(bridge->places[i].session);
    }
    pm_heap_free(bridge, sizeof *bridge);
}

static bool append(void *context, const void *data, size_t bytes) {
    return pm_strbuf_append(context, data, bytes) == PM_OK;
}

static pm_status fail(pm_worker *worker, fe_status status, const fe_error *error) {
    char words[PM_FAILURE_BYTES];
    const char *message = error->message[0] ? error->message : fe_status_text(status);
    snprintf(words, sizeof words, "line %" PRIu32 ", column %" PRIu32 ": %.80s", error->line, error->column + 1,
             message);
    const bool refused = status == FE_NO_MEMORY || status == FE_SINK;
    return pm_worker_fail(worker, refused ? PM_NO_MEMORY : PM_INVALID, error->line ? words : message);
}

pm_status fe_bridge_translate(void *context, const pm_batch_row *task, pm_strbuf *out, pm_worker *worker) {
    fe_bridge *bridge = context;
    place *mine = &bridge->places[worker->index];
    if (__atomic_test_and_set(&mine->taken, __ATOMIC_ACQUIRE)) {
        return pm_worker_fail(worker, PM_BUSY, "another team uses this translator: give each its own");
    }
    fe_error error = {.status = FE_OK};
    fe_status status = mine->session ? FE_OK : fe_session_new(&bridge->options, &mine->session);
    if (status == FE_OK) {
        const pm_text source = task->column[PM_BATCH_SOURCE];
        status = fe_translate(mine->session, source.data, source.bytes, FE_STAGE_TEXT, append, out, &error);
    }
    __atomic_clear(&mine->taken, __ATOMIC_RELEASE);
    return status == FE_OK ? PM_OK : fail(worker, status, &error);
}
