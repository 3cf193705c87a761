/* Teams: every task once, failures named and alone, cancelling, nesting, pinning, refused memory and threads. */
#include "check.h"
#include <pthread.h>

enum { TASKS = 10000 };

static pm_team *team_of(size_t workers) {
    const pm_team_options options = {.worker_count = workers, .arena_capacity_bytes = 4096};
    pm_team *team = NULL;
    CHECK_OK(pm_team_new(&options, &team));
    return team;
}

static uint32_t runs[TASKS];

static pm_status count_run(void *context, size_t index, pm_worker *worker) {
    CHECK(context == runs && worker->index < 3 && pm_thread_is_worker());
    __atomic_fetch_add(&runs[index], 1, __ATOMIC_RELAXED);
    return PM_OK;
}

static void every_task_runs_once(void) {
    pm_team *team = team_of(3);
    const size_t counts[] = {0, 1, 2, 3, 11, 12, 13, 1000, TASKS};
    uint64_t tasks = 0;
    for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
        pm_team_report report;
        memset(runs, 0, sizeof runs);
        CHECK_OK(pm_team_run(team, counts[c], count_run, runs, NULL, &report));
        for (size_t i = 0; i < TASKS; i++) {
            CHECK_EQUAL(i < counts[c], runs[i]);
        }
        CHECK_EQUAL(counts[c], report.done_count);
        CHECK_EQUAL(0, report.failed_count + report.cancelled_count + report.unnamed_count);
        tasks += counts[c];
    }
    pm_team_stats stats;
    pm_team_read_stats(team, &stats);
    CHECK_EQUAL(3, stats.worker_count);
    CHECK_EQUAL(3, pm_team_worker_count(team));
    CHECK_EQUAL(0, stats.pinned_count);
    CHECK_EQUAL(tasks, stats.done_count);
    CHECK_EQUAL(9, stats.batch_count);
    CHECK(stats.claim_count > 9 && stats.claim_count < tasks / 10); /* stretches, not single tasks */
    CHECK(!pm_thread_is_worker());
    CHECK_OK(pm_team_free(team));
    CHECK_OK(pm_team_free(NULL));
}

static void a_team_takes_all_processors_unless_told_otherwise(void) {
    pm_team *team = NULL;
    const pm_team_options absurd = {.worker_count = PM_TEAM_WORKERS_MAX + 1}, huge = {.arena_capacity_bytes = SIZE_MAX};
    CHECK_OK(pm_team_new(NULL, &team));
    CHECK(pm_team_worker_count(team) >= 1);
    CHECK_OK(pm_team_free(team));
    CHECK_EQUAL(PM_INVALID, pm_team_new(&absurd, &team));
    CHECK_EQUAL(PM_INVALID, pm_team_new(&huge, &team));
}

/* ---- failures ---- */

static pm_status fail_some(void *context, size_t index, pm_worker *worker) {
    uint64_t *results = context;
    char words[200];
    if (index % 7 == 3) {
        return PM_NOT_FOUND;
    }
    if (index % 7 == 5) {
        memset(words, 'x', sizeof words);
        snprintf(words, sizeof words, "line %zu%s", index, index % 2 == 0 ? "" : " and so on");
        if (index == 5) {
            words[strlen(words)] = ' '; /* too long: cut */
            words[199] = '\0';
        }
        return pm_worker_fail(worker, PM_INVALID, words);
    }
    if (index % 7 == 6) {
        (void)pm_worker_fail(worker, PM_INVALID, "taken back"); /* words without a failure are nobody's */
    }
    results[index] = index * index;
    return PM_OK;
}

static void a_failure_is_named_and_loses_no_other_result(void) {
    static uint64_t results[TASKS];
    static pm_status statuses[TASKS];
    pm_team *team = team_of(4);
    pm_team_report report;
    CHECK_OK(pm_team_run(team, TASKS, fail_some, results, statuses, &report));
    size_t expected = 0, count = 0;
    const pm_failure *failures = pm_team_failures(team, &count);
    for (size_t i = 0; i < TASKS; i++) {
        if (i % 7 != 3 && i % 7 != 5) {
            CHECK_EQUAL(i * i, results[i]);
            CHECK_EQUAL(PM_OK, statuses[i]);
            continue;
        }
        CHECK(expected < count);
        CHECK_EQUAL(i, failures[expected].index);
        CHECK_EQUAL(statuses[i], failures[expected].status);
        char words[40];
        snprintf(words, sizeof words, "line %zu%s", i, i % 2 == 0 ? "" : " and so on");
        CHECK(strncmp(i % 7 == 3 ? pm_status_text(PM_NOT_FOUND) : words, failures[expected].message,
                      i == 5 ? strlen(words) : PM_FAILURE_BYTES) == 0);
        expected++;
    }
    CHECK_EQUAL(PM_FAILURE_BYTES - 1, strlen(failures[1].message));
    CHECK_EQUAL(expected, count);
    CHECK_EQUAL(expected, report.failed_count);
    CHECK_EQUAL(TASKS, report.done_count + report.failed_count);
    CHECK_OK(pm_team_run(team, 1, fail_some, results, NULL, &report));
    (void)pm_team_failures(team, &count);
    CHECK_EQUAL(0, count); /* of the last batch alone */
    CHECK_OK(pm_team_free(team));
}

