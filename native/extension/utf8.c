/* What can be wrong with a column: offsets that decrease, and rows that are not UTF-8 each by itself, by the table of
 * well-formed byte sequences of the Unicode Standard (chapter 3, table 3-7). ASCII goes 64 bytes at a time. */
#include "extension.h"
#include <string.h>

/* Bytes of the well-formed sequence at `p`, 0 where there is none; end - p is at least 1. */
static size_t sequence_bytes(const unsigned char *p, const unsigned char *end) {
    const unsigned char lead = p[0];
    if (lead < 0x80) {
        return 1;
    }
    const size_t bytes = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    if (bytes == 0 || (size_t)(end - p) < bytes) {
        return 0;
    }
    /* No overlong form, no surrogate, nothing beyond U+10FFFF. */
    const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (p[1] < low || p[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < bytes; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return bytes;
}

static bool is_utf8(const unsigned char *p, const unsigned char *end) {
    while (p < end) {
        uint64_t block[8];
        while ((size_t)(end - p) >= sizeof block) {
            memcpy(block, p, sizeof block);
            const uint64_t any = block[0] | block[1] | block[2] | block[3] | block[4] | block[5] | block[6] | block[7];
            if ((any & UINT64_C(0x8080808080808080)) != 0) {
                break;
            }
            p += sizeof block;
        }
        const unsigned char *stop = (size_t)(end - p) < sizeof block ? end : p + sizeof block;
        while (p < stop) {
            const size_t bytes = sequence_bytes(p, end);
            if (bytes == 0) {
                return false;
            }
            p += bytes;
        }
    }
    return true;
}

static int64_t offset_at(const Py_buffer *offsets, Py_ssize_t row) {
    return offsets->itemsize == 4 ? ((const int32_t *)offsets->buf)[row] : ((const int64_t *)offsets->buf)[row];
}

/* 1 where each row is UTF-8, 0 where one is not, -1 where offsets decrease or leave the data. */
static int check(const Py_buffer *data, const Py_buffer *offsets, Py_ssize_t count) {
    const unsigned char *text = data->buf;
    const int64_t last = offset_at(offsets, count - 1);
    int64_t before = 0;
    int whole = 1;
    for (Py_ssize_t i = 0; i < count; i++) {
        const int64_t offset = offset_at(offsets, i);
        if (offset < before || offset > data->len) {
            return -1;
        }
        if (offset < last && (text[offset] & 0xC0) == 0x80) {
            whole = 0; /* a row begins inside a character */
        }
        before = offset;
    }
    return whole && is_utf8(text + offset_at(offsets, 0), text + before);
}

PyObject *ext_is_utf8(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *data_object, *offsets_object, *result = NULL;
    Py_buffer data, offsets;
    if (!PyArg_ParseTuple(args, "OO:is_utf8", &data_object, &offsets_object) ||
        PyObject_GetBuffer(data_object, &data, PyBUF_C_CONTIGUOUS) < 0) {
        return NULL;
    }
    if (PyObject_GetBuffer(offsets_object, &offsets, PyBUF_C_CONTIGUOUS) == 0) {
        const Py_ssize_t count = offsets.itemsize == 4 || offsets.itemsize == 8 ? offsets.len / offsets.itemsize : 0;
        if (count == 0) {
            PyErr_SetString(PyExc_ValueError, "offsets must be one or more numbers of 32 or 64 bits");
        } else {
            int answer;
            Py_BEGIN_ALLOW_THREADS;
            answer = check(&data, &offsets, count);
            Py_END_ALLOW_THREADS;
            if (answer < 0) {
                PyErr_SetString(PyExc_ValueError, "offsets must not decrease, be negative or pass the end of the data");
            } else {
                result = PyBool_FromLong(answer);
            }
        }
        PyBuffer_Release(&offsets);
    }
    PyBuffer_Release(&data);
    return result;
}

enum { AT_ONCE = 32 }; /* a loop of its own over so many becomes vectors */

static bool rise_32(const int32_t *offsets, Py_ssize_t rows) {
    unsigned falls = offsets[0] < 0;
    for (; rows >= AT_ONCE; rows -= AT_ONCE, offsets += AT_ONCE) {
        for (Py_ssize_t i = 0; i < AT_ONCE; i++) {
            falls |= offsets[i + 1] < offsets[i];
        }
    }
    for (Py_ssize_t i = 0; i < rows; i++) {
        falls |= offsets[i + 1] < offsets[i];
    }
    return falls == 0;
}

static bool rise_64(const int64_t *offsets, Py_ssize_t rows) {
    unsigned falls = offsets[0] < 0;
    for (Py_ssize_t i = 0; i < rows; i++) {
        falls |= offsets[i + 1] < offsets[i];
    }
    return falls == 0;
}

PyObject *ext_offsets_rise(PyObject *module, PyObject *object) {
    (void)module;
    Py_buffer offsets;
    if (PyObject_GetBuffer(object, &offsets, PyBUF_C_CONTIGUOUS) < 0) {
        return NULL;
    }
    const Py_ssize_t count = offsets.itemsize == 4 || offsets.itemsize == 8 ? offsets.len / offsets.itemsize : 0;
    PyObject *result = NULL;
    if (count == 0) {
        PyErr_SetString(PyExc_ValueError, "offsets must be one or more numbers of 32 or 64 bits");
    } else {
        bool rise;
        Py_BEGIN_ALLOW_THREADS;
        rise = offsets.itemsize == 4 ? rise_32(offsets.buf, count - 1) : rise_64(offsets.buf, count - 1);
        Py_END_ALLOW_THREADS;
        result = PyBool_FromLong(rise);
    }
    PyBuffer_Release(&offsets);
    return result;
}
