/* What the rest of the layer calls in the pool. */
#ifndef PM_POOL_INTERNAL_H
#define PM_POOL_INTERNAL_H

/* Returns the calling thread's magazines, of every pool, to their depots. */
void pm_pool_thread_exit(void);

/* Around a fork: after the first nothing of it is half done, and the second must follow, in the parent and the child.
 */
void pm_pool_before_fork(void);
void pm_pool_after_fork(bool in_child);

#endif
