/* Functions of the memory layer over the texts of a list, read where they lie, some at a time.
 *
 * The GIL is held throughout, so that no code can change the list or end its items, and no reference is taken: counting
 * references up and down writes to every object, which costs as much again as reading it. The texts read at once are
 * few, and in the nearest cache when the function gets them. Callers keep a range short, so that other threads wait no
 * longer than for any call that holds the GIL.
 *
 * Functions of the memory layer, which lives once, in lab._native, come as addresses, and so does its memory.
 */
#include "extension.h"
#include "pm/interner.h"
#include "pm/scan.h"

enum { AT_ONCE = 256 }; /* a multiple of 8: a mask of bits goes on at a whole byte */
enum { LINE = 64 };     /* of a cache; most texts lie in the three from their header on */

typedef pm_status (*intern_texts)(pm_interner *, const pm_text *, size_t, size_t, size_t, uint32_t *);
typedef pm_status (*lookup_texts)(const pm_interner *, const pm_text *, size_t, size_t, uint32_t, uint32_t *);
typedef pm_status (*scan_texts)(const pm_text *, size_t, pm_scan_test, const void *, size_t, const pm_scan_mask *,
                                size_t *);

/* What is done with texts, of which the first is number `first` of the range; the rest is for one of the functions. */
typedef struct work {
    pm_status (*run)(struct work *self, size_t first, const pm_text *texts, size_t count, size_t lead_bytes);
    void *function;
    pm_interner *interner;
    uint32_t *ids;
    uint32_t missing;
    unsigned test;
    const char *needle;
    Py_ssize_t needle_bytes;
    const pm_scan_mask *mask;
    size_t *hits;
} work;

static pm_status intern(work *self, size_t first, const pm_text *texts, size_t count, size_t lead_bytes) {
    const intern_texts function = (intern_texts)self->function;
    return function(self->interner, texts, count, lead_bytes, 1, self->ids + first);
}

static pm_status lookup(work *self, size_t first, const pm_text *texts, size_t count, size_t lead_bytes) {
    const lookup_texts function = (lookup_texts)self->function;
    return function(self->interner, texts, count, lead_bytes, self->missing, self->ids + first);
}

static pm_status scan(work *self, size_t first, const pm_text *texts, size_t count, size_t lead_bytes) {
    (void)lead_bytes;
    const scan_texts function = (scan_texts)self->function;
    const pm_scan_mask *whole = self->mask;
    const pm_scan_mask mask = {.bits = whole->bits == NULL ? NULL : whole->bits + first / 8,
                               .bytes = whole->bytes == NULL ? NULL : whole->bytes + first};
    size_t hits = 0;
    const pm_status status =
        function(texts, count, (pm_scan_test)self->test, self->needle, (size_t)self->needle_bytes, &mask, &hits);
    *self->hits += hits;
    return status;
}

static PyObject *refuse(PyObject *item, Py_ssize_t index) {
    Py_INCREF(item); /* an error may run code, which may change the list */
    ext_refuse(item, index, -1);
    Py_DECREF(item);
    return NULL;
}

/* Items first .. stop - 1: the status of the first call that failed; NULL where Python has an error. */
static PyObject *run(work *todo, PyObject *list, Py_ssize_t first, Py_ssize_t stop) {
    pm_text texts[AT_ONCE];
    pm_status status = PM_OK;
    PyObject **items;
    Py_ssize_t count;
    if (!ext_items_of(list, &items, &count)) {
        return NULL;
    }
    if (first < 0 || stop > count) {
        PyErr_Format(PyExc_RuntimeError, "the list became shorter while it was read: %zd items, before %zd or more",
                     count, stop);
        return NULL;
    }
    for (Py_ssize_t at = first; at < stop && status == PM_OK; at += AT_ONCE) {
        const Py_ssize_t length = stop - at < AT_ONCE ? stop - at : AT_ONCE;
        Py_ssize_t lead_bytes = EXT_LEAD_BYTES;
        for (Py_ssize_t i = 0; i < length; i++) {
            if (at + i + EXT_AHEAD < stop) {
                const char *object = (const char *)items[at + i + EXT_AHEAD];
                EXT_PREFETCH(object);
                EXT_PREFETCH(object + LINE);
                EXT_PREFETCH(object + 2 * LINE);
            }
            if (!ext_text_of(items[at + i], &texts[i], &lead_bytes)) {
                return refuse(items[at + i], at + i);
            }
        }
        status = todo->run(todo, (size_t)(at - first), texts, (size_t)length, (size_t)lead_bytes);
    }
    return PyLong_FromLong((long)status);
}

static int address(PyObject *number, void *out) {
    void *const place = PyLong_AsVoidPtr(number);
    memcpy(out, &place, sizeof place);
    return !PyErr_Occurred();
}

PyObject *ext_list_intern(PyObject *module, PyObject *args) {
    (void)module;
    work todo = {.run = intern};
    PyObject *list;
    Py_ssize_t first, stop;
    return PyArg_ParseTuple(args, "O&O&O&Onn:list_intern", address, &todo.function, address, &todo.interner, address,
                            &todo.ids, &list, &first, &stop)
               ? run(&todo, list, first, stop)
               : NULL;
}

PyObject *ext_list_lookup(PyObject *module, PyObject *args) {
    (void)module;
    work todo = {.run = lookup};
    PyObject *list;
    Py_ssize_t first, stop;
    return PyArg_ParseTuple(args, "O&O&O&IOnn:list_lookup", address, &todo.function, address, &todo.interner, address,
                            &todo.ids, &todo.missing, &list, &first, &stop)
               ? run(&todo, list, first, stop)
               : NULL;
}

PyObject *ext_list_scan(PyObject *module, PyObject *args) {
    (void)module;
    work todo = {.run = scan};
    PyObject *list;
    Py_ssize_t first, stop;
    return PyArg_ParseTuple(args, "O&Iy#O&O&Onn:list_scan", address, &todo.function, &todo.test, &todo.needle,
                            &todo.needle_bytes, address, &todo.mask, address, &todo.hits, &list, &first, &stop)
               ? run(&todo, list, first, stop)
               : NULL;
}
