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

/* A row by itself. */
TARGET static size_t NAME(contain_one)(const scan_rows *rows, size_t row, const scan_needle *needle, uint64_t *words) {
    const OFFSET *offsets = rows->offsets;
    const size_t begin = (size_t)offsets[row], bytes = (size_t)offsets[row + 1] - begin;
    const bool hit = JOIN(find, PATH)(rows->data + begin, bytes, needle) != SIZE_MAX;
    words[row / 64] |= (uint64_t)hit << row % 64;
    return hit;
}

/* Few candidates: each is confirmed and its row searched for, and after a hit the rest of the row is skipped. */
TARGET static size_t NAME(contain_few)(const scan_rows *rows, size_t row, size_t stop, const scan_needle *needle,
                                       const scan_block *blocks, size_t listed, uint64_t *words) {
    const scan_needle n = *needle; /* in registers: nothing written can alias it */
    const OFFSET *offsets = rows->offsets;
    size_t row_end = 0, hits = 0;
    for (size_t i = 0; i < listed; i++) {
        const size_t from = blocks[i].at;
        uint64_t mask = blocks[i].mask;
        if (row_end > from) {
            mask &= ~low_bits(row_end - from);
        }
        while (mask != 0) {
            const size_t place = from + lowest_bit(mask);
            mask &= mask - 1;
            if (!JOIN(confirm, PATH)(rows->data + place, &n)) {
                continue;
            }
            row = NAME(row_of)(offsets, row, stop, place);
            const size_t ends = (size_t)offsets[row + 1];
            if (ends - place >= n.count) { /* otherwise it ends in another row */
                words[row / 64] |= UINT64_C(1) << row % 64;
                hits++;
                row_end = ends;
                mask &= ~low_bits(ends - from);
            }
        }
    }
    return hits;
}

/* Many candidates, as bits of the window's places: a row is hit where more bits come before its last place than before
 * its first. No branch depends on the text. The window's text is preceded by a word without bits, so that the last
 * place of a row shorter than the needle, which lies before its first, is in the window too. */
TARGET static size_t NAME(contain_many)(const scan_rows *rows, size_t row, size_t stop, size_t needle_bytes,
                                        const uint64_t bits[SCAN_BLOCKS + 2], uint64_t *words) {
    const OFFSET *offsets = rows->offsets, begin = offsets[row];
    const int64_t first_bit = (int64_t)begin - 64, last_bit = first_bit + (int64_t)needle_bytes - 1;
    const uintptr_t text = (uintptr_t)rows->data + 64 * SCAN_BLOCKS;
    uint32_t before[SCAN_BLOCKS + 2], total = 0;
    size_t hits = 0;
    for (unsigned i = 0; i < SCAN_BLOCKS + 2; i++) {
        before[i] = total;
        total += bit_count(bits[i]);
    }
    while (row < stop) {
        const size_t word_stop = (row | 63) < stop ? (row | 63) + 1 : stop;
        uint64_t word = 0;
        for (size_t place = row % 64; row < word_stop; row++, place++) {
            __builtin_prefetch((const void *)(text + (uintptr_t)offsets[row])); /* of the next window */
            const size_t first = (size_t)(offsets[row] - first_bit), last = (size_t)(offsets[row + 1] - last_bit);
            const uint32_t ahead = before[first / 64] + bit_count(bits[first / 64] & low_bits(first % 64));
            const uint32_t up_to = before[last / 64] + bit_count(bits[last / 64] & low_bits(last % 64));
            word |= (uint64_t)(up_to > ahead) << place;
        }
        words[(row - 1) / 64] |= word;
        hits += bit_count(word);
    }
    return hits;
}

/* The bits for contain_many: of the blocks that are listed, candidates where the whole needle stands. */
TARGET static void NAME(confirm_many)(const scan_rows *rows, size_t begin, size_t last, const scan_needle *needle,
                                      const scan_block *blocks, size_t listed, uint64_t bits[SCAN_BLOCKS + 2]) {
    const scan_needle n = *needle;
    memset(bits, 0, (SCAN_BLOCKS + 2) * sizeof *bits);
    for (size_t i = 0; i < listed; i++) {
        const size_t at = blocks[i].at;
        uint64_t mask = blocks[i].mask;
        for (size_t k = 0; k < n.count && n.count > SCAN_RARE; k++) {
            mask &= JOIN(eq_some, PATH)(rows->data + at + k, last - at, rows->bytes - at - k, n.bytes[k]);
        }
        bits[(at - begin) / 64 + 1] = mask;
    }
}

/* Rows go in windows of text. First the blocks with candidates are listed, then these are dealt with, as few or many:
 * loops that a processor guesses right, where one loop over both would stumble at every hit. No window is searched row
 * by row, which costs more whatever the text. */
TARGET static size_t NAME(contain)(const scan_rows *rows, const scan_needle *needle, uint64_t *words) {
    const OFFSET *offsets = rows->offsets;
    const size_t count = rows->count;
    size_t row = 0, hits = 0;
    while (row < count) {
        scan_block blocks[SCAN_BLOCKS];
        uint64_t bits[SCAN_BLOCKS + 2];
        const size_t begin = (size_t)offsets[row], window = begin + 64 * SCAN_BLOCKS;
        const size_t stop = (size_t)offsets[count] <= window ? count : NAME(row_of)(offsets, row, count, window);
        const size_t end = (size_t)offsets[stop];
        if (stop == row) { /* a row longer than a window */
            hits += NAME(contain_one)(rows, row, needle, words);
            row++;
            continue;
        }
        if (end - begin >= needle->count) {
            const size_t last = end - needle->count + 1;
            size_t at;
            const size_t listed =
                JOIN(list_blocks, PATH)(rows->data, begin, last, rows->bytes, needle, blocks, SCAN_BLOCKS, &at);
            if (listed < (stop - row) / SCAN_FEW || needle->count > SCAN_MANY_BYTES) {
                hits += NAME(contain_few)(rows, row, stop, needle, blocks, listed, words);
            } else {
                NAME(confirm_many)(rows, begin, last, needle, blocks, listed, bits);
                hits += NAME(contain_many)(rows, row, stop, needle->count, bits, words);
            }
        }
        row = stop;
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
