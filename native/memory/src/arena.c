/* Bump allocation, downwards, over a chain of chunks.
 *
 * Chunks in use form a chain from `current` down; unused ones wait in `spare`, in the order they were used. Invariants:
 *     floor(current) <= limit <= next <= end(current)        and all are 0 where there is no current chunk
 *     in use = below_bytes + (end(current) - next)           below_bytes = sum of the payloads below current
 *     placed = requested + padding                           over all time; placed counts each advance of next once
 * The inlined path adds to `tally` only; `fold` moves that into the totals before anything else looks at them. The
 * window (next - limit) holds at most 2^29 bytes, so the bytes of a tally stay below one PM_ARENA_TALLY_ONE.
 *
 * Under AddressSanitizer or Valgrind the window is kept empty, so that every allocation comes through
 * `pm_arena_alloc_slow`.
 */
#include "pm/arena.h"
#include "memory.h"
#include "platform/platform.h"
#include "pm/assert.h"
#include "poison.h"
#include "size.h"
#include <string.h>

typedef struct chunk {
    struct chunk *link; /* the one below in use, or the next spare one */
    size_t bytes;       /* header included */
    uintptr_t next;     /* where `next` stood when the chunk above was begun */
    bool mapped;
} chunk;

enum {
    CHUNK_HEADER_BYTES = 64,
    CHUNK_MIN_BYTES = 256,
    CHUNK_MAPPED_BYTES = 262144, /* from here on chunks are mapped: untouched pages then cost nothing */
    WINDOW_BYTES = 1 << 29
};
_Static_assert(sizeof(chunk) <= CHUNK_HEADER_BYTES, "the header fits before the floor");

typedef struct arena {
    pm_arena front;
    chunk *current;
    chunk *spare;
    uintptr_t folded_next; /* `next` at the last fold */
    size_t below_bytes;
    size_t capacity_bytes; /* of a new chunk */
    size_t limit_bytes;
    bool huge_pages;
    uint64_t placed_bytes;
    pm_arena_stats stats; /* without what is computed on reading */
} arena;

static arena *whole(pm_arena *front) {
    return (arena *)(void *)front;
}

static const arena *whole_const(const pm_arena *front) {
    return (const arena *)(const void *)front;
}

static uintptr_t chunk_floor(const chunk *c) {
    return (uintptr_t)c + CHUNK_HEADER_BYTES;
}

static uintptr_t chunk_end(const chunk *c) {
    return (uintptr_t)c + c->bytes;
}

static size_t in_use(const arena *a) {
    return a->current == NULL ? 0 : a->below_bytes + (chunk_end(a->current) - a->front.next);
}

/* Looked at after each change; each chunk costs a line of cache. */
#define ARENA_ASSERT_VALID(a) PM_ASSERT_EXPENSIVE(pm_arena_is_valid(&(a)->front), (a)->stats.chunk_count * 32)

static void fold(arena *a) {
    const size_t now = in_use(a);
    PM_ASSERT(a->folded_next >= a->front.next && a->front.next >= a->front.limit);
    PM_ASSERT(a->folded_next - a->front.next >= a->front.tally % PM_ARENA_TALLY_ONE);
    a->stats.allocation_count += a->front.tally / PM_ARENA_TALLY_ONE;
    a->stats.requested_bytes += a->front.tally % PM_ARENA_TALLY_ONE;
    a->front.tally = 0;
    a->placed_bytes += a->folded_next - a->front.next;
    a->folded_next = a->front.next;
    if (now > a->stats.peak_bytes) {
        a->stats.peak_bytes = now;
    }
}

/* After a fold: makes `next` the place to go on from, and opens the window for inlined code. */
static void go_on_from(arena *a, uintptr_t next) {
    a->front.next = a->folded_next = next;
    if (a->current == NULL || PM_GUARDED) {
        a->front.limit = next;
        return;
    }
    const uintptr_t bottom = chunk_floor(a->current);
    PM_ASSERT(next >= bottom && next <= chunk_end(a->current));
    a->front.limit = next - bottom > WINDOW_BYTES ? next - WINDOW_BYTES : bottom;
}

static void chunk_free(arena *a, chunk *c) {
    const size_t bytes = c->bytes;
    PM_ASSERT(a->stats.capacity_bytes >= bytes && a->stats.chunk_count > 0);
    a->stats.capacity_bytes -= bytes;
    a->stats.chunk_count--;
    PM_UNPOISON((void *)chunk_floor(c), bytes - CHUNK_HEADER_BYTES);
    if (c->mapped) {
        pm_pages_free(c, bytes);
    } else {
        pm_heap_free(c, bytes);
    }
}

