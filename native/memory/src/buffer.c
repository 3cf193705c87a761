/* An aligned, padded, growable buffer. */
#include "pm/buffer.h"
#include "memory.h"
#include "platform/platform.h"
#include "pm/assert.h"
#include "size.h"
#include <string.h>

/* From here on memory is mapped: the kernel gives it zeroed and untouched pages cost nothing. */
enum { MAPPED_BYTES = 1048576 };

static bool is_mapped(const pm_buffer *buffer, size_t capacity_bytes) {
    return buffer->huge_pages || capacity_bytes >= MAPPED_BYTES;
}

/* What holds between calls, but for what a caller writes to the struct. */
static bool buffer_is_valid(const pm_buffer *buffer) {
    return buffer->element_bytes != 0 && pm_size_is_power_of_two(buffer->alignment) &&
           (uintptr_t)buffer->data % buffer->alignment == 0 && buffer->capacity_bytes % buffer->alignment == 0 &&
           (buffer->data == NULL) == (buffer->capacity_bytes == 0) &&
           buffer->count <= buffer->capacity_bytes / buffer->element_bytes;
}

static unsigned char *memory_new(const pm_buffer *buffer, size_t bytes) {
    if (is_mapped(buffer, bytes)) {
        const size_t least = buffer->huge_pages ? PM_HUGE_PAGE_BYTES : 0;
        return pm_pages_alloc(bytes, buffer->alignment > least ? buffer->alignment : least, buffer->huge_pages);
    }
    unsigned char *data = pm_heap_alloc(bytes, buffer->alignment);
    if (data != NULL) {
        memset(data, 0, bytes);
    }
    return data;
}

static void memory_free(const pm_buffer *buffer) {
    if (buffer->data == NULL) {
        return;
    }
    if (is_mapped(buffer, buffer->capacity_bytes)) {
        pm_pages_free(buffer->data, buffer->capacity_bytes);
    } else {
        pm_heap_free(buffer->data, buffer->capacity_bytes);
    }
}

pm_status pm_buffer_init(pm_buffer *buffer, const pm_buffer_options *options) {
    const pm_buffer_options o = options == NULL ? (pm_buffer_options){0} : *options;
    const size_t alignment = o.alignment == 0 ? PM_BUFFER_ALIGNMENT : o.alignment;
    if (!pm_size_is_power_of_two(alignment) || alignment < PM_BUFFER_ALIGNMENT || alignment > PM_BUFFER_ALIGNMENT_MAX) {
        return PM_INVALID;
    }
    *buffer = (pm_buffer){.element_bytes = o.element_bytes == 0 ? 1 : o.element_bytes,
                          .alignment = alignment,
                          .huge_pages = o.huge_pages};
    return o.count == 0 ? PM_OK : pm_buffer_reserve(buffer, o.count);
}

void pm_buffer_deinit(pm_buffer *buffer) {
    memory_free(buffer);
    *buffer = (pm_buffer){0};
}

pm_status pm_buffer_new(const pm_buffer_options *options, pm_buffer **out) {
    pm_buffer *buffer = pm_heap_alloc(sizeof *buffer, 1);
    if (buffer == NULL) {
        return PM_NO_MEMORY;
    }
    const pm_status status = pm_buffer_init(buffer, options);
    if (status != PM_OK) {
        pm_heap_free(buffer, sizeof *buffer);
        return status;
    }
    *out = buffer;
    return PM_OK;
}

void pm_buffer_free(pm_buffer *buffer) {
    if (buffer != NULL) {
        pm_buffer_deinit(buffer);
        pm_heap_free(buffer, sizeof *buffer);
    }
}

pm_status pm_buffer_reserve(pm_buffer *buffer, size_t count) {
    PM_ASSERT(buffer_is_valid(buffer));
    size_t needed;
    if (!pm_size_add(buffer->count, count, &needed) || !pm_size_multiply(needed, buffer->element_bytes, &needed)) {
        return PM_OVERFLOW;
    }
    if (needed <= buffer->capacity_bytes) {
        return PM_OK;
    }
    size_t bytes = pm_size_double(buffer->capacity_bytes, needed), step = buffer->alignment;
    if (is_mapped(buffer, bytes)) {
        const size_t page = buffer->huge_pages ? PM_HUGE_PAGE_BYTES : pm_platform_page_bytes();
        step = step > page ? step : page;
    }
    if (!pm_size_round_up(bytes, step, &bytes)) {
        return PM_OVERFLOW;
    }
    unsigned char *data = memory_new(buffer, bytes);
    if (data == NULL) {
        return PM_NO_MEMORY;
    }
    const size_t used = buffer->count * buffer->element_bytes;
    if (used != 0) {
        memcpy(data, buffer->data, used);
        pm_ledger_moved(used);
    }
    memory_free(buffer);
    buffer->data = data;
    buffer->capacity_bytes = bytes;
    PM_ASSERT(buffer_is_valid(buffer));
    return PM_OK;
}

pm_status pm_buffer_append(pm_buffer *buffer, const void *elements, size_t count) {
    if (count == 0) {
        return PM_OK;
    }
    const uintptr_t offset = (uintptr_t)elements - (uintptr_t)buffer->data;
    const bool own = offset < buffer->capacity_bytes;
    const pm_status status = pm_buffer_reserve(buffer, count);
    if (status != PM_OK) {
        return status;
    }
    memmove(buffer->data + buffer->count * buffer->element_bytes, own ? buffer->data + offset : elements,
            count * buffer->element_bytes);
    buffer->count += count;
    PM_ASSERT(buffer_is_valid(buffer));
    return PM_OK;
}

pm_status pm_buffer_resize(pm_buffer *buffer, size_t count) {
    if (count > buffer->count) {
        const size_t more = count - buffer->count;
        const pm_status status = pm_buffer_reserve(buffer, more);
        if (status != PM_OK) {
            return status;
        }
        memset(buffer->data + buffer->count * buffer->element_bytes, 0, more * buffer->element_bytes);
    }
    buffer->count = count;
    PM_ASSERT(buffer_is_valid(buffer));
    return PM_OK;
}

void pm_buffer_clear(pm_buffer *buffer) {
    buffer->count = 0;
}

pm_status pm_buffer_huge_bytes(const pm_buffer *buffer, size_t *bytes) {
    if (buffer->data == NULL || !is_mapped(buffer, buffer->capacity_bytes)) {
        *bytes = 0;
        return PM_OK;
    }
    return pm_platform_pages_huge_bytes(buffer->data, buffer->capacity_bytes, bytes);
}
