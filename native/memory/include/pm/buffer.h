/* pm/buffer.h: an aligned, padded, growable buffer of elements of one size.
 *
 * The heap data is aligned, not the struct: to 64 bytes or any larger power of two, and growth keeps that. The memory
 * reaches to a multiple of the alignment, at least to the end of the line or vector that holds the last element: a
 * full-width load of any vector that begins inside the content stays in memory of the buffer. All of it is initialised
 * (zero when new). Threads: one thread at a time. After a failure the buffer is unchanged. Growth may move the content.
 */
#ifndef PM_BUFFER_H
#define PM_BUFFER_H

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* cdef:begin */
enum { PM_BUFFER_ALIGNMENT = 64, PM_BUFFER_ALIGNMENT_MAX = 2097152 };

typedef struct pm_buffer {
    unsigned char *data; /* NULL while nothing was reserved */
    size_t count;        /* elements in use */
    size_t element_bytes;
    size_t capacity_bytes; /* multiple of alignment */
    size_t alignment;
    bool huge_pages;
} pm_buffer;

typedef struct pm_buffer_options {
    size_t element_bytes; /* 0: 1 */
    size_t alignment;     /* 0: PM_BUFFER_ALIGNMENT; a power of two from 64 to PM_BUFFER_ALIGNMENT_MAX */
    size_t count;         /* elements to reserve room for */
    bool huge_pages;      /* ask for 2 MiB pages; the memory is then mapped, in multiples of 2 MiB, and aligned so */
} pm_buffer_options;

/* options NULL: all defaults. PM_INVALID, PM_OVERFLOW, PM_NO_MEMORY. End with pm_buffer_free. */
PM_API PM_NODISCARD pm_status pm_buffer_new(const pm_buffer_options *options, pm_buffer **out);
PM_API void pm_buffer_free(pm_buffer *buffer);

/* In memory of the caller's: the struct only. After a failure *buffer is undefined and needs no deinit. */
PM_API PM_NODISCARD pm_status pm_buffer_init(pm_buffer *buffer, const pm_buffer_options *options);
PM_API void pm_buffer_deinit(pm_buffer *buffer);

/* Room for `count` further elements: appending so many cannot fail and does not move the content. */
PM_API PM_NODISCARD pm_status pm_buffer_reserve(pm_buffer *buffer, size_t count);

/* Appends copies of `count` elements; they may be elements of the buffer itself, and NULL where count is 0. */
PM_API PM_NODISCARD pm_status pm_buffer_append(pm_buffer *buffer, const void *elements, size_t count);

/* Makes the buffer `count` elements long; new ones are zero. */
PM_API PM_NODISCARD pm_status pm_buffer_resize(pm_buffer *buffer, size_t count);

/* Count 0, memory kept. */
PM_API void pm_buffer_clear(pm_buffer *buffer);

/* Bytes that the kernel backs with huge pages now, as it reports them; reads /proc, slow. */
PM_API PM_NODISCARD pm_status pm_buffer_huge_bytes(const pm_buffer *buffer, size_t *bytes);
/* cdef:end */

#ifdef __cplusplus
}
#endif
#endif
