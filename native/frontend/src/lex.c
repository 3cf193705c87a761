/* The rules of Python's tokens that are rare or long: numbers, foreign identifiers, indentation with tabs; and how they
 * are broken. The rules, and what is said where they are broken, are those of CPython 3.11's tokenizer.c. */
#include "lex.h"

#define NAME FE_T_NAME
#define RUN LEX_RUN
#define BAD LEX_INVALID
const uint8_t lex_first[256] = {
    [0] = LEX_END,
    [1 ... 8] = BAD,
    ['\t'] = LEX_BLANK,
    ['\n'] = LEX_NEWLINE,
    ['\v'] = BAD,
    ['\f'] = LEX_BLANK,
    ['\r'] = BAD,
    [14 ... 31] = BAD,
    [' '] = LEX_BLANK,
    ['!'] = RUN,
    ['"'] = LEX_QUOTE,
    ['#'] = LEX_COMMENT,
    ['$' ... '&'] = RUN,
    ['\''] = LEX_QUOTE,
    ['(' ... '/'] = RUN,
    ['0' ... '9'] = LEX_DIGIT,
    [':' ... '@'] = RUN,
    ['A' ... 'Z'] = NAME,
    ['['] = RUN,
    ['\\'] = LEX_BACKSLASH,
    [']' ... '^'] = RUN,
    ['_'] = NAME,
    ['`'] = RUN,
    ['a' ... 'z'] = NAME,
    ['{' ... '~'] = RUN,
    [127] = BAD,
    [128 ... 255] = LEX_FOREIGN,
};
#undef NAME
#undef RUN
#undef BAD

/* ---- numbers ---- */

static bool is_hex(uint8_t c) {
    return lex_is_digit(c) || (uint8_t)((c | 0x20) - 'a') <= 5;
}

/* Behind a digit: digits, single underscores between them. */
static uint32_t skip_digits(fe_task *task, uint32_t at) {
    const uint8_t *source = task->source;
    for (;;) {
        while (lex_is_digit(source[at])) {
            at++;
        }
        if (source[at] != '_') {
            return at;
        }
        if (!lex_is_digit(source[++at])) {
            fe_fail_at(task, FE_SYNTAX, at - 1, "invalid decimal literal");
        }
    }
}

/* Whether a keyword that may follow a number at once stands at `at`. CPython does not look behind "if", "in", "is". */
static bool is_keyword_behind_number(const uint8_t *source, uint32_t at) {
    static const char *const keywords[] = {"and", "else", "for", "or", "not"};
    if (source[at] == 'i') {
        return source[at + 1] == 'f' || source[at + 1] == 'n' || source[at + 1] == 's';
    }
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        uint32_t k = 0;
        while (keywords[i][k] && source[at + k] == (uint8_t)keywords[i][k]) {
            k++;
        }
        if (!keywords[i][k]) {
            return !lex_is_word(source[at + k]) && source[at + k] < 0x80;
        }
    }
    return false;
}

static uint32_t end_number(fe_task *task, uint32_t at, const char *kind) {
    if (lex_is_word(task->source[at]) && !is_keyword_behind_number(task->source, at)) {
        fe_fail_at(task, FE_SYNTAX, at - 1, "invalid %s literal", kind);
    }
    return at;
}

/* From the letter of 0x, 0o or 0b on. */
static uint32_t skip_radix(fe_task *task, uint32_t at, unsigned radix, const char *kind) {
    const uint8_t *source = task->source;
    at++;
    do {
        at += source[at] == '_';
        const uint32_t first = at;
        while (radix == 16 ? is_hex(source[at]) : (uint8_t)(source[at] - '0') < radix) {
            at++;
        }
        if (lex_is_digit(source[at])) {
            fe_fail_at(task, FE_SYNTAX, at, "invalid digit '%c' in %s literal", source[at], kind);
        }
        if (at == first) {
            fe_fail_at(task, FE_SYNTAX, at - 1, "invalid %s literal", kind);
        }
    } while (source[at] == '_');
    return end_number(task, at, kind);
}

/* From behind the digits before the period on: fraction, exponent, imaginary unit. */
static uint32_t skip_fraction(fe_task *task, uint32_t at) {
    const uint8_t *source = task->source;
    if (source[at] == '.') {
        at++;
        if (lex_is_digit(source[at])) {
            at = skip_digits(task, at);
        }
    }
    if ((source[at] | 0x20) == 'e') {
        const uint32_t sign = source[at + 1] == '+' || source[at + 1] == '-';
        if (lex_is_digit(source[at + 1 + sign])) {
            at = skip_digits(task, at + 1 + sign);
        } else if (sign) {
            fe_fail_at(task, FE_SYNTAX, at + 1, "invalid decimal literal");
        } else {
            return end_number(task, at, "decimal");
        }
    }
    if ((source[at] | 0x20) == 'j') {
        return end_number(task, at + 1, "imaginary");
    }
    return end_number(task, at, "decimal");
}

