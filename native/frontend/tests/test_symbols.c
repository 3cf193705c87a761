/* Symbol tables: what each expected flag is, CPython 3.11's symtable says of the same source. */
#include "check.h"
#include "scopes.h"
#include "session.h"
#include "stages.h"
#include "text.h"

/* The symbol that is looked for, and what is found; filled in by `look`, which stands in for the stage of the text. */
static struct {
    uint32_t scope;
    const char *name;
    uint32_t flags; /* 0: no such symbol */
    uint32_t scope_count;
} sought;

static pm_text name_of(const fe_task *task, uintptr_t name) {
    pm_text found = {0};
    if (task->interner != NULL) {
        const pm_intern_ref ref = {(uint32_t)name - 1, pm_interner_generation(task->interner)};
        CHECK_OK(pm_interner_text(task->interner, ref, &found));
        return found;
    }
    const uint32_t *blob = task->switches & FE_SWITCH_ARENA ? task->tree.words + name : (const uint32_t *)name;
    return (pm_text){blob + 1, *blob};
}

static void look(fe_task *task) {
    const fe_symbol_table *table = task->buffers[FE_BUF_SYMBOLS].data;
    sought.scope_count = table->scope_count;
    sought.flags = 0;
    CHECK(sought.scope < table->scope_count);
    for (uint32_t s = table->scopes[sought.scope].first; s != 0; s = table->symbols[s].next) {
        const pm_text found = name_of(task, table->names[table->symbols[s].name].name);
        if (!(table->symbols[s].flags & FE_SYM_HIDDEN) && found.bytes == strlen(sought.name) &&
            memcmp(found.data, sought.name, found.bytes) == 0) {
            CHECK_EQUAL(0, sought.flags); /* there is one for each name */
            sought.flags = table->symbols[s].flags;
        }
    }
}

static uint32_t flags_of(const char *source, uint32_t switches, uint32_t scope, const char *name) {
    const fe_options options = {.switches = switches, .minor = 11};
    fe_session *session;
    CHECK_EQUAL(FE_OK, fe_session_new(&options, &session));
    fe_stages stages = *session->task.stages;
    stages.text = look;
    session->task.stages = &stages;
    sought.scope = scope;
    sought.name = name;
    CHECK_EQUAL(FE_OK, fe_translate(session, source, strlen(source), FE_STAGE_TEXT, NULL, NULL, NULL));
    fe_session_free(session);
    return sought.flags;
}

enum {
    LOCAL = FE_RESOLVED_LOCAL << FE_SYM_SCOPE_SHIFT,
    EXPLICIT = FE_RESOLVED_GLOBAL_EXPLICIT << FE_SYM_SCOPE_SHIFT,
    IMPLICIT = FE_RESOLVED_GLOBAL_IMPLICIT << FE_SYM_SCOPE_SHIFT,
    FREE = FE_RESOLVED_FREE << FE_SYM_SCOPE_SHIFT,
    CELL = FE_RESOLVED_CELL << FE_SYM_SCOPE_SHIFT
};

typedef struct symbol_case {
    const char *source;
    uint32_t scope; /* scopes are numbered as they open */
    const char *name;
    uint32_t flags;
} symbol_case;

