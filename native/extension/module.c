/* The module lab._extension. */
#include "extension.h"

static PyMethodDef methods[] = {
    {"arrow_schema", ext_arrow_schema, METH_VARARGS, NULL},
    {"arrow_array", ext_arrow_array, METH_VARARGS, NULL},
    {"arrow_read_schema", ext_arrow_read_schema, METH_O, NULL},
    {"arrow_read_array", ext_arrow_read_array, METH_O, NULL},
    {"arrow_read_stream", ext_arrow_read_stream, METH_O, NULL},
    {"arrow_view", ext_arrow_view, METH_VARARGS, NULL},
    {"views_bytes", ext_views_bytes, METH_VARARGS, NULL},
    {"views_copy", ext_views_copy, METH_VARARGS, NULL},
    {"views_texts", ext_views_texts, METH_VARARGS, NULL},
    {"codes_order", ext_codes_order, METH_VARARGS, NULL},
    {"is_utf8", ext_is_utf8, METH_VARARGS, NULL},
    {"offsets_rise", ext_offsets_rise, METH_O, NULL},
    {"list_intern", ext_list_intern, METH_VARARGS, NULL},
    {"list_lookup", ext_list_lookup, METH_VARARGS, NULL},
    {"list_scan", ext_list_scan, METH_VARARGS, NULL},
    {"callback_begin", ext_callback_begin, METH_NOARGS, NULL},
    {"callback_end", ext_callback_end, METH_NOARGS, NULL},
    {"fork_count", ext_fork_count, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static int add_types(PyObject *module) {
    PyTypeObject *const types[] = {&ext_exporter_type,   &ext_buffer_exporter_type, &ext_export_type,
                                   &ext_text_array_type, &ext_arrow_array_type,     &ext_turn_type,
                                   &ext_hold_type};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (PyModule_AddType(module, types[i]) < 0) {
            return -1;
        }
    }
    return ext_turn_begin();
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, add_types}, {0, NULL}};

static struct PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "lab._extension",
    .m_doc = "What the memory layer needs of Python's own objects; see lab/_extension.pyi.",
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__extension(void) {
    return PyModuleDef_Init(&definition);
}
