/* Several ways of doing one thing. Measure them with: lab compare variants.c
 * Change the three places marked below; lk/compare.h says what the macros do.
 */
#include <lk/compare.h>

/* 1. What every call works on. A large input that does not fit the caches answers another question than a small one. */
typedef struct input {
    size_t count;
    uint32_t values[4096];
} input;

static const char *fill(input *self, const lk_data *data) {
    (void)data; /* the file given with --data: data->bytes, data->count */
    self->count = sizeof self->values / sizeof *self->values;
    for (size_t i = 0; i < self->count; i++) {
        self->values[i] = (uint32_t)(i * 2654435761u);
    }
    return NULL; /* or why it failed */
}

LK_CASE(input, fill, NULL)

/* 2. The ways. Each returns its answer, and all answers must be the same. */
static uint64_t bit_by_bit(const input *self) {
    uint64_t bits = 0;
    for (size_t i = 0; i < self->count; i++) {
        for (uint32_t rest = self->values[i]; rest; rest >>= 1) {
            bits += rest & 1;
        }
    }
    return bits;
}

static uint64_t set_bits_only(const input *self) {
    uint64_t bits = 0;
    for (size_t i = 0; i < self->count; i++) {
        for (uint32_t rest = self->values[i]; rest; rest &= rest - 1) {
            bits++;
        }
    }
    return bits;
}

/* 3. Which functions are arms; the first is the baseline. */
LK_ARM(bit_by_bit)
LK_ARM(set_bits_only)
