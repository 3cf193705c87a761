/* The lexer: what is a token and what is not, alike in every variant, wherever in a block of 64 bytes it stands. */
#include "fence.h"
#include "lexed.h"
#include "words.h"

/* Lexes with every variant, and checks that they agree. */
static lexed lex_all(const void *source, size_t bytes) {
    lexed first = {0};
    for (unsigned i = 0; i < LEXERS; i++) {
        fe_session *session = lexer_session(lexer_switches(i));
        for (unsigned warm = 0; warm < 2; warm++) {
            lexed now = lex_with(session, source, bytes, false);
            if (i == 0 && warm == 0) {
                first = now;
                continue;
            }
            if (!lexed_same(&first, &now)) {
                fprintf(stderr, "variant %u differs on: %.*s\n", i, (int)bytes, (const char *)source);
                abort();
            }
            lexed_free(&now);
        }
        fe_session_free(session);
    }
    return first;
}

static void check_kinds(const char *source, const uint8_t *kinds) {
    lexed got = lex_all(source, strlen(source));
    if (got.error.status != FE_OK) {
        fprintf(stderr, "%s: %s\n", source, got.error.message);
        abort();
    }
    for (uint32_t i = 0; i < got.count; i++) {
        if (got.tokens[i].kind != kinds[i]) {
            fprintf(stderr, "%s: token %u: expected %u, got %u\n", source, i, kinds[i], got.tokens[i].kind);
            abort();
        }
    }
    CHECK_EQUAL(FE_T_END, kinds[got.count - 1]);
    lexed_free(&got);
}
#define KINDS(source, ...) check_kinds(source, (const uint8_t[]){__VA_ARGS__, FE_T_NEWLINE, FE_T_END})

static void check_error(const char *source, const char *expected) {
    lexed got = lex_all(source, strlen(source));
    char text[300];
    snprintf(text, sizeof text, "%u:%u: %s", got.error.line, got.error.column, got.error.message);
    if (got.error.status != FE_SYNTAX || strcmp(expected, text) != 0) {
        fprintf(stderr, "%s\nexpected %s\n     got %s\n", source, expected, text);
        abort();
    }
    lexed_free(&got);
}

/* ---- words ---- */

static const char *const KEYWORDS[] = {"False",  "None",   "True",    "and",      "as",       "assert", "async",
                                       "await",  "break",  "class",   "continue", "def",      "del",    "elif",
                                       "else",   "except", "finally", "for",      "from",     "global", "if",
                                       "import", "in",     "is",      "lambda",   "nonlocal", "not",    "or",
                                       "pass",   "raise",  "return",  "try",      "while",    "with",   "yield"};
/* In the order of their kinds, from FE_T_COMMA on. */
static const char *const OPERATORS[] = {",",  ":",  ":=",  ";",  ".",  "...", "->", "=",   "~",   "!",   "+",
                                        "-",  "*",  "@",   "/",  "%",  "**",  "<<", ">>",  "|",   "^",   "&",
                                        "//", "+=", "-=",  "*=", "@=", "/=",  "%=", "**=", "<<=", ">>=", "|=",
                                        "^=", "&=", "//=", "==", "!=", "<",   "<=", ">",   ">="};

static void test_every_keyword_is_one_and_nothing_longer_or_shorter_is(void) {
    for (size_t i = 0; i < sizeof KEYWORDS / sizeof *KEYWORDS; i++) {
        char text[24];
        KINDS(KEYWORDS[i], (uint8_t)(FE_T_FALSE + i));
        snprintf(text, sizeof text, "%s_", KEYWORDS[i]);
        KINDS(text, FE_T_NAME);
        snprintf(text, sizeof text, "x%s", KEYWORDS[i]);
        KINDS(text, FE_T_NAME);
        snprintf(text, sizeof text, "%s", KEYWORDS[i]);
        text[0] ^= 0x20;
        KINDS(text, FE_T_NAME);
    }
    KINDS("match case type _ __", FE_T_NAME_MATCH, FE_T_NAME_CASE, FE_T_NAME_TYPE, FE_T_NAME_UNDERSCORE, FE_T_NAME);
}

