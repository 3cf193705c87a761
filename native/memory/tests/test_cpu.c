/* Paths: the best one is chosen, another can be, one that the machine lacks cannot. */
#include "check.h"

static void the_best_path_is_chosen_and_another_can_be(void) {
    const pm_cpu_path best = pm_cpu_best();
    CHECK(pm_cpu_has(PM_CPU_SCALAR) && pm_cpu_has(best));
    CHECK_EQUAL(best, pm_cpu_selected());
    for (pm_cpu_path path = PM_CPU_SCALAR; path < PM_CPU_PATHS; path++) {
        const pm_cpu_path before = pm_cpu_selected();
        CHECK(!pm_cpu_has(path) || path <= best);
        CHECK_EQUAL(pm_cpu_has(path) ? PM_OK : PM_UNSUPPORTED, pm_cpu_select(path));
        CHECK_EQUAL(pm_cpu_has(path) ? path : before, pm_cpu_selected());
        CHECK(pm_cpu_path_name(path) != NULL);
    }
    CHECK_OK(pm_cpu_select(best));
    CHECK_EQUAL(PM_UNSUPPORTED, pm_cpu_select(PM_CPU_PATHS));
    CHECK(pm_cpu_path_name(PM_CPU_PATHS) == NULL);
    CHECK(strcmp("scalar", pm_cpu_path_name(PM_CPU_SCALAR)) == 0);
}

static void the_largest_cache_has_a_plausible_size(void) {
    CHECK(pm_cpu_cache_bytes() >= 64 << 10 && pm_cpu_cache_bytes() <= (size_t)4 << 30);
    CHECK_EQUAL(pm_cpu_cache_bytes(), pm_cpu_cache_bytes());
}

int main(void) {
    RUN(the_best_path_is_chosen_and_another_can_be);
    RUN(the_largest_cache_has_a_plausible_size);
    return 0;
}
