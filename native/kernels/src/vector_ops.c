#include "vector_ops.h"

#include <string.h>

#include "args.h"

#define JOIN_AGAIN(name, width) name##_##width
#define JOIN(name, width) JOIN_AGAIN(name, width)

#define WIDTH 16
#define TARGET
#include "vector_ops.inc.h"
#undef WIDTH
#undef TARGET

#if defined(__x86_64__)
#define WIDTH 32
#define TARGET __attribute__((target("avx2")))
#include "vector_ops.inc.h"
#undef WIDTH
#undef TARGET

#define WIDTH 64
#define TARGET __attribute__((target("avx512f,avx512bw,prefer-vector-width=512")))
#include "vector_ops.inc.h"
#undef WIDTH
#undef TARGET
#endif

const lk_vector_ops *lk_vector_ops_of(uint64_t width, lk_message *message) {
    if (width == 16) {
        return &ops_16;
    }
#if defined(__x86_64__)
    if (width == 32 && __builtin_cpu_supports("avx2")) {
        return &ops_32;
    }
    if (width == 64 && __builtin_cpu_supports("avx512bw")) {
        return &ops_64;
    }
#endif
    lk_write(message, "vectors of %llu bytes need %s, which this processor does not have", (unsigned long long)width,
             width == 32 ? "AVX2" : "AVX-512 BW");
    return NULL;
}

const lk_vector_ops *lk_vector_ops_default(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        return &ops_32;
    }
#endif
    return &ops_16;
}
