/* The text of CPython's ast.dump(tree, include_attributes=True), byte for byte.
 *
 * One function walks the tree; its cases are made from nodes.def, so each kind's text is literals known when this is
 * compiled, copied 16 bytes at a time whatever their length. The parts of a place that only a new line changes are kept
 * ready as text. Numbers come out of a table. Recursion is as deep as the tree, if the stack allows (depth.h).
 */
#include "constants.h"
#include "depth.h"
#include "digits.h"
#include "nodes.h"
#include "positions.h"
#include "stages.h"

#define NULS_16 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

/* Copies a literal in pieces of 16 bytes; p is an lvalue. */
#define PUT(p, literal)                                                                                                \
    do {                                                                                                               \
        memcpy(p, literal NULS_16, (sizeof(literal) + 14) / 16 * 16);                                                  \
        (p) += sizeof(literal) - 1;                                                                                    \
    } while (0)

enum {
    SHORT_NAME = 64,  /* copied without asking for room */
    START_BYTES = 32, /* ", lineno=" 9 digits ", col_offset=" */
    END_BYTES = 48,   /* ", end_lineno=" 9 digits ", end_col_offset=" */
    NO_TOKEN = UINT32_MAX
};

typedef struct emitter {
    fe_output out;
    fe_line start;
    fe_line end;
    uint32_t start_bytes; /* of start_text */
    uint32_t end_bytes;
    bool shows_empty;   /* empty lists are printed */
    uint32_t ahead;     /* elements of lists that are prefetched */
    uint32_t end_token; /* the last one whose end was searched for, and its line */
    fe_line end_found;
    uint8_t start_text[START_BYTES + 16];
    uint8_t end_text[END_BYTES + 16];
} emitter;

typedef struct word_text {
    char text[15];
    uint8_t bytes;
} word_text;

#define WORD(text) {text, sizeof(text) - 1}
static const word_text contexts[] = {WORD("Load()"), WORD("Store()"), WORD("Del()")};
static const word_text named_contexts[] = {WORD("', ctx=Load()"), WORD("', ctx=Store()"), WORD("', ctx=Del()")};
static const word_text boolops[] = {WORD("And()"), WORD("Or()")};
static const word_text unaryops[] = {WORD("Invert()"), WORD("Not()"), WORD("UAdd()"), WORD("USub()")};
static const word_text operators[] = {WORD("Add()"),     WORD("Sub()"),   WORD("Mult()"),   WORD("MatMult()"),
                                      WORD("Div()"),     WORD("Mod()"),   WORD("Pow()"),    WORD("LShift()"),
                                      WORD("RShift()"),  WORD("BitOr()"), WORD("BitXor()"), WORD("BitAnd()"),
                                      WORD("FloorDiv()")};
static const word_text cmpops[] = {WORD("Eq()"),  WORD("NotEq()"), WORD("Lt()"),    WORD("LtE()"), WORD("Gt()"),
                                   WORD("GtE()"), WORD("Is()"),    WORD("IsNot()"), WORD("In()"),  WORD("NotIn()")};

static inline uint8_t *put_word(uint8_t *p, const word_text *word) {
    memcpy(p, word, 16);
    return p + word->bytes;
}

static void new_start(emitter *e, const fe_task *task, uint32_t line) {
    e->start = fe_line_of(task, line);
    uint8_t *p = e->start_text;
    PUT(p, ", lineno=");
    p = fe_put_number(p, fe_line_number(task, line));
    PUT(p, ", col_offset=");
    e->start_bytes = (uint32_t)(p - e->start_text);
}

static void new_end(emitter *e, const fe_task *task, uint32_t token, uint32_t line, uint32_t end) {
    fe_line found = fe_line_of(task, line);
    if (end >= found.next) {
        if (e->end_token != token) {
            e->end_token = token;
            e->end_found = fe_line_of_end(task, line, end);
        }
        found = e->end_found;
    }
    if (found.number == e->end.number) {
        return;
    }
    e->end = found;
    uint8_t *p = e->end_text;
    PUT(p, ", end_lineno=");
    if (found.number == e->start.number) { /* most often: its text is there */
        memcpy(p, e->start_text + sizeof ", lineno=" - 1, 16);
        p += e->start_bytes - (sizeof ", lineno=, col_offset=" - 1);
    } else {
        p = fe_put_number(p, fe_line_number(task, found.number));
    }
    PUT(p, ", end_col_offset=");
    e->end_bytes = (uint32_t)(p - e->end_text);
}