uint32_t lex_number(fe_task *task, uint32_t at) {
    const uint8_t *source = task->source;
    const uint32_t start = at;
    if (source[at] == '0') {
        switch (source[at + 1] | 0x20) {
        case 'x': return skip_radix(task, at + 1, 16, "hexadecimal");
        case 'o': return skip_radix(task, at + 1, 8, "octal");
        case 'b': return skip_radix(task, at + 1, 2, "binary");
        default: break;
        }
    }
    if (source[at] == '.') {
        return skip_fraction(task, at);
    }
    at = skip_digits(task, at);
    const uint8_t behind = source[at];
    if (source[start] == '0' && behind != '.' && (behind | 0x20) != 'e' && (behind | 0x20) != 'j') {
        for (uint32_t i = start; i < at; i++) {
            if (source[i] != '0' && source[i] != '_') {
                fe_fail_at(task, FE_SYNTAX, start,
                           "leading zeros in decimal integer literals are not permitted; "
                           "use an 0o prefix for octal integers");
            }
        }
    }
    return skip_fraction(task, at);
}

/* ---- operators ---- */

uint32_t lex_operator_bytes(const uint8_t *source, uint32_t at, uint32_t limit) {
    const uint8_t a = source[at];
    const uint8_t b = at + 1 < limit ? source[at + 1] : 0, c = at + 2 < limit ? source[at + 2] : 0;
    switch (a) {
    case '.': return b == '.' && c == '.' ? 3 : 1;
    case '*':
    case '/':
    case '<':
    case '>':
        if (b == a) {
            return c == '=' ? 3 : 2;
        }
        return b == '=' ? 2 : 1;
    case '-': return b == '=' || b == '>' ? 2 : 1;
    case '=':
    case '!':
    case '+':
    case '%':
    case '&':
    case '|':
    case '^':
    case '@':
    case ':': return b == '=' ? 2 : 1;
    default: return 1;
    }
}

/* ---- names ---- */

uint8_t lex_prefix(const fe_dialect *dialect, const uint8_t *text, uint32_t bytes) {
    if (bytes == 0 || bytes > 2) {
        return 0;
    }
    const uint8_t a = text[0] | 0x20, b = bytes == 2 ? text[1] | 0x20 : 'r';
    if (a != 'r' && b != 'r') {
        return 0;
    }
    switch (a == 'r' ? b : a) { /* the letter that is no r, or r alone */
    case 'f': return dialect->fstring_tokens ? FE_T_FSTRING_START : FE_T_FSTRING;
    case 't': return dialect->template_strings ? FE_T_TSTRING_START : 0;
    case 'b': return FE_T_STRING;
    case 'r':
    case 'u': return bytes == 1 ? FE_T_STRING : 0;
    default: return 0;
    }
}

/* The character at `at` of checked UTF-8. */
static uint32_t code_point(const uint8_t *source, uint32_t at, uint32_t *bytes) {
    const uint8_t lead = source[at];
    const uint32_t count = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    uint32_t code = count == 1 ? lead : lead & (0x7f >> count);
    for (uint32_t i = 1; i < count; i++) {
        code = code << 6 | (source[at + i] & 0x3f);
    }
    *bytes = count;
    return code;
}

typedef struct code_range {
    uint32_t first, last;
} code_range;

