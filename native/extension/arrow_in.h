/* arrow_in.h: an array that came in through the Arrow C data interface, as the parts of the module share it. */
#ifndef LAB_ARROW_IN_H
#define LAB_ARROW_IN_H

#include "arrow_abi.h"
#include "extension.h"

typedef struct ext_arrow_array_object {
    ext_exporter base;
    struct ArrowArray *array; /* &own, or a child or dictionary that `parent` owns */
    struct ArrowArray own;
    PyObject *parent;
} ext_arrow;

#endif
