/* Poisoning, where the library is built with AddressSanitizer; nothing elsewhere. */
#ifndef PM_ASAN_H
#define PM_ASAN_H

#include "pm/base.h"

#if PM_ASAN
#include <sanitizer/asan_interface.h>
#define PM_POISON(address, bytes) __asan_poison_memory_region(address, bytes)
#define PM_UNPOISON(address, bytes) __asan_unpoison_memory_region(address, bytes)
enum { PM_REDZONE_BYTES = 16 };
#else
#define PM_POISON(address, bytes) ((void)0)
#define PM_UNPOISON(address, bytes) ((void)0)
enum { PM_REDZONE_BYTES = 0 };
#endif

#endif
