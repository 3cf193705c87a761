/* Sources through two settings of the switches, in a grammar that follows from them: whatever the bytes are, both end
 * alike, with the same text or the same error, and nothing outside the source and its padding is read. How deep a tree
 * may be is up to the stack, and so to the setting: there they may differ.
 *
 * Input: the two settings, a byte of ways (bit 0: padded, in a block of exactly its size; bits 1 and up: an allocation
 * that fails), then the source. Sessions stay from input to input: one that a bad source broke shows with the next.
 */
#include <fe/batch.h>

#include "input.h"

enum { SETTINGS = FE_SWITCHES_ALL + 1, FIRST_MINOR = 11, GRAMMARS = 4 };

typedef struct outcome {
    fe_error error;
    uint64_t text;
} outcome;

static bool sink(void *context, const void *data, size_t bytes) {
    fe_digest_add(context, data, bytes);
    return true;
}

static int64_t answer(void *context, const void *asked, size_t bytes, void *out, size_t capacity) {
    (void)context;
    if (bytes == 0 || *(const uint8_t *)asked % 3 == 0) {
        return -1;
    }
    if (bytes <= capacity) {
        memcpy(out, asked, bytes);
    }
    return (int64_t)bytes;
}

static int64_t decode(void *context, const void *source, size_t bytes, void *out, size_t capacity) {
    (void)context;
    (void)source;
    if (bytes % 2 == 0) {
        snprintf(out, capacity, "no such codec");
        return -1;
    }
    if (capacity >= 6) {
        memcpy(out, "x = 1\n", 6);
    }
    return 6;
}

static fe_session *session_of(uint32_t switches, uint32_t minor) {
    static fe_session *sessions[GRAMMARS][SETTINGS];
    fe_session **const session = &sessions[minor - FIRST_MINOR][switches];
    static const fe_delegate delegate = {.normalize = answer, .character = answer, .decode = decode};
    if (*session == NULL) {
        const fe_options options = {.switches = switches, .minor = minor, .stream_bytes = 700, .delegate = &delegate};
        CHECK_EQUAL(FE_OK, fe_session_new(&options, session));
    }
    return *session;
}

static outcome outcome_of(uint32_t switches, uint32_t minor, const pm_text *source, bool padded) {
    outcome out;
    fe_digest digest = {0};
    fe_session *session = session_of(switches, minor);
    const fe_status status = (padded ? fe_translate_padded : fe_translate)(session, source->data, source->bytes,
                                                                           FE_STAGE_TEXT, sink, &digest, &out.error);
    CHECK_EQUAL(out.error.status, status);
    CHECK(status == FE_OK || status == FE_SYNTAX || status == FE_TOO_DEEP || status == FE_DELEGATE ||
          status == FE_NO_MEMORY);
    CHECK((status == FE_OK) == (out.error.message[0] == '\0'));
    out.text = status == FE_OK ? fe_digest_end(&digest) : 0;
    return out;
}

static void check_alike(const outcome *a, const outcome *b, uint32_t first, uint32_t second) {
    const fe_error *x = &a->error, *y = &b->error;
    if (x->status == FE_TOO_DEEP || y->status == FE_TOO_DEEP) {
        return;
    }
    if (x->status != y->status || x->line != y->line || x->column != y->column || strcmp(x->message, y->message) != 0 ||
        a->text != b->text) {
        fprintf(stderr,
                "switches %u: status %d, %u:%u %s, text %" PRIx64 "\nswitches %u: status %d, %u:%u %s, text %" PRIx64
                "\n",
                first, x->status, x->line, x->column, x->message, a->text, second, y->status, y->line, y->column,
                y->message, b->text);
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_input in = {data, size};
    const uint32_t first = fuzz_byte(&in), second = fuzz_byte(&in);
    const uint8_t ways = fuzz_byte(&in);
    const uint32_t minor = FIRST_MINOR + (first ^ second) % GRAMMARS;
    const bool padded = ways & 1;
    uint8_t *block = calloc(1, in.left + 2 * FE_PADDING_BYTES);
    CHECK(block != NULL);
    if (in.left != 0) {
        memcpy(block + FE_PADDING_BYTES, in.next, in.left);
    }
    const pm_text source = {block + FE_PADDING_BYTES, in.left};
    (void)session_of(first, minor);
    (void)session_of(second, minor);
    const outcome expected = outcome_of(first, minor, &source, padded);
    CHECK(expected.error.status != FE_NO_MEMORY);
    fuzz_fault(ways & 2 ? 239 + (ways >> 2) % 16 : 0);
    const outcome hit = outcome_of(second, minor, &source, padded);
    pm_fault_after(0);
    const outcome actual = hit.error.status == FE_NO_MEMORY ? outcome_of(second, minor, &source, padded) : hit;
    check_alike(&expected, &actual, first, second);
    free(block);
    return 0;
}
