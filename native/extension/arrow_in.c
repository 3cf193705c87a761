/* Arrays on their way in through the Arrow C data interface and the C stream interface.
 *
 * An array is moved out of its capsule into an ArrowArray, which owns it until its last reference ends; views of its
 * memory are Exports that rest on it. The interface tells no sizes of buffers: what can be checked here is that counts
 * are not negative and that pointers are there; lab.memory.arrow checks offsets, and string views are checked in full.
 */
#include "arrow_in.h"
#include "pm/batch.h"
#include <stddef.h>
#include <string.h>

enum { DEPTH_MAX = 64 }; /* of nested types */

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
    return array->dictionary == NULL ? NULL : fault_of(array->dictionary, depth + 1);
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

/* A child or the dictionary, which keeps its parent. */
static PyObject *part_of(PyObject *parent, struct ArrowArray *array) {
    ext_arrow *part = (ext_arrow *)ext_arrow_array_type.tp_alloc(&ext_arrow_array_type, 0);
    if (part != NULL) {
        part->array = array;
        part->parent = Py_NewRef(parent);
    }
    return (PyObject *)part;
}

static PyObject *arrow_dictionary(PyObject *object, void *unused) {
    (void)unused;
    struct ArrowArray *dictionary = ((ext_arrow *)object)->array->dictionary;
    return dictionary == NULL ? Py_NewRef(Py_None) : part_of(object, dictionary);
}

static PyObject *arrow_children(PyObject *object, void *unused) {
    (void)unused;
    ext_arrow *self = (ext_arrow *)object;
    PyObject *children = PyTuple_New((Py_ssize_t)self->array->n_children);
    for (Py_ssize_t i = 0; children != NULL && i < self->array->n_children; i++) {
        PyObject *child = part_of(object, self->array->children[i]);
        if (child == NULL) {
            Py_CLEAR(children);
        } else {
            PyTuple_SET_ITEM(children, i, child);
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
    {"dictionary", arrow_dictionary, NULL, "The array that the rows are indices into, or None; it keeps this one.",
     NULL},
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

/* (format, name, flags, dictionary, children) */
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
    PyObject *dictionary = schema->dictionary == NULL ? Py_NewRef(Py_None) : describe(schema->dictionary, depth + 1);
    if (dictionary == NULL) {
        Py_DECREF(children);
        return NULL;
    }
    return Py_BuildValue("(ssLNN)", schema->format, schema->name == NULL ? "" : schema->name, (long long)schema->flags,
                         dictionary, children);
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
