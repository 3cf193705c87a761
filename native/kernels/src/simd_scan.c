/* simd.scan: tests and counts over lines of text, byte by byte, with the C library, and on each path of the layer.
 *
 * An iteration takes 16 lines of the input (format LKLINES: offsets as u64, then bytes); an item is a byte. The answers
 * are hits, or characters.
 *   bytes:       a loop over bytes as one writes it, not vectorised.
 *   libc:        memmem, memcmp; it has nothing that counts characters.
 *   scalar ...:  the layer's function on one path (pm/cpu.h), one call for each line.
 */
#include <pm/cpu.h>
#include <pm/scan.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "define.h"
#include "input.h"

enum { LINES = 16, NEEDLE_BYTES = 32 };
enum op { CONTAINS, STARTS_WITH, EQUALS, COUNT_CHARS };
enum way { BYTES, LIBC, FIRST_PATH };
enum { P_WAY, P_OP, P_NEEDLE };

static const lk_param simd_scan_params[] = {
    [P_WAY] = {"way", "", "bytes,libc,scalar,sse2,avx2,avx512,neon", "how: a loop, the C library, or the layer's path"},
    [P_OP] = {"op", "", "contains,starts_with,equals,count_chars", "what is asked of each line"},
    [P_NEEDLE] = {"needle", "", "sparse,dense", "sparse: few lines hit, or the last byte differs; dense: many hit"},
};

typedef struct scanner {
    const uint64_t *offsets;
    const unsigned char *data;
    uint64_t rows;
    enum op op;
    enum way way;
    pm_cpu_path path;
    size_t needle_bytes;
    unsigned char needle[NEEDLE_BYTES];
    unsigned char *copy; /* of the text, for `equals`: the last byte of each line differs where hits are sparse */
} scanner;

static void simd_scan_teardown(void *state) {
    scanner *self = state;
    free(self->copy);
}

static lk_status simd_scan_build(scanner *self, const lk_value *values, lk_input input, uint64_t *pass,
                                 lk_message *message) {
    static const char *const NEEDLES[] = {"raise ValueError", "self"};
    static const char *const PREFIXES[] = {"        raise ", "    "};
    lk_section sections[2];
    lk_status status = lk_input_open(input, "LKLINES", LK_COUNT(sections), sections, message);
    if (status != LK_OK) {
        return status;
    }
    size_t rows = 0;
    if (!lk_input_offsets(sections[0], sections[1].bytes, &rows) || rows < LINES) {
        return lk_say(message, LK_BAD_INPUT,
                      "LKLINES: the offsets do not fit the bytes, or there are fewer than %d lines", LINES);
    }
    self->offsets = sections[0].data;
    self->data = sections[1].data;
    self->rows = rows;
    self->op = (enum op)values[P_OP].level;
    self->way = values[P_WAY].level < FIRST_PATH ? (enum way)values[P_WAY].level : FIRST_PATH;
    self->path = self->way == FIRST_PATH ? (pm_cpu_path)(values[P_WAY].level - FIRST_PATH) : PM_CPU_SCALAR;
    if (!pm_cpu_has(self->path)) {
        status = lk_say(message, LK_UNSUPPORTED, "this processor or build has no %s", pm_cpu_path_name(self->path));
    } else if (self->way == LIBC && self->op == COUNT_CHARS) {
        status = lk_say(message, LK_UNSUPPORTED, "the C library has no function that counts characters of UTF-8");
#if !defined(__GLIBC__)
    } else if (self->way == LIBC && self->op == CONTAINS) {
        status = lk_say(message, LK_UNSUPPORTED, "this C library has no memmem");
#endif
    } else if (self->op == EQUALS) {
        self->copy = malloc(sections[1].bytes);
        status = self->copy ? LK_OK : lk_say(message, LK_NO_MEMORY, "no memory for a copy of the text");
    }
    if (status != LK_OK) {
        return status;
    }
    if (self->copy) {
        memcpy(self->copy, self->data, sections[1].bytes);
        for (size_t row = 0; values[P_NEEDLE].level == 0 && row < rows; row++) {
            if (self->offsets[row + 1] > self->offsets[row]) {
                self->copy[self->offsets[row + 1] - 1] ^= 1;
            }
        }
    }
    const char *needle = (self->op == STARTS_WITH ? PREFIXES : NEEDLES)[values[P_NEEDLE].level];
    self->needle_bytes = strlen(needle);
    memcpy(self->needle, needle, self->needle_bytes);
    *pass = rows / LINES;
    return LK_OK;
}