/* put_place where a line is another than before, or a column is far out. */
static __attribute__((noinline)) uint8_t *put_new_place(emitter *e, uint8_t *p, const fe_task *task, uint32_t first,
                                                        uint32_t last, uint32_t skip) {
    const fe_tokens *tokens = &task->tokens;
    const uint32_t start_line = FE_TOKEN_LINE(tokens, first), end = FE_TOKEN_END(tokens, last);
    if (start_line != e->start.number) {
        new_start(e, task, start_line);
    }
    new_end(e, task, last, FE_TOKEN_LINE(tokens, last), end);
    memcpy(p, e->start_text + skip, START_BYTES);
    p = fe_put_number(p + e->start_bytes - skip, FE_TOKEN_START(tokens, first) - e->start.begin);
    memcpy(p, e->end_text, END_BYTES);
    p = fe_put_number(p + e->end_bytes, end - e->end.begin);
    *p++ = ')';
    return p;
}

/* The four attributes of a node that goes from one token to another, and its closing bracket; without the first `skip`
 * bytes, a comma and a space where nothing stands before them. */
static inline uint8_t *put_place(emitter *e, uint8_t *p, const fe_task *task, uint32_t first, uint32_t last,
                                 uint32_t skip) {
    const fe_tokens *tokens = &task->tokens;
    const uint32_t start = FE_TOKEN_START(tokens, first) - e->start.begin;
    const uint32_t end = FE_TOKEN_END(tokens, last), end_column = end - e->end.begin;
    if (PM_UNLIKELY(FE_TOKEN_LINE(tokens, first) != e->start.number || FE_TOKEN_LINE(tokens, last) != e->end.number ||
                    end >= e->end.next || (start | end_column) >= 512)) {
        return put_new_place(e, p, task, first, last, skip);
    }
    memcpy(p, e->start_text + skip, START_BYTES);
    p += e->start_bytes - skip;
    memcpy(p, fe_digits[start], 4);
    p += fe_digits[start][3];
    memcpy(p, e->end_text, END_BYTES);
    p += e->end_bytes;
    memcpy(p, fe_digits[end_column], 4);
    p += fe_digits[end_column][3];
    *p = ')';
    return p + 1;
}

/* A name; where `token` is one, it is the token that the name stands in. */
static inline uint8_t *put_name(emitter *e, uint8_t *p, const fe_task *task, fe_name name, uint32_t token) {
#if FE_VIEWS
    if (token != NO_TOKEN && PM_LIKELY(FE_TOKEN_KIND(&task->tokens, token) != FE_T_NAME_FOREIGN)) {
        const uint32_t bytes = FE_TOKEN_BYTES(&task->tokens, token);
        const uint8_t *text = task->source + FE_TOKEN_START(&task->tokens, token);
        if (PM_LIKELY(bytes <= 16)) { /* the source has a tail to read into */
            memcpy(p, text, 16);
            return p + bytes;
        }
        if (PM_LIKELY(bytes <= SHORT_NAME)) {
            memcpy(p, text, SHORT_NAME);
            return p + bytes;
        }
        return fe_output_bytes(&e->out, p, text, bytes);
    }
#endif
    (void)token;
    const pm_text text = fe_name_text(task, name);
    if (PM_LIKELY(text.bytes <= SHORT_NAME)) {
        memcpy(p, text.data, text.bytes);
        return p + text.bytes;
    }
    return fe_output_bytes(&e->out, p, text.data, text.bytes);
}

/* Asks for a node that will be read soon. */
static inline void prefetch_node(const fe_task *task, fe_ref node) {
#if FE_SOA
    __builtin_prefetch(task->tree.kind + node);
    __builtin_prefetch(task->tree.first + node);
    __builtin_prefetch((const char *)task->tree.fields + node * (FE_ARENA ? sizeof(uint32_t) : sizeof(fe_word *)));
#elif FE_ARENA
    __builtin_prefetch(task->tree.words + node);
#else
    (void)task;
    __builtin_prefetch((const void *)node);
#endif
}

static uint8_t *put_node(emitter *e, uint8_t *p, fe_ref node);

#if FE_VIEWS
/* The node that is met most: a short name, all of which is in its token. */
static __attribute__((noinline)) uint8_t *put_short_name(emitter *e, uint8_t *p, fe_ref node) {
    const fe_task *task = e->out.task;
    const uint32_t token = FE_NODE_FIRST(task, node);
    const uint32_t start = FE_TOKEN_START(&task->tokens, token), bytes = FE_TOKEN_END(&task->tokens, token) - start;
    if (PM_UNLIKELY(p > e->out.limit || bytes > 16 || FE_TOKEN_KIND(&task->tokens, token) == FE_T_NAME_FOREIGN)) {
        return put_node(e, p, node);
    }
    PUT(p, "Name(id='");
    memcpy(p, task->source + start, 16); /* the source has a tail to read into */
    p = put_word(p + bytes, &named_contexts[FE_FIELD_OF(task, node, Name, ctx)]);
    return put_place(e, p, task, token, token, 0);
}

