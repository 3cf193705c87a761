/* target.h: what the compilers spell differently in a function's target. */
#ifndef PM_TARGET_H
#define PM_TARGET_H

/* Clang has no preferred width of vectors here, and would ignore the whole attribute for it. */
#if defined(__clang__)
#define PM_TARGET_AVX512(features) __attribute__((target("avx512f,avx512bw" features)))
#else
#define PM_TARGET_AVX512(features) __attribute__((target("avx512f,avx512bw" features ",prefer-vector-width=512")))
#endif

#endif