/* ---- arenas ---- */

static pm_status leave_a_text(void *context, size_t index, pm_worker *worker) {
    char **texts = context, text[32];
    snprintf(text, sizeof text, "task %zu", index);
    texts[index] = pm_arena_copy(worker->arena, text, strlen(text));
    return texts[index] == NULL ? PM_NO_MEMORY : PM_OK;
}

static void what_a_task_leaves_in_its_arena_stays_until_the_next_batch(void) {
    static char *texts[TASKS];
    pm_team *team = team_of(2);
    pm_team_report report;
    pm_team_stats first, second;
    for (int batch = 0; batch < 3; batch++) {
        CHECK_OK(pm_team_run(team, TASKS, leave_a_text, texts, NULL, &report));
        for (size_t i = 0; i < TASKS; i++) {
            char expected[32];
            snprintf(expected, sizeof expected, "task %zu", i);
            CHECK(strcmp(expected, texts[i]) == 0);
        }
        pm_team_read_stats(team, batch == 0 ? &first : &second);
    }
    CHECK_EQUAL(3 * TASKS, second.arena_allocation_count);
    CHECK(second.arena_peak_bytes < 3 * first.arena_peak_bytes); /* used again, not grown */
    CHECK_OK(pm_team_free(team));
}

/* ---- cancelling, nesting ---- */

static pm_status cancel_at_ten(void *context, size_t index, pm_worker *worker) {
    (void)context;
    if (index == 10) {
        pm_team_cancel(worker->team);
        CHECK(pm_worker_is_cancelled(worker));
    }
    return PM_OK;
}

static void a_cancelled_batch_begins_no_further_task(void) {
    static pm_status statuses[TASKS];
    pm_team *team = team_of(2);
    pm_team_report report;
    pm_team_cancel(team); /* nothing runs: nothing is cancelled */
    CHECK_OK(pm_team_run(team, TASKS, cancel_at_ten, NULL, statuses, &report));
    CHECK(report.cancelled_count > 0 && report.done_count > 0);
    CHECK_EQUAL(TASKS, report.done_count + report.cancelled_count);
    size_t done = 0;
    for (size_t i = 0; i < TASKS; i++) {
        CHECK(statuses[i] == PM_OK || statuses[i] == PM_CANCELLED);
        done += statuses[i] == PM_OK;
    }
    CHECK_EQUAL(report.done_count, done);
    CHECK_OK(pm_team_run(team, 5, cancel_at_ten, NULL, NULL, &report));
    CHECK_EQUAL(5, report.done_count); /* the next batch is another one */
    CHECK_OK(pm_team_free(team));
}

static pm_status run_nested(void *context, size_t index, pm_worker *worker) {
    pm_team_report report;
    (void)index;
    CHECK_EQUAL(PM_BUSY, pm_team_run(worker->team, 1, cancel_at_ten, NULL, NULL, &report));
    CHECK_EQUAL(PM_BUSY, pm_team_free(worker->team));
    return pm_team_run(context, 1, cancel_at_ten, NULL, NULL, &report); /* of another team: no better */
}

static void a_batch_inside_a_task_is_refused(void) {
    pm_team *team = team_of(2), *other = team_of(1);
    pm_team_report report;
    size_t count = 0;
    CHECK_OK(pm_team_run(team, 3, run_nested, other, NULL, &report));
    CHECK_EQUAL(3, report.failed_count);
    CHECK_EQUAL(PM_BUSY, pm_team_failures(team, &count)->status);
    CHECK_OK(pm_team_free(other));
    CHECK_OK(pm_team_free(team));
}

static pthread_barrier_t barrier;

static pm_status wait_twice(void *context, size_t index, pm_worker *worker) {
    (void)context;
    (void)index;
    (void)worker;
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    return PM_OK;
}

static void *run_while_busy(void *argument) {
    pm_team_report report = {.done_count = 77};
    pthread_barrier_wait(&barrier);
    CHECK_EQUAL(PM_BUSY, pm_team_run(argument, 1, wait_twice, NULL, NULL, &report));
    CHECK_EQUAL(77, report.done_count);
    CHECK_EQUAL(PM_BUSY, pm_team_free(argument));
    pthread_barrier_wait(&barrier);
    return NULL;
}

static void a_second_batch_at_a_time_is_refused(void) {
    pm_team *team = team_of(1);
    pm_team_report report;
    pthread_t thread;
    CHECK_EQUAL(0, pthread_barrier_init(&barrier, NULL, 2));
    CHECK_EQUAL(0, pthread_create(&thread, NULL, run_while_busy, team));
    CHECK_OK(pm_team_run(team, 1, wait_twice, NULL, NULL, &report));
    CHECK_EQUAL(0, pthread_join(thread, NULL));
    CHECK_EQUAL(1, report.done_count);
    pthread_barrier_destroy(&barrier);
    CHECK_OK(pm_team_free(team));
}

