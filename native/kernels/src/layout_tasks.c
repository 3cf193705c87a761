/* layout.tasks: translation tasks of (source, path, config) as an array of structs, as three arrays of strings, and as
 * contiguous columns.
 *
 * Input, format LKTASKS: six sections, for source, path and config each the offsets (u64, one more than tasks) and the
 * bytes. Tasks are repeated where more are asked for than the file holds.
 *
 * scattered, vec_strings: every text is a block of malloc; the array elements are (pointer, length, capacity), 24 bytes
 * a text as in most languages. Both get the same heap, one that has lived: first two blocks of 16 to 992 bytes per task
 * are allocated and a random half of them freed; then, for each task as it arrives, a read buffer is taken (the source
 * rounded up to 4 KiB), the three texts are copied, up to three small objects of 16 to 128 bytes that stay alive are
 * allocated among them, and the read buffer is freed. The sequence is seeded and the same for both.
 * columns: pm_batch, 32-bit offsets.
 *
 * lengths: cache lines that each text of a task fills, from the lengths alone, added up.
 * bytes:   sum of the bytes of all paths.
 * simd:    newlines of all sources, counted with vectors of 16 or 32 bytes.
 * all:     the three, and the sum of the bytes of all configs.
 * Sums need no borders between rows: a pass over columns runs over them, which is what columns are for.
 *
 * An iteration is a block of 20 tasks.
 */
#include <pm/batch.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "define.h"
#include "input.h"
#include "random.h"
#include "span.h"
#include "vector_ops.h"

enum { SOURCE = PM_BATCH_SOURCE, PATH = PM_BATCH_PATH, CONFIG = PM_BATCH_CONFIG, COLUMNS = PM_BATCH_COLUMNS };
enum { BLOCK_TASKS = 20, READ_BYTES = 4096, LINE_BYTES = 64 };
enum layout { SCATTERED, VEC_STRINGS, COLUMNAR };
enum { LENGTHS = 1, BYTES = 2, SIMD = 4, CONFIGS = 8 };
enum { P_LAYOUT, P_TASKS, P_PASS };

static const lk_param layout_tasks_params[] = {
    [P_LAYOUT] = {"layout", "", "scattered,vec_strings,columns",
                  "scattered: array of structs of strings; vec_strings: three arrays of strings; columns: pm_batch"},
    [P_TASKS] = {"tasks", "count", "100,1000,10000", "number of tasks"},
    [P_PASS] = {"pass", "", "lengths,bytes,simd,all", "what is read of every task"},
};

typedef struct text {
    unsigned char *data;
    size_t length, capacity;
} text;

typedef struct column {
    const uint64_t *offsets;
    const unsigned char *data;
} column;

typedef struct tasks {
    uint64_t pass;
    unsigned work;
    enum layout layout;
    const lk_vector_ops *ops;
    size_t task_count;
    text *texts;   /* scattered: [task][column]; vec_strings: [column][task] */
    void **others; /* what else is alive on the heap */
    size_t other_count;
    pm_batch *batch;
    pm_column_view views[COLUMNS];
    uint64_t *payload_until; /* [block] bytes read by the blocks before it */
} tasks;

static inline uint64_t lines_of(uint64_t bytes) {
    return (bytes + LINE_BYTES - 1) / LINE_BYTES;
}

static inline uint64_t byte_sum(const unsigned char *data, size_t bytes) {
    uint64_t sum = 0;
    for (size_t i = 0; i < bytes; i++) {
        sum += data[i];
    }
    return sum;
}

/* step: texts from one task to the next, column_step: from one column to the next; constants where it is called. */
static inline __attribute__((always_inline)) uint64_t read_texts(const tasks *self, size_t begin, size_t end,
                                                                 size_t step, size_t column_step) {
    const text *source = self->texts + SOURCE * column_step, *path = self->texts + PATH * column_step,
               *config = self->texts + CONFIG * column_step;
    uint64_t sum = 0;
    if (self->work & LENGTHS) {
        for (size_t i = begin * step; i < end * step; i += step) {
            sum += lines_of(source[i].length) + lines_of(path[i].length) + lines_of(config[i].length);
        }
    }
    if (self->work & BYTES) {
        for (size_t i = begin * step; i < end * step; i += step) {
            sum += byte_sum(path[i].data, path[i].length);
        }
    }
    if (self->work & SIMD) {
        for (size_t i = begin * step; i < end * step; i += step) {
            sum += self->ops->count_any(source[i].data, source[i].length);
        }
    }
    if (self->work & CONFIGS) {
        for (size_t i = begin * step; i < end * step; i += step) {
            sum += byte_sum(config[i].data, config[i].length);
        }
    }
    return sum;
}

