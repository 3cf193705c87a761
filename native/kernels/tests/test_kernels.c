/* Holds every kernel of a built library to the contract of lk/kernel.h, over all combinations of parameter levels at
 * small sizes: arms agree, iterations add up, passes wrap, bad arguments and inputs are refused with a reason. */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "inputs.h"

enum { MOST_PARAMS = 8, MOST_LEVELS = 8, LEVEL_BYTES = 40, MOST_ANSWERS = 4096, RUNS = 4 };

#define REQUIRE(condition, ...)                                                                                        \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);                                                            \
            fprintf(stderr, __VA_ARGS__);                                                                              \
            fprintf(stderr, "\n");                                                                                     \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

/* Values tried for a parameter that lists no levels. */
static const struct {
    const char *kernel, *param, *values;
} TRIED[] = {
    {"layout.scan", "working_set", "4096,16385"},
    {"alignment.stream", "working_set", "8192,20000"},
    {"selftest.cache", "working_set", "512,9000"},
    {"selftest.dram", "working_set", "1048576"},
    {"selftest.dram", "seed", "0,5"},
    {"peers.copy", "array", "4096,100000"},
    {"peers.triad", "array", "4096,100000"},
    {"peers.chase", "working_set", "262144,600000"},
    {"interning.equal", "length", "1,100"},
    {"machine.read", "working_set", "4096,100000"},
    {"machine.stream", "array", "4096,100000"},
    {"machine.stream", "threads", "1,2"},
    {"prefetch.sum", "working_set", "2048,100000"},
    {"translation.pipeline", "switches", "none,all,arena+pool,intern+views+soa,simd+aligned+prefetch"},
    {"translation.pipeline", "batch", "1,10,1000"},
    {"translation.pipeline", "threads", "1,2"},
    {"", "plant", "0,20,1000"},
};

/* Values tried for a parameter that lists no levels and stands nowhere above. */
static const struct {
    const char *unit, *values;
} TRIED_BY_UNIT[] = {{"B", "1048576"}, {"count", "1,2"}};

typedef struct choice {
    char levels[MOST_PARAMS][MOST_LEVELS][LEVEL_BYTES];
    size_t counts[MOST_PARAMS];
    size_t at[MOST_PARAMS];
    lk_arg args[MOST_PARAMS + 1];
} choice;

/* Answers to the same question: all arguments but the arm's. */
typedef struct answer {
    char question[256];
    uint64_t pass;
    lk_result results[RUNS];
} answer;

static answer answers[MOST_ANSWERS];
static size_t answer_count;
static unsigned combinations, unsupported;

/* NULL: the parameter stands nowhere in TRIED. */
static const char *tried_values(const lk_kernel *kernel, const lk_param *param) {
    for (size_t i = 0; i < sizeof TRIED / sizeof *TRIED; i++) {
        if ((TRIED[i].kernel[0] == '\0' || strcmp(TRIED[i].kernel, kernel->name) == 0) &&
            strcmp(TRIED[i].param, param->name) == 0) {
            return TRIED[i].values;
        }
    }
    return NULL;
}

static const char *values_of(const lk_kernel *kernel, const lk_param *param) {
    const char *values = param->levels[0] == '\0' ? tried_values(kernel, param) : param->levels;
    for (size_t i = 0; values == NULL && i < sizeof TRIED_BY_UNIT / sizeof *TRIED_BY_UNIT; i++) {
        values = strcmp(TRIED_BY_UNIT[i].unit, param->unit) == 0 ? TRIED_BY_UNIT[i].values : NULL;
    }
    REQUIRE(values, "%s: no values to try for %s (add them to TRIED)", kernel->name, param->name);
    return values;
}

/* Whether a parameter tells arms apart: the answers of its levels must agree. That is a kernel's first parameter;
 * a planted slowdown changes no answer either. */
