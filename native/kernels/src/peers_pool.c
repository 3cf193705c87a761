/* peers.pool: objects of 256 bytes taken and given back, from the object pool and from malloc.
 *
 *   ours:   pm_pool; clearing an object means clearing its first word.
 *   malloc: malloc and free, of whichever library the process has them from; the first word is cleared as well.
 *   threads = one:   the caller takes one, writes and reads its first word and gives it back.
 *             two:   another thread does the same at the same time; an item is an object of either.
 *             cross: the caller takes and writes, the other thread reads and gives back. They are handed over 64 at a
 *                    time, so that what is timed is the allocator and not the handing over.
 * An iteration is 64 objects, 16384 where a thread must be woken for it.
 */
#include <pm/assert.h>
#include <pm/pool.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "define.h"
#include "team.h"

enum { OBJECT_BYTES = 256, RETAINED = 1000, LINE_BYTES = 64, BATCH = 64, WOKEN_BATCH = 16384 };
enum { PARCEL = 64, PARCELS = 4, SPINS = 16384 };
enum threads { ONE, TWO, CROSS };
enum { P_CONTENDER, P_THREADS };

static const lk_param peers_pool_params[] = {
    [P_CONTENDER] = {"contender", "", "ours,malloc", "ours: out of the pool; malloc: fresh each time"},
    [P_THREADS] = {"threads", "", "one,two,cross", "cross: taken on one thread, given back on another"},
};

typedef struct parcel {
    _Alignas(LINE_BYTES) uint64_t *objects[PARCEL];
} parcel;

typedef struct tally {
    _Alignas(LINE_BYTES) uint64_t sum;
    uint64_t refused;
} tally;

typedef struct objects {
    /* Parcels sent and received so far, each counter on its own line. */
    _Alignas(LINE_BYTES) _Atomic uint64_t sent;
    _Alignas(LINE_BYTES) _Atomic uint64_t received;
    parcel parcels[PARCELS];
    tally tallies[2]; /* the caller's, the other thread's */
    pm_pool *pool;    /* NULL: malloc */
    enum threads threads;
    lk_team *team;
    uint64_t batch;
    uint64_t count; /* of the run, in all */
} objects;

static pm_status init(void *object, const pm_pool_type *type) {
    (void)object, (void)type;
    return PM_OK; /* the pool has zeroed it */
}

static bool clear(void *object, const pm_pool_type *type) {
    (void)type;
    *(uint64_t *)object = 0;
    return true;
}

static void deinit(void *object, const pm_pool_type *type) {
    (void)object, (void)type;
}

static inline uint64_t *take(pm_pool *pool) {
    if (pool) {
        return pm_pool_acquire(pool);
    }
    uint64_t *object = malloc(OBJECT_BYTES);
    if (object) {
        *object = 0;
    }
    return object;
}

static inline void give(pm_pool *pool, uint64_t *object) {
    if (pool) {
        pm_pool_release_by(pool, object, clear);
    } else {
        free(object);
    }
}

static inline void seen(const void *object) {
    __asm__ volatile("" : : "r"(object) : "memory");
}

/* Inlined into one loop for each source. */
static inline __attribute__((always_inline)) void take_and_give(pm_pool *pool, uint64_t count, tally *out) {
    uint64_t sum = 0, refused = 0;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t *object = take(pool);
        if (!object) {
            refused++;
            continue;
        }
        *object += 1;
        seen(object);
        sum += *object;
        give(pool, object);
    }
    out->sum = sum;
    out->refused = refused;
}

static void work_alone(objects *self, uint64_t count, tally *out) {
    if (self->pool) {
        take_and_give(self->pool, count, out);
    } else {
        take_and_give(NULL, count, out);
    }
}

static inline void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

/* Waits until *counter is at least `least`. Yields only after far longer than a parcel takes, when the other thread
 * needs this processor: a yield counts as being preempted, and the sample is dropped for it. */
