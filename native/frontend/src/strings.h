/* strings.h: what string tokens mean. */
#ifndef FE_STRINGS_H
#define FE_STRINGS_H

#include "tree.h"

/* The node of adjacent string tokens first .. last: a Constant or a JoinedStr. strings.c. */
fe_ref FE_VARIANT(fe_strings)(fe_task *task, uint32_t first, uint32_t last);

/* Parses the expression of a replacement field from token task->position on, as if it stood in parentheses (star
 * expressions, yield, a walrus in parentheses ...), up to END, or to one of `!`, `:`, `=` that a field's text allows to
 * follow: strings.c hands over tokens that end right behind the expression. Leaves task->position on the END and its
 * former value is for the caller to restore. parser.c. */
fe_ref FE_VARIANT(fe_parse_field)(fe_task *task, uint32_t first_token);

#endif