static bool is_arm(const lk_kernel *kernel, const char *param) {
    return strcmp(kernel->params[0].name, param) == 0 || strcmp(param, "plant") == 0;
}

static void list_levels(const lk_kernel *kernel, choice *self) {
    memset(self, 0, sizeof *self);
    REQUIRE(kernel->param_count <= MOST_PARAMS, "%s: too many parameters", kernel->name);
    for (size_t p = 0; p < kernel->param_count; p++) {
        const char *text = values_of(kernel, &kernel->params[p]);
        while (*text) {
            const size_t width = strcspn(text, ",");
            REQUIRE(self->counts[p] < MOST_LEVELS && width < LEVEL_BYTES, "%s: too many levels", kernel->name);
            memcpy(self->levels[p][self->counts[p]++], text, width);
            text += width + (text[width] == ',');
        }
    }
}

static lk_args choose(const lk_kernel *kernel, choice *self) {
    for (size_t p = 0; p < kernel->param_count; p++) {
        self->args[p] = (lk_arg){kernel->params[p].name, self->levels[p][self->at[p]]};
    }
    return (lk_args){self->args, kernel->param_count};
}

static bool next_choice(const lk_kernel *kernel, choice *self) {
    for (size_t p = 0; p < kernel->param_count; p++) {
        if (++self->at[p] < self->counts[p]) {
            return true;
        }
        self->at[p] = 0;
    }
    return false;
}

static lk_result run(const lk_kernel *kernel, void *state, uint64_t first, uint64_t count) {
    lk_result result = {99, 99, 99};
    REQUIRE(kernel->run(state, first, count, &result) == LK_OK, "%s: run(%d, %d) failed", kernel->name, (int)first,
            (int)count);
    return result;
}

static bool adds_up(lk_result whole, lk_result one, lk_result two) {
    return whole.checksum == one.checksum + two.checksum && whole.items == one.items + two.items &&
           whole.bytes == one.bytes + two.bytes;
}

static void check_sequence(const lk_kernel *kernel, void *state, uint64_t pass, lk_result results[RUNS]) {
    const uint64_t part = pass / 2 + 1;
    results[0] = run(kernel, state, 0, pass);
    results[1] = run(kernel, state, 0, part);
    results[2] = run(kernel, state, part, part);
    results[3] = run(kernel, state, pass - 1, 3);
    const lk_result both = run(kernel, state, 0, 2 * part), none = run(kernel, state, 3, 0);
    REQUIRE(results[0].items > 0 && results[0].bytes > 0, "%s: a pass does nothing", kernel->name);
    REQUIRE(adds_up(both, results[1], results[2]), "%s: iterations do not add up", kernel->name);
    REQUIRE(none.checksum == 0 && none.items == 0 && none.bytes == 0, "%s: no iterations do something", kernel->name);
    const lk_result again = run(kernel, state, 5 * pass, pass);
    REQUIRE(again.checksum == results[0].checksum, "%s: the sequence does not wrap after a pass", kernel->name);
}

static void describe(const lk_kernel *kernel, const lk_args *args, bool with_arm, char *text, size_t bytes) {
    size_t used = (size_t)snprintf(text, bytes, "%s", kernel->name);
    for (size_t i = 0; i < args->count; i++) {
        if (with_arm || !is_arm(kernel, args->items[i].name)) {
            used += (size_t)snprintf(text + used, bytes - used, " %s=%s", args->items[i].name, args->items[i].value);
        }
    }
    REQUIRE(used < bytes, "description too long");
}

/* The first arm's answer is kept, the others' are compared with it. */
static void compare_answers(const char *question, const char *described, uint64_t pass, const lk_result *results) {
    size_t i = 0;
    while (i < answer_count && strcmp(answers[i].question, question) != 0) {
        i++;
    }
    REQUIRE(i < MOST_ANSWERS, "too many answers");
    if (i == answer_count) {
        answer_count++;
        snprintf(answers[i].question, sizeof answers[i].question, "%s", question);
        answers[i].pass = pass;
        memcpy(answers[i].results, results, sizeof answers[i].results);
    }
    REQUIRE(answers[i].pass == pass, "%s: another pass than the other arm", described);
    for (int r = 0; r < RUNS; r++) {
        REQUIRE(answers[i].results[r].checksum == results[r].checksum &&
                    answers[i].results[r].items == results[r].items,
                "%s: run %d: another answer than the other arm", described, r);
    }
}

