/* column_rows.h: the memory of columns, and the fields that nodes can be held in. No variant. */
#ifndef FE_COLUMN_ROWS_H
#define FE_COLUMN_ROWS_H

#include "fe/columns.h"
#include "task.h"

/* Every field that holds nodes, by its name: the codes of fe_columns.field. */
/* clang-format off */
#define FE_HOLDING_FIELDS(_) \
    _(body) _(args) _(decorator_list) _(returns) _(type_params) _(bases) \
    _(keywords) _(value) _(targets) _(name) _(target) _(annotation) \
    _(iter) _(orelse) _(test) _(items) _(subject) _(cases) \
    _(exc) _(cause) _(handlers) _(finalbody) _(msg) _(names) \
    _(values) _(left) _(right) _(operand) _(keys) _(elts) \
    _(elt) _(generators) _(key) _(comparators) _(func) _(format_spec) \
    _(slice) _(lower) _(upper) _(step) _(ifs) _(type) \
    _(posonlyargs) _(vararg) _(kwonlyargs) _(kw_defaults) _(kwarg) _(defaults) \
    _(context_expr) _(optional_vars) _(pattern) _(guard) _(patterns) _(cls) \
    _(kwd_patterns) _(bound) _(default_value)
/* clang-format on */

#define FE_HOLDING_CODE(name) FE_HOLDING_##name,
enum { FE_HOLDING_FIELDS(FE_HOLDING_CODE) FE_HOLDING_COUNT, FE_HOLDING_NONE = 255 };
#undef FE_HOLDING_CODE

/* Makes room for `rows` rows in all, and for one more source. The task fails where there is no memory. */
void fe_columns_reserve(fe_columns *columns, fe_task *task, uint64_t rows);

#endif
