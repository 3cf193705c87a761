/* input.h: the container that all input files share.
 *
 * Little-endian. Bytes 0-7 name the format ("LKROWS", padded with NUL), 8-11 the version (1), 12-15 the number of
 * sections, then one (offset, length) pair of u64 per section, in bytes from the start of the file. Sections start
 * at multiples of 64 and lie within the file. What each section holds is told in the kernel that reads it.
 */
#ifndef LK_INPUT_H
#define LK_INPUT_H

#include "lk/kernel.h"

enum { LK_INPUT_VERSION = 1, LK_INPUT_SECTIONS = 8 };

/* Borrowed from the mapped file. */
typedef struct lk_section {
    const void *data;
    size_t bytes;
} lk_section;

/* Fills sections[count], count <= LK_INPUT_SECTIONS. LK_BAD_INPUT, with the reason in *message, where the file is
 * missing, of another format or version, or damaged. */
lk_status lk_input_open(lk_input input, const char *format, size_t count, lk_section *sections, lk_message *message);

/* Whether `offsets` holds rows + 1 non-decreasing u64 from 0 to `limit`, for some rows >= 0; *rows is set if so. */
int lk_input_offsets(lk_section offsets, uint64_t limit, size_t *rows);

#endif
