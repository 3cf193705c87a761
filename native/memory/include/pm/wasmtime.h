/* pm/wasmtime.h: linear memories of a pool for the instances of wasmtime.
 *
 * wasmtime asks its host for memory through `wasmtime_memory_creator` of its C API (wasmtime/config.h). The functions
 * here are that creator: C on both sides, so that no instance waits for an interpreter's lock. They need no header and
 * no library of wasmtime: the two structs are laid out as version 50 declares them.
 *
 *     host = pm_wasmtime_host_new(pool, wasmtime_error_new)
 *     wasmtime_config_memory_init_cow_set(config, false)     or the process aborts (bytecodealliance/wasmtime#10740)
 *     wasmtime_config_memory_may_move_set(config, false)
 *     wasmtime_config_memory_reservation_set(config, reserved_bytes of the pool)
 *     wasmtime_config_memory_guard_size_set(config, guard_bytes of the pool)
 *     wasmtime_config_host_memory_creator_set(config, {host, pm_wasmtime_new_memory, pm_wasmtime_host_free})
 *
 * Lifetimes: a memory goes back to the pool, cleared, when its store ends. The host rests on the pool until the last of
 * config, engine, modules and stores is gone; wasmtime then calls pm_wasmtime_host_free. Threads: any.
 */
#ifndef PM_WASMTIME_H
#define PM_WASMTIME_H

#include "linear.h"

#ifdef __cplusplus
extern "C" {
#endif

/* cdef:begin */
typedef struct pm_wasmtime_host pm_wasmtime_host;

/* `wasmtime_linear_memory`: what wasmtime calls to use a memory. */
typedef struct pm_wasmtime_memory {
    void *env;
    unsigned char *(*get_memory)(void *env, size_t *bytes, size_t *capacity_bytes);
    void *(*grow_memory)(void *env, size_t bytes); /* NULL: done; otherwise an error, owned by wasmtime */
    void (*finalizer)(void *env);
} pm_wasmtime_memory;

/* A host over the pool. error_new makes wasmtime's errors: the function `wasmtime_error_new`. PM_INVALID: there is
 * none. PM_NO_MEMORY. End it with pm_wasmtime_host_free, or give it to wasmtime, which does so. */
PM_API PM_NODISCARD pm_status pm_wasmtime_host_new(pm_linear_pool *pool, void *(*error_new)(const char *message),
                                                   pm_wasmtime_host **out);

/* For wasmtime: ends the host. */
PM_API void pm_wasmtime_host_free(void *env);

/* For wasmtime: a memory of minimum_bytes bytes with all that is asked of it, or an error that says what is missing. */
PM_API void *pm_wasmtime_new_memory(void *env, const void *type, size_t minimum_bytes, size_t maximum_bytes,
                                    size_t reserved_bytes, size_t guard_bytes, pm_wasmtime_memory *out);
/* cdef:end */

#ifdef __cplusplus
}
#endif
#endif
