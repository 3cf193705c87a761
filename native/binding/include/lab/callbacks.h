/* lab/callbacks.h: functions that cffi makes and Python fills: what the front end asks of Python while it works,
 * and the `run` of kernels that are written in Python.
 *
 * Never seen by the C compiler as declarations: cffi generates the definitions from the region below.
 */
#ifndef LAB_CALLBACKS_H
#define LAB_CALLBACKS_H

#include <fe/frontend.h>
#include <lk/kernel.h>

#if 0
/* cdef:begin */
extern "Python" {
bool lab_take_output(void *context, const void *data, size_t bytes);
int64_t lab_normalize(void *context, const void *name, size_t bytes, void *out, size_t capacity);
int64_t lab_find_character(void *context, const void *name, size_t bytes, void *out, size_t capacity);
lk_status lab_run_python(void *state, uint64_t first, uint64_t count, lk_result *result);
int64_t lab_decode(void *context, const void *source, size_t bytes, void *out, size_t capacity);
}
/* cdef:end */
#endif

#endif
