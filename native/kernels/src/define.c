/* What LK_KERNEL needs, and the library's one exported symbol. */
#include "define.h"

#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 64 };

/* Where the section of the kernels begins and ends: the linker defines both. */
#if defined(__APPLE__)
extern const lk_kernel lk_table_begin[] __asm("section$start$__DATA$lk_kernels");
extern const lk_kernel lk_table_end[] __asm("section$end$__DATA$lk_kernels");
#else
extern const lk_kernel lk_table_begin[] __asm("__start_lk_kernels") __attribute__((visibility("hidden")));
extern const lk_kernel lk_table_end[] __asm("__stop_lk_kernels") __attribute__((visibility("hidden")));
#endif
_Static_assert(sizeof(lk_kernel) % 8 == 0, "kernels lie side by side without a gap");

const lk_kernel *lk_kernels_v1(size_t *count) {
    *count = (size_t)(lk_table_end - lk_table_begin);
    return lk_table_begin;
}

lk_status lk_setup_begin(const lk_param *params, size_t count, const lk_args *args, lk_value *values, size_t bytes,
                         void **state, lk_message *message) {
    *state = NULL;
    const lk_status status = lk_args_read(params, count, args, values, message);
    if (status != LK_OK) {
        return status;
    }
    const size_t rounded = (bytes + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES;
    *state = aligned_alloc(LINE_BYTES, rounded);
    if (*state == NULL) {
        return lk_say(message, LK_NO_MEMORY, "no memory for the state");
    }
    memset(*state, 0, rounded);
    return LK_OK;
}

void lk_state_free(void *state) {
    free(state);
}
