/* lp/events.h: performance counters of the kernel, each with a precise state.
 *
 * Hardware events count user space only, on every machine alike; software events include the kernel where the
 * process may look into it. Events of one group are scheduled together, so that ratios inside a group hold even
 * where the counters are multiplexed.
 *
 * Threads: a set belongs to the thread that opened it; threads that this one starts afterwards are counted too.
 * Failure: an event that cannot be had stays in the set with its state and errno; nothing else fails.
 */
#ifndef LP_EVENTS_H
#define LP_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

enum { LP_EVENT_COUNT = 11 };

typedef enum lp_event_state {
    LP_EVENT_OK = 0,
    LP_EVENT_UNSUPPORTED = 1,     /* this processor, or this virtual machine, has no such counter */
    LP_EVENT_FORBIDDEN = 2,       /* the system does not let this process count it */
    LP_EVENT_NOT_SCHEDULED = 3,   /* opened, but no counter was ever free */
    LP_EVENT_KERNEL_EXCLUDED = 4, /* happens inside the kernel, where this process may not count: would read 0 */
    LP_EVENT_NO_SYSTEM = 5,       /* the operating system has no perf_event_open */
    LP_EVENT_FAILED = 6           /* anything else; `error` is the errno */
} lp_event_state;

typedef struct lp_event {
    const char *name; /* "cycles"; static */
    const char *unit; /* "count" or "ns"; static */
    bool hardware;
    bool kernel; /* the kernel's part is counted too */
    lp_event_state state;
    int error;           /* errno of the failed open, 0 where it opened */
    uint64_t value;      /* as counted while running; meaningful where state is LP_EVENT_OK */
    uint64_t enabled_ns; /* wanted to count */
    uint64_t running_ns; /* did count; less than enabled_ns: multiplexed, scale by enabled_ns / running_ns */
} lp_event;

typedef struct lp_events {
    lp_event events[LP_EVENT_COUNT];
    int fds[LP_EVENT_COUNT]; /* -1 where not open */
} lp_events;

/* Opens all events, stopped at zero. Call it before the measured code starts threads. */
void lp_events_open(lp_events *self);
/* Between start and stop the open events count; one system call each, so events of the calls themselves are few. */
void lp_events_start(lp_events *self);
void lp_events_stop(lp_events *self);
/* Reads values and times and settles the states; the events stay open. */
void lp_events_read(lp_events *self);
void lp_events_close(lp_events *self);

/* "ok", "unsupported", "forbidden", "not_scheduled", "kernel_excluded", "no_system", "failed"; static. */
const char *lp_event_state_name(lp_event_state state);

#endif
