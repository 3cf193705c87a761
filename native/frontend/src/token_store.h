/* token_store.h: what the lexer makes: kinds and places of tokens; tokens.h reads and writes them in the variant's way.
 *
 * Comments and line ends inside brackets leave no token. A token's text is source[start .. end). NEWLINE, INDENT,
 * DEDENT and END have start = end where nothing stands for them. In 3.11 the fields of f-strings are lexed by the
 * parser when it meets them; their tokens follow END, each run ended by an END of its own.
 */
#ifndef FE_TOKEN_STORE_H
#define FE_TOKEN_STORE_H

#include <stdint.h>

typedef enum fe_token_kind {
    FE_T_END = 0,
    FE_T_NEWLINE,
    FE_T_INDENT,
    FE_T_DEDENT,
    /* names: FE_T_NAME .. FE_T_NAME_LAST; the soft keywords are names that the parser may read otherwise */
    FE_T_NAME,
    FE_T_NAME_MATCH,
    FE_T_NAME_CASE,
    FE_T_NAME_TYPE,
    FE_T_NAME_UNDERSCORE,
    FE_T_NAME_FOREIGN, /* holds a character beyond ASCII: NFKC applies */
    FE_T_NAME_LAST = FE_T_NAME_FOREIGN,
    FE_T_NUMBER,
    FE_T_STRING_PLAIN,  /* no prefix, one line, one quote, printable ASCII, no backslash: its value is its inside */
    FE_T_STRING,        /* any other string or bytes, not an f-string */
    FE_T_FSTRING,       /* of 3.11, whole: the parser takes it apart */
    FE_T_FSTRING_START, /* of 3.12 and later: prefix and quotes */
    FE_T_TSTRING_START,
    FE_T_FSTRING_MIDDLE, /* text, may be empty */
    FE_T_FSTRING_END,
    FE_T_TEXT_LAST = FE_T_FSTRING_END, /* names, numbers and strings up to here: without VIEWS, their text is copied */
    /* operators */
    FE_T_LPAR,
    FE_T_RPAR,
    FE_T_LSQB,
    FE_T_RSQB,
    FE_T_LBRACE,
    FE_T_RBRACE,
    FE_T_COMMA,
    FE_T_COLON,
    FE_T_COLONEQUAL,
    FE_T_SEMI,
    FE_T_DOT,
    FE_T_ELLIPSIS,
    FE_T_ARROW,
    FE_T_EQUAL,
    FE_T_TILDE,
    FE_T_EXCLAMATION, /* ! alone, and $ ? `: legal nowhere */
    /* binary operators in the order of fe_operator */
    FE_T_PLUS,
    FE_T_MINUS,
    FE_T_STAR,
    FE_T_AT,
    FE_T_SLASH,
    FE_T_PERCENT,
    FE_T_DOUBLESTAR,
    FE_T_LEFTSHIFT,
    FE_T_RIGHTSHIFT,
    FE_T_VBAR,
    FE_T_CIRCUMFLEX,
    FE_T_AMPER,
    FE_T_DOUBLESLASH,
    /* augmented assignments in the order of fe_operator */
    FE_T_PLUSEQUAL,
    FE_T_MINEQUAL,
    FE_T_STAREQUAL,
    FE_T_ATEQUAL,
    FE_T_SLASHEQUAL,
    FE_T_PERCENTEQUAL,
    FE_T_DOUBLESTAREQUAL,
    FE_T_LEFTSHIFTEQUAL,
    FE_T_RIGHTSHIFTEQUAL,
    FE_T_VBAREQUAL,
    FE_T_CIRCUMFLEXEQUAL,
    FE_T_AMPEREQUAL,
    FE_T_DOUBLESLASHEQUAL,
    /* comparisons in the order of fe_cmpop, as far as they are one token */
    FE_T_EQEQUAL,
    FE_T_NOTEQUAL,
    FE_T_LESS,
    FE_T_LESSEQUAL,
    FE_T_GREATER,
    FE_T_GREATEREQUAL,
    /* keywords, in alphabetical order */
    FE_T_FALSE,
    FE_T_NONE,
    FE_T_TRUE,
    FE_T_AND,
    FE_T_AS,
    FE_T_ASSERT,
    FE_T_ASYNC,
    FE_T_AWAIT,
    FE_T_BREAK,
    FE_T_CLASS,
    FE_T_CONTINUE,
    FE_T_DEF,
    FE_T_DEL,
    FE_T_ELIF,
    FE_T_ELSE,
    FE_T_EXCEPT,
    FE_T_FINALLY,
    FE_T_FOR,
    FE_T_FROM,
    FE_T_GLOBAL,
    FE_T_IF,
    FE_T_IMPORT,
    FE_T_IN,
    FE_T_IS,
    FE_T_LAMBDA,
    FE_T_NONLOCAL,
    FE_T_NOT,
    FE_T_OR,
    FE_T_PASS,
    FE_T_RAISE,
    FE_T_RETURN,
    FE_T_TRY,
    FE_T_WHILE,
    FE_T_WITH,
    FE_T_YIELD,
    FE_T_COUNT
} fe_token_kind;

/* The tokens of a task. Which members are set is up to the variant; the arrays belong to buffers of the task. */
typedef struct fe_tokens {
    uint32_t count;
    uint32_t capacity;
    uint8_t *kind;     /* SOA */
    uint32_t *start;   /* SOA */
    uint32_t *end;     /* SOA */
    uint32_t *line;    /* SOA */
    const char **text; /* SOA without VIEWS */
    void *records;     /* without SOA: fe_token[] */
} fe_tokens;

#endif
