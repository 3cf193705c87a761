/* Streaming: the elements before the first whole line of the output and those after the last one go one by one, the
 * lines between them through the path. An output of doubles that is not even aligned to eight bytes has no line that
 * begins with an element; it is written plainly. */
#include "pm/stream.h"
#include "stream_ops.h"
#include <string.h>

static const stream_ops *ops(void) {
    return pm_stream_ops_of(pm_cpu_selected());
}

/* How an output of `bytes` bytes, made of `unit`s, is split. */
typedef struct split {
    size_t head_bytes; /* before the lines */
    size_t lines;
    bool past; /* lines are whole lines of memory and go past the caches */
} split;

static split split_of(const void *to, size_t bytes, size_t unit, size_t threshold_bytes) {
    const size_t threshold = threshold_bytes == 0 ? pm_cpu_cache_bytes() : threshold_bytes;
    const size_t before = -(uintptr_t)to % STREAM_LINE;
    split s = {.past = bytes >= threshold && before % unit == 0};
    s.head_bytes = !s.past ? 0 : before < bytes ? before : bytes;
    s.lines = (bytes - s.head_bytes) / STREAM_LINE;
    return s;
}

/* Unaligned elements. */
static uint64_t load_u64(const unsigned char *at) {
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static double load_f64(const unsigned char *at) {
    double value;
    memcpy(&value, at, sizeof value);
    return value;
}

void pm_stream_copy(void *to, const void *from, size_t bytes, size_t threshold_bytes) {
    if (bytes == 0) {
        return;
    }
    unsigned char *out = to;
    const unsigned char *in = from;
    const split s = split_of(to, bytes, 1, threshold_bytes);
    if (!s.past) {
        memcpy(to, from, bytes);
        return;
    }
    const size_t end = s.head_bytes + s.lines * STREAM_LINE;
    const stream_ops *path = ops();
    memcpy(out, in, s.head_bytes);
    path->copy(out + s.head_bytes, in + s.head_bytes, s.lines, true);
    memcpy(out + end, in + end, bytes - end);
    path->store_fence();
}

/* Runs LINES over the whole lines, and ONE for each element `at` bytes into the arrays outside of them. */
#define STREAM(to, count, threshold_bytes, ONE, LINES)                                                                 \
    do {                                                                                                               \
        const size_t bytes = (count) * sizeof(uint64_t);                                                               \
        const split s = split_of(to, bytes, sizeof(uint64_t), threshold_bytes);                                        \
        const stream_ops *path = ops();                                                                                \
        size_t at = 0;                                                                                                 \
        for (; at < s.head_bytes; at += sizeof(uint64_t)) {                                                            \
            ONE;                                                                                                       \
        }                                                                                                              \
        LINES;                                                                                                         \
        for (at += s.lines * STREAM_LINE; at < bytes; at += sizeof(uint64_t)) {                                        \
            ONE;                                                                                                       \
        }                                                                                                              \
        if (s.past) {                                                                                                  \
            path->store_fence();                                                                                       \
        }                                                                                                              \
    } while (0)

void pm_stream_fill(void *to, uint64_t value, size_t count, size_t threshold_bytes) {
    unsigned char *out = to;
    STREAM(out, count, threshold_bytes, memcpy(out + at, &value, sizeof value),
           path->fill(out + at, value, s.lines, s.past));
}

void pm_stream_add_f64(double *to, const double *a, const double *b, size_t count, size_t threshold_bytes) {
    unsigned char *out = (unsigned char *)to;
    const unsigned char *x = (const unsigned char *)a, *y = (const unsigned char *)b;
    STREAM(out, count, threshold_bytes, memcpy(out + at, &(double){load_f64(x + at) + load_f64(y + at)}, sizeof *to),
           path->add_f64(out + at, x + at, y + at, s.lines, s.past));
}

void pm_stream_add_u64(uint64_t *to, const uint64_t *a, const uint64_t *b, size_t count, size_t threshold_bytes) {
    unsigned char *out = (unsigned char *)to;
    const unsigned char *x = (const unsigned char *)a, *y = (const unsigned char *)b;
    STREAM(out, count, threshold_bytes, memcpy(out + at, &(uint64_t){load_u64(x + at) + load_u64(y + at)}, sizeof *to),
           path->add_u64(out + at, x + at, y + at, s.lines, s.past));
}

void pm_stream_triad_f64(double *to, const double *a, const double *b, double scale, size_t count,
                         size_t threshold_bytes) {
    unsigned char *out = (unsigned char *)to;
    const unsigned char *x = (const unsigned char *)a, *y = (const unsigned char *)b;
    STREAM(out, count, threshold_bytes,
           memcpy(out + at, &(double){load_f64(x + at) + load_f64(y + at) * scale}, sizeof *to),
           path->triad_f64(out + at, x + at, y + at, scale, s.lines, s.past));
}

void pm_stream_triad_u64(uint64_t *to, const uint64_t *a, const uint64_t *b, uint64_t scale, size_t count,
                         size_t threshold_bytes) {
    unsigned char *out = (unsigned char *)to;
    const unsigned char *x = (const unsigned char *)a, *y = (const unsigned char *)b;
    STREAM(out, count, threshold_bytes,
           memcpy(out + at, &(uint64_t){load_u64(x + at) + load_u64(y + at) * scale}, sizeof *to),
           path->triad_u64(out + at, x + at, y + at, scale, s.lines, s.past));
}

double pm_stream_sum_f64(const double *values, size_t count) {
    double lanes[STREAM_LANES] = {0};
    const unsigned char *at = (const unsigned char *)values;
    const size_t steps = count / STREAM_LANES;
    ops()->sum_f64(lanes, at, steps);
    for (size_t i = steps * STREAM_LANES; i < count; i++) {
        lanes[i % STREAM_LANES] += load_f64(at + i * sizeof *values);
    }
    for (size_t half = STREAM_LANES / 2; half != 0; half /= 2) {
        for (size_t i = 0; i < half; i++) {
            lanes[i] += lanes[i + half];
        }
    }
    return lanes[0];
}

uint64_t pm_stream_sum_u64(const uint64_t *values, size_t count) {
    const unsigned char *at = (const unsigned char *)values;
    const size_t steps = count / STREAM_LANES;
    uint64_t sum = ops()->sum_u64(at, steps);
    for (size_t i = steps * STREAM_LANES; i < count; i++) {
        sum += load_u64(at + i * sizeof *values);
    }
    return sum;
}
