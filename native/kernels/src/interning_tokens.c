/* interning.tokens: a stream of identifiers kept as copies, in the plan's own structure, or interned.
 *
 * An iteration keeps the whole stream (format LKTOKENS: offsets as u64, then bytes) and gives everything back; an item
 * is a token. The checksum is the number of bytes that the kept strings hold, read back
 * through what was kept for each token.
 *   copies:   one block of malloc per token, as a plain program keeps them: a pointer per token.
 *   plan:     the structure that the plan describes: a table from hash to a shared string behind a counter; every
 *             token keeps a pointer. Bytes are compared (the plan's comparison of hashes alone would be wrong).
 *   interner: pm_interner over the whole column: an id of 4 bytes per token.
 * The counter string_memory_bytes is the memory held at the end of an iteration: strings, tables and handles.
 */
#include <pm/interner.h>
#include <stdlib.h>
#include <string.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "args.h"
#include "define.h"
#include "input.h"

enum { EXAMPLE_TOKENS = 8 };
enum way { COPIES, PLAN, INTERNER };
enum { P_WAY, P_TOKENS };

static const lk_param interning_tokens_params[] = {
    [P_WAY] = {"way", "", "copies,plan,interner", "how the strings are kept"},
    [P_TOKENS] = {"tokens", "", "corpus,example", "corpus: the input's; example: the plan's eight"},
};

/* The plan's shared string: a counter of its owners before the bytes (an Arc<str>: two counters). */
typedef struct shared {
    uint64_t strong, weak;
    uint64_t bytes;
    unsigned char text[];
} shared;

typedef struct slot {
    uint64_t hash;
    shared *string; /* NULL: free */
} slot;

typedef struct keeper {
    const uint64_t *offsets;
    const unsigned char *data;
    size_t count;
    enum way way;
    void **kept;   /* copies, plan: a pointer per token */
    uint32_t *ids; /* interner */
    slot *slots;   /* plan: open addressing, a power of two */
    size_t slot_count, slots_used;
    uint64_t memory_bytes; /* of the last iteration at its end */
} keeper;

static const uint64_t EXAMPLE_OFFSETS[EXAMPLE_TOKENS + 1] = {0, 4, 8, 12, 18, 24, 30, 36, 42};
static const unsigned char EXAMPLE[] = "datadatadataconfigconfigloggerloggerlogger";

static void interning_tokens_teardown(void *state) {
    keeper *self = state;
    free(self->kept);
    free(self->ids);
    free(self->slots);
}

static lk_status interning_tokens_build(keeper *self, const lk_value *values, lk_input input, uint64_t *pass,
                                        lk_message *message) {
    lk_section sections[2] = {{EXAMPLE_OFFSETS, sizeof EXAMPLE_OFFSETS}, {EXAMPLE, sizeof EXAMPLE - 1}};
    if (values[P_TOKENS].level == 0) {
        const lk_status status = lk_input_open(input, "LKTOKENS", LK_COUNT(sections), sections, message);
        if (status != LK_OK) {
            return status;
        }
    }
    size_t count = 0;
    if (!lk_input_offsets(sections[0], sections[1].bytes, &count) || count == 0) {
        return lk_say(message, LK_BAD_INPUT, "LKTOKENS: the offsets do not fit the bytes");
    }
    *self = (keeper){
        .offsets = sections[0].data, .data = sections[1].data, .count = count, .way = (enum way)values[P_WAY].level};
    self->kept = calloc(count, sizeof *self->kept);
    self->ids = calloc(count, sizeof *self->ids);
    if (!self->kept || !self->ids) {
        return lk_say(message, LK_NO_MEMORY, "no memory for a handle per token");
    }
    *pass = 1;
    return LK_OK;
}

static size_t keeper_length(const keeper *self, size_t token) {
    return (size_t)(self->offsets[token + 1] - self->offsets[token]);
}

/* What the allocator takes for a block of at least `bytes`: its usable bytes and the word before them. Elsewhere than
 * under glibc, the bytes that were asked for and a word. */
static uint64_t keeper_block_bytes(void *block, size_t bytes) {
#if defined(__GLIBC__)
    (void)bytes;
    return malloc_usable_size(block) + sizeof(size_t);
#else
    (void)block;
    return bytes + sizeof(size_t);
#endif
}

/* FNV-1a (Fowler, Noll, Vo 1991). */
static uint64_t keeper_hash(const unsigned char *text, size_t bytes) {
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i < bytes; i++) {
        hash = (hash ^ text[i]) * UINT64_C(0x100000001B3);
    }
    return hash;
}

static uint64_t keep_copies(keeper *self, bool *refused) {
    uint64_t bytes = 0, memory = self->count * sizeof *self->kept;
    for (size_t i = 0; i < self->count; i++) {
        const size_t length = keeper_length(self, i);
        self->kept[i] = malloc(length ? length : 1);
        if (!self->kept[i]) {
            *refused = true;
            continue;
        }
        memcpy(self->kept[i], self->data + self->offsets[i], length);
        memory += keeper_block_bytes(self->kept[i], length);
        bytes += length;
    }
    for (size_t i = 0; i < self->count; i++) {
        free(self->kept[i]);
    }
    self->memory_bytes = memory;
    return bytes;
}

