/* fe-tool: one stage of the front end on files, for looking at what it makes and how fast.
 *
 *     fe-tool [--bench SECONDS] [--memory] [--repeat N] STAGE SWITCHES FILE...
 *
 * STAGE     lex (a line for each token), parse, symbols, text, columns: what has no text prints counts
 * SWITCHES  all, none, a number from 0 to 255, or names joined by +; -name takes one out: all-pool, arena+views
 * FILE      a Python source; @LIST names a file with a path on each line
 *
 *     --bench SECONDS   MB/s of each stage up to STAGE, over all files, read once; the best pass counts
 *     --memory          the ledger instead of the output
 *     --repeat N        each file N times: with --memory, what a warm session asks for
 *     --digest          a number for the output of each file instead of the output
 *     --padded          the sources are used where they lie
 *     --counts          what each file cost: allocations, copies, peak
 * Exit code 1: some file failed.
 */
#include <errno.h>
#include <fe/columns.h>
#include <fe/frontend.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LINE_BYTES = 4096 };
static const char *const STAGES[] = {"lex", "parse", "symbols", "text", "columns"};
static const char *const SWITCHES[] = {"arena", "intern", "views", "soa", "pool", "simd", "aligned", "prefetch"};

typedef struct file {
    char *path;
    uint8_t *data; /* FE_PADDING_BYTES zeros around it */
    size_t bytes;
} file;

static file *files;
static size_t file_count;
static struct {
    double bench;
    unsigned repeat;
    bool memory, digest, padded, counts;
} how = {.repeat = 1};

_Noreturn static void stop(const char *what, const char *which) {
    fprintf(stderr, "fe-tool: %s %s\n", what, which);
    exit(2);
}

static void *checked(void *block) {
    if (block == NULL) {
        stop("no memory", "");
    }
    return block;
}

static void add_file(const char *path) {
    if (path[0] == '@') {
        FILE *list = fopen(path + 1, "r");
        char line[LINE_BYTES];
        if (list == NULL) {
            stop("cannot read", path + 1);
        }
        while (fgets(line, sizeof line, list)) {
            line[strcspn(line, "\r\n")] = '\0';
            if (line[0]) {
                add_file(line);
            }
        }
        fclose(list);
        return;
    }
    FILE *stream = fopen(path, "rb");
    if (stream == NULL || fseek(stream, 0, SEEK_END) != 0) {
        stop("cannot read", path);
    }
    const long bytes = ftell(stream);
    rewind(stream);
    uint8_t *data = checked(calloc(1, (size_t)bytes + 2 * FE_PADDING_BYTES));
    if (bytes < 0 || fread(data + FE_PADDING_BYTES, 1, (size_t)bytes, stream) != (size_t)bytes) {
        stop("cannot read", path);
    }
    fclose(stream);
    if ((file_count & (file_count - 1)) == 0) {
        files = checked(realloc(files, (file_count ? file_count * 2 : 1) * sizeof *files));
    }
    files[file_count++] = (file){checked(strdup(path)), data + FE_PADDING_BYTES, (size_t)bytes};
}

static fe_stage stage_of(const char *word) {
    for (unsigned i = 0; i < sizeof STAGES / sizeof *STAGES; i++) {
        if (strcmp(word, STAGES[i]) == 0) {
            return (fe_stage)i;
        }
    }
    stop("no such stage:", word);
}

static uint32_t switches_of(const char *words) {
    char *end;
    const unsigned long number = strtoul(words, &end, 10);
    if (end != words && *end == '\0') {
        return (uint32_t)number;
    }
    uint32_t switches = 0;
    for (const char *word = words; *word;) {
        const bool out = *word == '-';
        word += *word == '-' || *word == '+';
        const size_t bytes = strcspn(word, "+-");
        uint32_t bit = 0;
        for (unsigned i = 0; i < sizeof SWITCHES / sizeof *SWITCHES; i++) {
            bit |= strlen(SWITCHES[i]) == bytes && memcmp(word, SWITCHES[i], bytes) == 0 ? 1u << i : 0;
        }
        if (bytes == 3 && memcmp(word, "all", 3) == 0) {
            bit = FE_SWITCHES_ALL;
        } else if (bit == 0 && !(bytes == 4 && memcmp(word, "none", 4) == 0)) {
            stop("no such switch:", word);
        }
        switches = out ? switches & ~bit : switches | bit;
        word += bytes;
    }
    return switches;
}