static void test_every_operator_is_one_alone_and_between_names(void) {
    for (size_t i = 0; i < sizeof OPERATORS / sizeof *OPERATORS; i++) {
        char text[24];
        KINDS(OPERATORS[i], (uint8_t)(FE_T_COMMA + i));
        snprintf(text, sizeof text, "a%sb", OPERATORS[i]);
        KINDS(text, FE_T_NAME, (uint8_t)(FE_T_COMMA + i), FE_T_NAME);
    }
    CHECK_EQUAL(FE_T_GREATEREQUAL, FE_T_COMMA + sizeof OPERATORS / sizeof *OPERATORS - 1);
}

static void test_operators_that_stand_together_are_taken_apart_from_the_longest_on(void) {
    KINDS("a===b", FE_T_NAME, FE_T_EQEQUAL, FE_T_EQUAL, FE_T_NAME);
    KINDS("....", FE_T_ELLIPSIS, FE_T_DOT);
    KINDS("..", FE_T_DOT, FE_T_DOT);
    KINDS("a,=b", FE_T_NAME, FE_T_COMMA, FE_T_EQUAL, FE_T_NAME);
    KINDS("(a)=b", FE_T_LPAR, FE_T_NAME, FE_T_RPAR, FE_T_EQUAL, FE_T_NAME);
    KINDS("[a]==b", FE_T_LSQB, FE_T_NAME, FE_T_RSQB, FE_T_EQEQUAL, FE_T_NAME);
    KINDS("''=='a'=''", FE_T_STRING_PLAIN, FE_T_EQEQUAL, FE_T_STRING_PLAIN, FE_T_EQUAL, FE_T_STRING_PLAIN);
    KINDS("a--b->c-=-d", FE_T_NAME, FE_T_MINUS, FE_T_MINUS, FE_T_NAME, FE_T_ARROW, FE_T_NAME, FE_T_MINEQUAL, FE_T_MINUS,
          FE_T_NAME);
    KINDS("a<>b", FE_T_NAME, FE_T_LESS, FE_T_GREATER, FE_T_NAME);
    KINDS("f(**a,*b)", FE_T_NAME, FE_T_LPAR, FE_T_DOUBLESTAR, FE_T_NAME, FE_T_COMMA, FE_T_STAR, FE_T_NAME, FE_T_RPAR);
    KINDS("$?`", FE_T_EXCLAMATION, FE_T_EXCLAMATION, FE_T_EXCLAMATION);
}

/* ---- numbers, strings, names ---- */

static void test_numbers_are_those_of_python(void) {
    static const char *const numbers[] = {"0",    "00",           "0_0", "7",  "1_000", "0x1F", "0X_f",  "0b1_0",
                                          "0O17", "1.",           "1.5", ".5", "1e5",   "1E-5", "0.0",   "09.5",
                                          "09e1", "1_0.0_1e+1_0", "09j", "1j", "1.J",   "0e0",  ".5e3j", "1_000.0e-5j"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char text[40];
        KINDS(numbers[i], FE_T_NUMBER);
        snprintf(text, sizeof text, "(%s)", numbers[i]);
        KINDS(text, FE_T_LPAR, FE_T_NUMBER, FE_T_RPAR);
    }
    KINDS("1if x", FE_T_NUMBER, FE_T_IF, FE_T_NAME);
    KINDS("0xfor x", FE_T_NUMBER, FE_T_OR, FE_T_NAME);
    KINDS("1else", FE_T_NUMBER, FE_T_ELSE);
    KINDS("1ifx", FE_T_NUMBER, FE_T_NAME);
    KINDS("1..real", FE_T_NUMBER, FE_T_DOT, FE_T_NAME);
    KINDS("1.==1", FE_T_NUMBER, FE_T_EQEQUAL, FE_T_NUMBER);
    KINDS("a.5", FE_T_NAME, FE_T_NUMBER);
    KINDS("1...", FE_T_NUMBER, FE_T_DOT, FE_T_DOT);
    KINDS("1\xc3\xa9", FE_T_NUMBER, FE_T_NAME_FOREIGN);
}