/* A chunk with `payload` bytes above its floor, or NULL. */
static chunk *chunk_new(arena *a, size_t payload) {
    size_t bytes;
    if (!pm_size_add(payload, CHUNK_HEADER_BYTES, &bytes)) {
        return NULL;
    }
    bytes = bytes < a->capacity_bytes ? a->capacity_bytes : bytes;
    const bool mapped = a->huge_pages || bytes >= CHUNK_MAPPED_BYTES;
    const size_t step = a->huge_pages ? PM_HUGE_PAGE_BYTES : mapped ? pm_platform_page_bytes() : CHUNK_HEADER_BYTES;
    if (!pm_size_round_up(bytes, step, &bytes)) {
        return NULL;
    }
    if (a->limit_bytes != 0 && (bytes > a->limit_bytes || a->stats.capacity_bytes > a->limit_bytes - bytes)) {
        pm_arena_trim(&a->front);
        if (bytes > a->limit_bytes || a->stats.capacity_bytes > a->limit_bytes - bytes) {
            return NULL;
        }
    }
    chunk *c = mapped ? pm_pages_alloc(bytes, step, a->huge_pages) : pm_heap_alloc(bytes, step);
    if (c == NULL) {
        return NULL;
    }
    *c = (chunk){.bytes = bytes, .mapped = mapped};
    PM_POISON((void *)chunk_floor(c), bytes - CHUNK_HEADER_BYTES);
    a->stats.capacity_bytes += bytes;
    a->stats.chunk_count++;
    return c;
}

/* Makes a chunk current that has room for `payload` bytes: the first spare one that is large enough, or a new one. */
static bool refill(arena *a, size_t payload) {
    chunk **link = &a->spare;
    while (*link != NULL && (*link)->bytes - CHUNK_HEADER_BYTES < payload) {
        link = &(*link)->link;
    }
    chunk *c = *link;
    if (c != NULL) {
        *link = c->link;
    } else if ((c = chunk_new(a, payload)) == NULL) {
        return false;
    }
    if (a->current != NULL) {
        a->current->next = a->front.next;
        a->stats.tail_bytes += a->front.next - chunk_floor(a->current);
        a->below_bytes += a->current->bytes - CHUNK_HEADER_BYTES;
    }
    c->link = a->current;
    a->current = c;
    a->stats.refill_count++;
    go_on_from(a, chunk_end(c));
    return true;
}

/* Where an allocation would lie in the current chunk; 0 when it does not fit. */
static uintptr_t place_for(const arena *a, size_t bytes, size_t alignment) {
    if (a->current == NULL) {
        return 0;
    }
    const uintptr_t bottom = chunk_floor(a->current);
    size_t needed;
    if (!pm_size_add(bytes, PM_REDZONE_BYTES, &needed) || needed > a->front.next - bottom) {
        return 0;
    }
    const uintptr_t place = (a->front.next - needed) & ~((uintptr_t)alignment - 1);
    return place >= bottom ? place : 0;
}

void *pm_arena_alloc_slow(pm_arena *front, size_t bytes, size_t alignment) {
    arena *a = whole(front);
    if (!pm_size_is_power_of_two(alignment) || alignment > PM_ARENA_ALIGNMENT_MAX) {
        a->stats.failed_count++;
        return NULL;
    }
    if (PM_GUARDED && alignment < 8) {
        alignment = 8; /* poisoning works in steps of 8 bytes from an aligned address */
    }
    bytes = bytes == 0 ? 1 : bytes;
    fold(a);
    uintptr_t place = place_for(a, bytes, alignment);
    if (place == 0) {
        size_t payload;
        if (!pm_size_add(bytes, alignment + PM_REDZONE_BYTES, &payload) || !refill(a, payload)) {
            a->stats.failed_count++;
            return NULL;
        }
        place = place_for(a, bytes, alignment);
    }
    PM_ASSERT(place >= chunk_floor(a->current) && place % alignment == 0 && place + bytes <= a->front.next);
    a->placed_bytes += a->front.next - place;
    a->stats.allocation_count++;
    a->stats.requested_bytes += bytes;
    go_on_from(a, place);
    PM_UNPOISON((void *)place, bytes);
    ARENA_ASSERT_VALID(a);
    return (void *)place;
}

