/* lab-kernel: one worker process. It reads a plan from standard input and answers with JSON lines, on the descriptor
 * that --answers names: standard output and standard error belong to the kernels.
 *
 * The plan is text: one command a line, fields separated by tabs, read whole before anything runs.
 *   lib     N PATH                            open kernel library number N
 *   input   DIGEST PATH                       map an input file
 *   subject NAME KERNEL DIGEST|- KEY=VALUE... name a kernel with its arguments; set up when first used
 *   ready   ID SUBJECT LIB                    set a subject up now: the order of these lines is the order in memory
 *   pair    ID BASELINE TREATMENT LIB_BASELINE LIB_TREATMENT warm|cold PAIRS SAMPLE_NS EVICT_BYTES SEED MOST_NS
 *           ITERATIONS pass|pairs
 *           time two subjects in PAIRS pairs per order, fewer where that takes more than MOST_NS; ITERATIONS = of a
 *           sample, 0: to be found; pass: compare the answers of a whole pass first; pairs: only those of the pairs
 *   alone   ID SUBJECT LIB warm|cold SAMPLES SAMPLE_NS EVICT_BYTES SEED MOST_NS ITERATIONS
 *   count   ID SUBJECT LIB MOST_ITERATIONS [--apart] [--events] [--resident] [--allocations]
 *           one pass to warm up and one inside lp_region, for counting tools: see count.h
 *   events                                    which perf events can be counted here
 *   sweep   ID MOST_BYTES SEED                latency of dependent loads by working set: see lp/sweep.h
 *   drop                                      tear all subjects down
 *   keep                                      from now on the next working set gets large mappings of the last
 *   life                                      {"life_ns":[libraries,inputs,drops,all]} so far
 *   list    LIB                               describe the kernels of a library
 * Every command that runs a kernel first answers {"begin":ID}, so that a crash can be laid at its door, and then
 * {"id":ID,"status":"ok",...} or {"id":ID,"status":"failed"|"unsupported","reason":TEXT}. What ready, pair and alone
 * took is in "spent_ns":[setup,check,calibration,untimed runs,timed runs].
 *
 * Exit codes: 0 all commands answered; 2 the plan is malformed (the line is named on standard error).
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "count.h"
#include "json.h"
#include "lp/clock.h"
#include "lp/pair.h"
#include "lp/sweep.h"
#include "regions.h"

#ifdef __clang__
#define COMPILER __VERSION__
#else
#define COMPILER "gcc " __VERSION__
#endif

enum { MOST_FIELDS = 8 + BENCH_ARGS, MOST_PAIRS = 4096 };

/* Nanoseconds since main began, by what they went into. */
static struct {
    uint64_t start, libraries, inputs, drops;
} life;

/* What one command took besides the outcome's own parts. */
typedef struct spent {
    uint64_t setup, check;
} spent;

static void json_spent(const spent *self, const lp_pair_outcome *outcome) {
    const uint64_t parts[] = {self->setup, self->check, outcome->calibrate_ns, outcome->warm_ns, outcome->timed_ns};
    json_u64_array("spent_ns", parts, sizeof parts / sizeof *parts, sizeof *parts);
}

typedef struct command {
    char *fields[MOST_FIELDS];
    size_t count;
} command;

static _Noreturn void malformed(size_t line, const char *why) {
    fprintf(stderr, "lab-kernel: plan line %zu: %s\n", line, why);
    exit(2);
}

static uint64_t number(const command *line, size_t field, size_t line_number) {
    char *end = NULL;
    errno = 0;
    uint64_t value = strtoull(line->fields[field], &end, 10);
    if (errno || end == line->fields[field] || *end) {
        malformed(line_number, "not a number");
    }
    return value;
}

static void fail(const char *id, lk_status status, const lk_message *message) {
    json_failure(id, status == LK_UNSUPPORTED ? "unsupported" : "failed", message->text);
}

/* The fields warm|cold, count, SAMPLE_NS, EVICT_BYTES, SEED, MOST_NS, ITERATIONS from `from` on; the count is the
 * caller's. */
