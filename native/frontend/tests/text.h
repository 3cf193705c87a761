/* text.h: a sink that keeps what it gets, in memory that no ledger sees. */
#ifndef FE_TEST_TEXT_H
#define FE_TEST_TEXT_H

#include "check.h"

typedef struct text {
    char *data;
    size_t bytes, capacity;
} text;

static inline bool text_sink(void *context, const void *data, size_t bytes) {
    text *self = context;
    if (self->bytes + bytes > self->capacity) {
        self->capacity = (self->bytes + bytes) * 2;
        self->data = realloc(self->data, self->capacity);
        CHECK(self->data != NULL);
    }
    memcpy(self->data + self->bytes, data, bytes);
    self->bytes += bytes;
    return true;
}

static inline void text_free(text *self) {
    free(self->data);
    *self = (text){0};
}

static inline bool text_is(const text *self, const void *data, size_t bytes) {
    return self->bytes == bytes && (bytes == 0 || memcmp(self->data, data, bytes) == 0);
}

#endif
