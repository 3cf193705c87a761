/* Turns: who may be inside an object now, and which calls use it.
 *
 * cffi calls run without the GIL, and the C objects of the memory layer are for one thread at a time. Each object has a
 * Turn; a call takes it (`with turn:`) and has it to its end. Three rules make corruption and deadlock impossible:
 *
 * 1. A turn is never taken twice. Code that runs inside a call of its own thread (a signal handler, a codec, a
 *    finaliser, `__index__`) gets BusyError from the object, and so can neither end nor move what the call works on.
 * 2. A call that uses further objects (a batch, a pool) counts itself on each of them (`with Hold(batch, pool):`)
 *    before it takes its own turn. While `uses` is not 0 the owner refuses to end or to move its memory; other calls go
 *    on. Making a Hold takes the turn of each owner for a moment, so a count read as 0 under the turn stays 0 under it.
 * 3. A thread waits for a turn only while it has none, and a callback that C makes counts as having one. So no circle
 *    of waiting threads can form, and there is no order of locks to keep. Where it cannot wait it gets BusyError.
 *
 * Forks: a child has a copy of every object and one thread. A turn that another thread had at the fork, an object that
 * other calls used, and an object with threads of its own are lost in the child: ForkedError. All others go on.
 *
 * Everything here runs with the GIL held, which guards all fields; only the wait for another thread lets go of it.
 */
#include "extension.h"
#include <structmember.h>
#ifndef _WIN32
#include <pthread.h>
#endif

typedef struct ext_turn {
    PyObject_HEAD PyObject *name; /* of the object's class, for messages */
    unsigned long owner;          /* the thread that has the turn; 0: none */
    Py_ssize_t uses;              /* Holds that are out */
    Py_ssize_t waiting;
    PyThread_type_lock bell; /* rung by each release that someone waits for; made by the first who waits */
    unsigned long forks;     /* of this process when the turn was last looked at */
    char has_threads, lost;
} ext_turn;

static unsigned long forks;             /* children between the first process that loaded this module and this one */
static _Thread_local Py_ssize_t inside; /* turns that this thread has, and callbacks that it runs */

#ifndef _WIN32
static void turn_count_fork(void) {
    forks++;
}
#endif

int ext_turn_begin(void) {
#ifndef _WIN32
    if (pthread_atfork(NULL, NULL, turn_count_fork) != 0) {
        PyErr_NoMemory();
        return -1;
    }
#endif
    return 0;
}

/* Raises an exception of lab.memory.errors. */
static void turn_raise(const char *error, const char *format, const ext_turn *turn) {
    PyObject *module = PyImport_ImportModule("lab.memory.errors");
    PyObject *class = module == NULL ? NULL : PyObject_GetAttrString(module, error);
    if (class != NULL) {
        PyErr_Format(class, format, turn->name);
    }
    Py_XDECREF(class);
    Py_XDECREF(module);
}

/* Whether the object can be used in this process. */
static bool turn_is_here(ext_turn *turn, unsigned long me) {
    if (turn->forks != forks) {
        turn->forks = forks;
        turn->lost = turn->lost || turn->has_threads || turn->uses != 0 || (turn->owner != 0 && turn->owner != me);
    }
    return !turn->lost;
}

/* Takes the turn, or raises. */
static bool turn_take(ext_turn *turn) {
    const unsigned long me = PyThread_get_thread_ident();
    for (;;) {
        if (!turn_is_here(turn, me)) {
            turn_raise(
                "ForkedError",
                "this %U was made before a fork, and threads that are not in this child process work on it: make a "
                "new one in the child",
                turn);
            return false;
        }
        if (turn->owner == 0) {
            turn->owner = me;
            inside++;
            return true;
        }
        if (turn->owner == me) {
            turn_raise(
                "BusyError",
                "this %U is in the middle of a call of this thread: a signal handler, codec, finaliser or callback "
                "cannot use it until that call returns",
                turn);
            return false;
        }
        if (inside != 0) {
            turn_raise(
                "BusyError",
                "another thread uses this %U, and this thread cannot wait for it inside a call of another object: "
                "try again when that call has returned",
                turn);
            return false;
        }
        if (turn->bell == NULL && (turn->bell = PyThread_allocate_lock()) == NULL) {
            PyErr_NoMemory();
            return false;
        }
        PyLockStatus rung;
        turn->waiting++;
        Py_BEGIN_ALLOW_THREADS;
        rung = PyThread_acquire_lock_timed(turn->bell, -1, 1);
        Py_END_ALLOW_THREADS;
        turn->waiting--;
        if (rung == PY_LOCK_INTR && PyErr_CheckSignals() < 0) {
            return false;
        }
    }
}