static inline uint8_t *put_child(emitter *e, uint8_t *p, fe_ref node) {
    return FE_NODE_KIND(e->out.task, node) == FE_KIND_Name ? put_short_name(e, p, node) : put_node(e, p, node);
}
#else
#define put_child put_node
#endif

static uint8_t *put_nodes(emitter *e, uint8_t *p, fe_list list) {
    const fe_task *task = e->out.task;
    const uint32_t count = fe_list_count(task, list), ahead = e->ahead;
    *p++ = '[';
    for (uint32_t i = 0; i < count; i++) {
        if (ahead != 0 && ahead < count - i) {
            prefetch_node(task, fe_list_item(task, list, i + ahead));
        }
        if (i != 0) {
            memcpy(p, ", ", 2);
            p += 2;
        }
        const fe_ref node = fe_list_item(task, list, i);
        if (PM_LIKELY(node != 0)) {
            p = put_child(e, p, node);
        } else {
            PUT(p, "None");
            p = fe_output_room(&e->out, p);
        }
    }
    *p++ = ']';
    return p;
}

static uint8_t *put_names(emitter *e, uint8_t *p, fe_list list) {
    const fe_task *task = e->out.task;
    const uint32_t count = fe_list_count(task, list);
    *p++ = '[';
    for (uint32_t i = 0; i < count; i++) {
        p = fe_output_room(&e->out, p);
        if (i != 0) {
            memcpy(p, ", ", 2);
            p += 2;
        }
        *p++ = '\'';
        p = put_name(e, p, task, fe_list_item(task, list, i), NO_TOKEN);
        *p++ = '\'';
    }
    *p++ = ']';
    return p;
}

static uint8_t *put_cmpops(emitter *e, uint8_t *p, fe_list list) {
    const fe_task *task = e->out.task;
    const uint32_t count = fe_list_count(task, list);
    *p++ = '[';
    for (uint32_t i = 0; i < count; i++) {
        if (i != 0) {
            p = fe_output_room(&e->out, p);
            memcpy(p, ", ", 2);
            p += 2;
        }
        p = put_word(p, &cmpops[fe_list_item(task, list, i)]);
    }
    *p++ = ']';
    return p;
}

static uint8_t *put_signed(uint8_t *p, int32_t number) {
    if (number < 0) {
        *p++ = '-';
        number = -number;
    }
    return fe_put_number(p, (uint32_t)number);
}