/* On a line of its own: all of it is then fetched at once, which is worth an eighth of its time. */
__attribute__((aligned(64))) void *pm_arena_alloc_call(pm_arena *front, size_t bytes, size_t alignment) {
    return pm_arena_alloc(front, bytes, alignment);
}

pm_status pm_arena_new(const pm_arena_options *options, pm_arena **out) {
    const pm_arena_options o = options == NULL ? (pm_arena_options){0} : *options;
    size_t capacity = o.capacity_bytes == 0 ? PM_ARENA_CAPACITY_BYTES : o.capacity_bytes;
    if (capacity > SIZE_MAX / 4) {
        return PM_INVALID;
    }
    arena *a = pm_heap_alloc_zeroed(sizeof *a);
    if (a == NULL) {
        return PM_NO_MEMORY;
    }
    a->capacity_bytes = capacity < CHUNK_MIN_BYTES ? CHUNK_MIN_BYTES : capacity;
    a->limit_bytes = o.limit_bytes;
    a->huge_pages = o.huge_pages;
    *out = &a->front;
    return PM_OK;
}

void pm_arena_free(pm_arena *front) {
    if (front == NULL) {
        return;
    }
    pm_arena_reset(front);
    pm_arena_trim(front);
    pm_heap_free(front, sizeof(arena));
}

void *pm_arena_slice(pm_arena *front, size_t count, size_t element_bytes, size_t alignment) {
    size_t bytes;
    if (!pm_size_multiply(count, element_bytes, &bytes)) {
        whole(front)->stats.failed_count++;
        return NULL;
    }
    return pm_arena_alloc(front, bytes, alignment);
}

char *pm_arena_copy(pm_arena *front, const void *data, size_t bytes) {
    size_t with_nul;
    if (!pm_size_add(bytes, 1, &with_nul)) {
        whole(front)->stats.failed_count++;
        return NULL;
    }
    char *copy = pm_arena_alloc(front, with_nul, 1);
    if (copy != NULL) {
        if (bytes != 0) {
            memcpy(copy, data, bytes);
        }
        copy[bytes] = '\0';
    }
    return copy;
}

pm_status pm_arena_alloc_many(pm_arena *front, const size_t *sizes, size_t count, size_t alignment,
                              uintptr_t *addresses) {
    if (!pm_size_is_power_of_two(alignment) || alignment > PM_ARENA_ALIGNMENT_MAX) {
        whole(front)->stats.failed_count++;
        return PM_INVALID;
    }
    const pm_arena_mark mark = pm_arena_mark_now(front);
    const uintptr_t mask = ~((uintptr_t)alignment - 1);
    /* Copies, for a store to `addresses` could change the arena itself as far as the compiler knows. */
    uintptr_t next = front->next, limit = front->limit;
    uint64_t tally = front->tally;
    for (size_t i = 0; i < count; i++) {
        const size_t bytes = sizes[i];
        uintptr_t place = (next - bytes) & mask;
        if (PM_LIKELY(bytes - 1 < next && place >= limit)) {
            next = place;
            tally += PM_ARENA_TALLY_ONE + bytes;
        } else {
            front->next = next;
            front->tally = tally;
            place = (uintptr_t)pm_arena_alloc_slow(front, bytes, alignment);
            if (place == 0) {
                const pm_status back = pm_arena_rewind(front, mark);
                whole(front)->stats.rewind_count--;
                PM_ASSERT(back == PM_OK);
                (void)back;
                return PM_NO_MEMORY;
            }
            next = front->next;
            limit = front->limit;
            tally = front->tally;
        }
        addresses[i] = place;
    }
    front->next = next;
    front->tally = tally;
    ARENA_ASSERT_VALID(whole(front));
    return PM_OK;
}

pm_arena_mark pm_arena_mark_now(const pm_arena *front) {
    const arena *a = whole_const(front);
    return (pm_arena_mark){.chunk = a->current,
                           .used_bytes = a->current == NULL ? 0 : chunk_end(a->current) - a->front.next,
                           .epoch = a->stats.reset_count};
}

