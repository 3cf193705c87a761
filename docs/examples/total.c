/* cc -O2 -fPIC -shared total.c -o libtotal_c.so */
#include "total.h"

uint64_t total(const uint32_t *values, size_t count) {
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += values[i];
    }
    return sum;
}
