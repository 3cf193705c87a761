/* Tests of texts that do not lie end to end. Where vectors can be loaded in part each text is searched where it lies.
 * Elsewhere a group of short ones is copied end to end into memory that stays in the nearest cache, and scanned as a
 * column: the copy costs less than a search that begins anew at every text. */
#include "scan_ops.h"
#include <string.h>

enum { GROUP = 128, GROUP_BYTES = 32768 }; /* a multiple of 64: groups begin at whole words of bits */
enum { AHEAD = 16, LINE = 64 };            /* texts from the one in hand to the one whose first lines are asked for */

static void hint(const pm_text *texts, size_t i, size_t count) {
    if (i + AHEAD < count) {
        const pm_text *text = &texts[i + AHEAD];
        for (size_t at = 0; at < text->bytes && at < 4 * LINE; at += LINE) {
            __builtin_prefetch((const char *)text->data + at);
        }
    }
}

/* Copies `count` of `left` texts; false where they are too long. */
static bool lay_out(const pm_text *texts, size_t count, size_t left, unsigned char *data, int32_t *offsets) {
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        hint(texts, i, left);
        if (texts[i].bytes > GROUP_BYTES - bytes) {
            return false;
        }
        if (texts[i].bytes != 0) {
            memcpy(data + bytes, texts[i].data, texts[i].bytes);
            bytes += texts[i].bytes;
        }
        offsets[i + 1] = (int32_t)bytes;
    }
    return true;
}

static bool holds(const pm_text *text, pm_scan_test test, const void *needle, size_t needle_bytes) {
    switch (test) {
    case PM_SCAN_CONTAINS: return pm_scan_contains(text->data, text->bytes, needle, needle_bytes);
    case PM_SCAN_EQUALS: return pm_scan_equals(text->data, text->bytes, needle, needle_bytes);
    default: return pm_scan_starts_with(text->data, text->bytes, needle, needle_bytes);
    }
}

static size_t test_each(const pm_text *texts, size_t count, pm_scan_test test, const void *needle, size_t needle_bytes,
                        const pm_scan_mask *mask) {
    size_t hits = 0;
    for (size_t i = 0; i < count; i++) {
        if (i + AHEAD < count) {
            __builtin_prefetch(texts[i + AHEAD].data);
        }
        const unsigned hit = holds(&texts[i], test, needle, needle_bytes);
        hits += hit;
        if (mask->bytes != NULL) {
            mask->bytes[i] = (unsigned char)hit;
        }
        if (mask->bits != NULL) {
            mask->bits[i / 8] = (unsigned char)((i % 8 == 0 ? 0 : mask->bits[i / 8]) | hit << i % 8);
        }
    }
    return hits;
}

static pm_scan_mask mask_from(const pm_scan_mask *mask, size_t row) {
    return (pm_scan_mask){.bits = mask->bits == NULL ? NULL : mask->bits + row / 8,
                          .bytes = mask->bytes == NULL ? NULL : mask->bytes + row};
}

/* Whether texts contain a needle that is not empty. */
static size_t contain_in_place(const scan_ops *ops, const pm_text *texts, size_t count, const void *needle,
                               size_t needle_bytes, const pm_scan_mask *mask) {
    const scan_needle n = pm_scan_needle_of(needle, needle_bytes);
    size_t hits = 0;
    for (size_t first = 0; first < count; first += GROUP) {
        const size_t length = count - first < GROUP ? count - first : GROUP;
        const pm_scan_mask part = mask_from(mask, first);
        uint64_t words[GROUP / 64] = {0};
        hits += ops->texts(texts + first, length, &n, words);
        pm_scan_store(&part, words, length);
    }
    return hits;
}

pm_status pm_scan_texts(const pm_text *texts, size_t count, pm_scan_test test, const void *needle, size_t needle_bytes,
                        const pm_scan_mask *mask, size_t *hit_count) {
    unsigned char data[GROUP_BYTES];
    int32_t offsets[GROUP + 1] = {0};
    size_t hits = 0;
    const scan_ops *ops = pm_scan_ops_of(pm_cpu_selected());
    if ((unsigned)test > PM_SCAN_STARTS_WITH) {
        return PM_INVALID;
    }
    if (test == PM_SCAN_CONTAINS && needle_bytes != 0 && ops->texts != NULL) {
        *hit_count = contain_in_place(ops, texts, count, needle, needle_bytes, mask);
        return PM_OK;
    }
    for (size_t first = 0; first < count; first += GROUP) {
        const size_t length = count - first < GROUP ? count - first : GROUP;
        const pm_scan_mask part = mask_from(mask, first);
        if (test != PM_SCAN_CONTAINS || !lay_out(texts + first, length, count - first, data, offsets)) {
            hits += test_each(texts + first, length, test, needle, needle_bytes, &part);
            continue;
        }
        const pm_column_view column = {.offsets = offsets,
                                       .data = data,
                                       .row_count = length,
                                       .data_bytes = (size_t)offsets[length],
                                       .offset_bytes = sizeof *offsets};
        size_t found = 0;
        const pm_status status = pm_scan_rows(&column, test, needle, needle_bytes, &part, &found);
        if (status != PM_OK) {
            return status;
        }
        hits += found;
    }
    *hit_count = hits;
    return PM_OK;
}
