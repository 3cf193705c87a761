/* stack.h: how far down the calling thread's stack recursion may go.
 *
 * A walk compares the address of its frame with a floor: what is below is left for whatever the walk calls, Python
 * included. The floor is at first a few pages below where the task began, which costs nothing to know and is enough for
 * most sources; who comes to it asks for the real one, once per task.
 */
#ifndef FE_STACK_H
#define FE_STACK_H

#include <stdint.h>

/* The floor of a task that begins at this address. */
uintptr_t fe_stack_first_floor(uintptr_t here);

/* The real floor, from what the system says of the calling thread's stack; some microseconds. Any thread. Where the
 * system says nothing, or `here` lies on a stack of the program's own, one 64 KiB below `begin`, where the task began.
 */
uintptr_t fe_stack_floor(uintptr_t here, uintptr_t begin);

/* The address of the calling function's frame. */
#define FE_STACK_HERE() ((uintptr_t)__builtin_frame_address(0))

#endif
