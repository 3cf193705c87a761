/* The bounds of the calling thread's stack, as each system tells them. */
#if defined(_WIN32)
#define _WIN32_WINNT 0x0602 /* GetCurrentThreadStackLimits: Windows 8 */
#include <windows.h>
#else
#include <pthread.h>
#if defined(__FreeBSD__)
#include <pthread_np.h>
#endif
#endif
#include "stack.h"
#include <pm/base.h>
#include <stdbool.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

enum {
    FIRST_BYTES = 16 << 10,                           /* of stack that every thread has */
    RESERVE_BYTES = SANITIZED ? 160 << 10 : 40 << 10, /* below the floor: for a few frames, and callbacks into Python */
    UNKNOWN_BYTES = 64 << 10
};

/* The lowest and the highest address; false: nobody knows. */
static bool stack_bounds(uintptr_t *low, uintptr_t *high) {
#if defined(_WIN32)
    ULONG_PTR from, to;
    GetCurrentThreadStackLimits(&from, &to);
    *low = from;
    *high = to;
    return true;
#elif defined(__APPLE__)
    *high = (uintptr_t)pthread_get_stackaddr_np(pthread_self());
    *low = *high - pthread_get_stacksize_np(pthread_self());
    return true;
#elif defined(__linux__) || defined(__FreeBSD__)
    pthread_attr_t attributes;
    void *begin = NULL;
    size_t bytes = 0;
#if defined(__FreeBSD__)
    if (pthread_attr_init(&attributes) != 0) {
        return false;
    }
    bool known = pthread_attr_get_np(pthread_self(), &attributes) == 0;
#else
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) {
        return false;
    }
    bool known = true;
#endif
    known = known && pthread_attr_getstack(&attributes, &begin, &bytes) == 0;
    pthread_attr_destroy(&attributes);
    *low = (uintptr_t)begin;
    *high = *low + bytes;
    return known;
#else
    (void)low;
    (void)high;
    return false;
#endif
}

uintptr_t fe_stack_first_floor(uintptr_t here) {
    return here > FIRST_BYTES ? here - FIRST_BYTES : 0;
}

uintptr_t fe_stack_floor(uintptr_t here, uintptr_t begin) {
    uintptr_t low, high;
    if (!stack_bounds(&low, &high) || here < low || here >= high) {
        return begin > UNKNOWN_BYTES ? begin - UNKNOWN_BYTES : 0;
    }
    return low + RESERVE_BYTES;
}
