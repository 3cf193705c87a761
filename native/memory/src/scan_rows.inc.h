/* scan_rows.inc.h: what depends on the width of offsets and positions, included by scan_path.inc.h once per width. */
#define OFFSET JOIN3(int, OFFSET_BITS, _t)
#define POSITION JOIN3(uint, OFFSET_BITS, _t)
#define NAME(name) JOIN(JOIN(name, OFFSET_BITS), PATH)

/* Positions are stored four at a time while there is room for a whole block of them, some of them for nothing: cheaper
 * than a branch that guesses how many bits are set. */
TARGET static size_t NAME(index)(const unsigned char *data, size_t bytes, unsigned char byte, POSITION *out,
                                 size_t capacity) {
    size_t count = 0;
    for (size_t at = 0; at < bytes; at += 64) {
        uint64_t mask = JOIN(eq_some, PATH)(data + at, bytes - at, bytes - at, byte);
        const size_t found = bit_count(mask);
        if (PM_LIKELY(count < capacity && capacity - count >= 64)) {
            for (POSITION *to = out + count; mask != 0; to += 4) {
                for (unsigned i = 0; i < 4; i++) {
                    to[i] = (POSITION)(at + lowest_bit(mask));
                    mask &= mask - 1;
                }
            }
        } else {
            for (size_t i = count; mask != 0 && i < capacity; i++, mask &= mask - 1) {
                out[i] = (POSITION)(at + lowest_bit(mask));
            }
        }
        count += found;
    }
    return count;
}

TARGET static bool NAME(sound)(const scan_rows *rows) {
    const OFFSET *offsets = rows->offsets;
    unsigned falls = offsets[0] < 0;
    size_t row = 0;
    for (; rows->count - row >= 16; row += 16) {
        for (unsigned i = 0; i < 16; i++) {
            falls |= offsets[row + i + 1] < offsets[row + i];
        }
    }
    for (; row < rows->count; row++) {
        falls |= offsets[row + 1] < offsets[row];
    }
    return falls == 0 && (uint64_t)offsets[rows->count] <= rows->bytes;
}

/* The row that a byte of the rows belongs to, at or after `row`: eight ends at a time, then in leaps. */
TARGET static inline size_t NAME(row_of)(const OFFSET *offsets, size_t row, size_t count, size_t byte) {
    const OFFSET at = (OFFSET)byte;
    for (unsigned round = 0; round < 2 && count - row >= 8; round++) {
        const unsigned ended = NAME(ended8)(offsets + row + 1, at);
        row += ended;
        if (ended < 8) {
            return row;
        }
    }
    size_t step = 1;
    while (step < count - row && offsets[row + step] <= at) {
        row += step;
        step *= 2;
    }
    size_t last = step < count - row ? row + step : count; /* begins after the byte, or is the end of all rows */
    while (last - row > 1) {
        const size_t middle = row + (last - row) / 2;
        if (offsets[middle] <= at) {
            row = middle;
        } else {
            last = middle;
        }
    }
    return row;
}

/* First the blocks with candidates are listed, then the candidates confirmed: two loops that a processor guesses right,
 * where one loop over both would stumble at every hit. After a hit the rest of its row is skipped. */
