/* kinds.h: what a node can be, the numbers of its fields, and the small enumerations that fields hold.
 *
 * FE_KIND_Name, FE_Name_id, FE_Name_FIELDS ... are made from nodes.def.
 */
#ifndef FE_KINDS_H
#define FE_KINDS_H

#include <stdint.h>

typedef enum fe_kind {
    FE_KIND_NONE = 0, /* no node has it: a reference of 0 is no node */
#define FE_NODE(kind, located) FE_KIND_##kind,
#define FE_FIELD(kind, name, type, since)
#define FE_END(kind)
#include "nodes.def"
#undef FE_NODE
#undef FE_FIELD
#undef FE_END
    FE_KIND_COUNT
} fe_kind;

#define FE_NODE(kind, located) enum {
#define FE_FIELD(kind, name, type, since) FE_##kind##_##name,
#define FE_END(kind)                                                                                                   \
    FE_##kind##_FIELDS                                                                                                 \
    }                                                                                                                  \
    ;
#include "nodes.def"
#undef FE_NODE
#undef FE_FIELD
#undef FE_END

typedef enum fe_field_type {
    FE_FIELD_NAME,
    FE_FIELD_OPT_NAME,
    FE_FIELD_NAMES,
    FE_FIELD_NODE,
    FE_FIELD_OPT_NODE,
    FE_FIELD_NODES,
    FE_FIELD_HOLES,
    FE_FIELD_INT,
    FE_FIELD_CTX,
    FE_FIELD_BOOLOP,
    FE_FIELD_OPERATOR,
    FE_FIELD_UNARYOP,
    FE_FIELD_CMPOPS,
    FE_FIELD_CONSTANT,
    FE_FIELD_PAYLOAD,
    FE_FIELD_UNICODE,
    FE_FIELD_TEXT
} fe_field_type;

/* In the order of the tables of emit.c. */
typedef enum fe_context { FE_LOAD, FE_STORE, FE_DEL } fe_context;
typedef enum fe_boolop { FE_AND, FE_OR } fe_boolop;
typedef enum fe_operator {
    FE_ADD,
    FE_SUB,
    FE_MULT,
    FE_MATMULT,
    FE_DIV,
    FE_MOD,
    FE_POW,
    FE_LSHIFT,
    FE_RSHIFT,
    FE_BITOR,
    FE_BITXOR,
    FE_BITAND,
    FE_FLOORDIV
} fe_operator;
typedef enum fe_unaryop { FE_INVERT, FE_NOT, FE_UADD, FE_USUB } fe_unaryop;
typedef enum fe_cmpop { FE_EQ, FE_NOTEQ, FE_LT, FE_LTE, FE_GT, FE_GTE, FE_IS, FE_ISNOT, FE_IN, FE_NOTIN } fe_cmpop;

/* Constant.value. The text of a NUMBER constant is its source; that of a STRING or BYTES constant
 * is its decoded value, a STRING as UTF-8 in which lone surrogates are coded like any other code point (WTF-8). Where
 * the payload is 0 it is neither stored nor decoded yet: the constant is made of the tokens first .. last of its node.
 */
typedef enum fe_constant {
    FE_CONST_NONE,
    FE_CONST_TRUE,
    FE_CONST_FALSE,
    FE_CONST_ELLIPSIS,
    FE_CONST_NUMBER, /* int, float or imaginary, as the text says */
    FE_CONST_STRING,
    FE_CONST_BYTES
} fe_constant;

#endif
