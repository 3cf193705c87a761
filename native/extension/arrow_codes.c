/* Indices of dictionary arrays: which of the values rows have, by first appearance. */
#include "extension.h"
#include <stdlib.h>

/* One loop for each width of an index. */
#define CODES_ORDER(type)                                                                                              \
    for (Py_ssize_t row = 0; row < rows && found < values; row++) {                                                    \
        const size_t value = ((const type *)indices)[row];                                                             \
        if (value < (size_t)values && !seen[value]) {                                                                  \
            seen[value] = 1;                                                                                           \
            order[found++] = (int64_t)value;                                                                           \
        }                                                                                                              \
    }

/* Writes the values that rows have to `order`, which has room for all; their number. */
static Py_ssize_t codes_order(const void *indices, Py_ssize_t width, Py_ssize_t rows, Py_ssize_t values, char *seen,
                              int64_t *order) {
    Py_ssize_t found = 0;
    switch (width) {
    case 1: CODES_ORDER(uint8_t) break;
    case 2: CODES_ORDER(uint16_t) break;
    case 4: CODES_ORDER(uint32_t) break;
    default: CODES_ORDER(uint64_t) break;
    }
    return found;
}

PyObject *ext_codes_order(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *object, *result = NULL;
    Py_buffer indices, order;
    if (!PyArg_ParseTuple(args, "Ow*:codes_order", &object, &order)) {
        return NULL;
    }
    if (PyObject_GetBuffer(object, &indices, PyBUF_C_CONTIGUOUS) == 0) {
        const Py_ssize_t values = order.len / (Py_ssize_t)sizeof(int64_t), width = indices.itemsize;
        char *seen = calloc(values == 0 ? 1 : (size_t)values, 1);
        if (width != 1 && width != 2 && width != 4 && width != 8) {
            PyErr_SetString(PyExc_ValueError, "indices must be whole numbers of 1, 2, 4 or 8 bytes");
        } else if (seen == NULL) {
            PyErr_NoMemory();
        } else {
            Py_ssize_t found;
            Py_BEGIN_ALLOW_THREADS;
            found = codes_order(indices.buf, width, indices.len / width, values, seen, order.buf);
            Py_END_ALLOW_THREADS;
            result = PyLong_FromSsize_t(found);
        }
        free(seen);
        PyBuffer_Release(&indices);
    }
    PyBuffer_Release(&order);
    return result;
}
