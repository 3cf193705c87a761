/* Huge pages: what is asked for, the fallback, the kernel's report of them, failures. */
#include "check.h"
#include "platform/platform.h"
#include <unistd.h>

enum { HUGE = PM_PAGES_HUGE_BYTES };

static void memory_is_zero_and_aligned_whatever_was_given(void) {
    for (int kind = PM_PAGES_PLAIN; kind <= PM_PAGES_EXPLICIT; kind++) {
        pm_pages pages;
        CHECK_OK(pm_pages_init(&pages, HUGE + 1, (pm_pages_kind)kind));
        const size_t step = kind == PM_PAGES_PLAIN ? pm_platform_page_bytes() : HUGE;
        CHECK_EQUAL((HUGE / step + 1) * step, pages.bytes);
        CHECK_EQUAL(0, (uintptr_t)pages.data % step);
        CHECK(pages.asked == (pm_pages_kind)kind && pages.given <= pages.asked);
        CHECK_EQUAL(pages.given == pages.asked, pages.reason[0] == '\0');
        CHECK_EQUAL(pages.given == pages.asked, pages.error == 0);
        for (size_t i = 0; i < pages.bytes; i += 512) {
            CHECK_EQUAL(0, pages.data[i]);
            pages.data[i] = 1;
        }
        pm_pages_report report;
        if (pm_pages_measure(NULL, pages.data, pages.bytes, &report) == PM_OK) {
            CHECK_EQUAL(pages.bytes, report.resident_bytes);
            CHECK(report.transparent_bytes <= pages.bytes);
            CHECK_EQUAL(pages.given == PM_PAGES_EXPLICIT ? pages.bytes : 0, report.explicit_bytes);
            CHECK_EQUAL(pages.given == PM_PAGES_EXPLICIT ? HUGE : pm_platform_page_bytes(), report.page_bytes);
        }
        pm_pages_deinit(&pages);
        CHECK(pages.data == NULL);
        pm_pages_deinit(&pages);
    }
}

static void absurd_requests_are_refused(void) {
    pm_pages pages;
    CHECK_EQUAL(PM_INVALID, pm_pages_init(&pages, 0, PM_PAGES_PLAIN));
    CHECK_EQUAL(PM_INVALID, pm_pages_init(&pages, 1, (pm_pages_kind)3));
    CHECK_EQUAL(PM_OVERFLOW, pm_pages_init(&pages, SIZE_MAX, PM_PAGES_EXPLICIT));
    CHECK_EQUAL(PM_NO_MEMORY, pm_pages_init(&pages, SIZE_MAX / 4, PM_PAGES_EXPLICIT));
}

/* A list of mappings: ordinary memory of which 4 MiB are huge, then explicit huge pages. */
static const char listing[] = "10000000-10800000 rw-p 00000000 00:00 0 \n"
                              "Size:               8192 kB\n"
                              "KernelPageSize:        4 kB\n"
                              "Rss:                6000 kB\n"
                              "AnonHugePages:      4096 kB\n"
                              "Private_Hugetlb:       0 kB\n"
                              "VmFlags: rd wr\n"
                              "20000000-20400000 rw-p 00000000 00:0f 99 /anon_hugepage (deleted)\n"
                              "KernelPageSize:     2048 kB\n"
                              "Rss:                   0 kB\n"
                              "AnonHugePages:         0 kB\n"
                              "Private_Hugetlb:    2048 kB\n";

static void the_report_is_of_the_range_alone(void) {
    char path[] = "pm_smaps_XXXXXX";
    const int file = mkstemp(path);
    CHECK(file >= 0 && write(file, listing, sizeof listing - 1) == (ssize_t)sizeof listing - 1);
    const struct {
        uintptr_t address;
        size_t bytes;
        pm_pages_report expected;
    } cases[] = {
        {0x10000000, 0x800000, {6000 << 10, 4096 << 10, 0, 4096}},
        {0x10000000, 0x200000, {0x200000, 0x200000, 0, 4096}}, /* no more than the range */
        {0x20000000, 0x400000, {2048 << 10, 0, 2048 << 10, 2048 << 10}},
        {0x30000000, 0x400000, {0, 0, 0, 0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pm_pages_report report;
        const pm_status status = pm_pages_measure(path, (void *)cases[i].address, cases[i].bytes, &report);
        if (status == PM_UNSUPPORTED) {
            break; /* a system without such a list */
        }
        CHECK_OK(status);
        CHECK_EQUAL(cases[i].expected.resident_bytes, report.resident_bytes);
        CHECK_EQUAL(cases[i].expected.transparent_bytes, report.transparent_bytes);
        CHECK_EQUAL(cases[i].expected.explicit_bytes, report.explicit_bytes);
        CHECK_EQUAL(cases[i].expected.page_bytes, report.page_bytes);
    }
    close(file);
    unlink(path);
    pm_pages_report report;
    CHECK_EQUAL(PM_UNSUPPORTED, pm_pages_measure(path, NULL, 1, &report));
}

static void a_refused_step_falls_back_to_the_next(void) {
    pm_pages pages;
    pm_fault_after(1);
    CHECK_OK(pm_pages_init(&pages, HUGE, PM_PAGES_EXPLICIT)); /* the store refuses, advice follows */
    CHECK_EQUAL(0, pm_fault_pending());
    CHECK(pages.given < PM_PAGES_EXPLICIT && pages.error != 0);
    CHECK(strstr(pages.reason, "explicit huge pages refused: ") == pages.reason);
    pm_pages_deinit(&pages);
    pm_fault_after(1);
    CHECK_EQUAL(PM_NO_MEMORY, pm_pages_init(&pages, HUGE, PM_PAGES_TRANSPARENT));
    CHECK_EQUAL(0, pm_fault_pending());
}

int main(void) {
    RUN(memory_is_zero_and_aligned_whatever_was_given);
    RUN(absurd_requests_are_refused);
    RUN(the_report_is_of_the_range_alone);
    RUN(a_refused_step_falls_back_to_the_next);
    return 0;
}
