/* translation.pipeline: Python sources to trees to text, by native/frontend, with every memory choice of it switchable.
 *
 * Input, format LKSOURCE: two sections. 0: place and length in section 1 of each source (u64, u64); 1: the sources,
 * each with 64 zero bytes before it and behind it, so that none has to be copied to be read.
 *
 * An iteration is `batch` sources, or all of them where there are fewer; an item is one of them. The sequence goes
 * through all sources in turn; a pass is as many iterations as touch each once.
 *
 *     switches  none | all | names joined by +: arena intern views pool soa simd aligned prefetch
 *     stage     lex | parse | symbols | text: how far each goes
 *     state     warm: the session has had a hundred tasks, or as many as there are, before the first iteration
 *               cold: a session for each iteration (threads: what they keep is given back before it)
 *     threads   1: the caller's; 2, 4, 8 ...: a team's, with a session each
 *
 * The checksum is a sum over sources of what does not depend on the switches: a digest of the text, or the numbers of
 * tokens and nodes; for a source that is refused, the status and the line of the error.
 */
#include <fe/batch.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "define.h"
#include "input.h"

enum { WARMING_TASKS = 100, BATCH_MOST = 1000000, THREADS_MOST = 64, PREFETCH_BYTES = 256, LINE_BYTES = 64 };
enum { P_SWITCHES, P_STAGE, P_BATCH, P_STATE, P_THREADS };
enum { WARM, COLD };

static const lk_param translation_pipeline_params[] = {
    [P_SWITCHES] = {"switches", LK_UNIT_NAMES, "", "none, all, or names joined by +"},
    [P_STAGE] = {"stage", "", "lex,parse,symbols,text", "how far each source goes"},
    [P_BATCH] = {"batch", "count", "", "sources of an iteration, at most: a power of ten"},
    [P_STATE] = {"state", "", "warm,cold", "cold: a session for each iteration"},
    [P_THREADS] = {"threads", "count", "", "a power of two; 1: the caller's"},
};

typedef struct source {
    uint64_t place, bytes;
} source;

typedef struct pipeline {
    fe_options options;
    fe_stage stage;
    uint64_t batch, pass;
    unsigned state;
    const source *sources;
    size_t source_count;
    const unsigned char *bytes;
    fe_session *session;       /* one thread */
    fe_translator *translator; /* several */
    pm_text *texts;            /* several: of one iteration */
    fe_ledger ledger;          /* of sessions and batches that ended; peak_bytes is the highest of them */
} pipeline;

static bool read_switches(const char *text, uint32_t *out) {
    static const char *const names[] = {"arena", "intern", "views", "soa", "pool", "simd", "aligned", "prefetch"};
    if (strcmp(text, "none") == 0 || strcmp(text, "all") == 0) {
        *out = text[0] == 'a' ? FE_SWITCHES_ALL : 0;
        return true;
    }
    *out = 0;
    for (;;) {
        const size_t bytes = strcspn(text, "+");
        uint32_t bit = 0;
        for (size_t i = 0; i < LK_COUNT(names); i++) {
            bit |= strlen(names[i]) == bytes && memcmp(names[i], text, bytes) == 0 ? UINT32_C(1) << i : 0;
        }
        if (bit == 0 || (*out & bit)) {
            return false;
        }
        *out |= bit;
        if (text[bytes] == '\0') {
            return true;
        }
        text += bytes + 1;
    }
}

static lk_status check_values(pipeline *self, const lk_value *values, lk_message *message) {
    if (!read_switches(values[P_SWITCHES].text, &self->options.switches)) {
        return lk_say(message, LK_INVALID, "switches=%s is not none, all or names of switches joined by +",
                      values[P_SWITCHES].text);
    }
    uint64_t power = 1;
    while (power < values[P_BATCH].number && power < BATCH_MOST) {
        power *= 10;
    }
    if (power != values[P_BATCH].number) {
        return lk_say(message, LK_INVALID, "batch is a power of ten up to %d", (int)BATCH_MOST);
    }
    const uint64_t threads = values[P_THREADS].number;
    if (threads == 0 || threads > THREADS_MOST || (threads & (threads - 1)) != 0) {
        return lk_say(message, LK_INVALID, "threads is a power of two up to %d", (int)THREADS_MOST);
    }
    return LK_OK;
}

