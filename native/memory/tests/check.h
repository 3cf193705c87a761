/* check.h: what the C tests of the memory layer need. A failed check prints its place and ends the process. */
#ifndef PM_CHECK_H
#define PM_CHECK_H

#include "pm/pm.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);                                  \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

#define CHECK_EQUAL(expected, actual)                                                                                  \
    do {                                                                                                               \
        const uint64_t check_expected = (uint64_t)(expected), check_actual = (uint64_t)(actual);                       \
        if (check_expected != check_actual) {                                                                          \
            fprintf(stderr, "%s:%d: %s: expected %" PRIu64 ", got %" PRIu64 "\n", __FILE__, __LINE__, #actual,         \
                    check_expected, check_actual);                                                                     \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

#define CHECK_OK(call) CHECK_EQUAL(PM_OK, call)

/* Runs a test and checks that it gave back all memory that it took. */
#define RUN(test)                                                                                                      \
    do {                                                                                                               \
        const uint64_t live = check_live_bytes();                                                                      \
        test();                                                                                                        \
        CHECK_EQUAL(live, check_live_bytes());                                                                         \
        printf("ok %s\n", #test);                                                                                      \
    } while (0)

/* Prints which vector paths this machine has; what it lacks is untested here. */
static inline void check_print_paths(void) {
    printf("paths:");
    for (pm_cpu_path path = PM_CPU_SCALAR; path < PM_CPU_PATHS; path++) {
        printf(" %s%s", pm_cpu_path_name(path), pm_cpu_has(path) ? "" : " (untested here)");
    }
    printf("\n");
}

static inline uint64_t check_live_bytes(void) {
    pm_ledger ledger;
    pm_ledger_read(&ledger);
    return ledger.live_bytes;
}

static inline uint64_t check_allocations(void) {
    pm_ledger ledger;
    pm_ledger_read(&ledger);
    return ledger.allocation_count;
}

/* Random numbers that are the same on every machine: splitmix64 (G. Steele, D. Lea, C. Flood, 2014). */
static inline uint64_t check_random(uint64_t *state) {
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static inline size_t check_below(uint64_t *state, size_t limit) {
    return (size_t)(check_random(state) % limit);
}

/* Runs `program` with its first backing allocation failing, then its second, and so on until none fails. The program
 * returns the status it ended with, and must leave nothing behind. */
static inline void check_every_failure(pm_status (*program)(void)) {
    for (uint64_t n = 1;; n++) {
        const uint64_t live = check_live_bytes();
        pm_fault_after(n);
        const pm_status status = program();
        const bool failed = pm_fault_pending() == 0;
        pm_fault_after(0);
        CHECK_EQUAL(live, check_live_bytes());
        CHECK_EQUAL(failed ? PM_NO_MEMORY : PM_OK, status);
        if (!failed) {
            CHECK(n > 1); /* a program that allocates nothing tests nothing */
            return;
        }
    }
}

#endif
