#include "json.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

enum { BUFFER_BYTES = 1 << 16, MOST_PRINTED = 1024, FIRST_FREE = 64, EXIT_UNHEARD = 4 };

static char buffer[BUFFER_BYTES];
static size_t used;
static int answers = STDOUT_FILENO;

static void write_out(void) {
    for (size_t written = 0; written < used;) {
        ssize_t count = write(answers, buffer + written, used - written);
        if (count < 0 && errno != EINTR) {
            _exit(EXIT_UNHEARD);
        }
        written += count > 0 ? (size_t)count : 0;
    }
    used = 0;
}

int json_open(int descriptor) {
    int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, FIRST_FREE);
    if (moved < 0) {
        return -1;
    }
    close(descriptor);
    answers = moved;
    return 0;
}

void json_char(char c) {
    if (used == BUFFER_BYTES) {
        write_out();
    }
    buffer[used++] = c;
}

void json_print(const char *format, ...) {
    char text[MOST_PRINTED];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    for (int i = 0; i < length && i < MOST_PRINTED - 1; i++) {
        json_char(text[i]);
    }
}

void json_string(const char *text) {
    json_char('"');
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\') {
            json_char('\\');
            json_char((char)c);
        } else if (c < 0x20) {
            json_print("\\u%04x", c);
        } else {
            json_char((char)c);
        }
    }
    json_char('"');
}

void json_begin(const char *id) {
    json_print("{\"begin\":");
    json_string(id);
    json_char('}');
    json_end_line();
}

void json_ok(const char *id) {
    json_print("{\"id\":");
    json_string(id);
    json_print(",\"status\":\"ok\"");
}

void json_failure(const char *id, const char *status, const char *reason) {
    json_print("{\"id\":");
    json_string(id);
    json_print(",\"status\":\"%s\",\"reason\":", status);
    json_string(reason);
    json_char('}');
    json_end_line();
}

void json_u64_array(const char *name, const uint64_t *values, uint64_t count, uint64_t stride) {
    json_print(",\"%s\":[", name);
    for (uint64_t i = 0; i < count; i++) {
        const uint64_t *value = (const uint64_t *)(const void *)((const char *)values + i * stride);
        json_print("%s%" PRIu64, i ? "," : "", *value);
    }
    json_char(']');
}

void json_end_line(void) {
    json_char('\n');
    write_out();
}