static lk_status open_sources(pipeline *self, lk_input input, lk_message *message) {
    enum { PLACES, BYTES, SECTIONS };
    lk_section section[SECTIONS];
    const lk_status status = lk_input_open(input, "LKSOURCE", SECTIONS, section, message);
    if (status != LK_OK) {
        return status;
    }
    self->sources = section[PLACES].data;
    self->source_count = section[PLACES].bytes / sizeof *self->sources;
    self->bytes = section[BYTES].data;
    uint64_t end = 0; /* of the zeros behind the source before */
    bool fits = self->source_count > 0 && section[PLACES].bytes % sizeof *self->sources == 0;
    for (size_t i = 0; fits && i < self->source_count; i++) {
        const source *s = &self->sources[i];
        fits = s->bytes <= FE_SOURCE_BYTES_MAX && s->place >= end + (i ? 0 : FE_PADDING_BYTES) &&
               s->place <= section[BYTES].bytes && section[BYTES].bytes - s->place >= s->bytes + FE_PADDING_BYTES;
        end = s->place + s->bytes + FE_PADDING_BYTES;
        for (size_t at = 0; fits && at < FE_PADDING_BYTES; at++) {
            fits = self->bytes[s->place - 1 - at] == 0 && self->bytes[s->place + s->bytes + at] == 0;
        }
    }
    return fits ? LK_OK : lk_say(message, LK_BAD_INPUT, "LKSOURCE: the places do not fit the sources");
}

/* ---- one thread ---- */

static bool sink(void *context, const void *data, size_t bytes) {
    fe_digest_add(context, data, bytes);
    return true;
}

static uint64_t answer_of(const fe_error *error) {
    return (uint64_t)error->status << 32 | error->line;
}

static void prefetch(const pipeline *self, const source *s) {
    for (uint64_t at = 0; at < s->bytes && at < PREFETCH_BYTES; at += LINE_BYTES) {
        __builtin_prefetch(self->bytes + s->place + at);
    }
}

/* Translates `count` sources from `first` on. */
static void translate(pipeline *self, uint64_t first, uint64_t count, lk_result *result) {
    const bool ahead = self->options.switches & FE_SWITCH_PREFETCH;
    size_t at = first % self->source_count;
    for (; count != 0; count--) {
        const source *s = &self->sources[at];
        at = at + 1 == self->source_count ? 0 : at + 1;
        if (ahead) {
            prefetch(self, &self->sources[at]);
        }
        fe_digest digest = {0};
        fe_error error;
        const fe_status status = fe_translate_padded(self->session, self->bytes + s->place, s->bytes, self->stage,
                                                     self->stage == FE_STAGE_TEXT ? sink : NULL, &digest, &error);
        result->checksum += status == FE_OK ? fe_digest_end(&digest) : answer_of(&error);
        result->bytes += s->bytes;
        result->items++;
    }
}

static void add_ledger(pipeline *self, const fe_ledger *one) {
    uint64_t *to = (uint64_t *)(void *)&self->ledger;
    const uint64_t *from = (const uint64_t *)(const void *)one;
    const uint64_t peak = self->ledger.peak_bytes > one->peak_bytes ? self->ledger.peak_bytes : one->peak_bytes;
    for (size_t i = 0; i < sizeof *one / sizeof *to; i++) {
        to[i] += from[i];
    }
    self->ledger.peak_bytes = peak;
}

/* Counts of the ledger that no switch changes. */
static uint64_t counts_of(const fe_ledger *ledger) {
    return ledger->token_count * UINT64_C(0x9E3779B97F4A7C15) + ledger->node_count;
}

static lk_status run_here(pipeline *self, uint64_t first, uint64_t count, lk_result *result) {
    fe_ledger before = {0}, after = {0};
    if (self->session != NULL) {
        fe_session_read_ledger(self->session, &before);
        translate(self, first, count, result);
        fe_session_read_ledger(self->session, &after);
    } else if (fe_session_new(&self->options, &self->session) == FE_OK) {
        translate(self, first, count, result);
        fe_session_read_ledger(self->session, &after);
        fe_session_free(self->session);
        self->session = NULL;
        add_ledger(self, &after);
    } else {
        return LK_NO_MEMORY;
    }
    if (self->stage != FE_STAGE_TEXT) {
        result->checksum += counts_of(&after) - counts_of(&before);
    }
    return LK_OK;
}

/* ---- several ---- */

static lk_status run_over_team(pipeline *self, uint64_t first, uint64_t count, lk_result *result) {
    for (uint64_t i = 0; i < count; i++) {
        const source *s = &self->sources[(first + i) % self->source_count];
        self->texts[i] = (pm_text){self->bytes + s->place, (size_t)s->bytes};
        result->bytes += s->bytes;
    }
    fe_batch *batch;
    const fe_keep keep = self->stage == FE_STAGE_TEXT ? FE_KEEP_DIGEST : FE_KEEP_NOTHING;
    if (self->state == COLD && fe_translator_trim(self->translator) != FE_OK) {
        return LK_FAILED;
    }
    const fe_status status =
        fe_translate_texts(self->translator, self->texts, (size_t)count, true, self->stage, keep, &batch);
    if (status != FE_OK) {
        return status == FE_NO_MEMORY ? LK_NO_MEMORY : LK_FAILED;
    }
    const uint64_t *digests = fe_batch_digests(batch);
    const fe_status *statuses = fe_batch_statuses(batch);
    for (uint64_t i = 0; i < count; i++) {
        result->checksum += digests != NULL && statuses[i] == FE_OK ? digests[i] : 0;
    }
    size_t failures;
    for (const fe_failure *f = fe_batch_failures(batch, &failures); failures != 0; failures--, f++) {
        result->checksum += answer_of(&f->error);
    }
    fe_ledger ledger;
    fe_batch_read_ledger(batch, &ledger);
    add_ledger(self, &ledger);
    if (self->stage != FE_STAGE_TEXT) {
        result->checksum += counts_of(&ledger);
    }
    fe_batch_free(batch);
    result->items += count;
    return LK_OK;
}

