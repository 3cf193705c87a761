/* The paired timing loop: how many pairs it takes, in which orders, over which iterations; when a sample counts as
 * preempted. The kernel writes down what it is asked to run, and takes no time worth speaking of. */
#include "lp/pair.h"

#include <string.h>

#include "check.h"
#include "lp/clock.h"

enum { PASS = 100, PER_ORDER = 8, MOST_RUNS = 1000 };

typedef struct arm {
    uint64_t first[MOST_RUNS];
    uint64_t checksum;
    size_t runs;
} arm;

static lk_status run(void *state, uint64_t first, uint64_t count, lk_result *result) {
    arm *self = state;
    CHECK(self->runs < MOST_RUNS);
    self->first[self->runs++] = first;
    *result = (lk_result){.checksum = self->checksum, .items = count};
    return LK_OK;
}

static const lk_kernel KERNEL = {.abi = LK_ABI_VERSION, .name = "writes", .item = "iteration", .run = run};
static const lp_timing TIMING = {.sample_ns = 1, .most_ns = UINT64_MAX, .seed = 7};

static lp_subject subject_of(arm *self) {
    return (lp_subject){.kernel = &KERNEL, .state = self, .pass = PASS};
}

/* Both orders equally often, the same window for both arms of a pair, and before it the one that ends there. */
static void pairs_are_taken_in_both_orders(void) {
    static arm arms[2];
    memset(arms, 0, sizeof arms);
    const lp_subject baseline = subject_of(&arms[0]), treatment = subject_of(&arms[1]);
    lp_pair pairs[LP_PAIRS_ROOM(PER_ORDER)];
    lp_pair_outcome outcome = {0};
    lk_message message;
    CHECK(lp_pair_measure(&baseline, &treatment, &TIMING, PER_ORDER, pairs, &outcome, &message) == LK_OK);
    CHECK(outcome.count >= 2 * PER_ORDER && outcome.count <= LP_PAIRS_ROOM(PER_ORDER));
    CHECK(outcome.items == outcome.iterations);
    CHECK(outcome.timed_ns > 0 && outcome.warm_ns > 0 && outcome.calibrate_ns > 0);
    size_t taken[2] = {0}, good[2] = {0};
    for (size_t i = 0; i < outcome.count; i++) {
        taken[pairs[i].baseline_first]++;
        good[pairs[i].baseline_first] += !pairs[i].baseline_preempted && !pairs[i].treatment_preempted;
    }
    for (int order = 0; order < 2; order++) { /* a preempted pair is taken again in its order, up to twice as many */
        CHECK(good[order] == PER_ORDER || taken[order] == 2 * PER_ORDER);
    }
    CHECK(arms[0].runs == arms[1].runs && arms[0].runs >= 2 * outcome.count);
    for (size_t i = arms[0].runs - 2 * outcome.count; i < arms[0].runs; i++) {
        CHECK(arms[0].first[i] == arms[1].first[i]);
    }
    const uint64_t *last = &arms[0].first[arms[0].runs - 2];
    CHECK(last[1] - last[0] == outcome.iterations);
}

/* However little time there is, a few pairs of each order are taken; and no more than are asked for. */
static void long_pairs_are_fewer(void) {
    static arm arms[2];
    memset(arms, 0, sizeof arms);
    const lp_subject baseline = subject_of(&arms[0]), treatment = subject_of(&arms[1]);
    lp_timing timing = TIMING;
    timing.most_ns = 0;
    lp_pair pairs[LP_PAIRS_ROOM(PER_ORDER)];
    lp_pair_outcome outcome = {0};
    lk_message message;
    CHECK(lp_pair_measure(&baseline, &treatment, &timing, PER_ORDER, pairs, &outcome, &message) == LK_OK);
    CHECK(outcome.count >= 2 * LP_LEAST_PAIRS && outcome.count <= 4 * LP_LEAST_PAIRS);
    CHECK(lp_pair_measure(&baseline, &treatment, &timing, 1, pairs, &outcome, &message) == LK_OK);
    CHECK(outcome.count >= 2 && outcome.count <= 4);
    uint64_t ns[2 * PER_ORDER];
    bool preempted[2 * PER_ORDER];
    CHECK(lp_alone_measure(&baseline, &timing, PER_ORDER, ns, preempted, &outcome, &message) == LK_OK);
    CHECK(outcome.count >= 2 * LP_LEAST_PAIRS && outcome.count <= 4 * LP_LEAST_PAIRS);
    timing.most_ns = UINT64_MAX;
    CHECK(lp_alone_measure(&baseline, &timing, PER_ORDER, ns, preempted, &outcome, &message) == LK_OK);
    CHECK(outcome.count >= PER_ORDER && outcome.count <= 2 * PER_ORDER);
}

