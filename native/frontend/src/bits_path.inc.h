/* bits_path.inc.h: the bitmaps of one path, included by bits.c once per PATH with TARGET, VECTOR (of LANES bytes), MASK
 * and functions on them defined: LOAD, EQUAL, RANGE (inclusive), LOWER, CONTROL (below 0x20 or beyond 0x7f), HIGH,
 * SAME, OR, AND and BITS. */

TARGET static inline classes JOIN(classes_at, PATH)(const uint8_t *at) {
    classes out = {0};
    for (unsigned i = 0; i < 64; i += LANES) {
        const VECTOR v = LOAD(at + i), before = LOAD(at + i - 1);
        const MASK digit = RANGE(v, '0', '9');
        const MASK letter = OR(RANGE(LOWER(v), 'a', 'z'), EQUAL(v, '_'));
        const MASK quote = OR(OR(EQUAL(v, '\''), EQUAL(v, '"')), EQUAL(v, '\\'));
        const MASK twice = OR(OR(RANGE(v, '.', '/'), EQUAL(v, '*')), OR(EQUAL(v, '<'), EQUAL(v, '>')));
        const MASK arrow = AND(EQUAL(v, '>'), EQUAL(before, '-'));
        const MASK pair = OR(AND(SAME(v, before), twice), OR(arrow, AND(digit, EQUAL(before, '.'))));
        out.word |= (uint64_t)BITS(OR(letter, digit)) << i;
        out.blank |= (uint64_t)BITS(OR(OR(EQUAL(v, ' '), EQUAL(v, '\t')), EQUAL(v, '\f'))) << i;
        out.newline |= (uint64_t)BITS(EQUAL(v, '\n')) << i;
        out.quote |= (uint64_t)BITS(quote) << i;
        out.other |= (uint64_t)BITS(OR(CONTROL(v), EQUAL(v, 0x7f))) << i;
        out.equal |= (uint64_t)BITS(EQUAL(v, '=')) << i;
        out.closing |= (uint64_t)BITS(EQUAL(v, ']')) << i;
        out.pair |= (uint64_t)BITS(pair) << i;
    }
    return out;
}

TARGET static size_t JOIN(fill, PATH)(const uint8_t *source, size_t at, size_t blocks, size_t ahead, fe_bits *out,
                                      uint32_t *lines) {
    carry before = carry_of(at == 0 ? 0 : source[at - 1]);
    size_t i = 0, line_count = 0;
    for (; i < blocks; i++, at += 64) {
        const classes now = JOIN(classes_at, PATH)(source + at);
        const uint64_t more = more_of(&now, &before), begin = ~(now.blank | more);
        out->more[i] = more;
        out->begin[i] = begin;
        out->quote[i] = now.quote;
        out->odd[i] = now.quote | now.other;
        out->begin_count[i] = (uint8_t)__builtin_popcountll(begin);
        uint64_t newline = now.newline;
        const size_t ends = (size_t)__builtin_popcountll(newline);
        for (unsigned k = 0; k < 4; k++) { /* most blocks have no more: no branch depends on how many */
            lines[line_count + k] = (uint32_t)(at + 1 + (unsigned)__builtin_ctzll(newline | UINT64_C(1) << 63));
            newline &= newline - 1;
        }
        for (size_t k = 4; k < ends; k++) {
            lines[line_count + k] = (uint32_t)(at + 1 + (unsigned)__builtin_ctzll(newline));
            newline &= newline - 1;
        }
        line_count += ends;
    }
    for (; i < blocks + ahead; i++, at += 64) {
        const classes now = JOIN(classes_at, PATH)(source + at);
        out->more[i] = more_of(&now, &before);
    }
    for (; i < blocks + 2; i++) {
        out->more[i] = 0;
    }
    return line_count;
}

TARGET static inline void JOIN(survey_block, PATH)(const uint8_t *at, survey_bits *sum) {
    for (unsigned i = 0; i < 64; i += LANES) {
        const VECTOR v = LOAD(at + i);
        sum->newline_count += (uint32_t)__builtin_popcountll(BITS(EQUAL(v, '\n')));
        sum->high |= BITS(HIGH(v));
        sum->nul |= BITS(EQUAL(v, 0));
        sum->cr |= BITS(EQUAL(v, '\r'));
        sum->tab |= BITS(OR(EQUAL(v, '\t'), EQUAL(v, '\f')));
    }
}

TARGET static survey_bits JOIN(survey, PATH)(const uint8_t *source, size_t bytes) {
    survey_bits sum = {0};
    size_t at = 0;
    for (; at + 64 <= bytes; at += 64) {
        JOIN(survey_block, PATH)(source + at, &sum);
    }
    if (at < bytes) {
        uint8_t rest[64];
        memset(rest, ' ', sizeof rest);
        memcpy(rest, source + at, bytes - at);
        JOIN(survey_block, PATH)(rest, &sum);
    }
    return sum;
}

#undef PATH
#undef TARGET
#undef VECTOR
#undef LANES
#undef MASK
#undef LOAD
#undef EQUAL
#undef RANGE
#undef LOWER
#undef CONTROL
#undef HIGH
#undef SAME
#undef OR
#undef AND
#undef BITS