static uint64_t read_columns(const tasks *self, size_t begin, size_t end) {
    const int32_t *offsets[COLUMNS];
    const unsigned char *data[COLUMNS];
    size_t bytes[COLUMNS];
    for (int c = 0; c < COLUMNS; c++) {
        offsets[c] = self->views[c].offsets;
        data[c] = self->views[c].data + offsets[c][begin];
        bytes[c] = (size_t)(offsets[c][end] - offsets[c][begin]);
    }
    uint64_t sum = 0;
    if (self->work & LENGTHS) {
        uint32_t lines = 0; /* 32 bits, as the offsets: the columns' whole size is below 2^31 */
        for (size_t i = begin; i < end; i++) {
            for (int c = 0; c < COLUMNS; c++) {
                lines += ((uint32_t)(offsets[c][i + 1] - offsets[c][i]) + LINE_BYTES - 1) / LINE_BYTES;
            }
        }
        sum += lines;
    }
    if (self->work & BYTES) {
        sum += byte_sum(data[PATH], bytes[PATH]);
    }
    if (self->work & SIMD) {
        sum += self->ops->count_any(data[SOURCE], bytes[SOURCE]);
    }
    if (self->work & CONFIGS) {
        sum += byte_sum(data[CONFIG], bytes[CONFIG]);
    }
    return sum;
}

/* Bytes that a pass must read up to each block, from the lengths in the input: the same in all arms. */
static void add_up_payload(tasks *self, const column columns[COLUMNS], size_t rows) {
    static const unsigned READ_BY[COLUMNS] = {[SOURCE] = SIMD, [PATH] = BYTES, [CONFIG] = CONFIGS};
    uint64_t bytes = 0;
    for (size_t task = 0; task < self->task_count; task++) {
        const size_t row = task % rows;
        bytes += self->work & LENGTHS ? COLUMNS * sizeof(uint64_t) : 0;
        for (int c = 0; c < COLUMNS; c++) {
            bytes += self->work & READ_BY[c] ? columns[c].offsets[row + 1] - columns[c].offsets[row] : 0;
        }
        self->payload_until[task / BLOCK_TASKS + 1] = bytes;
    }
}

static bool keep_another(tasks *self, size_t bytes) {
    void *block = malloc(bytes);
    if (block) {
        memset(block, 1, bytes);
        self->others[self->other_count++] = block;
    }
    return block != NULL;
}

static bool age_heap(tasks *self, uint64_t *seed) {
    for (size_t i = 0; i < 2 * self->task_count; i++) {
        const uint64_t draw = lk_random(seed); /* sizes as heaps have them: each doubling as frequent as the last */
        if (!keep_another(self, (size_t)(16 + (draw >> 8) % 16) << draw % 6)) {
            return false;
        }
    }
    size_t left = 0;
    for (size_t i = 0; i < self->other_count; i++) {
        if (lk_random(seed) % 2) {
            free(self->others[i]);
        } else {
            self->others[left++] = self->others[i];
        }
    }
    self->other_count = left;
    return true;
}

static bool copy_text(text *to, const column *from, size_t row) {
    const size_t length = (size_t)(from->offsets[row + 1] - from->offsets[row]);
    to->data = malloc(length ? length : 1);
    if (to->data) {
        memcpy(to->data, from->data + from->offsets[row], length);
        to->length = to->capacity = length;
    }
    return to->data != NULL;
}

static bool receive_task(tasks *self, const column columns[COLUMNS], size_t row, size_t task, uint64_t *seed) {
    const size_t step = self->layout == SCATTERED ? COLUMNS : 1;
    const size_t column_step = self->layout == SCATTERED ? 1 : self->task_count;
    const uint64_t source_bytes = columns[SOURCE].offsets[row + 1] - columns[SOURCE].offsets[row];
    const size_t read_bytes = (size_t)(source_bytes / READ_BYTES + 1) * READ_BYTES;
    unsigned char *volatile read_buffer = malloc(read_bytes); /* volatile: or the compiler sees that nobody reads it */
    bool done = read_buffer != NULL;
    for (size_t c = 0; c < COLUMNS && done; c++) {
        done = copy_text(&self->texts[task * step + c * column_step], &columns[c], row);
        if (done && lk_random(seed) % 2) {
            done = keep_another(self, 16 + lk_random(seed) % 8 * 16);
        }
    }
    free(read_buffer);
    return done;
}

static lk_status build_texts(tasks *self, const column columns[COLUMNS], size_t rows, lk_message *message) {
    uint64_t seed = 1;
    self->texts = calloc(self->task_count * COLUMNS, sizeof *self->texts);
    self->others = calloc(5 * self->task_count, sizeof *self->others); /* two at first, three at most per task */
    bool done = self->texts && self->others && age_heap(self, &seed);
    for (size_t task = 0; task < self->task_count && done; task++) {
        done = receive_task(self, columns, task % rows, task, &seed);
    }
    return done ? LK_OK : lk_say(message, LK_NO_MEMORY, "no memory for %zu tasks", self->task_count);
}

