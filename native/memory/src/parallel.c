/* A team of threads and the batches that it runs.
 *
 * Stretches are claimed by guided self-scheduling (C. Polychronopoulos and D. Kuck, 1987) from one atomic counter: a
 * quarter of an even share of what is left, at least one task. Between batches the workers sleep on a condition;
 * everything about a batch but `next`, `cancelled` and the failures is written by the runner before it wakes them and
 * read by it after the last one has reported under the mutex.
 *
 * Invariants under `mutex`: busy = workers that have not finished (or, at the start, not reported) the generation;
 * running means that some thread is inside pm_team_run.
 */
#include "pm/parallel.h"
#include "memory.h"
#include "parallel_internal.h"
#include "platform/threads.h"
#include "pm/assert.h"
#include "pm/numa.h"
#include "size.h"
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 64 };

typedef struct worker {
    _Alignas(LINE_BYTES) pm_worker front; /* a line of its own: tasks read it, `done` is written by its thread alone */
    pm_thread thread;
    uint64_t generation; /* the last one seen */
    size_t done_count, failed_count, claim_count;
    bool pinned;
    bool said; /* message is of the task that runs now */
    char message[PM_FAILURE_BYTES];
} worker;

struct pm_team {
    _Alignas(LINE_BYTES) size_t next; /* the first task that nobody claimed */
    _Alignas(LINE_BYTES) bool cancelled;
    /* One batch: */
    size_t count;
    pm_task task;
    void *context;
    pm_status *statuses;
    /* Under the mutex: */
    pm_mutex mutex;
    pm_condition begin, finish;
    uint64_t generation;
    size_t busy;
    bool running, ending;
    bool next_pass; /* keep the arenas, heed no cancelling */
    pm_failure *failures;
    size_t failure_count, failure_capacity_bytes, unnamed_count;
    /* For good: */
    pm_team_options options;
    pm_team_stats stats; /* without what the workers count */
    size_t worker_count;
    worker workers[];
};

static PM_THREAD_LOCAL bool is_worker;

bool pm_thread_is_worker(void) {
    return is_worker;
}

bool pm_team_pin_to_nodes(void *topology, size_t worker_index) {
    pm_numa_node node;
    pm_numa_affinity before;
    size_t usable = 0;
    for (size_t i = 0; pm_numa_read_node(topology, i, &node) == PM_OK; i++) {
        usable += node.cpu_count != 0;
    }
    if (usable == 0) {
        return false;
    }
    size_t wanted = worker_index % usable;
    for (size_t i = 0; pm_numa_read_node(topology, i, &node) == PM_OK; i++) {
        if (node.cpu_count != 0 && wanted-- == 0) {
            return pm_numa_pin_thread(topology, node.node, &before) == PM_OK;
        }
    }
    return false;
}

static worker *whole(pm_worker *front) {
    return (worker *)(void *)front;
}

pm_status pm_worker_fail(pm_worker *front, pm_status status, const char *message) {
    worker *w = whole(front);
    const size_t length = strnlen(message, PM_FAILURE_BYTES - 1);
    memcpy(w->message, message, length);
    w->message[length] = '\0';
    w->said = true;
    return status;
}

bool pm_worker_is_cancelled(const pm_worker *front) {
    return __atomic_load_n(&front->team->cancelled, __ATOMIC_RELAXED);
}

static void keep_failure(pm_team *team, worker *w, size_t index, pm_status status) {
    size_t needed;
    const char *words = w->said ? w->message : pm_status_text(status);
    pm_platform_mutex_lock(&team->mutex);
    void *failures = team->failures;
    if (!pm_size_multiply(team->failure_count + 1, sizeof(pm_failure), &needed) ||
        pm_heap_reserve(&failures, &team->failure_capacity_bytes, needed) != PM_OK) {
        team->unnamed_count++;
    } else {
        team->failures = failures;
        pm_failure *failure = &team->failures[team->failure_count++];
        *failure = (pm_failure){.index = index, .status = status};
        memcpy(failure->message, words, strnlen(words, PM_FAILURE_BYTES - 1));
    }
    pm_platform_mutex_unlock(&team->mutex);
}