/* ---- the kernel ---- */

static lk_status translation_pipeline_run(void *state, uint64_t first, uint64_t count, lk_result *result) {
    pipeline *self = state;
    *result = (lk_result){0};
    for (lk_status status; count != 0; count--, first++) {
        const uint64_t begin = first % self->pass * self->batch;
        status = (self->translator ? run_over_team : run_here)(self, begin, self->batch, result);
        if (status != LK_OK) {
            return status;
        }
    }
    return LK_OK;
}

static void translation_pipeline_teardown(void *state) {
    pipeline *self = state;
    fe_session_free(self->session);
    fe_translator_free(self->translator);
    free(self->texts);
}

/* Makes the sessions, and warms them. */
static lk_status make_sessions(pipeline *self, uint64_t threads, lk_message *message) {
    lk_result result = {0};
    const uint64_t tasks = self->source_count < WARMING_TASKS ? self->source_count : WARMING_TASKS;
    lk_status status = LK_OK;
    if (threads > 1) {
        const fe_translator_options options = {.session = self->options, .worker_count = (size_t)threads};
        const uint64_t texts = self->batch > tasks * threads ? self->batch : tasks * threads;
        self->texts = malloc((size_t)texts * sizeof *self->texts);
        if (self->texts == NULL || fe_translator_new(&options, &self->translator) != FE_OK) {
            return lk_say(message, LK_NO_MEMORY, "the system refused %u threads", (unsigned)threads);
        }
        if (self->state == WARM) {
            status = run_over_team(self, 0, tasks * threads, &result);
        }
    } else if (self->state == WARM) {
        if (fe_session_new(&self->options, &self->session) != FE_OK) {
            return lk_say(message, LK_NO_MEMORY, "no memory for a session");
        }
        status = run_here(self, 0, tasks, &result);
        fe_session_reset_ledger(self->session);
    }
    self->ledger = (fe_ledger){0};
    return status == LK_OK ? LK_OK : lk_say(message, status, "warming failed");
}

static lk_status translation_pipeline_build(pipeline *self, const lk_value *values, lk_input input, uint64_t *pass,
                                            lk_message *message) {
    lk_status status = check_values(self, values, message);
    if (status == LK_OK) {
        status = open_sources(self, input, message);
    }
    if (status == LK_OK) {
        self->options.minor = 11;
        self->stage = (fe_stage)values[P_STAGE].level;
        self->state = values[P_STATE].level;
        self->batch = values[P_BATCH].number < self->source_count ? values[P_BATCH].number : self->source_count;
        *pass = self->pass = (self->source_count + self->batch - 1) / self->batch;
        status = make_sessions(self, values[P_THREADS].number, message);
    }
    return status;
}

static size_t translation_pipeline_counters(void *state, lk_counter *out, size_t capacity) {
    pipeline *self = state;
    fe_ledger l = self->ledger;
    if (self->session != NULL) {
        fe_session_read_ledger(self->session, &l);
    }
    const double tasks = l.task_count ? (double)l.task_count : 1, pooled = (double)(l.pool_hits + l.pool_misses),
                 names = (double)(l.interned_count + l.deduplicated_count);
    const lk_counter all[] = {
        {"allocations_per_task", "count", (double)l.allocation_count / tasks},
        {"frees_per_task", "count", (double)l.free_count / tasks},
        {"allocated_bytes_per_task", "B", (double)l.allocated_bytes / tasks},
        {"copies_per_task", "count", (double)l.copy_count / tasks},
        {"copied_bytes_per_task", "B", (double)l.copied_bytes / tasks},
        {"ledger_peak_bytes", "B", (double)l.peak_bytes},
        {"pool_hit_rate", "fraction", pooled > 0 ? (double)l.pool_hits / pooled : 0},
        {"name_hit_rate", "fraction", names > 0 ? (double)l.deduplicated_count / names : 0},
        {"tokens_per_task", "count", (double)l.token_count / tasks},
        {"nodes_per_task", "count", (double)l.node_count / tasks},
        {"output_bytes_per_task", "B", (double)l.output_bytes / tasks},
        {"failed_tasks", "count", (double)l.failed_count},
    };
    for (size_t i = 0; i < LK_COUNT(all) && i < capacity; i++) {
        out[i] = all[i];
    }
    return LK_COUNT(all);
}

LK_KERNEL(translation_pipeline, pipeline, .name = "translation.pipeline", .item = "file",
          .help = "translates Python sources to the text of their trees", .counters = translation_pipeline_counters);
