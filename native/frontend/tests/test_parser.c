/* The parser: trees, places and complaints are those of CPython 3.11, in every variant. */
#include "check.h"
#include "session.h"
#include "tree.h"
#include "trees.h"

enum { VARIANTS = 16, TEXT_BYTES = 1 << 16 };
#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static char text[TEXT_BYTES];
static size_t text_used;

static bool keep(void *context, const void *data, size_t bytes) {
    (void)context;
    CHECK(text_used + bytes < TEXT_BYTES);
    memcpy(text + text_used, data, bytes);
    text_used += bytes;
    text[text_used] = '\0';
    return true;
}

/* ARENA, INTERN, VIEWS, SOA are the four lowest switches; the others are on in every second variant. */
static fe_session *session_of(unsigned variant) {
    const uint32_t others = variant & 1 ? FE_SWITCH_POOL | FE_SWITCH_SIMD | FE_SWITCH_ALIGNED : FE_SWITCH_PREFETCH;
    const fe_options options = {.switches = variant | others, .minor = 11};
    fe_session *session = NULL;
    CHECK_EQUAL(FE_OK, fe_session_new(&options, &session));
    return session;
}

/* Takes the attributes out of the dump in `text`, and what is around the body. */
static const char *bare_body(void) {
    static char bare[TEXT_BYTES];
    char *to = bare;
    bool is_first = false;
    for (const char *from = text + strlen("Module(body=["); *from != '\0';) {
        const char *begin = strncmp(from, ", lineno=", 9) == 0 ? from + 2 : from;
        is_first = from > text && from[-1] == '(';
        if (strncmp(begin, "lineno=", 7) == 0 && (begin > from || is_first)) {
            from = strchr(strstr(begin, "end_col_offset="), ')');
        } else {
            *to++ = *from++;
        }
    }
    to -= strlen("], type_ignores=[])");
    *to = '\0';
    return bare;
}

static void trees_are_cpythons(void) {
    for (unsigned variant = 0; variant < VARIANTS; variant++) {
        fe_session *session = session_of(variant);
        for (size_t i = 0; i < COUNT_OF(TREES); i++) {
            fe_error error;
            text_used = 0;
            const fe_status status =
                fe_translate(session, TREES[i][0], strlen(TREES[i][0]), FE_STAGE_TEXT, keep, NULL, &error);
            if (status != FE_OK || strcmp(TREES[i][1], bare_body()) != 0) {
                fprintf(stderr, "variant %u, %s\nexpected %s\ngot      %s\n", variant, TREES[i][0], TREES[i][1],
                        status == FE_OK ? bare_body() : error.message);
                abort();
            }
        }
        fe_session_free(session);
    }
}

/* ---- names beyond ASCII ---- */

/* For U+FB01 `fi`, and as often as it stands there. */
static int64_t normalize_ligatures(void *context, const void *name, size_t bytes, void *out, size_t capacity) {
    (void)context;
    const size_t wanted = bytes / 3 * 2;
    CHECK_EQUAL(0, bytes % 3);
    CHECK(memcmp(name, "\xEF\xAC\x81", 3) == 0);
    for (size_t i = 0; i < wanted && i < capacity; i++) {
        ((char *)out)[i] = "fi"[i % 2];
    }
    return (int64_t)wanted;
}

static void names_are_in_normal_form(void) {
    enum { LIGATURES = 300 }; /* a longer name than fits on the stack */
    static const fe_delegate delegate = {.normalize = normalize_ligatures};
    static char source[64 + 3 * LIGATURES];
    char long_name[2 * LIGATURES + 1];
    strcpy(source, "import \xEF\xAC\x81 . b.\xEF\xAC\x81\nf'{\xEF\xAC\x81}'\n");
    for (size_t i = 0; i < LIGATURES; i++) {
        strcat(source, "\xEF\xAC\x81");
        memcpy(long_name + 2 * i, "fi", 3);
    }
    for (unsigned variant = 0; variant < VARIANTS; variant++) {
        const fe_options options = {
            .switches = variant | (variant & 2 ? FE_SWITCH_PREFETCH : 0), .minor = 11, .delegate = &delegate};
        fe_session *session = NULL;
        CHECK_EQUAL(FE_OK, fe_session_new(&options, &session));
        text_used = 0;
        CHECK_EQUAL(FE_OK, fe_translate(session, source, strlen(source), FE_STAGE_TEXT, keep, NULL, NULL));
        CHECK(strstr(text, "alias(name='fi.b.fi'") != NULL);
        CHECK(strstr(text, "FormattedValue(value=Name(id='fi'") != NULL);
        CHECK(strstr(text, long_name) != NULL);
        fe_session_free(session);
    }
    fe_session *session = session_of(VARIANTS - 1);
    CHECK_EQUAL(FE_DELEGATE, fe_translate(session, source, strlen(source), FE_STAGE_PARSE, NULL, NULL, NULL));
    fe_session_free(session);
}