/* The next stretch of tasks, [*first, *end); false when none is left. */
static bool claim(pm_team *team, size_t *first, size_t *end) {
    *first = __atomic_load_n(&team->next, __ATOMIC_RELAXED);
    do {
        PM_ASSERT(*first <= team->count);
        const size_t left = team->count - *first, share = left / (4 * team->worker_count);
        if (left == 0) {
            return false;
        }
        *end = *first + (share == 0 ? 1 : share);
    } while (!__atomic_compare_exchange_n(&team->next, first, *end, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
    return true;
}

static void work(pm_team *team, worker *w) {
    size_t first, end;
    while (claim(team, &first, &end)) {
        w->claim_count++;
        for (size_t i = first; i < end; i++) {
            if (__atomic_load_n(&team->cancelled, __ATOMIC_RELAXED) && !team->next_pass) {
                return;
            }
            w->said = false;
            const pm_status status = team->task(team->context, i, &w->front);
            if (team->statuses != NULL) {
                team->statuses[i] = status;
            }
            if (PM_LIKELY(status == PM_OK)) {
                w->done_count++;
            } else {
                w->failed_count++;
                keep_failure(team, w, i, status);
            }
        }
    }
}

/* Under the mutex. */
static void report(pm_team *team) {
    PM_ASSERT(team->busy > 0 && team->busy <= team->worker_count);
    if (--team->busy == 0) {
        pm_platform_condition_wake_all(&team->finish);
    }
}

static void *live(void *argument) {
    worker *w = argument;
    pm_team *team = w->front.team;
    is_worker = true;
    w->pinned = team->options.pin != NULL && team->options.pin(team->options.pin_context, w->front.index);
    /* Made here, so that its memory is near the thread that uses it. */
    const pm_arena_options options = {.capacity_bytes = team->options.arena_capacity_bytes,
                                      .huge_pages = team->options.huge_pages};
    if (pm_arena_new(&options, &w->front.arena) != PM_OK) {
        w->front.arena = NULL;
    }
    pm_platform_mutex_lock(&team->mutex);
    report(team);
    for (;;) {
        while (team->generation == w->generation && !team->ending) {
            pm_platform_condition_wait(&team->begin, &team->mutex);
        }
        if (team->ending) {
            break;
        }
        w->generation = team->generation;
        pm_platform_mutex_unlock(&team->mutex);
        if (!team->next_pass) {
            pm_arena_reset(w->front.arena);
        }
        work(team, w);
        pm_platform_mutex_lock(&team->mutex);
        report(team);
    }
    pm_platform_mutex_unlock(&team->mutex);
    return NULL;
}

static size_t team_bytes(size_t worker_count) {
    const size_t bytes = sizeof(pm_team) + worker_count * sizeof(worker);
    return (bytes + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES;
}

/* Ends the first `started` workers and the team. */
static void team_end(pm_team *team, size_t started) {
    pm_platform_mutex_lock(&team->mutex);
    team->ending = true;
    pm_platform_condition_wake_all(&team->begin);
    pm_platform_mutex_unlock(&team->mutex);
    for (size_t i = 0; i < started; i++) {
        pm_platform_thread_join(team->workers[i].thread);
        pm_arena_free(team->workers[i].front.arena);
    }
    pm_platform_condition_deinit(&team->finish);
    pm_platform_condition_deinit(&team->begin);
    pm_platform_mutex_deinit(&team->mutex);
    pm_heap_free(team->failures, team->failure_capacity_bytes);
    pm_heap_free(team, team_bytes(team->worker_count));
}

static bool locks_init(pm_team *team) {
    if (!pm_platform_mutex_init(&team->mutex)) {
        return false;
    }
    if (pm_platform_condition_init(&team->begin)) {
        if (pm_platform_condition_init(&team->finish)) {
            return true;
        }
        pm_platform_condition_deinit(&team->begin);
    }
    pm_platform_mutex_deinit(&team->mutex);
    return false;
}

pm_status pm_team_new(const pm_team_options *options, pm_team **out) {
    const pm_team_options o = options == NULL ? (pm_team_options){0} : *options;
    const size_t count = o.worker_count == 0 ? pm_platform_processor_count() : o.worker_count;
    if (count > PM_TEAM_WORKERS_MAX || o.arena_capacity_bytes > SIZE_MAX / 4) {
        return PM_INVALID;
    }
    pm_team *team = pm_heap_alloc(team_bytes(count), LINE_BYTES);
    if (team == NULL) {
        return PM_NO_MEMORY;
    }
    memset(team, 0, team_bytes(count));
    team->options = o;
    team->worker_count = count;
    if (!locks_init(team)) {
        pm_heap_free(team, team_bytes(count));
        return PM_NO_MEMORY;
    }
    size_t started = 0;
    for (; started < count; started++) {
        worker *w = &team->workers[started];
        w->front = (pm_worker){.index = started, .team = team};
        pm_platform_mutex_lock(&team->mutex);
        team->busy++;
        pm_platform_mutex_unlock(&team->mutex);
        if (pm_fault_strikes() || !pm_platform_thread_start(&w->thread, live, w)) {
            break;
        }
    }
    bool whole_team = started == count;
    pm_platform_mutex_lock(&team->mutex);
    team->busy -= whole_team ? 0 : 1; /* the one that did not start */
    while (team->busy != 0) {
        pm_platform_condition_wait(&team->finish, &team->mutex);
    }
    pm_platform_mutex_unlock(&team->mutex);
    for (size_t i = 0; i < started; i++) {
        whole_team &= team->workers[i].front.arena != NULL;
    }
    if (!whole_team) {
        team_end(team, started);
        return PM_NO_MEMORY;
    }
    *out = team;
    return PM_OK;
}

pm_status pm_team_free(pm_team *team) {
    if (team == NULL) {
        return PM_OK;
    }
    pm_platform_mutex_lock(&team->mutex);
    const bool running = team->running;
    pm_platform_mutex_unlock(&team->mutex);
    if (running) {
        return PM_BUSY;
    }
    team_end(team, team->worker_count);
    return PM_OK;
}

static int by_index(const void *left, const void *right) {
    const size_t a = ((const pm_failure *)left)->index, b = ((const pm_failure *)right)->index;
    return (a > b) - (a < b);
}

/* Moves what the workers counted in a batch into *out and the team's totals. */
static void gather(pm_team *team, pm_team_report *out) {
    pm_team_report sum = {.unnamed_count = team->unnamed_count};
    for (size_t i = 0; i < team->worker_count; i++) {
        worker *w = &team->workers[i];
        sum.done_count += w->done_count;
        sum.failed_count += w->failed_count;
        team->stats.claim_count += w->claim_count;
    }
    PM_ASSERT(sum.done_count + sum.failed_count <= team->count);
    sum.cancelled_count = team->count - sum.done_count - sum.failed_count;
    team->stats.batch_count++;
    team->stats.done_count += sum.done_count;
    team->stats.failed_count += sum.failed_count;
    team->stats.cancelled_count += sum.cancelled_count;
    if (team->failure_count > 1) {
        qsort(team->failures, team->failure_count, sizeof(pm_failure), by_index);
    }
    *out = sum;
}

/* Wakes the workers and waits for them; under the mutex. */
static void pass(pm_team *team, size_t count, pm_task task, void *context, pm_status *statuses, bool next) {
    for (size_t i = 0; i < team->worker_count; i++) {
        worker *w = &team->workers[i];
        w->done_count = w->failed_count = w->claim_count = 0;
    }
    PM_ASSERT(team->running && team->busy == 0 && !team->ending);
    team->count = count;
    team->task = task;
    team->context = context;
    team->statuses = statuses;
    team->next_pass = next;
    __atomic_store_n(&team->next, 0, __ATOMIC_RELAXED);
    team->busy = team->worker_count;
    team->generation++;
    pm_platform_condition_wake_all(&team->begin);
    while (team->busy != 0) {
        pm_platform_condition_wait(&team->finish, &team->mutex);
    }
}

bool pm_team_enter(pm_team *team) {
    if (is_worker) {
        return false;
    }
    pm_platform_mutex_lock(&team->mutex);
    const bool entered = !team->running;
    team->running = true;
    pm_platform_mutex_unlock(&team->mutex);
    return entered;
}

void pm_team_leave(pm_team *team) {
    pm_platform_mutex_lock(&team->mutex);
    __atomic_store_n(&team->cancelled, false, __ATOMIC_RELAXED);
    team->running = false;
    pm_platform_mutex_unlock(&team->mutex);
}

void pm_team_first_pass(pm_team *team, size_t count, pm_task task, void *context, pm_status *statuses,
                        pm_team_report *out) {
    for (size_t i = 0; statuses != NULL && i < count; i++) {
        statuses[i] = PM_CANCELLED; /* until it ends otherwise */
    }
    pm_platform_mutex_lock(&team->mutex);
    team->failure_count = team->unnamed_count = 0;
    pass(team, count, task, context, statuses, false);
    gather(team, out);
    pm_platform_mutex_unlock(&team->mutex);
}

void pm_team_next_pass(pm_team *team, size_t count, pm_task task, void *context) {
    pm_platform_mutex_lock(&team->mutex);
    pass(team, count, task, context, NULL, true);
    pm_platform_mutex_unlock(&team->mutex);
}

pm_status pm_team_run(pm_team *team, size_t count, pm_task task, void *context, pm_status *statuses,
                      pm_team_report *out) {
    if (!pm_team_enter(team)) {
        return PM_BUSY;
    }
    pm_team_first_pass(team, count, task, context, statuses, out);
    pm_team_leave(team);
    return PM_OK;
}

void pm_team_cancel(pm_team *team) {
    pm_platform_mutex_lock(&team->mutex);
    if (team->running) {
        __atomic_store_n(&team->cancelled, true, __ATOMIC_RELAXED);
    }
    pm_platform_mutex_unlock(&team->mutex);
}

const pm_failure *pm_team_failures(const pm_team *team, size_t *count) {
    *count = team->failure_count;
    return team->failures;
}

void pm_team_read_stats(pm_team *team, pm_team_stats *out) {
    pm_platform_mutex_lock(&team->mutex);
    *out = team->stats;
    out->worker_count = team->worker_count;
    for (size_t i = 0; i < team->worker_count; i++) {
        pm_arena_stats arena;
        pm_arena_read_stats(team->workers[i].front.arena, &arena);
        out->pinned_count += team->workers[i].pinned;
        out->arena_allocation_count += arena.allocation_count;
        out->arena_peak_bytes += arena.peak_bytes;
        out->arena_capacity_bytes += arena.capacity_bytes;
    }
    pm_platform_mutex_unlock(&team->mutex);
}

size_t pm_team_worker_count(const pm_team *team) {
    return team->worker_count;
}
