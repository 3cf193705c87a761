/* The nodes of a tree as columns: one walk that visits a node before its fields and writes a row for each. */
#include "column_rows.h"
#include "constants.h"
#include "depth.h"
#include "nodes.h"
#include "positions.h"
#include "stages.h"

enum { NO_TOKEN = UINT32_MAX };

typedef struct writer {
    fe_task *task;
    fe_columns *columns;
    uint64_t first;     /* row of the root */
    uint64_t row;       /* the next one */
    uint64_t limit;     /* rows that were reserved: one for each node that was made */
    fe_output text;     /* of a constant: the buffer is only passed through */
    uint32_t end_token; /* the last one whose end was searched for, and its line */
    fe_line end_found;
} writer;

/* Where the node lies is all in its first and last token. */
static void put_place(writer *w, uint64_t row, fe_ref node) {
    const fe_task *task = w->task;
    const uint32_t first = FE_NODE_FIRST(task, node), last = FE_NODE_LAST(task, node);
    const fe_line line = fe_line_of(task, FE_TOKEN_LINE(&task->tokens, first));
    const uint32_t end = FE_TOKEN_END(&task->tokens, last);
    fe_line end_line = fe_line_of(task, FE_TOKEN_LINE(&task->tokens, last));
    if (PM_UNLIKELY(end >= end_line.next)) {
        if (w->end_token != last) {
            w->end_token = last;
            w->end_found = fe_line_of_end(task, end_line.number, end);
        }
        end_line = w->end_found;
    }
    fe_columns *columns = w->columns;
    columns->lineno[row] = (int32_t)fe_line_number(task, line.number);
    columns->col_offset[row] = (int32_t)(FE_TOKEN_START(&task->tokens, first) - line.begin);
    columns->end_lineno[row] = (int32_t)fe_line_number(task, end_line.number);
    columns->end_col_offset[row] = (int32_t)(end - end_line.begin);
}

static int32_t interned(writer *w, pm_interner *interner, const void *data, size_t bytes) {
    pm_intern_ref ref;
    if (PM_UNLIKELY(pm_interner_intern(interner, data, bytes, &ref) != PM_OK)) {
        fe_fail(w->task, FE_NO_MEMORY, 0, 0, "no memory for the strings of the columns");
    }
    return (int32_t)ref.id;
}

static void put_name(writer *w, uint64_t row, fe_name name) {
    const pm_text text = fe_name_text(w->task, name);
    w->columns->name[row] = interned(w, w->columns->names, text.data, text.bytes);
}

static void put_value(writer *w, uint64_t row, fe_ref node, fe_word value, fe_blob payload) {
    const uint8_t *end = fe_put_constant(&w->text, w->text.begin, w->task, value, payload, FE_NODE_FIRST(w->task, node),
                                         FE_NODE_LAST(w->task, node));
    w->columns->value[row] = interned(w, w->columns->values, w->text.begin, (size_t)(end - w->text.begin));
}

static void put_row(writer *w, fe_ref node, int32_t parent, uint8_t field, int32_t index);

static void put_list(writer *w, fe_list list, int32_t parent, uint8_t field) {
    const uint32_t count = fe_list_count(w->task, list);
    for (uint32_t i = 0; i < count; i++) {
        const fe_ref node = fe_list_item(w->task, list, i);
        if (node != 0) {
            put_row(w, node, parent, field, (int32_t)i);
        }
    }
}

/* What a field of each type adds; `field` is its word. Only a node's first name fits its row. */
#define ROW_NAME(kind, name)                                                                                           \
    if (is_nameless) {                                                                                                 \
        put_name(w, row, field);                                                                                       \
        is_nameless = false;                                                                                           \
    }
#define ROW_OPT_NAME(kind, name)                                                                                       \
    if (field != 0) {                                                                                                  \
        ROW_NAME(kind, name)                                                                                           \
    }
#define ROW_NAMES(kind, name)
#define ROW_NODE(kind, name) put_row(w, field, number, FE_HOLDING_##name, -1);
#define ROW_OPT_NODE(kind, name)                                                                                       \
    if (field != 0) {                                                                                                  \
        ROW_NODE(kind, name)                                                                                           \
    }
#define ROW_NODES(kind, name) put_list(w, field, number, FE_HOLDING_##name);
#define ROW_HOLES(kind, name) ROW_NODES(kind, name)
#define ROW_INT(kind, name)
#define ROW_CTX(kind, name)
#define ROW_BOOLOP(kind, name)
#define ROW_OPERATOR(kind, name)
#define ROW_UNARYOP(kind, name)
#define ROW_CMPOPS(kind, name)
#define ROW_CONSTANT(kind, name)                                                                                       \
    put_value(w, row, node, field,                                                                                     \
              FE_KIND_##kind == FE_KIND_Constant ? FE_FIELD_OF(w->task, node, Constant, payload) : 0);
#define ROW_PAYLOAD(kind, name)
#define ROW_UNICODE(kind, name)
#define ROW_TEXT(kind, name)

static void put_row(writer *w, fe_ref node, int32_t parent, uint8_t held, int32_t index) {
    const fe_task *task = w->task;
    fe_check_depth(w->task, node);
    fe_columns *columns = w->columns;
    const fe_kind kind_of_node = FE_NODE_KIND(task, node);
    const uint64_t row = w->row++;
    if (PM_UNLIKELY(row == w->limit)) {
        fe_fail(w->task, FE_INVALID, 0, 0, "a node stands in two places of the tree");
    }
    const int32_t number = (int32_t)(row - w->first);
    columns->kind[row] = (uint8_t)kind_of_node;
    columns->field[row] = held;
    columns->parent[row] = parent;
    columns->index[row] = index;
    columns->name[row] = -1;
    columns->value[row] = -1;
    bool is_nameless = true;
    if (fe_kind_infos[kind_of_node].located) {
        put_place(w, row, node);
    } else {
        columns->lineno[row] = columns->col_offset[row] = columns->end_lineno[row] = columns->end_col_offset[row] = -1;
    }
    switch (kind_of_node) {
#define FE_NODE(kind, located) case FE_KIND_##kind:
#define FE_FIELD(kind, name, type, since)                                                                              \
    if (since == 0 || task->dialect->minor >= since) {                                                                 \
        const fe_word field = FE_FIELD_OF(task, node, kind, name);                                                     \
        (void)field;                                                                                                   \
        ROW_##type(kind, name)                                                                                         \
    }
#define FE_END(kind) break;
#include "nodes.def"
#undef FE_NODE
#undef FE_FIELD
#undef FE_END
    case FE_KIND_NONE:
    case FE_KIND_COUNT: break;
    }
    (void)is_nameless;
}

void FE_VARIANT(fe_columns)(fe_task *task) {
    fe_columns *columns = task->columns;
    if (columns == NULL) {
        fe_fail(task, FE_INVALID, 0, 0, "no columns to fill: call fe_session_set_columns first");
    }
    fe_columns_reserve(columns, task, columns->row_count + task->tree.node_count);
    writer w = {.task = task,
                .columns = columns,
                .first = columns->row_count,
                .row = columns->row_count,
                .limit = columns->row_count + task->tree.node_count,
                .end_token = NO_TOKEN};
    (void)fe_output_begin(&w.text, task, 0, false);
    put_row(&w, (fe_ref)task->root, -1, FE_HOLDING_NONE, -1);
    columns->file[columns->file_count] = columns->next_file++;
    columns->first_row[columns->file_count++] = w.first;
    columns->first_row[columns->file_count] = columns->row_count = w.row;
}
