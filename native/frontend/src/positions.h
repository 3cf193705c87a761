/* positions.h: where nodes lie: lines from 1 and columns in bytes, from the tokens that they begin and end with.
 *
 * A token knows the line it starts in; the lines of starts and of ends are kept between nodes, for most nodes share
 * them with the node before. Only a string of several lines ends in another line than it starts in.
 */
#ifndef FE_POSITIONS_H
#define FE_POSITIONS_H

#include "tree.h"

/* A line: its number and the source offsets at which it and the next one begin. */
typedef struct fe_line {
    uint32_t number; /* 0: none yet */
    uint32_t begin;
    uint32_t next;
} fe_line;

static inline fe_line fe_line_of(const fe_task *task, uint32_t number) {
    return (fe_line){number, task->line_start[number - 1], task->line_start[number]};
}

/* The line in which a token that starts in `number` has its end, an offset. */
static inline fe_line fe_line_of_end(const fe_task *task, uint32_t number, uint32_t end) {
    uint32_t low = number, high = task->line_count; /* the last line that begins before the end: binary search */
    while (low < high) {
        const uint32_t middle = low + (high - low + 1) / 2;
        if (task->line_start[middle - 1] < end) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return fe_line_of(task, low);
}

#endif
