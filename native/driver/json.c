#include "json.h"

#include <inttypes.h>
#include <stdio.h>

void json_string(const char *text) {
    putchar('"');
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\') {
            putchar('\\');
            putchar(c);
        } else if (c < 0x20) {
            printf("\\u%04x", c);
        } else {
            putchar(c);
        }
    }
    putchar('"');
}

void json_begin(const char *id) {
    printf("{\"begin\":");
    json_string(id);
    putchar('}');
    json_end_line();
}

void json_ok(const char *id) {
    printf("{\"id\":");
    json_string(id);
    printf(",\"status\":\"ok\"");
}

void json_failure(const char *id, const char *status, const char *reason) {
    printf("{\"id\":");
    json_string(id);
    printf(",\"status\":\"%s\",\"reason\":", status);
    json_string(reason);
    putchar('}');
    json_end_line();
}

void json_u64_array(const char *name, const uint64_t *values, uint64_t count, uint64_t stride) {
    printf(",\"%s\":[", name);
    for (uint64_t i = 0; i < count; i++) {
        const uint64_t *value = (const uint64_t *)(const void *)((const char *)values + i * stride);
        printf("%s%" PRIu64, i ? "," : "", *value);
    }
    putchar(']');
}

void json_end_line(void) {
    putchar('\n');
    fflush(stdout);
}
