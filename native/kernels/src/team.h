/* team.h: threads that wait between runs, so that a run pays for waking them and not for making them. */
#ifndef LK_TEAM_H
#define LK_TEAM_H

#include "lk/kernel.h"

enum { LK_TEAM_MOST = 64 };

typedef struct lk_team lk_team;

/* What member 0 .. count - 1 does in each run. */
typedef void (*lk_team_fn)(void *shared, unsigned member);

/* Makes `count` waiting threads, 1 <= count <= LK_TEAM_MOST. NULL where the system refuses one. */
lk_team *lk_team_new(unsigned count, lk_team_fn work, void *shared);
/* Ends and joins the threads; not during a run. NULL is allowed. */
void lk_team_free(lk_team *self);

/* Wakes all members; what the caller wrote before is visible to them. One run at a time. */
void lk_team_start(lk_team *self);
/* Returns when all members are done; what they wrote is visible to the caller. */
void lk_team_wait(lk_team *self);

/* Processors that this process may use, at least 1. */
unsigned lk_team_processors(void);

#endif
