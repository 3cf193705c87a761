/* The versions of the language that the front end knows. */
#include "dialect.h"
#include <stddef.h>

static const fe_dialect DIALECTS[] = {
    {.minor = 11, .line_end_again = true},
    {.minor = 12,
     .fstring_tokens = true,
     .type_parameters = true,
     .format_keeps_pieces = true,
     .shown_text_has_escapes = true},
    {.minor = 13,
     .fstring_tokens = true,
     .type_parameters = true,
     .type_defaults = true,
     .leaves_out_empty = true,
     .format_ends_at_end = true,
     .shown_text_has_escapes = true},
    {.minor = 14,
     .fstring_tokens = true,
     .type_parameters = true,
     .type_defaults = true,
     .leaves_out_empty = true,
     .template_strings = true,
     .bare_exceptions = true,
     .format_ends_at_end = true,
     .format_has_one_line = true,
     .format_text_at_colon = true,
     .knows_strings_in_fields = true},
};

const fe_dialect *fe_dialect_of(uint32_t minor) {
    for (size_t i = 0; i < sizeof DIALECTS / sizeof *DIALECTS; i++) {
        if (DIALECTS[i].minor == minor) {
            return &DIALECTS[i];
        }
    }
    return NULL;
}
