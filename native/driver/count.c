#include "count.h"

#include <dirent.h>
#include <dlfcn.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "../probes/interpose/interpose.h"
#include "json.h"
#include "lp/clock.h"
#include "lp/events.h"
#include "lp/resident.h"

typedef struct allocation_probe {
    lab_alloc_snapshot_fn snapshot; /* NULL: nothing is preloaded */
    lab_alloc_reset_peak_fn reset_peak;
    lab_alloc_counts start, before, after;
} allocation_probe;

typedef struct probes {
    lp_events events;
    lp_resident resident;
    bool resident_started, peak_known;
    uint64_t peak_bytes;
    uint64_t minor[2], major[2]; /* before and after the pass */
    allocation_probe allocations;
} probes;

/* ISO C has no cast from object to function pointer. */
static void find(void *function, const char *name) {
    void *symbol = dlsym(RTLD_DEFAULT, name);
    memcpy(function, &symbol, sizeof symbol);
}

static void probes_start(probes *self, const count_options *options) {
    if (options->allocations) {
        find(&self->allocations.snapshot, LAB_ALLOC_SNAPSHOT);
        find(&self->allocations.reset_peak, LAB_ALLOC_RESET_PEAK);
    }
    if (options->events) {
        lp_events_open(&self->events);
    }
    if (self->allocations.snapshot) {
        self->allocations.reset_peak();
        self->allocations.snapshot(&self->allocations.start);
    }
    if (options->resident) {
        self->resident_started = lp_resident_begin(&self->resident);
    }
}

static lk_status probed_pass(probes *self, const count_options *options, const lp_subject *subject, uint64_t iterations,
                             lk_result *result) {
    lp_resident_faults(&self->minor[0], &self->major[0]);
    if (self->allocations.snapshot) {
        self->allocations.snapshot(&self->allocations.before);
    }
    if (options->events) {
        lp_events_start(&self->events);
    }
    lk_status status = lp_region(subject->kernel, subject->state, iterations, iterations, result);
    if (options->events) {
        lp_events_stop(&self->events);
        lp_events_read(&self->events);
        lp_events_close(&self->events);
    }
    if (self->allocations.snapshot) {
        self->allocations.snapshot(&self->allocations.after);
    }
    lp_resident_faults(&self->minor[1], &self->major[1]);
    if (self->resident_started) {
        self->peak_known = lp_resident_peak(&self->resident, &self->peak_bytes);
    }
    return status;
}

static void print_counters(const lp_subject *subject) {
    enum { MOST_COUNTERS = 32 };
    lk_counter counters[MOST_COUNTERS];
    size_t count = 0;
    if (subject->kernel->counters) {
        count = subject->kernel->counters(subject->state, counters, MOST_COUNTERS);
        count = count > MOST_COUNTERS ? MOST_COUNTERS : count;
    }
    json_print(",\"counters\":{");
    for (size_t i = 0; i < count; i++) {
        json_print("%s", i ? "," : "");
        json_string(counters[i].name);
        json_print(":[%.17g,", counters[i].value);
        json_string(counters[i].unit);
        json_char(']');
    }
    json_char('}');
}

static void print_events(const lp_events *events) {
    json_print("\"events\":[");
    for (size_t i = 0; i < LP_EVENT_COUNT; i++) {
        const lp_event *event = &events->events[i];
        json_print("%s{\"name\":\"%s\",\"unit\":\"%s\",\"hardware\":%s,\"kernel\":%s,\"state\":\"%s\",\"error\":%d,"
                   "\"value\":%" PRIu64 ",\"enabled_ns\":%" PRIu64 ",\"running_ns\":%" PRIu64 "}",
                   i ? "," : "", event->name, event->unit, event->hardware ? "true" : "false",
                   event->kernel ? "true" : "false", lp_event_state_name(event->state), event->error, event->value,
                   event->enabled_ns, event->running_ns);
    }
    json_char(']');
}

static void print_resident(const probes *self) {
    json_print(",\"minor_faults\":%" PRIu64 ",\"major_faults\":%" PRIu64, self->minor[1] - self->minor[0],
               self->major[1] - self->major[0]);
    if (self->peak_known) {
        json_print(",\"resident_peak_bytes\":%" PRIu64, self->peak_bytes);
    }
}

