/* The latency sweep. The least of several bursts is taken: disturbance only ever adds time. */
#include "lp/sweep.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lp/clock.h"

enum { FIRST_BYTES = 8 << 10, HUGE_BYTES = 2 << 20, BURSTS = 7, BURST_LOADS = 16384 };

typedef union line {
    union line *next;
    char bytes[LP_SWEEP_LINE_BYTES];
} line;

/* splitmix64 (Steele, Lea, Flood 2014): good enough to shuffle with. */
static uint64_t draw(uint64_t *state) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Links the first `count` lines into one cycle. Sattolo's shuffle of the identity leaves a permutation that is a
 * single cycle, so order[i] can be read as the line after line i. */
static void link_cycle(line *lines, uint32_t *order, size_t count, uint64_t *state) {
    for (size_t i = 0; i < count; i++) {
        order[i] = (uint32_t)i;
    }
    for (size_t i = count - 1; i > 0; i--) {
        size_t j = (size_t)(draw(state) % i);
        uint32_t other = order[i];
        order[i] = order[j];
        order[j] = other;
    }
    for (size_t i = 0; i < count; i++) {
        lines[i].next = &lines[order[i]];
    }
}

static __attribute__((noinline)) const line *chase(const line *at, size_t loads) {
    for (size_t i = 0; i < loads; i += 8) {
        at = at->next->next->next->next->next->next->next->next;
    }
    return at;
}

static double latency(const line *start, size_t count) {
    const line *at = chase(start, count); /* once around: what fits is in, what does not has been evicted */
    double least = 0;
    for (int burst = 0; burst < BURSTS; burst++) {
        uint64_t before = lp_now_ns();
        at = chase(at, BURST_LOADS);
        double ns = (double)(lp_now_ns() - before) / BURST_LOADS;
        least = burst == 0 || ns < least ? ns : least;
    }
    __asm__ volatile("" : : "r"(at) : "memory");
    return least;
}

/* AnonHugePages of the mapping that starts at `start`, from smaps. */
static uint64_t huge_pages_of(const void *start) {
    FILE *smaps = fopen("/proc/self/smaps", "re");
    char text[256];
    uint64_t kib = 0;
    bool inside = false;
    while (smaps && fgets(text, sizeof text, smaps)) {
        uint64_t low = 0, high = 0;
        if (sscanf(text, "%" SCNx64 "-%" SCNx64 " ", &low, &high) == 2) {
            inside = low <= (uintptr_t)start && (uintptr_t)start < high;
        } else if (inside && sscanf(text, "AnonHugePages: %" SCNu64, &kib) == 1) {
            break;
        }
    }
    if (smaps) {
        fclose(smaps);
    }
    return kib * 1024;
}

size_t lp_sweep_run(uint64_t most_bytes, uint64_t seed, lp_sweep_point *points, size_t capacity, uint64_t *huge_bytes) {
    size_t bytes = ((size_t)most_bytes / HUGE_BYTES + 1) * HUGE_BYTES, mapped = bytes + HUGE_BYTES;
    uint32_t *order = malloc(bytes / LP_SWEEP_LINE_BYTES * sizeof *order);
    char *raw = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    size_t made = 0;
    *huge_bytes = 0;
    if (order && raw != MAP_FAILED) {
        char *base = raw + (HUGE_BYTES - (uintptr_t)raw % HUGE_BYTES) % HUGE_BYTES;
#ifdef MADV_HUGEPAGE
        madvise(base, bytes, MADV_HUGEPAGE);
#endif
        memset(base, 1, bytes); /* touch: faults are not latency */
        *huge_bytes = huge_pages_of(base);
        line *lines = (line *)(void *)base;
        for (uint64_t step = FIRST_BYTES; step <= most_bytes; step *= 2) {
            uint64_t sizes[2] = {step, step * 45 / 32 / LP_SWEEP_LINE_BYTES * LP_SWEEP_LINE_BYTES};
            for (int i = 0; i < 2 && sizes[i] <= most_bytes && made < capacity; i++) {
                size_t count = (size_t)(sizes[i] / LP_SWEEP_LINE_BYTES);
                link_cycle(lines, order, count, &seed);
                points[made++] = (lp_sweep_point){sizes[i], latency(lines, count)};
            }
        }
    }
    if (raw != MAP_FAILED) {
        munmap(raw, mapped);
    }
    free(order);
    return made;
}
