/* The ledger: what reaches the system is counted, whichever thread asks; the planned failure happens once. */
#include "check.h"
#include <pthread.h>

static pm_ledger read_ledger(void) {
    pm_ledger ledger;
    pm_ledger_read(&ledger);
    return ledger;
}

static void a_block_is_counted_when_it_comes_and_when_it_goes(void) {
    const pm_ledger before = read_ledger();
    pm_strbuf string;
    CHECK_OK(pm_strbuf_init(&string, 1000));
    const pm_ledger held = read_ledger();
    CHECK_EQUAL(1, held.allocation_count - before.allocation_count);
    CHECK_EQUAL(1000, held.live_bytes - before.live_bytes);
    pm_strbuf_deinit(&string);
    const pm_ledger after = read_ledger();
    CHECK_EQUAL(1, after.free_count - before.free_count);
    CHECK_EQUAL(before.live_bytes, after.live_bytes);
    CHECK(after.peak_bytes >= held.live_bytes);
}

static void growth_keeps_the_balance(void) {
    const pm_ledger before = read_ledger();
    pm_buffer buffer;
    CHECK_OK(pm_buffer_init(&buffer, NULL));
    CHECK_OK(pm_buffer_resize(&buffer, 64));
    CHECK_OK(pm_buffer_resize(&buffer, 128));
    const pm_ledger after = read_ledger();
    CHECK_EQUAL(2, after.allocation_count - before.allocation_count);
    CHECK_EQUAL(1, after.moved_count - before.moved_count);
    CHECK_EQUAL(64, after.moved_bytes - before.moved_bytes);
    CHECK_EQUAL(128, after.live_bytes - before.live_bytes);
    pm_buffer_deinit(&buffer);
}

static void the_planned_failure_happens_once(void) {
    pm_strbuf string;
    const uint64_t failed = read_ledger().failed_count;
    pm_fault_after(2);
    CHECK_OK(pm_strbuf_init(&string, 10));
    CHECK_EQUAL(1, pm_fault_pending());
    CHECK_EQUAL(PM_NO_MEMORY, pm_strbuf_reserve(&string, 100));
    CHECK_EQUAL(0, pm_fault_pending());
    CHECK_OK(pm_strbuf_reserve(&string, 100));
    CHECK_EQUAL(failed + 1, read_ledger().failed_count);
    pm_strbuf_deinit(&string);
}

static void *allocate_a_megabyte(void *unused) {
    (void)unused;
    for (int i = 0; i < 50; i++) {
        pm_strbuf string;
        CHECK_OK(pm_strbuf_init(&string, 1 << 20));
        pm_strbuf_deinit(&string);
    }
    return NULL;
}

static void threads_that_ended_are_in_the_sums(void) {
    const pm_ledger before = read_ledger();
    for (int round = 0; round < 3; round++) {
        pthread_t threads[3];
        for (int i = 0; i < 3; i++) {
            CHECK_EQUAL(0, pthread_create(&threads[i], NULL, allocate_a_megabyte, NULL));
        }
        for (int i = 0; i < 3; i++) {
            CHECK_EQUAL(0, pthread_join(threads[i], NULL));
        }
    }
    const pm_ledger after = read_ledger();
    CHECK_EQUAL(450, after.allocation_count - before.allocation_count);
    CHECK_EQUAL(450, after.free_count - before.free_count);
    CHECK_EQUAL(before.live_bytes, after.live_bytes);
    CHECK(after.peak_bytes >= before.live_bytes + (1 << 20));
    CHECK(after.peak_bytes <= before.peak_bytes + 3 * (1 << 20)); /* not a megabyte for each of the nine */
}

static void *end_string(void *string) {
    pm_strbuf_deinit(string);
    return NULL;
}

static void a_block_may_go_on_another_thread(void) {
    const uint64_t live = check_live_bytes();
    pm_strbuf string;
    pthread_t thread;
    CHECK_OK(pm_strbuf_init(&string, 5000));
    CHECK_EQUAL(0, pthread_create(&thread, NULL, end_string, &string));
    CHECK_EQUAL(0, pthread_join(thread, NULL));
    CHECK_EQUAL(live, check_live_bytes());
}

static void every_status_has_words(void) {
    for (int status = PM_OK; status <= PM_CANCELLED; status++) {
        CHECK(strcmp(pm_status_text((pm_status)status), "unknown status") != 0);
    }
    CHECK(strcmp(pm_status_text((pm_status)99), "unknown status") == 0);
}

int main(void) {
    RUN(a_block_is_counted_when_it_comes_and_when_it_goes);
    RUN(growth_keeps_the_balance);
    RUN(the_planned_failure_happens_once);
    RUN(threads_that_ended_are_in_the_sums);
    RUN(a_block_may_go_on_another_thread);
    RUN(every_status_has_words);
    return 0;
}
