/* What an assertion needs when it fails, and how often expensive ones run. */
#include "pm/assert.h"
#include <stdio.h>
#include <stdlib.h>

void pm_assert_fail(const char *condition, const char *file, int line) {
    (void)fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
    abort();
}

int pm_assert_level(void) {
    return PM_ASSERT_LEVEL;
}

bool pm_assert_due(size_t elements) {
    static PM_THREAD_LOCAL size_t credit;
    credit += PM_ASSERT_CREDIT;
    if (credit < elements) {
        return false;
    }
    credit = 0;
    return true;
}
