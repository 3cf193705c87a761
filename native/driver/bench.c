#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAY(message, ...) snprintf((message)->text, sizeof(message)->text, __VA_ARGS__)

typedef struct named_input {
    const char *digest;
    lk_input input;
} named_input;

struct bench {
    lp_library *libraries[BENCH_LIBRARIES];
    named_input inputs[BENCH_INPUTS];
    size_t input_count;
    bench_subject *subjects;
    size_t subject_count;
};

bench *bench_new(void) {
    bench *self = calloc(1, sizeof *self);
    if (self) {
        self->subjects = calloc(BENCH_SUBJECTS, sizeof *self->subjects);
        if (!self->subjects) {
            free(self);
            return NULL;
        }
    }
    return self;
}

void bench_free(bench *self) {
    bench_drop(self);
    for (size_t i = 0; i < self->input_count; i++) {
        lp_input_unmap(&self->inputs[i].input);
    }
    for (size_t i = 0; i < BENCH_LIBRARIES; i++) {
        lp_library_close(self->libraries[i]);
    }
    free(self->subjects);
    free(self);
}

lk_status bench_library(bench *self, size_t index, const char *path, lk_message *message) {
    if (index >= BENCH_LIBRARIES || self->libraries[index]) {
        SAY(message, "library %zu: taken or past %d", index, BENCH_LIBRARIES);
        return LK_INVALID;
    }
    self->libraries[index] = lp_library_open(path, message);
    return self->libraries[index] ? LK_OK : LK_FAILED;
}

const lp_library *bench_loaded(const bench *self, size_t index) {
    return index < BENCH_LIBRARIES ? self->libraries[index] : NULL;
}

lk_status bench_input(bench *self, const char *digest, const char *path, lk_message *message) {
    if (self->input_count == BENCH_INPUTS) {
        SAY(message, "more than %d inputs", BENCH_INPUTS);
        return LK_INVALID;
    }
    named_input *slot = &self->inputs[self->input_count];
    lk_status status = lp_input_map(path, &slot->input, message);
    if (status == LK_OK) {
        slot->digest = digest;
        self->input_count++;
    }
    return status;
}

bench_subject *bench_declare(bench *self, const char *name, const char *kernel, const char *input,
                             lk_message *message) {
    if (self->subject_count == BENCH_SUBJECTS) {
        SAY(message, "more than %d subjects", BENCH_SUBJECTS);
        return NULL;
    }
    bench_subject *subject = &self->subjects[self->subject_count++];
    subject->name = name;
    subject->kernel = kernel;
    subject->input = input;
    return subject;
}

static bench_subject *find_subject(bench *self, const char *name) {
    for (size_t i = 0; i < self->subject_count; i++) {
        if (strcmp(self->subjects[i].name, name) == 0) {
            return &self->subjects[i];
        }
    }
    return NULL;
}

lk_status bench_ready(bench *self, const char *name, size_t library, lp_subject **ready, lk_message *message) {
    bench_subject *subject = find_subject(self, name);
    if (!subject || library >= BENCH_LIBRARIES || !self->libraries[library]) {
        SAY(message, "no subject %s or no library %zu in the plan", name, library);
        return LK_INVALID;
    }
    *ready = &subject->ready[library];
    if ((*ready)->state) {
        return LK_OK;
    }
    const lk_kernel *kernel = lp_library_find(self->libraries[library], subject->kernel);
    if (!kernel) {
        SAY(message, "the kernel library has no kernel %s", subject->kernel);
        return LK_INVALID;
    }
    lk_input input = {NULL, 0};
    for (size_t i = 0; i < self->input_count; i++) {
        if (strcmp(self->inputs[i].digest, subject->input) == 0) {
            input = self->inputs[i].input;
        }
    }
    lk_args args = {subject->args, subject->arg_count};
    return lp_subject_setup(kernel, &args, input, *ready, message);
}

void bench_drop(bench *self) {
    for (size_t i = 0; i < self->subject_count; i++) {
        for (size_t library = 0; library < BENCH_LIBRARIES; library++) {
            lp_subject_teardown(&self->subjects[i].ready[library]);
        }
    }
}
