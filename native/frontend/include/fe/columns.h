/* fe/columns.h: syntax trees as columns: a row for each node, without an object for any.
 *
 * Rows are in the order of a walk from the root that visits a node before its fields, and fields in the order of
 * CPython's ASDL: the order of ast.dump. The rows of one source lie together; sources are appended one after the other.
 * Where a row has no value its number is negative, and null on its way to Arrow.
 *
 * Ownership: whoever makes the columns owns them and all arrays in them until fe_columns_free; a session that is set to
 * fill them (fe_session_set_columns) borrows them. Arrays move when rows are appended, so look only between tasks.
 * Threads: used by one thread at a time. Failure: a task that fails appends no row.
 */
#ifndef FE_COLUMNS_H
#define FE_COLUMNS_H

#include "fe/frontend.h"
#include <pm/interner.h>

#ifdef __cplusplus
extern "C" {
#endif

/* cdef:begin */
enum { FE_COLUMNS_ROWS_MAX = 2147483647 };

typedef struct fe_columns {
    uint64_t row_count;
    uint64_t row_capacity;
    uint8_t *kind;       /* code: fe_columns_kind */
    uint8_t *field;      /* code of the field of the parent that holds the node: fe_columns_field; 255: a root */
    int32_t *parent;     /* number of the parent within its source, whose root is 0; -1: a root */
    int32_t *index;      /* place in the list that the field holds; -1: the field holds no list */
    int32_t *lineno;     /* -1 in the next four: nodes of this kind have no place */
    int32_t *col_offset; /* in bytes of UTF-8 */
    int32_t *end_lineno;
    int32_t *end_col_offset;
    int32_t *name;       /* id in `names` of the node's first name, such as Name.id, Attribute.attr; -1: none */
    int32_t *value;      /* id in `values` of Python's repr of a constant; -1: none */
    uint32_t file_count; /* sources appended */
    uint32_t file_capacity;
    uint32_t next_file;  /* the number of the next source; set it before a task, counts up by itself */
    uint32_t *file;      /* by source: its number */
    uint64_t *first_row; /* by source: its root; one entry more, which is row_count; NULL before any source */
    pm_interner *names;  /* UTF-8; pm_interner_export lays them out in Arrow form */
    pm_interner *values;
} fe_columns;

/* Columns without a row. FE_NO_MEMORY. */
PM_API PM_NODISCARD fe_status fe_columns_new(fe_columns **out);

/* NULL is allowed. */
PM_API void fe_columns_free(fe_columns *columns);

/* No rows and no strings; the memory is kept. */
PM_API void fe_columns_clear(fe_columns *columns);

/* What a code stands for, such as "FunctionDef" and "body"; static; NULL from the first code on that has no meaning. */
PM_API const char *fe_columns_kind(uint32_t code);
PM_API const char *fe_columns_field(uint32_t code);

/* Where tasks of FE_STAGE_COLUMNS append; borrowed until another is set. A task without fails with FE_INVALID. */
PM_API void fe_session_set_columns(fe_session *session, fe_columns *columns);
/* cdef:end */

#ifdef __cplusplus
}
#endif
#endif
