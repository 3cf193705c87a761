/* nodes.def as tables. */
#include "nodes.h"

#define FE_NODE(kind, located) static const fe_field_info fields_of_##kind[] = {
#define FE_FIELD(kind, name, type, since) {#name, FE_FIELD_##type, since},
#define FE_END(kind)                                                                                                   \
    { 0 }                                                                                                              \
    }                                                                                                                  \
    ;
#include "nodes.def"
#undef FE_NODE
#undef FE_FIELD
#undef FE_END

const fe_kind_info fe_kind_infos[FE_KIND_COUNT] = {
#define FE_NODE(kind, located) [FE_KIND_##kind] = {#kind, fields_of_##kind, FE_##kind##_FIELDS, located},
#define FE_FIELD(kind, name, type, since)
#define FE_END(kind)
#include "nodes.def"
#undef FE_NODE
#undef FE_FIELD
#undef FE_END
};