static lp_timing timing_of(const command *line, size_t from, size_t at) {
    return (lp_timing){.cold = strcmp(line->fields[from], "cold") == 0,
                       .sample_ns = number(line, from + 2, at),
                       .evict_bytes = (size_t)number(line, from + 3, at),
                       .seed = number(line, from + 4, at),
                       .most_ns = number(line, from + 5, at),
                       .iterations = number(line, from + 6, at)};
}

static void make_ready(bench *self, const command *line, size_t at) {
    const char *id = line->fields[1];
    json_begin(id);
    lk_message message = {{0}};
    lp_subject *subject = NULL;
    const uint64_t start = lp_now_ns();
    lk_status status = bench_ready(self, line->fields[2], (size_t)number(line, 3, at), &subject, &message);
    if (status != LK_OK) {
        fail(id, status, &message);
        return;
    }
    const spent parts = {.setup = lp_now_ns() - start};
    json_ok(id);
    json_spent(&parts, &(lp_pair_outcome){0});
    json_char('}');
    json_end_line();
}

static void run_pair(bench *self, const command *line, size_t at) {
    static lp_pair pairs[LP_PAIRS_ROOM(MOST_PAIRS)];
    const char *id = line->fields[1];
    lp_timing timing = timing_of(line, 6, at);
    size_t per_order = (size_t)number(line, 7, at);
    if (per_order == 0 || per_order > MOST_PAIRS) {
        malformed(at, "pairs out of range");
    }
    json_begin(id);
    lk_message message = {{0}};
    lp_subject *arms[2];
    lk_status status = LK_OK;
    spent parts = {0};
    const uint64_t start = lp_now_ns();
    for (size_t arm = 0; arm < 2 && status == LK_OK; arm++) {
        status = bench_ready(self, line->fields[2 + arm], (size_t)number(line, 4 + arm, at), &arms[arm], &message);
    }
    const uint64_t ready = lp_now_ns();
    parts.setup = ready - start;
    lp_pair_outcome outcome = {0};
    if (status == LK_OK) {
        status = lp_pair_check(arms[0], arms[1], strcmp(line->fields[13], "pass") == 0, &message);
        parts.check = lp_now_ns() - ready;
    }
    if (status == LK_OK) {
        status = lp_pair_measure(arms[0], arms[1], &timing, per_order, pairs, &outcome, &message);
    }
    if (status != LK_OK) {
        fail(id, status, &message);
        return;
    }
    json_ok(id);
    json_print(",\"iterations\":%" PRIu64 ",\"items\":%" PRIu64, outcome.iterations, outcome.items);
    json_spent(&parts, &outcome);
    json_u64_array("baseline_ns", &pairs->baseline_ns, outcome.count, sizeof *pairs);
    json_u64_array("treatment_ns", &pairs->treatment_ns, outcome.count, sizeof *pairs);
    json_print(",\"flags\":\""); /* one letter a pair: bits baseline first, baseline preempted, treatment preempted */
    for (size_t i = 0; i < outcome.count; i++) {
        json_char(
            (char)('0' + pairs[i].baseline_first + 2 * pairs[i].baseline_preempted + 4 * pairs[i].treatment_preempted));
    }
    json_print("\"}");
    json_end_line();
}

static void run_alone(bench *self, const command *line, size_t at) {
    static uint64_t ns[2 * MOST_PAIRS];
    static bool preempted[2 * MOST_PAIRS];
    const char *id = line->fields[1];
    lp_timing timing = timing_of(line, 4, at);
    size_t samples = (size_t)number(line, 5, at);
    if (samples == 0 || samples > MOST_PAIRS) {
        malformed(at, "samples out of range");
    }
    json_begin(id);
    lk_message message = {{0}};
    lp_subject *subject = NULL;
    lp_pair_outcome outcome = {0};
    const uint64_t start = lp_now_ns();
    lk_status status = bench_ready(self, line->fields[2], (size_t)number(line, 3, at), &subject, &message);
    const spent parts = {.setup = lp_now_ns() - start};
    if (status == LK_OK) {
        status = lp_alone_measure(subject, &timing, samples, ns, preempted, &outcome, &message);
    }
    if (status != LK_OK) {
        fail(id, status, &message);
        return;
    }
    json_ok(id);
    json_print(",\"iterations\":%" PRIu64 ",\"items\":%" PRIu64, outcome.iterations, outcome.items);
    json_spent(&parts, &outcome);
    json_u64_array("ns", ns, outcome.count, sizeof *ns);
    json_print(",\"flags\":\"");
    for (size_t i = 0; i < outcome.count; i++) {
        json_char(preempted[i] ? '1' : '0');
    }
    json_print("\"}");
    json_end_line();
}

