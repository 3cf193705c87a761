/* Tokens as every tokenizer knows them: class, place, line. Written in pieces, so that it needs no memory of the task.
 */
#include "inspect.h"

enum { PIECE = 256 };

/* tokens.h shows a record in one variant alone: this is where its members stand in both, with and without VIEWS. */
typedef struct record_head {
    uint32_t start;
    uint32_t end;
    uint32_t line;
    uint8_t kind;
} record_head;
typedef struct record_with_text {
    record_head head;
    const char *text;
} record_with_text;

static fe_token_class class_of(unsigned kind) {
    if (kind <= FE_T_DEDENT) {
        return (fe_token_class)kind; /* END, NEWLINE, INDENT, DEDENT */
    }
    if (kind <= FE_T_NAME_LAST || kind >= FE_T_FALSE) {
        return FE_TOKEN_NAME;
    }
    if (kind == FE_T_NUMBER) {
        return FE_TOKEN_NUMBER;
    }
    if (kind == FE_T_FSTRING_START || kind == FE_T_TSTRING_START) {
        return FE_TOKEN_FSTRING_START;
    }
    if (kind == FE_T_FSTRING_MIDDLE || kind == FE_T_FSTRING_END) {
        return kind == FE_T_FSTRING_MIDDLE ? FE_TOKEN_FSTRING_MIDDLE : FE_TOKEN_FSTRING_END;
    }
    return kind <= FE_T_FSTRING ? FE_TOKEN_STRING : FE_TOKEN_OPERATOR;
}

static fe_token_view view_of(const fe_task *task, uint32_t i) {
    const fe_tokens *tokens = &task->tokens;
    record_head token;
    if (task->switches & FE_SWITCH_SOA) {
        token = (record_head){tokens->start[i], tokens->end[i], tokens->line[i], tokens->kind[i]};
    } else {
        const size_t bytes = task->switches & FE_SWITCH_VIEWS ? sizeof(record_head) : sizeof(record_with_text);
        token = *(const record_head *)((const char *)tokens->records + i * bytes);
    }
    const fe_token_class class = class_of(token.kind);
    if (class < FE_TOKEN_NAME) {
        return (fe_token_view){class, 0, 0, 0};
    }
    if (class == FE_TOKEN_FSTRING_MIDDLE && token.end > token.start + 1) { /* of doubled braces the second is no text */
        const uint8_t last = task->source[token.end - 1];
        token.end -= (last == '{' || last == '}') && task->source[token.end - 2] == last;
    }
    return (fe_token_view){class, token.start, token.end, token.line};
}

void fe_write_tokens(fe_task *task) {
    fe_token_view piece[PIECE];
    uint32_t filled = 0;
    for (uint32_t i = 0; i < task->tokens.count; i++) {
        piece[filled++] = view_of(task, i);
        if (filled == PIECE || i + 1 == task->tokens.count) {
            if (!task->sink(task->sink_context, piece, filled * sizeof *piece)) {
                fe_fail(task, FE_SINK, 0, 0, "the sink refused the tokens");
            }
            task->ledger->output_bytes += filled * sizeof *piece;
            filled = 0;
        }
    }
}
