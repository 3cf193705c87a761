/* fast.h: the parts of lab._fast. All functions are called with the GIL held, and report failure as Python does.
 *
 * Built against CPython's full C API: reading a str in place takes 3 ns through its macros and 7 to 9 ns through the
 * functions of the limited API.
 */
#ifndef LAB_FAST_H
#define LAB_FAST_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>
#include <stdint.h>

/* Owner of memory that others look at: the base of lab.memory.handle.Handle. `exports` counts the live Export objects
 * on it; only the owner decides what that forbids. */
typedef struct fast_exporter {
    PyObject_HEAD Py_ssize_t exports;
} fast_exporter;

extern PyTypeObject fast_exporter_type;        /* Exporter */
extern PyTypeObject fast_buffer_exporter_type; /* BufferExporter: a buffer by what its _export() returns */
extern PyTypeObject fast_export_type;          /* Export: one view of an owner's memory, a buffer */
extern PyTypeObject fast_texts_type;           /* Texts: str and bytes as (pointer, length) */
extern PyTypeObject fast_arrow_array_type;     /* ArrowArray: an array that came in through the C data interface */

PyMODINIT_FUNC PyInit__fast(void);

/* Functions of the module; lab/_fast.pyi says what they do. */
PyObject *fast_arrow_schema(PyObject *module, PyObject *args);
PyObject *fast_arrow_array(PyObject *module, PyObject *args);
PyObject *fast_arrow_read_schema(PyObject *module, PyObject *capsule);
PyObject *fast_arrow_read_array(PyObject *module, PyObject *capsule);
PyObject *fast_arrow_read_stream(PyObject *module, PyObject *capsule);
PyObject *fast_views_bytes(PyObject *module, PyObject *args);
PyObject *fast_views_copy(PyObject *module, PyObject *args);
PyObject *fast_is_utf8(PyObject *module, PyObject *args);

#endif
