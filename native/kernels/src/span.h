/* span.h: the iterations of one `run` as stretches that do not wrap, so that inner loops need no modulo. */
#ifndef LK_SPAN_H
#define LK_SPAN_H

#include <stdbool.h>
#include <stdint.h>

/* for (lk_span span = lk_span_start(first, count, pass); lk_span_next(&span);) use span.begin .. span.end - 1 */
typedef struct lk_span {
    uint64_t begin, end; /* iterations within a pass */
    uint64_t pass, left;
} lk_span;

static inline lk_span lk_span_start(uint64_t first, uint64_t count, uint64_t pass) {
    return (lk_span){.begin = 0, .end = first % pass, .pass = pass, .left = count};
}

static inline bool lk_span_next(lk_span *self) {
    if (self->left == 0) {
        return false;
    }
    self->begin = self->end == self->pass ? 0 : self->end;
    uint64_t room = self->pass - self->begin;
    uint64_t length = self->left < room ? self->left : room;
    self->end = self->begin + length;
    self->left -= length;
    return true;
}

#endif
