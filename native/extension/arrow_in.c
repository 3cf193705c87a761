/* Arrays on their way in through the Arrow C data interface and the C stream interface.
 *
 * An array is moved out of its capsule into an ArrowArray, which owns it until its last reference ends; views of its
 * memory are Exports that rest on it. The interface tells no sizes of buffers: what can be checked here is that counts
 * are not negative and that pointers are there; lab.memory.arrow checks offsets, and string views are checked in full.
 */
#include "arrow_abi.h"
#include "extension.h"
#include "pm/batch.h"
#include <stddef.h>
#include <string.h>

enum { DEPTH_MAX = 64 }; /* of nested types */

typedef struct ext_arrow_array_object {
    ext_exporter base;
    struct ArrowArray *array; /* &own, or a child that `parent` owns */
    struct ArrowArray own;
    PyObject *parent;
} ext_arrow;

/* Why an array cannot be used; NULL where it can. */
static const char *fault_of(const struct ArrowArray *array, int depth) {
    if (depth > DEPTH_MAX) {
        return "is nested too deeply";
    }
    if (array->length < 0 || array->offset < 0 || array->length > INT64_MAX / 16 - 1 - array->offset) {
        return "has a negative or absurd length or offset";
    }
    if (array->n_buffers < 0 || array->n_children < 0 || array->null_count < -1) {
        return "has a negative count of buffers, children or nulls";
    }
    if ((array->n_buffers != 0 && array->buffers == NULL) || (array->n_children != 0 && array->children == NULL)) {
        return "lacks its buffers or children";
    }
    for (int64_t i = 0; i < array->n_children; i++) {
        if (array->children[i] == NULL) {
            return "lacks a child";
        }
        const char *fault = fault_of(array->children[i], depth + 1);
        if (fault != NULL) {
            return fault;
        }
    }
    return NULL;
}

/* Takes over *array, whatever happens. */
static PyObject *wrap(struct ArrowArray *array) {
    const char *fault = fault_of(array, 0);
    ext_arrow *self = NULL;
    if (fault != NULL) {
        PyErr_Format(PyExc_ValueError, "the Arrow array %s", fault);
    } else {
        self = (ext_arrow *)ext_arrow_array_type.tp_alloc(&ext_arrow_array_type, 0);
    }
    if (self == NULL) {
        PyObject *type, *error, *trace;
        PyErr_Fetch(&type, &error, &trace);
        array->release(array);
        PyErr_Restore(type, error, trace);
        return NULL;
    }
    self->own = *array;
    self->array = &self->own;
    array->release = NULL;
    return (PyObject *)self;
}

static void arrow_dealloc(PyObject *object) {
    ext_arrow *self = (ext_arrow *)object;
    if (self->array == &self->own && self->own.release != NULL) {
        PyObject *type, *error, *trace;
        PyErr_Fetch(&type, &error, &trace); /* a producer written in Python may touch them */
        self->own.release(&self->own);
        PyErr_Restore(type, error, trace);
    }
    Py_XDECREF(self->parent);
    Py_TYPE(object)->tp_free(object);
}

static PyObject *arrow_length(PyObject *self, void *unused) {
    (void)unused;
    return PyLong_FromLongLong(((ext_arrow *)self)->array->length);
}

static PyObject *arrow_offset(PyObject *self, void *unused) {
    (void)unused;
    return PyLong_FromLongLong(((ext_arrow *)self)->array->offset);
}

static PyObject *arrow_null_count(PyObject *self, void *unused) {
    (void)unused;
    return PyLong_FromLongLong(((ext_arrow *)self)->array->null_count);
}

static PyObject *arrow_buffers(PyObject *self, void *unused) {
    (void)unused;
    const struct ArrowArray *array = ((ext_arrow *)self)->array;
    PyObject *addresses = PyTuple_New((Py_ssize_t)array->n_buffers);
    for (Py_ssize_t i = 0; addresses != NULL && i < array->n_buffers; i++) {
        PyObject *address = PyLong_FromUnsignedLongLong((unsigned long long)(uintptr_t)array->buffers[i]);
        if (address == NULL) {
            Py_CLEAR(addresses);
        } else {
            PyTuple_SET_ITEM(addresses, i, address);
        }
    }
    return addresses;
}