static void test_what_looks_like_a_number_fails_in_cpythons_words(void) {
    check_error("x = 1__0", "1:5: invalid decimal literal");
    check_error("1_", "1:1: invalid decimal literal");
    check_error("1a", "1:0: invalid decimal literal");
    check_error("1orx", "1:0: invalid decimal literal");
    check_error("1.5_", "1:3: invalid decimal literal");
    check_error("1e+", "1:2: invalid decimal literal");
    check_error("1jx", "1:1: invalid imaginary literal");
    check_error("0x", "1:1: invalid hexadecimal literal");
    check_error("0xfg", "1:2: invalid hexadecimal literal");
    check_error("0b12", "1:3: invalid digit '2' in binary literal");
    check_error("0o_8", "1:3: invalid digit '8' in octal literal");
    check_error("\n 007", "2:1: leading zeros in decimal integer literals are not permitted; "
                          "use an 0o prefix for octal integers");
}

static void test_a_string_is_plain_only_where_its_value_is_its_inside(void) {
    KINDS("''", FE_T_STRING_PLAIN);
    KINDS("'it' \"it's\"", FE_T_STRING_PLAIN, FE_T_STRING_PLAIN);
    KINDS("'a\\n'", FE_T_STRING);
    KINDS("'a\tb'", FE_T_STRING);
    KINDS("'\xc3\xa9'", FE_T_STRING);
    KINDS("'\x7f'", FE_T_STRING);
    KINDS("'''a'''", FE_T_STRING);
    KINDS("''''a\n\\''''", FE_T_STRING);
    KINDS("'a\\\nb' 'c'", FE_T_STRING, FE_T_STRING_PLAIN);
    KINDS("'\\'' '\\\\'", FE_T_STRING, FE_T_STRING);
}

static void test_every_prefix_belongs_to_its_string_and_nothing_else_does(void) {
    static const char *const prefixes[] = {"r", "b", "u", "R", "B", "U", "br", "Rb", "bR", "RB"};
    static const char *const formats[] = {"f", "F", "rf", "fR", "Fr"};
    static const char *const names[] = {"x", "bu", "ur", "rr", "bf", "rbr", "_r"};
    char text[24];
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        snprintf(text, sizeof text, "x %s'a' y", prefixes[i]);
        KINDS(text, FE_T_NAME, FE_T_STRING, FE_T_NAME);
    }
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        snprintf(text, sizeof text, "(%s\"\"\"a\"\"\")", formats[i]);
        KINDS(text, FE_T_LPAR, FE_T_FSTRING, FE_T_RPAR);
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(text, sizeof text, "%s'a'", names[i]);
        KINDS(text, FE_T_NAME, FE_T_STRING_PLAIN);
    }
    KINDS("if'a'or''", FE_T_IF, FE_T_STRING_PLAIN, FE_T_OR, FE_T_STRING_PLAIN);
    KINDS("r 'a'", FE_T_NAME, FE_T_STRING_PLAIN);
    KINDS("0xf'a'", FE_T_NUMBER, FE_T_STRING_PLAIN);
}

static void test_a_character_beyond_ascii_makes_a_name_foreign_where_it_can_be_part_of_one(void) {
    KINDS("\xc3\xa9", FE_T_NAME_FOREIGN);
    KINDS("a\xc3\xa9_1=ifx\xce\xbb", FE_T_NAME_FOREIGN, FE_T_EQUAL, FE_T_NAME_FOREIGN);
    KINDS("if\xc3\xa9", FE_T_NAME_FOREIGN);
    KINDS("\xf0\x9d\x92\xb3'a'", FE_T_NAME_FOREIGN, FE_T_STRING_PLAIN);
    check_error("a\n x\xe2\x82\xac", "2:2: invalid character '\xe2\x82\xac' (U+20AC)");
    check_error("\xc2\xa0x", "1:0: invalid non-printable character U+00A0");
    check_error("x = \xe2\x80\x9c", "1:4: invalid character '\xe2\x80\x9c' (U+201C)");
    check_error("x \x01", "1:2: invalid non-printable character U+0001");
}

