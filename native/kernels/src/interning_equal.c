/* interning.equal: comparing pairs of strings, by their bytes or by their ids.
 *
 * 64 strings of equal length, the same but for their last bytes, each twice in memory. An iteration compares each with
 * its second copy and with its neighbour; an item is a comparison. No input.
 *   bytes: memcmp of both texts.
 *   ids:   pm_interner gave each distinct string a number; the numbers are compared.
 */
#include <pm/interner.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "define.h"

enum { STRINGS = 64, LEAST_BYTES = 1, MOST_BYTES = 1 << 20 };
enum { P_WAY, P_LENGTH };

static const lk_param interning_equal_params[] = {
    [P_WAY] = {"way", "", "bytes,ids", "bytes: memcmp; ids: the interner's numbers"},
    [P_LENGTH] = {"length", "B", "", "bytes of each string, 1 to 1048576"},
};

typedef struct pairs {
    size_t length;
    bool by_ids;
    unsigned char *texts; /* STRINGS, then their copies */
    pm_interner *interner;
    uint32_t ids[2 * STRINGS];
} pairs;

static void interning_equal_teardown(void *state) {
    pairs *self = state;
    pm_interner_free(self->interner);
    free(self->texts);
}

static lk_status interning_equal_build(pairs *self, const lk_value *values, lk_input input, uint64_t *pass,
                                       lk_message *message) {
    (void)input;
    const uint64_t length = values[P_LENGTH].number;
    if (length < LEAST_BYTES || length > MOST_BYTES) {
        return lk_say(message, LK_INVALID, "length=%llu is out of range: %d to %d bytes", (unsigned long long)length,
                      LEAST_BYTES, MOST_BYTES);
    }
    self->length = (size_t)length;
    self->by_ids = values[P_WAY].level == 1;
    self->texts = malloc(2 * STRINGS * self->length);
    pm_text texts[2 * STRINGS];
    bool made = self->texts && pm_interner_new(NULL, &self->interner) == PM_OK;
    for (size_t i = 0; made && i < 2 * (size_t)STRINGS; i++) {
        unsigned char *text = self->texts + i * self->length;
        memset(text, 'x', self->length);
        text[self->length - 1] = (unsigned char)('0' + i % STRINGS); /* differs where a comparison looks last */
        texts[i] = (pm_text){text, self->length};
    }
    if (!made || pm_interner_intern_texts(self->interner, texts, 2 * (size_t)STRINGS, 0, 1, self->ids) != PM_OK) {
        return lk_say(message, LK_NO_MEMORY, "no memory for the strings");
    }
    *pass = 1;
    return LK_OK;
}

static inline bool pairs_same(const pairs *self, size_t a, size_t b) {
    if (self->by_ids) {
        return *(const volatile uint32_t *)&self->ids[a] == self->ids[b];
    }
    const unsigned char *texts = self->texts;
    __asm__ volatile("" : "+r"(texts)); /* the texts may have changed since the last comparison */
    return memcmp(texts + a * self->length, texts + b * self->length, self->length) == 0;
}

static lk_status interning_equal_run(void *state, uint64_t first, uint64_t count, lk_result *result) {
    const pairs *self = state;
    (void)first;
    uint64_t same = 0;
    for (uint64_t i = 0; i < count; i++) {
        for (size_t string = 0; string < STRINGS; string++) {
            same += pairs_same(self, string, string + STRINGS);
            same += pairs_same(self, string, STRINGS + (string + 1) % STRINGS);
        }
    }
    const uint64_t comparisons = count * 2 * STRINGS;
    *result = (lk_result){.checksum = same, .items = comparisons, .bytes = comparisons * 2 * self->length};
    return LK_OK;
}

LK_KERNEL(interning_equal, pairs, .name = "interning.equal", .item = "comparison",
          .help = "compares strings of one length: their bytes, or the ids that the interner gave them");