static void print_allocations(const allocation_probe *self) {
    if (!self->snapshot) {
        return;
    }
    const lab_alloc_counts *before = &self->before, *after = &self->after;
    json_print(",\"allocations\":{\"allocations\":%" PRIu64 ",\"frees\":%" PRIu64 ",\"allocated_bytes\":%" PRIu64
               ",\"maps\":%" PRIu64 ",\"unmaps\":%" PRIu64 ",\"mapped_bytes\":%" PRIu64 ",\"peak_live_bytes\":%" PRIu64
               ",\"peak_requested_bytes\":%" PRIu64 ",\"untracked\":%" PRIu64 "}",
               after->allocations - before->allocations, after->frees - before->frees,
               after->requested_bytes - before->requested_bytes, after->maps - before->maps,
               after->unmaps - before->unmaps, after->mapped_bytes - before->mapped_bytes,
               after->peak_reserved_bytes - self->start.reserved_bytes, after->peak_live_bytes - self->start.live_bytes,
               after->untracked - self->start.untracked);
}

/* Threads of this process, 0 where the system does not say. A kernel's own threads live from setup to teardown. */
static unsigned thread_count(void) {
    DIR *tasks = opendir("/proc/self/task");
    unsigned count = 0;
    if (tasks) {
        for (const struct dirent *entry; (entry = readdir(tasks)) != NULL;) {
            count += entry->d_name[0] != '.';
        }
        closedir(tasks);
    }
    return count;
}

static void count_here(bench *self, const char *id, const char *name, size_t library, uint64_t most_iterations,
                       const count_options *options) {
    probes state;
    memset(&state, 0, sizeof state);
    lk_message message = {{0}};
    lp_subject *subject = NULL;
    lk_result result = {0};
    uint64_t iterations = 0;
    probes_start(&state, options);
    lk_status status = bench_ready(self, name, library, &subject, &message);
    if (status == LK_OK) {
        iterations = most_iterations && most_iterations < subject->pass ? most_iterations : subject->pass;
        status = lp_subject_run(subject, 0, iterations, &result);
    }
    if (status == LK_OK) {
        status = probed_pass(&state, options, subject, iterations, &result);
    }
    if (status != LK_OK) {
        if (!message.text[0]) {
            snprintf(message.text, sizeof message.text, "the kernel returned status %d", (int)status);
        }
        json_failure(id, status == LK_UNSUPPORTED ? "unsupported" : "failed", message.text);
        return;
    }
    json_ok(id);
    json_print(",\"pid\":%ld,\"threads\":%u,\"iterations\":%" PRIu64 ",\"items\":%" PRIu64 ",\"bytes\":%" PRIu64
               ",\"checksum\":\"%" PRIx64 "\"",
               (long)getpid(), thread_count(), iterations, result.items, result.bytes, result.checksum);
    print_counters(subject);
    if (options->events) {
        json_char(',');
        print_events(&state.events);
    }
    if (options->resident) {
        print_resident(&state);
    }
    if (options->allocations) {
        print_allocations(&state.allocations);
    }
    json_char('}');
    json_end_line();
}

/* What one look at the signs of disturbance costs: the least of several. */
static uint64_t look_ns(void) {
    uint64_t least = UINT64_MAX;
    for (int i = 0; i < 64; i++) {
        const uint64_t start = lp_now_ns();
        (void)lp_disturbance_read();
        const uint64_t took = lp_now_ns() - start;
        least = took < least ? took : least;
    }
    return least;
}

void count_event_states(void) {
    lp_events events;
    lp_events_open(&events);
    lp_events_start(&events);
    for (volatile int i = 0; i < 1000000; i++) {
    }
    lp_events_stop(&events);
    lp_events_read(&events);
    lp_events_close(&events);
    json_char('{');
    print_events(&events);
    json_print(",\"look_ns\":%" PRIu64 "}", look_ns());
    json_end_line();
}

void count_run(bench *self, const char *id, const char *subject, size_t library, uint64_t most_iterations,
               const count_options *options) {
    json_begin(id);
    if (!options->apart) {
        count_here(self, id, subject, library, most_iterations, options);
        return;
    }
    pid_t child = fork();
    if (child == 0) {
#ifdef __linux__
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* not inherited */
#endif
        count_here(self, id, subject, library, most_iterations, options);
        _exit(0);
    }
    char reason[96] = "cannot fork: out of memory or processes";
    int end = 0;
    if (child > 0 && waitpid(child, &end, 0) == child) {
        if (WIFEXITED(end) && WEXITSTATUS(end) == 0) {
            return;
        }
        if (WIFSIGNALED(end)) {
            snprintf(reason, sizeof reason, "killed by signal %d (%s)", WTERMSIG(end), strsignal(WTERMSIG(end)));
        } else {
            snprintf(reason, sizeof reason, "ended with exit code %d", WEXITSTATUS(end));
        }
    }
    json_failure(id, "failed", reason);
}
