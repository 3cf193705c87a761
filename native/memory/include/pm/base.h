/* pm/base.h: what every header of the memory layer needs from the compiler. Nothing here is called by users. */
#ifndef PM_BASE_H
#define PM_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PM_VERSION_MAJOR 0
#define PM_VERSION_MINOR 1
#define PM_VERSION_PATCH 0

/* The library is static and its symbols stay inside whatever it is linked into. */
#if defined(__GNUC__) && !defined(_WIN32)
#define PM_API __attribute__((visibility("hidden")))
#else
#define PM_API
#endif

#define PM_INLINE static inline
#define PM_NODISCARD __attribute__((warn_unused_result))
#define PM_COLD __attribute__((noinline, cold))
#define PM_LIKELY(x) __builtin_expect(!!(x), 1)
#define PM_UNLIKELY(x) __builtin_expect(!!(x), 0)

/* glibc keeps room for the thread-local variables of libraries loaded later, so ours need no call to be found.
 * Other C libraries refuse to load such a library at run time. */
#if defined(__cplusplus)
#define PM_THREAD_LOCAL __thread
#else
#define PM_THREAD_LOCAL _Thread_local
#endif
#if defined(__GLIBC__)
#define PM_TLS_FAST __attribute__((tls_model("initial-exec")))
#else
#define PM_TLS_FAST
#endif

#if defined(__SANITIZE_ADDRESS__)
#define PM_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PM_ASAN 1
#endif
#endif
#ifndef PM_ASAN
#define PM_ASAN 0
#endif

/* Compiled for Valgrind: the layer then tells it what may be touched. The library and its callers must agree. */
#if defined(PM_VALGRIND) && defined(__has_include)
#if !__has_include(<valgrind/memcheck.h>)
#undef PM_VALGRIND
#endif
#endif
#ifndef PM_VALGRIND
#define PM_VALGRIND 0
#endif
#define PM_GUARDED (PM_ASAN || PM_VALGRIND)

#endif
