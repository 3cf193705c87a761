/* A growable vector of plain elements. */
#include "pm/vec.h"
#include "memory.h"
#include "pm/assert.h"
#include "size.h"
#include <string.h>

static bool vec_is_valid(const pm_vec *vec) {
    return vec->data != NULL && vec->element_bytes != 0 && vec->count <= vec->capacity_bytes / vec->element_bytes;
}

pm_status pm_vec_init(pm_vec *vec, size_t element_bytes, size_t initial_bytes) {
    if (element_bytes == 0) {
        return PM_INVALID;
    }
    const size_t bytes = initial_bytes == 0 ? PM_VEC_BYTES : initial_bytes;
    void *data = pm_heap_alloc(bytes, 16);
    if (data == NULL) {
        return PM_NO_MEMORY;
    }
    *vec = (pm_vec){.data = data, .capacity_bytes = bytes, .element_bytes = element_bytes};
    return PM_OK;
}

void pm_vec_deinit(pm_vec *vec) {
    pm_heap_free(vec->data, vec->capacity_bytes);
    *vec = (pm_vec){0};
}

pm_status pm_vec_new(size_t element_bytes, size_t initial_bytes, pm_vec **out) {
    pm_vec *vec = pm_heap_alloc(sizeof *vec, 1);
    if (vec == NULL) {
        return PM_NO_MEMORY;
    }
    const pm_status status = pm_vec_init(vec, element_bytes, initial_bytes);
    if (status != PM_OK) {
        pm_heap_free(vec, sizeof *vec);
        return status;
    }
    *out = vec;
    return PM_OK;
}

void pm_vec_free(pm_vec *vec) {
    if (vec != NULL) {
        pm_vec_deinit(vec);
        pm_heap_free(vec, sizeof *vec);
    }
}

pm_status pm_vec_retype(pm_vec *vec, size_t element_bytes) {
    if (element_bytes == 0) {
        return PM_INVALID;
    }
    if (vec->count != 0) {
        return PM_BUSY;
    }
    vec->element_bytes = element_bytes;
    return PM_OK;
}

pm_status pm_vec_reserve(pm_vec *vec, size_t count) {
    size_t needed;
    PM_ASSERT(vec_is_valid(vec));
    if (!pm_size_add(vec->count, count, &needed) || !pm_size_multiply(needed, vec->element_bytes, &needed)) {
        return PM_OVERFLOW;
    }
    return pm_heap_reserve(&vec->data, &vec->capacity_bytes, needed);
}

pm_status pm_vec_append(pm_vec *vec, const void *elements, size_t count) {
    if (count == 0) {
        return PM_OK;
    }
    const uintptr_t offset = (uintptr_t)elements - (uintptr_t)vec->data;
    const bool own = offset < vec->capacity_bytes;
    const pm_status status = pm_vec_reserve(vec, count);
    if (status != PM_OK) {
        return status;
    }
    char *data = vec->data;
    memmove(data + vec->count * vec->element_bytes, own ? data + offset : elements, count * vec->element_bytes);
    vec->count += count;
    PM_ASSERT(vec_is_valid(vec));
    return PM_OK;
}

pm_status pm_vec_resize(pm_vec *vec, size_t count) {
    if (count > vec->count) {
        const size_t more = count - vec->count;
        const pm_status status = pm_vec_reserve(vec, more);
        if (status != PM_OK) {
            return status;
        }
        memset((char *)vec->data + vec->count * vec->element_bytes, 0, more * vec->element_bytes);
    }
    vec->count = count;
    PM_ASSERT(vec_is_valid(vec));
    return PM_OK;
}

void pm_vec_clear(pm_vec *vec) {
    vec->count = 0;
}

static pm_status pooled_init(void *object, const pm_pool_type *type) {
    return pm_vec_init(object, 1, type->initial);
}

PM_COLD static void wipe(const pm_vec *vec) {
    memset(vec->data, 0, vec->capacity_bytes);
}

static bool pooled_clear(void *object, const pm_pool_type *type) {
    pm_vec *vec = object;
    if (PM_UNLIKELY(type->wipe)) {
        wipe(vec);
    }
    vec->count = 0;
    vec->element_bytes = 1;
    return vec->capacity_bytes <= type->retained_bytes;
}

static void pooled_deinit(void *object, const pm_pool_type *type) {
    (void)type;
    pm_vec_deinit(object);
}

void pm_vec_pool_type(pm_pool_type *out) {
    *out = (pm_pool_type){.object_bytes = sizeof(pm_vec),
                          .init = pooled_init,
                          .clear = pooled_clear,
                          .deinit = pooled_deinit,
                          .initial = PM_VEC_BYTES,
                          .retained_bytes = (size_t)64 * PM_VEC_BYTES};
}
