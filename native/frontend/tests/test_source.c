/* The decode stage: what a source may begin with, how its lines may end, and which bytes are UTF-8. */
#include "lexed.h"

/* Lexes with every variant; "" where all accept, else the error they agree on. `tokens` may be NULL. */
static void check_source(const char *source, size_t bytes, const char *error, lexed *tokens) {
    for (unsigned i = 0; i < LEXERS; i++) {
        fe_session *session = lexer_session(lexer_switches(i));
        lexed got = lex_with(session, source, bytes, false);
        char text[300] = "";
        if (got.error.status != FE_OK) {
            snprintf(text, sizeof text, "%u:%u: %s", got.error.line, got.error.column, got.error.message);
        }
        if (strcmp(error, text) != 0) {
            fprintf(stderr, "%.*s\nexpected %s\n     got %s\n", (int)bytes, source, error, text);
            abort();
        }
        if (tokens != NULL && tokens->tokens == NULL) {
            *tokens = got;
        } else {
            CHECK(tokens == NULL || lexed_same(tokens, &got));
            lexed_free(&got);
        }
        fe_session_free(session);
    }
}
#define SOURCE(text, error) check_source(text, sizeof(text) - 1, error, NULL)

static void check_same_tokens(const char *a, const char *b) {
    lexed first = {0}, second = {0};
    check_source(a, strlen(a), "", &first);
    check_source(b, strlen(b), "", &second);
    CHECK(lexed_same(&first, &second));
    lexed_free(&first);
    lexed_free(&second);
}

static void test_a_byte_order_mark_is_no_part_of_the_source(void) {
    check_same_tokens("\xef\xbb\xbf# coding: utf-8\nab = 1\n", "# coding: utf-8\nab = 1\n");
    check_same_tokens("\xef\xbb\xbf", "");
    SOURCE("\xef\xbb\xbf# coding: latin-1\n", "0:0: encoding problem: latin-1 with BOM");
    SOURCE("\xef\xbb\xbf#coding:utf8\n", "0:0: encoding problem: utf8 with BOM");
}

static void test_every_way_to_end_a_line_is_one(void) {
    check_same_tokens("if a:\r\n  b\r\r\nc\r", "if a:\n  b\n\nc\n");
    check_same_tokens("\r\r\n\n'''\r\n\r'''", "\n\n\n'''\n\n'''");
    check_same_tokens("\xef\xbb\xbf"
                      "a\\\r\n+b",
                      "a\\\n+b");
}

static void test_a_source_that_the_caller_padded_is_left_as_it_is(void) {
    static const char text[] = "a\r\n# b\r\n";
    char padded[FE_PADDING_BYTES * 2 + sizeof text] = {0};
    memcpy(padded + FE_PADDING_BYTES, text, sizeof text - 1);
    for (unsigned i = 0; i < LEXERS; i++) {
        fe_session *session = lexer_session(lexer_switches(i));
        lexed got = lex_with(session, padded + FE_PADDING_BYTES, sizeof text - 1, true);
        CHECK_EQUAL(FE_OK, got.error.status);
        CHECK_EQUAL(2, got.line_start[1]);
        CHECK(memcmp(padded + FE_PADDING_BYTES, text, sizeof text) == 0);
        lexed_free(&got);
        fe_session_free(session);
    }
}

static void test_utf8_is_checked_to_the_last_byte(void) {
    static const char *const good[] = {"\xc2\x80",     "\xdf\xbf",     "\xe0\xa0\x80",     "\xed\x9f\xbf",
                                       "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {"\x80",
                                      "\xbf",
                                      "\xc0\xaf",
                                      "\xc1\xbf",
                                      "\xc2",
                                      "\xc2\x41",
                                      "\xe0\x9f\xbf",
                                      "\xe2\x82",
                                      "\xed\xa0\x80",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf4\x90\x80\x80",
                                      "\xf1\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xff"};
    char text[100], error[120];
    for (int before = 0; before < 20; before++) {
        for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
            const int n = sprintf(text, "#\n#%.*s%s", before, "aaaaaaaaaaaaaaaaaaaaaaaaa", good[i]);
            check_source(text, (size_t)n, "", NULL);
        }
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
            const int n = sprintf(text, "#\n#%.*s%s", before, "aaaaaaaaaaaaaaaaaaaaaaaaa", bad[i]);
            sprintf(error, "2:%d: Non-UTF-8 code starting with '\\x%02x', but no encoding declared", before + 1,
                    (uint8_t)bad[i][0]);
            check_source(text, (size_t)n, error, NULL);
        }
    }
}

