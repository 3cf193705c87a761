#include "team.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>

struct lk_team {
    pthread_mutex_t lock;
    pthread_cond_t woken, done;
    uint64_t runs; /* started so far */
    unsigned busy;
    bool over;
    lk_team_fn work;
    void *shared;
    unsigned count; /* threads made */
    struct member {
        lk_team *team;
        unsigned number;
        pthread_t thread;
    } members[LK_TEAM_MOST];
};

static void *live(void *argument) {
    const struct member *self = argument;
    lk_team *team = self->team;
    pthread_mutex_lock(&team->lock);
    for (uint64_t seen = 0;;) {
        while (team->runs == seen && !team->over) {
            pthread_cond_wait(&team->woken, &team->lock);
        }
        if (team->over) {
            break;
        }
        seen = team->runs;
        pthread_mutex_unlock(&team->lock);
        team->work(team->shared, self->number);
        pthread_mutex_lock(&team->lock);
        if (--team->busy == 0) {
            pthread_cond_signal(&team->done);
        }
    }
    pthread_mutex_unlock(&team->lock);
    return NULL;
}

lk_team *lk_team_new(unsigned count, lk_team_fn work, void *shared) {
    lk_team *self = calloc(1, sizeof *self);
    if (!self) {
        return NULL;
    }
    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->woken, NULL);
    pthread_cond_init(&self->done, NULL);
    self->work = work;
    self->shared = shared;
    for (; self->count < count; self->count++) {
        struct member *member = &self->members[self->count];
        member->team = self;
        member->number = self->count;
        if (pthread_create(&member->thread, NULL, live, member) != 0) {
            lk_team_free(self);
            return NULL;
        }
    }
    return self;
}

void lk_team_free(lk_team *self) {
    if (!self) {
        return;
    }
    pthread_mutex_lock(&self->lock);
    self->over = true;
    pthread_cond_broadcast(&self->woken);
    pthread_mutex_unlock(&self->lock);
    for (unsigned i = 0; i < self->count; i++) {
        pthread_join(self->members[i].thread, NULL);
    }
    pthread_cond_destroy(&self->done);
    pthread_cond_destroy(&self->woken);
    pthread_mutex_destroy(&self->lock);
    free(self);
}

void lk_team_start(lk_team *self) {
    pthread_mutex_lock(&self->lock);
    self->busy = self->count;
    self->runs++;
    pthread_cond_broadcast(&self->woken);
    pthread_mutex_unlock(&self->lock);
}

void lk_team_wait(lk_team *self) {
    pthread_mutex_lock(&self->lock);
    while (self->busy) {
        pthread_cond_wait(&self->done, &self->lock);
    }
    pthread_mutex_unlock(&self->lock);
}

unsigned lk_team_processors(void) {
    cpu_set_t usable;
    if (sched_getaffinity(0, sizeof usable, &usable) != 0) {
        return 1;
    }
    const int count = CPU_COUNT(&usable);
    return count < 1 ? 1 : (unsigned)count;
}
