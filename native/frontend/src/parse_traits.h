/* parse_traits.h: what the kinds of tokens are to expressions, as tables. */
#ifndef FE_PARSE_TRAITS_H
#define FE_PARSE_TRAITS_H

#include "token_store.h"

/* How strongly a token binds what stands before it, as an operator; 0: it is none. */
enum {
    BINDS_OR = 1,
    BINDS_AND,
    BINDS_NOT,
    BINDS_COMPARISON,
    BINDS_BITOR,
    BINDS_BITXOR,
    BINDS_BITAND,
    BINDS_SHIFT,
    BINDS_SUM,
    BINDS_TERM,
    BINDS_SIGN,
    BINDS_POWER
};

static const uint8_t BINDING[FE_T_COUNT] = {
    [FE_T_OR] = BINDS_OR,
    [FE_T_AND] = BINDS_AND,
    [FE_T_EQEQUAL] = BINDS_COMPARISON,
    [FE_T_NOTEQUAL] = BINDS_COMPARISON,
    [FE_T_LESS] = BINDS_COMPARISON,
    [FE_T_LESSEQUAL] = BINDS_COMPARISON,
    [FE_T_GREATER] = BINDS_COMPARISON,
    [FE_T_GREATEREQUAL] = BINDS_COMPARISON,
    [FE_T_IS] = BINDS_COMPARISON,
    [FE_T_IN] = BINDS_COMPARISON,
    [FE_T_NOT] = BINDS_COMPARISON, /* as the beginning of `not in` */
    [FE_T_VBAR] = BINDS_BITOR,
    [FE_T_CIRCUMFLEX] = BINDS_BITXOR,
    [FE_T_AMPER] = BINDS_BITAND,
    [FE_T_LEFTSHIFT] = BINDS_SHIFT,
    [FE_T_RIGHTSHIFT] = BINDS_SHIFT,
    [FE_T_PLUS] = BINDS_SUM,
    [FE_T_MINUS] = BINDS_SUM,
    [FE_T_STAR] = BINDS_TERM,
    [FE_T_AT] = BINDS_TERM,
    [FE_T_SLASH] = BINDS_TERM,
    [FE_T_PERCENT] = BINDS_TERM,
    [FE_T_DOUBLESLASH] = BINDS_TERM,
    [FE_T_DOUBLESTAR] = BINDS_POWER,
};

enum {
    BEGINS = 1, /* an expression may begin with it; a starred one too */
    PLAIN = 2,  /* it may be an expression by itself */
    GOES_ON = 4 /* behind a plain one it belongs to the same expression */
};

static const uint8_t TRAITS[FE_T_COUNT] = {
    [FE_T_NAME] = BEGINS | PLAIN,
    [FE_T_NAME_MATCH] = BEGINS | PLAIN,
    [FE_T_NAME_CASE] = BEGINS | PLAIN,
    [FE_T_NAME_TYPE] = BEGINS | PLAIN,
    [FE_T_NAME_UNDERSCORE] = BEGINS | PLAIN,
    [FE_T_NAME_FOREIGN] = BEGINS | PLAIN,
    [FE_T_NUMBER] = BEGINS | PLAIN,
    [FE_T_STRING_PLAIN] = BEGINS | PLAIN | GOES_ON,
    [FE_T_STRING] = BEGINS | GOES_ON,
    [FE_T_FSTRING] = BEGINS | GOES_ON,
    [FE_T_FSTRING_START] = BEGINS | GOES_ON,
    [FE_T_TSTRING_START] = BEGINS | GOES_ON,
    [FE_T_FALSE] = BEGINS | PLAIN,
    [FE_T_NONE] = BEGINS | PLAIN,
    [FE_T_TRUE] = BEGINS | PLAIN,
    [FE_T_ELLIPSIS] = BEGINS | PLAIN,
    [FE_T_LPAR] = BEGINS | GOES_ON,
    [FE_T_LSQB] = BEGINS | GOES_ON,
    [FE_T_LBRACE] = BEGINS,
    [FE_T_LAMBDA] = BEGINS,
    [FE_T_TILDE] = BEGINS,
    [FE_T_AWAIT] = BEGINS,
    [FE_T_PLUS] = BEGINS | GOES_ON,
    [FE_T_MINUS] = BEGINS | GOES_ON,
    [FE_T_STAR] = BEGINS | GOES_ON,
    [FE_T_NOT] = BEGINS | GOES_ON,
    [FE_T_DOT] = GOES_ON,
    [FE_T_IF] = GOES_ON,
    [FE_T_OR] = GOES_ON,
    [FE_T_AND] = GOES_ON,
    [FE_T_EQEQUAL] = GOES_ON,
    [FE_T_NOTEQUAL] = GOES_ON,
    [FE_T_LESS] = GOES_ON,
    [FE_T_LESSEQUAL] = GOES_ON,
    [FE_T_GREATER] = GOES_ON,
    [FE_T_GREATEREQUAL] = GOES_ON,
    [FE_T_IS] = GOES_ON,
    [FE_T_IN] = GOES_ON,
    [FE_T_AT] = GOES_ON,
    [FE_T_SLASH] = GOES_ON,
    [FE_T_PERCENT] = GOES_ON,
    [FE_T_DOUBLESTAR] = GOES_ON,
    [FE_T_LEFTSHIFT] = GOES_ON,
    [FE_T_RIGHTSHIFT] = GOES_ON,
    [FE_T_VBAR] = GOES_ON,
    [FE_T_CIRCUMFLEX] = GOES_ON,
    [FE_T_AMPER] = GOES_ON,
    [FE_T_DOUBLESLASH] = GOES_ON,
};

#endif