#define NOT_VECTORISED __attribute__((noinline, optimize("no-tree-vectorize", "no-tree-loop-distribute-patterns")))

NOT_VECTORISED static bool scanner_equals_bytes(const unsigned char *a, const unsigned char *b, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        if (a[i] != b[i]) {
            return false;
        }
    }
    return true;
}

NOT_VECTORISED static bool scanner_contains_bytes(const unsigned char *data, size_t bytes, const unsigned char *needle,
                                                  size_t needle_bytes) {
    for (size_t i = 0; i + needle_bytes <= bytes; i++) {
        size_t same = 0;
        while (same < needle_bytes && data[i + same] == needle[same]) {
            same++;
        }
        if (same == needle_bytes) {
            return true;
        }
    }
    return false;
}

NOT_VECTORISED static size_t scanner_chars_bytes(const unsigned char *data, size_t bytes) {
    size_t count = 0;
    for (size_t i = 0; i < bytes; i++) {
        count += (data[i] & 0xC0) != 0x80;
    }
    return count;
}

static bool scanner_contains_libc(const unsigned char *data, size_t bytes, const unsigned char *needle,
                                  size_t needle_bytes) {
#if defined(__GLIBC__)
    return memmem(data, bytes, needle, needle_bytes) != NULL;
#else
    return pm_scan_contains(data, bytes, needle, needle_bytes); /* not reached: setup refuses */
#endif
}

/* The answer for one line: 1 or 0, or how many characters. */
static uint64_t scanner_line(const scanner *self, uint64_t row) {
    const unsigned char *data = self->data + self->offsets[row];
    const size_t bytes = (size_t)(self->offsets[row + 1] - self->offsets[row]);
    const bool reaches = bytes >= self->needle_bytes;
    switch (self->op) {
    case CONTAINS:
        return self->way == BYTES  ? scanner_contains_bytes(data, bytes, self->needle, self->needle_bytes)
               : self->way == LIBC ? scanner_contains_libc(data, bytes, self->needle, self->needle_bytes)
                                   : pm_scan_contains(data, bytes, self->needle, self->needle_bytes);
    case STARTS_WITH:
        return self->way == BYTES  ? reaches && scanner_equals_bytes(data, self->needle, self->needle_bytes)
               : self->way == LIBC ? reaches && memcmp(data, self->needle, self->needle_bytes) == 0
                                   : pm_scan_starts_with(data, bytes, self->needle, self->needle_bytes);
    case EQUALS: {
        const unsigned char *copy = self->copy + self->offsets[row];
        return self->way == BYTES  ? scanner_equals_bytes(data, copy, bytes)
               : self->way == LIBC ? memcmp(data, copy, bytes) == 0
                                   : pm_scan_equals(data, bytes, copy, bytes);
    }
    case COUNT_CHARS: break;
    }
    return self->way == FIRST_PATH ? pm_scan_count_chars(data, bytes) : scanner_chars_bytes(data, bytes);
}

static lk_status simd_scan_run(void *state, uint64_t first, uint64_t count, lk_result *result) {
    const scanner *self = state;
    const uint64_t pass = self->rows / LINES;
    if (pm_cpu_select(self->path) != PM_OK) { /* for the whole process: the other arms select their own */
        return LK_FAILED;
    }
    uint64_t check = 0, bytes = 0;
    for (uint64_t i = first; i < first + count; i++) {
        const uint64_t begin = i % pass * LINES;
        for (uint64_t row = begin; row < begin + LINES; row++) {
            check += scanner_line(self, row);
        }
        bytes += self->offsets[begin + LINES] - self->offsets[begin];
    }
    *result = (lk_result){.checksum = check, .items = bytes, .bytes = bytes};
    return LK_OK;
}

LK_KERNEL(simd_scan, scanner, .name = "simd.scan", .item = "byte",
          .help = "tests and counts over lines of text: byte by byte, the C library, each vector path of the layer");
