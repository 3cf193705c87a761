/* The memory creator, called as wasmtime calls it: memories, growth, refusals in words, lifetimes, failures. */
#include "check.h"

enum { PAGE = 65536 };

/* An error as wasmtime's: here its message. */
static void *error_new(const char *message) {
    return (void *)(uintptr_t)message;
}

static pm_linear_pool *pool_of(size_t slot_count) {
    pm_linear_pool *pool = NULL;
    CHECK_OK(pm_linear_pool_new(
        &(pm_linear_options){.slot_count = slot_count, .maximum_bytes = 4 * PAGE, .guard_bytes = PAGE}, &pool));
    return pool;
}

static pm_wasmtime_host *host_of(pm_linear_pool *pool) {
    pm_wasmtime_host *host = NULL;
    CHECK_OK(pm_wasmtime_host_new(pool, error_new, &host));
    return host;
}

static void check_error(const char *expected, void *error) {
    CHECK(error != NULL && strstr(error, expected) != NULL);
}

static void a_memory_is_served_grown_and_cleared(void) {
    pm_linear_pool *pool = pool_of(1);
    pm_wasmtime_host *host = host_of(pool);
    for (int round = 0; round < 3; round++) {
        pm_wasmtime_memory memory;
        CHECK(pm_wasmtime_new_memory(host, NULL, PAGE, SIZE_MAX, 4 * PAGE, PAGE, &memory) == NULL);
        size_t bytes, capacity;
        unsigned char *data = memory.get_memory(memory.env, &bytes, &capacity);
        CHECK(bytes == PAGE && capacity == 4 * PAGE && data[0] == 0 && data[PAGE - 1] == 0);
        CHECK(memory.grow_memory(memory.env, 2 * PAGE) == NULL);
        CHECK(memory.get_memory(memory.env, &bytes, &capacity) == data && bytes == 2 * PAGE);
        CHECK_EQUAL(0, data[2 * PAGE - 1]);
        check_error("beyond the maximum", memory.grow_memory(memory.env, 5 * PAGE));
        pm_fault_after(1);
        check_error("system refused", memory.grow_memory(memory.env, 3 * PAGE));
        memset(data, 1, 2 * PAGE);
        memory.finalizer(memory.env);
    }
    pm_wasmtime_host_free(host);
    CHECK_OK(pm_linear_pool_free(pool));
}

static void what_the_pool_does_not_have_is_refused_in_words(void) {
    const unsigned char image[PAGE + 1] = {1};
    const pm_linear_options options = {
        .slot_count = 1, .maximum_bytes = 4 * PAGE, .guard_bytes = PAGE, .image = image, .image_bytes = sizeof image};
    pm_linear_pool *pool = NULL;
    CHECK_OK(pm_linear_pool_new(&options, &pool));
    pm_wasmtime_host *host = host_of(pool);
    pm_wasmtime_memory memory, none;
    check_error("address space", pm_wasmtime_new_memory(host, NULL, PAGE, PAGE, 5 * PAGE, PAGE, &memory));
    check_error("guard", pm_wasmtime_new_memory(host, NULL, PAGE, PAGE, 0, 2 * PAGE, &memory));
    check_error("more memory", pm_wasmtime_new_memory(host, NULL, 5 * PAGE, SIZE_MAX, 0, 0, &memory));
    check_error("less memory", pm_wasmtime_new_memory(host, NULL, PAGE, SIZE_MAX, 0, 0, &memory));
    CHECK(pm_wasmtime_new_memory(host, NULL, 2 * PAGE, SIZE_MAX, 0, 0, &memory) == NULL);
    check_error("in use", pm_wasmtime_new_memory(host, NULL, 2 * PAGE, SIZE_MAX, 0, 0, &none));
    memory.finalizer(memory.env);
    pm_wasmtime_host_free(host);
    CHECK_OK(pm_linear_pool_free(pool));
}

static void a_pool_ends_with_its_last_host(void) {
    pm_linear_pool *pool = pool_of(2);
    pm_wasmtime_host *first = host_of(pool), *second = host_of(pool), *none = NULL;
    CHECK_EQUAL(PM_INVALID, pm_wasmtime_host_new(pool, NULL, &none));
    CHECK_EQUAL(PM_BUSY, pm_linear_pool_free(pool));
    pm_wasmtime_host_free(first);
    CHECK_EQUAL(PM_BUSY, pm_linear_pool_free(pool));
    pm_linear_pool_drop(pool);
    pm_wasmtime_memory memory;
    CHECK(pm_wasmtime_new_memory(second, NULL, PAGE, PAGE, 0, 0, &memory) == NULL);
    memory.finalizer(memory.env);
    pm_wasmtime_host_free(second); /* the ledger tells that the pool is gone */
}

static pm_status serve(void) {
    pm_linear_pool *pool = NULL;
    pm_status status = pm_linear_pool_new(&(pm_linear_options){.slot_count = 1, .maximum_bytes = PAGE}, &pool);
    if (status != PM_OK) {
        return status;
    }
    pm_wasmtime_host *host = NULL;
    status = pm_wasmtime_host_new(pool, error_new, &host);
    if (status == PM_OK) {
        pm_wasmtime_memory memory;
        void *error = pm_wasmtime_new_memory(host, NULL, PAGE, PAGE, 0, 0, &memory);
        if (error != NULL) {
            check_error("system refused", error);
            status = PM_NO_MEMORY;
        } else {
            memory.finalizer(memory.env);
        }
        pm_wasmtime_host_free(host);
    }
    CHECK_OK(pm_linear_pool_free(pool));
    return status;
}

static void every_refused_allocation_is_an_error_of_wasmtime(void) {
    check_every_failure(serve);
}

int main(void) {
    RUN(a_memory_is_served_grown_and_cleared);
    RUN(what_the_pool_does_not_have_is_refused_in_words);
    RUN(a_pool_ends_with_its_last_host);
    RUN(every_refused_allocation_is_an_error_of_wasmtime);
    return 0;
}
