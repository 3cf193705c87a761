/* pm/cpu.h: which vector instructions the string and streaming functions use, and how large the last cache is.
 *
 * The library is built for the baseline of its architecture and carries each function for every path; the widest path
 * that this machine has is chosen at the first call (under Windows a build by GCC stops at SSE2). Every path gives the
 * same answers. Threads: any function from any thread; pm_cpu_select holds for the whole process, and calls that run
 * already end on the path they began with.
 */
#ifndef PM_CPU_H
#define PM_CPU_H

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* cdef:begin */
typedef enum pm_cpu_path {
    PM_CPU_SCALAR = 0, /* words of 64 bits, everywhere */
    PM_CPU_SSE2 = 1,   /* the baseline of x86-64 */
    PM_CPU_AVX2 = 2,   /* with BMI1, BMI2, POPCNT */
    PM_CPU_AVX512 = 3, /* F and BW, with the same */
    PM_CPU_NEON = 4,   /* the baseline of AArch64 */
    PM_CPU_PATHS = 5
} pm_cpu_path;

/* Whether this library and this machine have the path. */
PM_API bool pm_cpu_has(pm_cpu_path path);

/* The widest path that pm_cpu_has. */
PM_API pm_cpu_path pm_cpu_best(void);

/* The path in use. */
PM_API pm_cpu_path pm_cpu_selected(void);

/* Uses another path, for tests and comparisons. PM_UNSUPPORTED where pm_cpu_has says no. */
PM_API PM_NODISCARD pm_status pm_cpu_select(pm_cpu_path path);

/* "scalar", "sse2", "avx2", "avx512", "neon"; static, NULL beyond the last path. */
PM_API const char *pm_cpu_path_name(pm_cpu_path path);

/* Bytes of the largest data cache that the processor reports, in a virtual machine often that of the whole socket;
 * 32 MiB where it reports none. */
PM_API size_t pm_cpu_cache_bytes(void);
/* cdef:end */

#ifdef __cplusplus
}
#endif
#endif
