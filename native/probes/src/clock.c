/* The scheduler's counters around a sample: getrusage for involuntary switches, schedstat for waiting time. */
#include "lp/clock.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* Opened once and read with pread, so that a look costs one system call. -2: not tried yet, -1: not there. */
static _Thread_local int schedstat_fd = -2;

static uint64_t run_delay_ns(void) {
    char text[96];
    if (schedstat_fd == -2) {
        schedstat_fd = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
    }
    if (schedstat_fd < 0) {
        return 0;
    }
    ssize_t got = pread(schedstat_fd, text, sizeof text - 1, 0);
    if (got <= 0) {
        return 0;
    }
    text[got] = '\0';
    char *rest = NULL;
    (void)strtoull(text, &rest, 10); /* time on the processor */
    return strtoull(rest, NULL, 10);
}

#ifdef RUSAGE_THREAD
#define WHOSE RUSAGE_THREAD
#else
#define WHOSE RUSAGE_SELF
#endif

lp_disturbance lp_disturbance_read(void) {
    struct rusage usage;
    getrusage(WHOSE, &usage);
    return (lp_disturbance){.switches = (uint64_t)usage.ru_nivcsw, .run_delay_ns = run_delay_ns()};
}

bool lp_disturbance_preempted(lp_disturbance before, lp_disturbance after, uint64_t elapsed_ns) {
    const uint64_t switches = after.switches - before.switches, waited = after.run_delay_ns - before.run_delay_ns;
    return (switches * LP_SWITCH_NS + waited) * 50 > elapsed_ns;
}
