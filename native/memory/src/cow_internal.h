/* What src/thread.c calls in the copy-on-write handles. */
#ifndef PM_COW_INTERNAL_H
#define PM_COW_INTERNAL_H

/* Adds the calling thread's counts to those of the threads that ended. */
void pm_cow_thread_exit(void);

#endif
