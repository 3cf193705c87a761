/* lexer_columns.h: tokens as the lexer appends them, in the variant's way. Included by lexer.c alone. */
#ifndef FE_LEXER_COLUMNS_H
#define FE_LEXER_COLUMNS_H

#include <string.h>

#include "task.h"
#include "tokens.h"

#define ALWAYS static inline __attribute__((always_inline))

/* The tokens on their way: where the next one goes. Columns have one distance, so that two registers tell of all. */
typedef struct columns {
#if FE_SOA
    uint8_t *kind, *kind_begin, *kind_end;
    uint32_t *start;
    size_t stride; /* bytes from a token's start to its end, and from there to its line */
#if !FE_VIEWS
    const char **text;
#endif
#else
    fe_token *token, *begin, *end;
#endif
} columns;

#if FE_SOA
#if FE_VIEWS
enum { TOKEN_BYTES = 13 };
#else
enum { TOKEN_BYTES = 21 };
#endif

#define KIND(out, i) ((out)->kind[i])
#define START(out, i) ((out)->start[i])
#define END(out, i) (*(uint32_t *)(void *)((uint8_t *)((out)->start + (i)) + (out)->stride))
#define LINE(out, i) (*(uint32_t *)(void *)((uint8_t *)((out)->start + (i)) + 2 * (out)->stride))
#define COUNT(out) ((uint32_t)((out)->kind - (out)->kind_begin))
#define ROOM(out) ((uint32_t)((out)->kind_end - (out)->kind))

ALWAYS void advance(columns *out, int by) {
    out->kind += by;
    out->start += by;
#if !FE_VIEWS
    out->text += by;
#endif
}

static size_t round_up(size_t bytes) {
    return (bytes + 63) & ~(size_t)63;
}

/* The columns of a buffer for `capacity` tokens, of which there are `count`; each begins on a cache line if the buffer
 * does. */
static columns columns_in(uint8_t *data, uint32_t count, uint32_t capacity) {
    columns out;
#if !FE_VIEWS
    out.text = (const char **)(void *)data;
    data += round_up((size_t)capacity * sizeof *out.text);
#endif
    out.stride = round_up((size_t)capacity * sizeof(uint32_t));
    out.start = (uint32_t *)(void *)data;
    out.kind = out.kind_begin = data + 3 * out.stride;
    out.kind_end = out.kind + capacity;
    advance(&out, (int)count);
    return out;
}

static columns columns_room(fe_task *task, uint32_t count, uint32_t before, uint32_t capacity) {
    uint8_t *data = fe_need(task, FE_BUF_TOKENS, (size_t)capacity * TOKEN_BYTES + 4 * 64);
    columns now = columns_in(data, 0, capacity), then = columns_in(data, 0, before);
    if (count != 0) { /* from the last column on: each moves up, and over none that has not moved */
        const size_t bytes = count * sizeof(uint32_t);
        memmove(now.kind, then.kind, count);
        memmove(&LINE(&now, 0), &LINE(&then, 0), bytes);
        memmove(&END(&now, 0), &END(&then, 0), bytes);
        memmove(now.start, then.start, bytes);
        fe_count_copy(task, 13 * (size_t)count);
    }
    advance(&now, (int)count);
    return now;
}

static inline columns columns_of(const fe_task *task) {
    return columns_in(task->buffers[FE_BUF_TOKENS].data, task->tokens.count, task->tokens.capacity);
}

static inline void columns_to(fe_task *task, columns out) {
    const uint32_t count = COUNT(&out), capacity = count + ROOM(&out);
    advance(&out, -(int)count);
    task->tokens = (fe_tokens){.count = count,
                               .capacity = capacity,
                               .kind = out.kind,
                               .start = out.start,
#if !FE_VIEWS
                               .text = out.text,
#endif
                               .end = &END(&out, 0),
                               .line = &LINE(&out, 0)};
}
#else
#define KIND(out, i) ((out)->token[i].kind)
#define START(out, i) ((out)->token[i].start)
#define END(out, i) ((out)->token[i].end)
#define LINE(out, i) ((out)->token[i].line)
#define COUNT(out) ((uint32_t)((out)->token - (out)->begin))
#define ROOM(out) ((uint32_t)((out)->end - (out)->token))

ALWAYS void advance(columns *out, int by) {
    out->token += by;
}

static columns columns_in(fe_token *data, uint32_t count, uint32_t capacity) {
    return (columns){.token = data + count, .begin = data, .end = data + capacity};
}

static columns columns_room(fe_task *task, uint32_t count, uint32_t before, uint32_t capacity) {
    (void)before;
    return columns_in(fe_need(task, FE_BUF_TOKENS, capacity * sizeof(fe_token)), count, capacity);
}

static inline columns columns_of(const fe_task *task) {
    return columns_in(task->tokens.records, task->tokens.count, task->tokens.capacity);
}

static inline void columns_to(fe_task *task, columns out) {
    const uint32_t count = COUNT(&out);
    task->tokens = (fe_tokens){.count = count, .capacity = count + ROOM(&out), .records = out.begin};
}
#endif

static __attribute__((noinline, cold)) columns columns_grow(fe_task *task, columns out, uint32_t wanted) {
    const uint32_t count = COUNT(&out), capacity = count + ROOM(&out), more = capacity / 2;
    return columns_room(task, count, capacity, capacity + (more > wanted ? more : wanted));
}

/* Room for `wanted` more tokens. */
ALWAYS void ensure(fe_task *task, columns *out, uint32_t wanted) {
    if (PM_UNLIKELY(ROOM(out) < wanted)) {
        *out = columns_grow(task, *out, wanted);
    }
}

/* Without VIEWS a name, number or string gets a copy of its text. */
ALWAYS void keep_text(fe_task *task, const columns *out, bool has_text) {
#if !FE_VIEWS
    const char *copy = NULL;
    if (has_text) {
        const uint32_t bytes = END(out, 0) - START(out, 0);
        char *text = fe_alloc(task, bytes + (bytes == 0));
        memcpy(text, task->source + START(out, 0), bytes);
        fe_count_copy(task, bytes);
        copy = text;
    }
#if FE_SOA
    *out->text = copy;
#else
    out->token->text = copy;
#endif
#else
    (void)task;
    (void)out;
    (void)has_text;
#endif
}

/* The next token; it counts once the columns advance. */
ALWAYS void put(const columns *out, uint8_t kind, uint32_t start, uint32_t end, uint32_t line) {
    KIND(out, 0) = kind;
    START(out, 0) = start;
    END(out, 0) = end;
    LINE(out, 0) = line;
}

/* A token with or without text; there is room. */
ALWAYS void add(fe_task *task, columns *out, uint8_t kind, uint32_t start, uint32_t end, uint32_t line) {
    put(out, kind, start, end, line);
    keep_text(task, out, kind >= FE_T_NAME && kind <= FE_T_TEXT_LAST);
    advance(out, 1);
}

#endif