static PyObject *arrow_children(PyObject *object, void *unused) {
    (void)unused;
    ext_arrow *self = (ext_arrow *)object;
    PyObject *children = PyTuple_New((Py_ssize_t)self->array->n_children);
    for (Py_ssize_t i = 0; children != NULL && i < self->array->n_children; i++) {
        ext_arrow *child = (ext_arrow *)ext_arrow_array_type.tp_alloc(&ext_arrow_array_type, 0);
        if (child == NULL) {
            Py_CLEAR(children);
        } else {
            child->array = self->array->children[i];
            child->parent = Py_NewRef(object);
            PyTuple_SET_ITEM(children, i, (PyObject *)child);
        }
    }
    return children;
}

static PyGetSetDef arrow_attributes[] = {
    {"length", arrow_length, NULL, "Rows.", NULL},
    {"offset", arrow_offset, NULL, "Rows of the buffers that come before the first.", NULL},
    {"null_count", arrow_null_count, NULL, "Rows without a value; -1 where nobody counted.", NULL},
    {"buffers", arrow_buffers, NULL, "Addresses; 0 for a buffer that is not there.", NULL},
    {"children", arrow_children, NULL, "The arrays of a struct's fields; they keep this one.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject ext_arrow_array_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "lab._extension.ArrowArray",
    .tp_doc = "An array that came in through the Arrow C data interface.",
    .tp_basicsize = sizeof(ext_arrow),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_base = &ext_exporter_type,
    .tp_dealloc = arrow_dealloc,
    .tp_getset = arrow_attributes,
};

/* (format, name, flags, has_dictionary, children) */
static PyObject *describe(const struct ArrowSchema *schema, int depth) {
    if (schema == NULL || schema->format == NULL || schema->n_children < 0 || depth > DEPTH_MAX ||
        (schema->n_children != 0 && schema->children == NULL)) {
        PyErr_SetString(PyExc_ValueError, "the Arrow schema lacks its format or children, or is nested too deeply");
        return NULL;
    }
    PyObject *children = PyTuple_New((Py_ssize_t)schema->n_children);
    for (Py_ssize_t i = 0; children != NULL && i < schema->n_children; i++) {
        PyObject *child = describe(schema->children[i], depth + 1);
        if (child == NULL) {
            Py_CLEAR(children);
        } else {
            PyTuple_SET_ITEM(children, i, child);
        }
    }
    if (children == NULL) {
        return NULL;
    }
    return Py_BuildValue("(ssLNN)", schema->format, schema->name == NULL ? "" : schema->name, (long long)schema->flags,
                         PyBool_FromLong(schema->dictionary != NULL), children);
}

/* The struct of a capsule. */
static void *content(PyObject *capsule, const char *name) {
    if (!PyCapsule_IsValid(capsule, name)) {
        PyErr_Format(PyExc_TypeError, "expected a capsule named \"%s\"", name);
        return NULL;
    }
    return PyCapsule_GetPointer(capsule, name);
}

static void *spent(void) {
    PyErr_SetString(PyExc_ValueError, "this Arrow capsule was consumed before: ask its object for a new one");
    return NULL;
}

PyObject *ext_arrow_read_schema(PyObject *module, PyObject *capsule) {
    (void)module;
    const struct ArrowSchema *schema = content(capsule, ARROW_SCHEMA_CAPSULE);
    if (schema == NULL) {
        return NULL;
    }
    return schema->release == NULL ? spent() : describe(schema, 0);
}

PyObject *ext_arrow_read_array(PyObject *module, PyObject *capsule) {
    (void)module;
    struct ArrowArray *array = content(capsule, ARROW_ARRAY_CAPSULE);
    if (array == NULL) {
        return NULL;
    }
    return array->release == NULL ? spent() : wrap(array);
}

/* The usual case in one look: texts with offsets, none of them null. An array of no rows may lack its offset. */
static bool lies_in_place(const struct ArrowSchema *schema, const struct ArrowArray *array, pm_column_view *out) {
    const char letter =
        schema->format == NULL || schema->format[0] == 0 || schema->format[1] != 0 ? 0 : schema->format[0];
    const bool narrow = letter == 'u' || letter == 'z', wide = letter == 'U' || letter == 'Z';
    if ((!narrow && !wide) || schema->dictionary != NULL || array->length == 0 || array->n_buffers != 3 ||
        array->buffers[1] == NULL || (array->null_count != 0 && array->buffers[0] != NULL)) {
        return false;
    }
    const unsigned char *offsets = array->buffers[1];
    offsets += array->offset * (narrow ? 4 : 8);
    const int64_t end = narrow ? ((const int32_t *)(const void *)offsets)[array->length]
                               : ((const int64_t *)(const void *)offsets)[array->length];
    *out = (pm_column_view){.offsets = offsets,
                            .data = array->buffers[2],
                            .row_count = (size_t)array->length,
                            .data_bytes = (size_t)end,
                            .offset_bytes = narrow ? 4 : 8};
    return end == 0 || (end > 0 && array->buffers[2] != NULL);
}

PyObject *ext_arrow_view(PyObject *module, PyObject *args) {
    (void)module;
    ext_arrow *source;
    PyObject *capsule, *address;
    if (!PyArg_ParseTuple(args, "O!OO:arrow_view", &ext_arrow_array_type, &source, &capsule, &address)) {
        return NULL;
    }
    const struct ArrowSchema *schema = content(capsule, ARROW_SCHEMA_CAPSULE);
    pm_column_view *out = schema == NULL ? NULL : PyLong_AsVoidPtr(address);
    if (out == NULL) {
        return PyErr_Occurred() ? NULL : PyBool_FromLong(false);
    }
    return schema->release == NULL ? spent() : PyBool_FromLong(lies_in_place(schema, source->array, out));
}

static PyObject *stream_failed(struct ArrowArrayStream *stream) {
    const char *words = stream->get_last_error == NULL ? NULL : stream->get_last_error(stream);
    if (!PyErr_Occurred()) {
        PyErr_Format(PyExc_ValueError, "the Arrow stream failed: %s", words == NULL ? "it does not say why" : words);
    }
    return NULL;
}

PyObject *ext_arrow_read_stream(PyObject *module, PyObject *capsule) {
    (void)module;
    struct ArrowArrayStream *theirs = content(capsule, ARROW_STREAM_CAPSULE);
    if (theirs == NULL) {
        return NULL;
    }
    if (theirs->release == NULL) {
        return spent();
    }
    struct ArrowArrayStream stream = *theirs; /* moved: code that runs meanwhile cannot consume it */
    theirs->release = NULL;
    struct ArrowSchema schema = {.release = NULL};
    PyObject *kind = NULL, *chunks = NULL;
    if (stream.get_schema(&stream, &schema) != 0) {
        stream_failed(&stream);
    } else {
        kind = describe(&schema, 0);
        if (schema.release != NULL) {
            schema.release(&schema);
        }
        chunks = kind == NULL ? NULL : PyList_New(0);
    }
    while (chunks != NULL) {
        struct ArrowArray array = {.release = NULL};
        if (stream.get_next(&stream, &array) != 0) {
            stream_failed(&stream);
            Py_CLEAR(chunks);
            break;
        }
        if (array.release == NULL) {
            break;
        }
        PyObject *chunk = wrap(&array);
        if (chunk == NULL || PyList_Append(chunks, chunk) < 0) {
            Py_CLEAR(chunks);
        }
        Py_XDECREF(chunk);
    }
    PyObject *type, *error, *trace;
    PyErr_Fetch(&type, &error, &trace);
    stream.release(&stream);
    PyErr_Restore(type, error, trace);
    if (chunks == NULL) {
        Py_XDECREF(kind);
        return NULL;
    }
    return Py_BuildValue("(NN)", kind, chunks);
}

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