static lk_status build_batch(tasks *self, const column columns[COLUMNS], size_t rows, lk_message *message) {
    pm_status status = pm_batch_new(sizeof(int32_t), self->task_count, 0, &self->batch);
    for (size_t task = 0; task < self->task_count && status == PM_OK; task++) {
        const size_t row = task % rows;
        pm_batch_row values;
        for (int c = 0; c < COLUMNS; c++) {
            const uint64_t *at = columns[c].offsets + row;
            values.column[c] = (pm_text){columns[c].data + at[0], (size_t)(at[1] - at[0])};
        }
        status = pm_batch_append(self->batch, &values, 1);
    }
    for (int c = 0; c < COLUMNS && status == PM_OK; c++) {
        status = pm_batch_view(self->batch, (pm_batch_column)c, &self->views[c]);
    }
    return status == PM_OK ? LK_OK : lk_say(message, LK_NO_MEMORY, "batch of tasks: %s", pm_status_text(status));
}

static void layout_tasks_teardown(void *state) {
    tasks *self = state;
    for (size_t i = 0; self->texts && i < self->task_count * COLUMNS; i++) {
        free(self->texts[i].data);
    }
    for (size_t i = 0; self->others && i < self->other_count; i++) {
        free(self->others[i]);
    }
    free(self->texts);
    free(self->others);
    free(self->payload_until);
    pm_batch_free(self->batch);
}

static lk_status open_columns(lk_input input, column columns[COLUMNS], size_t *rows, lk_message *message) {
    lk_section sections[2 * COLUMNS];
    lk_status status = lk_input_open(input, "LKTASKS", 2 * COLUMNS, sections, message);
    if (status != LK_OK) {
        return status;
    }
    size_t counts[COLUMNS];
    for (int c = 0; c < COLUMNS; c++) {
        if (!lk_input_offsets(sections[2 * c], sections[2 * c + 1].bytes, &counts[c]) || counts[c] != counts[0] ||
            counts[c] == 0) {
            return lk_say(message, LK_BAD_INPUT, "LKTASKS: the offsets of column %d do not fit its bytes", c);
        }
        columns[c] = (column){sections[2 * c].data, sections[2 * c + 1].data};
    }
    *rows = counts[0];
    return LK_OK;
}

static lk_status layout_tasks_build(tasks *self, const lk_value *values, lk_input input, uint64_t *pass,
                                    lk_message *message) {
    static const unsigned WORK[] = {LENGTHS, BYTES, SIMD, LENGTHS | BYTES | SIMD | CONFIGS};
    column columns[COLUMNS];
    size_t rows = 0;
    lk_status status = open_columns(input, columns, &rows, message);
    if (status != LK_OK) {
        return status;
    }
    self->layout = (enum layout)values[P_LAYOUT].level;
    self->work = WORK[values[P_PASS].level];
    self->ops = lk_vector_ops_default();
    self->task_count = (size_t)values[P_TASKS].number;
    self->pass = self->task_count / BLOCK_TASKS;
    self->payload_until = calloc(self->pass + 1, sizeof *self->payload_until);
    if (!self->payload_until) {
        return lk_say(message, LK_NO_MEMORY, "no memory for %zu tasks", self->task_count);
    }
    add_up_payload(self, columns, rows);
    status = self->layout == COLUMNAR ? build_batch(self, columns, rows, message)
                                      : build_texts(self, columns, rows, message);
    if (status != LK_OK) {
        return status;
    }
    *pass = self->pass;
    return LK_OK;
}

static lk_status layout_tasks_run(void *state, uint64_t first, uint64_t count, lk_result *result) {
    const tasks *self = state;
    *result = (lk_result){.items = count * BLOCK_TASKS};
    for (lk_span span = lk_span_start(first, count, self->pass); lk_span_next(&span);) {
        const size_t begin = (size_t)span.begin * BLOCK_TASKS, end = (size_t)span.end * BLOCK_TASKS;
        result->bytes += self->payload_until[span.end] - self->payload_until[span.begin];
        switch (self->layout) {
        case SCATTERED: result->checksum += read_texts(self, begin, end, COLUMNS, 1); break;
        case VEC_STRINGS: result->checksum += read_texts(self, begin, end, 1, self->task_count); break;
        default: result->checksum += read_columns(self, begin, end);
        }
    }
    return LK_OK;
}

LK_KERNEL(layout_tasks, tasks, .name = "layout.tasks", .item = "task",
          .help = "reads parts of translation tasks kept as structs of strings, as arrays of strings or as columns");
