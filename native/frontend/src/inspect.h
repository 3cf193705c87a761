/* inspect.h: what the lexer made, for comparing it with other tokenizers. No variant; never on the way of a task. */
#ifndef FE_INSPECT_H
#define FE_INSPECT_H

#include "task.h"

/* Writes the tokens of the source to the task's sink, an fe_token_view each; fails with FE_SINK. inspect.c. */
void fe_write_tokens(fe_task *task);

#endif
