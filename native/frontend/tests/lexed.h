/* lexed.h: the tokens that a variant makes of a source, all in one shape. */
#ifndef FE_TEST_LEXED_H
#define FE_TEST_LEXED_H

#include "check.h"
#include "session.h"
#include "stages.h"
#include "tokens.h"

/* Of (VIEWS, SOA, SIMD): all settings of the lexer. The others are on in every second one, so that cold and warm
 * buffers, and both ways to get memory, are seen. */
enum { LEXERS = 8 };

static inline uint32_t lexer_switches(unsigned i) {
    return (i & 1 ? FE_SWITCH_SIMD : 0) | (i & 2 ? FE_SWITCH_SOA | FE_SWITCH_ALIGNED : 0) |
           (i & 4 ? FE_SWITCH_VIEWS | FE_SWITCH_POOL : 0);
}

typedef struct lexed {
    fe_error error;
    fe_token *tokens;
    uint32_t count;
    uint32_t *line_start;
    uint32_t line_count;
    uint32_t begin, end; /* a part to lex after the source, in line 1; none where end is 0 */
    fe_session *session;
} lexed;

/* The record of a token without VIEWS. */
typedef struct lexed_record {
    fe_token head;
    const char *text;
} lexed_record;

static inline fe_token lexed_token(const fe_task *task, uint32_t i) {
    const fe_tokens *all = &task->tokens;
    const char *text = NULL;
    fe_token token;
    if (task->switches & FE_SWITCH_SOA) {
        token = (fe_token){.start = all->start[i], .end = all->end[i], .line = all->line[i], .kind = all->kind[i]};
        text = task->switches & FE_SWITCH_VIEWS ? NULL : all->text[i];
    } else if (task->switches & FE_SWITCH_VIEWS) {
        token = ((const fe_token *)all->records)[i];
    } else {
        token = ((const lexed_record *)all->records)[i].head;
        text = ((const lexed_record *)all->records)[i].text;
    }
    if (!(task->switches & FE_SWITCH_VIEWS)) {
        const bool has_text = token.kind >= FE_T_NAME && token.kind <= FE_T_TEXT_LAST;
        CHECK_EQUAL(has_text, text != NULL);
        CHECK(!has_text || memcmp(task->source + token.start, text, token.end - token.start) == 0);
    }
    return token;
}

/* The sink sees the task while it is under way. */
static inline bool lexed_sink(void *context, const void *data, size_t bytes) {
    (void)data, (void)bytes;
    lexed *out = context;
    fe_task *task = &out->session->task;
    if (out->tokens != NULL) {
        return true;
    }
    if (out->end != 0) {
        task->stages->lexer.part(task, out->begin, out->end, 1);
    }
    out->count = task->tokens.count;
    out->tokens = calloc(out->count, sizeof *out->tokens);
    for (uint32_t i = 0; i < out->count; i++) {
        out->tokens[i] = lexed_token(task, i);
    }
    out->line_count = task->line_count;
    out->line_start = malloc((out->line_count + 1) * sizeof *out->line_start);
    memcpy(out->line_start, task->line_start, (out->line_count + 1) * sizeof *out->line_start);
    return true;
}

static inline fe_session *lexer_session(uint32_t switches) {
    const fe_options options = {.switches = switches, .minor = 11};
    fe_session *session = NULL;
    CHECK_EQUAL(FE_OK, fe_session_new(&options, &session));
    return session;
}

/* From an array that stays; else with fe_translate_padded. */
static inline lexed lex_with(fe_session *session, const void *source, size_t bytes, bool padded) {
    lexed out = {.session = session};
    (void)(padded ? fe_translate_padded : fe_translate)(session, source, bytes, FE_STAGE_LEX, lexed_sink, &out,
                                                        &out.error);
    return out;
}

static inline void lexed_free(lexed *tokens) {
    free(tokens->tokens);
    free(tokens->line_start);
    *tokens = (lexed){0};
}

static inline bool lexed_same(const lexed *a, const lexed *b) {
    if (a->error.status != b->error.status || a->error.line != b->error.line || a->error.column != b->error.column ||
        strcmp(a->error.message, b->error.message) != 0 || a->count != b->count || a->line_count != b->line_count) {
        return false;
    }
    if (a->error.status != FE_OK) {
        return true;
    }
    for (uint32_t i = 0; i < a->count; i++) {
        const fe_token *x = &a->tokens[i], *y = &b->tokens[i];
        if (x->start != y->start || x->end != y->end || x->line != y->line || x->kind != y->kind) {
            return false;
        }
    }
    return memcmp(a->line_start, b->line_start, (a->line_count + 1) * sizeof *a->line_start) == 0;
}

#endif
