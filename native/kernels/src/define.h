/* define.h: how the file of a kernel declares it. Nothing else lists the kernels of this library.
 *
 *     static const lk_param NAME_params[] = {...};
 *     static lk_status NAME_build(state *self, const lk_value *values, lk_input input, uint64_t *pass, lk_message
 * *message); static lk_status NAME_run(void *state, uint64_t first, uint64_t count, lk_result *result); static void
 * NAME_teardown(void *state); LK_KERNEL(NAME, state, .name = "group.kernel", .item = "row", .help = "what it does");
 *
 * LK_KERNEL makes the `setup` of lk/kernel.h: it reads the arguments into values[], one for each parameter, and
 * allocates a zeroed state on a cache line of its own. NAME_build completes the state and writes *pass. After a failure
 * of NAME_build, NAME_teardown runs: it gives back what a state holds that is only partly built, and not the state,
 * which LK_KERNEL frees.
 *
 * The first parameter tells the arms of a comparison apart: its levels must all give the same answer (the tests hold
 * every kernel to that).
 *
 * The kernels lie side by side in a section of the library, in the order of their files' names; the linker tells where
 * it begins and ends.
 */
#ifndef LK_DEFINE_H
#define LK_DEFINE_H

#include "args.h"

/* Number of elements of a parameter table. */
#define LK_COUNT(array) (sizeof(array) / sizeof *(array))

/* A zeroed state of `bytes` bytes, and the values of all parameters. After a failure nothing is allocated. */
lk_status lk_setup_begin(const lk_param *params, size_t count, const lk_args *args, lk_value *values, size_t bytes,
                         void **state, lk_message *message);

/* Ends the state; NULL is allowed. */
void lk_state_free(void *state);

#if defined(__APPLE__)
#define LK_IN_TABLE __attribute__((used, aligned(8), section("__DATA,lk_kernels")))
#else
#define LK_IN_TABLE __attribute__((used, aligned(8), section("lk_kernels")))
#endif

#define LK_KERNEL(stem, state_type, ...)                                                                               \
    static void stem##_end(void *state) {                                                                              \
        stem##_teardown(state);                                                                                        \
        lk_state_free(state);                                                                                          \
    }                                                                                                                  \
    static lk_status stem##_setup(const lk_args *args, lk_input input, void **state, uint64_t *pass,                   \
                                  lk_message *message) {                                                               \
        lk_value values[LK_COUNT(stem##_params)];                                                                      \
        lk_status status =                                                                                             \
            lk_setup_begin(stem##_params, LK_COUNT(stem##_params), args, values, sizeof(state_type), state, message);  \
        if (status == LK_OK) {                                                                                         \
            status = stem##_build(*state, values, input, pass, message);                                               \
            if (status != LK_OK) {                                                                                     \
                stem##_end(*state);                                                                                    \
                *state = NULL;                                                                                         \
            }                                                                                                          \
        }                                                                                                              \
        return status;                                                                                                 \
    }                                                                                                                  \
    static const lk_kernel stem##_kernel LK_IN_TABLE = {.abi = LK_ABI_VERSION,                                         \
                                                        .params = stem##_params,                                       \
                                                        .param_count = LK_COUNT(stem##_params),                        \
                                                        .setup = stem##_setup,                                         \
                                                        .run = stem##_run,                                             \
                                                        .teardown = stem##_end,                                        \
                                                        __VA_ARGS__}

#endif
