/* threads.h: threads and waiting. POSIX is in threads.c, Windows in windows.c. */
#ifndef PM_PLATFORM_THREADS_H
#define PM_PLATFORM_THREADS_H

#include "platform.h"

#if defined(_WIN32)
typedef void *pm_thread; /* a HANDLE */
typedef struct pm_condition {
    void *word; /* a CONDITION_VARIABLE */
} pm_condition;
#else
typedef pthread_t pm_thread;
typedef pthread_cond_t pm_condition;
#endif

/* Runs body(argument) on a new thread; false when the system refuses one. */
bool pm_platform_thread_start(pm_thread *thread, void *(*body)(void *argument), void *argument);
void pm_platform_thread_join(pm_thread thread);

bool pm_platform_condition_init(pm_condition *condition);
void pm_platform_condition_deinit(pm_condition *condition);
/* Under the mutex; may also return with nothing signalled. */
void pm_platform_condition_wait(pm_condition *condition, pm_mutex *mutex);
void pm_platform_condition_wake_all(pm_condition *condition);

/* Processors that the process may run on, at least 1. */
size_t pm_platform_processor_count(void);

#endif