static const symbol_case CASES[] = {
    /* binding */
    {"x = y\n", 0, "x", FE_SYM_LOCAL | LOCAL},
    {"x = y\n", 0, "y", FE_SYM_USE | IMPLICIT},
    {"del x\n", 0, "x", FE_SYM_LOCAL | LOCAL},
    {"import a.b, c as d\n", 0, "a", FE_SYM_IMPORT | LOCAL},
    {"import a.b, c as d\n", 0, "d", FE_SYM_IMPORT | LOCAL},
    {"import a.b, c as d\n", 0, "c", 0},
    {"from m import *\n", 0, "*", 0},
    {"x: int\n", 0, "x", FE_SYM_ANNOTATED | FE_SYM_LOCAL | LOCAL},
    {"(x): int\n", 0, "x", 0},
    {"(x): int = 1\n", 0, "x", FE_SYM_LOCAL | LOCAL},
    {"try: pass\nexcept E as e: pass\n", 0, "e", FE_SYM_LOCAL | LOCAL},
    {"match v:\n case [a, *b, {'k': c, **d}, C(e=f)] as g: pass\n", 0, "a", FE_SYM_LOCAL | LOCAL},
    {"match v:\n case [a, *b, {'k': c, **d}, C(e=f)] as g: pass\n", 0, "b", FE_SYM_LOCAL | LOCAL},
    {"match v:\n case [a, *b, {'k': c, **d}, C(e=f)] as g: pass\n", 0, "d", FE_SYM_LOCAL | LOCAL},
    {"match v:\n case [a, *b, {'k': c, **d}, C(e=f)] as g: pass\n", 0, "e", 0},
    {"match v:\n case [a, *b, {'k': c, **d}, C(e=f)] as g: pass\n", 0, "f", FE_SYM_LOCAL | LOCAL},
    {"match v:\n case [a, *b, {'k': c, **d}, C(e=f)] as g: pass\n", 0, "g", FE_SYM_LOCAL | LOCAL},
    /* functions */
    {"def f(a, /, b, *c, d, **e): pass\n", 1, "a", FE_SYM_PARAM | LOCAL},
    {"def f(a, /, b, *c, d, **e): pass\n", 1, "c", FE_SYM_PARAM | LOCAL},
    {"def f(a, /, b, *c, d, **e): pass\n", 1, "e", FE_SYM_PARAM | LOCAL},
    {"def f(a: A = B) -> C: pass\n", 0, "A", FE_SYM_USE | IMPLICIT},
    {"def f(a: A = B) -> C: pass\n", 0, "B", FE_SYM_USE | IMPLICIT},
    {"def f(a: A = B) -> C: pass\n", 1, "A", 0},
    {"'''doc'''\nfrom __future__ import annotations\ndef f(a: A = B) -> C: pass\n", 0, "A", 0},
    {"'''doc'''\nfrom __future__ import annotations\ndef f(a: A = B) -> C: pass\n", 0, "B", FE_SYM_USE | IMPLICIT},
    {"pass\nfrom __future__ import annotations\nx: A\n", 0, "A", FE_SYM_USE | IMPLICIT},
    {"def f():\n x = 1\n lambda: x\n", 1, "x", FE_SYM_LOCAL | CELL},
    {"def f():\n x = 1\n lambda: x\n", 2, "x", FE_SYM_USE | FREE},
    {"def f():\n lambda: x\n x = 1\n", 2, "x", FE_SYM_USE | FREE},
    {"def f(x):\n def g():\n  def h(): return x\n", 2, "x", FREE},
    {"def f(x):\n def g():\n  def h(): return x\n", 3, "x", FE_SYM_USE | FREE},
    {"def f(x):\n def g():\n  global x\n  def h(): return x\n", 3, "x", FE_SYM_USE | IMPLICIT},
    {"def f():\n x = 1\n def g():\n  nonlocal x\n  x = 2\n", 2, "x", FE_SYM_NONLOCAL | FE_SYM_LOCAL | FREE},
    {"def f():\n global x\n x = 1\n", 1, "x", FE_SYM_GLOBAL | FE_SYM_LOCAL | EXPLICIT},
    {"def f():\n global x\n x = 1\n", 0, "x", FE_SYM_GLOBAL | EXPLICIT},
    /* classes: what they bind their functions do not see */
    {"class C:\n x = 1\n def f(self): return x\n", 2, "x", FE_SYM_USE | IMPLICIT},
    {"def o(x):\n class C:\n  x = x\n  def f(self): return x\n", 1, "x", FE_SYM_PARAM | CELL},
    {"def o(x):\n class C:\n  x = x\n  def f(self): return x\n", 2, "x",
     FE_SYM_LOCAL | FE_SYM_USE | FE_SYM_FREE_CLASS | LOCAL},
    {"def o(x):\n class C:\n  x = x\n  def f(self): return x\n", 3, "x", FE_SYM_USE | FREE},
    {"class C:\n def f(self): super()\n", 2, "__class__", FE_SYM_USE | FREE},
    {"class C:\n def f(self): super()\n", 1, "__class__", 0},
    {"class C:\n __class__ = 1\n def f(self): return __class__\n", 1, "__class__", FE_SYM_LOCAL | LOCAL},
    {"class C:\n __class__ = 1\n def f(self): return __class__\n", 2, "__class__", FE_SYM_USE | FREE},
    {"def f(): super()\n", 1, "__class__", FE_SYM_USE | IMPLICIT},
    /* private names */
    {"class _C:\n def __f(self, __a): __b, __c__, self.__d\n", 1, "_C__f", FE_SYM_LOCAL | LOCAL},
    {"class _C:\n def __f(self, __a): __b, __c__, self.__d\n", 2, "_C__a", FE_SYM_PARAM | LOCAL},
    {"class _C:\n def __f(self, __a): __b, __c__, self.__d\n", 2, "_C__b", FE_SYM_USE | IMPLICIT},
    {"class _C:\n def __f(self, __a): __b, __c__, self.__d\n", 2, "__c__", FE_SYM_USE | IMPLICIT},
    {"class _C:\n def __f(self, __a): __b, __c__, self.__d\n", 2, "_C__d", 0},
    {"class __:\n __x = 1\n", 1, "__x", FE_SYM_LOCAL | LOCAL},
    {"class C:\n import __a.b\n", 1, "_C__a", FE_SYM_IMPORT | LOCAL},
    /* comprehensions */
    {"[x for x in y]\n", 1, "x", FE_SYM_LOCAL | FE_SYM_USE | FE_SYM_COMP_TARGET | LOCAL},
    {"[x for x in y]\n", 1, ".0", FE_SYM_PARAM | LOCAL},
    {"[x for x in y]\n", 0, "y", FE_SYM_USE | IMPLICIT},
    {"[x for x in y for z in x]\n", 1, "z", FE_SYM_LOCAL | FE_SYM_COMP_TARGET | LOCAL},
    {"[(w := x) for x in y]\n", 0, "w", FE_SYM_GLOBAL | EXPLICIT},
    {"[(w := x) for x in y]\n", 1, "w", FE_SYM_GLOBAL | FE_SYM_LOCAL | EXPLICIT},
    {"def f():\n [[(w := x) for x in y] for y in z]\n", 1, "w", FE_SYM_LOCAL | CELL},
    {"def f():\n [[(w := x) for x in y] for y in z]\n", 2, "w", FREE},
    {"def f():\n [[(w := x) for x in y] for y in z]\n", 3, "w", FE_SYM_NONLOCAL | FE_SYM_LOCAL | FREE},
    {"def f():\n global w\n [(w := x) for x in y]\n", 2, "w", FE_SYM_GLOBAL | FE_SYM_LOCAL | EXPLICIT},
    {"f'{x!r:{y}}'\n", 0, "y", FE_SYM_USE | IMPLICIT},
};

