/* Threads, conditions, and how many processors there are. */
#include "threads.h"

#if !defined(_WIN32)
#include <sched.h>
#include <unistd.h>

bool pm_platform_thread_start(pm_thread *thread, void *(*body)(void *), void *argument) {
    return pthread_create(thread, NULL, body, argument) == 0;
}

void pm_platform_thread_join(pm_thread thread) {
    pthread_join(thread, NULL);
}

bool pm_platform_condition_init(pm_condition *condition) {
    return pthread_cond_init(condition, NULL) == 0;
}

void pm_platform_condition_deinit(pm_condition *condition) {
    pthread_cond_destroy(condition);
}

void pm_platform_condition_wait(pm_condition *condition, pm_mutex *mutex) {
    pthread_cond_wait(condition, mutex);
}

void pm_platform_condition_wake_all(pm_condition *condition) {
    pthread_cond_broadcast(condition);
}

size_t pm_platform_processor_count(void) {
#if defined(__linux__)
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
        const int count = CPU_COUNT(&allowed);
        return count > 0 ? (size_t)count : 1;
    }
#endif
#if defined(_SC_NPROCESSORS_ONLN)
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (size_t)online : 1;
#else
    return 1;
#endif
}
#endif
typedef int pm_threads_unit; /* a translation unit must not be empty */
