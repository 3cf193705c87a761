/* positions.h: where nodes lie: lines from 1 and columns in bytes, from the tokens that they begin and end with.
 *
 * A token knows the line it starts in; the lines of starts and of ends are kept between nodes, for most nodes share
 * them with the node before. Only a string of several lines ends in another line than it starts in.
 *
 * CPython 3.11 counts columns on the first line of a field in an f-string from the field's brace where the token is a
 * string of several lines. Such a token's line is an aside, a number beyond all lines: the true number, and the place
 * to count from, are looked up where a line is another than before, so that no other token pays for them.
 */
#ifndef FE_POSITIONS_H
#define FE_POSITIONS_H

#include "tree.h"

/* A line: its number and the source offsets at which it and the next one begin. */
typedef struct fe_line {
    uint32_t number; /* 0: none yet; may be an aside's */
    uint32_t begin;
    uint32_t next;
} fe_line;

static inline const fe_aside *fe_aside_of(const fe_task *task, uint32_t number) {
    /* The token behind the last line, if it has an end, is in a line of its own. */
    const uint32_t lines = task->line_count + 1;
    return PM_UNLIKELY(number > lines) ? (const fe_aside *)task->buffers[FE_BUF_ASIDES].data + (number - lines - 1)
                                       : NULL;
}

/* The number that is printed. */
static inline uint32_t fe_line_number(const fe_task *task, uint32_t number) {
    const fe_aside *aside = fe_aside_of(task, number);
    return aside ? aside->number : number;
}

static inline fe_line fe_line_of(const fe_task *task, uint32_t number) {
    const fe_aside *aside = fe_aside_of(task, number);
    return aside ? (fe_line){number, aside->begin, task->line_start[aside->number]}
                 : (fe_line){number, task->line_start[number - 1], task->line_start[number]};
}

/* The line in which a token that starts in `number` has its end, an offset; behind a line end that is the next one. */
static inline fe_line fe_line_of_end(const fe_task *task, uint32_t number, uint32_t end) {
    uint32_t low = fe_line_number(task, number),
             high = task->line_count; /* the last line that begins no later than the end: binary search */
    while (low < high) {
        const uint32_t middle = low + (high - low + 1) / 2;
        if (task->line_start[middle - 1] <= end) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return fe_line_of(task, low);
}

#endif
