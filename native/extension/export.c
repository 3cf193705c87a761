/* Views of memory that an object owns, counted.
 *
 * An Export keeps its owner alive and counts itself on it from its birth to its death; a buffer taken of an Export
 * keeps the Export. The GIL makes the count whole: no lock is needed, and a view may die on any thread. Owners make
 * Exports under their own lock, so that a count they read as 0 under it stays 0 until they let go of it.
 */
#include "extension.h"
#include <stddef.h>
#include <structmember.h>

static PyMemberDef exporter_members[] = {
    {"exports", T_PYSSIZET, offsetof(ext_exporter, exports), READONLY, "Views of the object's memory that are alive."},
    {NULL, 0, 0, 0, NULL},
};

PyTypeObject ext_exporter_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "lab._extension.Exporter",
    .tp_doc = "Owner of memory; `exports` counts the views of it that are alive.",
    .tp_basicsize = sizeof(ext_exporter),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_members = exporter_members,
    .tp_new = PyType_GenericNew,
};

/* The buffer is that of the Export which the object's own method makes. */
static int exporter_getbuffer(PyObject *self, Py_buffer *view, int flags) {
    view->obj = NULL;
    PyObject *export = PyObject_CallMethod(self, "_export", NULL);
    if (export == NULL) {
        return -1;
    }
    int result = -1;
    if (Py_IS_TYPE(export, &ext_export_type)) {
        result = PyObject_GetBuffer(export, view, flags);
    } else {
        PyErr_Format(PyExc_BufferError, "_export() of %s must return an Export", Py_TYPE(self)->tp_name);
    }
    Py_DECREF(export);
    return result;
}

static PyBufferProcs exporter_buffer = {.bf_getbuffer = exporter_getbuffer};

PyTypeObject ext_buffer_exporter_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "lab._extension.BufferExporter",
    .tp_doc = "An Exporter that is a buffer itself: the one that its method _export() returns.",
    .tp_basicsize = sizeof(ext_exporter),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_base = &ext_exporter_type,
    .tp_as_buffer = &exporter_buffer,
    .tp_new = PyType_GenericNew,
};

typedef struct ext_export {
    PyObject_HEAD ext_exporter *owner;
    void *address;
    Py_ssize_t bytes;
    Py_ssize_t item_bytes;
    Py_ssize_t count;
    PyObject *format; /* bytes, or NULL for "B" */
    int readonly;
} ext_export;

static PyObject *export_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    PyObject *owner, *format = NULL;
    Py_ssize_t bytes, item_bytes = 1;
    unsigned long long address;
    int readonly;
    if (keywords != NULL && PyDict_GET_SIZE(keywords) != 0) {
        PyErr_SetString(PyExc_TypeError, "Export takes no keyword arguments");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "O!Knp|Sn:Export", &ext_exporter_type, &owner, &address, &bytes, &readonly, &format,
                          &item_bytes)) {
        return NULL;
    }
    if (bytes < 0 || item_bytes <= 0 || bytes % item_bytes != 0) {
        PyErr_Format(PyExc_ValueError, "%zd bytes are no whole number of items of %zd bytes", bytes, item_bytes);
        return NULL;
    }
    ext_export *self = (ext_export *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->owner = (ext_exporter *)Py_NewRef(owner);
    self->owner->exports++;
    self->address = (void *)(uintptr_t)address;
    self->bytes = bytes;
    self->item_bytes = item_bytes;
    self->count = bytes / item_bytes;
    self->format = Py_XNewRef(format);
    self->readonly = readonly;
    return (PyObject *)self;
}

static void export_dealloc(PyObject *object) {
    ext_export *self = (ext_export *)object;
    ext_exporter *owner = self->owner;
    Py_XDECREF(self->format);
    Py_TYPE(object)->tp_free(object);
    owner->exports--;
    Py_DECREF(owner);
}

static int export_getbuffer(PyObject *object, Py_buffer *view, int flags) {
    ext_export *self = (ext_export *)object;
    view->obj = NULL;
    if (self->readonly && (flags & PyBUF_WRITABLE) == PyBUF_WRITABLE) {
        PyErr_SetString(PyExc_BufferError, "this view is read-only");
        return -1;
    }
    *view = (Py_buffer){
        .obj = Py_NewRef(object),
        .buf = self->address,
        .len = self->bytes,
        .itemsize = self->item_bytes,
        .readonly = self->readonly,
        .ndim = 1,
    };
    if ((flags & PyBUF_FORMAT) == PyBUF_FORMAT) {
        static char unsigned_bytes[] = "B";
        view->format = self->format == NULL ? unsigned_bytes : PyBytes_AS_STRING(self->format);
    }
    if ((flags & PyBUF_ND) == PyBUF_ND) {
        view->shape = &self->count;
    }
    if ((flags & PyBUF_STRIDES) == PyBUF_STRIDES) {
        view->strides = &self->item_bytes;
    }
    return 0;
}

static PyBufferProcs export_buffer = {.bf_getbuffer = export_getbuffer};

PyTypeObject ext_export_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "lab._extension.Export",
    .tp_doc = "Export(owner, address, size_bytes, readonly, format=b'B', item_bytes=1): one view of an owner's memory.",
    .tp_basicsize = sizeof(ext_export),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = export_new,
    .tp_dealloc = export_dealloc,
    .tp_as_buffer = &export_buffer,
};
