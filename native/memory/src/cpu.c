/* Detection and choice of a path. On x86 the compiler's runtime asks cpuid, and the system's state mask with it. */
#include "pm/cpu.h"
#include <stdatomic.h>
#if defined(__x86_64__)
#include <cpuid.h>
#elif !defined(_WIN32)
#include <unistd.h>
#endif

enum { CACHE_BYTES_UNKNOWN = 32 << 20 };

bool pm_cpu_has(pm_cpu_path path) {
    switch (path) {
    case PM_CPU_SCALAR: return true;
#if defined(__x86_64__)
    case PM_CPU_SSE2: return true;
#if !(defined(_WIN32) && defined(__GNUC__) && !defined(__clang__))
    /* GCC does not align the stack for wider vectors on Windows (its bug 54412): a spilled one would fault. */
    case PM_CPU_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
               __builtin_cpu_supports("popcnt");
    case PM_CPU_AVX512:
        return pm_cpu_has(PM_CPU_AVX2) && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
#endif
#elif defined(__aarch64__)
    case PM_CPU_NEON: return true;
#endif
    default: return false;
    }
}

pm_cpu_path pm_cpu_best(void) {
    pm_cpu_path path = PM_CPU_PATHS - 1;
    while (!pm_cpu_has(path)) {
        path--;
    }
    return path;
}

static atomic_int selected = PM_CPU_PATHS; /* none yet */

pm_cpu_path pm_cpu_selected(void) {
    int path = atomic_load_explicit(&selected, memory_order_relaxed);
    if (PM_UNLIKELY(path == PM_CPU_PATHS)) {
        const int best = (int)pm_cpu_best();
        if (atomic_compare_exchange_strong(&selected, &path, best)) {
            path = best;
        }
    }
    return (pm_cpu_path)path;
}

pm_status pm_cpu_select(pm_cpu_path path) {
    if (!pm_cpu_has(path)) {
        return PM_UNSUPPORTED;
    }
    atomic_store(&selected, (int)path);
    return PM_OK;
}

const char *pm_cpu_path_name(pm_cpu_path path) {
    static const char *const names[] = {"scalar", "sse2", "avx2", "avx512", "neon"};
    return (unsigned)path < PM_CPU_PATHS ? names[path] : NULL;
}

#if defined(__x86_64__)
/* Deterministic cache parameters: leaf 4 of Intel's cpuid, leaf 0x8000001D of AMD's, one subleaf per cache. */
static size_t cache_bytes_of_leaf(unsigned leaf) {
    size_t most = 0;
    unsigned a, b, c, d;
    for (unsigned i = 0; i < 16 && __get_cpuid_count(leaf, i, &a, &b, &c, &d); i++) {
        const unsigned kind = a & 31; /* 1 data, 2 instructions, 3 both */
        if (kind == 0) {
            break;
        }
        const size_t bytes = (size_t)((b >> 22) + 1) * (((b >> 12) & 0x3FF) + 1) * ((b & 0xFFF) + 1) * ((size_t)c + 1);
        if (kind != 2 && bytes > most) {
            most = bytes;
        }
    }
    return most;
}
#endif

static size_t cache_bytes_read(void) {
    size_t bytes = 0;
#if defined(__x86_64__)
    const size_t intel = cache_bytes_of_leaf(4), amd = cache_bytes_of_leaf(0x8000001D);
    bytes = intel > amd ? intel : amd;
#elif defined(_SC_LEVEL3_CACHE_SIZE)
    const long level3 = sysconf(_SC_LEVEL3_CACHE_SIZE), level2 = sysconf(_SC_LEVEL2_CACHE_SIZE);
    bytes = level3 > 0 ? (size_t)level3 : level2 > 0 ? (size_t)level2 : 0;
#endif
    return bytes != 0 ? bytes : CACHE_BYTES_UNKNOWN;
}

size_t pm_cpu_cache_bytes(void) {
    static _Atomic size_t known;
    size_t bytes = atomic_load_explicit(&known, memory_order_relaxed);
    if (PM_UNLIKELY(bytes == 0)) {
        bytes = cache_bytes_read();
        atomic_store_explicit(&known, bytes, memory_order_relaxed);
    }
    return bytes;
}
