/* column.h: an Arrow column out of the input, whose offsets may be anything, and whether it is one. */
#ifndef PM_FUZZ_COLUMN_H
#define PM_FUZZ_COLUMN_H

#include "input.h"

enum { COLUMN_ROWS = 16 };

typedef struct fuzz_column {
    pm_column_view view;
    int64_t at[COLUMN_ROWS + 1]; /* the offsets as they were meant */
    int32_t narrow[COLUMN_ROWS + 1];
    bool valid;
} fuzz_column;

/* Most offsets lie in the data and most of them rise; the rest are what an enemy would send. */
static inline int64_t fuzz_offset(fuzz_input *in, size_t bytes, int64_t last) {
    const uint8_t kind = fuzz_byte(in);
    if (kind < 200) {
        const uint64_t next = (uint64_t)last + kind % 16; /* the last one may be anything */
        return (int64_t)(next <= bytes ? next : bytes);
    }
    return kind < 230 ? (int64_t)(kind % (bytes + 1)) : kind < 240 ? -(int64_t)(kind - 229) : (int64_t)fuzz_number(in);
}

static inline void fuzz_column_read(fuzz_input *in, size_t rows, fuzz_column *out) {
    const pm_text text = fuzz_text(in, 200);
    const uint8_t shape = fuzz_byte(in);
    const bool wide = (shape & 1) != 0;
    const size_t width = shape >= 250 ? shape - 250 : wide ? 8 : 4;
    int64_t last = shape >> 6;
    last = last > (int64_t)text.bytes ? (int64_t)text.bytes : last;
    out->valid = width == 4 || width == 8;
    for (size_t i = 0; i <= rows; i++) {
        out->at[i] = i == 0 ? last : fuzz_offset(in, text.bytes, last);
        out->narrow[i] = (int32_t)out->at[i];
        out->at[i] = width == 4 ? out->narrow[i] : out->at[i];
        out->valid = out->valid && out->at[i] >= 0 && out->at[i] <= (int64_t)text.bytes;
        out->valid = out->valid && (i == 0 || out->at[i - 1] <= out->at[i]);
        last = out->at[i];
    }
    out->view = (pm_column_view){.offsets = width == 4 ? (const void *)out->narrow : out->at,
                                 .data = text.data,
                                 .row_count = rows,
                                 .data_bytes = text.bytes,
                                 .offset_bytes = width};
}

static inline pm_text fuzz_column_row(const fuzz_column *column, size_t row) {
    return (pm_text){.data = column->view.data + column->at[row],
                     .bytes = (size_t)(column->at[row + 1] - column->at[row])};
}

#endif
