/* What Linux adds: huge pages, and what the kernel says about them. */
#include "huge.h"
#include "platform.h"

#if defined(__linux__)
#include <sys/mman.h>

bool pm_platform_pages_advise_huge(void *address, size_t bytes) {
    return madvise(address, bytes, MADV_HUGEPAGE) == 0;
}

pm_status pm_platform_pages_huge_bytes(const void *address, size_t bytes, size_t *out) {
    pm_pages_report report;
    const pm_status status = pm_platform_pages_measure(NULL, address, bytes, &report);
    if (status == PM_OK) {
        *out = report.transparent_bytes;
    }
    return status;
}
#endif
typedef int pm_linux_unit; /* a translation unit must not be empty */
