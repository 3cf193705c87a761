/* thread.h: what the layer keeps per thread, and takes back when the thread ends. */
#ifndef PM_THREAD_H
#define PM_THREAD_H

#include "pm/base.h"

/* Has the calling thread's end observed; false where the system cannot. Cheap after the first call of a thread. */
bool pm_thread_enter(void);

#endif
