/* The stages of each setting of the switches, as tables. POOL, ALIGNED and PREFETCH choose no code. */
#include "stages.h"

#define PASTE5(name, a, b, c, d) name##_##a##b##c##d
#define PASTE4(name, a, b, c) name##_##a##b##c

#define FOR_LEXERS(_) _(0, 0, 0) _(0, 0, 1) _(0, 1, 0) _(0, 1, 1) _(1, 0, 0) _(1, 0, 1) _(1, 1, 0) _(1, 1, 1)
#define FOR_TREES(_)                                                                                                   \
    _(0, 0, 0, 0)                                                                                                      \
    _(0, 0, 0, 1)                                                                                                      \
    _(0, 0, 1, 0)                                                                                                      \
    _(0, 0, 1, 1)                                                                                                      \
    _(0, 1, 0, 0)                                                                                                      \
    _(0, 1, 0, 1)                                                                                                      \
    _(0, 1, 1, 0)                                                                                                      \
    _(0, 1, 1, 1)                                                                                                      \
    _(1, 0, 0, 0)                                                                                                      \
    _(1, 0, 0, 1)                                                                                                      \
    _(1, 0, 1, 0)                                                                                                      \
    _(1, 0, 1, 1)                                                                                                      \
    _(1, 1, 0, 0)                                                                                                      \
    _(1, 1, 0, 1)                                                                                                      \
    _(1, 1, 1, 0)                                                                                                      \
    _(1, 1, 1, 1)

#define MISSING(name, arguments)                                                                                       \
    static void name arguments {                                                                                       \
        fe_fail(task, FE_UNSUPPORTED, 0, 0, "this build is without " #name);                                           \
    }
#define DECLARE_LEXER(v, s, m)                                                                                         \
    void PASTE4(fe_lex_source, v, s, m)(fe_task * task);                                                               \
    void PASTE4(fe_lex_part, v, s, m)(fe_task * task, uint32_t begin, uint32_t end, uint32_t line);
#define DECLARE_PARSER(a, i, v, s) void PASTE5(fe_parse, a, i, v, s)(fe_task * task);
#define DECLARE_SYMBOLS(a, i, v, s) void PASTE5(fe_symbols, a, i, v, s)(fe_task * task);
#define DECLARE_TEXT(a, i, v, s) void PASTE5(fe_text, a, i, v, s)(fe_task * task);
#define DECLARE_COLUMNS(a, i, v, s) void PASTE5(fe_columns, a, i, v, s)(fe_task * task);

#ifdef FE_WITHOUT_SOURCE
void fe_decode(fe_task *task) {
    (void)task;
}
#endif
#ifndef FE_WITHOUT_LEXER
FOR_LEXERS(DECLARE_LEXER)
#define SOURCE(v, s, m) PASTE4(fe_lex_source, v, s, m)
#define PART(v, s, m) PASTE4(fe_lex_part, v, s, m)
#else
MISSING(lexer, (fe_task * task))
MISSING(part, (fe_task * task, uint32_t begin __attribute__((unused)), uint32_t end __attribute__((unused)),
               uint32_t line __attribute__((unused))))
#define SOURCE(v, s, m) lexer
#define PART(v, s, m) part
#endif
#ifndef FE_WITHOUT_PARSER
FOR_TREES(DECLARE_PARSER)
#define PARSE(a, i, v, s) PASTE5(fe_parse, a, i, v, s)
#else
MISSING(parser, (fe_task * task))
#define PARSE(a, i, v, s) parser
#endif
#ifndef FE_WITHOUT_SYMBOLS
FOR_TREES(DECLARE_SYMBOLS)
#define SYMBOLS(a, i, v, s) PASTE5(fe_symbols, a, i, v, s)
#else
static void symbols(fe_task *task) {
    (void)task;
}
#define SYMBOLS(a, i, v, s) symbols
#endif
#ifndef FE_WITHOUT_EMIT
FOR_TREES(DECLARE_TEXT)
#define TEXT(a, i, v, s) PASTE5(fe_text, a, i, v, s)
#else
MISSING(emit, (fe_task * task))
#define TEXT(a, i, v, s) emit
#endif
#ifndef FE_WITHOUT_COLUMNS
FOR_TREES(DECLARE_COLUMNS)
#define COLUMNS(a, i, v, s) PASTE5(fe_columns, a, i, v, s)
#else
MISSING(columns, (fe_task * task))
#define COLUMNS(a, i, v, s) columns
#endif

/* By ARENA, INTERN, VIEWS, SOA from the highest bit down, then SIMD. */
#define STAGES(a, i, v, s, m)                                                                                          \
    {{SOURCE(v, s, m), PART(v, s, m)}, PARSE(a, i, v, s), SYMBOLS(a, i, v, s), TEXT(a, i, v, s), COLUMNS(a, i, v, s)},
#define BOTH(a, i, v, s) STAGES(a, i, v, s, 0) STAGES(a, i, v, s, 1)

static const fe_stages STAGES_OF[32] = {FOR_TREES(BOTH)};

const fe_stages *fe_stages_of(uint32_t switches) {
    static const uint32_t bits[] = {FE_SWITCH_ARENA, FE_SWITCH_INTERN, FE_SWITCH_VIEWS, FE_SWITCH_SOA, FE_SWITCH_SIMD};
    uint32_t index = 0;
    for (unsigned i = 0; i < sizeof bits / sizeof *bits; i++) {
        index = index * 2 + ((switches & bits[i]) != 0);
    }
    return &STAGES_OF[index];
}
