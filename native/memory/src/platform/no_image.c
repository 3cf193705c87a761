/* Images where the system cannot lay a private view of a file over part of a reservation: there are none. */
#include "reserve.h"

#if !defined(__linux__)
pm_status pm_platform_image_new(const void *data, size_t bytes, int *file, const unsigned char **content) {
    (void)data;
    (void)bytes;
    (void)file;
    (void)content;
    return PM_UNSUPPORTED;
}

void pm_platform_image_free(int file, const unsigned char *content, size_t bytes) {
    (void)file;
    (void)content;
    (void)bytes;
}

bool pm_platform_image_place(int file, void *address, size_t bytes) {
    (void)file;
    (void)address;
    (void)bytes;
    return false;
}
#endif
typedef int pm_no_image_unit; /* a translation unit must not be empty */