static void check_counters(const lk_kernel *kernel, void *state) {
    lk_counter counters[32];
    if (!kernel->counters) {
        return;
    }
    REQUIRE(kernel->counters(state, NULL, 0) <= 32, "%s: counters do not count without room", kernel->name);
    const size_t count = kernel->counters(state, counters, 32);
    for (size_t i = 0; i < count; i++) {
        REQUIRE(counters[i].name && counters[i].unit && counters[i].value >= 0, "%s: counter %zu", kernel->name, i);
    }
}

static void check_combination(const lk_kernel *kernel, const lk_args *args, lk_input input) {
    char question[256], described[256];
    lk_message message = {{0}};
    void *state = NULL;
    uint64_t pass = 0;
    lk_result results[RUNS];
    describe(kernel, args, false, question, sizeof question);
    describe(kernel, args, true, described, sizeof described);
    const lk_status status = kernel->setup(args, input, &state, &pass, &message);
    combinations++;
    if (status == LK_UNSUPPORTED) {
        REQUIRE(message.text[0] && !state, "%s: unsupported without a reason", described);
        unsupported++;
        return;
    }
    REQUIRE(status == LK_OK && state && pass >= 1, "%s: setup: %s", described, message.text);
    REQUIRE(message.text[0] == '\0', "%s: a message on success", described);
    check_sequence(kernel, state, pass, results);
    compare_answers(question, described, pass, results);
    check_counters(kernel, state);
    kernel->teardown(state);
}

static void require_refused(const lk_kernel *kernel, const lk_args *args, lk_input input, lk_status expected,
                            const char *why) {
    lk_message message = {{0}};
    void *state = &message;
    uint64_t pass = 0;
    const lk_status status = kernel->setup(args, input, &state, &pass, &message);
    REQUIRE(status == expected, "%s: %s: status %d, expected %d (%s)", kernel->name, why, (int)status, (int)expected,
            message.text);
    REQUIRE(message.text[0] != '\0', "%s: %s: no reason given", kernel->name, why);
    REQUIRE(state == NULL, "%s: %s: a state is left", kernel->name, why);
}

static void check_arguments(const lk_kernel *kernel, lk_input input) {
    choice chosen;
    list_levels(kernel, &chosen);
    lk_args twice = choose(kernel, &chosen);
    chosen.args[twice.count++] = chosen.args[0];
    require_refused(kernel, &twice, input, LK_INVALID, "an argument given twice");
    for (size_t p = 0; p < kernel->param_count; p++) {
        const bool bounded = kernel->params[p].levels[0] == '\0' &&
                             (strcmp(kernel->params[p].unit, "B") == 0 || tried_values(kernel, &kernel->params[p]));
        const char *const wrong[] = {"", "-1", "0x10", "1 ", "99999999999999999999", "no_such_level"};
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
            lk_args args = choose(kernel, &chosen);
            chosen.args[p].value = wrong[i];
            require_refused(kernel, &args, input, LK_INVALID, wrong[i]);
        }
        if (bounded && strcmp(kernel->params[p].name, "seed") != 0) {
            lk_args args = choose(kernel, &chosen);
            /* Below every smallest size and number of threads; 7 per mille cannot be planted. */
            chosen.args[p].value = strcmp(kernel->params[p].name, "plant") == 0 ? "7" : "0";
            require_refused(kernel, &args, input, LK_INVALID, "a number out of range");
        }
        lk_args args = choose(kernel, &chosen);
        chosen.args[p] = chosen.args[args.count - 1];
        args.count--;
        require_refused(kernel, &args, input, LK_INVALID, "a missing argument");
        args = choose(kernel, &chosen);
        chosen.args[p].name = "no_such_parameter";
        require_refused(kernel, &args, input, LK_INVALID, "an unknown argument");
    }
}

