/* Words for a status. */
#include "pm/status.h"

const char *pm_status_text(pm_status status) {
    switch (status) {
    case PM_OK: return "done";
    case PM_INVALID: return "an argument is out of its range";
    case PM_NO_MEMORY: return "the system refused memory";
    case PM_OVERFLOW: return "the size cannot be represented";
    case PM_NOT_FOUND: return "no such key";
    case PM_BUSY: return "objects are still in use";
    case PM_FOREIGN: return "the object does not come from this pool";
    case PM_DOUBLE_RELEASE: return "the object was released before";
    case PM_UNSUPPORTED: return "the system cannot do or tell this";
    case PM_STALE: return "the id is of before a clear";
    case PM_FULL: return "the bound is reached";
    case PM_CANCELLED: return "the batch was cancelled before";
    }
    return "unknown status";
}
