/* Programs for one map, beside a list that is searched from end to end. */
#include "input.h"

enum { ENTRIES = 512, KEY_BYTES = 40, MANY = 8 };

typedef struct entry {
    bool is_text;
    uint64_t number;
    size_t bytes;
    unsigned char text[KEY_BYTES];
    uint64_t value;
} entry;

static entry entries[ENTRIES];
static size_t entry_count;

static entry *find(const entry *key) {
    for (size_t i = 0; i < entry_count; i++) {
        entry *e = &entries[i];
        if (e->is_text == key->is_text &&
            (key->is_text ? e->bytes == key->bytes && memcmp(e->text, key->text, e->bytes) == 0
                          : e->number == key->number)) {
            return e;
        }
    }
    return NULL;
}

static void store(const entry *key, uint64_t value, bool sum) {
    entry *e = find(key);
    if (e == NULL) {
        e = &entries[entry_count++];
        *e = *key;
        e->value = 0;
    }
    e->value = sum ? e->value + value : value;
}

static entry text_key(pm_text text) {
    entry key = {.is_text = true, .bytes = text.bytes};
    memcpy(key.text, text.data, text.bytes);
    return key;
}

static entry any_key(fuzz_input *in) {
    const uint8_t kind = fuzz_byte(in);
    if (kind % 4 == 0) {
        return text_key(fuzz_text(in, KEY_BYTES));
    }
    return (entry){.number = kind % 4 == 1 ? fuzz_number(in) : fuzz_byte(in)};
}

static void count_keys(fuzz_input *in, pm_map *map, bool armed) {
    const pm_text text = fuzz_text(in, 64);
    const size_t count = fuzz_byte(in) % (MANY + 1);
    int64_t offsets[MANY + 1];
    bool rising = true, fits = true;
    for (size_t i = 0; i <= count; i++) {
        offsets[i] = (int64_t)(fuzz_byte(in) % (text.bytes + 1));
        rising = rising && (i == 0 || offsets[i - 1] <= offsets[i]);
        fits = fits && (i == 0 || offsets[i] - offsets[i - 1] <= KEY_BYTES);
    }
    if (!fits) {
        return; /* the model has no room for such a key */
    }
    const bool done = fuzz_done(rising ? PM_OK : PM_INVALID, pm_map_count_many(map, text.data, offsets, count), armed);
    for (size_t i = 0; rising && i < count; i++) {
        const entry key =
            text_key((pm_text){(const char *)text.data + offsets[i], (size_t)(offsets[i + 1] - offsets[i])});
        uint64_t value = 0;
        store(&key, 1, true);
        if (!done) { /* those before the failing one are counted: the map tells which */
            entry *e = find(&key);
            if (pm_map_get_bytes(map, key.text, key.bytes, &value) == PM_OK) {
                e->value = value;
            } else {
                *e = entries[--entry_count];
            }
        }
    }
}

static void step(fuzz_input *in, pm_map *map) {
    const uint8_t action = fuzz_byte(in), fault = fuzz_byte(in);
    const bool armed = fault >= 240;
    const entry key = any_key(in);
    const entry *held = find(&key);
    uint64_t value = 7;
    if (entry_count > ENTRIES - MANY && action % 8 <= 2) {
        return;
    }
    fuzz_fault(fault);
    switch (action % 8) {
    case 0:
    case 1: {
        const uint64_t amount = fuzz_byte(in);
        const bool sum = action % 8 == 1;
        const pm_status status = key.is_text
                                     ? (sum ? pm_map_add_bytes : pm_map_put_bytes)(map, key.text, key.bytes, amount)
                                     : (sum ? pm_map_add : pm_map_put)(map, key.number, amount);
        if (fuzz_done(PM_OK, status, armed)) {
            store(&key, amount, sum);
        }
        break;
    }
    case 2: count_keys(in, map, armed); break;
    case 3:
    case 4: {
        const pm_status status =
            key.is_text ? pm_map_remove_bytes(map, key.text, key.bytes) : pm_map_remove(map, key.number);
        if (fuzz_done(held != NULL ? PM_OK : PM_NOT_FOUND, status, armed)) {
            entries[held - entries] = entries[--entry_count];
        }
        break;
    }
    case 5:
        if (action >= 250) {
            pm_map_clear(map);
            entry_count = 0;
        }
        break;
    default: {
        const pm_status status =
            key.is_text ? pm_map_get_bytes(map, key.text, key.bytes, &value) : pm_map_get(map, key.number, &value);
        CHECK_EQUAL(held != NULL ? PM_OK : PM_NOT_FOUND, status);
        CHECK_EQUAL(held != NULL ? held->value : 7, value);
    }
    }
    pm_fault_after(0);
    CHECK_EQUAL(entry_count, pm_map_count(map));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_input in = {.next = data, .left = size};
    const uint64_t live = check_live_bytes();
    pm_map *map = NULL;
    entry_count = 0;
    CHECK_OK(pm_map_new(fuzz_byte(&in), &map));
    while (in.left > 0) {
        step(&in, map);
    }
    CHECK(pm_map_is_valid(map));
    for (size_t i = 0; i < entry_count; i++) {
        const entry *e = &entries[i];
        uint64_t value = 0;
        CHECK_OK(e->is_text ? pm_map_get_bytes(map, e->text, e->bytes, &value) : pm_map_get(map, e->number, &value));
        CHECK_EQUAL(e->value, value);
    }
    pm_map_free(map);
    CHECK_EQUAL(live, check_live_bytes());
    return 0;
}
