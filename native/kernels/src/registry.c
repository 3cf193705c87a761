#include "registry.h"

#include <pthread.h>

static lk_kernel kernels[21];

static void collect(void) {
    const lk_kernel *const all[LK_COUNT(kernels)] = {
        &lk_alignment_split, &lk_alignment_stream, &lk_layout_scan,   &lk_layout_tasks,   &lk_pooling_buffers,
        &lk_selftest_cache,  &lk_selftest_dram,    &lk_selftest_heap, &lk_peers_arena,    &lk_peers_pool,
        &lk_peers_copy,      &lk_peers_triad,      &lk_peers_chase,   &lk_peers_linear,   &lk_translation_pipeline,
        &lk_interning_equal, &lk_interning_tokens, &lk_machine_read,  &lk_machine_stream, &lk_prefetch_sum,
        &lk_simd_scan,
    };
    for (size_t i = 0; i < LK_COUNT(kernels); i++) {
        kernels[i] = *all[i];
    }
}

const lk_kernel *lk_kernels_v1(size_t *count) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, collect);
    *count = LK_COUNT(kernels);
    return kernels;
}
