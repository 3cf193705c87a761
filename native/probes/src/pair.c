/* The paired timing loop: see lp/pair.h for the design and docs/statistics.md for what is made of the pairs. */
#include "lp/pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lp/clock.h"

#define SAY(message, ...) snprintf((message)->text, sizeof(message)->text, __VA_ARGS__)

enum { HUGE_PAGE_BYTES = 2 * 1024 * 1024, LINE_BYTES = 64, CALIBRATION_STEPS = 40, STANDSTILL_ITERATIONS = 100000 };
#define MOST_ITERATIONS 1e15 /* 4096 windows of so many still fit 64 bits */

/* splitmix64 (Steele, Lea, Flood 2014): one multiply-xorshift chain per number, any seed will do. */
static uint64_t next_random(uint64_t *state) {
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* The buffer that is read before cold samples: made once per process, for touching it takes longer than many samples.
 */
static unsigned char *evict_buffer(size_t bytes) {
    static unsigned char *buffer;
    static size_t size;
    if (size < bytes) {
        free(buffer);
        void *memory = NULL;
        buffer = posix_memalign(&memory, HUGE_PAGE_BYTES, bytes) == 0 ? memory : NULL;
        size = buffer ? bytes : 0;
        if (buffer) {
#ifdef MADV_HUGEPAGE
            (void)madvise(buffer, bytes, MADV_HUGEPAGE); /* where it is refused, touching takes longer */
#endif
            memset(buffer, 1, bytes);
        }
    }
    return buffer;
}

static volatile unsigned char evict_sink;

static void evict(const unsigned char *buffer, size_t bytes) {
    unsigned char sum = 0;
    for (size_t i = 0; i < bytes; i += LINE_BYTES) {
        sum ^= buffer[i];
    }
    evict_sink = sum;
}

/* What all samples of one measurement share. */
typedef struct sampler {
    const lp_timing *timing;
    const unsigned char *evict_buffer;
    uint64_t seed;
    uint64_t origin; /* iteration at which calibration begins */
    uint64_t iterations;
    uint64_t round_ns; /* one sample of each subject, as calibration saw it last */
    uint64_t began_ns, warm_ns, timed_ns;
} sampler;

/* The origin lies in the third quarter of a pass: what the comparison of answers has just read, from the beginning or
 * to the end of a pass, is far from it, so that no arm finds more of its data in a cache than the other. */
static lk_status sampler_init(sampler *self, const lp_timing *timing, uint64_t pass, lk_message *message) {
    *self = (sampler){.timing = timing, .iterations = 1, .seed = timing->seed, .began_ns = lp_now_ns()};
    self->origin = pass / 2 + next_random(&self->seed) % (pass / 4 + 1);
    if (timing->cold) {
        self->evict_buffer = evict_buffer(timing->evict_bytes);
        if (!self->evict_buffer) {
            SAY(message, "no memory for the %zu bytes read before a cold sample", timing->evict_bytes);
            return LK_NO_MEMORY;
        }
    }
    return LK_OK;
}

static lk_status prepare(const sampler *self, const lp_subject *subject, uint64_t first) {
    if (self->timing->cold) {
        evict(self->evict_buffer, self->timing->evict_bytes);
        return LK_OK;
    }
    lk_result result;
    return lp_subject_run(subject, first - self->iterations, self->iterations, &result);
}

static lk_status sample(sampler *self, const lp_subject *subject, uint64_t first, uint64_t *ns, bool *preempted,
                        lk_result *result) {
    const uint64_t begin = lp_now_ns();
    lk_status status = prepare(self, subject, first);
    if (status != LK_OK) {
        return status;
    }
    lp_disturbance before = lp_disturbance_read();
    uint64_t start = lp_now_ns();
    status = lp_subject_run(subject, first, self->iterations, result);
    const uint64_t end = lp_now_ns();
    *ns = end > start ? end - start : 0;
    *preempted = lp_disturbance_preempted(before, lp_disturbance_read(), *ns);
    self->warm_ns += start > begin ? start - begin : 0;
    self->timed_ns += *ns;
    return status;
}

static lk_status clock_stopped(uint64_t iterations, lk_message *message) {
    SAY(message, "the clock did not move during %llu iterations, or moved backwards: no time can be measured here",
        (unsigned long long)iterations);
    return LK_FAILED;
}

/* One run of each subject at the number of iterations that an earlier process found; *enough says whether the faster
 * still takes about the wanted time. */
static lk_status try_known(sampler *self, const lp_subject *const *subjects, size_t count, bool *enough) {
    uint64_t fastest = UINT64_MAX;
    self->iterations = self->timing->iterations;
    self->round_ns = 0;
    for (size_t i = 0; i < count; i++) {
        lk_result result;
        const uint64_t start = lp_now_ns();
        lk_status status = lp_subject_run(subjects[i], self->origin + self->iterations, self->iterations, &result);
        const uint64_t end = lp_now_ns(), ns = end > start ? end - start : 0;
        if (status != LK_OK) {
            return status;
        }
        fastest = ns < fastest ? ns : fastest;
        self->round_ns += ns;
    }
    *enough = fastest >= self->timing->sample_ns / 2;
    return LK_OK;
}

/* Finds the number of iterations for which the faster of the subjects takes at least the wanted time, and drives
 * both to their steady state on the way. A cold sample is one pass. */
static lk_status find_iterations(sampler *self, const lp_subject *const *subjects, size_t count, lk_message *message) {
    if (self->timing->cold) {
        self->iterations = subjects[0]->pass;
        return LK_OK;
    }
    if (self->timing->iterations) {
        bool enough;
        lk_status status = try_known(self, subjects, count, &enough);
        if (status != LK_OK || enough) {
            return status;
        }
    }
    for (int step = 0; step < CALIBRATION_STEPS; step++) {
        uint64_t fastest = UINT64_MAX;
        self->round_ns = 0;
        for (size_t i = 0; i < count; i++) {
            uint64_t ns;
            bool preempted;
            lk_result result;
            lk_status status = sample(self, subjects[i], self->origin + self->iterations, &ns, &preempted, &result);
            if (status != LK_OK) {
                return status;
            }
            fastest = ns < fastest ? ns : fastest;
            self->round_ns += ns;
        }
        if (fastest >= self->timing->sample_ns) {
            return LK_OK;
        }
        double factor = 1.1 * (double)self->timing->sample_ns / (double)(fastest ? fastest : 1);
        factor = factor > 10 ? 10 : factor < 1.2 ? 1.2 : factor;
        const double next = (double)self->iterations * factor;
        if (next > MOST_ITERATIONS) {
            return LK_OK;
        }
        self->iterations = (uint64_t)next + 1;
        if (fastest == 0 && self->iterations > STANDSTILL_ITERATIONS) {
            return clock_stopped(self->iterations, message);
        }
    }
    return LK_OK;
}

static lk_status calibrate(sampler *self, const lp_subject *const *subjects, size_t count, lp_pair_outcome *outcome,
                           lk_message *message) {
    message->text[0] = '\0';
    const lk_status status = find_iterations(self, subjects, count, message);
    outcome->calibrate_ns = lp_now_ns() - self->began_ns;
    outcome->count = 0;
    self->warm_ns = self->timed_ns = 0;
    return status;
}

/* The end of a measurement: what it says, and of a kernel that failed without a word, that it did. */
static lk_status finish(sampler *self, const lp_subject *subject, lk_status status, lp_pair_outcome *outcome,
                        lk_message *message) {
    if (status != LK_OK && !message->text[0]) {
        SAY(message, "run of %s failed with status %d", subject->kernel->name, (int)status);
    }
    outcome->iterations = self->iterations;
    outcome->warm_ns = self->warm_ns;
    outcome->timed_ns = self->timed_ns;
    return status;
}

/* How many of the wanted rounds, in each of which every subject runs twice, there is time for. */
static size_t affordable(const sampler *self, size_t wanted) {
    const uint64_t each = 2 * self->round_ns, most = each ? self->timing->most_ns / each : wanted;
    const uint64_t possible = most > 2 * LP_LEAST_PAIRS ? most : 2 * LP_LEAST_PAIRS;
    return wanted < possible ? wanted : (size_t)possible;
}

/* The window of the i-th sample. The first comes after those that calibration has read. */
static uint64_t window(const sampler *self, uint64_t i) {
    return self->origin + (3 + i) * self->iterations;
}

static lk_status compare_answers(const lk_result *one, const lk_result *two, lk_message *message) {
    if (one->checksum == two->checksum && one->items == two->items) {
        return LK_OK;
    }
    SAY(message, "the arms give different answers: checksum %llx and %llx, items %llu and %llu",
        (unsigned long long)one->checksum, (unsigned long long)two->checksum, (unsigned long long)one->items,
        (unsigned long long)two->items);
    return LK_FAILED;
}

lk_status lp_pair_check(const lp_subject *baseline, const lp_subject *treatment, bool whole_pass, lk_message *message) {
    if (baseline->pass != treatment->pass) {
        SAY(message, "the arms differ in the length of a pass: %llu and %llu iterations",
            (unsigned long long)baseline->pass, (unsigned long long)treatment->pass);
        return LK_FAILED;
    }
    lk_result one = {0}, two = {0};
    lk_status status = whole_pass ? lp_subject_run(baseline, 0, baseline->pass, &one) : LK_OK;
    if (status == LK_OK && whole_pass) {
        status = lp_subject_run(treatment, 0, baseline->pass, &two);
    }
    if (status != LK_OK) {
        SAY(message, "run of %s failed with status %d", baseline->kernel->name, (int)status);
        return status;
    }
    return compare_answers(&one, &two, message);
}

lk_status lp_pair_measure(const lp_subject *baseline, const lp_subject *treatment, const lp_timing *timing,
                          size_t pairs_per_order, lp_pair *pairs, lp_pair_outcome *outcome, lk_message *message) {
    sampler self;
    lk_status status = sampler_init(&self, timing, baseline->pass, message);
    if (status != LK_OK) {
        return status;
    }
    const lp_subject *const both[2] = {baseline, treatment};
    status = calibrate(&self, both, 2, outcome, message);
    const size_t per_order = affordable(&self, 2 * pairs_per_order) / 2;
    size_t left[2] = {per_order, per_order}, again[2] = {per_order, per_order}; /* treatment first, baseline first */
    while (left[0] + left[1] > 0 && status == LK_OK) {
        bool baseline_first = next_random(&self.seed) % (left[0] + left[1]) >= left[0];
        left[baseline_first]--;
        lp_pair *pair = &pairs[outcome->count];
        pair->baseline_first = baseline_first;
        lk_result results[2];
        for (int position = 0; position < 2 && status == LK_OK; position++) {
            bool is_baseline = baseline_first == (position == 0);
            status = sample(&self, is_baseline ? baseline : treatment, window(&self, outcome->count),
                            is_baseline ? &pair->baseline_ns : &pair->treatment_ns,
                            is_baseline ? &pair->baseline_preempted : &pair->treatment_preempted, &results[position]);
        }
        outcome->count++;
        if (status == LK_OK) {
            outcome->items = results[0].items;
            status = compare_answers(&results[!baseline_first], &results[baseline_first], message);
        }
        if (status == LK_OK && (pair->baseline_ns == 0 || pair->treatment_ns == 0)) {
            status = clock_stopped(self.iterations, message);
        }
        if ((pair->baseline_preempted || pair->treatment_preempted) && again[baseline_first]) {
            again[baseline_first]--;
            left[baseline_first]++;
        }
    }
    return finish(&self, baseline, status, outcome, message);
}

lk_status lp_alone_measure(const lp_subject *subject, const lp_timing *timing, size_t samples, uint64_t *ns,
                           bool *preempted, lp_pair_outcome *outcome, lk_message *message) {
    sampler self;
    lk_status status = sampler_init(&self, timing, subject->pass, message);
    if (status != LK_OK) {
        return status;
    }
    status = calibrate(&self, &subject, 1, outcome, message);
    size_t left = affordable(&self, samples), again = left;
    while (left > 0 && status == LK_OK) {
        const size_t i = outcome->count;
        lk_result result = {0};
        status = sample(&self, subject, window(&self, i), &ns[i], &preempted[i], &result);
        outcome->items = result.items;
        left--;
        outcome->count++;
        if (status == LK_OK && ns[i] == 0) {
            status = clock_stopped(self.iterations, message);
        }
        if (preempted[i] && again) {
            again--;
            left++;
        }
    }
    return finish(&self, subject, status, outcome, message);
}