static void run_count(bench *self, const command *line, size_t at) {
    count_options options = {0};
    for (size_t i = 5; i < line->count; i++) {
        const char *option = line->fields[i];
        if (strcmp(option, "--apart") == 0) {
            options.apart = true;
        } else if (strcmp(option, "--events") == 0) {
            options.events = true;
        } else if (strcmp(option, "--resident") == 0) {
            options.resident = true;
        } else if (strcmp(option, "--allocations") == 0) {
            options.allocations = true;
        } else {
            malformed(at, "an option of count is --apart, --events, --resident or --allocations");
        }
    }
    count_run(self, line->fields[1], line->fields[2], (size_t)number(line, 3, at), number(line, 4, at), &options);
}

static void run_sweep(bench *self, const command *line, size_t at) {
    (void)self;
    const char *id = line->fields[1];
    lp_sweep_point points[LP_SWEEP_MOST_POINTS];
    uint64_t huge_bytes = 0;
    json_begin(id);
    size_t count = lp_sweep_run(number(line, 2, at), number(line, 3, at), points, LP_SWEEP_MOST_POINTS, &huge_bytes);
    if (count == 0) {
        json_failure(id, "failed", "the system refused the memory to sweep");
        return;
    }
    json_ok(id);
    json_print(",\"huge_bytes\":%" PRIu64 ",\"points\":[", huge_bytes);
    for (size_t i = 0; i < count; i++) {
        json_print("%s[%" PRIu64 ",%.4f]", i ? "," : "", points[i].bytes, points[i].ns_per_load);
    }
    json_print("]}");
    json_end_line();
}

static void list_kernels(bench *self, const command *line, size_t at) {
    const lp_library *library = bench_loaded(self, (size_t)number(line, 1, at));
    if (!library) {
        malformed(at, "no such library");
    }
    for (size_t i = 0; i < lp_library_count(library); i++) {
        const lk_kernel *kernel = lp_library_at(library, i);
        json_print("{\"kernel\":");
        json_string(kernel->name);
        json_print(",\"item\":");
        json_string(kernel->item);
        json_print(",\"help\":");
        json_string(kernel->help);
        json_print(",\"params\":[");
        for (size_t p = 0; p < kernel->param_count; p++) {
            const lk_param *param = &kernel->params[p];
            const char *texts[4] = {param->name, param->unit, param->levels, param->help};
            json_print("%s[", p ? "," : "");
            for (size_t t = 0; t < 4; t++) {
                json_print("%s", t ? "," : "");
                json_string(texts[t]);
            }
            json_char(']');
        }
        json_print("]}");
        json_end_line();
    }
}

static void declare(bench *self, const command *line, size_t at) {
    lk_message message = {{0}};
    bench_subject *subject = bench_declare(self, line->fields[1], line->fields[2], line->fields[3], &message);
    if (!subject) {
        malformed(at, message.text);
    }
    for (size_t i = 4; i < line->count; i++) {
        char *equals = strchr(line->fields[i], '=');
        if (!equals || subject->arg_count == BENCH_ARGS) {
            malformed(at, "an argument is KEY=VALUE, at most 16 of them");
        }
        *equals = '\0';
        subject->args[subject->arg_count++] = (lk_arg){line->fields[i], equals + 1};
    }
}

static void load_library(bench *self, const command *line, size_t at) {
    lk_message message = {{0}};
    const uint64_t start = lp_now_ns();
    if (bench_library(self, (size_t)number(line, 1, at), line->fields[2], &message) != LK_OK) {
        malformed(at, message.text);
    }
    life.libraries += lp_now_ns() - start;
}

static void map_input(bench *self, const command *line, size_t at) {
    lk_message message = {{0}};
    const uint64_t start = lp_now_ns();
    if (bench_input(self, line->fields[1], line->fields[2], &message) != LK_OK) {
        malformed(at, message.text);
    }
    life.inputs += lp_now_ns() - start;
}

