/* nodes.h: nodes.def as tables. */
#ifndef FE_NODES_H
#define FE_NODES_H

#include "kinds.h"

typedef struct fe_field_info {
    const char *name;
    uint8_t type;  /* fe_field_type */
    uint8_t since; /* minor version that has it; 0: all */
} fe_field_info;

typedef struct fe_kind_info {
    const char *name;
    const fe_field_info *fields;
    uint8_t field_count;
    uint8_t located;
} fe_kind_info;

extern const fe_kind_info fe_kind_infos[FE_KIND_COUNT]; /* nodes.c; hidden symbol */

#endif
