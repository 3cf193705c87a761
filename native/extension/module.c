/* The module lab._fast. */
#include "fast.h"

static PyMethodDef methods[] = {
    {"arrow_schema", fast_arrow_schema, METH_VARARGS, NULL},
    {"arrow_array", fast_arrow_array, METH_VARARGS, NULL},
    {"arrow_read_schema", fast_arrow_read_schema, METH_O, NULL},
    {"arrow_read_array", fast_arrow_read_array, METH_O, NULL},
    {"arrow_read_stream", fast_arrow_read_stream, METH_O, NULL},
    {"arrow_view", fast_arrow_view, METH_VARARGS, NULL},
    {"views_bytes", fast_views_bytes, METH_VARARGS, NULL},
    {"views_copy", fast_views_copy, METH_VARARGS, NULL},
    {"is_utf8", fast_is_utf8, METH_VARARGS, NULL},
    {"offsets_rise", fast_offsets_rise, METH_O, NULL},
    {"list_intern", fast_list_intern, METH_VARARGS, NULL},
    {"list_lookup", fast_list_lookup, METH_VARARGS, NULL},
    {"list_scan", fast_list_scan, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static int add_types(PyObject *module) {
    PyTypeObject *const types[] = {&fast_exporter_type, &fast_buffer_exporter_type, &fast_export_type, &fast_texts_type,
                                   &fast_arrow_array_type};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (PyModule_AddType(module, types[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, add_types}, {0, NULL}};

static struct PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "lab._fast",
    .m_doc = "What the memory layer needs of Python's own objects; see lab/_fast.pyi.",
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__fast(void) {
    return PyModuleDef_Init(&definition);
}
