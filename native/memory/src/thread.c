/* The end of a thread: its magazines go back first, for that may free memory and the ledger counts it. */
#include "thread.h"
#include "cow_internal.h"
#include "memory.h"
#include "platform/platform.h"
#include "pool_internal.h"

static PM_THREAD_LOCAL bool observed;

static void thread_exit(void) {
    observed = false; /* destructors that run after this one may use the layer again, and are then observed anew */
    pm_pool_thread_exit();
    pm_cow_thread_exit();
    pm_ledger_thread_exit();
}

bool pm_thread_enter(void) {
    if (!observed) {
        observed = pm_platform_at_thread_exit(thread_exit);
    }
    return observed;
}