static bool is_in(uint32_t code, const code_range *ranges, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (code >= ranges[i].first && code <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

/* Blocks of punctuation, spaces, symbols and private use without a character that XID_Continue or NFKC lets into an
 * identifier (Unicode 14.0); of Latin-1 all such characters. */
static bool is_never_in_identifier(uint32_t code) {
    static const code_range ranges[] = {
        {0x80, 0xa9},     {0xab, 0xb4},       {0xb6, 0xb6},       {0xb8, 0xb9},     {0xbb, 0xbf},     {0xd7, 0xd7},
        {0xf7, 0xf7},     {0x2000, 0x203e},   {0x2041, 0x2053},   {0x2055, 0x2070}, {0x20a0, 0x20cf}, {0x2190, 0x245f},
        {0x2500, 0x2bff}, {0x3000, 0x3004},   {0x3008, 0x3020},   {0xe000, 0xf8ff}, {0xfeff, 0xfeff}, {0xff01, 0xff0f},
        {0xfff0, 0xffff}, {0x1f300, 0x1faff}, {0xf0000, 0x10ffff}};
    return is_in(code, ranges, sizeof ranges / sizeof *ranges);
}

static bool is_invisible(uint32_t code) {
    static const code_range ranges[] = {{0, 0x1f},        {0x7f, 0xa0},     {0xad, 0xad},     {0x2000, 0x200f},
                                        {0x2028, 0x202f}, {0x205f, 0x206f}, {0x3000, 0x3000}, {0xe000, 0xf8ff},
                                        {0xfeff, 0xfeff}, {0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0xf0000, 0x10ffff}};
    return is_in(code, ranges, sizeof ranges / sizeof *ranges);
}

void lex_fail_invalid(fe_task *task, uint32_t at) {
    uint32_t bytes;
    const uint32_t code = code_point(task->source, at, &bytes);
    if (is_invisible(code)) {
        fe_fail_at(task, FE_SYNTAX, at, "invalid non-printable character U+%04X", (unsigned)code);
    }
    fe_fail_at(task, FE_SYNTAX, at, "invalid character '%.*s' (U+%04X)", (int)bytes, (const char *)task->source + at,
               (unsigned)code);
}

uint32_t lex_foreign(fe_task *task, uint32_t start) {
    const uint8_t *source = task->source;
    uint32_t at = start, bytes;
    for (;; at += bytes) {
        bytes = 1;
        if (source[at] >= 0x80) {
            if (is_never_in_identifier(code_point(source, at, &bytes))) {
                lex_fail_invalid(task, at);
            }
        } else if (!lex_is_word(source[at])) {
            return at;
        }
    }
}

/* ---- lines ---- */

uint32_t lex_continued(fe_task *task, uint32_t at) {
    if (at + 1 < task->bytes && task->source[at + 1] != '\n') {
        fe_fail_at(task, FE_SYNTAX, at + 1, "unexpected character after line continuation character");
    }
    if (at + 2 >= task->bytes) {
        fe_fail_at(task, FE_SYNTAX, at, "unexpected EOF while parsing");
    }
    return at + 2;
}

lex_indentation lex_indentation_of(fe_task *task, uint32_t at, uint32_t line) {
    const uint8_t *source = task->source;
    lex_indentation out = {0};
    uint32_t first = 0; /* the column of the first backslash that does not stand at column 0 */
    for (;; at++) {
        const uint8_t c = source[at];
        if (c == ' ') {
            out.column++;
            out.alternate++;
        } else if (c == '\t') {
            out.column = (out.column / 8 + 1) * 8;
            out.alternate++;
        } else if (c == '\f') {
            out.column = out.alternate = 0;
        } else if (c == '\\') {
            first = first ? first : out.column;
            at = lex_continued(task, at) - 1;
            task->line_start[line + out.lines] = at + 1;
            out.lines++;
        } else {
            break;
        }
    }
    if (first) { /* a backslash does not split an indentation: the blanks before it are all of it */
        out.column = out.alternate = first;
    }
    out.at = at;
    return out;
}

/* ---- what fails in several places ---- */

static unsigned line_of(const fe_task *task, uint32_t at) {
    unsigned line = 1;
    for (uint32_t i = 0; i < at; i++) {
        line += task->source[i] == '\n';
    }
    return line;
}

void lex_fail_unterminated(fe_task *task, uint32_t start, uint32_t quotes, uint32_t end) {
    unsigned line = line_of(task, end);
    if (end == task->bytes && end > 0 && task->source[end - 1] == '\n') {
        line--; /* where the last line ends, no other begins */
    }
    fe_fail_at(task, FE_SYNTAX, start, "unterminated %sstring literal (detected at line %u)",
               quotes == 3 ? "triple-quoted " : "", line);
}

void lex_fail_bracket(fe_task *task, uint32_t opened, uint32_t at) {
    const uint8_t *source = task->source;
    if (opened == at) {
        fe_fail_at(task, FE_SYNTAX, at, "unmatched '%c'", source[at]);
    }
    const unsigned line = line_of(task, opened);
    if (line != line_of(task, at)) {
        fe_fail_at(task, FE_SYNTAX, at, "closing parenthesis '%c' does not match opening parenthesis '%c' on line %u",
                   source[at], source[opened], line);
    }
    fe_fail_at(task, FE_SYNTAX, at, "closing parenthesis '%c' does not match opening parenthesis '%c'", source[at],
               source[opened]);
}

void lex_fail_unclosed(fe_task *task, uint32_t open) {
    fe_fail_at(task, FE_SYNTAX, open, "'%c' was never closed", task->source[open]);
}
