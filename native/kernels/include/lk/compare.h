/* lk/compare.h: several ways of doing one thing, measured against each other by `lab compare FILE.c`.
 *
 * Include it in one C file, mark each way with LK_ARM, and run `lab compare FILE.c`. The first arm in the file is the
 * baseline. `lab compare --print-template c` prints a file to start from.
 *
 *     #include <lk/compare.h>
 *
 *     static uint64_t plain(const lk_data *data) { ... return sum; }
 *     static uint64_t unrolled(const lk_data *data) { ... return sum; }
 *
 *     LK_ARM(plain)
 *     LK_ARM(unrolled)
 *
 * LK_ARM(function): an arm. The function takes a pointer to the case's input and returns a number: its answer, which
 * keeps the work alive. All arms must return the same (floating-point answers to about nine digits) unless
 * `--no-check` is given. One call is one item. A call must leave the input as it found it, or restore it.
 *
 * LK_CASE(type, setup, teardown): what the arms get, once in a file and before the first LK_ARM. Each process makes an
 * input of that type for each arm: zeroed, aligned to 64 bytes, filled by
 *     const char *setup(type *input, const lk_data *data)    NULL, or why it failed: a static string
 * and emptied by `void teardown(type *input)`; either may be NULL. `data` is the file given with --data, mapped
 * read-only: it outlives the input. Without LK_CASE the arms get `const lk_data *`, the file itself.
 *
 * The file is compiled with -O3 -g -std=gnu11 and the flags given with --cflags, four times with different padding, so
 * that the place of the code in memory is drawn at random.
 */
#ifndef LK_COMPARE_H
#define LK_COMPARE_H

#ifdef __cplusplus
#error                                                                                                                 \
    "lk/compare.h is for C; for C++, export functions with extern \"C\" and compare shared libraries: lab compare --help"
#endif

#if defined(LK_LAYOUT_PAD) && LK_LAYOUT_PAD > 0
#define LK_TEXT_(x) #x
#define LK_EXPAND_(x) LK_TEXT_(x)
__asm__(".text\n\t.balign 64\n\t.zero " LK_EXPAND_(LK_LAYOUT_PAD) "\n");
#endif

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lk/kernel.h"

#if defined(__GNUC__) && !defined(__clang__)
#define LK_APART_ __attribute__((noipa))
#else
#define LK_APART_ __attribute__((noinline))
#endif

enum { LK_MOST_ARMS = 64, LK_ALIGN_BYTES = 64 };

/* The file given with --data; bytes is NULL and count 0 where there is none, or where it is empty. */
typedef struct lk_data {
    const unsigned char *bytes;
    size_t count;
} lk_data;

/* --- from here on: how it works */

typedef struct lk_arm_ {
    const char *name;
    uint64_t (*run)(void *input);
} lk_arm_;

typedef struct lk_case_ {
    size_t bytes; /* of the input; 0: the arms get the data */
    const char *(*setup)(void *input, const lk_data *data);
    void (*teardown)(void *input);
} lk_case_;

typedef struct lk_state_ {
    uint64_t (*run)(void *input);
    void *input;
    lk_data data;
    bool checked;
} lk_state_;

static lk_arm_ lk_arms_[LK_MOST_ARMS];
static size_t lk_arm_count_;
static lk_case_ lk_case_of_file_; /* tentative: LK_CASE defines it */

static inline uint64_t lk_answer_integer_(uint64_t value) {
    return value;
}

/* The leading 32 bits of the mantissa and the exponent: sums in another order differ in the last bits. */
static inline uint64_t lk_answer_double_(double value) {
    int exponent = 0;
    const double mantissa = value == value ? frexp(value, &exponent) : 2.0;
    return (uint64_t)(int64_t)round(mantissa * 4294967296.0) * 2654435761u + (uint64_t)(int64_t)exponent;
}

static inline uint64_t lk_answer_float_(float value) {
    int exponent = 0;
    const float mantissa = value == value ? frexpf(value, &exponent) : 2.0f;
    return (uint64_t)(int64_t)roundf(mantissa * 65536.0f) * 2654435761u + (uint64_t)(int64_t)exponent;
}

#define LK_ANSWER_(value)                                                                                              \
    _Generic((value), float: lk_answer_float_, double: lk_answer_double_, default: lk_answer_integer_)(value)

static void lk_add_arm_(const char *name, uint64_t (*run)(void *input)) {
    if (lk_arm_count_ < LK_MOST_ARMS) {
        lk_arms_[lk_arm_count_++] = (lk_arm_){name, run};
    }
}

/* Both end with a function, so that a semicolon after them may stand or be left out. */
#define LK_ARM(function_)                                                                                              \
    static LK_APART_ uint64_t lk_run_##function_(void *lk_input_) {                                                    \
        return LK_ANSWER_(function_(lk_input_));                                                                       \
    }                                                                                                                  \
    __attribute__((constructor)) static void lk_add_##function_(void) {                                                \
        lk_add_arm_(#function_, lk_run_##function_);                                                                   \
    }

