/* Columns of nodes: making, growing, naming. The arrays are parts of two blocks, one by row and one by source; growing
 * makes a new block, so a refusal leaves the old one whole. */
#include "column_rows.h"
#include "nodes.h"
#include <pm/heap.h>
#include <string.h>

enum { ROW_BYTES = 8 * sizeof(int32_t) + 2, FILE_BYTES = sizeof(uint64_t) + sizeof(uint32_t), ROWS_MIN = 256 };

fe_status fe_columns_new(fe_columns **out) {
    fe_columns *made = pm_heap_alloc_zeroed(sizeof *made);
    if (made == NULL) {
        return FE_NO_MEMORY;
    }
    const pm_interner_options options = {.strings = ROWS_MIN};
    if (pm_interner_new(&options, &made->names) != PM_OK || pm_interner_new(&options, &made->values) != PM_OK) {
        fe_columns_free(made);
        return FE_NO_MEMORY;
    }
    *out = made;
    return FE_OK;
}

void fe_columns_free(fe_columns *columns) {
    if (columns == NULL) {
        return;
    }
    pm_heap_free(columns->parent, columns->row_capacity * ROW_BYTES);
    pm_heap_free(columns->first_row, columns->file_capacity * (size_t)FILE_BYTES);
    pm_interner_free(columns->names);
    pm_interner_free(columns->values);
    pm_heap_free(columns, sizeof *columns);
}

void fe_columns_clear(fe_columns *columns) {
    columns->row_count = 0;
    columns->file_count = 0;
    pm_interner_clear(columns->names);
    pm_interner_clear(columns->values);
}

/* The arrays by row begin with `parent`, so with the block; bytes come last, so that all are aligned. */
static bool grow_rows(fe_columns *columns, uint64_t capacity) {
    int32_t *block = pm_heap_alloc(capacity * ROW_BYTES, 64), *next = block;
    if (block == NULL) {
        return false;
    }
    int32_t **const wide[] = {&columns->parent,     &columns->index,          &columns->lineno, &columns->col_offset,
                              &columns->end_lineno, &columns->end_col_offset, &columns->name,   &columns->value};
    uint8_t **const narrow[] = {&columns->kind, &columns->field};
    const uint64_t rows = columns->row_count, old_capacity = columns->row_capacity;
    int32_t *const old = columns->parent;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++, next += capacity) {
        if (rows != 0) {
            memcpy(next, *wide[i], rows * sizeof *next);
        }
        *wide[i] = next;
    }
    uint8_t *bytes = (uint8_t *)next;
    for (size_t i = 0; i < sizeof narrow / sizeof *narrow; i++, bytes += capacity) {
        if (rows != 0) {
            memcpy(bytes, *narrow[i], rows);
        }
        *narrow[i] = bytes;
    }
    pm_heap_free(old, old_capacity * ROW_BYTES);
    columns->row_capacity = capacity;
    return true;
}

static bool grow_files(fe_columns *columns, uint32_t capacity) {
    uint64_t *first_row = pm_heap_alloc(capacity * (size_t)FILE_BYTES, 64);
    if (first_row == NULL) {
        return false;
    }
    uint32_t *file = (uint32_t *)(first_row + capacity);
    if (columns->first_row != NULL) {
        memcpy(first_row, columns->first_row, (columns->file_count + (size_t)1) * sizeof *first_row);
        memcpy(file, columns->file, columns->file_count * sizeof *file);
    }
    pm_heap_free(columns->first_row, columns->file_capacity * (size_t)FILE_BYTES);
    columns->first_row = first_row;
    columns->file = file;
    columns->file_capacity = capacity;
    return true;
}

void fe_columns_reserve(fe_columns *columns, fe_task *task, uint64_t rows) {
    if (rows > FE_COLUMNS_ROWS_MAX) {
        fe_fail(task, FE_INVALID, 0, 0, "more than %d rows: give these sources to columns of their own",
                FE_COLUMNS_ROWS_MAX);
    }
    bool ok = true;
    if (rows > columns->row_capacity) {
        const uint64_t doubled = columns->row_capacity * 2 < ROWS_MIN ? ROWS_MIN : columns->row_capacity * 2;
        ok = grow_rows(columns, rows > doubled ? rows : doubled);
    }
    if (columns->file_count + 2 > columns->file_capacity) { /* the entry behind the last too */
        ok = ok && grow_files(columns, columns->file_capacity == 0 ? 16 : columns->file_capacity * 2);
    }
    if (!ok) {
        fe_fail(task, FE_NO_MEMORY, 0, 0, "no memory for the columns");
    }
}

const char *fe_columns_kind(uint32_t code) {
    return code > 0 && code < FE_KIND_COUNT ? fe_kind_infos[code].name : NULL;
}

#define FE_HOLDING_TEXT(name) #name,
const char *fe_columns_field(uint32_t code) {
    static const char *const names[] = {FE_HOLDING_FIELDS(FE_HOLDING_TEXT)};
    return code < FE_HOLDING_COUNT ? names[code] : NULL;
}