/* ---- lines ---- */

static void test_indentation_makes_tokens_and_blank_lines_and_comments_none(void) {
    check_kinds("if a:\n  b\n\n # c\n  d\ne\n",
                (const uint8_t[]){FE_T_IF, FE_T_NAME, FE_T_COLON, FE_T_NEWLINE, FE_T_INDENT, FE_T_NAME, FE_T_NEWLINE,
                                  FE_T_NAME, FE_T_NEWLINE, FE_T_DEDENT, FE_T_NAME, FE_T_NEWLINE, FE_T_END});
    check_kinds("a\n\tb\n\t\tc",
                (const uint8_t[]){FE_T_NAME, FE_T_NEWLINE, FE_T_INDENT, FE_T_NAME, FE_T_NEWLINE, FE_T_INDENT, FE_T_NAME,
                                  FE_T_NEWLINE, FE_T_DEDENT, FE_T_DEDENT, FE_T_END});
    check_kinds("  \f a\n", (const uint8_t[]){FE_T_INDENT, FE_T_NAME, FE_T_NEWLINE, FE_T_DEDENT, FE_T_END});
    check_kinds("", (const uint8_t[]){FE_T_END});
    check_kinds(" \n# a", (const uint8_t[]){FE_T_END});
    check_kinds("a\n   ", (const uint8_t[]){FE_T_NAME, FE_T_NEWLINE, FE_T_END});
    KINDS("(a\n  # b\n\n ,)", FE_T_LPAR, FE_T_NAME, FE_T_COMMA, FE_T_RPAR);
    KINDS("a \\\n + b", FE_T_NAME, FE_T_PLUS, FE_T_NAME);
    check_kinds("a\n  \\\n      b\n  c\n",
                (const uint8_t[]){FE_T_NAME, FE_T_NEWLINE, FE_T_INDENT, FE_T_NAME, FE_T_NEWLINE, FE_T_NAME,
                                  FE_T_NEWLINE, FE_T_DEDENT, FE_T_END});
}

static void test_lines_that_break_the_rules_fail_where_cpython_does(void) {
    check_error("if a:\n    b\n  c\n", "3:2: unindent does not match any outer indentation level");
    check_error("if a:\n        b\n\tc\n", "3:1: inconsistent use of tabs and spaces in indentation");
    check_error("a \\ b", "1:3: unexpected character after line continuation character");
    check_error("a \\\n", "1:2: unexpected EOF while parsing");
    check_error("'a\nb'", "1:0: unterminated string literal (detected at line 1)");
    check_error("x = 'a\\\nb", "1:4: unterminated string literal (detected at line 2)");
    check_error("x = r'''a\n\n", "1:4: unterminated triple-quoted string literal (detected at line 2)");
    check_error("a)", "1:1: unmatched ')'");
    check_error("(a]", "1:2: closing parenthesis ']' does not match opening parenthesis '('");
    check_error("(\n}", "2:0: closing parenthesis '}' does not match opening parenthesis '(' on line 1");
    check_error("a(\n[b", "2:0: '[' was never closed");
}

static void test_a_token_knows_its_line_behind_strings_and_continuations(void) {
    static const char source[] = "'''a\n\nb''' c\n(d\n) \\\n e";
    static const uint32_t lines[] = {1, 3, 3, 4, 4, 5, 6, 6, 7}, starts[] = {0, 5, 6, 13, 16, 20, 22};
    lexed got = lex_all(source, sizeof source - 1);
    CHECK_EQUAL(FE_OK, got.error.status);
    CHECK_EQUAL(sizeof lines / sizeof *lines, got.count);
    for (uint32_t i = 0; i < got.count; i++) {
        CHECK_EQUAL(lines[i], got.tokens[i].line);
    }
    CHECK_EQUAL(6, got.line_count);
    CHECK(memcmp(starts, got.line_start, sizeof starts) == 0);
    lexed_free(&got);
}

