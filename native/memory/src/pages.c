/* Huge pages with a fallback that says what it did. */
#include "pm/pages.h"
#include "memory.h"
#include "platform/huge.h"
#include "platform/platform.h"
#include "size.h"
#include <errno.h>
#include <stdio.h>

/* Notes the first refusal. */
static void refuse(pm_pages *pages, int error, const char *what) {
    if (pages->reason[0] == '\0') {
        char text[96];
        pm_platform_error_text(error, text, sizeof text);
        pages->error = error;
        snprintf(pages->reason, sizeof pages->reason, "%s refused: %s", what, text);
    }
}

pm_status pm_pages_init(pm_pages *out, size_t bytes, pm_pages_kind kind) {
    if (bytes == 0 || (unsigned)kind > PM_PAGES_EXPLICIT) {
        return PM_INVALID;
    }
    pm_pages pages = {.asked = kind};
    const size_t step = kind == PM_PAGES_PLAIN ? pm_platform_page_bytes() : PM_PAGES_HUGE_BYTES;
    if (!pm_size_round_up(bytes, step, &pages.bytes)) {
        return PM_OVERFLOW;
    }
    if (kind == PM_PAGES_EXPLICIT) {
        int error = 0;
        pages.data = pm_pages_alloc_explicit(pages.bytes, &error);
        pages.given = PM_PAGES_EXPLICIT;
        if (pages.data == NULL) {
            refuse(&pages, error, "explicit huge pages");
        }
    }
    if (pages.data == NULL) {
        pages.data = pm_pages_alloc(pages.bytes, step, false);
        pages.given = PM_PAGES_PLAIN;
        if (pages.data == NULL) {
            return PM_NO_MEMORY;
        }
        if (kind != PM_PAGES_PLAIN) {
            errno = ENOSYS; /* what it stays where the system knows no such advice */
            if (pm_platform_pages_advise_huge(pages.data, pages.bytes)) {
                pages.given = PM_PAGES_TRANSPARENT;
            } else {
                refuse(&pages, errno, "transparent huge pages");
            }
        }
    }
    *out = pages;
    return PM_OK;
}

void pm_pages_deinit(pm_pages *pages) {
    if (pages->data != NULL) {
        pm_pages_free(pages->data, pages->bytes);
        *pages = (pm_pages){0};
    }
}

pm_status pm_pages_measure(const char *smaps, const void *address, size_t bytes, pm_pages_report *out) {
    return pm_platform_pages_measure(smaps, address, bytes, out);
}
