/* Text on its way out, and the reprs of constants. One thread per task. */
#include "output.h"
#include "literals.h"

enum { OUTPUT_BYTES_MIN = 4 * FE_OUTPUT_ROOM };

/* Gives the buffer `capacity` bytes. */
static void output_size(fe_output *output, size_t capacity) {
    output->begin = fe_need(output->task, FE_BUF_OUTPUT, capacity);
    output->limit = output->begin + capacity - FE_OUTPUT_ROOM;
}

static void output_sink(fe_task *task, const uint8_t *data, size_t bytes) {
    if (bytes == 0) {
        return;
    }
    task->ledger->output_bytes += bytes;
    if (task->sink != NULL && !task->sink(task->sink_context, data, bytes)) {
        fe_fail(task, FE_SINK, 0, 0, "the sink refused the text");
    }
}

uint8_t *fe_output_begin(fe_output *output, fe_task *task, size_t expected, bool streams) {
    *output = (fe_output){.task = task, .streams = streams};
    size_t capacity = expected + FE_OUTPUT_ROOM;
    if (streams && capacity > task->stream_bytes) {
        capacity = task->stream_bytes;
    }
    output_size(output, capacity < OUTPUT_BYTES_MIN ? OUTPUT_BYTES_MIN : capacity);
    return output->begin;
}

uint8_t *fe_output_more(fe_output *output, uint8_t *p) {
    const size_t used = (size_t)(p - output->begin);
    if (output->streams) {
        output_sink(output->task, output->begin, used);
        return output->begin;
    }
    output_size(output, 2 * (size_t)(output->limit - output->begin + FE_OUTPUT_ROOM));
    return output->begin + used;
}

void fe_output_end(fe_output *output, uint8_t *p) {
    const size_t bytes = (size_t)(p - output->begin);
    const uint8_t *data = output->begin;
    if (!output->streams) {
        data = memcpy(fe_need(output->task, FE_BUF_RESULT, bytes), data, bytes);
        fe_count_copy(output->task, bytes);
    }
    output_sink(output->task, data, bytes);
}

uint8_t *fe_output_bytes(fe_output *output, uint8_t *p, const void *data, size_t bytes) {
    for (const uint8_t *from = data;;) {
        p = fe_output_room(output, p);
        const size_t room = (size_t)(output->limit - p);
        const size_t part = bytes < room ? bytes : room;
        memcpy(p, from, part);
        p += part;
        from += part;
        bytes -= part;
        if (bytes == 0) {
            return p;
        }
        p = fe_output_more(output, p);
    }
}

/* What a repr does with a byte of ASCII. */
enum { PLAIN, QUOTE_SINGLE, QUOTE_DOUBLE, ESCAPED, BEYOND };

static const uint8_t byte_class[256] = {
    [0 ... 31] = ESCAPED, ['"'] = QUOTE_DOUBLE, ['\''] = QUOTE_SINGLE, ['\\'] = ESCAPED,
    [127] = ESCAPED,      [128 ... 255] = BEYOND};

/* Writes the escape of a byte that needs one. */
static uint8_t *escape(uint8_t *p, uint8_t byte) {
    static const char digits[] = "0123456789abcdef";
    *p++ = '\\';
    switch (byte) {
    case '\n':
        *p++ = 'n';
        break;
    case '\t':
        *p++ = 't';
        break;
    case '\r':
        *p++ = 'r';
        break;
    case '\\':
    case '\'':
        *p++ = byte;
        break;
    default:
        *p++ = 'x';
        *p++ = digits[byte >> 4];
        *p++ = digits[byte & 15];
    }
    return p;
}

/* Characters beyond ASCII: which of them are printable repr.c knows. */
static uint8_t *repr_beyond(fe_output *output, uint8_t *p, const uint8_t *value, uint32_t bytes, bool is_bytes) {
    uint8_t *out = fe_need(output->task, FE_BUF_SCRATCH_2, (size_t)bytes * 10 + 16);
    const size_t written = is_bytes ? fe_repr_bytes(value, bytes, out) : fe_repr_string(value, bytes, out);
    return fe_output_bytes(output, p, out, written);
}

uint8_t *fe_output_repr(fe_output *output, uint8_t *p, const uint8_t *value, uint32_t bytes, bool is_bytes) {
    unsigned seen = 0;
    for (uint32_t i = 0; i < bytes; i++) {
        seen |= 1u << byte_class[value[i]];
    }
    if (seen & 1u << BEYOND) {
        return repr_beyond(output, p, value, bytes, is_bytes);
    }
    const bool doubled = (seen & 1u << QUOTE_SINGLE) && !(seen & 1u << QUOTE_DOUBLE);
    p = fe_output_room(output, p);
    if (is_bytes) {
        *p++ = 'b';
    }
    *p++ = doubled ? '"' : '\'';
    for (uint32_t i = 0; i < bytes;) {
        p = fe_output_room(output, p);
        const uint32_t end = bytes - i < 64 ? bytes : i + 64; /* four bytes each fit the room */
        for (; i < end; i++) {
            const uint8_t byte = value[i], class = byte_class[byte];
            if (PM_LIKELY(class == PLAIN || class == QUOTE_DOUBLE || (class == QUOTE_SINGLE && doubled))) {
                *p++ = byte;
            } else {
                p = escape(p, byte);
            }
        }
    }
    *p++ = doubled ? '"' : '\'';
    return fe_output_room(output, p);
}

uint8_t *fe_output_number(fe_output *output, uint8_t *p, const char *text, uint32_t bytes) {
    uint32_t used = 0;
    fe_repr_number(output->task, text, bytes, FE_BUF_SCRATCH, &used);
    return fe_output_bytes(output, p, output->task->buffers[FE_BUF_SCRATCH].data, used);
}
