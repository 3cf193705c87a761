/* Open-addressing hash tables with linear probing and backward-shift deletion (Knuth, TAOCP 6.4, algorithm R), one
 * per shard so that threads seldom meet at a lock. A table is grown at half load. */
#include "blocks.h"

#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SHARDS = 64, FIRST_SLOTS = 256 };

typedef struct slot {
    uintptr_t block; /* 0: empty */
    uint64_t bytes;
} slot;

typedef struct shard {
    _Alignas(64) atomic_flag busy;
    slot *slots;
    size_t capacity; /* a power of two, or 0 */
    size_t used;
} shard;

static shard shards[SHARDS];

static void lock(shard *self) {
    while (atomic_flag_test_and_set_explicit(&self->busy, memory_order_acquire)) {
        sched_yield();
    }
}

static void unlock(shard *self) {
    atomic_flag_clear_explicit(&self->busy, memory_order_release);
}

/* Blocks are 16-aligned, so the low bits say nothing; a multiplication by 2^64 / phi spreads the rest. */
static uint64_t mix(uintptr_t block) {
    return (uint64_t)(block >> 4) * 0x9e3779b97f4a7c15u;
}

static shard *shard_of(uintptr_t block) {
    return &shards[mix(block) >> 58];
}

static size_t home(const shard *self, uintptr_t block) {
    return (size_t)(mix(block) >> 20) & (self->capacity - 1);
}

/* The raw system calls: the C library's mmap may be the one that is interposed. */
static slot *map_slots(size_t capacity) {
    long address =
        syscall(SYS_mmap, NULL, capacity * sizeof(slot), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return address == -1 ? NULL : (slot *)address;
}

static void insert(shard *self, slot entry) {
    size_t at = home(self, entry.block);
    while (self->slots[at].block) {
        at = (at + 1) & (self->capacity - 1);
    }
    self->slots[at] = entry;
    self->used++;
}

static bool grow(shard *self) {
    shard grown = {.capacity = self->capacity ? self->capacity * 2 : FIRST_SLOTS};
    grown.slots = map_slots(grown.capacity);
    if (!grown.slots) {
        return false;
    }
    for (size_t i = 0; i < self->capacity; i++) {
        if (self->slots[i].block) {
            insert(&grown, self->slots[i]);
        }
    }
    if (self->slots) {
        syscall(SYS_munmap, self->slots, self->capacity * sizeof(slot));
    }
    self->slots = grown.slots;
    self->capacity = grown.capacity;
    return true;
}

bool blocks_put(const void *block, uint64_t requested_bytes) {
    shard *self = shard_of((uintptr_t)block);
    lock(self);
    bool room = 2 * self->used < self->capacity || grow(self);
    if (room) {
        insert(self, (slot){(uintptr_t)block, requested_bytes});
    }
    unlock(self);
    return room;
}

/* Closes the gap at `hole`: later entries of the same cluster move up unless that would put them before home. */
static void close_gap(shard *self, size_t hole) {
    size_t mask = self->capacity - 1;
    for (size_t at = (hole + 1) & mask; self->slots[at].block; at = (at + 1) & mask) {
        size_t from_home = (at - home(self, self->slots[at].block)) & mask;
        if (from_home >= ((at - hole) & mask)) {
            self->slots[hole] = self->slots[at];
            hole = at;
        }
    }
    self->slots[hole].block = 0;
    self->used--;
}

bool blocks_take(const void *block, uint64_t *requested_bytes) {
    shard *self = shard_of((uintptr_t)block);
    bool found = false;
    lock(self);
    if (self->capacity) {
        size_t at = home(self, (uintptr_t)block);
        while (self->slots[at].block && self->slots[at].block != (uintptr_t)block) {
            at = (at + 1) & (self->capacity - 1);
        }
        found = self->slots[at].block != 0;
        if (found) {
            *requested_bytes = self->slots[at].bytes;
            close_gap(self, at);
        }
    }
    unlock(self);
    return found;
}

void blocks_lock_all(void) {
    for (size_t i = 0; i < SHARDS; i++) {
        lock(&shards[i]);
    }
}

void blocks_unlock_all(void) {
    for (size_t i = 0; i < SHARDS; i++) {
        unlock(&shards[i]);
    }
}
