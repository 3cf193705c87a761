/* registry.h: every kernel of this library; registry.c lists them for lk_kernels_v1. */
#ifndef LK_REGISTRY_H
#define LK_REGISTRY_H

#include "lk/kernel.h"

extern const lk_kernel lk_layout_scan;
extern const lk_kernel lk_layout_tasks;
extern const lk_kernel lk_pooling_buffers;
extern const lk_kernel lk_alignment_stream;
extern const lk_kernel lk_alignment_split;
extern const lk_kernel lk_selftest_cache;
extern const lk_kernel lk_selftest_dram;
extern const lk_kernel lk_selftest_heap;
extern const lk_kernel lk_peers_arena;
extern const lk_kernel lk_peers_pool;
extern const lk_kernel lk_peers_copy;
extern const lk_kernel lk_peers_triad;
extern const lk_kernel lk_peers_chase;
extern const lk_kernel lk_peers_linear;
extern const lk_kernel lk_translation_pipeline;
extern const lk_kernel lk_interning_equal;
extern const lk_kernel lk_interning_tokens;
extern const lk_kernel lk_machine_read;
extern const lk_kernel lk_machine_stream;
extern const lk_kernel lk_prefetch_sum;
extern const lk_kernel lk_simd_scan;

/* Number of elements of a parameter table. */
#define LK_COUNT(array) (sizeof(array) / sizeof *(array))

#endif
