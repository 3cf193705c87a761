/* Arrays and schemas on their way out through the Arrow C data interface, as PyCapsules.
 *
 * An array holds a buffer of each Python object that its memory comes from until the consumer calls `release`, which
 * may be on any thread, with the GIL or without. Children and dictionaries are given as capsules and moved: their
 * capsules are spent. All memory here is malloc's, for it may be freed when no interpreter is left.
 */
#include "arrow_abi.h"
#include "extension.h"
#include <stdlib.h>
#include <string.h>

/* Children by value, and the pointers to them that the interface wants. */
#define FAMILY(kind)                                                                                                   \
    struct kind *members;                                                                                              \
    struct kind **pointers;                                                                                            \
    struct kind dictionary

typedef struct schema_parts {
    FAMILY(ArrowSchema);
    char *format;
    char *name;
} schema_parts;

typedef struct array_parts {
    FAMILY(ArrowArray);
    Py_buffer *buffers;
    const void **places;
} array_parts;

static char *copy_text(const char *text) {
    const size_t bytes = strlen(text) + 1;
    char *copy = malloc(bytes);
    if (copy != NULL) {
        memcpy(copy, text, bytes);
    }
    return copy;
}

static void schema_release(struct ArrowSchema *schema) {
    schema_parts *parts = schema->private_data;
    for (int64_t i = 0; i < schema->n_children; i++) {
        if (parts->members[i].release != NULL) {
            parts->members[i].release(&parts->members[i]);
        }
    }
    if (parts->dictionary.release != NULL) {
        parts->dictionary.release(&parts->dictionary);
    }
    free(parts->members);
    free(parts->pointers);
    free(parts->format);
    free(parts->name);
    free(parts);
    schema->release = NULL;
}

static void array_release(struct ArrowArray *array) {
    array_parts *parts = array->private_data;
    for (int64_t i = 0; i < array->n_children; i++) {
        if (parts->members[i].release != NULL) {
            parts->members[i].release(&parts->members[i]);
        }
    }
    if (parts->dictionary.release != NULL) {
        parts->dictionary.release(&parts->dictionary);
    }
    if (array->n_buffers != 0 && Py_IsInitialized()) { /* else the process ends, and the objects with it */
        const PyGILState_STATE state = PyGILState_Ensure();
        for (int64_t i = 0; i < array->n_buffers; i++) {
            PyBuffer_Release(&parts->buffers[i]);
        }
        PyGILState_Release(state);
    }
    free(parts->members);
    free(parts->pointers);
    free(parts->buffers);
    free(parts->places);
    free(parts);
    array->release = NULL;
}

static void schema_capsule_end(PyObject *capsule) {
    struct ArrowSchema *schema = PyCapsule_GetPointer(capsule, ARROW_SCHEMA_CAPSULE);
    if (schema->release != NULL) {
        schema->release(schema);
    }
    free(schema);
}

static void array_capsule_end(PyObject *capsule) {
    struct ArrowArray *array = PyCapsule_GetPointer(capsule, ARROW_ARRAY_CAPSULE);
    if (array->release != NULL) {
        array->release(array);
    }
    free(array);
}

/* The struct of a capsule that is not spent; NULL and an error otherwise. */
static void *unspent(PyObject *capsule, const char *name) {
    void *found = PyCapsule_GetPointer(capsule, name);
    if (found == NULL) {
        return NULL;
    }
    const bool spent = strcmp(name, ARROW_SCHEMA_CAPSULE) == 0 ? ((struct ArrowSchema *)found)->release == NULL
                                                               : ((struct ArrowArray *)found)->release == NULL;
    if (spent) {
        PyErr_SetString(PyExc_ValueError, "this Arrow capsule was consumed before: ask its object for a new one");
        return NULL;
    }
    return found;
}

/* Whether all capsules, and the dictionary unless None, are unspent and no two the same. */
static bool are_unspent(PyObject *capsules, PyObject *dictionary, const char *name) {
    const Py_ssize_t count = PyTuple_GET_SIZE(capsules);
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *capsule = PyTuple_GET_ITEM(capsules, i);
        if (unspent(capsule, name) == NULL) {
            return false;
        }
        for (Py_ssize_t before = 0; before < i; before++) {
            if (PyTuple_GET_ITEM(capsules, before) == capsule) {
                PyErr_SetString(PyExc_ValueError, "an Arrow capsule stands for two children");
                return false;
            }
        }
        if (capsule == dictionary) {
            PyErr_SetString(PyExc_ValueError, "an Arrow capsule stands for a child and for the dictionary");
            return false;
        }
    }
    return dictionary == Py_None || unspent(dictionary, name) != NULL;
}

/* Memory of `count` zeroed elements; room for one at least, so that NULL says failure. */
static void *room(Py_ssize_t count, size_t bytes) {
    return calloc(count == 0 ? 1 : (size_t)count, bytes);
}

static void move_schema(struct ArrowSchema *to, PyObject *capsule) {
    struct ArrowSchema *from = PyCapsule_GetPointer(capsule, ARROW_SCHEMA_CAPSULE);
    *to = *from;
    from->release = NULL;
}

