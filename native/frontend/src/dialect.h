/* dialect.h: what differs between the versions of the language, in one table: everything else asks it.
 *
 * Fields of nodes that a version lacks are marked in nodes.def (`since`).
 */
#ifndef FE_DIALECT_H
#define FE_DIALECT_H

#include <stdbool.h>
#include <stdint.h>

typedef struct fe_dialect {
    uint8_t minor;                /* of the version: 11 for Python 3.11 */
    bool line_end_again;          /* a second line end behind a CR LF that comes last (3.11) */
    bool fstring_tokens;          /* PEP 701: f-strings are tokens, with fields that hold any expression (3.12) */
    bool type_parameters;         /* PEP 695: `type` statements, [T] behind names of functions and classes (3.12) */
    bool type_defaults;           /* PEP 696: defaults of type parameters (3.13) */
    bool leaves_out_empty;        /* ast.dump leaves out empty lists unless show_empty is given (3.13) */
    bool template_strings;        /* PEP 750: t-strings (3.14) */
    bool bare_exceptions;         /* PEP 758: `except A, B:` (3.14) */
    bool format_keeps_pieces;     /* the texts of a format are a Constant each, empty ones too (3.12) */
    bool format_text_at_colon;    /* a format of text in several pieces begins with its colon (3.14) */
    bool shown_text_has_escapes;  /* the text that {x=} shows is read like any text of the string (up to 3.13) */
    bool knows_strings_in_fields; /* a # in a string is no comment in the text that {x=} shows (3.14) */
    bool format_ends_at_end;      /* behind a field in a format, doubled braces mean a brace again (3.13) */
    bool format_has_one_line;     /* of an f-string in single quotes: a line end there is an error (3.14) */
} fe_dialect;

/* Of Python 3.minor; static, NULL where it is not known. dialect.c. */
const fe_dialect *fe_dialect_of(uint32_t minor);

#endif
