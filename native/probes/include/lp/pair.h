/* lp/pair.h: two arms timed in adjacent pairs, through one code path.
 *
 * Each pair times both arms on the same iterations, one directly after the other; half of the pairs start with the
 * baseline (AB), half with the treatment (BA), in random order. Before every timed sample of an arm
 *  - warm: the same arm runs the iterations before the window, untimed, so that a sample follows its own kind;
 *  - cold: a buffer larger than the last-level cache is read, and the sample is one pass.
 * Where one iteration takes long, fewer pairs are taken than asked for: a long sample is its own mean, and a process
 * that spends a minute on one comparison keeps the run from the many processes that an interval is made of.
 * A pair of which a sample was preempted says nothing. As many as were asked for may be taken again in its order, so
 * that on a busy machine a process with few pairs still yields a figure.
 *
 * Threads: one at a time. Failure: the outcome's pairs are not to be used; the subjects stay usable.
 */
#ifndef LP_PAIR_H
#define LP_PAIR_H

#include <stdbool.h>

#include "lp/loader.h"

/* cdef:begin */
typedef struct lp_timing {
    uint64_t sample_ns; /* shortest sample wanted; the faster arm decides the number of iterations */
    uint64_t most_ns;   /* fewer pairs or samples are taken where all of them would take longer */
    bool cold;
    size_t evict_bytes; /* size of the buffer read before a cold sample */
    uint64_t seed;      /* of the order of pairs, and of where in a pass they begin */
    uint64_t
        iterations; /* of a sample, as an earlier process found them; 0: find them. Raised where they are too few */
} lp_timing;

typedef struct lp_pair {
    uint64_t baseline_ns;
    uint64_t treatment_ns;
    bool baseline_first;
    bool baseline_preempted;
    bool treatment_preempted;
} lp_pair;

enum { LP_LEAST_PAIRS = 1 }; /* per order, and twice as many samples, however long they take */
/* cdef:end */
/* Room for this many pairs must there be where `per_order` are asked for. */
#define LP_PAIRS_ROOM(per_order) (4 * (size_t)(per_order))

/* cdef:begin */
typedef struct lp_pair_outcome {
    uint64_t iterations;                      /* of every sample */
    uint64_t items;                           /* processed in one sample */
    size_t count;                             /* pairs or samples that were taken, the preempted ones among them */
    uint64_t calibrate_ns, warm_ns, timed_ns; /* what the time went into; warm: the untimed run before each sample */
} lp_pair_outcome;

/* Compares the length of the arms' passes, and where `whole_pass` runs one of each and compares checksum and items.
 * LK_FAILED, with both answers in the message, where they differ. */
lk_status lp_pair_check(const lp_subject *baseline, const lp_subject *treatment, bool whole_pass, lk_message *message);

/* Fills pairs[outcome->count], which has room for LP_PAIRS_ROOM(pairs_per_order). The answers of both arms are compared
 * in every pair. LK_FAILED where they differ, and where the clock does not move, or moves backwards, during a sample.
 */
lk_status lp_pair_measure(const lp_subject *baseline, const lp_subject *treatment, const lp_timing *timing,
                          size_t pairs_per_order, lp_pair *pairs, lp_pair_outcome *outcome, lk_message *message);

/* The same for one arm alone in its process: fills outcome->count of ns[2 * samples] and preempted[2 * samples]. */
lk_status lp_alone_measure(const lp_subject *subject, const lp_timing *timing, size_t samples, uint64_t *ns,
                           bool *preempted, lp_pair_outcome *outcome, lk_message *message);
/* cdef:end */

#endif
