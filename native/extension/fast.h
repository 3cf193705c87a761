/* fast.h: the parts of lab._fast. All functions are called with the GIL held, and report failure as Python does.
 *
 * Built against CPython's full C API: reading a str in place takes 3 ns through its macros and 7 to 9 ns through the
 * functions of the limited API.
 */
#ifndef LAB_FAST_H
#define LAB_FAST_H

#define PY_SSIZE_T_CLEAN
#include "pm/text.h"
#include <Python.h>
#include <stdbool.h>
#include <stddef.h>
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

/* Items from the one in hand to the one whose header is asked for: objects made at different times lie scattered, and
 * each costs a cache miss. */
enum { FAST_AHEAD = 16 };
#if defined(__GNUC__)
#define FAST_PREFETCH(place) __builtin_prefetch(place)
#else
#define FAST_PREFETCH(place) ((void)(place))
#endif

/* Bytes of an object before its text: the smaller header of the two types. */
#define FAST_LEAD_BYTES ((Py_ssize_t)offsetof(PyBytesObject, ob_sval))
_Static_assert(sizeof(PyASCIIObject) >= offsetof(PyBytesObject, ob_sval), "a str has the longer header");

/* The items of a list or tuple, borrowed, and their number; false and an error for anything else. */
bool fast_items_of(PyObject *sequence, PyObject ***items, Py_ssize_t *count);

/* Raises for an item that fast_text_of refused. `row` is negative in a flat list. */
void fast_refuse(PyObject *item, Py_ssize_t index, Py_ssize_t row);

/* The bytes of a str or bytes where they lie. *lead_bytes becomes 0 where what lies before them is not the object.
 * False and maybe an error where it is no text; runs no Python code unless it fails. */
static inline bool fast_text_of(PyObject *item, pm_text *text, Py_ssize_t *lead_bytes) {
    Py_ssize_t bytes;
    if (PyUnicode_Check(item)) {
        if (PyUnicode_IS_COMPACT_ASCII(item)) {
            text->data = PyUnicode_1BYTE_DATA(item);
            bytes = PyUnicode_GET_LENGTH(item);
        } else {
            text->data = PyUnicode_AsUTF8AndSize(item, &bytes);
            if (text->data == NULL) {
                return false;
            }
            *lead_bytes = 0; /* the copy is a block of its own */
        }
    } else if (PyBytes_Check(item)) {
        text->data = PyBytes_AS_STRING(item);
        bytes = PyBytes_GET_SIZE(item);
    } else {
        return false;
    }
    text->bytes = (size_t)bytes;
    return true;
}

/* Functions of the module; lab/_fast.pyi says what they do. */
PyObject *fast_arrow_schema(PyObject *module, PyObject *args);
PyObject *fast_arrow_array(PyObject *module, PyObject *args);
PyObject *fast_arrow_read_schema(PyObject *module, PyObject *capsule);
PyObject *fast_arrow_read_array(PyObject *module, PyObject *capsule);
PyObject *fast_arrow_read_stream(PyObject *module, PyObject *capsule);
PyObject *fast_arrow_view(PyObject *module, PyObject *args);
PyObject *fast_views_bytes(PyObject *module, PyObject *args);
PyObject *fast_views_copy(PyObject *module, PyObject *args);
PyObject *fast_is_utf8(PyObject *module, PyObject *args);
PyObject *fast_offsets_rise(PyObject *module, PyObject *offsets);
PyObject *fast_list_intern(PyObject *module, PyObject *args);
PyObject *fast_list_lookup(PyObject *module, PyObject *args);
PyObject *fast_list_scan(PyObject *module, PyObject *args);

#endif
