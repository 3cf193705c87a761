/* input.h: what the fuzz targets share: numbers out of the input, and a judge of how a call ended.
 *
 * A target reads its input as a program for one component and runs it beside a plain model. It ends the process where
 * the two differ. An input that is used up reads as zeros.
 */
#ifndef PM_FUZZ_INPUT_H
#define PM_FUZZ_INPUT_H

#include "check.h"

/* The target, one per executable; called by libFuzzer or by replay.c. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct fuzz_input {
    const uint8_t *next;
    size_t left;
} fuzz_input;

static inline uint8_t fuzz_byte(fuzz_input *in) {
    if (in->left == 0) {
        return 0;
    }
    in->left--;
    return *in->next++;
}

static inline uint64_t fuzz_number(fuzz_input *in) {
    uint64_t number = 0;
    for (int i = 0; i < 8; i++) {
        number = number << 8 | fuzz_byte(in);
    }
    return number;
}

/* A size below 240, one up to 65535, or one that no system serves: above PTRDIFF_MAX. */
static inline size_t fuzz_size(fuzz_input *in) {
    const uint8_t kind = fuzz_byte(in);
    if (kind < 240) {
        return kind;
    }
    const size_t size = (size_t)fuzz_byte(in) << 8 | fuzz_byte(in);
    return kind < 252 ? size : kind < 254 ? SIZE_MAX / 2 + 1 + size : SIZE_MAX - size;
}

static inline bool fuzz_is_absurd(size_t size) {
    return size > SIZE_MAX / 2;
}

/* Up to `most` bytes of the input itself: a read beyond them is a read beyond the input. */
static inline pm_text fuzz_text(fuzz_input *in, size_t most) {
    const size_t asked = fuzz_byte(in), room = in->left < most ? in->left : most;
    const pm_text text = {.data = in->next, .bytes = asked < room ? asked : room};
    in->next += text.bytes;
    in->left -= text.bytes;
    return text;
}

/* Has one of the next backing allocations fail; done at each step, so that most steps run without. */
static inline void fuzz_fault(uint8_t choice) {
    pm_fault_after(choice >= 240 ? choice - 239 : 0);
}

/* Whether the call did what it was asked for. It may also have ended as `expected`, or for want of memory, but that
 * only where an allocation was made to fail. */
static inline bool fuzz_done(pm_status expected, pm_status actual, bool armed) {
    const bool failed = armed && pm_fault_pending() == 0;
    pm_fault_after(0);
    if (actual == PM_NO_MEMORY && failed) {
        return false;
    }
    CHECK_EQUAL(expected, actual);
    return actual == PM_OK;
}

#endif
