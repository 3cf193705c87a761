/* count.h: one pass of one subject for tools that count instead of timing. */
#ifndef DRIVER_COUNT_H
#define DRIVER_COUNT_H

#include <stdbool.h>

#include "bench.h"

typedef struct count_options {
    bool apart;       /* in a forked child: it starts from a heap that no earlier subject has touched, and a crash
                       * costs only itself */
    bool events;      /* perf events of the counted pass */
    bool resident;    /* page faults of the counted pass, peak resident memory from before setup to its end */
    bool allocations; /* of the counted pass, and live peaks from before setup; needs lab-interpose.so preloaded */
} count_options;

/* Sets the subject up, runs min(pass, most_iterations) iterations untimed (most_iterations = 0: the pass) and as many
 * again inside lp_region, and answers with one line: iterations, items, bytes, checksum, counters, "pid", "threads",
 * and what the options ask for. */
void count_run(bench *self, const char *id, const char *subject, size_t library, uint64_t most_iterations,
               const count_options *options);

/* Answers with {"events":[...]}: the state of every perf event around a short loop. */
void count_event_states(void);

#endif