static void await(const _Atomic uint64_t *counter, uint64_t least) {
    for (unsigned spins = 1; atomic_load_explicit(counter, memory_order_acquire) < least; spins++) {
        pause_briefly();
        if (spins % SPINS == 0) {
            sched_yield();
        }
    }
}

static void send(objects *self, tally *out) {
    const uint64_t begin = atomic_load_explicit(&self->sent, memory_order_relaxed);
    for (uint64_t number = begin; number < begin + self->count / PARCEL; number++) {
        await(&self->received, number + 1 > PARCELS ? number + 1 - PARCELS : 0);
        uint64_t **held = self->parcels[number % PARCELS].objects;
        for (unsigned i = 0; i < PARCEL; i++) {
            held[i] = take(self->pool);
            if (held[i]) {
                *held[i] += 1;
            } else {
                out->refused++;
            }
        }
        atomic_store_explicit(&self->sent, number + 1, memory_order_release);
    }
}

static void receive(objects *self, tally *out) {
    const uint64_t begin = atomic_load_explicit(&self->received, memory_order_relaxed);
    for (uint64_t number = begin; number < begin + self->count / PARCEL; number++) {
        await(&self->sent, number + 1);
        uint64_t **held = self->parcels[number % PARCELS].objects;
        for (unsigned i = 0; i < PARCEL; i++) {
            if (held[i]) {
                out->sum += *held[i];
                give(self->pool, held[i]);
            }
        }
        atomic_store_explicit(&self->received, number + 1, memory_order_release);
    }
}

static void help(void *shared, unsigned member) {
    objects *self = shared;
    (void)member;
    if (self->threads == CROSS) {
        receive(self, &self->tallies[1]);
    } else {
        work_alone(self, self->count / 2, &self->tallies[1]);
    }
}

static lk_status peers_pool_run(void *state, uint64_t first, uint64_t count, lk_result *result) {
    objects *self = state;
    (void)first;
    self->count = count * self->batch;
    memset(self->tallies, 0, sizeof self->tallies);
    if (self->team) {
        lk_team_start(self->team);
    }
    if (self->threads == CROSS) {
        send(self, &self->tallies[0]);
    } else {
        work_alone(self, self->threads == TWO ? self->count / 2 : self->count, &self->tallies[0]);
    }
    if (self->team) {
        lk_team_wait(self->team);
    }
    *result = (lk_result){.checksum = self->tallies[0].sum + self->tallies[1].sum,
                          .items = self->count,
                          .bytes = self->count * sizeof(uint64_t)};
    return self->tallies[0].refused + self->tallies[1].refused ? LK_NO_MEMORY : LK_OK;
}

static void peers_pool_teardown(void *state) {
    objects *self = state;
    lk_team_free(self->team);
    if (self->pool) {
        const pm_status status = pm_pool_free(self->pool);
        PM_ASSERT(status == PM_OK); /* nothing is out: every run gives back what it took */
        (void)status;
    }
}

static lk_status peers_pool_build(objects *self, const lk_value *values, lk_input input, uint64_t *pass,
                                  lk_message *message) {
    (void)input;
    self->threads = (enum threads)values[P_THREADS].level;
    self->batch = self->threads == ONE ? BATCH : WOKEN_BATCH;
    const pm_pool_type type = {.object_bytes = OBJECT_BYTES, .init = init, .clear = clear, .deinit = deinit};
    const bool pooled = values[P_CONTENDER].level == 0;
    if (pooled && pm_pool_new(&type, RETAINED, &self->pool) != PM_OK) {
        self->pool = NULL;
        return lk_say(message, LK_NO_MEMORY, "no memory for the pool");
    }
    if (self->threads != ONE && !(self->team = lk_team_new(1, help, self))) {
        return lk_say(message, LK_NO_MEMORY, "the system refused a thread");
    }
    *pass = 1;
    return LK_OK;
}

LK_KERNEL(peers_pool, objects, .name = "peers.pool", .item = "object",
          .help = "takes objects of 256 bytes and gives them back: pool, malloc");
