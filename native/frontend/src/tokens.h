/* tokens.h: reading and writing tokens in the variant's way: as columns (SOA) or as records. */
#ifndef FE_TOKENS_H
#define FE_TOKENS_H

#include "token_store.h"
#include "variant.h"

/* A token as a record; without VIEWS its text is a copy of its own (names, numbers and strings; NULL for the rest). */
typedef struct fe_token {
    uint32_t start;
    uint32_t end;
    uint32_t line; /* from 1, where it starts */
    uint8_t kind;
#if !FE_VIEWS
    const char *text;
#endif
} fe_token;

#if FE_SOA
#define FE_TOKEN_KIND(tokens, i) ((tokens)->kind[i])
#define FE_TOKEN_START(tokens, i) ((tokens)->start[i])
#define FE_TOKEN_END(tokens, i) ((tokens)->end[i])
#define FE_TOKEN_LINE(tokens, i) ((tokens)->line[i])
#else
#define FE_TOKEN_KIND(tokens, i) (((fe_token *)(tokens)->records)[i].kind)
#define FE_TOKEN_START(tokens, i) (((fe_token *)(tokens)->records)[i].start)
#define FE_TOKEN_END(tokens, i) (((fe_token *)(tokens)->records)[i].end)
#define FE_TOKEN_LINE(tokens, i) (((fe_token *)(tokens)->records)[i].line)
#endif

/* The text of a name, number or string token: a slice of the source, or without VIEWS its copy. */
#if FE_VIEWS
#define FE_TOKEN_TEXT(task, i) ((const char *)(task)->source + FE_TOKEN_START(&(task)->tokens, i))
#elif FE_SOA
#define FE_TOKEN_TEXT(task, i) ((task)->tokens.text[i])
#else
#define FE_TOKEN_TEXT(task, i) (((fe_token *)(task)->tokens.records)[i].text)
#endif
#define FE_TOKEN_BYTES(tokens, i) (FE_TOKEN_END(tokens, i) - FE_TOKEN_START(tokens, i))

#endif
