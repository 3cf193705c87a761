/* What marks a sample as preempted: waiting, switches, and time that nobody accounts for. */
#include <stdio.h>

#include "check.h"
#include "lp/clock.h"

static void stolen_time_counts(void) {
    const lp_disturbance before = {.cpu_ns = 500}, all = {.cpu_ns = 1000500}, most = {.cpu_ns = 985500};
    const lp_disturbance half = {.cpu_ns = 500500};
    CHECK(!lp_disturbance_preempted(before, all, 1000000));
    CHECK(!lp_disturbance_preempted(before, most, 1000000)); /* 1.5 % */
    CHECK(lp_disturbance_preempted(before, half, 1000000));
}

static void a_thread_that_waits_is_not_robbed(void) {
    const lp_disturbance before = {.cpu_ns = 500}, slept = {.cpu_ns = 100500, .waits = 1};
    CHECK(!lp_disturbance_preempted(before, slept, 1000000));
}

static void the_same_time_is_not_counted_twice(void) {
    const lp_disturbance before = {.cpu_ns = 500}, after = {.cpu_ns = 985500, .run_delay_ns = 15000};
    CHECK(!lp_disturbance_preempted(before, after, 1000000)); /* twice 1.5 % would be too much */
}

static void a_system_that_counts_nothing_marks_nothing(void) {
    const lp_disturbance nothing = {0};
    CHECK(!lp_disturbance_preempted(nothing, nothing, 1000000));
}

static void counters_only_grow(void) {
    lp_disturbance before = lp_disturbance_read();
    for (volatile int i = 0; i < 1000000; i++) {
    }
    lp_disturbance after = lp_disturbance_read();
    CHECK(after.cpu_ns > before.cpu_ns);
    CHECK(after.switches >= before.switches && after.waits >= before.waits);
    CHECK(after.run_delay_ns >= before.run_delay_ns);
}

int main(void) {
    stolen_time_counts();
    a_thread_that_waits_is_not_robbed();
    the_same_time_is_not_counted_twice();
    a_system_that_counts_nothing_marks_nothing();
    counters_only_grow();
    puts("ok");
    return 0;
}
