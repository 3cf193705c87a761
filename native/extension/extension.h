/* extension.h: the parts of lab._extension. All functions are called with the GIL held, and report failure as Python
 * does.
 *
 * Built against CPython's full C API: reading a str in place takes 3 ns through its macros and 7 to 9 ns through the
 * functions of the limited API.
 */
#ifndef LAB_EXTENSION_H
#define LAB_EXTENSION_H

#define PY_SSIZE_T_CLEAN
#include "pm/text.h"
#include <Python.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef Py_GIL_DISABLED
#error "lab needs CPython with the GIL: the counts that keep memory alive rely on it; build with the standard Python"
#endif

/* Owner of memory that others look at: the base of lab.memory.boundary.handle.Handle. `exports` counts the live Export
 * objects on it; only the owner decides what that forbids. */
typedef struct ext_exporter {
    PyObject_HEAD Py_ssize_t exports;
} ext_exporter;

extern PyTypeObject ext_exporter_type;        /* Exporter */
extern PyTypeObject ext_buffer_exporter_type; /* BufferExporter: a buffer by what its _export() returns */
extern PyTypeObject ext_export_type;          /* Export: one view of an owner's memory, a buffer */
extern PyTypeObject ext_text_array_type;      /* TextArray: str and bytes as (pointer, length) */
extern PyTypeObject ext_turn_type;            /* Turn: who may be inside an object now */
extern PyTypeObject ext_hold_type;            /* Hold: a call's use of objects beside its own */
extern PyTypeObject ext_arrow_array_type;     /* ArrowArray: an array that came in through the C data interface */

PyMODINIT_FUNC PyInit__extension(void);

/* Items from the one in hand to the one whose header is asked for: objects made at different times lie scattered, and
 * each costs a cache miss. */
enum { EXT_AHEAD = 16 };
#if defined(__GNUC__)
#define EXT_PREFETCH(place) __builtin_prefetch(place)
#else
#define EXT_PREFETCH(place) ((void)(place))
#endif

/* Bytes of an object before its text: the smaller header of the two types. */
#define EXT_LEAD_BYTES ((Py_ssize_t)offsetof(PyBytesObject, ob_sval))
_Static_assert(sizeof(PyASCIIObject) >= offsetof(PyBytesObject, ob_sval), "a str has the longer header");

/* The items of a list or tuple, borrowed, and their number; false and an error for anything else. */
bool ext_items_of(PyObject *sequence, PyObject ***items, Py_ssize_t *count);

/* Raises for an item that ext_text_of refused. `row` is negative in a flat list. */
void ext_refuse(PyObject *item, Py_ssize_t index, Py_ssize_t row);

/* The bytes of a str or bytes where they lie. *lead_bytes becomes 0 where what lies before them is not the object.
 * False and maybe an error where it is no text; runs no Python code unless it fails. */
static inline bool ext_text_of(PyObject *item, pm_text *text, Py_ssize_t *lead_bytes) {
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

/* Once, when the module is loaded; -1 and an error where it fails. */
int ext_turn_begin(void);

/* Functions of the module; lab/_extension.pyi says what they do. */
PyObject *ext_arrow_schema(PyObject *module, PyObject *args);
PyObject *ext_arrow_array(PyObject *module, PyObject *args);
PyObject *ext_arrow_read_schema(PyObject *module, PyObject *capsule);
PyObject *ext_arrow_read_array(PyObject *module, PyObject *capsule);
PyObject *ext_arrow_read_stream(PyObject *module, PyObject *capsule);
PyObject *ext_arrow_view(PyObject *module, PyObject *args);
PyObject *ext_views_bytes(PyObject *module, PyObject *args);
PyObject *ext_views_copy(PyObject *module, PyObject *args);
PyObject *ext_views_texts(PyObject *module, PyObject *args);
PyObject *ext_codes_order(PyObject *module, PyObject *args);
PyObject *ext_is_utf8(PyObject *module, PyObject *args);
PyObject *ext_offsets_rise(PyObject *module, PyObject *offsets);
PyObject *ext_list_intern(PyObject *module, PyObject *args);
PyObject *ext_list_lookup(PyObject *module, PyObject *args);
PyObject *ext_list_scan(PyObject *module, PyObject *args);
PyObject *ext_callback_begin(PyObject *module, PyObject *unused);
PyObject *ext_callback_end(PyObject *module, PyObject *unused);
PyObject *ext_fork_count(PyObject *module, PyObject *unused);

#endif
