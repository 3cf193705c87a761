/* inputs.h: small synthetic input files in the formats that the kernels read. */
#ifndef LK_TEST_INPUTS_H
#define LK_TEST_INPUTS_H

#include "lk/kernel.h"

/* The input that a kernel reads, data aligned to 64; {NULL, 0} for a kernel that reads none. End with inputs_free. */
lk_input inputs_for(const char *kernel);
void inputs_free(lk_input input);

#endif