/* ---- places ---- */

/* A source, and the text from the first token to the last of the first node of a kind. */
static const struct {
    const char *source;
    fe_kind kind;
    const char *slice;
} places[] = {
    {"(a) + (b)", FE_KIND_BinOp, "(a) + (b)"},
    {"((a)).b", FE_KIND_Attribute, "((a)).b"},
    {"((a))", FE_KIND_Name, "a"},
    {"x = ((a, b))", FE_KIND_Tuple, "(a, b)"},
    {"x = a, b,", FE_KIND_Tuple, "a, b,"},
    {"x[1,]", FE_KIND_Tuple, "1,"},
    {"x[(a):]", FE_KIND_Slice, "(a):"},
    {"x[a, *b]", FE_KIND_Starred, "*b"},
    {"f(a for a in b)", FE_KIND_GeneratorExp, "(a for a in b)"},
    {"f(a, k=(1))", FE_KIND_keyword, "k=(1)"},
    {"f(**k)", FE_KIND_keyword, "**k"},
    {"(a < (b))", FE_KIND_Compare, "a < (b)"},
    {"a = not (b)", FE_KIND_UnaryOp, "not (b)"},
    {"@d\ndef f(): pass\n", FE_KIND_FunctionDef, "def f(): pass"},
    {"async def f():\n  pass\n\nx", FE_KIND_AsyncFunctionDef, "async def f():\n  pass"},
    {"if a: b;\nelse:\n  c\n  # d\n", FE_KIND_If, "if a: b;\nelse:\n  c"},
    {"def f(a: b = c): d", FE_KIND_arg, "a: b"},
    {"import a.b as c, d", FE_KIND_alias, "a.b as c"},
    {"with a as (b): c", FE_KIND_With, "with a as (b): c"},
    {"try: a\nexcept b: c\nelse: d", FE_KIND_ExceptHandler, "except b: c"},
    {"match a:\n case (b): c", FE_KIND_MatchAs, "b"},
    {"match a:\n case b, c: d", FE_KIND_MatchSequence, "b, c"},
    {"match a,:\n case b.c(): d", FE_KIND_MatchClass, "b.c()"},
    {"f'{ a, b !r}'", FE_KIND_Tuple, "{ a, b !"},
    {"a = 'b' \\\n 'c'", FE_KIND_Constant, "'b' \\\n 'c'"},
};

/* Looks at the tree while its text is handed over. */
static bool check_place(void *context, const void *data, size_t bytes) {
    const size_t i = text_used;
    const fe_task *task = &((fe_session *)context)->task;
    (void)data;
    (void)bytes;
    const size_t length = strlen(places[i].slice);
    for (uint32_t node = 1; node <= task->tree.node_count; node++) {
        if (FE_NODE_KIND(task, node) == places[i].kind) {
            const uint32_t begin = FE_TOKEN_START(&task->tokens, FE_NODE_FIRST(task, node));
            const uint32_t end = FE_TOKEN_END(&task->tokens, FE_NODE_LAST(task, node));
            CHECK_EQUAL(length, end - begin);
            CHECK(memcmp(task->source + begin, places[i].slice, length) == 0);
            return true;
        }
    }
    return false;
}

static void nodes_lie_where_cpythons_do(void) {
    fe_session *session = NULL;
    CHECK_EQUAL(FE_OK, fe_session_new(NULL, &session));
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        text_used = i;
        CHECK_EQUAL(FE_OK, fe_translate(session, places[i].source, strlen(places[i].source), FE_STAGE_TEXT, check_place,
                                        session, NULL));
    }
    fe_session_free(session);
}

/* ---- complaints ---- */

