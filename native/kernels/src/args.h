/* args.h: arguments of a kernel, checked against what the kernel declares. */
#ifndef LK_ARGS_H
#define LK_ARGS_H

#include "lk/kernel.h"

/* Unit of a parameter whose value is free text: the kernel itself checks it. */
#define LK_UNIT_NAMES "names"

/* One argument as read. */
typedef struct lk_value {
    unsigned level;   /* its place among the parameter's levels, 0 where the parameter lists none */
    uint64_t number;  /* its value where it is a decimal number, 0 for a word */
    const char *text; /* as given; borrowed for `setup` */
} lk_value;

/* Fills values[i] for params[i]. Every parameter must be given once, with one of its levels, or with a decimal
 * number where it lists none; only a parameter of unit LK_UNIT_NAMES takes any text.
 * LK_INVALID, and one sentence in *message, where an argument is missing, unknown, given twice, not a number or not
 * among the levels; `values` is then not to be used. */
lk_status lk_args_read(const lk_param *params, size_t count, const lk_args *args, lk_value *values,
                       lk_message *message);

/* Writes one sentence, cut to fit. */
__attribute__((format(printf, 2, 3))) void lk_write(lk_message *message, const char *format, ...);

/* Writes one sentence and is `status`, so that a failing setup can end in one statement. A macro, so that compilers and
 * analyzers see which status that is. */
#define lk_say(message, status, ...) (lk_write(message, __VA_ARGS__), (lk_status)(status))

#endif
