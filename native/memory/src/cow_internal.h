/* What src/thread.c calls in the copy-on-write handles. */
#ifndef PM_COW_INTERNAL_H
#define PM_COW_INTERNAL_H

/* Adds the calling thread's counts to those of the threads that ended. */
void pm_cow_thread_exit(void);

/* Around a fork: after the first nothing of it is half done, and the second must follow, in the parent and the child.
 */
void pm_cow_before_fork(void);
void pm_cow_after_fork(bool in_child);

#endif
