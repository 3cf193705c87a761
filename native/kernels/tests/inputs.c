#include "inputs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64, MOST_BYTES = 1 << 18, MOST_SECTIONS = 8, ROWS = 100, TASKS = 37, FILES = 23, SOURCES = 21 };

typedef struct file {
    unsigned char *data;
    size_t bytes;
    unsigned sections;
} file;

static file begin_file(const char *format, uint32_t sections) {
    file self = {aligned_alloc(ALIGNMENT, MOST_BYTES), 3 * ALIGNMENT, 0};
    if (!self.data) {
        abort();
    }
    memset(self.data, 0, MOST_BYTES);
    memcpy(self.data, format, strlen(format));
    const uint32_t words[2] = {1, sections};
    memcpy(self.data + 8, words, sizeof words);
    return self;
}

static void add_section(file *self, const void *data, size_t bytes) {
    const uint64_t place[2] = {self->bytes, bytes};
    if (self->bytes + bytes + ALIGNMENT > MOST_BYTES || self->sections == MOST_SECTIONS) {
        abort();
    }
    memcpy(self->data + 16 + self->sections++ * sizeof place, place, sizeof place);
    memcpy(self->data + self->bytes, data, bytes);
    self->bytes = (self->bytes + bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static lk_input end_file(const file *self) {
    return (lk_input){self->data, self->bytes};
}

static lk_input rows_file(void) {
    uint64_t records[ROWS * 8];
    for (uint64_t i = 0; i < ROWS * 8; i++) {
        records[i] = i * i * 2654435761u + 7;
    }
    file self = begin_file("LKROWS", 1);
    add_section(&self, records, sizeof records);
    return end_file(&self);
}

static lk_input bytes_file(void) {
    char bytes[5000];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = i % 37 == 5 ? '\n' : (char)(i * 31 % 256);
    }
    file self = begin_file("LKBYTES", 1);
    add_section(&self, bytes, sizeof bytes);
    return end_file(&self);
}

/* `count` texts of `least` bytes and more, an empty one among them. */
static void add_texts(file *self, size_t count, size_t least) {
    static unsigned char bytes[MOST_BYTES / 2];
    uint64_t offsets[64] = {0};
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t length = i == 3 ? 0 : least + i * 7 % 64;
        for (size_t j = 0; j < length; j++, used++) {
            bytes[used] = j % 29 == 11 ? '\n' : (unsigned char)('a' + (i + j) % 26);
        }
        offsets[i + 1] = used;
    }
    add_section(self, offsets, (count + 1) * sizeof *offsets);
    add_section(self, bytes, used);
}

static lk_input texts_file(const char *format) {
    file self = begin_file(format, 2);
    add_texts(&self, TASKS, 20);
    return end_file(&self);
}

static lk_input tokens_file(void) {
    return texts_file("LKTOKENS");
}

static lk_input lines_file(void) {
    return texts_file("LKLINES");
}

static lk_input tasks_file(void) {
    file self = begin_file("LKTASKS", 6);
    add_texts(&self, TASKS, 700);
    add_texts(&self, TASKS, 5);
    add_texts(&self, TASKS, 40);
    return end_file(&self);
}

static lk_input files_file(void) {
    static uint32_t lines[FILES * 90];
    static char name_bytes[FILES * 80 * 4];
    static int64_t names[FILES * 80 + 1];
    uint64_t line_offsets[FILES + 1] = {0}, name_offsets[FILES + 1] = {0};
    size_t line_count = 0, name_count = 0;
    for (uint32_t i = 0; i < FILES; i++) {
        for (uint32_t line = 0; line < i * 4 % 90; line++) {
            lines[line_count++] = line * 30;
        }
        for (uint32_t name = 0; name < i * 5 % 80; name++, name_count++) {
            char text[8];
            snprintf(text, sizeof text, "n%03u", name);
            memcpy(name_bytes + 4 * name_count, text, 4);
            names[name_count + 1] = (int64_t)(4 * name_count + 4);
        }
        line_offsets[i + 1] = line_count;
        name_offsets[i + 1] = name_count;
    }
    file self = begin_file("LKFILES", 7);
    add_texts(&self, FILES, 1000);
    add_section(&self, line_offsets, sizeof line_offsets);
    add_section(&self, lines, line_count * sizeof *lines);
    add_section(&self, name_offsets, sizeof name_offsets);
    add_section(&self, names, (name_count + 1) * sizeof *names);
    add_section(&self, name_bytes, 4 * name_count);
    return end_file(&self);
}

/* Functions that differ, a source that is none among them, each between zeros. */
static lk_input sources_file(void) {
    enum { PADDING = 64, ROOM = 400 };
    static char bytes[SOURCES * (ROOM + PADDING)];
    uint64_t places[2 * SOURCES];
    size_t used = PADDING;
    for (unsigned i = 0; i < SOURCES; i++) {
        const char *form = i == 5 ? "def f%u(:\n"
                                  : "def f%u(a, b=%u, *c):\n    \"\"\"Adds.\"\"\"\n    for x in c[%u:]:\n"
                                    "        a.total += x * b - 1.5\n    return {'a': a, **b}\n";
        const size_t length = i == 3 ? 0 : (size_t)snprintf(bytes + used, ROOM, form, i, i * i, i % 3);
        places[2 * i] = used;
        places[2 * i + 1] = length;
        used += length + PADDING;
    }
    file self = begin_file("LKSOURCE", 2);
    add_section(&self, places, sizeof places);
    add_section(&self, bytes, used);
    return end_file(&self);
}

lk_input inputs_for(const char *kernel) {
    static const struct {
        const char *kernel;
        lk_input (*make)(void);
    } READERS[] = {{"layout.scan", rows_file},
                   {"layout.tasks", tasks_file},
                   {"pooling.buffers", files_file},
                   {"alignment.stream", bytes_file},
                   {"interning.tokens", tokens_file},
                   {"simd.scan", lines_file},
                   {"translation.pipeline", sources_file}};
    for (size_t i = 0; i < sizeof READERS / sizeof *READERS; i++) {
        if (strcmp(READERS[i].kernel, kernel) == 0) {
            return READERS[i].make();
        }
    }
    return (lk_input){NULL, 0};
}

void inputs_free(lk_input input) {
    void *data;
    memcpy(&data, &input.data, sizeof data); /* the block is ours: a cast would hide a real loss of const */
    free(data);
}
