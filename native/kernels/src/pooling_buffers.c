/* pooling.buffers: the buffers that reading and scanning source files need, fresh from malloc or out of a pool.
 *
 * Input, format LKFILES: seven sections. Bytes of all files: 0 offsets (u64, files + 1), 1 the bytes. Line starts
 * within each file: 2 offsets into section 3 (u64, files + 1), 3 the starts (u32). Distinct identifiers of each file: 4
 * offsets into the identifiers (u64, files + 1), 5 offsets of all identifiers (i64), 6 their bytes.
 *
 * An item is one buffer: taken, filled, checked, given back.
 *   size = plan:   256 bytes, 1 KiB, 32 entries. malloc: malloc and free themselves for strings and vectors, pm_map_new
 *                  and pm_map_free for maps. The first 16 bytes are written (maps: one entry).
 *   size = corpus: buffer i does what file i needs: a string reads the file, 8 KiB at a time; a vector takes the start
 *                  of each line; a map counts the distinct identifiers. Both sources begin at the plan's size and grow
 *                  by the same rule; a pooled buffer comes back as large as it grew, up to 1 MiB, and so grows seldom.
 *   threads = one:   the caller's.
 *             all:   one thread per usable processor, each its share, the caller among them.
 *             cross: the caller takes and fills, another thread checks and gives back; a ring of 256 places between.
 *
 * An iteration is a batch of buffers, larger where threads have to be woken: 64, or 16384 (all) and 4096 (cross) of the
 * plan's, 16 or 64 of the corpus's.
 */
#include <pm/assert.h>
#include <pm/ledger.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "define.h"
#include "input.h"
#include "pooling_kinds.h"
#include "team.h"

enum { LINE_BYTES = 64, RING_PLACES = 256, SPINS = 256, RETAINED_BYTES = 1 << 20 };
enum threads { ONE, ALL, CROSS };
enum { PLAN, CORPUS };
enum { P_SOURCE, P_OBJECT, P_SIZE, P_THREADS };

static const lk_param pooling_buffers_params[] = {
    [P_SOURCE] = {"source", "", "malloc,pool", "malloc: fresh each time; pool: recycled"},
    [P_OBJECT] = {"object", "", "strbuf,vec,map", "string, vector or hash map"},
    [P_SIZE] = {"size", "", "plan,corpus", "plan: 256 B, 1 KiB, 32 entries; corpus: what each file needs"},
    [P_THREADS] = {"threads", "", "one,all,cross", "cross: taken on one thread, given back on another"},
};

/* One place of the ring, a cache line, so that the threads meet on the counters alone. */
typedef struct place {
    _Alignas(LINE_BYTES) lk_held held;
} place;

typedef struct member_tally {
    _Alignas(LINE_BYTES) lk_tally tally;
} member_tally;

typedef struct buffers {
    /* Single producer, single consumer; each counter on its own line. */
    _Alignas(LINE_BYTES) _Atomic uint64_t filled;
    _Alignas(LINE_BYTES) _Atomic uint64_t emptied;
    _Alignas(LINE_BYTES) place ring[RING_PLACES];
    member_tally tallies[LK_TEAM_MOST + 2]; /* one per thread that takes part */
    lk_files files;
    const lk_kind *kind;
    pm_pool *pool; /* NULL: malloc */
    enum threads threads;
    lk_team *team;
    unsigned shares; /* threads that take part */
    uint64_t batch;  /* buffers per iteration */
    uint64_t pass;
    uint64_t begin, end;
    pm_ledger before;
} buffers;

static lk_tally *tally_of(buffers *self, unsigned member) {
    return &self->tallies[member].tally;
}

static void do_share(buffers *self, unsigned member) {
    const uint64_t total = self->end - self->begin;
    const uint64_t begin = self->begin + total * member / self->shares;
    const uint64_t end = self->begin + total * (member + 1) / self->shares;
    self->kind->open_close(self->pool, &self->files, begin, end, tally_of(self, member));
}

static void pause_once(unsigned *spins) {
    if (++*spins % SPINS == 0) {
        sched_yield(); /* the other thread may be waiting for this processor */
    }
}