static void test_brackets_nest_two_hundred_deep_and_blocks_a_hundred(void) {
    char text[12000];
    memset(text, '(', 201);
    text[200] = 0;
    check_error(text, "1:199: '(' was never closed");
    text[200] = '(';
    text[201] = 0;
    check_error(text, "1:200: too many nested parentheses");
    for (unsigned levels = 99; levels <= 100; levels++) {
        size_t n = 0;
        for (unsigned i = 0; i <= levels; i++) {
            n += (size_t)sprintf(text + n, "%*sa\n", (int)i, "");
        }
        lexed got = lex_all(text, n);
        CHECK_EQUAL(levels == 99 ? FE_OK : FE_SYNTAX, got.error.status);
        CHECK(levels == 99 || strcmp("too many levels of indentation", got.error.message) == 0);
        lexed_free(&got);
    }
}

/* ---- where tokens stand ---- */

typedef struct shape {
    const char *open, *close;
    char inside;
    uint8_t kind; /* of the second token */
} shape;

/* A source in which what has `length` bytes inside begins at `offset`. */
static size_t place(char *out, const shape *what, size_t offset, size_t length) {
    memset(out, ' ', offset);
    out[0] = '(';
    size_t n = offset + (size_t)sprintf(out + offset, "%s", what->open);
    memset(out + n, what->inside, length);
    n += length;
    return n + (size_t)sprintf(out + n, "%s x)\n", what->close);
}

static void test_every_length_at_every_place_in_a_block_is_lexed_alike(void) {
    static const shape shapes[] = {{"a", "", 'b', FE_T_NAME},
                                   {"'", "'", 'b', FE_T_STRING_PLAIN},
                                   {"rb'", "\\''", 'b', FE_T_STRING},
                                   {"\"\"\"", "'\n\"\"\"", '!', FE_T_STRING},
                                   {"'''", "\\''''", '\n', FE_T_STRING},
                                   {"#", "\n", 'c', FE_T_NAME},
                                   {"1", "", '0', FE_T_NUMBER},
                                   {"'", "\\\\'", '.', FE_T_STRING},
                                   {"\xc3\xa9", "", 'n', FE_T_NAME_FOREIGN},
                                   {"\\\n", "", ' ', FE_T_NAME}};
    static char source[512];
    fe_session *sessions[LEXERS];
    for (unsigned i = 0; i < LEXERS; i++) {
        sessions[i] = lexer_session(lexer_switches(i));
    }
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        for (size_t offset = 1; offset <= 64; offset++) {
            for (size_t length = 0; length <= 200; length++) {
                const size_t bytes = place(source, &shapes[s], offset, length);
                lexed first = lex_with(sessions[0], source, bytes, false);
                CHECK_EQUAL(FE_OK, first.error.status);
                CHECK_EQUAL(shapes[s].kind, first.tokens[1].kind);
                for (unsigned i = 1; i < LEXERS; i++) {
                    lexed now = lex_with(sessions[i], source, bytes, false);
                    CHECK(lexed_same(&first, &now));
                    lexed_free(&now);
                }
                lexed_free(&first);
            }
        }
    }
    for (unsigned i = 0; i < LEXERS; i++) {
        fe_session_free(sessions[i]);
    }
}

/* Many tokens for few bytes, over several chunks of bitmaps. */
static void test_room_grows_with_the_tokens(void) {
    static char source[20000];
    for (size_t i = 0; i < sizeof source; i++) {
        source[i] = i % 2 == 0 ? 'a' : "+-*/~"[i / 2 % 5];
    }
    lexed got = lex_all(source, sizeof source - 1);
    CHECK_EQUAL(FE_OK, got.error.status);
    CHECK_EQUAL(sizeof source - 1 + 2, got.count);
    for (uint32_t i = 0; i < got.count - 2; i++) {
        CHECK_EQUAL(i, got.tokens[i].start);
        CHECK_EQUAL(i + 1, got.tokens[i].end);
    }
    lexed_free(&got);
}

