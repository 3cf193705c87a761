/* Kernels that the probes' tests measure: what each does is known exactly. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lk/kernel.h"

typedef struct work {
    size_t bytes;
    unsigned char *data;
    int what;
} work;

enum { SUM, ALLOCATE, MAP, THREAD, CRASH, HANG, LEDGER };

static void *sleep_on(void *nothing) {
    pause();
    return nothing;
}

static lk_status setup(int what, const lk_args *args, void **state, uint64_t *pass) {
    work *self = calloc(1, sizeof *self);
    self->bytes = 4096;
    self->what = what;
    for (size_t i = 0; i < args->count; i++) {
        if (strcmp(args->items[i].name, "bytes") == 0) {
            self->bytes = (size_t)strtoull(args->items[i].value, NULL, 10);
        }
    }
    self->data = malloc(self->bytes);
    memset(self->data, 1, self->bytes);
    if (what == THREAD) {
        pthread_t thread;
        pthread_create(&thread, NULL, sleep_on, NULL);
    }
    *state = self;
    *pass = what == ALLOCATE ? 100 : self->bytes / 64;
    return LK_OK;
}

#define SETUP(name, what)                                                                                              \
    static lk_status name(const lk_args *args, lk_input input, void **state, uint64_t *pass, lk_message *message) {    \
        (void)input, (void)message;                                                                                    \
        return setup(what, args, state, pass);                                                                         \
    }
SETUP(setup_sum, SUM)
SETUP(setup_allocate, ALLOCATE)
SETUP(setup_map, MAP)
SETUP(setup_thread, THREAD)
SETUP(setup_crash, CRASH)
SETUP(setup_hang, HANG)
SETUP(setup_ledger, LEDGER)

static lk_status setup_refuse(const lk_args *args, lk_input input, void **state, uint64_t *pass, lk_message *message) {
    (void)args, (void)input, (void)state, (void)pass;
    strcpy(message->text, "needs a machine of another kind");
    return LK_UNSUPPORTED;
}

static lk_status run(void *state, uint64_t first, uint64_t count, lk_result *result) {
    work *self = state;
    uint64_t sum = 0;
    for (uint64_t i = first; i < first + count; i++) {
        if (self->what == ALLOCATE) { /* one block of 1000 bytes and one of 24, freed */
            volatile char *large = malloc(1000), *small = malloc(24);
            large[0] = small[0] = 1;
            sum += (uint64_t)large[0] + (uint64_t)small[0];
            free((void *)large);
            free((void *)small);
        } else if (self->what == MAP) { /* the size of the working set, mapped and unmapped */
            char *mapping = mmap(NULL, self->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            mapping[0] = 1;
            sum += (uint64_t)mapping[0];
            munmap(mapping, self->bytes);
        } else {
            sum += self->data[i % (self->bytes / 64) * 64];
        }
    }
    if (self->what == CRASH) {
        raise(SIGSEGV);
    }
    if (self->what == HANG) {
        pause();
    }
    *result = (lk_result){sum, count, count * 64};
    return LK_OK;
}

static void teardown(void *state) {
    work *self = state;
    free(self->data);
    free(self);
}

static size_t ledger(void *state, lk_counter *counters, size_t capacity) {
    (void)state;
    if (capacity) {
        counters[0] = (lk_counter){"copied_bytes", "B", 640};
    }
    return 1;
}

LK_EXPORT const lk_kernel *lk_kernels_v1(size_t *count) {
    static const lk_param params[] = {{"bytes", "B", "", "working set"}};
    static const lk_kernel kernels[] = {
        {LK_ABI_VERSION, "test.sum", "line", "", params, 1, setup_sum, run, teardown, NULL},
        {LK_ABI_VERSION, "test.allocate", "pair", "", params, 1, setup_allocate, run, teardown, NULL},
        {LK_ABI_VERSION, "test.map", "mapping", "", params, 1, setup_map, run, teardown, NULL},
        {LK_ABI_VERSION, "test.thread", "line", "", params, 1, setup_thread, run, teardown, NULL},
        {LK_ABI_VERSION, "test.crash", "line", "", params, 1, setup_crash, run, teardown, NULL},
        {LK_ABI_VERSION, "test.hang", "line", "", params, 1, setup_hang, run, teardown, NULL},
        {LK_ABI_VERSION, "test.ledger", "line", "", params, 1, setup_ledger, run, teardown, ledger},
        {LK_ABI_VERSION, "test.refuse", "line", "", params, 1, setup_refuse, run, teardown, NULL},
    };
    *count = sizeof kernels / sizeof *kernels;
    return kernels;
}