static void produce(buffers *self) {
    lk_tally *tally = tally_of(self, 1);
    uint64_t filled = atomic_load_explicit(&self->filled, memory_order_relaxed);
    uint64_t emptied = 0;
    for (uint64_t index = self->begin; index < self->end; index++, filled++) {
        for (unsigned spins = 0; filled - emptied >= RING_PLACES;) {
            emptied = atomic_load_explicit(&self->emptied, memory_order_acquire);
            if (filled - emptied >= RING_PLACES) {
                pause_once(&spins);
            }
        }
        self->kind->open(self->pool, &self->files, index, &self->ring[filled % RING_PLACES].held, tally);
        atomic_store_explicit(&self->filled, filled + 1, memory_order_release);
    }
}

static void consume(buffers *self) {
    lk_tally *tally = tally_of(self, 0);
    uint64_t emptied = atomic_load_explicit(&self->emptied, memory_order_relaxed);
    uint64_t filled = emptied;
    for (uint64_t left = self->end - self->begin; left; left--, emptied++) {
        for (unsigned spins = 0; filled == emptied;) {
            filled = atomic_load_explicit(&self->filled, memory_order_acquire);
            if (filled == emptied) {
                pause_once(&spins);
            }
        }
        self->kind->close(self->pool, &self->files, &self->ring[emptied % RING_PLACES].held, tally);
        atomic_store_explicit(&self->emptied, emptied + 1, memory_order_release);
    }
}

static void work(void *shared, unsigned member) {
    buffers *self = shared;
    if (self->threads == CROSS) {
        consume(self);
    } else {
        do_share(self, member);
    }
}

static lk_status pooling_buffers_run(void *state, uint64_t first, uint64_t count, lk_result *result) {
    buffers *self = state;
    self->begin = first % self->pass * self->batch;
    self->end = self->begin + count * self->batch;
    memset(self->tallies, 0, (self->shares + 1) * sizeof *self->tallies);
    if (self->team) {
        lk_team_start(self->team);
    }
    if (self->threads == CROSS) {
        produce(self);
    } else {
        do_share(self, self->shares - 1);
    }
    if (self->team) {
        lk_team_wait(self->team);
    }
    lk_tally sum = {0};
    for (unsigned i = 0; i <= self->shares; i++) {
        const lk_tally *tally = tally_of(self, i);
        sum.checksum += tally->checksum;
        sum.bytes += tally->bytes;
        sum.refused += tally->refused;
    }
    *result = (lk_result){.checksum = sum.checksum, .items = count * self->batch, .bytes = sum.bytes};
    return sum.refused ? LK_NO_MEMORY : LK_OK;
}

static lk_status open_files(lk_input input, lk_files *files, lk_message *message) {
    enum { BYTE_OFFSETS, BYTES, LINE_OFFSETS, LINES, NAME_OFFSETS, NAMES, NAME_BYTES, SECTIONS };
    lk_section section[SECTIONS];
    lk_status status = lk_input_open(input, "LKFILES", SECTIONS, section, message);
    if (status != LK_OK) {
        return status;
    }
    size_t names, counts[3];
    if (!lk_input_offsets(section[NAMES], section[NAME_BYTES].bytes, &names) ||
        !lk_input_offsets(section[BYTE_OFFSETS], section[BYTES].bytes, &counts[0]) ||
        !lk_input_offsets(section[LINE_OFFSETS], section[LINES].bytes / sizeof(uint32_t), &counts[1]) ||
        !lk_input_offsets(section[NAME_OFFSETS], names, &counts[2]) || counts[0] != counts[1] ||
        counts[0] != counts[2] || counts[0] == 0) {
        return lk_say(message, LK_BAD_INPUT, "LKFILES: the offsets do not fit what they point into");
    }
    *files = (lk_files){counts[0],
                        0,
                        section[BYTE_OFFSETS].data,
                        section[BYTES].data,
                        section[LINE_OFFSETS].data,
                        section[LINES].data,
                        section[NAME_OFFSETS].data,
                        section[NAMES].data,
                        section[NAME_BYTES].data};
    return LK_OK;
}