#define LK_CASE(type_, setup_, teardown_)                                                                              \
    static const char *lk_setup_case_(void *lk_input_, const lk_data *lk_data_);                                       \
    static void lk_teardown_case_(void *lk_input_);                                                                    \
    static lk_case_ lk_case_of_file_ = {sizeof(type_), lk_setup_case_, lk_teardown_case_};                             \
    static const char *lk_setup_case_(void *lk_input_, const lk_data *lk_data_) {                                      \
        const char *(*const lk_function_)(type_ *, const lk_data *) = setup_;                                          \
        return lk_function_ ? lk_function_((type_ *)lk_input_, lk_data_) : NULL;                                       \
    }                                                                                                                  \
    static void lk_teardown_case_(void *lk_input_) {                                                                   \
        void (*const lk_function_)(type_ *) = teardown_;                                                               \
        if (lk_function_) {                                                                                            \
            lk_function_((type_ *)lk_input_);                                                                          \
        }                                                                                                              \
    }

static void lk_compare_teardown_(void *state) {
    lk_state_ *self = state;
    if (self && self->input && lk_case_of_file_.bytes) {
        lk_case_of_file_.teardown(self->input);
        free(self->input);
    }
    free(self);
}

static void *lk_new_input_(void) {
    const size_t bytes = (lk_case_of_file_.bytes + LK_ALIGN_BYTES - 1) / LK_ALIGN_BYTES * LK_ALIGN_BYTES;
    void *input = aligned_alloc(LK_ALIGN_BYTES, bytes);
    return input ? memset(input, 0, bytes) : NULL;
}

static lk_status lk_compare_setup_(const lk_args *args, lk_input input, void **state, uint64_t *pass,
                                   lk_message *message) {
    const char *arm = "", *checked = "yes";
    for (size_t i = 0; i < args->count; i++) {
        if (strcmp(args->items[i].name, "arm") == 0) {
            arm = args->items[i].value;
        } else if (strcmp(args->items[i].name, "check") == 0) {
            checked = args->items[i].value;
        }
    }
    lk_state_ *self = calloc(1, sizeof *self);
    if (!self) {
        return LK_NO_MEMORY;
    }
    for (size_t i = 0; i < lk_arm_count_; i++) {
        if (strcmp(lk_arms_[i].name, arm) == 0) {
            self->run = lk_arms_[i].run;
        }
    }
    self->data = (lk_data){input.data, input.bytes};
    self->checked = strcmp(checked, "no") != 0;
    if (!self->run) {
        snprintf(message->text, sizeof message->text, "there is no arm \"%s\"", arm);
        free(self);
        return LK_INVALID;
    }
    self->input = lk_case_of_file_.bytes ? lk_new_input_() : &self->data;
    const char *trouble = self->input ? NULL : "no memory for the input";
    if (self->input && lk_case_of_file_.bytes) {
        trouble = lk_case_of_file_.setup(self->input, &self->data);
    }
    if (trouble) {
        snprintf(message->text, sizeof message->text, "setup: %s", trouble);
        if (lk_case_of_file_.bytes) {
            free(self->input);
        }
        free(self);
        return LK_FAILED;
    }
    *state = self;
    *pass = 1;
    return LK_OK;
}

static lk_status lk_compare_run_(void *state, uint64_t first, uint64_t count, lk_result *result) {
    (void)first;
    const lk_state_ *self = state;
    uint64_t checksum = 0;
    for (uint64_t i = 0; i < count; i++) {
        checksum += self->run(self->input);
    }
    *result = (lk_result){.checksum = self->checked ? checksum : 0, .items = count, .bytes = 0};
    return LK_OK;
}

LK_EXPORT const lk_kernel *lk_kernels_v1(size_t *count) {
    static char levels[64 * LK_MOST_ARMS];
    static lk_param params[2] = {{"arm", "", levels, "which of the ways"},
                                 {"check", "", "yes,no", "whether the answers of the arms are compared"}};
    static const lk_kernel kernel = {.abi = LK_ABI_VERSION,
                                     .name = "compare",
                                     .item = "call",
                                     .help = "the arms of this file",
                                     .params = params,
                                     .param_count = 2,
                                     .setup = lk_compare_setup_,
                                     .run = lk_compare_run_,
                                     .teardown = lk_compare_teardown_};
    size_t used = 0;
    for (size_t i = 0; i < lk_arm_count_ && used < sizeof levels; i++) {
        used += (size_t)snprintf(levels + used, sizeof levels - used, "%s%s", i ? "," : "", lk_arms_[i].name);
    }
    *count = 1;
    return &kernel;
}

#endif