/* What stands before a field's value. bare: nothing was printed of this node yet. */
#define LEAD(kind, name, mark)                                                                                         \
    if (bare) {                                                                                                        \
        PUT(p, #kind "(" #name "=" mark);                                                                              \
        bare = false;                                                                                                  \
    } else {                                                                                                           \
        PUT(p, ", " #name "=" mark);                                                                                   \
    }

/* The token in which the name of a kind stands, where it is always the same one. */
#define NAME_TOKEN(kind)                                                                                               \
    (FE_KIND_##kind == FE_KIND_Name || FE_KIND_##kind == FE_KIND_arg || FE_KIND_##kind == FE_KIND_keyword              \
         ? FE_NODE_FIRST(task, node)                                                                                   \
     : FE_KIND_##kind == FE_KIND_Attribute ? FE_NODE_LAST(task, node)                                                  \
                                           : NO_TOKEN)

/* Of these the context stands right behind the name: one word holds both quote and context. */
#define IS_NAMED_CONTEXT(kind) (FE_KIND_##kind == FE_KIND_Name || FE_KIND_##kind == FE_KIND_Attribute)

/* What a field of each type prints; `field` is its word. */
#define PUT_NAME(kind, name)                                                                                           \
    LEAD(kind, name, "'")                                                                                              \
    p = put_name(e, p, task, field, NAME_TOKEN(kind));                                                                 \
    if (!IS_NAMED_CONTEXT(kind)) {                                                                                     \
        *p++ = '\'';                                                                                                   \
    }
#define PUT_OPT_NAME(kind, name)                                                                                       \
    if (field) {                                                                                                       \
        PUT_NAME(kind, name)                                                                                           \
    }
#define PUT_NAMES(kind, name)                                                                                          \
    if (field || e->shows_empty) {                                                                                     \
        LEAD(kind, name, "") p = put_names(e, p, field);                                                               \
    }
#define PUT_NODE(kind, name) LEAD(kind, name, "") p = put_child(e, p, field);
#define PUT_OPT_NODE(kind, name)                                                                                       \
    if (field) {                                                                                                       \
        PUT_NODE(kind, name)                                                                                           \
    }
#define PUT_NODES(kind, name)                                                                                          \
    if (field) {                                                                                                       \
        LEAD(kind, name, "") p = put_nodes(e, p, field);                                                               \
    } else if (e->shows_empty) {                                                                                       \
        LEAD(kind, name, "[]")                                                                                         \
    }
#define PUT_HOLES(kind, name) PUT_NODES(kind, name)
#define PUT_INT(kind, name) LEAD(kind, name, "") p = put_signed(p, (int32_t)field);
#define PUT_CTX(kind, name)                                                                                            \
    if (IS_NAMED_CONTEXT(kind)) {                                                                                      \
        p = put_word(p, &named_contexts[field]);                                                                       \
    } else {                                                                                                           \
        LEAD(kind, name, "") p = put_word(p, &contexts[field]);                                                        \
    }
#define PUT_BOOLOP(kind, name) LEAD(kind, name, "") p = put_word(p, &boolops[field]);
#define PUT_OPERATOR(kind, name) LEAD(kind, name, "") p = put_word(p, &operators[field]);
#define PUT_UNARYOP(kind, name) LEAD(kind, name, "") p = put_word(p, &unaryops[field]);
#define PUT_CMPOPS(kind, name) LEAD(kind, name, "") p = put_cmpops(e, p, field);
#define PUT_CONSTANT(kind, name)                                                                                       \
    LEAD(kind, name, "")                                                                                               \
    p = fe_put_constant(&e->out, p, e->out.task, field,                                                                \
                        FE_KIND_##kind == FE_KIND_Constant ? fields[FE_Constant_payload] : 0,                          \
                        FE_NODE_FIRST(task, node), FE_NODE_LAST(task, node));
#define PUT_PAYLOAD(kind, name)
#define PUT_TEXT(kind, name)                                                                                           \
    LEAD(kind, name, "")                                                                                               \
    p = fe_output_repr(&e->out, p, fe_blob_data(task, field), fe_blob_bytes(task, field), false);
#define PUT_UNICODE(kind, name)                                                                                        \
    if (field) {                                                                                                       \
        LEAD(kind, name, "'u'")                                                                                        \
    }

/* Writes a node from any place up to limit + FE_OUTPUT_ROOM / 2 on; returns such a place. */
static uint8_t *put_node(emitter *e, uint8_t *p, fe_ref node) {
    const fe_task *task = e->out.task;
    p = fe_output_room(&e->out, p);
    fe_check_depth(e->out.task, node);
    const fe_word *fields = FE_NODE_FIELDS(task, node);
    bool bare = true;
    switch (FE_NODE_KIND(task, node)) {
#define FE_NODE(kind, located)                                                                                         \
    case FE_KIND_##kind: {                                                                                             \
        const bool has_place = located;
#define FE_FIELD(kind, name, type, since)                                                                              \
    if (since == 0 || task->dialect->minor >= since) {                                                                 \
        const fe_word field = fields[FE_##kind##_##name];                                                              \
        (void)field;                                                                                                   \
        PUT_##type(kind, name)                                                                                         \
    }
#define FE_END(kind)                                                                                                   \
    if (bare) {                                                                                                        \
        PUT(p, #kind "(");                                                                                             \
    }                                                                                                                  \
    if (FE_KIND_##kind == FE_KIND_Module && e->shows_empty) {                                                          \
        PUT(p, ", type_ignores=[]");                                                                                   \
    }                                                                                                                  \
    p = fe_output_room(&e->out, p);                                                                                    \
    if (has_place) {                                                                                                   \
        p = put_place(e, p, task, FE_NODE_FIRST(task, node), FE_NODE_LAST(task, node), bare ? 2 : 0);                  \
    } else {                                                                                                           \
        *p++ = ')';                                                                                                    \
    }                                                                                                                  \
    break;                                                                                                             \
    }
#include "nodes.def"
#undef FE_NODE
#undef FE_FIELD
#undef FE_END
    case FE_KIND_NONE:
    case FE_KIND_COUNT: break;
    }
    return p;
}

void FE_VARIANT(fe_text)(fe_task *task) {
    emitter e = {.shows_empty = task->shows_empty, .ahead = task->prefetch, .end_token = NO_TOKEN};
    uint8_t *p = fe_output_begin(&e.out, task, FE_VIEWS ? 96 * (size_t)task->tree.node_count : 8 * (size_t)task->bytes,
                                 FE_VIEWS);
    p = put_node(&e, p, (fe_ref)task->root);
    fe_output_end(&e.out, p);
}