static void pooling_buffers_teardown(void *state) {
    buffers *self = state;
    lk_team_free(self->team);
    if (self->pool) {
        const pm_status status = pm_pool_free(self->pool);
        PM_ASSERT(status == PM_OK); /* nothing is out: every run gives back what it took */
        (void)status;
    }
}

static lk_status make_pool(buffers *self, unsigned size, lk_message *message) {
    pm_pool_type type;
    self->kind->pool_type(&type);
    if (size == CORPUS) {
        type.retained_bytes = RETAINED_BYTES;
    }
    pm_status status = pm_pool_new(&type, self->kind->retained_max, &self->pool);
    return status == PM_OK ? LK_OK : lk_say(message, LK_NO_MEMORY, "pool: %s", pm_status_text(status));
}

static lk_status make_team(buffers *self, lk_message *message) {
    unsigned helpers = 0;
    self->shares = 1;
    if (self->threads == ALL) {
        helpers = lk_team_processors() - 1;
        helpers = helpers > LK_TEAM_MOST ? LK_TEAM_MOST : helpers;
        self->shares = helpers + 1;
    } else if (self->threads == CROSS) {
        helpers = 1;
    }
    if (helpers) {
        self->team = lk_team_new(helpers, work, self);
    }
    return helpers == 0 || self->team ? LK_OK : lk_say(message, LK_NO_MEMORY, "the system refused %u threads", helpers);
}

static lk_status pooling_buffers_build(buffers *self, const lk_value *values, lk_input input, uint64_t *pass,
                                       lk_message *message) {
    static const uint64_t BATCH[2][3] = {[PLAN] = {64, 16384, 4096}, [CORPUS] = {16, 64, 64}};
    lk_files files = {0};
    const unsigned size = values[P_SIZE].level;
    lk_status status = size == CORPUS ? open_files(input, &files, message) : LK_OK;
    if (status != LK_OK) {
        return status;
    }
    const bool pooled = values[P_SOURCE].level == 1;
    self->files = files;
    self->kind = lk_kind_of(values[P_OBJECT].level, pooled);
    self->threads = (enum threads)values[P_THREADS].level;
    self->batch = BATCH[size][self->threads];
    *pass = self->pass = files.files > self->batch ? (files.files + self->batch - 1) / self->batch : 1;
    self->files.period = self->pass * self->batch;
    status = pooled ? make_pool(self, size, message) : LK_OK;
    if (status == LK_OK) {
        status = make_team(self, message);
    }
    if (status != LK_OK) {
        return status;
    }
    pm_ledger_read(&self->before);
    return LK_OK;
}

static size_t pooling_buffers_counters(void *state, lk_counter *out, size_t capacity) {
    const buffers *self = state;
    pm_ledger now;
    pm_ledger_read(&now);
    lk_counter all[6] = {
        {"ledger_allocations", "count", (double)(now.allocation_count - self->before.allocation_count)},
        {"ledger_allocated_bytes", "B", (double)(now.allocated_bytes - self->before.allocated_bytes)},
    };
    size_t count = 2;
    if (self->pool) {
        pm_pool_stats stats;
        pm_pool_read_stats(self->pool, &stats);
        const double hits = (double)stats.hit_count, misses = (double)stats.miss_count;
        all[count++] = (lk_counter){"pool_hits", "count", hits};
        all[count++] = (lk_counter){"pool_misses", "count", misses};
        all[count++] = (lk_counter){"pool_discards", "count", (double)stats.discard_count};
        all[count++] = (lk_counter){"pool_hit_rate", "fraction", hits + misses > 0 ? hits / (hits + misses) : 0};
    }
    for (size_t i = 0; i < count && i < capacity; i++) {
        out[i] = all[i];
    }
    return count;
}

LK_KERNEL(pooling_buffers, buffers, .name = "pooling.buffers", .item = "buffer",
          .help = "takes, fills and gives back strings, vectors and hash maps, fresh or out of a pool",
          .counters = pooling_buffers_counters);
