/* Tables of the interner. At most half of the slots are used: with linear probing a string is then found after 1.5
 * slots on average, one that is not there missed after 2.5 (Knuth, The Art of Computer Programming 3, 6.4), nearly
 * always within one cache line. */
#include "interner_table.h"
#include "memory.h"
#include "platform/platform.h"
#include "size.h"

/* Smaller ones come from the heap, which keeps what an outgrown table gives back: fresh pages cost more than clearing.
 */
enum { SLOTS_MIN = 16, LINE_BYTES = 64, MAPPED_BYTES = 33554432 };
_Static_assert(LINE_BYTES % sizeof(slot) == 0, "a slot does not straddle two cache lines");
_Static_assert(sizeof(table) <= LINE_BYTES, "the table fits before its slots");

/* What a table may hold: an id each, and slots that can be addressed. */
static const size_t STRINGS_MAX =
    SIZE_MAX / 4 / sizeof(slot) < PM_INTERNER_STRINGS_MAX ? SIZE_MAX / 4 / sizeof(slot) : PM_INTERNER_STRINGS_MAX;

table *table_new(size_t strings, bool huge_pages) {
    size_t slots = SLOTS_MIN;
    if (strings > STRINGS_MAX) {
        return NULL;
    }
    while (slots / 2 < strings) {
        slots *= 2;
    }
    const size_t room = slots / 2 < PM_INTERNER_STRINGS_MAX ? slots / 2 : PM_INTERNER_STRINGS_MAX;
    size_t bytes = slots * sizeof(slot);
    const bool huge = huge_pages && bytes % PM_HUGE_PAGE_BYTES == 0, mapped = huge || bytes >= MAPPED_BYTES;
    const size_t step = huge ? PM_HUGE_PAGE_BYTES : pm_platform_page_bytes();
    if (mapped && !pm_size_round_up(bytes, step, &bytes)) {
        return NULL;
    }
    /* Slots from the heap stand behind the table, in one allocation with it. */
    table *t = pm_heap_alloc(mapped ? sizeof *t : LINE_BYTES + bytes, mapped ? 1 : LINE_BYTES);
    if (t == NULL) {
        return NULL;
    }
    *t = (table){.mask = (uint32_t)(slots - 1), .room = (uint32_t)room, .bytes = bytes, .mapped = mapped};
    if (mapped) {
        t->slots = pm_pages_alloc(bytes, step, huge);
    } else {
        t->slots = (slot *)(void *)((char *)t + LINE_BYTES);
        memset(t->slots, 0, bytes);
    }
    if (t->slots == NULL) {
        pm_heap_free(t, sizeof *t);
        return NULL;
    }
    return t;
}

void table_free(table *t) {
    if (t == NULL) {
        return;
    }
    if (t->mapped) {
        pm_pages_free(t->slots, t->bytes);
        pm_heap_free(t, sizeof *t);
    } else {
        pm_heap_free(t, LINE_BYTES + t->bytes);
    }
}

void table_clear(table *t) {
    memset(t->slots, 0, ((size_t)t->mask + 1) * sizeof *t->slots);
}

/* An earlier string takes the slot of a later one, which goes on: the table then does not depend on the order of
 * filling (O. Amble and D. Knuth, "Ordered hash tables", The Computer Journal 17, 1974). */
void table_fill(table *t, const table *from) {
    for (size_t n = 0; n <= from->mask; n++) {
        slot moved = from->slots[n];
        if (moved.meta == 0) {
            continue;
        }
        uint32_t i = moved.home & t->mask;
        for (; t->slots[i].meta != 0; i = (i + 1) & t->mask) {
            if (t->slots[i].id > moved.id) {
                const slot later = t->slots[i];
                t->slots[i] = moved;
                moved = later;
            }
        }
        t->slots[i] = moved;
    }
}