/* Iterations that an earlier process found are taken as they are: one run of each arm, then the pairs. Where they are
 * too few by now, calibration goes on from them. */
static void known_iterations_are_not_found_again(void) {
    static arm arms[2];
    memset(arms, 0, sizeof arms);
    const lp_subject baseline = subject_of(&arms[0]), treatment = subject_of(&arms[1]);
    lp_timing timing = TIMING;
    timing.iterations = 5;
    lp_pair pairs[LP_PAIRS_ROOM(1)];
    lp_pair_outcome outcome = {0};
    lk_message message;
    CHECK(lp_pair_measure(&baseline, &treatment, &timing, 1, pairs, &outcome, &message) == LK_OK);
    CHECK(outcome.iterations == 5);
    CHECK(arms[0].runs == 1 + 2 * outcome.count && arms[1].runs == arms[0].runs);
    memset(arms, 0, sizeof arms);
    timing.sample_ns = 1000000000; /* never reached: every step raises the number */
    CHECK(lp_pair_measure(&baseline, &treatment, &timing, 1, pairs, &outcome, &message) == LK_OK);
    CHECK(outcome.iterations > 5);
}

static void different_answers_are_no_pair(void) {
    static arm arms[2];
    memset(arms, 0, sizeof arms);
    arms[1].checksum = 1;
    lp_subject baseline = subject_of(&arms[0]), treatment = subject_of(&arms[1]);
    lk_message message;
    CHECK(lp_pair_check(&baseline, &treatment, true, &message) == LK_FAILED);
    CHECK(strstr(message.text, "different answers") != NULL);
    CHECK(lp_pair_check(&baseline, &treatment, false, &message) == LK_OK);
    lp_pair pairs[LP_PAIRS_ROOM(1)];
    lp_pair_outcome outcome = {0};
    CHECK(lp_pair_measure(&baseline, &treatment, &TIMING, 1, pairs, &outcome, &message) == LK_FAILED);
    CHECK(strstr(message.text, "different answers") != NULL);
    treatment.pass = PASS + 1;
    CHECK(lp_pair_check(&baseline, &treatment, false, &message) == LK_FAILED);
    CHECK(strstr(message.text, "length of a pass") != NULL);
}

/* One switch spoils a short sample, and not one of half a second; waiting spoils any from a fiftieth on. */
static void a_sample_is_preempted_by_what_it_lost(void) {
    const lp_disturbance none = {0}, one = {.switches = 1}, many = {.switches = 1000};
    const lp_disturbance waited = {.run_delay_ns = 30000};
    CHECK(!lp_disturbance_preempted(none, none, 1000));
    CHECK(lp_disturbance_preempted(none, one, 100000));
    CHECK(lp_disturbance_preempted(none, one, 4000000));
    CHECK(!lp_disturbance_preempted(none, one, 500000000));
    CHECK(lp_disturbance_preempted(none, many, 500000000));
    CHECK(lp_disturbance_preempted(none, waited, 1000000));
    CHECK(!lp_disturbance_preempted(none, waited, 2000000));
}

int main(void) {
    pairs_are_taken_in_both_orders();
    long_pairs_are_fewer();
    known_iterations_are_not_found_again();
    different_answers_are_no_pair();
    a_sample_is_preempted_by_what_it_lost();
    return 0;
}
