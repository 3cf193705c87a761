/* What the rest of the layer calls in the pool. */
#ifndef PM_POOL_INTERNAL_H
#define PM_POOL_INTERNAL_H

/* Returns the calling thread's magazines, of every pool, to their depots. */
void pm_pool_thread_exit(void);

#endif
