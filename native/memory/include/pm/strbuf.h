/* pm/strbuf.h: a growable string of bytes, by itself or out of a pool.
 *
 * Invariant: length < capacity and data[length] == 0, so `data` is a C string where the content holds no NUL. Growth
 * doubles. Threads: one thread at a time. After a failure the string is unchanged.
 */
#ifndef PM_STRBUF_H
#define PM_STRBUF_H

#include "pool.h"
#include "text.h"

#ifdef __cplusplus
extern "C" {
#endif

/* cdef:begin */
enum { PM_STRBUF_BYTES = 256, PM_STRBUF_RETAINED = 1000 }; /* defaults: capacity, objects that a pool keeps */

typedef struct pm_strbuf {
    char *data;
    size_t length;   /* bytes of content */
    size_t capacity; /* bytes of memory, the closing NUL's included */
} pm_strbuf;

/* A string of its own with room for initial_bytes bytes, the NUL included; 0: PM_STRBUF_BYTES. End with pm_strbuf_free.
 */
PM_API PM_NODISCARD pm_status pm_strbuf_new(size_t initial_bytes, pm_strbuf **out);
/* Not for a string out of a pool. NULL is allowed. */
PM_API void pm_strbuf_free(pm_strbuf *string);

/* In memory of the caller's: struct only, the content is the string's own. */
PM_API PM_NODISCARD pm_status pm_strbuf_init(pm_strbuf *string, size_t initial_bytes);
PM_API void pm_strbuf_deinit(pm_strbuf *string);

/* Room for `bytes` further bytes: appending so many cannot fail. PM_OVERFLOW, PM_NO_MEMORY. */
PM_API PM_NODISCARD pm_status pm_strbuf_reserve(pm_strbuf *string, size_t bytes);

/* Appends a copy; data may be part of the string itself, and NULL where bytes is 0. */
PM_API PM_NODISCARD pm_status pm_strbuf_append(pm_strbuf *string, const void *data, size_t bytes);

/* Appends `count` pieces laid end to end in Arrow form: piece i is data[offsets[i] .. offsets[i + 1]), with `separator`
 * between two. Reads offsets[0 .. count]. PM_INVALID where offsets decrease. All or none. */
PM_API PM_NODISCARD pm_status pm_strbuf_append_many(pm_strbuf *string, const void *data, const int64_t *offsets,
                                                    size_t count, const void *separator, size_t separator_bytes);

/* The same with pieces that lie anywhere but in the string itself. */
PM_API PM_NODISCARD pm_status pm_strbuf_append_texts(pm_strbuf *string, const pm_text *texts, size_t count,
                                                     const void *separator, size_t separator_bytes);

/* Cuts the content to `length` bytes; PM_INVALID where it is shorter already. */
PM_API PM_NODISCARD pm_status pm_strbuf_truncate(pm_strbuf *string, size_t length);

/* Length 0, memory kept. */
PM_API void pm_strbuf_clear(pm_strbuf *string);

/* Fills *out so that pm_pool_new makes a pool of pm_strbuf: `initial` bytes each (PM_STRBUF_BYTES), kept up to 64
 * times that size, not wiped. Change the fields before pm_pool_new as needed. */
PM_API void pm_strbuf_pool_type(pm_pool_type *out);
/* cdef:end */

#ifdef __cplusplus
}
#endif
#endif
