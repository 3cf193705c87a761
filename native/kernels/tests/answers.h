/* answers.h: what some kernels must answer, computed the plain way from the input. */
#ifndef LK_TEST_ANSWERS_H
#define LK_TEST_ANSWERS_H

#include "lk/kernel.h"

/* Runs passes of layout.scan, layout.tasks and alignment.stream and compares their checksums with sums computed byte
 * by byte. Returns how many were compared; ends the process where one differs. */
unsigned answers_check(const lk_kernel *kernels, size_t count);

#endif
