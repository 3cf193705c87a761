/* What literals mean: each expected text is what CPython 3.11 prints. */
#include "check.h"
#include "literals.h"
#include "session.h"

static char text_out[1 << 16];
static size_t text_bytes;

static bool keep(void *context, const void *data, size_t bytes) {
    (void)context;
    CHECK(text_bytes + bytes < sizeof text_out);
    memcpy(text_out + text_bytes, data, bytes);
    text_bytes += bytes;
    text_out[text_bytes] = '\0';
    return true;
}

#define CHECK_TEXT(expected, actual)                                                                                   \
    do {                                                                                                               \
        if (strcmp(expected, actual) != 0) {                                                                           \
            fprintf(stderr, "%s:%d: expected %s, got %s\n", __FILE__, __LINE__, expected, actual);                     \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

/* ---- numbers, through a task of a session that is between two tasks ---- */

static const char *number(fe_session *session, const char *source) {
    fe_task *task = &session->task;
    uint32_t used = 0;
    if (setjmp(task->exit) != 0) {
        return task->error.message;
    }
    fe_repr_number(task, source, (uint32_t)strlen(source), FE_BUF_SCRATCH, &used);
    CHECK(used < sizeof text_out);
    memcpy(text_out, task->buffers[FE_BUF_SCRATCH].data, used);
    text_out[used] = '\0';
    return text_out;
}

static void numbers(void) {
    static const char *const cases[][2] = {
        {"0", "0"},
        {"00_0", "0"},
        {"1_000_000", "1000000"},
        {"123456789012345678901234567890", "123456789012345678901234567890"},
        {"0xFF", "255"},
        {"0x_ff_ff", "65535"},
        {"0o777", "511"},
        {"0B1010", "10"},
        {"0x00000000000000000000", "0"},
        {"0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "340282366920938463463374607431768211455"},
        {"0o1_000_000_000_000_000_000_000", "9223372036854775808"},
        {"1.0", "1.0"},
        {"1.", "1.0"},
        {".5", "0.5"},
        {"0e9", "0.0"},
        {"1_0.2_5e1_0", "102500000000.0"},
        {"1e15", "1000000000000000.0"},
        {"1e16", "1e+16"},
        {"12345678901234567.0", "1.2345678901234568e+16"},
        {"0.0001", "0.0001"},
        {"0.00001", "1e-05"},
        {"123e-7", "1.23e-05"},
        {"3.141592653589793238462643", "3.141592653589793"},
        {"0.1000000000000000055511151231257827", "0.1"},
        {"9007199254740993.0", "9007199254740992.0"}, /* between two doubles: the even one */
        {"9007199254740993.00000000000000000000000000000000001", "9007199254740994.0"},
        {"5.684341886080801e-14", "5.684341886080801e-14"},
        {"5.6843418860808015e-14", "5.684341886080802e-14"}, /* a power of 2: its neighbours are unlike */
        {"1e23", "1e+23"},
        {"2.2250738585072014e-308", "2.2250738585072014e-308"},
        {"2.4703282292062327e-324", "0.0"},
        {"2.4703282292062328e-324", "5e-324"},
        {"1.7976931348623157e308", "1.7976931348623157e+308"},
        {"1.7976931348623159e308", "inf"},
        {"1e99999999999999999999", "inf"},
        {"1e-99999999999999999999", "0.0"},
        {"1j", "1j"},
        {"1e3J", "1000j"},
        {"0.0j", "0j"},
        {"1e16j", "1e+16j"},
        {"2.50j", "2.5j"},
        {"1e999j", "infj"},
    };
    fe_session *session = NULL;
    CHECK_EQUAL(FE_OK, fe_session_new(NULL, &session));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK_TEXT(cases[i][1], number(session, cases[i][0]));
    }
    static char digits[16000];
    memset(digits, '9', 4300);
    CHECK_TEXT(digits, number(session, digits));
    memcpy(digits, "0x", 2);
    memset(digits + 2, 'f', 4298);
    digits[2 + 3571] = '\0'; /* 16 ** 3571 has 4300 digits */
    CHECK_EQUAL(4300, strlen(number(session, digits)));
    digits[2 + 3571] = 'f';
    digits[2 + 3572] = '\0';
    CHECK_TEXT("Exceeds the limit (4300 digits) for integer string conversion", number(session, digits));
    memset(digits + 2, 'f', 15000);
    CHECK_TEXT("Exceeds the limit (4300 digits) for integer string conversion", number(session, digits));
    fe_buffers_end(session);
    fe_session_free(session);
}

/* ---- repr ---- */

static const char *repr(const char *text, uint32_t bytes, bool is_bytes) {
    uint8_t *exact = malloc(bytes + 1),
            *inside = malloc(4 * (size_t)bytes + 16); /* so that sanitizers see their ends */
    memcpy(exact, text, bytes);
    exact = realloc(exact, bytes ? bytes : 1);
    const uint8_t quote = fe_repr_quote(exact, bytes);
    const size_t written = fe_repr_inside(exact, bytes, quote, is_bytes, inside);
    snprintf(text_out, sizeof text_out, "%c%.*s%c", quote, (int)written, (const char *)inside, quote);
    free(exact);
    free(inside);
    return text_out;
}

static void reprs(void) {
    static const char *const cases[][2] = {
        {"", "''"},
        {"plain", "'plain'"},
        {"it's", "\"it's\""},
        {"say \"x\"", "'say \"x\"'"},
        {"it's \"x\"", "'it\\'s \"x\"'"},
        {"sixteen bytes it and a quote ' behind", "\"sixteen bytes it and a quote ' behind\""},
        {"a\\b\n\r\t\x01\x7f", "'a\\\\b\\n\\r\\t\\x01\\x7f'"},
        {"\xc2\x85\xc2\xa0\xc2\xad\xc3\xa9", "'\\x85\\xa0\\xad\xc3\xa9'"},
        {"\xe2\x80\x8b\xe2\x82\xac", "'\\u200b\xe2\x82\xac'"},
        {"\xed\xa0\xbd\xed\xb8\x80", "'\\ud83d\\ude00'"}, /* two surrogates stay two */
        {"\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf", "'\xf0\x9f\x98\x80\\U0010ffff'"},
        {"\xf0\x9f\xab\x98", "'\xf0\x9f\xab\x98'"}, /* U+1FAD8 came with Unicode 14.0 */
        {"\xf0\x9f\xab\x9b", "'\\U0001fadb'"},      /* and U+1FADB did not */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK_TEXT(cases[i][1], repr(cases[i][0], (uint32_t)strlen(cases[i][0]), false));
    }
    CHECK_TEXT("'a\\x00b'", repr("a\0b", 3, false));
    CHECK_TEXT("'\\x00\\'\"\\xff~'", repr("\0'\"\xff~", 5, true));
}

/* A special byte at each place of texts of each length: chunks of sixteen and what is left of them. */
static void repr_at_each_place(void) {
    for (uint32_t bytes = 1; bytes <= 50; bytes++) {
        for (uint32_t at = 0; at < bytes; at++) {
            char text[50], expected[64];
            memset(text, 'x', bytes);
            text[at] = '\n';
            snprintf(expected, sizeof expected, "'%.*s\\n%.*s'", (int)at, text, (int)(bytes - at - 1), text + at + 1);
            CHECK_TEXT(expected, repr(text, bytes, false));
        }
    }
}

/* Bytes that are no text of any kind are read within their bounds and written within theirs. */
static void repr_of_anything(void) {
    uint64_t random = 7;
    for (unsigned round = 0; round < 20000; round++) {
        char text[40];
        const uint32_t bytes = (uint32_t)check_below(&random, sizeof text);
        for (uint32_t i = 0; i < bytes; i++) {
            text[i] = (char)check_random(&random);
        }
        const char *written = repr(text, bytes, false);
        CHECK(written[0] == '\'' || written[0] == '"');
    }
}

/* ---- literals and f-strings, through the whole of the front end ---- */

static int64_t character(void *context, const void *name, size_t bytes, void *out, size_t capacity) {
    (void)context;
    if (bytes != 7 || memcmp(name, "EM DASH", 7) != 0 || capacity < 3) {
        return -1;
    }
    memcpy(out, "\xe2\x80\x94", 3);
    return 3;
}

static const fe_delegate delegate = {.character = character};

/* The value of the one statement of a source, as dumped, without places; in every setting of the switches that decide
 * how texts are kept. An error as line:column: message. */
static const char *value(const char *source) {
    static const uint32_t settings[] = {FE_SWITCHES_ALL, 0, FE_SWITCHES_ALL & ~FE_SWITCH_VIEWS,
                                        FE_SWITCHES_ALL & ~FE_SWITCH_ARENA, FE_SWITCH_VIEWS};
    static char first[sizeof text_out];
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        const fe_options options = {.switches = settings[i], .minor = 11, .delegate = &delegate};
        fe_session *session = NULL;
        fe_error error;
        CHECK_EQUAL(FE_OK, fe_session_new(&options, &session));
        text_bytes = 0;
        if (fe_translate(session, source, strlen(source), FE_STAGE_TEXT, keep, NULL, &error) != FE_OK) {
            snprintf(text_out, sizeof text_out, "%u:%u: %s", error.line, error.column, error.message);
        }
        fe_session_free(session);
        if (i == 0) {
            memcpy(first, text_out, sizeof first);
        }
        CHECK_TEXT(first, text_out);
    }
    char *to = first;
    for (const char *from = first; *from; from++) {
        if (strncmp(from, ", lineno=", 9) == 0 || strncmp(from, "lineno=", 7) == 0) {
            from = strstr(from, "end_col_offset=") + strlen("end_col_offset=");
            from += strspn(from, "0123456789");
        }
        *to++ = *from;
    }
    *to = '\0';
    char *begin = strstr(first, "Expr(value=");
    char *end = strstr(first, ")], type_ignores=[])");
    if (begin == NULL || end == NULL) {
        return first;
    }
    *end = '\0';
    return begin + strlen("Expr(value=");
}

static void strings(void) {
    static const char *const cases[][2] = {
        {"'a' \"b\" '''c'''", "Constant(value='abc')"},
        {"'a'\\\n'b'", "Constant(value='ab')"},
        {"''", "Constant(value='')"},
        {"'\\a\\b\\f\\n\\r\\t\\v\\\\\\'\\\"'", "Constant(value='\\x07\\x08\\x0c\\n\\r\\t\\x0b\\\\\\'\"')"},
        {"'\\0\\07\\101\\777\\8'", "Constant(value='\\x00\\x07A\xc7\xbf\\\\8')"},
        {"'\\x41\\u00e9\\U0001F600\\ud83d\\ude00'", "Constant(value='A\xc3\xa9\xf0\x9f\x98\x80\\ud83d\\ude00')"},
        {"'\\N{EM DASH}\\q\\\nz'", "Constant(value='\xe2\x80\x94\\\\qz')"},
        {"'\\\xc3\xa9'", "Constant(value='\\\\\xc3\xa9')"},
        {"r'\\x\\'' R\"\\N\"", "Constant(value=\"\\\\x\\\\'\\\\N\")"},
        {"u'a' 'b'", "Constant(value='ab', kind='u')"},
        {"'a' u'b'", "Constant(value='ab')"},
        {"U'a'", "Constant(value='a')"},
        {"b'a' B'\\x62\\303\\q\\\n' Rb'\\x'", "Constant(value=b'ab\\xc3\\\\q\\\\x')"},
        {"b'\\u0041\\N{x}\\777'", "Constant(value=b'\\\\u0041\\\\N{x}\\xff')"},
        {"'\\x'",
         "1:4: (unicode error) 'unicodeescape' codec can't decode bytes in position 0-1: truncated \\xXX escape"},
        {"'\xc3\xa9\\u12g'",
         "1:9: (unicode error) 'unicodeescape' codec can't decode bytes in position 10-13: truncated \\uXXXX escape"},
        {"'\\U00110000'",
         "1:12: (unicode error) 'unicodeescape' codec can't decode bytes in position 0-9: illegal Unicode character"},
        {"'\\N{EN DASH}'", "1:13: (unicode error) 'unicodeescape' codec can't decode bytes in position 0-10: unknown "
                           "Unicode character name"},
        {"'\\N{}'", "1:6: (unicode error) 'unicodeescape' codec can't decode bytes in position 0-2: malformed \\N "
                    "character escape"},
        {"b'ab\\x1'", "1:8: (value error) invalid \\x escape at position 2"},
        {"b'a' b'\xc3\xa9'", "1:5: bytes can only contain ASCII literal characters"},
        {"'a' b'b'", "1:8: cannot mix bytes and nonbytes literals"},
        {"b'a' f'b'", "1:9: cannot mix bytes and nonbytes literals"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK_TEXT(cases[i][1], value(cases[i][0]));
    }
}

#define NAME(id) "Name(id='" id "', ctx=Load())"
#define FIELD(id) "FormattedValue(value=" NAME(id) ", conversion=-1)"

static void f_strings(void) {
    /* clang-format off: macros within texts */
    static const char *const cases[][2] = {
        {"f''", "JoinedStr(values=[])"},
        {"f'a' 'b'", "JoinedStr(values=[Constant(value='ab')])"},
        {"'' f'{a}' ''", "JoinedStr(values=[" FIELD("a") "])"},
        {"u'x' f'{a}y' 'z' f'{{{b}}}'",
         "JoinedStr(values=[Constant(value='x', kind='u'), " FIELD("a") ", Constant(value='yz{', kind='u'), " FIELD(
             "b") ", Constant(value='}', kind='u')])"},
        {"f'{ a !r:>{w}.{p}f}'",
         "JoinedStr(values=[FormattedValue(value=" NAME(
             "a") ", conversion=114, format_spec=JoinedStr(values=["
                  "Constant(value='>'), " FIELD("w") ", Constant(value='.'), " FIELD("p") ", Constant(value='f')]))])"},
        {"f'{a:}'",
         "JoinedStr(values=[FormattedValue(value=" NAME("a") ", conversion=-1, format_spec=JoinedStr(values=[]))])"},
        {"f'x{ a = }'",
         "JoinedStr(values=[Constant(value='x a = '), FormattedValue(value=" NAME("a") ", conversion=114)])"},
        {"f'{a=!s}{b=:x}'", "JoinedStr(values=[Constant(value='a='), FormattedValue(value=" NAME(
                                "a") ", conversion=115), "
                                     "Constant(value='b='), FormattedValue(value=" NAME(
                                         "b") ", conversion=-1, "
                                              "format_spec=JoinedStr(values=[Constant(value='x')]))])"},
        {"f'{a!=b}'", "JoinedStr(values=[FormattedValue(value=Compare(left=" NAME(
                          "a") ", ops=[NotEq()], comparators=[" NAME("b") "]), conversion=-1)])"},
        {"f'{a,}'", "JoinedStr(values=[FormattedValue(value=Tuple(elts=[" NAME("a") "], ctx=Load()), conversion=-1)])"},
        {"f'{yield}'", "JoinedStr(values=[FormattedValue(value=Yield(), conversion=-1)])"},
        {"f'{\"}:!\"}'", "JoinedStr(values=[FormattedValue(value=Constant(value='}:!'), conversion=-1)])"},
        {"f'''{f\"{a}\"}'''",
         "JoinedStr(values=[FormattedValue(value=JoinedStr(values=[" FIELD("a") "]), conversion=-1)])"},
        {"f'\\N{EM DASH}\\{a}'", "JoinedStr(values=[Constant(value='\xe2\x80\x94\\\\'), " FIELD("a") "])"},
        {"rf'\\N{a}'", "JoinedStr(values=[Constant(value='\\\\N'), " FIELD("a") "])"},
        {"f'{{}}\\x7b'", "JoinedStr(values=[Constant(value='{}{')])"},
        {"f'{'", "1:4: f-string: expecting '}'"},
        {"f'{a!r'", "1:7: f-string: expecting '}'"},
        {"f'{a:{b}'", "1:9: f-string: expecting '}'"},
        {"f'{a b}'", "1:3: invalid syntax. Perhaps you forgot a comma?"},
        {"f'}'", "1:4: f-string: single '}' is not allowed"},
        {"f'{}'", "1:5: f-string: empty expression not allowed"},
        {"f'{ !r}'", "1:8: f-string: expression required before '!'"},
        {"f'{a!x}'", "1:8: f-string: invalid conversion character: expected 's', 'r', or 'a'"},
        {"f'{a\\n}'", "1:8: f-string expression part cannot include a backslash"},
        {"f'{\"\\n\"}'", "1:9: f-string expression part cannot include a backslash"},
        {"f'{a#}'", "1:7: f-string expression part cannot include '#'"},
        {"f'{\"a}'", "1:7: f-string: unterminated string"},
        {"f'{a)}'", "1:7: f-string: unmatched ')'"},
        {"f'{(a]}'", "1:8: f-string: closing parenthesis ']' does not match opening parenthesis '('"},
        {"f'{(a'", "1:6: f-string: unmatched '('"},
        {"f'{a:{b:{c}}}'", "1:14: f-string: expressions nested too deeply"},
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK_TEXT(cases[i][1], value(cases[i][0]));
    }
}

/* More values than a JoinedStr under way has room for at first. */
static void many_fields(void) {
    char source[2048] = "f'", *end = source + 2;
    for (unsigned i = 0; i < 100; i++) {
        end += sprintf(end, "{a}%u ", i);
    }
    strcpy(end, "'");
    static const char first[] = "JoinedStr(values=[" FIELD("a") ", Constant(value='0 '), " FIELD("a");
    const char *text = value(source);
    CHECK(strncmp(text, first, strlen(first)) == 0);
    CHECK(strstr(text, FIELD("a") ", Constant(value='99 ')])") != NULL);
}

/* Each part is as long as all the strings together; what stands in a field is where it stands. */
static void places(void) {
    fe_session *session = NULL;
    CHECK_EQUAL(FE_OK, fe_session_new(NULL, &session));
    static const char source[] = "('x'\n f'''\n{a:{b}y}''')";
    text_bytes = 0;
    CHECK_EQUAL(FE_OK, fe_translate(session, source, strlen(source), FE_STAGE_TEXT, keep, NULL, NULL));
    CHECK_TEXT("Module(body=[Expr(value=JoinedStr(values=["
               "Constant(value='x\\n', lineno=1, col_offset=1, end_lineno=3, end_col_offset=11), "
               "FormattedValue(value=Name(id='a', ctx=Load(), lineno=3, col_offset=1, end_lineno=3, end_col_offset=2), "
               "conversion=-1, format_spec=JoinedStr(values=["
               "FormattedValue(value=Name(id='b', ctx=Load(), lineno=3, col_offset=4, end_lineno=3, end_col_offset=5), "
               "conversion=-1, lineno=1, col_offset=1, end_lineno=3, end_col_offset=11), "
               "Constant(value='y', lineno=2, col_offset=1, end_lineno=3, end_col_offset=11)], "
               "lineno=2, col_offset=1, end_lineno=3, end_col_offset=11), "
               "lineno=1, col_offset=1, end_lineno=3, end_col_offset=11)], "
               "lineno=1, col_offset=1, end_lineno=3, end_col_offset=11), "
               "lineno=1, col_offset=0, end_lineno=3, end_col_offset=12)], type_ignores=[])",
               text_out);
    fe_session_free(session);
}

/* Without a delegate a character's name is answered with "ask Python", not with an error of syntax. */
static void names_of_characters_are_for_python(void) {
    fe_session *session = NULL;
    CHECK_EQUAL(FE_OK, fe_session_new(NULL, &session));
    CHECK_EQUAL(FE_DELEGATE, fe_translate(session, "'\\N{EM DASH}'", 13, FE_STAGE_PARSE, NULL, NULL, NULL));
    CHECK_EQUAL(FE_OK, fe_translate(session, "r'\\N{EM DASH}'", 14, FE_STAGE_PARSE, NULL, NULL, NULL));
    fe_session_free(session);
}

/* Strings put together from what matters to them: read or refused alike in every setting, within their bounds. */
static void anything(void) {
    static const char *const parts[] = {"{",  "}",  "{",   "}",  "f'", "'", "\"",       "f\"", "\\", "N",
                                        "x4", "\n", "a",   ":",  "!r", "=", "(",        ")",   "[",  "]",
                                        " ",  "b'", "'''", "{{", "}}", "#", "\xc3\xa9", ","};
    uint64_t random = 11;
    for (unsigned round = 0; round < 3000; round++) {
        char source[128] = "f'";
        const size_t count = check_below(&random, 20);
        for (size_t i = 0; i < count; i++) {
            strcat(source, parts[check_below(&random, sizeof parts / sizeof *parts)]);
        }
        CHECK(strlen(value(source)) > 0);
    }
}

int main(void) {
    RUN(numbers);
    RUN(reprs);
    RUN(repr_at_each_place);
    RUN(repr_of_anything);
    RUN(strings);
    RUN(f_strings);
    RUN(many_fields);
    RUN(places);
    RUN(names_of_characters_are_for_python);
    RUN(anything);
    return 0;
}
