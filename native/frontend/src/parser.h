/* parser.h: where the parser is: its tokens, the elements of lists under way, and how it complains.
 *
 * The parser is one function per construct of the grammar. Each begins at the token p->at and leaves p->at behind what
 * it read; the first and the last token of a node so are p->at on entry and p->at - 1 at the end, parentheses around
 * parts of it included, as in CPython. Elements of lists go to one stack: a function remembers p->used, pushes, and
 * takes what lies above as a list.
 */
#ifndef FE_PARSER_H
#define FE_PARSER_H

#include "depth.h"
#include "literals.h"
#include "parse_traits.h"
#include "positions.h"
#include "stages.h"

enum {
    NAME_WINDOW = 256, /* tokens whose names are interned together */
    STACK_ELEMENTS = 128
};

typedef struct parser {
    fe_task *task;
#if FE_SOA
    const uint8_t *kinds;
#else
    const fe_token *tokens;
#endif
    uint32_t at;
    uint32_t block_last; /* the last token before the latest NEWLINE: what a compound statement ends with */
    uint32_t whole;      /* for complaints: where the latest expression of more than one token began ... */
    uint32_t whole_end;  /* ... and ended */
    uint32_t clause_end; /* where the latest clause of a comprehension ended: no comma is missed there */
    uint32_t doubted;    /* for complaints: 1 + the token that all of them are about while what follows is tried */
    uint32_t end;        /* the END of the source; tokens behind it are those of fields in f-strings */
    uint32_t used;
    uint32_t room;
    fe_word *stack;
#if FE_INTERN
    uint32_t names_begin; /* the tokens whose names are known ... */
    uint32_t names_count;
    uint32_t names[NAME_WINDOW]; /* ... and their ids; undefined where a token is no name */
#endif
} parser;

/* After anything that may have made tokens. */
static inline void parser_look_up_tokens(parser *p) {
#if FE_SOA
    p->kinds = p->task->tokens.kind;
#else
    p->tokens = p->task->tokens.records;
#endif
}

static inline unsigned parser_kind_at(const parser *p, uint32_t token) {
#if FE_SOA
    return p->kinds[token];
#else
    return p->tokens[token].kind;
#endif
}

static inline unsigned parser_kind(const parser *p) {
    return parser_kind_at(p, p->at);
}

static inline bool kind_is_name(unsigned kind) {
    return kind - FE_T_NAME <= FE_T_NAME_LAST - FE_T_NAME;
}

static inline bool kind_is_string(unsigned kind) {
    return kind - FE_T_STRING_PLAIN <= FE_T_TSTRING_START - FE_T_STRING_PLAIN;
}

/* Where a complaint about a token points to. The end of the source counts to its last line. */
static __attribute__((noinline, cold)) uint32_t parser_place_of(const parser *p, uint32_t token) {
    const fe_task *task = p->task;
    const uint32_t start = FE_TOKEN_START(&task->tokens, p->doubted ? p->doubted - 1 : token);
    return start == task->bytes && start > 0 && task->source[start - 1] == '\n' ? start - 1 : start;
}

/* Ends the task: not Python, as a token shows. */
#define COMPLAIN(p, token, ...) fe_fail_at((p)->task, FE_SYNTAX, parser_place_of(p, token), __VA_ARGS__)

static inline bool parser_accept(parser *p, unsigned kind) {
    if (parser_kind(p) != kind) {
        return false;
    }
    p->at++;
    return true;
}

static inline void parser_expect(parser *p, unsigned kind, const char *what) {
    if (PM_UNLIKELY(parser_kind(p) != kind)) {
        COMPLAIN(p, p->at, "expected %s", what);
    }
    p->at++;
}

static __attribute__((noinline, cold)) void parse_comma_complaint(parser *p);

/* Passes a closing bracket. */
static inline void parser_close(parser *p, unsigned kind, const char *what) {
    if (PM_UNLIKELY(parser_kind(p) != kind)) {
        parse_comma_complaint(p);
        COMPLAIN(p, p->at, "expected %s", what);
    }
    p->at++;
}

static __attribute__((noinline, cold)) void parser_deepen(parser *p, uintptr_t here) {
    if (p->task->depth > FE_DEPTH_MAX) {
        fe_fail_at(p->task, FE_TOO_DEEP, parser_place_of(p, p->at), "nested more than %d levels deep", FE_DEPTH_MAX);
    }
    fe_deepen(p->task, here, parser_place_of(p, p->at));
}

/* One level deeper, as long as parser_leave is not called. Every way around the grammar's recursion comes here. */
static inline void parser_enter(parser *p) {
    if (PM_UNLIKELY(++p->task->depth > FE_DEPTH_MAX || FE_STACK_HERE() < p->task->stack_floor)) {
        parser_deepen(p, FE_STACK_HERE());
    }
}

static inline void parser_leave(parser *p) {
    p->task->depth--;
}

static __attribute__((noinline)) void parser_grow_stack(parser *p) {
    const uint32_t room = p->room ? 2 * p->room : STACK_ELEMENTS;
    p->stack = fe_need(p->task, FE_BUF_STACK, room * sizeof *p->stack);
    p->room = room;
}