/* What CPython 3.11 refuses, and in which line. */
static const struct {
    const char *source;
    uint32_t line;
} refused[] = {
    {"f() = 1", 1},
    {"a + b = c", 1},
    {"(a, 1) = b", 1},
    {"None = a", 1},
    {"[a, f()] = b", 1},
    {"a, b += c", 1},
    {"(a, b): c", 1},
    {"a() : b", 1},
    {"(a).b: c", 1},
    {"del f()", 1},
    {"del *a", 1},
    {"for 1 in a: b", 1},
    {"with a as f(): b", 1},
    {"f(a=1, b)", 1},
    {"f(**a, *b)", 1},
    {"f(a for a in b, c)", 1},
    {"f(a.b=1)", 1},
    {"f(True=1)", 1},
    {"class A(a for a in b): c", 1},
    {"(*a)", 1},
    {"{**a for a in b}", 1},
    {"[*a for a in b]", 1},
    {"a = yield = b", 1},
    {"x = (a := 1) = 2", 1},
    {"a if b", 1},
    {"a b", 1},
    {"if a\n  b", 1},
    {"if a:\nb", 2},
    {"def f():\n", 1},
    {"  a", 1},
    {"a\n  b", 2},
    {"try: a\nb", 2},
    {"try: a\nexcept b: c\nexcept* d: e", 3},
    {"try: a\nexcept* : b", 2},
    {"def f(a=1, b): c", 1},
    {"def f(*): a", 1},
    {"def f(*, **a): b", 1},
    {"def f(/, a): b", 1},
    {"def f(a, *b, /): c", 1},
    {"def f(a, /, b, /): c", 1},
    {"def f(**a, b): c", 1},
    {"def f(*a=1): b", 1},
    {"def f(a, (b)): c", 1},
    {"lambda *: a", 1},
    {"from a import b,", 1},
    {"from a import ()", 1},
    {"import a.", 1},
    {"a := b", 1},
    {"(a.b := c)", 1},
    {"x[a:b := c]", 1},
    {"x[*a:b]", 1},
    {"async a", 1},
    {"@a\nb", 2},
    {"match a:\n b", 2},
    {"match a:\n case b.c as d.e: f", 2},
    {"match a:\n case _ as _: f", 2},
    {"match a:\n case A(b=c, d): e", 2},
    {"match a:\n case 1+2: b", 2},
    {"match a:\n case {a: b}: c", 2},
    {"match a:\n case *b: c", 2},
    {"match a:\n case _.b: c", 2},
    {"a not b", 1},
    {"not", 1},
    {"a + not b", 1},
    {"pass a", 1},
    {"return = 1", 1},
    {"f'{a b}'", 1},
    {"f'{*a}'", 1},
    {"x = *", 1},
    {"print 1", 1},
    {"else: a", 1},
    {"a: b: c", 1},
    {"(yield) = a", 1},
    {"a = lambda: yield", 1},
    {"{a: *b}", 1},
    {"{a:}", 1},
    {"{a, b: c}", 1},
    {"[a, b for c in d]", 1},
    {"nonlocal a.b", 1},
    {"import a as b.c", 1},
    {"del", 1},
    {"assert", 1},
    {"raise a from", 1},
    {"global", 1},
    {"for a b", 1},
    {"while a b: c", 1},
    {"f(a,,b)", 1},
    {"f(,)", 1},
    {"x[]", 1},
    {"(,)", 1},
    {"with (a as b): c; d e", 1},
};

static void what_is_not_python_is_refused_in_its_line(void) {
    for (unsigned variant = 0; variant < VARIANTS; variant++) {
        fe_session *session = session_of(variant);
        for (size_t i = 0; i < COUNT_OF(refused); i++) {
            fe_error error;
            const char *source = refused[i].source;
            CHECK_EQUAL(FE_SYNTAX, fe_translate(session, source, strlen(source), FE_STAGE_PARSE, NULL, NULL, &error));
            CHECK_EQUAL(refused[i].line, error.line);
            CHECK(error.message[0] != '\0');
        }
        fe_session_free(session);
    }
}

static void complaints_say_what_was_expected(void) {
    static const char *const cases[][2] = {
        {"if a\n  b", "expected ':'"},
        {"f() = 1", "cannot assign to function call here. Maybe you meant '==' instead of '='?"},
        {"[a, None] = b", "cannot assign to None"},
        {"del a + b", "cannot delete expression"},
        {"f(a=1, b)", "positional argument follows keyword argument"},
        {"def f():\nx", "expected an indented block after function definition on line 1"},
        {"try: a\nb", "expected 'except' or 'finally' block"},
        {"a if b", "expected 'else' after 'if' expression"},
        {"x = [1, 2", "'[' was never closed"},
    };
    fe_session *session = NULL;
    CHECK_EQUAL(FE_OK, fe_session_new(NULL, &session));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fe_error error;
        CHECK_EQUAL(FE_SYNTAX,
                    fe_translate(session, cases[i][0], strlen(cases[i][0]), FE_STAGE_PARSE, NULL, NULL, &error));
        if (strcmp(cases[i][1], error.message) != 0) {
            fprintf(stderr, "%s: expected %s, got %s\n", cases[i][0], cases[i][1], error.message);
            abort();
        }
    }
    fe_session_free(session);
}