/* Doubles the plan's table (16 slots at first), or says that there is no memory. */
static bool keeper_grow(keeper *self) {
    const size_t count = self->slot_count ? 2 * self->slot_count : 16;
    slot *slots = calloc(count, sizeof *slots);
    if (!slots) {
        return false;
    }
    for (size_t i = 0; i < self->slot_count; i++) {
        if (self->slots[i].string) {
            size_t place = self->slots[i].hash & (count - 1);
            while (slots[place].string) {
                place = (place + 1) & (count - 1);
            }
            slots[place] = self->slots[i];
        }
    }
    free(self->slots);
    self->slots = slots;
    self->slot_count = count;
    return true;
}

static shared *keeper_find_or_add(keeper *self, const unsigned char *text, size_t bytes) {
    if (8 * self->slots_used >= 7 * self->slot_count && !keeper_grow(self)) {
        return NULL;
    }
    const uint64_t hash = keeper_hash(text, bytes);
    size_t place = hash & (self->slot_count - 1);
    for (; self->slots[place].string; place = (place + 1) & (self->slot_count - 1)) {
        shared *string = self->slots[place].string;
        if (self->slots[place].hash == hash && string->bytes == bytes && memcmp(string->text, text, bytes) == 0) {
            string->strong++;
            return string;
        }
    }
    shared *string = malloc(sizeof *string + bytes);
    if (string) {
        *string = (shared){.strong = 2, .weak = 1, .bytes = bytes};
        memcpy(string->text, text, bytes);
        self->slots[place] = (slot){hash, string};
        self->slots_used++;
    }
    return string;
}

static uint64_t keep_plan(keeper *self, bool *refused) {
    uint64_t bytes = 0, memory = self->count * sizeof *self->kept;
    for (size_t i = 0; i < self->count; i++) {
        shared *string = keeper_find_or_add(self, self->data + self->offsets[i], keeper_length(self, i));
        self->kept[i] = string;
        *refused |= !string;
        bytes += string ? string->bytes : 0;
    }
    memory += self->slot_count * sizeof *self->slots;
    for (size_t i = 0; i < self->slot_count; i++) {
        if (self->slots[i].string) {
            memory += keeper_block_bytes(self->slots[i].string, sizeof(shared) + self->slots[i].string->bytes);
            free(self->slots[i].string);
        }
    }
    free(self->slots);
    self->slots = NULL;
    self->slot_count = self->slots_used = 0;
    self->memory_bytes = memory;
    return bytes;
}

static uint64_t keep_interned(keeper *self, bool *refused) {
    const pm_interner_options options = {.strings = 16};
    pm_interner *interner = NULL;
    const pm_column_view column = {.offsets = self->offsets,
                                   .offset_bytes = sizeof *self->offsets,
                                   .row_count = self->count,
                                   .data = self->data,
                                   .data_bytes = (size_t)self->offsets[self->count]};
    if (pm_interner_new(&options, &interner) != PM_OK ||
        pm_interner_intern_column(interner, &column, 1, self->ids) != PM_OK) {
        pm_interner_free(interner);
        *refused = true;
        return 0;
    }
    uint64_t bytes = 0;
    const uint32_t generation = pm_interner_generation(interner);
    for (size_t i = 0; i < self->count; i++) {
        pm_text text = {0};
        *refused |= pm_interner_text(interner, (pm_intern_ref){self->ids[i], generation}, &text) != PM_OK;
        bytes += text.bytes;
    }
    pm_interner_stats stats;
    pm_interner_read_stats(interner, &stats);
    self->memory_bytes = stats.footprint_bytes + self->count * sizeof *self->ids;
    pm_interner_free(interner);
    return bytes;
}

static lk_status interning_tokens_run(void *state, uint64_t first, uint64_t count, lk_result *result) {
    keeper *self = state;
    (void)first;
    uint64_t check = 0;
    bool refused = false;
    for (uint64_t i = 0; i < count; i++) {
        check += self->way == COPIES ? keep_copies(self, &refused)
                 : self->way == PLAN ? keep_plan(self, &refused)
                                     : keep_interned(self, &refused);
    }
    *result = (lk_result){.checksum = check, .items = count * self->count, .bytes = check};
    return refused ? LK_NO_MEMORY : LK_OK;
}

static size_t interning_tokens_counters(void *state, lk_counter *out, size_t capacity) {
    const keeper *self = state;
    if (capacity) {
        out[0] = (lk_counter){"string_memory_bytes", "B", (double)self->memory_bytes};
    }
    return 1;
}

LK_KERNEL(interning_tokens, keeper, .name = "interning.tokens", .item = "token",
          .help = "keeps a stream of identifiers: as copies, in the plan's table of shared strings, interned",
          .counters = interning_tokens_counters);
