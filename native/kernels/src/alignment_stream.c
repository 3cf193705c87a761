/* alignment.stream: vector loops over a working set that begins at, or some bytes past, a page boundary.
 *
 * Input, format LKBYTES: one section, any bytes (newlines are counted). They are repeated to fill the working set.
 * The offset moves source and destination alike. All offsets run the very same instructions on the same bytes.
 *
 * An iteration is a chunk of 4096 bytes; an item is 64 bytes of payload, the size of a cache line.
 */
#include <stdlib.h>

#include "args.h"
#include "define.h"
#include "input.h"
#include "region.h"
#include "span.h"
#include "vector_ops.h"

enum { ITEM_BYTES = 64 };
enum op { SUM, COUNT, STORE, COPY };
enum { P_OFFSET, P_OP, P_VECTOR, P_WORKING_SET, P_PAGES };
static const size_t OFFSETS[] = {0, 1, 8, 16, 32, 63};

static const lk_param alignment_stream_params[] = {
    [P_OFFSET] = {"offset", "", "aligned,plus_1,plus_8,plus_16,plus_32,plus_63",
                  "bytes past the start of a page at which the data begins"},
    [P_OP] = {"op", "", "sum,count,store,copy", "sum: u64 sum; count: newlines; store: fill; copy: half onto half"},
    [P_VECTOR] = {"vector", "B", "16,32,64", "bytes of one vector"},
    [P_WORKING_SET] = {"working_set", "B", "", "bytes of all data, at least 8192; cut to whole chunks of 4096"},
    [P_PAGES] = {"pages", "", LK_PAGES_LEVELS, LK_PAGES_HELP},
};

typedef struct stream {
    lk_region source, target;
    unsigned char *to;
    const unsigned char *from;
    lk_chunks_fn work;
    uint64_t pass;
    unsigned payload_factor; /* 2 where every byte is read and written */
} stream;

static void alignment_stream_teardown(void *state) {
    stream *self = state;
    lk_region_unmap(&self->source);
    lk_region_unmap(&self->target);
}

static lk_status alignment_stream_build(stream *self, const lk_value *values, lk_input input, uint64_t *pass,
                                        lk_message *message) {
    const enum op op = (enum op)values[P_OP].level;
    const uint64_t halves = op == COPY ? 2 : 1;
    const uint64_t chunks = values[P_WORKING_SET].number / LK_CHUNK_BYTES / halves;
    if (values[P_WORKING_SET].number < 2 * LK_CHUNK_BYTES || chunks > UINT64_C(1) << 32) {
        return lk_say(message, LK_INVALID, "working_set=%llu is out of range: from %d bytes",
                      (unsigned long long)values[P_WORKING_SET].number, 2 * LK_CHUNK_BYTES);
    }
    const lk_vector_ops *ops = lk_vector_ops_of(values[P_VECTOR].number, message);
    if (!ops) {
        return LK_UNSUPPORTED;
    }
    lk_section bytes;
    lk_status status = lk_input_open(input, "LKBYTES", 1, &bytes, message);
    if (status != LK_OK) {
        return status;
    }
    if (bytes.bytes == 0) {
        return lk_say(message, LK_BAD_INPUT, "LKBYTES: the file holds no bytes");
    }
    const size_t offset = OFFSETS[values[P_OFFSET].level];
    const size_t size = (size_t)chunks * LK_CHUNK_BYTES, mapped = size + ITEM_BYTES;
    status = lk_region_map(&self->source, mapped, values[P_PAGES].level, message);
    if (status == LK_OK && op == COPY) {
        status = lk_region_map(&self->target, mapped, values[P_PAGES].level, message);
    }
    if (status != LK_OK) {
        return status;
    }
    lk_region_tile(&self->source, offset, size, bytes.data, bytes.bytes);
    self->from = self->source.data + offset;
    self->to = (op == COPY ? self->target.data : self->source.data) + offset;
    const lk_chunks_fn work[] = {[SUM] = ops->sum, [COUNT] = ops->count, [STORE] = ops->store, [COPY] = ops->copy};
    self->work = work[op];
    self->payload_factor = (unsigned)halves;
    *pass = self->pass = chunks;
    return LK_OK;
}

static lk_status alignment_stream_run(void *state, uint64_t first, uint64_t count, lk_result *result) {
    const stream *self = state;
    uint64_t check = 0;
    for (lk_span span = lk_span_start(first, count, self->pass); lk_span_next(&span);) {
        const size_t at = (size_t)span.begin * LK_CHUNK_BYTES;
        check += self->work(self->to + at, self->from + at, (size_t)(span.end - span.begin));
    }
    const uint64_t bytes = count * LK_CHUNK_BYTES;
    *result = (lk_result){.checksum = check, .items = bytes / ITEM_BYTES, .bytes = bytes * self->payload_factor};
    return LK_OK;
}

static size_t alignment_stream_counters(void *state, lk_counter *out, size_t capacity) {
    const stream *self = state;
    return lk_region_counters(&self->source, out, capacity);
}

LK_KERNEL(alignment_stream, stream, .name = "alignment.stream", .item = "64 bytes",
          .help = "vector loops over the bytes of the corpus, which begin at or past a page boundary",
          .counters = alignment_stream_counters);
