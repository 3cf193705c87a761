/* The stages of each setting of the switches, as tables. POOL, ALIGNED and PREFETCH choose no code. */
#include "stages.h"

/* clang-format off */
#define FOR_LEXERS(_) _(0, 0, 0) _(0, 0, 1) _(0, 1, 0) _(0, 1, 1) _(1, 0, 0) _(1, 0, 1) _(1, 1, 0) _(1, 1, 1)
#define FOR_TREES(_)                                                                                                   \
    _(0, 0, 0, 0) _(0, 0, 0, 1) _(0, 0, 1, 0) _(0, 0, 1, 1) _(0, 1, 0, 0) _(0, 1, 0, 1) _(0, 1, 1, 0) _(0, 1, 1, 1)    \
    _(1, 0, 0, 0) _(1, 0, 0, 1) _(1, 0, 1, 0) _(1, 0, 1, 1) _(1, 1, 0, 0) _(1, 1, 0, 1) _(1, 1, 1, 0) _(1, 1, 1, 1)
/* clang-format on */

#define DECLARE_LEXER(views, soa, simd)                                                                                \
    void fe_lex_source_##views##soa##simd(fe_task *task);                                                              \
    void fe_lex_part_##views##soa##simd(fe_task *task, uint32_t begin, uint32_t end, uint32_t line);                   \
    void fe_lex_append_##views##soa##simd(fe_task *task, uint8_t kind, uint32_t start, uint32_t end, uint32_t line);
#define DECLARE_TREE(arena, intern, views, soa)                                                                        \
    void fe_parse_##arena##intern##views##soa(fe_task *task);                                                          \
    void fe_symbols_##arena##intern##views##soa(fe_task *task);                                                        \
    void fe_text_##arena##intern##views##soa(fe_task *task);                                                           \
    void fe_columns_##arena##intern##views##soa(fe_task *task);
FOR_LEXERS(DECLARE_LEXER)
FOR_TREES(DECLARE_TREE)

/* By ARENA, INTERN, VIEWS, SOA from the highest bit down, then SIMD. */
#define STAGES(arena, intern, views, soa, simd)                                                                        \
    {{fe_lex_source_##views##soa##simd, fe_lex_part_##views##soa##simd, fe_lex_append_##views##soa##simd},             \
     fe_parse_##arena##intern##views##soa,                                                                             \
     fe_symbols_##arena##intern##views##soa,                                                                           \
     fe_text_##arena##intern##views##soa,                                                                              \
     fe_columns_##arena##intern##views##soa},
#define BOTH(arena, intern, views, soa) STAGES(arena, intern, views, soa, 0) STAGES(arena, intern, views, soa, 1)

static const fe_stages STAGES_OF[32] = {FOR_TREES(BOTH)};

const fe_stages *fe_stages_of(uint32_t switches) {
    static const uint32_t bits[] = {FE_SWITCH_ARENA, FE_SWITCH_INTERN, FE_SWITCH_VIEWS, FE_SWITCH_SOA, FE_SWITCH_SIMD};
    uint32_t index = 0;
    for (unsigned i = 0; i < sizeof bits / sizeof *bits; i++) {
        index = index * 2 + ((switches & bits[i]) != 0);
    }
    return &STAGES_OF[index];
}
