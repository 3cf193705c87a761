/* The decode stage: bytes as they were read to a source as the lexer wants it.
 *
 * Most sources are UTF-8 without anything to change: one look at all bytes (bits.h) says so, and says how many lines
 * there are. What is rare costs nothing where it is not: a byte order mark, carriage returns, characters beyond ASCII,
 * of which the UTF-8 is checked then, and an encoding that a comment in the first two lines declares (PEP 263), which
 * only Python can decode.
 */
#include "bits.h"
#include "stages.h"
#include <string.h>

/* Byte by byte, as a source without SIMD is looked at. */
static fe_survey survey_bytes(const uint8_t *source, uint32_t bytes) {
    fe_survey out = {0};
    for (uint32_t i = 0; i < bytes; i++) {
        const uint8_t c = source[i];
        if (c >= 0x80) {
            out.high = true;
        } else if (c < ' ') {
            out.newline_count += c == '\n';
            out.tab |= c == '\t' || c == '\f';
            out.cr |= c == '\r';
            out.nul |= c == 0;
        }
    }
    return out;
}

static fe_survey survey(const fe_task *task) {
    return task->switches & FE_SWITCH_SIMD ? fe_bits_survey(task->source, task->bytes)
                                           : survey_bytes(task->source, task->bytes);
}

/* ---- UTF-8 ---- */

static bool continues(uint8_t c) {
    return (c & 0xc0) == 0x80;
}

/* The bytes of the character at p, 0 where there is none. Zero bytes follow the source, so none is read beyond. The
 * bounds of the second byte shut out longer forms than needed, surrogates, and what lies beyond U+10FFFF (Unicode 14,
 * table 3-7). */
static uint32_t character_bytes(const uint8_t *p) {
    const uint8_t a = p[0], b = p[1];
    if (a < 0x80) {
        return 1;
    }
    if (a >= 0xc2 && a < 0xe0) {
        return continues(b) ? 2 : 0;
    }
    if (a >= 0xe0 && a < 0xf0) {
        const uint8_t least = a == 0xe0 ? 0xa0 : 0x80, most = a == 0xed ? 0x9f : 0xbf;
        return b >= least && b <= most && continues(p[2]) ? 3 : 0;
    }
    if (a >= 0xf0 && a < 0xf5) {
        const uint8_t least = a == 0xf0 ? 0x90 : 0x80, most = a == 0xf4 ? 0x8f : 0xbf;
        return b >= least && b <= most && continues(p[2]) && continues(p[3]) ? 4 : 0;
    }
    return 0;
}

static void check_utf8(fe_task *task) {
    const uint8_t *source = task->source;
    for (uint32_t at = 0; at < task->bytes;) {
        uint64_t eight;
        memcpy(&eight, source + at, sizeof eight);
        if ((eight & UINT64_C(0x8080808080808080)) == 0) {
            at += 8;
            continue;
        }
        const uint32_t bytes = character_bytes(source + at);
        if (bytes == 0) {
            fe_fail_at(task, FE_SYNTAX, at, "Non-UTF-8 code starting with '\\x%02x', but no encoding declared",
                       source[at]);
        }
        at += bytes;
    }
}

/* ---- encodings that are declared ---- */

typedef struct declared {
    const uint8_t *name;
    uint32_t bytes; /* 0: none */
} declared;

static bool is_blank(uint8_t c) {
    return c == ' ' || c == '\t' || c == '\f';
}

static bool is_name(uint8_t c) {
    return (uint8_t)((c | 0x20) - 'a') < 26 || (uint8_t)(c - '0') < 10 || c == '-' || c == '_' || c == '.';
}

static bool is_line_end(const uint8_t *at, const uint8_t *end) {
    return at >= end || *at == '\n' || *at == '\r';
}

/* In the line at `at`; *next is the line behind it, NULL where this one holds code, for then none is looked at. */
static declared declared_in(const uint8_t *at, const uint8_t *end, const uint8_t **next) {
    while (!is_line_end(at, end) && is_blank(*at)) {
        at++;
    }
    *next = NULL;
    if (!is_line_end(at, end) && *at != '#') {
        return (declared){0};
    }
    for (; !is_line_end(at, end); at++) {
        if (memcmp(at, "coding", 6) != 0 || (at[6] != ':' && at[6] != '=')) { /* zero bytes follow the source */
            continue;
        }
        const uint8_t *name = at + 7;
        while (*name == ' ' || *name == '\t') {
            name++;
        }
        uint32_t bytes = 0;
        while (is_name(name[bytes])) {
            bytes++;
        }
        if (bytes != 0) {
            return (declared){name, bytes};
        }
    }
    *next = at + 1 + (end - at > 1 && at[0] == '\r' && at[1] == '\n');
    return (declared){0};
}

static declared find_declared(const fe_task *task) {
    const uint8_t *end = task->source + task->bytes, *next;
    declared found = declared_in(task->source, end, &next);
    if (found.bytes == 0 && next != NULL && next < end) {
        found = declared_in(next, end, &next);
    }
    return found;
}

