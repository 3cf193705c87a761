/* Counters through perf_event_open(2); elsewhere every event says that the system has none. */
#include "lp/events.h"

#include <errno.h>
#include <stddef.h>

const char *lp_event_state_name(lp_event_state state) {
    static const char *const names[] = {"ok",        "unsupported", "forbidden", "not_scheduled", "kernel_excluded",
                                        "no_system", "failed"};
    return names[state];
}

#ifdef __linux__
#include <linux/perf_event.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CACHE_MISS(cache)                                                                                              \
    ((uint64_t)(cache) | (uint64_t)PERF_COUNT_HW_CACHE_OP_READ << 8 | (uint64_t)PERF_COUNT_HW_CACHE_RESULT_MISS << 16)

typedef struct event_kind {
    const char *name;
    const char *unit;
    uint32_t type;
    uint64_t config;
    int group;        /* scheduled together */
    bool kernel_only; /* reads 0 where the kernel is excluded */
} event_kind;

static const event_kind KINDS[LP_EVENT_COUNT] = {
    {"cycles", "count", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, 0, false},
    {"instructions", "count", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS, 0, false},
    {"branch_misses", "count", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES, 0, false},
    {"cache_references", "count", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_REFERENCES, 1, false},
    {"cache_misses", "count", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES, 1, false},
    {"l1d_misses", "count", PERF_TYPE_HW_CACHE, CACHE_MISS(PERF_COUNT_HW_CACHE_L1D), 2, false},
    {"dtlb_misses", "count", PERF_TYPE_HW_CACHE, CACHE_MISS(PERF_COUNT_HW_CACHE_DTLB), 2, false},
    {"page_faults", "count", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS, 3, false},
    {"context_switches", "count", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES, 4, true},
    {"cpu_migrations", "count", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS, 5, true},
    {"task_clock", "ns", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK, 6, false},
};

static int open_event(const event_kind *kind, bool kernel, int leader) {
    struct perf_event_attr attr;
    memset(&attr, 0, sizeof attr);
    attr.size = sizeof attr;
    attr.type = kind->type;
    attr.config = kind->config;
    attr.disabled = 1;
    attr.inherit = 1;
    attr.exclude_kernel = !kernel;
    attr.exclude_hv = 1;
    attr.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
    return (int)syscall(SYS_perf_event_open, &attr, 0, -1, leader, PERF_FLAG_FD_CLOEXEC);
}

static bool refused(int error) {
    return error == EACCES || error == EPERM;
}

static lp_event_state state_of(int error) {
    switch (error) {
    case ENOENT:
    case ENODEV:
    case EOPNOTSUPP:
    case EINVAL: return LP_EVENT_UNSUPPORTED; /* EINVAL: a cache event that this processor cannot express */
    case EACCES:
    case EPERM: return LP_EVENT_FORBIDDEN;
    case ENOSYS: return LP_EVENT_NO_SYSTEM;
    default: return LP_EVENT_FAILED;
    }
}

void lp_events_open(lp_events *self) {
    int leader = -1, group = -1;
    for (size_t i = 0; i < LP_EVENT_COUNT; i++) {
        const event_kind *kind = &KINDS[i];
        if (kind->group != group) {
            group = kind->group;
            leader = -1;
        }
        lp_event *event = &self->events[i];
        *event = (lp_event){.name = kind->name, .unit = kind->unit, .hardware = kind->type != PERF_TYPE_SOFTWARE};
        event->kernel = !event->hardware;
        int fd = open_event(kind, event->kernel, leader);
        if (fd < 0 && event->kernel && refused(errno)) {
            event->kernel = false;
            fd = open_event(kind, false, leader);
        }
        if (fd < 0) {
            event->error = errno;
            event->state = state_of(errno);
        } else if (leader < 0) {
            leader = fd;
        }
        self->fds[i] = fd;
    }
}

/* One call for every event that this process has opened, rather than one per event: the first started would
 * otherwise count the starting of the others. */
void lp_events_start(lp_events *self) {
    (void)self;
    prctl(PR_TASK_PERF_EVENTS_ENABLE);
}

void lp_events_stop(lp_events *self) {
    (void)self;
    prctl(PR_TASK_PERF_EVENTS_DISABLE);
}

void lp_events_read(lp_events *self) {
    for (size_t i = 0; i < LP_EVENT_COUNT; i++) {
        lp_event *event = &self->events[i];
        uint64_t record[3];
        if (self->fds[i] < 0) {
            continue;
        }
        if (read(self->fds[i], record, sizeof record) != (ssize_t)sizeof record) {
            event->state = LP_EVENT_FAILED;
            event->error = errno;
            continue;
        }
        event->value = record[0];
        event->enabled_ns = record[1];
        event->running_ns = record[2];
        if (KINDS[i].kernel_only && !event->kernel) {
            event->state = LP_EVENT_KERNEL_EXCLUDED;
        } else {
            event->state = event->running_ns ? LP_EVENT_OK : LP_EVENT_NOT_SCHEDULED;
        }
    }
}

void lp_events_close(lp_events *self) {
    for (size_t i = 0; i < LP_EVENT_COUNT; i++) {
        if (self->fds[i] >= 0) {
            close(self->fds[i]);
            self->fds[i] = -1;
        }
    }
}

#else

void lp_events_open(lp_events *self) {
    static const char *const names[LP_EVENT_COUNT] = {
        "cycles",      "instructions", "branch_misses",    "cache_references", "cache_misses", "l1d_misses",
        "dtlb_misses", "page_faults",  "context_switches", "cpu_migrations",   "task_clock"};
    for (size_t i = 0; i < LP_EVENT_COUNT; i++) {
        self->events[i] = (lp_event){.name = names[i],
                                     .unit = i == LP_EVENT_COUNT - 1 ? "ns" : "count",
                                     .hardware = i < 7,
                                     .state = LP_EVENT_NO_SYSTEM,
                                     .error = ENOSYS};
        self->fds[i] = -1;
    }
}

void lp_events_start(lp_events *self) {
    (void)self;
}
void lp_events_stop(lp_events *self) {
    (void)self;
}
void lp_events_read(lp_events *self) {
    (void)self;
}
void lp_events_close(lp_events *self) {
    (void)self;
}

#endif
