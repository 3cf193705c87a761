/* Arrays of string views, the layout that polars uses: read where they lie, or copied end to end.
 *
 * Every view is checked against the sizes of its array's buffers, which this layout alone brings along.
 */
#include "arrow_in.h"
#include <stddef.h>
#include <string.h>

/* A string view: 16 bytes. Up to 12 bytes of text stand in it, of longer text the first four. */
typedef struct view {
    int32_t bytes;
    union {
        char text[12]; /* only its place is used */
        struct {
            char prefix[4];
            int32_t buffer;
            int32_t offset;
        } far;
    } at;
} view;

enum { VIEW_TEXT_BYTES = 12, VIEW_BUFFERS = 2 }; /* validity and views come before the data, its sizes after */

static bool has_views(const struct ArrowArray *array) {
    if (array->n_buffers <= VIEW_BUFFERS || (array->length != 0 && array->buffers[1] == NULL) ||
        (array->n_buffers > VIEW_BUFFERS + 1 && array->buffers[array->n_buffers - 1] == NULL)) {
        PyErr_SetString(PyExc_ValueError, "the Arrow array lacks the buffers of string views");
        return false;
    }
    return true;
}

/* The text of a row, empty where it is null; false where its view points out of its buffer. */
static bool view_text(const struct ArrowArray *array, int64_t row, pm_text *out) {
    const int64_t place = array->offset + row, data_count = array->n_buffers - VIEW_BUFFERS - 1;
    const unsigned char *validity = array->buffers[0];
    *out = (pm_text){.data = NULL};
    if (validity != NULL && array->null_count != 0 && (validity[place / 8] >> (place % 8) & 1) == 0) {
        return true;
    }
    const char *source = (const char *)array->buffers[1] + place * (int64_t)sizeof(view);
    view found;
    memcpy(&found, source, sizeof found); /* wherever the producer put it */
    if (found.bytes < 0) {
        return false;
    }
    out->bytes = (size_t)found.bytes;
    if (found.bytes <= VIEW_TEXT_BYTES) {
        out->data = source + offsetof(view, at);
        return true;
    }
    const int32_t buffer = found.at.far.buffer, offset = found.at.far.offset;
    const int64_t *sizes = array->buffers[array->n_buffers - 1];
    if (buffer < 0 || buffer >= data_count || offset < 0 || (int64_t)offset + found.bytes > sizes[buffer] ||
        array->buffers[VIEW_BUFFERS + buffer] == NULL) {
        return false;
    }
    out->data = (const char *)array->buffers[VIEW_BUFFERS + buffer] + offset;
    return true;
}

static PyObject *bad_view(int64_t row) {
    return PyErr_Format(PyExc_ValueError, "the string view of row %lld points out of its buffer", (long long)row);
}

PyObject *ext_views_bytes(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *object;
    if (!PyArg_ParseTuple(args, "O!:views_bytes", &ext_arrow_array_type, &object)) {
        return NULL;
    }
    const struct ArrowArray *array = ((ext_arrow *)object)->array;
    if (!has_views(array)) {
        return NULL;
    }
    size_t bytes = 0;
    int64_t row = 0;
    Py_BEGIN_ALLOW_THREADS;
    pm_text text;
    while (row < array->length && view_text(array, row, &text)) {
        bytes += text.bytes;
        row++;
    }
    Py_END_ALLOW_THREADS;
    return row < array->length ? bad_view(row) : PyLong_FromSize_t(bytes);
}

/* Copies texts end to end, and where each ends; the row where it must stop, or the number of rows. */
static int64_t copy_views(const struct ArrowArray *array, int64_t *offsets, char *data, size_t bytes) {
    size_t used = 0;
    offsets[0] = 0;
    for (int64_t row = 0; row < array->length; row++) {
        pm_text text;
        if (!view_text(array, row, &text) || text.bytes > bytes - used) {
            return row;
        }
        if (text.bytes != 0) {
            memcpy(data + used, text.data, text.bytes);
        }
        used += text.bytes;
        offsets[row + 1] = (int64_t)used;
    }
    return array->length;
}

PyObject *ext_views_texts(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *object, *address;
    long long first, stop;
    if (!PyArg_ParseTuple(args, "O!LLO:views_texts", &ext_arrow_array_type, &object, &first, &stop, &address)) {
        return NULL;
    }
    const struct ArrowArray *array = ((ext_arrow *)object)->array;
    pm_text *texts = PyLong_AsVoidPtr(address);
    if (PyErr_Occurred() || !has_views(array)) {
        return NULL;
    }
    if (first < 0 || first > stop || stop > array->length) {
        PyErr_SetString(PyExc_ValueError, "the rows are not in the array");
        return NULL;
    }
    int64_t row = first;
    Py_BEGIN_ALLOW_THREADS;
    while (row < stop && view_text(array, row, &texts[row - first])) {
        row++;
    }
    Py_END_ALLOW_THREADS;
    return row < stop ? bad_view(row) : Py_NewRef(Py_None);
}

PyObject *ext_views_copy(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *object, *result = NULL;
    Py_buffer offsets, data;
    if (!PyArg_ParseTuple(args, "O!w*w*:views_copy", &ext_arrow_array_type, &object, &offsets, &data)) {
        return NULL;
    }
    const struct ArrowArray *array = ((ext_arrow *)object)->array;
    if (has_views(array)) {
        if (offsets.len / (Py_ssize_t)sizeof(int64_t) != array->length + 1) {
            PyErr_SetString(PyExc_ValueError, "there must be one offset more than rows");
        } else {
            int64_t done;
            Py_BEGIN_ALLOW_THREADS;
            done = copy_views(array, offsets.buf, data.buf, (size_t)data.len);
            Py_END_ALLOW_THREADS;
            result = done < array->length ? bad_view(done) : Py_NewRef(Py_None);
        }
    }
    PyBuffer_Release(&offsets);
    PyBuffer_Release(&data);
    return result;
}