static void move_array(struct ArrowArray *to, PyObject *capsule) {
    struct ArrowArray *from = PyCapsule_GetPointer(capsule, ARROW_ARRAY_CAPSULE);
    *to = *from;
    from->release = NULL;
}

PyObject *ext_arrow_schema(PyObject *module, PyObject *args) {
    (void)module;
    const char *format, *name;
    long long flags;
    PyObject *children, *dictionary;
    if (!PyArg_ParseTuple(args, "ssLO!O:arrow_schema", &format, &name, &flags, &PyTuple_Type, &children, &dictionary) ||
        !are_unspent(children, dictionary, ARROW_SCHEMA_CAPSULE)) {
        return NULL;
    }
    const Py_ssize_t count = PyTuple_GET_SIZE(children);
    struct ArrowSchema *schema = calloc(1, sizeof *schema);
    schema_parts *parts = calloc(1, sizeof *parts);
    if (schema == NULL || parts == NULL) {
        free(schema);
        free(parts);
        return PyErr_NoMemory();
    }
    schema->release = schema_release;
    schema->private_data = parts;
    parts->members = room(count, sizeof *parts->members);
    parts->pointers = room(count, sizeof *parts->pointers);
    parts->format = copy_text(format);
    parts->name = copy_text(name);
    PyObject *capsule = NULL;
    if (parts->members == NULL || parts->pointers == NULL || parts->format == NULL || parts->name == NULL) {
        PyErr_NoMemory();
    } else {
        capsule = PyCapsule_New(schema, ARROW_SCHEMA_CAPSULE, schema_capsule_end);
    }
    if (capsule == NULL) {
        schema_release(schema);
        free(schema);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        move_schema(&parts->members[i], PyTuple_GET_ITEM(children, i));
        parts->pointers[i] = &parts->members[i];
    }
    schema->format = parts->format;
    schema->name = parts->name;
    schema->flags = flags;
    schema->n_children = count;
    schema->children = parts->pointers;
    if (dictionary != Py_None) {
        move_schema(&parts->dictionary, dictionary);
        schema->dictionary = &parts->dictionary;
    }
    return capsule;
}

/* Takes a buffer of each object that is not None. */
static bool take_buffers(struct ArrowArray *array, array_parts *parts, PyObject *objects) {
    const Py_ssize_t count = PyTuple_GET_SIZE(objects);
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *object = PyTuple_GET_ITEM(objects, i);
        if (object != Py_None && PyObject_GetBuffer(object, &parts->buffers[i], PyBUF_C_CONTIGUOUS) < 0) {
            return false;
        }
        parts->places[i] = parts->buffers[i].buf; /* NULL for None */
        array->n_buffers = i + 1;
    }
    return true;
}

PyObject *ext_arrow_array(PyObject *module, PyObject *args) {
    (void)module;
    long long length, null_count;
    PyObject *buffers, *children, *dictionary;
    if (!PyArg_ParseTuple(args, "LLO!O!O:arrow_array", &length, &null_count, &PyTuple_Type, &buffers, &PyTuple_Type,
                          &children, &dictionary) ||
        !are_unspent(children, dictionary, ARROW_ARRAY_CAPSULE)) {
        return NULL;
    }
    const Py_ssize_t count = PyTuple_GET_SIZE(children), buffer_count = PyTuple_GET_SIZE(buffers);
    struct ArrowArray *array = calloc(1, sizeof *array);
    array_parts *parts = calloc(1, sizeof *parts);
    if (array == NULL || parts == NULL) {
        free(array);
        free(parts);
        return PyErr_NoMemory();
    }
    array->release = array_release;
    array->private_data = parts;
    parts->members = room(count, sizeof *parts->members);
    parts->pointers = room(count, sizeof *parts->pointers);
    parts->buffers = room(buffer_count, sizeof *parts->buffers);
    parts->places = room(buffer_count, sizeof *parts->places);
    PyObject *capsule = NULL;
    if (parts->members == NULL || parts->pointers == NULL || parts->buffers == NULL || parts->places == NULL) {
        PyErr_NoMemory();
    } else if (take_buffers(array, parts, buffers) &&
               are_unspent(children, dictionary, ARROW_ARRAY_CAPSULE)) { /* taking a buffer may run code */
        capsule = PyCapsule_New(array, ARROW_ARRAY_CAPSULE, array_capsule_end);
    }
    if (capsule == NULL) {
        PyObject *type, *error, *trace;
        PyErr_Fetch(&type, &error, &trace);
        array_release(array);
        free(array);
        PyErr_Restore(type, error, trace);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        move_array(&parts->members[i], PyTuple_GET_ITEM(children, i));
        parts->pointers[i] = &parts->members[i];
    }
    array->length = length;
    array->null_count = null_count;
    array->buffers = parts->places;
    array->n_children = count;
    array->children = parts->pointers;
    if (dictionary != Py_None) {
        move_array(&parts->dictionary, dictionary);
        array->dictionary = &parts->dictionary;
    }
    return capsule;
}