TARGET static size_t NAME(contain_by_text)(const scan_rows *rows, const scan_needle *needle, uint64_t *words) {
    const scan_needle n = *needle; /* in registers: nothing written can alias it */
    const OFFSET *offsets = rows->offsets;
    const unsigned char *data = rows->data;
    const size_t count = rows->count, end = (size_t)offsets[count];
    size_t at = (size_t)offsets[0], row = 0, row_end = 0, hits = 0;
    if (end - at < n.count) {
        return 0;
    }
    for (const size_t last = end - n.count + 1; at < last;) {
        scan_block blocks[SCAN_BLOCKS];
        const size_t listed = JOIN(list_blocks, PATH)(data, at, last, rows->bytes, needle, blocks, SCAN_BLOCKS, &at);
        for (size_t i = 0; i < listed; i++) {
            const size_t from = blocks[i].at;
            uint64_t mask = blocks[i].mask;
            if (row_end > from) {
                mask &= ~low_bits(row_end - from);
            }
            while (mask != 0) {
                const size_t place = from + lowest_bit(mask);
                mask &= mask - 1;
                if (!JOIN(confirm, PATH)(data + place, &n)) {
                    continue;
                }
                row = NAME(row_of)(offsets, row, count, place);
                const size_t ends = (size_t)offsets[row + 1];
                if (ends - place >= n.count) { /* otherwise it ends in another row */
                    words[row / 64] |= UINT64_C(1) << row % 64;
                    hits++;
                    row_end = ends;
                    mask &= ~low_bits(ends - from);
                }
            }
        }
    }
    return hits;
}

/* A path may take that of another: ROW_PATH. */
TARGET static __attribute__((unused)) size_t NAME(contain_by_row)(const scan_rows *rows, const scan_needle *needle,
                                                                  uint64_t *words) {
    const scan_needle n = *needle;
    const OFFSET *offsets = rows->offsets;
    const unsigned char *data = rows->data;
    const size_t readable = rows->bytes;
    size_t hits = 0;
    for (size_t row = 0; row < rows->count; row++) {
        const size_t begin = (size_t)offsets[row], end = (size_t)offsets[row + 1];
        if (end - begin >= n.count &&
            JOIN(find_between, PATH)(data, begin, end - n.count + 1, readable, &n, needle) != SIZE_MAX) {
            words[row / 64] |= UINT64_C(1) << row % 64;
            hits++;
        }
    }
    return hits;
}

/* Rows that begin with the needle or, if `whole`, are it. Its first eight bytes are compared as a number. */
TARGET static size_t NAME(begin)(const scan_rows *rows, const scan_needle *needle, bool whole, uint64_t *words) {
    const scan_needle n = *needle;
    const OFFSET *offsets = rows->offsets;
    const size_t head_bytes = n.count < 8 ? n.count : 8;
    const uint64_t head = load_word(n.bytes, head_bytes), care = word_of_ones(head_bytes);
    size_t hits = 0;
    for (size_t row = 0; row < rows->count; row++) {
        const size_t at = (size_t)offsets[row], bytes = (size_t)offsets[row + 1] - at;
        if (whole ? bytes != n.count : bytes < n.count) {
            continue;
        }
        const unsigned char *text = rows->data + at;
        const uint64_t word = PM_LIKELY(rows->bytes - at >= 8) ? load_word(text, 8) : load_word(text, head_bytes);
        const bool hit = (word & care) == head && (n.count <= 8 || JOIN(same, PATH)(text, n.bytes, n.count));
        words[row / 64] |= (uint64_t)hit << row % 64;
        hits += hit;
    }
    return hits;
}

TARGET static void NAME(rows_count_byte)(const scan_rows *rows, unsigned char byte, uint64_t *counts) {
    const OFFSET *offsets = rows->offsets;
    for (size_t row = 0; row < rows->count; row++) {
        const size_t end = (size_t)offsets[row + 1];
        uint64_t count = 0;
        for (size_t at = (size_t)offsets[row]; at < end; at += 64) {
            count += bit_count(JOIN(eq_some, PATH)(rows->data + at, end - at, rows->bytes - at, byte));
        }
        counts[row] = count;
    }
}

TARGET static void NAME(rows_count_chars)(const scan_rows *rows, uint64_t *counts) {
    const OFFSET *offsets = rows->offsets;
    for (size_t row = 0; row < rows->count; row++) {
        const size_t end = (size_t)offsets[row + 1];
        uint64_t count = 0;
        for (size_t at = (size_t)offsets[row]; at < end; at += 64) {
            count += bit_count(JOIN(chars_some, PATH)(rows->data + at, end - at, rows->bytes - at));
        }
        counts[row] = count;
    }
}

#undef OFFSET
#undef POSITION
#undef NAME