static void turn_give_back(ext_turn *turn) {
    if (turn->owner == PyThread_get_thread_ident()) {
        turn->owner = 0;
        inside--;
        if (turn->waiting != 0 && turn->bell != NULL) {
            PyThread_release_lock(turn->bell);
        }
    }
}

static PyObject *turn_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    PyObject *name;
    int has_threads = 0;
    if (keywords != NULL && PyDict_GET_SIZE(keywords) != 0) {
        PyErr_SetString(PyExc_TypeError, "Turn takes no keyword arguments");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "U|p:Turn", &name, &has_threads)) {
        return NULL;
    }
    ext_turn *self = (ext_turn *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->name = Py_NewRef(name);
        self->has_threads = (char)has_threads;
        self->forks = forks;
    }
    return (PyObject *)self;
}

static void turn_dealloc(PyObject *object) {
    ext_turn *self = (ext_turn *)object;
    if (self->bell != NULL) {
        PyThread_free_lock(self->bell);
    }
    Py_DECREF(self->name);
    Py_TYPE(object)->tp_free(object);
}

static PyObject *turn_enter(PyObject *self, PyObject *unused) {
    (void)unused;
    return turn_take((ext_turn *)self) ? Py_NewRef(Py_None) : NULL;
}

static PyObject *turn_exit(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    (void)args;
    (void)count;
    turn_give_back((ext_turn *)self);
    Py_RETURN_NONE;
}

static PyObject *turn_try_enter(PyObject *object, PyObject *unused) {
    (void)unused;
    ext_turn *self = (ext_turn *)object;
    if (!turn_is_here(self, PyThread_get_thread_ident()) || self->owner != 0) {
        Py_RETURN_FALSE;
    }
    return turn_take(self) ? Py_NewRef(Py_True) : NULL;
}

static PyObject *turn_lost(PyObject *self, void *unused) {
    (void)unused;
    return PyBool_FromLong(!turn_is_here((ext_turn *)self, PyThread_get_thread_ident()));
}

