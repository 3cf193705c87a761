/* pm/assert.h: assertions of three grades.
 *
 *     PM_ASSERT(condition)                      a few instructions: arguments, results, bounds
 *     PM_ASSERT_INTERNAL(condition)             as expensive as the function around it: an invariant of a loop
 *     PM_ASSERT_EXPENSIVE(condition, elements)  walks a whole structure of about `elements` elements
 *
 * PM_ASSERT_LEVEL says which grades run: 0 none, 1 the first, 2 the first two, 3 all. Level 3 is the default of debug
 * builds (without NDEBUG) and of builds with AddressSanitizer, ThreadSanitizer, UBSan or libFuzzer; 0 is that of
 * others. What does not run is not evaluated: it costs no instruction, but must compile.
 *
 * An expensive assertion at each step would make n steps cost n^2. Each one therefore earns its thread the right to
 * look at PM_ASSERT_CREDIT elements, and runs once the thread may look at all of the structure: at each step while that
 * has up to PM_ASSERT_CREDIT elements, and for a larger one often enough to see corruption soon.
 *
 * An assertion that fails writes its condition, file and line to standard error and aborts.
 */
#ifndef PM_ASSERT_H
#define PM_ASSERT_H

#include "base.h"

#if !defined(PM_ASSERT_LEVEL)
#if !defined(NDEBUG) || PM_ASAN || defined(__SANITIZE_THREAD__) || defined(FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION)
#define PM_ASSERT_LEVEL 3
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(undefined_behavior_sanitizer)
#define PM_ASSERT_LEVEL 3
#endif
#endif
#endif
#if !defined(PM_ASSERT_LEVEL)
#define PM_ASSERT_LEVEL 0
#endif

#define PM_ASSERT_CREDIT 64

#ifdef __cplusplus
extern "C" {
#endif

/* Writes what failed, and aborts. */
PM_API PM_COLD __attribute__((noreturn)) void pm_assert_fail(const char *condition, const char *file, int line);

/* The PM_ASSERT_LEVEL that the library itself was compiled with. */
PM_API int pm_assert_level(void);

/* Counts one expensive assertion over `elements` elements; true when the calling thread's credit pays for it. */
PM_API bool pm_assert_due(size_t elements);

#ifdef __cplusplus
}
#endif

#define PM_ASSERT_ON(condition) ((condition) ? (void)0 : pm_assert_fail(#condition, __FILE__, __LINE__))
#define PM_ASSERT_OFF(condition) ((void)sizeof((condition) ? 1 : 0))

#if PM_ASSERT_LEVEL >= 1
#define PM_ASSERT(condition) PM_ASSERT_ON(condition)
#else
#define PM_ASSERT(condition) PM_ASSERT_OFF(condition)
#endif
#if PM_ASSERT_LEVEL >= 2
#define PM_ASSERT_INTERNAL(condition) PM_ASSERT_ON(condition)
#else
#define PM_ASSERT_INTERNAL(condition) PM_ASSERT_OFF(condition)
#endif
#if PM_ASSERT_LEVEL >= 3
#define PM_ASSERT_EXPENSIVE(condition, elements) PM_ASSERT_ON(!pm_assert_due(elements) || (condition))
#else
#define PM_ASSERT_EXPENSIVE(condition, elements) PM_ASSERT_OFF((condition) && (elements) != 0)
#endif

#endif