/* Whether the name is one for UTF-8. Behind a mark "utf8" is none: Python would ask for a codec there. */
static bool is_utf8(const declared *encoding, bool marked) {
    char name[6] = {0};
    for (uint32_t i = 0; i < encoding->bytes && i < sizeof name; i++) {
        const uint8_t c = encoding->name[i];
        name[i] = (char)(c == '_' ? '-' : c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    }
    return (memcmp(name, "utf-8", 5) == 0 && (encoding->bytes == 5 || name[5] == '-')) ||
           (memcmp(name, "utf8", 5) == 0 && encoding->bytes == 4 && !marked);
}

/* Room for so many bytes of source in FE_BUF_DECODED, zero bytes around them. */
static uint8_t *decoded_room(fe_task *task, size_t bytes) {
    uint8_t *room = fe_need(task, FE_BUF_DECODED, FE_SOURCE_LEAD + bytes + FE_SOURCE_TAIL);
    memset(room, 0, FE_SOURCE_LEAD);
    return room + FE_SOURCE_LEAD;
}

static void set_source(fe_task *task, uint8_t *source, size_t bytes) {
    memset(source + bytes, 0, FE_SOURCE_TAIL);
    task->source = source;
    task->bytes = (uint32_t)bytes;
}

static void decode_by_delegate(fe_task *task, const declared *encoding) {
    const fe_delegate *delegate = task->delegate;
    const int name_bytes = encoding->bytes < 64 ? (int)encoding->bytes : 64;
    if (delegate == NULL || delegate->decode == NULL) {
        fe_fail(task, FE_DELEGATE, 1, 0, "the encoding %.*s needs Python", name_bytes, (const char *)encoding->name);
    }
    size_t room = (size_t)task->bytes + task->bytes / 2 + FE_MESSAGE_BYTES;
    for (;;) {
        uint8_t *out = decoded_room(task, room);
        const int64_t wanted = delegate->decode(delegate->context, task->source, task->bytes, out, room);
        if (wanted < 0) {
            fe_fail(task, FE_SYNTAX, 1, 0, "%.*s", FE_MESSAGE_BYTES - 1, (const char *)out);
        }
        if (wanted > FE_SOURCE_BYTES_MAX) {
            fe_fail(task, FE_INVALID, 0, 0, "decoded, the source has more than %d bytes", (int)FE_SOURCE_BYTES_MAX);
        }
        if ((size_t)wanted <= room) {
            task->ledger->delegated_count++;
            set_source(task, out, (size_t)wanted);
            return;
        }
        room = (size_t)wanted;
    }
}

/* ---- line ends ---- */

/* CR and CR LF become LF; `to` may be `from`. In 3.11 a second LF follows a CR LF that comes last, as CPython's reader
 * appends one there. Returns the bytes written, no more than `bytes`. */
static size_t normalize_lines(const fe_dialect *dialect, const uint8_t *from, size_t bytes, uint8_t *to) {
    const bool again = dialect->line_end_again && bytes >= 2 && from[bytes - 2] == '\r' && from[bytes - 1] == '\n';
    size_t count = 0;
    for (size_t i = 0; i < bytes; i++) {
        if (from[i] != '\r') {
            to[count++] = from[i];
        } else {
            to[count++] = '\n';
            i += i + 1 < bytes && from[i + 1] == '\n';
        }
    }
    if (again) {
        to[count++] = '\n';
    }
    return count;
}

/* Whether the source lies in a buffer of the task, and so may be written to. */
static uint8_t *own_source(const fe_task *task) {
    static const fe_buffer_use uses[] = {FE_BUF_SOURCE, FE_BUF_DECODED};
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++) {
        uint8_t *data = task->buffers[uses[i]].data;
        if (data != NULL && task->source >= data && task->source < data + task->buffers[uses[i]].bytes) {
            return data + (task->source - data);
        }
    }
    return NULL;
}

void fe_decode(fe_task *task) {
    static const uint8_t mark[3] = {0xef, 0xbb, 0xbf};
    const bool marked = task->bytes >= sizeof mark && memcmp(task->source, mark, sizeof mark) == 0;
    bool decoded = false;
    fe_survey has = survey(task);
    if (PM_UNLIKELY(has.nul)) {
        const uint8_t *nul = memchr(task->source, 0, task->bytes);
        fe_fail_at(task, FE_SYNTAX, (uint32_t)(nul - task->source), "source code string cannot contain null bytes");
    }
    if (marked) {
        task->source += sizeof mark;
        task->bytes -= sizeof mark;
    }
    const declared encoding = find_declared(task);
    if (PM_UNLIKELY(encoding.bytes != 0 && !is_utf8(&encoding, marked))) {
        if (marked) {
            fe_fail(task, FE_SYNTAX, 0, 0, "encoding problem: %.*s with BOM",
                    encoding.bytes < 64 ? (int)encoding.bytes : 64, (const char *)encoding.name);
        }
        decode_by_delegate(task, &encoding);
        decoded = true;
        has = survey(task);
        if (has.nul) {
            fe_fail(task, FE_SYNTAX, 1, 0, "source code string cannot contain null bytes");
        }
    }
    uint8_t *own = own_source(task);
    const bool has_ends = has.cr && !decoded; /* a carriage return that a codec made is no line end */
    const bool copy = !decoded && (!(task->switches & FE_SWITCH_VIEWS) || (has_ends && own == NULL));
    if (copy) {
        own = decoded_room(task, task->bytes);
        fe_count_copy(task, task->bytes);
    }
    if (PM_UNLIKELY(has_ends)) {
        set_source(task, own, normalize_lines(task->dialect, task->source, task->bytes, own));
        has.newline_count = survey(task).newline_count;
    } else if (copy) {
        memcpy(own, task->source, task->bytes);
        set_source(task, own, task->bytes);
    }
    if (PM_UNLIKELY(has.high)) {
        check_utf8(task);
    }
    task->newline_count = has.newline_count;
    task->has_tabs = has.tab;
}