static PyMethodDef turn_methods[] = {
    {"__enter__", turn_enter, METH_NOARGS, NULL},
    {"__exit__", (PyCFunction)(void (*)(void))turn_exit, METH_FASTCALL, NULL},
    {"try_enter", turn_try_enter, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};
static PyMemberDef turn_members[] = {
    {"uses", T_PYSSIZET, offsetof(ext_turn, uses), READONLY, "Calls that use the object."},
    {NULL, 0, 0, 0, NULL},
};
static PyGetSetDef turn_attributes[] = {
    {"lost", turn_lost, NULL, "Whether a fork left the object unusable in this process.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject ext_turn_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "lab._extension.Turn",
    .tp_doc = "Turn(name, has_threads=False): who may be inside an object now, and which calls use it.",
    .tp_basicsize = sizeof(ext_turn),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = turn_new,
    .tp_dealloc = turn_dealloc,
    .tp_methods = turn_methods,
    .tp_members = turn_members,
    .tp_getset = turn_attributes,
};

/* --- holds ------------------------------------------------------------------------------------------------------- */

typedef struct ext_hold {
    PyObject_HEAD PyObject *owners; /* a tuple */
    PyObject *turns;                /* those counted on */
} ext_hold;

static PyObject *hold_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
    if (keywords != NULL && PyDict_GET_SIZE(keywords) != 0) {
        PyErr_SetString(PyExc_TypeError, "Hold takes no keyword arguments");
        return NULL;
    }
    ext_hold *self = (ext_hold *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->owners = Py_NewRef(args);
    }
    return (PyObject *)self;
}

static void hold_let_go(ext_hold *self) {
    PyObject *turns = self->turns;
    self->turns = NULL;
    for (Py_ssize_t i = 0; turns != NULL && i < PyList_GET_SIZE(turns); i++) {
        ((ext_turn *)PyList_GET_ITEM(turns, i))->uses--;
    }
    Py_XDECREF(turns);
}

/* Counts the hold on one owner, and returns what its _open() gives. */
static PyObject *hold_one(ext_hold *self, PyObject *owner) {
    PyObject *turn = PyObject_GetAttrString(owner, "_turn"), *pointer = NULL;
    if (turn != NULL && !Py_IS_TYPE(turn, &ext_turn_type)) {
        PyErr_Format(PyExc_TypeError, "%s has no turn to hold", Py_TYPE(owner)->tp_name);
    } else if (turn != NULL && turn_take((ext_turn *)turn)) {
        pointer = PyObject_CallMethod(owner, "_open", NULL);
        if (pointer != NULL && PyList_Append(self->turns, turn) < 0) {
            Py_CLEAR(pointer);
        }
        if (pointer != NULL) {
            ((ext_turn *)turn)->uses++;
        }
        turn_give_back((ext_turn *)turn);
    }
    Py_XDECREF(turn);
    return pointer;
}

static PyObject *hold_enter(PyObject *object, PyObject *unused) {
    (void)unused;
    ext_hold *self = (ext_hold *)object;
    if (self->turns != NULL) {
        PyErr_SetString(PyExc_RuntimeError, "a Hold is entered once");
        return NULL;
    }
    const Py_ssize_t count = PyTuple_GET_SIZE(self->owners);
    PyObject *pointers = PyTuple_New(count);
    self->turns = pointers == NULL ? NULL : PyList_New(0);
    for (Py_ssize_t i = 0; self->turns != NULL && i < count; i++) {
        PyObject *pointer = hold_one(self, PyTuple_GET_ITEM(self->owners, i));
        if (pointer == NULL) {
            hold_let_go(self);
        } else {
            PyTuple_SET_ITEM(pointers, i, pointer);
        }
    }
    if (self->turns == NULL) {
        Py_CLEAR(pointers);
    }
    return pointers;
}

static PyObject *hold_exit(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    (void)args;
    (void)count;
    hold_let_go((ext_hold *)self);
    Py_RETURN_NONE;
}

static void hold_dealloc(PyObject *object) {
    ext_hold *self = (ext_hold *)object;
    hold_let_go(self);
    Py_DECREF(self->owners);
    Py_TYPE(object)->tp_free(object);
}

static PyMethodDef hold_methods[] = {
    {"__enter__", hold_enter, METH_NOARGS, NULL},
    {"__exit__", (PyCFunction)(void (*)(void))hold_exit, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

PyTypeObject ext_hold_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "lab._extension.Hold",
    .tp_doc =
        "Hold(owner, ...): a context in which no owner ends or moves its memory; gives what _open() of each does.",
    .tp_basicsize = sizeof(ext_hold),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = hold_new,
    .tp_dealloc = hold_dealloc,
    .tp_methods = hold_methods,
};

/* --- callbacks and forks ----------------------------------------------------------------------------------------- */

PyObject *ext_callback_begin(PyObject *module, PyObject *unused) {
    (void)module;
    (void)unused;
    inside++;
    Py_RETURN_NONE;
}

PyObject *ext_callback_end(PyObject *module, PyObject *unused) {
    (void)module;
    (void)unused;
    inside--;
    Py_RETURN_NONE;
}

PyObject *ext_fork_count(PyObject *module, PyObject *unused) {
    (void)module;
    (void)unused;
    return PyLong_FromUnsignedLong(forks);
}