static bool sink_print(void *context, const void *data, size_t bytes) {
    return fwrite(data, 1, bytes, context) == bytes;
}

static bool sink_tokens(void *context, const void *data, size_t bytes) {
    static const char *const classes[] = {"END", "NEWLINE", "INDENT", "DEDENT", "NAME", "NUMBER", "STRING", "OPERATOR"};
    const file *source = context;
    const fe_token_view *tokens = data;
    for (size_t i = 0; i < bytes / sizeof *tokens; i++) {
        const fe_token_view *token = &tokens[i];
        printf("%" PRIu32 " %" PRIu32 "-%" PRIu32 " %s %.*s\n", token->line, token->start, token->end,
               classes[token->token_class], (int)(token->end - token->start), source->data + token->start);
    }
    return true;
}

/* FNV-1a, 64 bits: the same for a text in pieces. */
static bool sink_digest(void *context, const void *data, size_t bytes) {
    uint64_t *digest = context;
    for (size_t i = 0; i < bytes; i++) {
        *digest = (*digest ^ ((const uint8_t *)data)[i]) * UINT64_C(0x100000001b3);
    }
    return true;
}

static fe_status translate(fe_session *session, const file *source, fe_stage stage, fe_sink sink, void *context,
                           fe_error *error) {
    return (how.padded ? fe_translate_padded : fe_translate)(session, source->data, source->bytes, stage, sink, context,
                                                             error);
}

static void print_ledger(const fe_session *session) {
    fe_ledger l;
    fe_session_read_ledger(session, &l);
    const double tasks = l.task_count ? (double)l.task_count : 1;
    printf("tasks %" PRIu64 " failed %" PRIu64 " source %" PRIu64 " output %" PRIu64 " tokens %" PRIu64
           " nodes %" PRIu64 "\nallocations %" PRIu64 " (%.3f a task) frees %" PRIu64 " bytes %" PRIu64 " live %" PRIu64
           " peak %" PRIu64 "\ncopies %" PRIu64 " (%.3f a task) bytes %" PRIu64 " pool hits %" PRIu64 " misses %" PRIu64
           " interned %" PRIu64 " deduplicated %" PRIu64 " delegated %" PRIu64 "\n",
           l.task_count, l.failed_count, l.source_bytes, l.output_bytes, l.token_count, l.node_count,
           l.allocation_count, (double)l.allocation_count / tasks, l.free_count, l.allocated_bytes, l.live_bytes,
           l.peak_bytes, l.copy_count, (double)l.copy_count / tasks, l.copied_bytes, l.pool_hits, l.pool_misses,
           l.interned_count, l.deduplicated_count, l.delegated_count);
}

