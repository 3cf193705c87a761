/* What src/translate.c needs of a team: several passes that are one batch to everybody else. */
#ifndef PM_PARALLEL_INTERNAL_H
#define PM_PARALLEL_INTERNAL_H

#include "pm/parallel.h"

/* Makes the calling thread the team's runner until pm_team_leave; false where that is PM_BUSY. */
bool pm_team_enter(pm_team *team);
void pm_team_leave(pm_team *team);

/* Runs a batch, as pm_team_run does. Only between the two. */
void pm_team_first_pass(pm_team *team, size_t count, pm_task task, void *context, pm_status *statuses,
                        pm_team_report *out);

/* Runs tasks that cannot fail and are not cancelled, over what the first pass left in the arenas. */
void pm_team_next_pass(pm_team *team, size_t count, pm_task task, void *context);

#endif
