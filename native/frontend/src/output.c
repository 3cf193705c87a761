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

uint8_t *fe_output_repr(fe_output *output, uint8_t *p, const uint8_t *value, uint32_t bytes, bool is_bytes) {
    const uint8_t quote = fe_repr_quote(value, bytes);
    p = fe_output_room(output, p);
    *p = 'b';
    p += is_bytes;
    *p++ = quote;
    while (bytes > 0) {
        p = fe_output_room(output, p);
        const size_t room = ((size_t)(output->limit - p) + FE_OUTPUT_ROOM / 2) / 4; /* a byte may become four */
        uint32_t part = bytes;
        if (part > room) {
            part = (uint32_t)room;
            while (part > 1 && (value[part] & 0xc0) == 0x80) { /* not within a character */
                part--;
            }
        }
        p += fe_repr_inside(value, part, quote, is_bytes, p);
        value += part;
        bytes -= part;
    }
    *p++ = quote;
    return fe_output_room(output, p);
}

uint8_t *fe_output_number(fe_output *output, uint8_t *p, const char *text, uint32_t bytes) {
    uint32_t used = 0;
    fe_repr_number(output->task, text, bytes, FE_BUF_SCRATCH, &used);
    return fe_output_bytes(output, p, output->task->buffers[FE_BUF_SCRATCH].data, used);
}
