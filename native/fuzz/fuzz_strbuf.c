/* Programs for one string, beside an array. */
#include "input.h"

enum { ROOM = 1 << 17, PIECES = 8 };

typedef struct model {
    unsigned char bytes[ROOM];
    size_t length;
} model;

static model m;

static void model_append(const void *data, size_t bytes) {
    if (bytes != 0) {
        memcpy(m.bytes + m.length, data, bytes);
        m.length += bytes;
    }
}

static void append_pieces(fuzz_input *in, pm_strbuf *string, bool armed) {
    const pm_text text = fuzz_text(in, 64), separator = fuzz_text(in, 4);
    const size_t count = fuzz_byte(in) % (PIECES + 1);
    int64_t offsets[PIECES + 1];
    bool rising = true;
    for (size_t i = 0; i <= count; i++) {
        offsets[i] = (int64_t)(fuzz_byte(in) % (text.bytes + 1));
        rising = rising && (i == 0 || offsets[i - 1] <= offsets[i]);
    }
    const pm_status status = pm_strbuf_append_many(string, text.data, offsets, count, separator.data, separator.bytes);
    if (fuzz_done(rising ? PM_OK : PM_INVALID, status, armed)) {
        for (size_t i = 0; i < count; i++) {
            model_append(separator.data, i == 0 ? 0 : separator.bytes);
            model_append((const char *)text.data + offsets[i], (size_t)(offsets[i + 1] - offsets[i]));
        }
    }
}

static void append_texts(fuzz_input *in, pm_strbuf *string, bool armed) {
    const pm_text separator = fuzz_text(in, 4);
    const size_t count = fuzz_byte(in) % (PIECES + 1);
    pm_text texts[PIECES];
    for (size_t i = 0; i < count; i++) {
        texts[i] = fuzz_text(in, 64);
        if (texts[i].bytes == 0) {
            texts[i].data = NULL;
        }
    }
    if (fuzz_done(PM_OK, pm_strbuf_append_texts(string, texts, count, separator.data, separator.bytes), armed)) {
        for (size_t i = 0; i < count; i++) {
            model_append(separator.data, i == 0 ? 0 : separator.bytes);
            model_append(texts[i].data, texts[i].bytes);
        }
    }
}

static void step(fuzz_input *in, pm_strbuf *string) {
    const uint8_t action = fuzz_byte(in), fault = fuzz_byte(in);
    const bool armed = fault >= 240;
    if (action % 8 <= 3 && m.length > ROOM / 2 - 1024) {
        return; /* the model is full */
    }
    fuzz_fault(fault);
    switch (action % 8) {
    case 0: {
        const pm_text text = fuzz_text(in, 255);
        if (fuzz_done(PM_OK, pm_strbuf_append(string, text.data, text.bytes), armed)) {
            model_append(text.data, text.bytes);
        }
        break;
    }
    case 1: { /* a part of itself */
        const size_t first = fuzz_byte(in) % (m.length + 1), bytes = fuzz_byte(in) % (m.length - first + 1);
        if (fuzz_done(PM_OK, pm_strbuf_append(string, string->data + first, bytes), armed)) {
            model_append(m.bytes + first, bytes);
        }
        break;
    }
    case 2: append_pieces(in, string, armed); break;
    case 3: append_texts(in, string, armed); break;
    case 4: {
        const size_t length = fuzz_size(in);
        if (fuzz_done(length <= m.length ? PM_OK : PM_INVALID, pm_strbuf_truncate(string, length), armed)) {
            m.length = length;
        }
        break;
    }
    case 5: {
        const size_t bytes = fuzz_size(in);
        const pm_status status = pm_strbuf_reserve(string, bytes);
        if (fuzz_is_absurd(bytes)) {
            CHECK(status == PM_OVERFLOW || status == PM_NO_MEMORY);
        } else if (fuzz_done(PM_OK, status, armed)) {
            CHECK(string->capacity > m.length + bytes);
        }
        break;
    }
    default: pm_strbuf_clear(string); m.length = 0;
    }
    pm_fault_after(0);
    CHECK_EQUAL(m.length, string->length);
    CHECK(string->length < string->capacity && string->data[m.length] == '\0');
    CHECK(memcmp(m.bytes, string->data, m.length) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_input in = {.next = data, .left = size};
    const uint64_t live = check_live_bytes();
    pm_strbuf string;
    m.length = 0;
    CHECK_OK(pm_strbuf_init(&string, fuzz_byte(&in)));
    while (in.left > 0) {
        step(&in, &string);
    }
    pm_strbuf_deinit(&string);
    CHECK_EQUAL(live, check_live_bytes());
    return 0;
}