/* ---- pinning ---- */

static bool pin_the_even(void *context, size_t worker) {
    __atomic_fetch_add((uint64_t *)context, UINT64_C(1) << (8 * worker), __ATOMIC_RELAXED);
    return worker % 2 == 0;
}

static void each_worker_is_pinned_once_and_those_that_were_are_counted(void) {
    uint64_t calls = 0;
    const pm_team_options options = {.worker_count = 3, .pin = pin_the_even, .pin_context = &calls};
    pm_team *team = NULL;
    pm_team_report report;
    pm_team_stats stats;
    CHECK_OK(pm_team_new(&options, &team));
    CHECK_EQUAL(0x010101, calls);
    CHECK_OK(pm_team_run(team, 100, cancel_at_ten, NULL, NULL, &report));
    CHECK_EQUAL(0x010101, calls);
    pm_team_read_stats(team, &stats);
    CHECK_EQUAL(2, stats.pinned_count);
    CHECK_OK(pm_team_free(team));
}

static void workers_are_bound_to_the_nodes_of_the_machine(void) {
    pm_numa_topology *topology = NULL;
    pm_team *team = NULL;
    pm_team_report report;
    pm_team_stats stats;
    CHECK_OK(pm_numa_topology_new(NULL, &topology));
    const pm_team_options options = {.worker_count = 3, .pin = pm_team_pin_to_nodes, .pin_context = topology};
    CHECK_OK(pm_team_new(&options, &team));
    pm_numa_topology_free(topology);
    pm_team_read_stats(team, &stats);
    CHECK(stats.pinned_count == 3 || stats.pinned_count == 0); /* the system binds threads, or it does not */
    memset(runs, 0, sizeof runs);
    CHECK_OK(pm_team_run(team, 100, count_run, runs, NULL, &report));
    CHECK_EQUAL(100, report.done_count);
    CHECK_OK(pm_team_free(team));
}

/* ---- refused memory and threads ---- */

static pm_status make_and_run(void) {
    const pm_team_options options = {.worker_count = 3, .arena_capacity_bytes = 1024};
    pm_team *team = NULL;
    pm_team_report report;
    char *texts[20];
    pm_status status = pm_team_new(&options, &team);
    if (status != PM_OK) {
        CHECK(team == NULL);
        return status;
    }
    CHECK_OK(pm_team_run(team, 20, leave_a_text, texts, NULL, &report));
    status = report.failed_count == 0 ? PM_OK : PM_NO_MEMORY;
    CHECK_EQUAL(20, report.done_count + report.failed_count);
    CHECK_OK(pm_team_run(team, 20, leave_a_text, texts, NULL, &report)); /* it still works */
    status = report.failed_count == 0 ? status : PM_NO_MEMORY;
    CHECK_OK(pm_team_free(team));
    return status;
}

static void every_refused_allocation_and_thread_is_an_error_and_leaks_nothing(void) {
    check_every_failure(make_and_run);
}

static pm_status fail_all(void *context, size_t index, pm_worker *worker) {
    (void)context;
    (void)index;
    (void)worker;
    return PM_NOT_FOUND;
}

static void a_failure_without_memory_for_its_record_is_counted(void) {
    pm_team *team = team_of(1);
    pm_team_report report;
    pm_status statuses[3];
    size_t count = 0;
    pm_fault_after(1);
    CHECK_OK(pm_team_run(team, 3, fail_all, NULL, statuses, &report));
    CHECK_EQUAL(0, pm_fault_pending());
    CHECK_EQUAL(3, report.failed_count);
    CHECK_EQUAL(1, report.unnamed_count);
    CHECK_EQUAL(PM_NOT_FOUND, statuses[0]);
    CHECK_EQUAL(1, pm_team_failures(team, &count)->index);
    CHECK_EQUAL(2, count);
    CHECK_OK(pm_team_free(team));
}

int main(void) {
    RUN(every_task_runs_once);
    RUN(a_team_takes_all_processors_unless_told_otherwise);
    RUN(a_failure_is_named_and_loses_no_other_result);
    RUN(what_a_task_leaves_in_its_arena_stays_until_the_next_batch);
    RUN(a_cancelled_batch_begins_no_further_task);
    RUN(a_batch_inside_a_task_is_refused);
    RUN(a_second_batch_at_a_time_is_refused);
    RUN(each_worker_is_pinned_once_and_those_that_were_are_counted);
    RUN(workers_are_bound_to_the_nodes_of_the_machine);
    RUN(every_refused_allocation_and_thread_is_an_error_and_leaks_nothing);
    RUN(a_failure_without_memory_for_its_record_is_counted);
    return 0;
}
