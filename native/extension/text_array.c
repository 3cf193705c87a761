/* str and bytes as arrays of (pointer, length), read where they lie.
 *
 * A str of ASCII alone is its own UTF-8. Any other gets a UTF-8 copy from CPython, which stays with the str as long as
 * it lives: the second reading is as fast as for ASCII, at the price of that memory.
 *
 * A list may change as soon as Python code of any thread runs. None runs while items are read: nothing is called but
 * PyUnicode_AsUTF8AndSize, which runs none unless it fails, and the reading ends there. Each item read is held by a
 * reference until the next reading or the end of the object.
 */
#include "extension.h"
#include "pm/text.h"
#include <stddef.h>
#include <structmember.h>

typedef struct ext_text_array {
    PyObject_HEAD pm_text *texts;
    PyObject **owners; /* of `count` texts */
    Py_ssize_t count, capacity;
    Py_ssize_t exports;    /* buffers taken of `texts` */
    Py_ssize_t lead_bytes; /* that may be read before each text: the header of the object that holds it */
} ext_text_array;

bool ext_items_of(PyObject *sequence, PyObject ***items, Py_ssize_t *count) {
    if (!PyList_Check(sequence) && !PyTuple_Check(sequence)) {
        PyErr_Format(PyExc_TypeError, "expected a list or tuple, got %s", Py_TYPE(sequence)->tp_name);
        return false;
    }
    *count = PySequence_Fast_GET_SIZE(sequence);
    *items = PySequence_Fast_ITEMS(sequence);
    return true;
}

void ext_refuse(PyObject *item, Py_ssize_t index, Py_ssize_t row) {
    char place[80];
    if (row < 0) {
        PyOS_snprintf(place, sizeof place, "item %zd", index);
    } else {
        PyOS_snprintf(place, sizeof place, "item %zd of row %zd", index, row);
    }
    PyObject *type, *error, *trace;
    PyErr_Fetch(&type, &error, &trace);
    PyErr_NormalizeException(&type, &error, &trace);
    if (error == NULL) {
        PyErr_Format(PyExc_TypeError, "%s must be str or bytes, got %s", place, Py_TYPE(item)->tp_name);
        return;
    }
    if (PyErr_GivenExceptionMatches(error, PyExc_UnicodeEncodeError)) {
        char reason[128];
        PyOS_snprintf(reason, sizeof reason, "%s holds a lone surrogate, which UTF-8 cannot say", place);
        PyUnicodeEncodeError_SetReason(error, reason);
    }
    PyErr_Restore(type, error, trace);
}

/* Popped one by one: the end of an object may run code that comes back here. */
static void let_go(ext_text_array *self) {
    while (self->count > 0) {
        Py_DECREF(self->owners[--self->count]);
    }
}

static bool is_free(const ext_text_array *self) {
    if (self->exports != 0) {
        PyErr_SetString(PyExc_BufferError, "these texts are still looked at");
        return false;
    }
    return true;
}

/* Empties the object and makes room for `rows` times `width` texts. */
static bool begin(ext_text_array *self, Py_ssize_t rows, Py_ssize_t width) {
    if (!is_free(self)) {
        return false;
    }
    let_go(self);
    if (!is_free(self)) { /* code that ran meanwhile may have taken a buffer */
        return false;
    }
    if (rows > PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(pm_text) / width) {
        PyErr_NoMemory();
        return false;
    }
    self->lead_bytes = EXT_LEAD_BYTES;
    const Py_ssize_t needed = rows * width;
    if (needed <= self->capacity) {
        return true;
    }
    /* Not grown in place: there is nothing in them to keep. */
    PyMem_Free(self->texts);
    PyMem_Free(self->owners);
    self->capacity = 0;
    self->texts = PyMem_New(pm_text, needed);
    self->owners = PyMem_New(PyObject *, needed);
    if (self->texts == NULL || self->owners == NULL) {
        PyErr_NoMemory();
        return false;
    }
    self->capacity = needed;
    return true;
}

/* Appends one item; there is room. False and maybe an error where it is no text. */
static inline bool take(ext_text_array *self, PyObject *item) {
    if (!ext_text_of(item, &self->texts[self->count], &self->lead_bytes)) {
        return false;
    }
    self->owners[self->count++] = Py_NewRef(item);
    return true;
}

/* Raises for an item that `take` refused, and lets go of the others. */
static PyObject *refuse(ext_text_array *self, PyObject *item, Py_ssize_t index, Py_ssize_t row) {
    ext_refuse(item, index, row);
    PyObject *type, *error, *trace;
    PyErr_Fetch(&type, &error, &trace); /* letting go may run code */
    let_go(self);
    PyErr_Restore(type, error, trace);
    return NULL;
}

static PyObject *texts_read(PyObject *object, PyObject *args) {
    ext_text_array *self = (ext_text_array *)object;
    PyObject *sequence, **items;
    Py_ssize_t first = 0, stop = PY_SSIZE_T_MAX, count;
    if (!PyArg_ParseTuple(args, "O|nn:read", &sequence, &first, &stop)) {
        return NULL;
    }
    if (!ext_items_of(sequence, &items, &count)) {
        return NULL;
    }
    stop = stop < count ? stop : count;
    if (first < 0 || first > stop) {
        first = stop < 0 ? 0 : stop;
    }
    if (!begin(self, stop > first ? stop - first : 0, 1)) {
        return NULL;
    }
    (void)ext_items_of(sequence, &items, &count); /* `begin` may have run code: look again */
    stop = stop < count ? stop : count;
    for (Py_ssize_t i = first; i < stop; i++) {
        if (i + EXT_AHEAD < stop) {
            EXT_PREFETCH(items[i + EXT_AHEAD]);
        }
        if (!take(self, items[i])) {
            return refuse(self, items[i], i, -1);
        }
    }
    Py_RETURN_NONE;
}