static void test_a_zero_byte_is_never_part_of_a_source(void) {
    SOURCE("a\n b\0", "2:2: source code string cannot contain null bytes");
    SOURCE("\0", "1:0: source code string cannot contain null bytes");
}

/* ---- declared encodings ---- */

/* Latin-1, as far as the names say so. */
static int64_t decode_latin(void *context, const void *source, size_t bytes, void *out, size_t capacity) {
    const uint8_t *from = source;
    uint8_t *to = out;
    size_t count = 0;
    unsigned *calls = context;
    ++*calls;
    if (bytes > 10 && memcmp(from, "#coding=bad", 11) == 0) {
        snprintf(out, capacity, "unknown encoding: bad");
        return -1;
    }
    for (size_t i = 0; i < bytes; i++) {
        const uint8_t c = from[i];
        const size_t wide = c >= 0x80;
        if (count + wide < capacity) {
            to[count] = wide ? (uint8_t)(0xc0 | c >> 6) : c;
            to[count + wide] = wide ? (uint8_t)(0x80 | (c & 0x3f)) : c;
        }
        count += 1 + wide;
    }
    return (int64_t)count;
}

static void test_an_encoding_that_is_declared_is_decoded_by_the_delegate(void) {
    static char source[2000];
    const size_t head = (size_t)sprintf(source, "# -*- coding: latin-1 -*-\r\nx = '");
    memset(source + head, 0xe4, sizeof source - head - 1); /* twice as long when decoded: asked for again */
    source[sizeof source - 1] = '\'';
    for (unsigned i = 0; i < LEXERS; i++) {
        unsigned calls = 0;
        const fe_delegate delegate = {.context = &calls, .decode = decode_latin};
        const fe_options options = {.switches = lexer_switches(i), .minor = 11, .delegate = &delegate};
        fe_session *session = NULL;
        CHECK_EQUAL(FE_OK, fe_session_new(&options, &session));
        lexed got = lex_with(session, source, sizeof source, false);
        CHECK_EQUAL(FE_OK, got.error.status);
        CHECK_EQUAL(2, calls);
        CHECK_EQUAL(FE_T_STRING, got.tokens[2].kind);
        CHECK_EQUAL(2 + 2 * (sizeof source - head - 1), got.tokens[2].end - got.tokens[2].start);
        lexed_free(&got);
        got = lex_with(session, "#coding=bad", 11, false);
        CHECK_EQUAL(FE_SYNTAX, got.error.status);
        CHECK(strcmp("unknown encoding: bad", got.error.message) == 0);
        lexed_free(&got);
        fe_session_free(session);
    }
}

static void test_only_a_comment_in_the_first_two_lines_declares_an_encoding(void) {
    SOURCE("# coding: koi8-r\n", "1:0: the encoding koi8-r needs Python");
    SOURCE("\n \t# vim: set fileencoding=koi8-r :\n", "1:0: the encoding koi8-r needs Python");
    SOURCE("# a\r\n#coding=  koi8_r\r\n", "1:0: the encoding koi8_r needs Python");
    SOURCE("a\n# coding: koi8-r\n", "");
    SOURCE("\n\n# coding: koi8-r\n", "");
    SOURCE("a # coding: koi8-r\n", "");
    SOURCE("# coding koi8-r encoding:\n", "");
    SOURCE("# coding: UTF_8\n", "");
    SOURCE("# coding: utf-8-sig\n", "");
    SOURCE("# coding: utf8\n", "");
    SOURCE("# coding: utf-88\n", "1:0: the encoding utf-88 needs Python");
}

int main(void) {
    RUN(test_a_byte_order_mark_is_no_part_of_the_source);
    RUN(test_every_way_to_end_a_line_is_one);
    RUN(test_a_source_that_the_caller_padded_is_left_as_it_is);
    RUN(test_utf8_is_checked_to_the_last_byte);
    RUN(test_a_zero_byte_is_never_part_of_a_source);
    RUN(test_an_encoding_that_is_declared_is_decoded_by_the_delegate);
    RUN(test_only_a_comment_in_the_first_two_lines_declares_an_encoding);
    return 0;
}
