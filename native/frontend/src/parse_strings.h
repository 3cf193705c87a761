/* parse_strings.h: what string tokens mean. */
#ifndef FE_PARSE_STRINGS_H
#define FE_PARSE_STRINGS_H

#include "tree.h"

/* The node of adjacent string tokens first .. last: a Constant or a JoinedStr. parse_strings.c. */
fe_ref FE_VARIANT(fe_strings)(fe_task *task, uint32_t first, uint32_t last);

/* Parses the tokens that fe_lexer.part appended, first_token being the LPAR: one parenthesised expression (a group, a
 * tuple, a generator expression, a yield: whatever may stand in parentheses), then END. Leaves task->position as it
 * was. parser.c. */
fe_ref FE_VARIANT(fe_parse_field)(fe_task *task, uint32_t first_token);

#endif
