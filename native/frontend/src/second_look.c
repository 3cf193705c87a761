/* Which of two errors a source is refused for.
 *
 * The lexer reads the whole source before the parser begins; CPython's reads no further than its parser asks. So where
 * the lexer refuses, the lines before may hold an error of the parser's, and they are lexed and parsed by themselves
 * here. CPython's rule (pegen_errors.c of 3.11): when the parser has refused, the rest of the source is lexed all the
 * same, and an error found there goes first, but for those that its tokenizer only hints at (HINTS): there a bracket
 * goes first that is open and begins before the line of the parser's error. Behind an unexpected indent nothing is
 * read.
 *
 * Only for sources that are refused: it may take what it likes.
 */
#include "session.h"
#include "stages.h"
#include <string.h>

#define UNCLOSED "was never closed"
#define ENDS "unexpected EOF"

enum { BRACKETS = 200 }; /* that the lexer nests at most */

/* Where a line begins, from 1. */
static uint32_t begin_of(const uint8_t *source, uint32_t bytes, uint32_t line) {
    uint32_t at = 0;
    for (; line > 1; line--) {
        const uint8_t *end = memchr(source + at, '\n', bytes - at);
        if (end == NULL) {
            return bytes;
        }
        at = (uint32_t)(end - source) + 1;
    }
    return at;
}

/* The first lines, and one more: closing brackets for those that they leave open. What is complained of at their end
 * stands in it. */
typedef struct lines {
    const uint8_t *source;
    uint32_t bytes;
    uint32_t count;
    uint32_t closed;
    uint8_t closing[BRACKETS];
} lines;

/* Lexes and parses them. False: task->error says why not. */
static bool parse_lines(fe_session *session, const lines *from) {
    fe_task *task = &session->task;
    if (setjmp(task->exit) != 0) {
        return false;
    }
    session->lexing = true;
    const size_t bytes = (size_t)from->bytes + from->closed + 1;
    uint8_t *room = fe_need(task, FE_BUF_RESULT, FE_SOURCE_LEAD + bytes + FE_SOURCE_TAIL);
    memset(room, 0, FE_SOURCE_LEAD);
    uint8_t *source = room + FE_SOURCE_LEAD;
    memcpy(source, from->source, from->bytes);
    memcpy(source + from->bytes, from->closing, from->closed);
    source[bytes - 1] = '\n';
    fe_count_copy(task, bytes);
    fe_source_set(task, source, bytes);
    task->newline_count = from->count + 1;
    task->line_start = NULL;
    task->line_count = 0;
    task->tokens = (fe_tokens){0};
    task->depth = 0;
    task->stages->lexer.source(task);
    session->lexing = false;
    fe_run_parser(task);
    return true;
}

/* What the lexer says where CPython's tokenizer leaves the words to the parser. */
static bool is_hint(const fe_error *error) {
    static const char *const HINTS[] = {
        "unindent does not match",
        "inconsistent use of tabs",
        "too many levels of indentation",
        "unexpected character after line",
        ENDS,
        UNCLOSED,
    };
    for (size_t i = 0; i < sizeof HINTS / sizeof *HINTS; i++) {
        if (strstr(error->message, HINTS[i]) != NULL) {
            return true;
        }
    }
    return false;
}

/* The bracket that closes the one at the place of an error; 0 where there is none. */
static uint8_t closing_of(const lines *from, const fe_error *error) {
    const uint32_t at = begin_of(from->source, from->bytes, error->line) + error->column;
    const uint8_t open = at < from->bytes ? from->source[at] : 0;
    return open == '(' ? ')' : open == '[' ? ']' : open == '{' ? '}' : 0;
}

/* Whether the parser complains of an INDENT, in its words or in others: that token begins where its line does. */
static bool is_indent(const lines *from, const fe_error *error) {
    const uint32_t at = begin_of(from->source, from->bytes, error->line);
    const bool is_blank = at < from->bytes && memchr(" \t\f", from->source[at], 3) != NULL;
    return strcmp(error->message, "unexpected indent") == 0 || (error->column == 0 && is_blank);
}

/* The lines before one. */
static void take_before(lines *out, uint32_t line) {
    out->bytes = begin_of(out->source, out->bytes, line);
    out->count = line > 0 ? line - 1 : 0;
    out->closed = 0;
}

void fe_look_again(fe_session *session) {
    fe_task *task = &session->task;
    const fe_error first = task->error;
    fe_error unclosed = {.status = FE_OK}; /* the innermost bracket that the lines leave open */
    lines before = {.source = task->source, .bytes = task->bytes};
    take_before(&before, first.line);
    const bool ends = strstr(first.message, ENDS) != NULL;
    before.bytes += ends ? first.column : 0; /* what stands in that line may close brackets */
    bool refused = before.count > 0 && !parse_lines(session, &before);
    while (refused && session->lexing && task->error.status == FE_SYNTAX && before.closed < BRACKETS) {
        const uint8_t closing = closing_of(&before, &task->error);
        if (closing != 0) {
            unclosed = before.closed == 0 ? task->error : unclosed;
            before.closing[before.closed++] = closing;
        } else if (task->error.line > 0 && task->error.line <= before.count) {
            take_before(&before, task->error.line); /* a string begins there that goes on behind the lines */
        } else {
            break;
        }
        refused = before.count > 0 && !parse_lines(session, &before);
    }
    const fe_error second = task->error;
    /* Behind these lines the parser may want more: then it would have come to the first error. */
    const bool stands = refused && !session->lexing && second.status == FE_SYNTAX && second.line <= before.count;
    const bool starved = refused && second.status == FE_NO_MEMORY; /* nobody knows then which error stands */
    /* If `first` is an open bracket, that is the innermost one. */
    const bool is_open = before.closed > 0 && is_hint(&first) && strstr(first.message, UNCLOSED) == NULL;
    if (is_open && (stands ? second.line > unclosed.line : ends)) {
        task->error = unclosed;
    } else if (starved || (stands && (is_hint(&first) || is_indent(&before, &second)))) {
        task->error = second;
    } else {
        task->error = first;
    }
}