static void each_name_is_what_symtable_says_in_every_variant(void) {
    for (uint32_t switches = 0; switches < 16; switches++) {
        for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
            const symbol_case *c = &CASES[i];
            const uint32_t flags = flags_of(c->source, switches, c->scope, c->name);
            if (flags != c->flags) {
                fprintf(stderr, "switches %u, scope %u, name %s: expected %u, got %u in\n%s", switches, c->scope,
                        c->name, c->flags, flags, c->source);
                abort();
            }
        }
    }
}

/* More names, symbols and scopes than there is room for at first. */
static void tables_grow(void) {
    enum { COUNT = 3000 };
    text source = {0};
    for (int i = 0; i < COUNT; i++) {
        char line[64];
        const int bytes = snprintf(line, sizeof line, "lambda name_%d: name_%d\n", i, i + 1);
        CHECK(text_sink(&source, line, (size_t)bytes));
    }
    CHECK(text_sink(&source, "", 1));
    for (uint32_t switches = 0; switches < 16; switches++) {
        CHECK_EQUAL(FE_SYM_PARAM | LOCAL, flags_of(source.data, switches, COUNT, "name_2999"));
        CHECK_EQUAL(COUNT + 1, sought.scope_count);
        CHECK_EQUAL(FE_SYM_USE | IMPLICIT, flags_of(source.data, switches, COUNT / 2, "name_1500"));
    }
    text_free(&source);
}

/* What a name passes through gets it too: many scopes, found from the innermost. */
static void a_free_name_passes_through_every_scope_between(void) {
    enum { DEPTH = 60 };
    text source = {0};
    CHECK(text_sink(&source, "lambda far: ", 12));
    for (int i = 1; i < DEPTH; i++) {
        CHECK(text_sink(&source, "lambda: ", 8));
    }
    CHECK(text_sink(&source, "far\n", 5));
    for (uint32_t switches = 0; switches < 16; switches++) {
        CHECK_EQUAL(FE_SYM_PARAM | CELL, flags_of(source.data, switches, 1, "far"));
        CHECK_EQUAL(FREE, flags_of(source.data, switches, DEPTH / 2, "far"));
        CHECK_EQUAL(FE_SYM_USE | FREE, flags_of(source.data, switches, DEPTH, "far"));
    }
    text_free(&source);
}

static uint64_t digest_seen;

static void see_digest(fe_task *task) {
    digest_seen = task->symbols_digest;
}

static uint64_t digest_of(const char *source, uint32_t switches) {
    const fe_options options = {.switches = switches, .minor = 11};
    fe_session *session;
    CHECK_EQUAL(FE_OK, fe_session_new(&options, &session));
    fe_stages stages = *session->task.stages;
    stages.text = see_digest;
    session->task.stages = &stages;
    CHECK_EQUAL(FE_OK, fe_translate(session, source, strlen(source), FE_STAGE_TEXT, NULL, NULL, NULL));
    fe_session_free(session);
    return digest_seen;
}

static void no_switch_changes_the_digest(void) {
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const uint64_t expected = digest_of(CASES[i].source, 0);
        for (uint32_t switches = 1; switches < 16; switches++) {
            CHECK_EQUAL(expected, digest_of(CASES[i].source, switches));
        }
    }
    CHECK(digest_of("x = 1\n", 0) != digest_of("y = 1\n", 0));
    CHECK(digest_of("x = 1\n", 0) != digest_of("x\n", 0));
}

int main(void) {
    RUN(each_name_is_what_symtable_says_in_every_variant);
    RUN(tables_grow);
    RUN(a_free_name_passes_through_every_scope_between);
    RUN(no_switch_changes_the_digest);
    return 0;
}
