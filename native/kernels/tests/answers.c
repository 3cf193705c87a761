#include "answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs.h"

enum { MOST_ARGS = 8 };

static const lk_kernel *find(const lk_kernel *kernels, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(kernels[i].name, name) == 0) {
            return &kernels[i];
        }
    }
    fprintf(stderr, "no kernel %s\n", name);
    exit(1);
}

/* Section `number` of a container: its bytes, and their number in *bytes. */
static const unsigned char *section(lk_input input, unsigned number, size_t *bytes) {
    uint64_t place[2];
    memcpy(place, (const char *)input.data + 16 + number * sizeof place, sizeof place);
    *bytes = (size_t)place[1];
    return (const unsigned char *)input.data + place[0];
}

/* Sets the kernel up with "name=value,name=value..." and compares the checksum of one pass. 0 where it is unsupported.
 */
static unsigned check_pass(const lk_kernel *kernel, lk_input input, const char *arguments, uint64_t expected) {
    char text[256];
    lk_arg items[MOST_ARGS];
    lk_args args = {items, 0};
    snprintf(text, sizeof text, "%s", arguments);
    char *rest = NULL;
    for (char *item = strtok_r(text, ",", &rest); item; item = strtok_r(NULL, ",", &rest)) {
        char *equals = strchr(item, '=');
        *equals = '\0';
        items[args.count++] = (lk_arg){item, equals + 1};
    }
    void *state = NULL;
    uint64_t pass = 0;
    lk_message message = {{0}};
    const lk_status status = kernel->setup(&args, input, &state, &pass, &message);
    if (status == LK_UNSUPPORTED) {
        return 0;
    }
    lk_result result = {0, 0, 0};
    if (status != LK_OK || kernel->run(state, 0, pass, &result) != LK_OK || result.checksum != expected) {
        fprintf(stderr, "%s %s: %llx, expected %llx %s\n", kernel->name, arguments, (unsigned long long)result.checksum,
                (unsigned long long)expected, message.text);
        exit(1);
    }
    kernel->teardown(state);
    return 1;
}

static unsigned check_scan(const lk_kernel *kernel) {
    static const char *const LAYOUTS[] = {"aos", "soa", "aosoa"}, *const ORDERS[] = {"sequential", "random"};
    enum { ROWS = 128, FIELDS = 8 };
    const lk_input input = inputs_for(kernel->name);
    size_t bytes;
    const uint64_t *records = (const uint64_t *)(const void *)section(input, 0, &bytes);
    const size_t record_count = bytes / sizeof *records / FIELDS;
    unsigned checked = 0;
    for (unsigned fields = 1; fields <= FIELDS; fields *= 2) {
        uint64_t sum = 0;
        for (size_t row = 0; row < ROWS; row++) {
            for (unsigned field = 0; field < fields; field++) {
                sum += records[row % record_count * FIELDS + field];
            }
        }
        for (unsigned i = 0; i < 6; i++) {
            char text[256];
            snprintf(text, sizeof text, "layout=%s,order=%s,fields=%u,working_set=%d,pages=small", LAYOUTS[i / 2],
                     ORDERS[i % 2], fields, ROWS * FIELDS * 8);
            checked += check_pass(kernel, input, text, sum);
        }
    }
    inputs_free(input);
    return checked;
}

static unsigned check_tasks(const lk_kernel *kernel) {
    static const char *const LAYOUTS[] = {"scattered", "vec_strings", "columns"};
    enum { TASKS = 100 };
    const lk_input input = inputs_for(kernel->name);
    size_t bytes;
    const uint64_t *sources = (const uint64_t *)(const void *)section(input, 0, &bytes);
    const size_t rows = bytes / sizeof *sources - 1;
    const uint64_t *paths = (const uint64_t *)(const void *)section(input, 2, &bytes);
    const unsigned char *source_bytes = section(input, 1, &bytes), *path_bytes = section(input, 3, &bytes);
    uint64_t newlines = 0, path_sum = 0;
    for (size_t task = 0; task < TASKS; task++) {
        for (uint64_t i = sources[task % rows]; i < sources[task % rows + 1]; i++) {
            newlines += source_bytes[i] == '\n';
        }
        for (uint64_t i = paths[task % rows]; i < paths[task % rows + 1]; i++) {
            path_sum += path_bytes[i];
        }
    }
    unsigned checked = 0;
    for (unsigned i = 0; i < 3; i++) {
        char text[256];
        snprintf(text, sizeof text, "layout=%s,tasks=%d,pass=simd", LAYOUTS[i], TASKS);
        checked += check_pass(kernel, input, text, newlines);
        snprintf(text, sizeof text, "layout=%s,tasks=%d,pass=bytes", LAYOUTS[i], TASKS);
        checked += check_pass(kernel, input, text, path_sum);
    }
    inputs_free(input);
    return checked;
}

static unsigned check_stream(const lk_kernel *kernel) {
    enum { WORKING_SET = 16384 };
    const lk_input input = inputs_for(kernel->name);
    size_t bytes;
    const unsigned char *data = section(input, 0, &bytes);
    uint64_t newlines = 0, sum = 0;
    for (size_t i = 0; i < WORKING_SET; i++) {
        newlines += data[i % bytes] == '\n';
        sum += (uint64_t)data[i % bytes] << 8 * (i % 8);
    }
    unsigned checked = 0;
    for (unsigned width = 16; width <= 64; width *= 2) {
        char text[256];
        snprintf(text, sizeof text, "op=count,offset=plus_1,vector=%u,working_set=%d,pages=small", width, WORKING_SET);
        checked += check_pass(kernel, input, text, newlines);
        snprintf(text, sizeof text, "op=sum,offset=plus_63,vector=%u,working_set=%d,pages=huge", width, WORKING_SET);
        checked += check_pass(kernel, input, text, sum);
    }
    inputs_free(input);
    return checked;
}

unsigned answers_check(const lk_kernel *kernels, size_t count) {
    return check_scan(find(kernels, count, "layout.scan")) + check_tasks(find(kernels, count, "layout.tasks")) +
           check_stream(find(kernels, count, "alignment.stream"));
}