/* Makes `target` current again (NULL: none), and `next` the place to go on from. */
static void go_back_to(arena *a, const chunk *target, size_t used_bytes) {
    fold(a);
    while (a->current != target) {
        chunk *c = a->current;
        PM_POISON((void *)chunk_floor(c), c->bytes - CHUNK_HEADER_BYTES);
        a->current = c->link;
        c->link = a->spare;
        a->spare = c;
        if (a->current != NULL) {
            a->below_bytes -= a->current->bytes - CHUNK_HEADER_BYTES;
        }
    }
    if (target == NULL) {
        go_on_from(a, 0);
        return;
    }
    const uintptr_t next = chunk_end(target) - used_bytes;
    PM_POISON((void *)chunk_floor(target), next - chunk_floor(target));
    go_on_from(a, next);
}

pm_status pm_arena_rewind(pm_arena *front, pm_arena_mark mark) {
    arena *a = whole(front);
    if (mark.epoch != a->stats.reset_count) {
        return PM_INVALID;
    }
    const chunk *target = a->current;
    uintptr_t next = a->front.next;
    while (target != mark.chunk && target != NULL) {
        target = target->link;
        next = target == NULL ? 0 : target->next;
    }
    if (target != mark.chunk || (target != NULL && mark.used_bytes > chunk_end(target) - next)) {
        return PM_INVALID;
    }
    go_back_to(a, target, mark.used_bytes);
    a->stats.rewind_count++;
    PM_ASSERT(a->current == mark.chunk);
    ARENA_ASSERT_VALID(a);
    return PM_OK;
}

void pm_arena_reset(pm_arena *front) {
    arena *a = whole(front);
    go_back_to(a, NULL, 0);
    a->stats.reset_count++;
    PM_ASSERT(in_use(a) == 0 && a->below_bytes == 0);
    ARENA_ASSERT_VALID(a);
}

void pm_arena_trim(pm_arena *front) {
    arena *a = whole(front);
    while (a->spare != NULL) {
        chunk *c = a->spare;
        a->spare = c->link;
        chunk_free(a, c);
    }
    ARENA_ASSERT_VALID(a);
}

bool pm_arena_contains(const pm_arena *front, const void *address, size_t bytes) {
    const arena *a = whole_const(front);
    const uintptr_t first = (uintptr_t)address;
    uintptr_t next = a->front.next;
    for (const chunk *c = a->current; c != NULL; c = c->link) {
        if (c != a->current) {
            next = c->next;
        }
        if (first >= next && first <= chunk_end(c) && bytes <= chunk_end(c) - first) {
            return true;
        }
    }
    return false;
}

void pm_arena_read_stats(const pm_arena *front, pm_arena_stats *out) {
    arena copy = *whole_const(front); /* folding a copy leaves the arena alone */
    fold(&copy);
    *out = copy.stats;
    out->padding_bytes = copy.placed_bytes - copy.stats.requested_bytes;
    out->allocated_bytes = in_use(&copy);
}

pm_status pm_arena_huge_bytes(const pm_arena *front, size_t *bytes) {
    const arena *a = whole_const(front);
    const chunk *lists[] = {a->current, a->spare};
    size_t sum = 0;
    for (size_t i = 0; i < 2; i++) {
        for (const chunk *c = lists[i]; c != NULL; c = c->link) {
            size_t huge = 0;
            const pm_status status = c->mapped ? pm_platform_pages_huge_bytes(c, c->bytes, &huge) : PM_OK;
            if (status != PM_OK) {
                return status;
            }
            sum += huge;
        }
    }
    *bytes = sum;
    return PM_OK;
}

bool pm_arena_is_valid(const pm_arena *front) {
    const arena *a = whole_const(front);
    size_t bytes = 0, below = 0;
    uint64_t count = 0, placed = a->placed_bytes + (a->folded_next - a->front.next);
    const uint64_t requested = a->stats.requested_bytes + a->front.tally % PM_ARENA_TALLY_ONE;
    for (const chunk *c = a->current; c != NULL; c = c->link) {
        const uintptr_t next = c == a->current ? a->front.next : c->next;
        if (next < chunk_floor(c) || next > chunk_end(c)) {
            return false;
        }
        bytes += c->bytes;
        below += c == a->current ? 0 : c->bytes - CHUNK_HEADER_BYTES;
        count++;
    }
    for (const chunk *c = a->spare; c != NULL; c = c->link) {
        bytes += c->bytes;
        count++;
    }
    const bool window = a->current == NULL
                            ? a->front.limit == a->front.next
                            : a->front.limit <= a->front.next && a->front.limit >= chunk_floor(a->current);
    return window && a->folded_next >= a->front.next && below == a->below_bytes && placed >= requested &&
           bytes == a->stats.capacity_bytes && count == a->stats.chunk_count;
}