static void print_counts(fe_session *session, const char *path) {
    fe_ledger l;
    fe_session_read_ledger(session, &l);
    printf("%" PRIu64 " bytes %" PRIu64 " tokens %" PRIu64 " nodes %" PRIu64 " allocations %" PRIu64 " copies %" PRIu64
           " peak %s\n",
           l.source_bytes, l.token_count, l.node_count, l.allocation_count, l.copy_count, l.peak_bytes, path);
    fe_session_reset_ledger(session);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void bench(fe_session *session, fe_stage last) {
    size_t bytes = 0;
    for (size_t i = 0; i < file_count; i++) {
        bytes += files[i].bytes;
    }
    for (fe_stage stage = FE_STAGE_LEX; stage <= last; stage++) {
        if (stage == FE_STAGE_TEXT && last == FE_STAGE_COLUMNS) {
            continue;
        }
        double best = 1e9;
        for (double end = now() + how.bench; now() < end;) {
            const double begin = now();
            for (size_t i = 0; i < file_count; i++) {
                translate(session, &files[i], stage, NULL, NULL, NULL);
            }
            best = now() - begin < best ? now() - begin : best;
        }
        printf("%-8s %8.1f MB/s  %8.2f us a file\n", STAGES[stage], (double)bytes / best / 1e6,
               best / (double)file_count * 1e6);
        fflush(stdout);
    }
}

static int run(fe_session *session, fe_stage stage) {
    int code = 0;
    for (size_t i = 0; i < file_count; i++) {
        for (unsigned again = 0; again < how.repeat; again++) {
            uint64_t digest = UINT64_C(0xcbf29ce484222325);
            fe_error error;
            fe_sink sink = how.memory || how.counts ? NULL
                           : how.digest             ? sink_digest
                           : stage == FE_STAGE_LEX  ? sink_tokens
                                                    : sink_print;
            void *context = how.digest ? (void *)&digest : stage == FE_STAGE_LEX ? (void *)&files[i] : (void *)stdout;
            const fe_status status = translate(session, &files[i], stage, sink, context, &error);
            if (status != FE_OK) {
                fprintf(stderr, "%s:%" PRIu32 ":%" PRIu32 ": %s: %s\n", files[i].path, error.line, error.column,
                        fe_status_text(status), error.message);
                code = 1;
            } else if (how.digest) {
                printf("%016" PRIx64 " %s\n", digest, files[i].path);
            } else if (how.counts) {
                print_counts(session, files[i].path);
            } else if (sink == sink_print && stage == FE_STAGE_TEXT) {
                printf("\n");
            }
        }
    }
    if (how.memory) {
        print_ledger(session);
    }
    return code;
}

static double number_of(const char *word) {
    char *end;
    const double number = word ? strtod(word, &end) : -1;
    if (word == NULL || *end || number < 0) {
        stop("not a number:", word ? word : "");
    }
    return number;
}

int main(int argc, char **argv) {
    int at = 1;
    for (; at < argc && strncmp(argv[at], "--", 2) == 0; at++) {
        const char *option = argv[at] + 2;
        if (strcmp(option, "bench") == 0) {
            how.bench = number_of(argv[++at]);
        } else if (strcmp(option, "repeat") == 0) {
            how.repeat = (unsigned)number_of(argv[++at]);
        } else if (strcmp(option, "memory") == 0) {
            how.memory = true;
        } else if (strcmp(option, "digest") == 0) {
            how.digest = true;
        } else if (strcmp(option, "padded") == 0) {
            how.padded = true;
        } else if (strcmp(option, "counts") == 0) {
            how.counts = true;
        } else {
            stop("no such option:", argv[at]);
        }
    }
    if (argc - at < 3) {
        stop("usage: fe-tool [--bench SECONDS] [--memory] [--counts] [--digest] [--padded] [--repeat N] STAGE SWITCHES",
             "FILE...");
    }
    const fe_stage stage = stage_of(argv[at]);
    const fe_options options = {.switches = switches_of(argv[at + 1]), .minor = 11};
    for (at += 2; at < argc; at++) {
        add_file(argv[at]);
    }
    fe_session *session = NULL;
    const fe_status status = fe_session_new(&options, &session);
    if (status != FE_OK) {
        stop("no session:", fe_status_text(status));
    }
    fe_columns *columns = NULL;
    if (stage == FE_STAGE_COLUMNS) {
        if (fe_columns_new(&columns) != FE_OK) {
            stop("no memory", "");
        }
        fe_session_set_columns(session, columns);
    }
    int code = 0;
    if (how.bench > 0) {
        bench(session, stage);
    } else {
        code = run(session, stage);
    }
    fe_session_free(session);
    fe_columns_free(columns);
    for (size_t i = 0; i < file_count; i++) {
        free(files[i].data - FE_PADDING_BYTES);
        free(files[i].path);
    }
    free(files);
    return code;
}
