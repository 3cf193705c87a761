/* The end of a thread: its magazines go back first, for that may free memory and the ledger counts it.
 *
 * And forks: a child has one thread. What the layer keeps for the others is taken over, and no lock is left locked.
 * Objects that another thread was using at the fork, and teams, cannot be used in the child. */
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

static void before_fork(void) { /* in the order in which they are nested */
    pm_pool_before_fork();
    pm_cow_before_fork();
    pm_ledger_before_fork();
}

static void after_fork(bool in_child) {
    pm_ledger_after_fork(in_child);
    pm_cow_after_fork(in_child);
    pm_pool_after_fork(in_child);
}

static void in_parent(void) {
    after_fork(false);
}

static void in_child(void) {
    after_fork(true);
}

bool pm_thread_enter(void) {
    static bool forks_observed;
    if (!observed) {
        if (!__atomic_exchange_n(&forks_observed, true, __ATOMIC_SEQ_CST)) {
            pm_platform_at_fork(before_fork, in_parent, in_child);
        }
        observed = pm_platform_at_thread_exit(thread_exit);
    }
    return observed;
}
