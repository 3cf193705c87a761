/* The scheduler's counters around a sample: getrusage for switches, schedstat for time runnable but not running, the
 * thread's own clock for time on a processor. */
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

static uint64_t cpu_ns(void) {
    struct timespec used;
    return clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used) == 0
               ? (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec
               : 0;
}

#ifdef RUSAGE_THREAD
#define WHOSE RUSAGE_THREAD
#else
#define WHOSE RUSAGE_SELF
#endif

lp_disturbance lp_disturbance_read(void) {
    struct rusage usage;
    getrusage(WHOSE, &usage);
    return (lp_disturbance){.switches = (uint64_t)usage.ru_nivcsw,
                            .waits = (uint64_t)usage.ru_nvcsw,
                            .run_delay_ns = run_delay_ns(),
                            .cpu_ns = cpu_ns()};
}

bool lp_disturbance_preempted(lp_disturbance before, lp_disturbance after, uint64_t elapsed_ns) {
    const uint64_t switches = after.switches - before.switches, ran = after.cpu_ns - before.cpu_ns;
    uint64_t lost = after.run_delay_ns - before.run_delay_ns;
    if (after.cpu_ns && after.waits == before.waits && ran < elapsed_ns && elapsed_ns - ran > lost) {
        lost = elapsed_ns - ran;
    }
    return (switches * LP_SWITCH_NS + lost) * 50 > elapsed_ns;
}
