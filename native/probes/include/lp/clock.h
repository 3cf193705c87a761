/* lp/clock.h: the clock and the signs that a timed sample was disturbed.
 *
 * Threads: every function may be called from any thread; a watch belongs to one thread.
 */
#ifndef LP_CLOCK_H
#define LP_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Monotonic nanoseconds since an arbitrary start; about 20-50 ns a call. */
static inline uint64_t lp_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* What happened to the calling thread so far; what the system does not count reads 0. Threads of the code under test
 * are left out: with as many of them as processors one is always put off for a moment, and a rule that heeded them
 * would leave no sample.
 *
 *   switches      involuntary context switches (of the whole process where the system does not count by thread)
 *   waits         voluntary ones: the thread waited for something
 *   run_delay_ns  runnable but not running (Linux: /proc/thread-self/schedstat), throttled by a cgroup's quota included
 *   cpu_ns        on a processor, without what the hypervisor took where the kernel knows of it
 */
typedef struct lp_disturbance {
    uint64_t switches;
    uint64_t waits;
    uint64_t run_delay_ns;
    uint64_t cpu_ns;
} lp_disturbance;

/* Reads the counters, about 2 us: call it outside the timed region. */
lp_disturbance lp_disturbance_read(void);

/* Whether a sample of `elapsed_ns` between two reads was preempted: more than 2 % of it lost. Lost is the time runnable
 * but not running or, if that is longer and the thread never waited, the time not spent on a processor, which counts
 * what a hypervisor stole as well; and each involuntary switch is held to cost LP_SWITCH_NS in caches that others have
 * emptied. So one switch spoils every sample up to 5 ms, and a sample of half a second, which hardly ever has none,
 * bears a hundred. */
enum { LP_SWITCH_NS = 100000 };
bool lp_disturbance_preempted(lp_disturbance before, lp_disturbance after, uint64_t elapsed_ns);

#endif
