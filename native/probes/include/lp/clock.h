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

/* What the scheduler did to the calling thread so far: involuntary context switches (of the whole process where the
 * system does not count by thread) and, where the kernel tells (/proc/thread-self/schedstat), nanoseconds that it was
 * runnable but not running. Threads of the code under test are left out: with as many of them as processors one is
 * always put off for a moment, and a rule that heeded them would leave no sample. */
typedef struct lp_disturbance {
    uint64_t switches;
    uint64_t run_delay_ns;
} lp_disturbance;

/* Reads both counters, about 2 us: call it outside the timed region. What the system lacks reads 0. */
lp_disturbance lp_disturbance_read(void);

/* Whether a sample of `elapsed_ns` between two reads was preempted: more than 2 % of it lost, to waiting while runnable
 * and to involuntary switches, each of which is held to cost LP_SWITCH_NS in caches that others have emptied. So one
 * switch spoils every sample up to 5 ms, and a sample of half a second, which hardly ever has none, bears a hundred. */
enum { LP_SWITCH_NS = 100000 };
bool lp_disturbance_preempted(lp_disturbance before, lp_disturbance after, uint64_t elapsed_ns);

#endif
