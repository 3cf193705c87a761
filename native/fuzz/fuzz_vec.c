/* Programs for one vector, beside an array. */
#include "input.h"

enum { ROOM = 1 << 18 };

static unsigned char model[ROOM];

static void step(fuzz_input *in, pm_vec *vec) {
    const uint8_t action = fuzz_byte(in), fault = fuzz_byte(in);
    const bool armed = fault >= 240;
    const size_t count = vec->count, element = vec->element_bytes, used = count * element;
    fuzz_fault(fault);
    switch (action % 6) {
    case 0: {
        const pm_text text = fuzz_text(in, 255);
        const size_t more = text.bytes / element;
        if (used + text.bytes <= ROOM && fuzz_done(PM_OK, pm_vec_append(vec, text.data, more), armed)) {
            memcpy(model + used, text.data, more * element);
            CHECK_EQUAL(count + more, vec->count);
        }
        break;
    }
    case 1: { /* elements of itself */
        const size_t first = fuzz_byte(in) % (count + 1), more = fuzz_byte(in) % (count - first + 1);
        const char *elements = (const char *)vec->data + first * element;
        if (used + more * element <= ROOM && fuzz_done(PM_OK, pm_vec_append(vec, elements, more), armed)) {
            memmove(model + used, model + first * element, more * element);
            CHECK_EQUAL(count + more, vec->count);
        }
        break;
    }
    case 2: {
        const size_t wanted = fuzz_size(in);
        if (wanted > ROOM / element && !fuzz_is_absurd(wanted)) {
            break;
        }
        const pm_status status = pm_vec_resize(vec, wanted);
        if (fuzz_is_absurd(wanted)) {
            CHECK(status == PM_OVERFLOW || status == PM_NO_MEMORY);
        } else if (fuzz_done(PM_OK, status, armed)) {
            CHECK_EQUAL(wanted, vec->count);
            if (wanted > count) {
                memset(model + used, 0, (wanted - count) * element);
            }
        }
        break;
    }
    case 3: {
        const size_t more = fuzz_size(in);
        const pm_status status = pm_vec_reserve(vec, more);
        if (fuzz_is_absurd(more)) {
            CHECK(status == PM_OVERFLOW || status == PM_NO_MEMORY);
        } else if (fuzz_done(PM_OK, status, armed)) {
            CHECK(vec->capacity_bytes >= (count + more) * element);
        }
        break;
    }
    case 4: {
        const size_t other = fuzz_byte(in) % 48;
        const pm_status expected = other == 0 ? PM_INVALID : count != 0 ? PM_BUSY : PM_OK;
        const pm_status status = pm_vec_retype(vec, other);
        CHECK(status == expected || (other == 0 && status != PM_OK));
        break;
    }
    default: pm_vec_clear(vec);
    }
    pm_fault_after(0);
    CHECK_EQUAL(0, (uintptr_t)vec->data % 16);
    CHECK(vec->count * vec->element_bytes <= vec->capacity_bytes);
    CHECK(memcmp(model, vec->data, vec->count * vec->element_bytes) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_input in = {.next = data, .left = size};
    const uint64_t live = check_live_bytes();
    pm_vec vec;
    CHECK_OK(pm_vec_init(&vec, 1 + fuzz_byte(&in) % 40, fuzz_byte(&in)));
    while (in.left > 0) {
        step(&in, &vec);
    }
    pm_vec_deinit(&vec);
    CHECK_EQUAL(live, check_live_bytes());
    return 0;
}
