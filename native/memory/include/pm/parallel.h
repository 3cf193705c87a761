/* pm/parallel.h: many tasks over a team of threads.
 *
 * A batch is `count` tasks, numbers 0 .. count - 1, run by one function. A worker claims a stretch of numbers from a
 * shared counter, long ones while much is left and single ones at the end, so that nobody waits for a neighbour's
 * stretch. Each task writes its result to its own place: results are in the order of the tasks, whoever ran them.
 *
 * A task that fails is kept with its number, its status and its words; every other task runs and keeps its result.
 * Each worker has an arena of its own, reset when the next batch begins: what a task leaves there can be read until
 * then, by any thread, without a copy.
 *
 * Threads: one batch at a time. A second one, from another thread or from inside a task, of this team or of any other,
 * is PM_BUSY: a task that waits for tasks can wait for itself. pm_team_cancel may be called from anywhere. A team does
 * not live on in the child of a fork().
 */
#ifndef PM_PARALLEL_H
#define PM_PARALLEL_H

#include "arena.h"

#ifdef __cplusplus
extern "C" {
#endif

/* cdef:begin */
enum {
    PM_FAILURE_BYTES = 120,    /* of a failure's words, the NUL included; longer ones are cut */
    PM_TEAM_WORKERS_MAX = 4096 /* of one team */
};

typedef struct pm_team pm_team;

typedef struct pm_worker {
    size_t index; /* 0 .. workers - 1; the same thread over all batches */
    pm_arena *arena;
    pm_team *team;
} pm_worker;

/* Runs task `index`. Any status but PM_OK is a failure of this task alone. Called from several threads at once. */
typedef pm_status (*pm_task)(void *context, size_t index, pm_worker *worker);

typedef struct pm_team_options {
    size_t worker_count;         /* 0: one for each processor that the process may run on */
    size_t arena_capacity_bytes; /* of a chunk of each worker's arena; 0: PM_ARENA_CAPACITY_BYTES */
    bool huge_pages;             /* for the arenas */
    /* Called once on each worker's own thread before its first task, to bind it to processors; false: it could not,
     * and the worker runs unbound. NULL: none. */
    bool (*pin)(void *context, size_t worker);
    void *pin_context; /* must live until pm_team_new returns */
} pm_team_options;

typedef struct pm_failure {
    size_t index;
    pm_status status;
    char message[120]; /* what pm_worker_fail said, else the words of the status */
} pm_failure;

/* How one batch ended. done + failed + cancelled = its tasks. */
typedef struct pm_team_report {
    size_t done_count;
    size_t failed_count;
    size_t cancelled_count; /* tasks that never began */
    size_t unnamed_count;   /* those of failed_count whose record was refused memory: only `statuses` names them */
} pm_team_report;

/* Over all batches so far. */
typedef struct pm_team_stats {
    size_t worker_count;
    size_t pinned_count; /* workers that `pin` bound */
    uint64_t batch_count;
    uint64_t done_count;
    uint64_t failed_count;
    uint64_t cancelled_count;
    uint64_t claim_count;            /* stretches claimed: how often workers met at the counter */
    uint64_t arena_allocation_count; /* sums over the workers' arenas */
    uint64_t arena_peak_bytes;
    uint64_t arena_capacity_bytes;
} pm_team_stats;

/* Starts the threads. options NULL: all defaults. PM_INVALID beyond PM_TEAM_WORKERS_MAX, PM_NO_MEMORY also where the
 * system refuses a thread. End with pm_team_free. */
PM_API PM_NODISCARD pm_status pm_team_new(const pm_team_options *options, pm_team **out);

/* Ends the threads and the arenas. PM_BUSY, and nothing is changed, while a batch runs. NULL is allowed. */
PM_API PM_NODISCARD pm_status pm_team_free(pm_team *team);

/* Runs tasks 0 .. count - 1 and returns when all have ended. statuses, NULL or of `count` elements, gets how each one
 * ended (PM_CANCELLED: it never began). PM_OK says that the batch ran: *out, which is required, says how its tasks did.
 * Ends what the batch before left in the arenas. PM_BUSY: see above; *out is then unchanged. */
PM_API PM_NODISCARD pm_status pm_team_run(pm_team *team, size_t count, pm_task task, void *context, pm_status *statuses,
                                          pm_team_report *out);

/* Begins no further task of the batch that runs now; those under way end as they will. Nothing where none runs. */
PM_API void pm_team_cancel(pm_team *team);

/* The failures of the last batch, by index; the team's, until the next batch. Not while one runs. */
PM_API const pm_failure *pm_team_failures(const pm_team *team, size_t *count);

/* Not while a batch runs. */
PM_API void pm_team_read_stats(pm_team *team, pm_team_stats *out);

/* Workers of the team. */
PM_API size_t pm_team_worker_count(const pm_team *team);

/* For tasks: keeps words for the failure of the task that runs now, cut to PM_FAILURE_BYTES, and returns `status`. */
PM_API pm_status pm_worker_fail(pm_worker *worker, pm_status status, const char *message);

/* For long tasks: whether the batch was cancelled. */
PM_API bool pm_worker_is_cancelled(const pm_worker *worker);

/* A hook for pm_team_options.pin: binds the calling thread to the nodes with processors in turn, worker 0 to the first.
 * topology is a pm_numa_topology. False: there is no such node, or the system refuses. */
PM_API bool pm_team_pin_to_nodes(void *topology, size_t worker);

/* Whether the calling thread is a worker of some team, where pm_team_run would be PM_BUSY. */
PM_API bool pm_thread_is_worker(void);
/* cdef:end */

#ifdef __cplusplus
}
#endif
#endif
