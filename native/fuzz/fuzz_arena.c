/* Programs for one arena, beside a list of what it handed out and must keep. */
#include "input.h"

enum { BLOCKS = 256, MARKS = 16 };

typedef struct block {
    unsigned char *place;
    size_t bytes;
    unsigned char fill;
} block;

static block blocks[BLOCKS];
static size_t block_count;
static struct {
    pm_arena_mark mark;
    size_t blocks;
} marks[MARKS];
static size_t mark_count;

static void keep(void *place, size_t bytes, size_t alignment, uint8_t fill) {
    CHECK_EQUAL(0, (uintptr_t)place % alignment);
    memset(place, fill, bytes);
    blocks[block_count++] = (block){.place = place, .bytes = bytes, .fill = fill};
}

static void allocate(fuzz_input *in, pm_arena *arena, bool armed, uint8_t fill) {
    const uint8_t shape = fuzz_byte(in);
    const size_t bytes = fuzz_size(in);
    /* Now and then an alignment that is none. */
    const size_t alignment = shape >= 240 ? (size_t)(shape - 240) * 3 : (size_t)1 << shape % 17;
    const bool possible = alignment != 0 && (alignment & (alignment - 1)) == 0 && !fuzz_is_absurd(bytes);
    void *place = shape % 3 == 0   ? pm_arena_alloc(arena, bytes, alignment)
                  : shape % 3 == 1 ? pm_arena_alloc_call(arena, bytes, alignment)
                                   : pm_arena_slice(arena, bytes, 1, alignment);
    if (!possible) {
        CHECK(place == NULL);
    } else if (fuzz_done(PM_OK, place == NULL ? PM_NO_MEMORY : PM_OK, armed)) {
        CHECK(pm_arena_contains(arena, place, bytes));
        keep(place, bytes, alignment, fill);
    }
}

static void allocate_many(fuzz_input *in, pm_arena *arena, bool armed, uint8_t fill) {
    size_t sizes[8];
    uintptr_t places[8];
    const size_t count = fuzz_byte(in) % 9, alignment = (size_t)1 << fuzz_byte(in) % 8;
    for (size_t i = 0; i < count; i++) {
        sizes[i] = fuzz_byte(in);
    }
    if (fuzz_done(PM_OK, pm_arena_alloc_many(arena, sizes, count, alignment, places), armed)) {
        for (size_t i = 0; i < count; i++) {
            keep((void *)places[i], sizes[i], alignment, fill);
        }
    }
}

static void rewind_to(fuzz_input *in, pm_arena *arena) {
    const uint8_t which = fuzz_byte(in);
    if (which >= 240 || mark_count == 0) { /* a mark that never was */
        const pm_arena_mark mark = {.chunk = &blocks, .used_bytes = fuzz_size(in), .epoch = which % 4};
        CHECK_EQUAL(PM_INVALID, pm_arena_rewind(arena, mark));
        return;
    }
    mark_count = which % mark_count;
    CHECK_OK(pm_arena_rewind(arena, marks[mark_count].mark));
    block_count = marks[mark_count].blocks;
}

static void step(fuzz_input *in, pm_arena *arena) {
    const uint8_t action = fuzz_byte(in), fault = fuzz_byte(in);
    const bool armed = fault >= 240;
    if (block_count > BLOCKS - 8) {
        pm_arena_reset(arena);
        block_count = mark_count = 0;
    }
    fuzz_fault(fault);
    switch (action % 8) {
    case 0:
    case 1: allocate(in, arena, armed, fault); break;
    case 2: allocate_many(in, arena, armed, fault); break;
    case 3: {
        const pm_text text = fuzz_text(in, 255);
        const char *copy = pm_arena_copy(arena, text.data, text.bytes);
        if (fuzz_done(PM_OK, copy == NULL ? PM_NO_MEMORY : PM_OK, armed)) {
            CHECK(memcmp(copy, text.data, text.bytes) == 0 && copy[text.bytes] == '\0');
        }
        break;
    }
    case 4:
        if (mark_count < MARKS) {
            marks[mark_count].mark = pm_arena_mark_now(arena);
            marks[mark_count++].blocks = block_count;
        }
        break;
    case 5: rewind_to(in, arena); break;
    case 6: pm_arena_trim(arena); break;
    default:
        if (action >= 200) {
            pm_arena_reset(arena);
            block_count = mark_count = 0;
        }
    }
    pm_fault_after(0);
    CHECK(pm_arena_is_valid(arena));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_input in = {.next = data, .left = size};
    const uint64_t live = check_live_bytes();
    const pm_arena_options options = {.capacity_bytes = 64 + (size_t)fuzz_byte(&in) * 64};
    pm_arena *arena = NULL;
    block_count = mark_count = 0;
    CHECK_OK(pm_arena_new(&options, &arena));
    while (in.left > 0) {
        step(&in, arena);
    }
    for (size_t i = 0; i < block_count; i++) {
        for (size_t k = 0; k < blocks[i].bytes; k++) {
            CHECK_EQUAL(blocks[i].fill, blocks[i].place[k]);
        }
    }
    pm_arena_free(arena);
    CHECK_EQUAL(live, check_live_bytes());
    return 0;
}