/* Beyond the padding lies memory that may not be touched. */
static void test_nothing_is_read_beyond_the_padding_on_any_path(void) {
    static const char *const sources[] = {"",
                                          "a",
                                          "x = '",
                                          "'''",
                                          "(a, [b])",
                                          "#",
                                          "a\\",
                                          "0x",
                                          "if a:\n  b\n",
                                          "\xc3\xa9",
                                          "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl",
                                          "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk="};
    const pm_cpu_path before = pm_cpu_selected();
    fence fenced = fence_new(1);
    char *const begin = (char *)fenced.begin, *const end = (char *)fenced.end;
    for (int path = 0; path < PM_CPU_PATHS; path++) {
        if (pm_cpu_select((pm_cpu_path)path) != PM_OK) {
            continue;
        }
        for (size_t k = 0; k < sizeof sources / sizeof *sources; k++) {
            const size_t bytes = strlen(sources[k]);
            char *const places[] = {end - FE_SOURCE_TAIL - bytes, begin + FE_SOURCE_LEAD};
            for (unsigned i = 0; i < LEXERS; i++) {
                fe_session *session = lexer_session(lexer_switches(i));
                lexed expected = lex_with(session, sources[k], bytes, false);
                for (size_t p = 0; p < 2; p++) {
                    memset(begin, 0, (size_t)(end - begin));
                    memcpy(places[p], sources[k], bytes);
                    lexed now = lex_with(session, places[p], bytes, true);
                    CHECK(lexed_same(&expected, &now));
                    lexed_free(&now);
                }
                lexed_free(&expected);
                fe_session_free(session);
            }
        }
    }
    CHECK_OK(pm_cpu_select(before));
    fence_free(&fenced);
}

/* In a comment, so that the field is in no token of the whole source. */
static void test_a_part_is_lexed_between_brackets_of_its_own(void) {
    static const char source[] = "# {a[1] +.5}";
    static const uint8_t kinds[] = {FE_T_END,  FE_T_LPAR, FE_T_NAME,   FE_T_LSQB, FE_T_NUMBER,
                                    FE_T_RSQB, FE_T_PLUS, FE_T_NUMBER, FE_T_RPAR, FE_T_END};
    static const uint32_t starts[] = {12, 2, 3, 4, 5, 6, 8, 9, 11, 11};
    for (unsigned i = 0; i < LEXERS; i++) {
        fe_session *session = lexer_session(lexer_switches(i));
        lexed out = {.session = session, .begin = 3, .end = 11};
        const fe_status status =
            fe_translate(session, source, sizeof source - 1, FE_STAGE_LEX, lexed_sink, &out, &out.error);
        CHECK_EQUAL(FE_OK, status);
        CHECK_EQUAL(sizeof kinds, out.count);
        for (uint32_t k = 0; k < out.count; k++) {
            CHECK_EQUAL(kinds[k], out.tokens[k].kind);
            CHECK_EQUAL(starts[k], out.tokens[k].start);
        }
        lexed_free(&out);
        fe_session_free(session);
    }
}

int main(void) {
    RUN(test_every_keyword_is_one_and_nothing_longer_or_shorter_is);
    RUN(test_every_operator_is_one_alone_and_between_names);
    RUN(test_operators_that_stand_together_are_taken_apart_from_the_longest_on);
    RUN(test_numbers_are_those_of_python);
    RUN(test_what_looks_like_a_number_fails_in_cpythons_words);
    RUN(test_a_string_is_plain_only_where_its_value_is_its_inside);
    RUN(test_every_prefix_belongs_to_its_string_and_nothing_else_does);
    RUN(test_a_character_beyond_ascii_makes_a_name_foreign_where_it_can_be_part_of_one);
    RUN(test_indentation_makes_tokens_and_blank_lines_and_comments_none);
    RUN(test_lines_that_break_the_rules_fail_where_cpython_does);
    RUN(test_a_token_knows_its_line_behind_strings_and_continuations);
    RUN(test_brackets_nest_two_hundred_deep_and_blocks_a_hundred);
    RUN(test_every_length_at_every_place_in_a_block_is_lexed_alike);
    RUN(test_room_grows_with_the_tokens);
    RUN(test_nothing_is_read_beyond_the_padding_on_any_path);
    RUN(test_a_part_is_lexed_between_brackets_of_its_own);
    return 0;
}
