/* pm/vec.h: a growable vector of elements of one size, by itself or out of a pool.
 *
 * Elements are plain bytes to the vector, aligned to 16. Growth doubles.
 * Threads: one thread at a time. After a failure the vector is unchanged.
 */
#ifndef PM_VEC_H
#define PM_VEC_H

#include "pool.h"

#ifdef __cplusplus
extern "C" {
#endif

/* cdef:begin */
enum { PM_VEC_BYTES = 1024, PM_VEC_RETAINED = 500 }; /* defaults: capacity, objects that a pool keeps */

typedef struct pm_vec {
    void *data;
    size_t count; /* elements in use */
    size_t capacity_bytes;
    size_t element_bytes;
} pm_vec;

/* A vector of its own with room for initial_bytes bytes (0: PM_VEC_BYTES). PM_INVALID where element_bytes is 0. */
PM_API PM_NODISCARD pm_status pm_vec_new(size_t element_bytes, size_t initial_bytes, pm_vec **out);
/* Not for a vector out of a pool. NULL is allowed. */
PM_API void pm_vec_free(pm_vec *vec);

PM_API PM_NODISCARD pm_status pm_vec_init(pm_vec *vec, size_t element_bytes, size_t initial_bytes);
PM_API void pm_vec_deinit(pm_vec *vec);

/* Another element size for an empty vector; PM_BUSY where it holds elements, PM_INVALID for 0. */
PM_API PM_NODISCARD pm_status pm_vec_retype(pm_vec *vec, size_t element_bytes);

/* Room for `count` further elements: appending so many cannot fail. PM_OVERFLOW, PM_NO_MEMORY. */
PM_API PM_NODISCARD pm_status pm_vec_reserve(pm_vec *vec, size_t count);

/* Appends copies of `count` elements; they may be elements of the vector itself, and NULL where count is 0. */
PM_API PM_NODISCARD pm_status pm_vec_append(pm_vec *vec, const void *elements, size_t count);

/* Makes the vector `count` elements long; new ones are zero. */
PM_API PM_NODISCARD pm_status pm_vec_resize(pm_vec *vec, size_t count);

/* Count 0, memory and element size kept. */
PM_API void pm_vec_clear(pm_vec *vec);

/* Fills *out for a pool of pm_vec of one-byte elements (pm_vec_retype after acquiring; clearing restores 1): `initial`
 * bytes each (PM_VEC_BYTES), kept up to 64 times that size, not wiped. */
PM_API void pm_vec_pool_type(pm_pool_type *out);
/* cdef:end */

#ifdef __cplusplus
}
#endif
#endif
