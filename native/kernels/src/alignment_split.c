/* alignment.split: single vector loads or stores, each at one and the same place of a page, page after page.
 *
 *                       page p                                    page p + 1
 *     ... | line 62          | line 63          || line 0           | ...
 *                              [aligned ]                             begins a line, the last of its page
 *                                 [within_line]                       begins past it, ends inside the same line
 *                         [across_lines]                              half in line 62, half in line 63
 *                                            [across_pages]           half in line 63, half in the next page
 *
 * Every arm works near the end of the same pages, so they differ in little else. Lines a page apart share a set of the
 * first-level cache: 4 pages fit it everywhere, 128 pages do not and are served by the second level. No input.
 *
 * An iteration is 256 accesses; each loads or stores one vector.
 */
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "define.h"
#include "region.h"
#include "vector_ops.h"

enum { PAGE_BYTES = 4096, LINE_BYTES = 64, ACCESSES = 256, WITHIN_SHIFT = 9 /* odd, and 9 + 32 < 64 */ };
enum place { ALIGNED, WITHIN_LINE, ACROSS_LINES, ACROSS_PAGES };
enum op { LOAD, STORE };
enum { P_PLACE, P_OP, P_VECTOR, P_TOUCHED };

static const lk_param alignment_split_params[] = {
    [P_PLACE] = {"place", "", "aligned,within_line,across_lines,across_pages", "where each access lies"},
    [P_OP] = {"op", "", "load,store", "what each access does"},
    [P_VECTOR] = {"vector", "B", "16,32", "bytes of one access"},
    [P_TOUCHED] = {"touched_pages", "count", "4,128", "4: served by the first-level cache; 128: by the second"},
};

typedef struct split {
    lk_region region;
    unsigned char *at; /* of the access to page 0 */
    size_t touched;
    unsigned width;
    enum op op;
    const lk_vector_ops *ops;
} split;

static void alignment_split_teardown(void *state) {
    split *self = state;
    lk_region_unmap(&self->region);
}

static size_t offset_of(enum place place, size_t width) {
    const size_t line = PAGE_BYTES - LINE_BYTES;
    switch (place) {
    case ALIGNED: return line;
    case WITHIN_LINE: return line + WITHIN_SHIFT;
    case ACROSS_LINES: return line - width / 2;
    default: return PAGE_BYTES - width / 2;
    }
}

static lk_status alignment_split_build(split *self, const lk_value *values, lk_input input, uint64_t *pass,
                                       lk_message *message) {
    (void)input;
    const lk_vector_ops *ops = lk_vector_ops_of(values[P_VECTOR].number, message);
    if (!ops) {
        return LK_UNSUPPORTED;
    }
    self->touched = (size_t)values[P_TOUCHED].number;
    self->width = (unsigned)values[P_VECTOR].number;
    self->op = (enum op)values[P_OP].level;
    self->ops = ops;
    const lk_status status = lk_region_map(&self->region, (self->touched + 1) * PAGE_BYTES, LK_PAGES_SMALL, message);
    if (status != LK_OK) {
        return status;
    }
    self->at = self->region.data + offset_of((enum place)values[P_PLACE].level, self->width);
    for (size_t page = 0; page < self->touched; page++) { /* what is loaded is the same wherever it lies */
        memset(self->at + page * PAGE_BYTES, (int)(page % 251 + 1), self->width);
    }
    *pass = 1;
    return LK_OK;
}

static lk_status alignment_split_run(void *state, uint64_t first, uint64_t count, lk_result *result) {
    (void)first; /* every iteration is the same */
    const split *self = state;
    const size_t mask = self->touched - 1;
    uint64_t check = 0;
    if (self->op == LOAD) {
        for (uint64_t i = 0; i < count; i++) {
            check += self->ops->load_at(self->at, PAGE_BYTES, mask, ACCESSES);
        }
    } else {
        for (uint64_t i = 0; i < count; i++) {
            uint64_t word;
            self->ops->store_at(self->at, PAGE_BYTES, mask, ACCESSES, LK_FILL);
            memcpy(&word, self->at, sizeof word);
            check += word;
        }
    }
    const uint64_t accesses = count * ACCESSES;
    *result = (lk_result){.checksum = check, .items = accesses, .bytes = accesses * self->width};
    return LK_OK;
}

LK_KERNEL(alignment_split, split, .name = "alignment.split", .item = "access",
          .help = "single vector accesses inside a line, across two lines, across two pages");