/* ---- depth, and tokens in any order ---- */

static size_t repeat(char *to, const char *piece, size_t count) {
    const size_t bytes = strlen(piece);
    for (size_t i = 0; i < count; i++) {
        memcpy(to + i * bytes, piece, bytes);
    }
    return count * bytes;
}

static void deep_nesting_is_an_error_not_a_crash(void) {
    static const char *const pieces[] = {"-", "not ", "lambda: ", "a if b else ", "a ** "};
    static char source[64 * FE_DEPTH_MAX];
    for (unsigned variant = 0; variant < VARIANTS; variant += 5) {
        fe_session *session = session_of(variant);
        for (size_t i = 0; i < COUNT_OF(pieces); i++) {
            for (size_t depth = FE_DEPTH_MAX - 1; depth < 4 * FE_DEPTH_MAX; depth += 2 * FE_DEPTH_MAX) {
                const size_t bytes = repeat(source, pieces[i], depth);
                source[bytes] = 'a';
                const fe_status status = fe_translate(session, source, bytes + 1, FE_STAGE_PARSE, NULL, NULL, NULL);
                CHECK_EQUAL(depth < FE_DEPTH_MAX ? FE_OK : FE_TOO_DEEP, status);
            }
        }
        const size_t bytes = repeat(source, "if a: b\nel", FE_DEPTH_MAX + 2);
        memcpy(source + bytes, "se: c\n", 6);
        CHECK_EQUAL(FE_TOO_DEEP, fe_translate(session, source, bytes + 6, FE_STAGE_PARSE, NULL, NULL, NULL));
        fe_session_free(session);
    }
}

static void tokens_in_any_order_end_alike_in_all_variants(void) {
    static const char *const words[] = {
        "a",      "b",       "_",       "match ", "case ", "1",       "'s'",    "f'{a}'",  "(",      ")",
        "[",      "]",       "{",       "}",      ",",     ":",       ";",      ".",       "=",      "==",
        ":=",     "*",       "**",      "-",      "/",     "|",       "@",      "->",      "+=",     "not ",
        "in ",    "is ",     "if ",     "else ",  "for ",  "lambda ", "yield ", "await ",  "async ", "def ",
        "class ", "return ", "import ", "from ",  "as ",   "with ",   "try:",   "except ", "raise ", "del ",
        "pass ",  "global ", "None ",   "and ",   "\n",    "\n  ",    "  ",     "a(b)",    "a: b\n", "if a:\n  ",
    };
    enum { STREAMS = 1500, WORDS = 24 };
    fe_session *sessions[VARIANTS];
    for (unsigned variant = 0; variant < VARIANTS; variant++) {
        sessions[variant] = session_of(variant);
    }
    uint64_t random = 11;
    unsigned accepted = 0;
    for (unsigned stream = 0; stream < STREAMS; stream++) {
        char source[WORDS * 8 + 1] = "";
        const size_t count = 1 + check_below(&random, 1 + stream * WORDS / STREAMS);
        for (size_t i = 0; i < count; i++) {
            strcat(source, words[check_below(&random, COUNT_OF(words))]);
        }
        fe_error first, other;
        const fe_status status = fe_translate(sessions[0], source, strlen(source), FE_STAGE_TEXT, NULL, NULL, &first);
        accepted += status == FE_OK;
        CHECK(status == FE_OK || status == FE_SYNTAX);
        for (unsigned variant = 1; variant < VARIANTS; variant++) {
            CHECK_EQUAL(status,
                        fe_translate(sessions[variant], source, strlen(source), FE_STAGE_TEXT, NULL, NULL, &other));
            CHECK(status == FE_OK || (first.line == other.line && strcmp(first.message, other.message) == 0));
        }
    }
    CHECK(accepted > 10 && accepted < STREAMS / 2);
    for (unsigned variant = 0; variant < VARIANTS; variant++) {
        fe_session_free(sessions[variant]);
    }
}

int main(void) {
    RUN(trees_are_cpythons);
    RUN(names_are_in_normal_form);
    RUN(nodes_lie_where_cpythons_do);
    RUN(what_is_not_python_is_refused_in_its_line);
    RUN(complaints_say_what_was_expected);
    RUN(deep_nesting_is_an_error_not_a_crash);
    RUN(tokens_in_any_order_end_alike_in_all_variants);
    return 0;
}