static void check_input(const lk_kernel *kernel, lk_input input) {
    choice chosen;
    list_levels(kernel, &chosen);
    for (size_t p = 0; p < kernel->param_count; p++) { /* the last level of each is the one that reads the corpus */
        chosen.at[p] = strcmp(kernel->params[p].name, "size") == 0 ? chosen.counts[p] - 1 : 0;
    }
    const lk_args args = choose(kernel, &chosen);
    unsigned char *copy = aligned_alloc(64, (input.bytes + 63) / 64 * 64);
    REQUIRE(copy, "no memory");
    require_refused(kernel, &args, (lk_input){NULL, 0}, LK_BAD_INPUT, "no input");
    require_refused(kernel, &args, (lk_input){input.data, 12}, LK_BAD_INPUT, "a cut header");
    /* format, version, sections, first section's place and length */
    const struct {
        size_t at;
        unsigned char value;
        const char *why;
    } damage[] = {{0, 'X', "another format"}, {8, 2, "a later version"},         {12, 99, "other sections"},
                  {16, 1, "a crooked place"}, {22, 1, "a place beyond the end"}, {30, 1, "a length beyond the end"}};
    for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
        memcpy(copy, input.data, input.bytes);
        copy[damage[i].at] = damage[i].value;
        require_refused(kernel, &args, (lk_input){copy, input.bytes}, LK_BAD_INPUT, damage[i].why);
    }
    memcpy(copy, input.data, input.bytes);
    memset(copy + 24, 0, 8);
    require_refused(kernel, &args, (lk_input){copy, input.bytes}, LK_BAD_INPUT, "an empty first section");
    free(copy);
}

static void check_kernel(const lk_kernel *kernel) {
    REQUIRE(kernel->abi == LK_ABI_VERSION && kernel->name && kernel->item && kernel->help, "a kernel without a name");
    for (size_t p = 0; p < kernel->param_count; p++) {
        const lk_param *param = &kernel->params[p];
        REQUIRE(param->name && param->unit && param->levels && param->help, "%s: parameter %zu", kernel->name, p);
    }
    const lk_input input = inputs_for(kernel->name);
    choice chosen;
    list_levels(kernel, &chosen);
    do {
        const lk_args args = choose(kernel, &chosen);
        check_combination(kernel, &args, input);
    } while (next_choice(kernel, &chosen));
    check_arguments(kernel, input);
    if (input.bytes) {
        check_input(kernel, input);
    }
    inputs_free(input);
}

int main(int argc, char **argv) {
    REQUIRE(argc == 2, "usage: test_kernels LIBRARY");
    void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    REQUIRE(library, "%s", dlerror());
    lk_kernels_fn kernels_v1;
    void *symbol = dlsym(library, LK_KERNELS_SYMBOL);
    memcpy(&kernels_v1, &symbol, sizeof symbol);
    size_t count = 0;
    const lk_kernel *kernels = symbol ? kernels_v1(&count) : NULL;
    REQUIRE(count > 0, "the library holds no kernels");
    for (size_t i = 0; i < count; i++) {
        for (size_t other = 0; other < i; other++) {
            REQUIRE(strcmp(kernels[i].name, kernels[other].name) != 0, "two kernels are named %s", kernels[i].name);
        }
        check_kernel(&kernels[i]);
    }
    const unsigned answered = answers_check(kernels, count);
    printf("%zu kernels, %u combinations, %u of them unsupported here, %u known answers\n", count, combinations,
           unsupported, answered);
    return 0; /* the library stays open: leak reports need its symbols */
}
