#include "input.h"

#include <string.h>

#include "args.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "input files are little-endian and are used in place"
#endif

enum { NAME_BYTES = 8, HEADER_BYTES = 16, SECTION_ALIGNMENT = 64 };

lk_status lk_input_open(lk_input input, const char *format, size_t count, lk_section *sections, lk_message *message) {
    const unsigned char *data = input.data;
    size_t head = HEADER_BYTES + count * 2 * sizeof(uint64_t);
    if (input.bytes == 0) {
        return lk_say(message, LK_BAD_INPUT, "needs an input file of format %s", format);
    }
    char name[NAME_BYTES] = {0};
    memcpy(name, format, strlen(format));
    if (input.bytes < head || memcmp(data, name, NAME_BYTES) != 0) {
        return lk_say(message, LK_BAD_INPUT, "the input file is not of format %s", format);
    }
    uint32_t words[2];
    memcpy(words, data + NAME_BYTES, sizeof words);
    if (words[0] != LK_INPUT_VERSION || words[1] != count) {
        return lk_say(message, LK_BAD_INPUT, "%s version %u with %u sections: version %d with %zu is read", format,
                      words[0], words[1], LK_INPUT_VERSION, count);
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t place[2];
        memcpy(place, data + HEADER_BYTES + i * sizeof place, sizeof place);
        if (place[0] < head || place[0] % SECTION_ALIGNMENT || place[0] > input.bytes ||
            place[1] > input.bytes - place[0]) {
            return lk_say(message, LK_BAD_INPUT, "%s: section %zu lies outside the file", format, i);
        }
        sections[i] = (lk_section){data + place[0], (size_t)place[1]};
    }
    return LK_OK;
}

int lk_input_offsets(lk_section offsets, uint64_t limit, size_t *rows) {
    const uint64_t *values = offsets.data;
    size_t count = offsets.bytes / sizeof *values;
    if (offsets.bytes % sizeof *values || count < 1 || values[0] != 0 || values[count - 1] != limit) {
        return 0;
    }
    for (size_t i = 1; i < count; i++) {
        if (values[i] < values[i - 1]) {
            return 0;
        }
    }
    *rows = count - 1;
    return 1;
}
