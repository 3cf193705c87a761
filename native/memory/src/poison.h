/* poison.h: memory that nobody may touch now, told to AddressSanitizer or to Valgrind.
 *
 * PM_POISON forbids bytes, PM_UNPOISON allows them, their content undefined; PM_REDZONE_BYTES follow each allocation
 * of an arena. With neither tool they are nothing. For Valgrind the layer is compiled with PM_VALGRIND=1 (the preset
 * `memcheck` does so); in other builds Valgrind sees the system's allocations only.
 */
#ifndef PM_POISON_H
#define PM_POISON_H

#include "pm/base.h"

#if PM_ASAN
#include <sanitizer/asan_interface.h>
#define PM_POISON(address, bytes) __asan_poison_memory_region(address, bytes)
#define PM_UNPOISON(address, bytes) __asan_unpoison_memory_region(address, bytes)
#elif PM_VALGRIND
#include <valgrind/memcheck.h>
#define PM_POISON(address, bytes) ((void)VALGRIND_MAKE_MEM_NOACCESS(address, bytes))
#define PM_UNPOISON(address, bytes) ((void)VALGRIND_MAKE_MEM_UNDEFINED(address, bytes))
#else
#define PM_POISON(address, bytes) ((void)0)
#define PM_UNPOISON(address, bytes) ((void)0)
#endif

enum { PM_REDZONE_BYTES = PM_GUARDED ? 16 : 0 };

#endif