static inline void parser_push(parser *p, fe_word element) {
    if (PM_UNLIKELY(p->used == p->room)) {
        parser_grow_stack(p);
    }
    p->stack[p->used++] = element;
}

/* What was pushed since p->used was `mark`, as a list. */
static inline fe_list parser_take(parser *p, uint32_t mark) {
    const uint32_t count = p->used - mark;
    p->used = mark;
    return fe_list_new(p->task, p->stack + mark, count);
}

/* Every second element of those from `from` to `to`, as a list; the stack stays. */
static fe_list parser_pick(parser *p, uint32_t from, uint32_t to) {
    const uint32_t count = (to - from + 1) / 2;
    if (count == 0) {
        return 0;
    }
    fe_word *items;
    const fe_list list = fe_list_open(p->task, count, &items);
    for (uint32_t i = 0; i < count; i++) {
        items[i] = p->stack[from + 2 * i];
    }
    return list;
}

/* The fields of each kind as a structure, and a function that makes its node:
 * NODE(p, Name, first, last, .id = id, .ctx = FE_LOAD); what is not named is 0. */
#define FE_NODE(kind, located) typedef struct fields_##kind {
#define FE_FIELD(kind, name, type, since) fe_word name;
#define FE_END(kind)                                                                                                   \
    }                                                                                                                  \
    fields_##kind;                                                                                                     \
    __attribute__((always_inline, unused)) static inline fe_ref make_##kind(parser *p, uint32_t first, uint32_t last,  \
                                                                            fields_##kind values) {                    \
        fe_ref node;                                                                                                   \
        fe_word *fields = fe_node_open(p->task, FE_KIND_##kind, first, last, FE_##kind##_FIELDS, &node);               \
        if (FE_##kind##_FIELDS > 0) {                                                                                  \
            *(fields_##kind *)fields = values;                                                                         \
        }                                                                                                              \
        return node;                                                                                                   \
    }
#include "nodes.def"
#undef FE_NODE
#undef FE_FIELD
#undef FE_END
#define NODE(p, kind, first, last, ...) make_##kind(p, first, last, (fields_##kind){__VA_ARGS__})

/* The functions that other files of the parser call, by the file that has them. parser.c and all of these are compiled
 * as one unit (see CMakeLists.txt), so that what is short is inlined and every function is local to its variant. */

/* parse_names.c */
static fe_name name_at(parser *p, uint32_t token);
static fe_name name_next(parser *p);
static fe_name name_dotted(parser *p);

/* parse_targets.c */
static const char *target_describe(parser *p, fe_ref node);
static void target_set_context(parser *p, fe_ref node, fe_context context, bool whole);
static bool target_is_single(parser *p, fe_ref node);

/* parse_strings.c: the node of adjacent string tokens; parse_fields.c: of those with an f-string of 3.11 among them */
static fe_ref parse_strings(parser *p);
static fe_ref parse_fields(parser *p, uint32_t first, uint32_t last);
static uint32_t strings_place_behind(const fe_task *task, uint32_t last);
static const uint8_t *strings_open(const fe_task *task, uint32_t token, fe_literal *literal);
static void strings_check_ascii(fe_task *task, uint32_t token, const uint8_t *text, const fe_literal *literal);
static void strings_check_alike(fe_task *task, uint32_t last, bool all_bytes, bool bytes);
static fe_ref strings_constant(fe_task *task, uint32_t first, uint32_t last, fe_constant value, fe_blob payload,
                               bool unicode);

/* parse_fstrings.c: the node of string tokens from `first` on with an f-string or t-string of 3.12 among them */
static fe_ref parse_fstrings(parser *p, uint32_t first);

/* parse_types.c */
static fe_list parse_type_parameters(parser *p);
static bool type_is_statement(parser *p);
static fe_ref parse_type_statement(parser *p);

/* parse_atoms.c */
static fe_ref parse_number(parser *p, uint32_t token);
static fe_ref parse_name(parser *p);
static fe_ref parse_plain_constant(parser *p, unsigned kind);
static bool starts_for_clause(parser *p);
static fe_list parse_for_clauses(parser *p, fe_ref element);
static fe_ref parse_starred(parser *p, unsigned lowest);
static fe_ref parse_star_named_expression(parser *p);
static fe_ref parse_atom(parser *p);

/* parse_primary.c */
typedef struct arguments {
    fe_list positional, keywords;
} arguments;
static arguments parse_call_arguments(parser *p, uint32_t open, bool is_call);
static fe_ref parse_primary(parser *p);

/* parse_expressions.c */
static fe_ref parse_expression(parser *p);
static fe_ref parse_named_expression(parser *p);
static fe_ref parse_star_expressions(parser *p);
static fe_ref parse_yield_or_stars(parser *p);
static fe_ref parse_binary(parser *p, unsigned lowest);
static fe_ref parse_for_targets(parser *p);

/* parse_parameters.c */
static fe_ref parse_parameters(parser *p, unsigned closer);

/* parse_patterns.c */
static bool match_is_statement(parser *p);
static fe_ref parse_pattern(parser *p);
static fe_ref parse_match_statement(parser *p);

/* parse_simple.c */
static void parse_simple_statements(parser *p);

/* parse_compound.c */
static fe_list parse_block(parser *p, const char *what, uint32_t header);
static void parse_statement(parser *p);

#endif
