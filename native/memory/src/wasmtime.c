/* wasmtime's memory creator over a pool of linear memories. */
#include "pm/wasmtime.h"
#include "linear_internal.h"
#include "memory.h"
#include "pm/assert.h"

struct pm_wasmtime_host {
    pm_linear_pool *pool;
    void *(*error_new)(const char *message);
};

/* One memory in use: its finalizer is told nothing else. */
typedef struct lease {
    const pm_wasmtime_host *host; /* wasmtime keeps it until the last memory is gone */
    pm_linear *linear;
} lease;

static unsigned char *get_memory(void *env, size_t *bytes, size_t *capacity_bytes) {
    const lease *l = env;
    *bytes = l->linear->bytes;
    *capacity_bytes = l->linear->maximum_bytes;
    return l->linear->data;
}

static void *grow_memory(void *env, size_t bytes) {
    const lease *l = env;
    switch (pm_linear_grow(l->linear, bytes)) {
    case PM_OK: return NULL;
    case PM_OVERFLOW: return l->host->error_new("a linear memory may not grow beyond the maximum of its pool");
    default: return l->host->error_new("the system refused memory for a linear memory to grow");
    }
}

static void finalizer(void *env) {
    lease *l = env;
    const pm_status status = pm_linear_release(l->host->pool, l->linear);
    PM_ASSERT(status == PM_OK); /* it was acquired here and is released once */
    (void)status;
    pm_heap_free(l, sizeof *l);
}

pm_status pm_wasmtime_host_new(pm_linear_pool *pool, void *(*error_new)(const char *message), pm_wasmtime_host **out) {
    if (error_new == NULL) {
        return PM_INVALID;
    }
    pm_wasmtime_host *host = pm_heap_alloc(sizeof *host, 1);
    if (host == NULL) {
        return PM_NO_MEMORY;
    }
    *host = (pm_wasmtime_host){.pool = pool, .error_new = error_new};
    pm_linear_pool_share(pool);
    *out = host;
    return PM_OK;
}

void pm_wasmtime_host_free(void *env) {
    pm_wasmtime_host *host = env;
    pm_linear_pool_drop(host->pool);
    pm_heap_free(host, sizeof *host);
}

static const char *refusal(pm_status status) {
    switch (status) {
    case PM_BUSY: return "all memories of the pool are in use: close stores, or make the pool larger";
    case PM_OVERFLOW: return "the module begins with more memory than the maximum of the pool";
    case PM_INVALID: return "the module begins with less memory than the image of the pool";
    default: return "the system refused memory for a linear memory";
    }
}

void *pm_wasmtime_new_memory(void *env, const void *type, size_t minimum_bytes, size_t maximum_bytes,
                             size_t reserved_bytes, size_t guard_bytes, pm_wasmtime_memory *out) {
    const pm_wasmtime_host *host = env;
    size_t has_guard;
    (void)type;
    if (reserved_bytes > pm_linear_reserved_each(host->pool, &has_guard) || guard_bytes > has_guard) {
        return host->error_new("the engine expects more address space or guard than a memory of the pool has");
    }
    lease *l = pm_heap_alloc(sizeof *l, 1);
    if (l == NULL) {
        return host->error_new(refusal(PM_NO_MEMORY));
    }
    const pm_status status = pm_linear_acquire(host->pool, minimum_bytes, maximum_bytes, &l->linear);
    if (status != PM_OK) {
        pm_heap_free(l, sizeof *l);
        return host->error_new(refusal(status));
    }
    l->host = host;
    *out = (pm_wasmtime_memory){.env = l, .get_memory = get_memory, .grow_memory = grow_memory, .finalizer = finalizer};
    return NULL;
}
