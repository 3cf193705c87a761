/* pm/status.h: how a call of the memory layer ended.
 *
 * Every function that can fail returns a pm_status, or NULL where its header says so. After any status but PM_OK the
 * structure is unchanged, and so are the out-parameters, unless the function says otherwise.
 */
#ifndef PM_STATUS_H
#define PM_STATUS_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* cdef:begin */
typedef enum pm_status {
    PM_OK = 0,
    PM_INVALID = 1,        /* an argument is out of its range: an alignment that is no power of two, a stale mark */
    PM_NO_MEMORY = 2,      /* the system refused memory */
    PM_OVERFLOW = 3,       /* a size cannot be represented: in size_t, or in the offsets of a batch */
    PM_NOT_FOUND = 4,      /* no such key */
    PM_BUSY = 5,           /* objects are still in use */
    PM_FOREIGN = 6,        /* the object does not come from this pool */
    PM_DOUBLE_RELEASE = 7, /* the object lies in the pool already */
    PM_UNSUPPORTED = 8,    /* the system cannot tell or do this */
    PM_STALE = 9,          /* an id of before a clear */
    PM_FULL = 10,          /* the bound that was asked for is reached */
    PM_CANCELLED = 11      /* the task never began: its batch was cancelled */
} pm_status;

/* A few words for a status, static, never NULL. Any thread. */
PM_API const char *pm_status_text(pm_status status);
/* cdef:end */

#ifdef __cplusplus
}
#endif
#endif