static PyObject *texts_read_rows(PyObject *object, PyObject *args) {
    ext_text_array *self = (ext_text_array *)object;
    PyObject *sequence, **rows;
    Py_ssize_t width, count;
    if (!PyArg_ParseTuple(args, "On:read_rows", &sequence, &width)) {
        return NULL;
    }
    if (!ext_items_of(sequence, &rows, &count)) {
        return NULL;
    }
    if (width < 1) {
        PyErr_SetString(PyExc_ValueError, "width must be at least 1");
        return NULL;
    }
    if (!begin(self, count, width)) {
        return NULL;
    }
    const Py_ssize_t room = count;
    (void)ext_items_of(sequence, &rows, &count);
    count = count < room ? count : room;
    for (Py_ssize_t i = 0; i < count; i++) {
        const bool listed = PyList_Check(rows[i]) || PyTuple_Check(rows[i]);
        if (!listed || PySequence_Fast_GET_SIZE(rows[i]) != width) {
            if (listed) {
                PyErr_Format(PyExc_ValueError, "row %zd must have %zd texts, got %zd", i, width,
                             PySequence_Fast_GET_SIZE(rows[i]));
            } else {
                PyErr_Format(PyExc_TypeError, "row %zd must be a tuple or list, got %s", i, Py_TYPE(rows[i])->tp_name);
            }
            return refuse(self, rows[i], 0, i);
        }
        PyObject **items = PySequence_Fast_ITEMS(rows[i]);
        for (Py_ssize_t c = 0; c < width; c++) {
            if (!take(self, items[c])) {
                return refuse(self, items[c], c, i);
            }
        }
    }
    Py_RETURN_NONE;
}

static PyObject *texts_read_columns(PyObject *object, PyObject *args) {
    ext_text_array *self = (ext_text_array *)object;
    PyObject *columns, **items;
    Py_ssize_t count;
    if (!PyArg_ParseTuple(args, "O!n:read_columns", &PyTuple_Type, &columns, &count)) {
        return NULL;
    }
    const Py_ssize_t width = PyTuple_GET_SIZE(columns);
    if (count < 0 || width < 1) {
        PyErr_SetString(PyExc_ValueError, "there must be a column, and no negative number of rows");
        return NULL;
    }
    if (!begin(self, count, width)) {
        return NULL;
    }
    for (Py_ssize_t c = 0; c < width; c++) {
        PyObject *column = PyTuple_GET_ITEM(columns, c);
        Py_ssize_t length = count;
        if (!PyUnicode_Check(column) && !PyBytes_Check(column) && !ext_items_of(column, &items, &length)) {
            return NULL;
        }
        if (length != count) {
            PyErr_Format(PyExc_ValueError, "column %zd must have %zd texts, got %zd", c, count, length);
            return NULL;
        }
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        for (Py_ssize_t c = 0; c < width; c++) {
            PyObject *column = PyTuple_GET_ITEM(columns, c);
            const bool shared = PyUnicode_Check(column) || PyBytes_Check(column);
            PyObject *item = shared ? column : PySequence_Fast_ITEMS(column)[i];
            if (!take(self, item)) {
                return refuse(self, item, c, i);
            }
        }
    }
    Py_RETURN_NONE;
}

static PyObject *texts_clear(PyObject *object, PyObject *unused) {
    (void)unused;
    if (!begin((ext_text_array *)object, 0, 1)) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static void texts_dealloc(PyObject *object) {
    ext_text_array *self = (ext_text_array *)object;
    let_go(self);
    PyMem_Free(self->texts);
    PyMem_Free(self->owners);
    Py_TYPE(object)->tp_free(object);
}

static Py_ssize_t texts_length(PyObject *object) {
    return ((ext_text_array *)object)->count;
}

static int texts_getbuffer(PyObject *object, Py_buffer *view, int flags) {
    static pm_text none;
    ext_text_array *self = (ext_text_array *)object;
    void *place = self->texts == NULL ? &none : self->texts;
    const Py_ssize_t bytes = self->count * (Py_ssize_t)sizeof(pm_text);
    if (PyBuffer_FillInfo(view, object, place, bytes, 1, flags) < 0) {
        return -1;
    }
    self->exports++;
    return 0;
}

static void texts_releasebuffer(PyObject *object, Py_buffer *view) {
    (void)view;
    ((ext_text_array *)object)->exports--;
}

static PyMethodDef texts_methods[] = {
    {"read", texts_read, METH_VARARGS, NULL},
    {"read_rows", texts_read_rows, METH_VARARGS, NULL},
    {"read_columns", texts_read_columns, METH_VARARGS, NULL},
    {"clear", texts_clear, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};
static PyMemberDef texts_members[] = {
    {"lead_bytes", T_PYSSIZET, offsetof(ext_text_array, lead_bytes), READONLY,
     "Bytes before each text that are memory of its object."},
    {NULL, 0, 0, 0, NULL},
};
static PySequenceMethods texts_sequence = {.sq_length = texts_length};
static PyBufferProcs texts_buffer = {.bf_getbuffer = texts_getbuffer, .bf_releasebuffer = texts_releasebuffer};

PyTypeObject ext_text_array_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "lab._extension.TextArray",
    .tp_doc = "Texts of a list as an array of pm_text, which its buffer is; each is held until the next reading.",
    .tp_basicsize = sizeof(ext_text_array),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_dealloc = texts_dealloc,
    .tp_methods = texts_methods,
    .tp_members = texts_members,
    .tp_as_sequence = &texts_sequence,
    .tp_as_buffer = &texts_buffer,
};
