/* Programs for handles on shared bytes, beside an array for each. */
#include "input.h"

enum { HANDLES = 6, ROOM = 4096 };

static pm_cow handles[HANDLES];
static struct {
    unsigned char bytes[ROOM];
    size_t length;
} models[HANDLES];

static void set(size_t h, const void *data, size_t bytes) {
    if (bytes != 0) {
        memmove(models[h].bytes, data, bytes);
    }
    models[h].length = bytes;
}

static void splice(fuzz_input *in, size_t h, size_t other, bool armed) {
    const size_t first = fuzz_size(in), removed = fuzz_size(in), length = models[h].length;
    static unsigned char result[2 * ROOM];
    pm_text text = fuzz_text(in, 64);
    if (first % 3 == 0 && length > 0) { /* a part of itself */
        const size_t from = other % length;
        text =
            (pm_text){.data = handles[h].data + from, .bytes = text.bytes < length - from ? text.bytes : length - from};
    }
    const bool valid = first <= length && removed <= length - first;
    if (valid && length - removed + text.bytes > ROOM) {
        return;
    }
    if (valid) {
        memcpy(result, models[h].bytes, first);
        memcpy(result + first, text.data, text.bytes);
        memcpy(result + first + text.bytes, models[h].bytes + first + removed, length - first - removed);
    }
    const size_t bytes = text.bytes;
    if (fuzz_done(valid ? PM_OK : PM_INVALID, pm_cow_splice(&handles[h], first, removed, text.data, bytes), armed)) {
        set(h, result, length - removed + bytes);
    }
}

static void step(fuzz_input *in) {
    const uint8_t action = fuzz_byte(in), fault = fuzz_byte(in), pair = fuzz_byte(in);
    const bool armed = fault >= 240;
    const size_t h = pair % HANDLES, other = pair / HANDLES % HANDLES;
    fuzz_fault(fault);
    switch (action % 7) {
    case 0: {
        const pm_text text = fuzz_text(in, 255);
        pm_cow_end(&handles[h]);
        pm_cow_borrow(&handles[h], text.data, text.bytes);
        set(h, text.data, text.bytes);
        break;
    }
    case 1: {
        const pm_text text = fuzz_text(in, 255);
        pm_cow copy;
        if (fuzz_done(PM_OK, pm_cow_copy(&copy, text.data, text.bytes), armed)) {
            pm_cow_end(&handles[h]);
            handles[h] = copy;
            set(h, text.data, text.bytes);
        }
        break;
    }
    case 2:
        if (h != other) {
            pm_cow_end(&handles[other]);
            pm_cow_share(&handles[h], &handles[other]);
            set(other, models[h].bytes, models[h].length);
        }
        break;
    case 3: {
        const size_t first = fuzz_size(in), bytes = fuzz_size(in), length = models[h].length;
        const bool valid = first <= length && bytes <= length - first;
        pm_cow slice;
        if (fuzz_done(valid ? PM_OK : PM_INVALID, pm_cow_slice(&handles[h], first, bytes, &slice), armed)) {
            pm_cow_end(&handles[other]);
            handles[other] = slice;
            set(other, models[h].bytes + first, bytes);
        }
        break;
    }
    case 4: {
        unsigned char *own = NULL;
        if (fuzz_done(PM_OK, pm_cow_write(&handles[h], &own), armed) && models[h].length > 0) {
            own[fault % models[h].length] ^= 1;
            models[h].bytes[fault % models[h].length] ^= 1;
        }
        break;
    }
    case 5: splice(in, h, other, armed); break;
    default: pm_cow_end(&handles[h]); set(h, NULL, 0);
    }
    pm_fault_after(0);
    for (size_t i = 0; i < HANDLES; i++) {
        CHECK_EQUAL(models[i].length, handles[i].bytes);
        CHECK(handles[i].bytes == 0 || memcmp(models[i].bytes, handles[i].data, handles[i].bytes) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_input in = {.next = data, .left = size};
    const uint64_t live = check_live_bytes();
    memset(handles, 0, sizeof handles);
    memset(models, 0, sizeof models);
    while (in.left > 0) {
        step(&in);
    }
    pm_cow_end_many(handles, HANDLES);
    CHECK_EQUAL(live, check_live_bytes());
    return 0;
}
