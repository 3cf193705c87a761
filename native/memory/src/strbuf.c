/* A growable string of bytes. */
#include "pm/strbuf.h"
#include "memory.h"
#include "pm/assert.h"
#include "size.h"
#include <string.h>

static bool strbuf_is_valid(const pm_strbuf *string) {
    return string->data != NULL && string->length < string->capacity && string->data[string->length] == '\0';
}

pm_status pm_strbuf_init(pm_strbuf *string, size_t initial_bytes) {
    const size_t bytes = initial_bytes == 0 ? PM_STRBUF_BYTES : initial_bytes;
    char *data = pm_heap_alloc(bytes, 1);
    if (data == NULL) {
        return PM_NO_MEMORY;
    }
    data[0] = '\0';
    *string = (pm_strbuf){.data = data, .capacity = bytes};
    return PM_OK;
}

void pm_strbuf_deinit(pm_strbuf *string) {
    pm_heap_free(string->data, string->capacity);
    *string = (pm_strbuf){0};
}

pm_status pm_strbuf_new(size_t initial_bytes, pm_strbuf **out) {
    pm_strbuf *string = pm_heap_alloc(sizeof *string, 1);
    if (string == NULL) {
        return PM_NO_MEMORY;
    }
    const pm_status status = pm_strbuf_init(string, initial_bytes);
    if (status != PM_OK) {
        pm_heap_free(string, sizeof *string);
        return status;
    }
    *out = string;
    return PM_OK;
}

void pm_strbuf_free(pm_strbuf *string) {
    if (string != NULL) {
        pm_strbuf_deinit(string);
        pm_heap_free(string, sizeof *string);
    }
}

pm_status pm_strbuf_reserve(pm_strbuf *string, size_t bytes) {
    size_t needed;
    PM_ASSERT(strbuf_is_valid(string));
    if (!pm_size_add(string->length, bytes, &needed) || !pm_size_add(needed, 1, &needed)) {
        return PM_OVERFLOW;
    }
    void *data = string->data;
    const pm_status status = pm_heap_reserve(&data, &string->capacity, needed);
    string->data = data;
    return status;
}

pm_status pm_strbuf_append(pm_strbuf *string, const void *data, size_t bytes) {
    if (bytes == 0) {
        return PM_OK;
    }
    const uintptr_t offset = (uintptr_t)data - (uintptr_t)string->data;
    const bool own = offset < string->capacity;
    const pm_status status = pm_strbuf_reserve(string, bytes);
    if (status != PM_OK) {
        return status;
    }
    memmove(string->data + string->length, own ? string->data + offset : data, bytes);
    string->length += bytes;
    string->data[string->length] = '\0';
    PM_ASSERT(strbuf_is_valid(string));
    return PM_OK;
}

/* Appends a separator and a piece to a string that has room; the closing NUL is the caller's. */
static void put_piece(pm_strbuf *string, size_t separator_bytes, const void *separator, size_t bytes,
                      const void *data) {
    char *end = string->data + string->length;
    PM_ASSERT_INTERNAL(separator_bytes + bytes < string->capacity - string->length);
    if (separator_bytes != 0) {
        memcpy(end, separator, separator_bytes);
    }
    if (bytes != 0) {
        memcpy(end + separator_bytes, data, bytes);
    }
    string->length += separator_bytes + bytes;
}

pm_status pm_strbuf_append_many(pm_strbuf *string, const void *data, const int64_t *offsets, size_t count,
                                const void *separator, size_t separator_bytes) {
    if (count == 0) {
        return PM_OK;
    }
    if (offsets[0] < 0) {
        return PM_INVALID;
    }
    for (size_t i = 0; i < count; i++) {
        if (offsets[i + 1] < offsets[i]) {
            return PM_INVALID;
        }
    }
    size_t bytes;
    if (!pm_size_multiply(count - 1, separator_bytes, &bytes) ||
        !pm_size_add(bytes, (size_t)(offsets[count] - offsets[0]), &bytes)) {
        return PM_OVERFLOW;
    }
    const pm_status status = pm_strbuf_reserve(string, bytes);
    if (status != PM_OK) {
        return status;
    }
    for (size_t i = 0; i < count; i++) {
        put_piece(string, i == 0 ? 0 : separator_bytes, separator, (size_t)(offsets[i + 1] - offsets[i]),
                  (const char *)data + offsets[i]);
    }
    string->data[string->length] = '\0';
    return PM_OK;
}

pm_status pm_strbuf_append_texts(pm_strbuf *string, const pm_text *texts, size_t count, const void *separator,
                                 size_t separator_bytes) {
    if (count == 0) {
        return PM_OK;
    }
    size_t bytes;
    if (!pm_size_multiply(count - 1, separator_bytes, &bytes)) {
        return PM_OVERFLOW;
    }
    for (size_t i = 0; i < count; i++) {
        if (!pm_size_add(bytes, texts[i].bytes, &bytes)) {
            return PM_OVERFLOW;
        }
    }
    const pm_status status = pm_strbuf_reserve(string, bytes);
    if (status != PM_OK) {
        return status;
    }
    for (size_t i = 0; i < count; i++) {
        put_piece(string, i == 0 ? 0 : separator_bytes, separator, texts[i].bytes, texts[i].data);
    }
    string->data[string->length] = '\0';
    return PM_OK;
}

pm_status pm_strbuf_truncate(pm_strbuf *string, size_t length) {
    if (length > string->length) {
        return PM_INVALID;
    }
    string->length = length;
    string->data[length] = '\0';
    return PM_OK;
}

void pm_strbuf_clear(pm_strbuf *string) {
    string->length = 0;
    string->data[0] = '\0';
}

static pm_status pooled_init(void *object, const pm_pool_type *type) {
    return pm_strbuf_init(object, type->initial);
}

/* All of the memory: what was cut off stands beyond the length. Out of line, so that `pooled_clear` saves no register.
 */
PM_COLD static void wipe(const pm_strbuf *string) {
    memset(string->data, 0, string->capacity);
}

static bool pooled_clear(void *object, const pm_pool_type *type) {
    pm_strbuf *string = object;
    if (PM_UNLIKELY(type->wipe)) {
        wipe(string);
    }
    pm_strbuf_clear(string);
    return string->capacity <= type->retained_bytes;
}

static void pooled_deinit(void *object, const pm_pool_type *type) {
    (void)type;
    pm_strbuf_deinit(object);
}

void pm_strbuf_pool_type(pm_pool_type *out) {
    *out = (pm_pool_type){.object_bytes = sizeof(pm_strbuf),
                          .init = pooled_init,
                          .clear = pooled_clear,
                          .deinit = pooled_deinit,
                          .initial = PM_STRBUF_BYTES,
                          .retained_bytes = (size_t)64 * PM_STRBUF_BYTES};
}
