/* pm/text.h: bytes that lie somewhere: how many texts are given at once that do not lie end to end. */
#ifndef PM_TEXT_H
#define PM_TEXT_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* cdef:begin */
/* Borrowed bytes; data may be NULL where bytes is 0. */
typedef struct pm_text {
    const void *data;
    size_t bytes;
} pm_text;
/* cdef:end */

#ifdef __cplusplus
}
#endif
#endif
