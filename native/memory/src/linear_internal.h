/* What a host that rests on a pool of linear memories needs of it. */
#ifndef PM_LINEAR_INTERNAL_H
#define PM_LINEAR_INTERNAL_H

#include "pm/linear.h"

/* One more owner: the pool ends when the last one has called pm_linear_pool_drop. */
void pm_linear_pool_share(pm_linear_pool *pool);

/* Address space that each memory has, and what is forbidden behind it; both in bytes. */
size_t pm_linear_reserved_each(const pm_linear_pool *pool, size_t *guard_bytes);

#endif