static void drop(bench *self, const command *line, size_t at) {
    (void)line;
    (void)at;
    const uint64_t start = lp_now_ns();
    bench_drop(self);
    life.drops += lp_now_ns() - start;
}

static void keep_regions(bench *self, const command *line, size_t at) {
    (void)self;
    (void)line;
    (void)at;
    regions_keep_from_now_on();
}

static void tell_life(bench *self, const command *line, size_t at) {
    (void)self;
    (void)line;
    (void)at;
    json_print("{\"life_ns\":[%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "]}", life.libraries, life.inputs,
               life.drops, lp_now_ns() - life.start);
    json_end_line();
}

static void show_events(bench *self, const command *line, size_t at) {
    (void)self;
    (void)line;
    (void)at;
    count_event_states();
}

typedef struct verb {
    const char *name;
    size_t fields; /* at least, the verb included */
    void (*run)(bench *self, const command *line, size_t at);
} verb;

static const verb VERBS[] = {
    {"lib", 3, load_library},  {"input", 3, map_input},  {"subject", 4, declare},    {"ready", 4, make_ready},
    {"pair", 14, run_pair},    {"alone", 11, run_alone}, {"count", 5, run_count},    {"drop", 1, drop},
    {"list", 2, list_kernels}, {"sweep", 4, run_sweep},  {"events", 1, show_events}, {"life", 1, tell_life},
    {"keep", 1, keep_regions},
};

static void obey(bench *self, const command *line, size_t at) {
    for (size_t i = 0; i < sizeof VERBS / sizeof *VERBS; i++) {
        if (strcmp(VERBS[i].name, line->fields[0]) == 0 && line->count >= VERBS[i].fields) {
            VERBS[i].run(self, line, at);
            return;
        }
    }
    malformed(at, "unknown command or too few fields");
}

static char *read_all(FILE *file) {
    size_t used = 0, capacity = 1 << 16;
    char *text = malloc(capacity);
    while (text) {
        used += fread(text + used, 1, capacity - used - 1, file);
        if (used + 1 < capacity) {
            text[used] = '\0';
            return text;
        }
        capacity *= 2;
        char *grown = realloc(text, capacity);
        if (!grown) {
            free(text);
        }
        text = grown;
    }
    return NULL;
}

/* The descriptor that a text names in decimal digits; -1 where it names none. */
static int descriptor(const char *text) {
    char *end;
    errno = 0;
    const long value = strtol(text, &end, 10);
    return errno != 0 || end == text || *end != '\0' || value < 0 || value > INT_MAX ? -1 : (int)value;
}

int main(int argc, char **argv) {
    life.start = lp_now_ns();
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--answers") == 0 && i + 1 < argc) {
            if (json_open(descriptor(argv[++i])) != 0) {
                fprintf(stderr, "lab-kernel: --answers %s: no such open descriptor\n", argv[i]);
                return 2;
            }
        } else if (strcmp(argv[i], "--version") == 0) {
            printf("build.compiler=%s\nbuild.abi=%d\n", COMPILER, LK_ABI_VERSION);
            return 0;
        } else {
            fprintf(stderr, "usage: lab-kernel [--answers FD] < PLAN, or lab-kernel --version\n");
            return 2;
        }
    }
    char *text = read_all(stdin);
    bench *self = bench_new();
    if (!text || !self) {
        fprintf(stderr, "lab-kernel: out of memory\n");
        return 2;
    }
    size_t at = 0;
    for (char *rest = text, *next; rest && *rest; rest = next) {
        command line = {.count = 0};
        next = strchr(rest, '\n');
        if (next) {
            *next++ = '\0';
        }
        at++;
        for (char *field = rest; field && *field; line.count++) {
            if (line.count == MOST_FIELDS) {
                malformed(at, "too many fields");
            }
            line.fields[line.count] = field;
            field = strchr(field, '\t');
            if (field) {
                *field++ = '\0';
            }
        }
        if (line.count) {
            obey(self, &line, at);
        }
    }
    bench_free(self);
    free(text);
    return 0;
}
