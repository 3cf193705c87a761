/* parse_parameters.c: what functions and lambdas take. */
#include "parser.h"

typedef enum annotation { ANNOTATION_NONE, ANNOTATION_PLAIN, ANNOTATION_STARRED } annotation;

static fe_ref parse_parameter(parser *p, annotation may_have) {
    const uint32_t first = p->at;
    const fe_name name = name_next(p);
    fe_ref type = 0;
    if (may_have != ANNOTATION_NONE && parser_accept(p, FE_T_COLON)) {
        const bool is_starred = may_have == ANNOTATION_STARRED && parser_kind(p) == FE_T_STAR;
        type = is_starred ? parse_starred(p, BINDS_BITOR) : parse_expression(p);
    }
    return NODE(p, arg, first, p->at - 1, .arg = name, .annotation = type);
}

static fe_ref parse_default_value(parser *p) {
    if (!parser_accept(p, FE_T_EQUAL)) {
        return 0;
    }
    if (parser_kind(p) == FE_T_COMMA || parser_kind(p) == FE_T_RPAR) {
        COMPLAIN(p, p->at - 1, "expected default value expression");
    }
    return parse_expression(p);
}

/* Passes the comma behind a parameter, which ended in an expression or in its name; false: the closing token follows.
 */
static bool parameter_goes_on(parser *p, unsigned closer, bool has_expression) {
    if (!parser_accept(p, FE_T_COMMA)) {
        if (PM_UNLIKELY(parser_kind(p) != closer)) {
            if (has_expression) {
                parse_comma_complaint(p);
            }
            COMPLAIN(p, p->at, closer == FE_T_RPAR ? "expected ',' or ')'" : "expected ',' or ':'");
        }
        return false;
    }
    return parser_kind(p) != closer;
}

/* What follows a `*` or `**`, at which p->at is: into the fields of `made`; parameters and defaults by turns on the
 * stack from `mark` on. */
static void parse_star_parameters(parser *p, unsigned closer, annotation plain_ones, fields_arguments *made) {
    const uint32_t mark = p->used;
    bool more = true;
    if (parser_kind(p) == FE_T_STAR) {
        const uint32_t star = p->at++;
        if (parser_kind(p) == FE_T_COMMA) {
            p->at++;
            if (!kind_is_name(parser_kind(p))) {
                COMPLAIN(p, star, "named arguments must follow bare *");
            }
        } else {
            if (parser_kind(p) == closer) {
                COMPLAIN(p, star, "named arguments must follow bare *");
            }
            made->vararg = parse_parameter(p, plain_ones == ANNOTATION_NONE ? ANNOTATION_NONE : ANNOTATION_STARRED);
            if (parser_kind(p) == FE_T_EQUAL) {
                COMPLAIN(p, p->at, "var-positional argument cannot have default value");
            }
            more = parameter_goes_on(p, closer, p->at > star + 2);
        }
        while (more && parser_kind(p) != FE_T_DOUBLESTAR) {
            if (parser_kind(p) == FE_T_STAR) {
                COMPLAIN(p, p->at, "* argument may appear only once");
            }
            if (parser_kind(p) == FE_T_SLASH) {
                COMPLAIN(p, p->at, "/ must be ahead of *");
            }
            const uint32_t first = p->at;
            parser_push(p, parse_parameter(p, plain_ones));
            parser_push(p, parse_default_value(p));
            more = parameter_goes_on(p, closer, p->at > first + 1);
        }
    }
    if (more) {
        const uint32_t stars = p->at++;
        made->kwarg = parse_parameter(p, plain_ones);
        if (parser_kind(p) == FE_T_EQUAL) {
            COMPLAIN(p, p->at, "var-keyword argument cannot have default value");
        }
        if (parameter_goes_on(p, closer, p->at > stars + 2)) {
            COMPLAIN(p, p->at, "arguments cannot follow var-keyword argument");
        }
    }
    made->kwonlyargs = parser_pick(p, mark, p->used);
    made->kw_defaults = parser_pick(p, mark + 1, p->used);
    p->used = mark;
}

/* Parameters up to their closing token, `)` or `:`, which is passed. */
static fe_ref parse_parameters(parser *p, unsigned closer) {
    const uint32_t first = p->at;
    const annotation plain_ones = closer == FE_T_RPAR ? ANNOTATION_PLAIN : ANNOTATION_NONE;
    fields_arguments made = {0};
    const uint32_t mark = p->used;
    uint32_t positional_only = mark, first_default = UINT32_MAX; /* places on the stack */
    bool more = parser_kind(p) != closer;
    while (more && parser_kind(p) != FE_T_STAR && parser_kind(p) != FE_T_DOUBLESTAR) {
        const uint32_t place = p->at;
        if (PM_UNLIKELY(parser_kind(p) == FE_T_SLASH)) {
            if (p->used == mark) {
                COMPLAIN(p, p->at, "at least one argument must precede /");
            }
            if (positional_only != mark) {
                COMPLAIN(p, p->at, "/ may appear only once");
            }
            positional_only = p->used;
            p->at++;
        } else {
            const fe_ref made_one = parse_parameter(p, plain_ones);
            parser_push(p, made_one);
            const fe_ref value = parse_default_value(p);
            parser_push(p, value);
            if (value != 0) {
                first_default = first_default < p->used - 1 ? first_default : p->used - 1;
            } else if (PM_UNLIKELY(first_default != UINT32_MAX)) {
                /* what may not follow a parameter at all is complained of first */
                (void)parameter_goes_on(p, closer, p->at > place + 1);
                COMPLAIN(p, place, "non-default argument follows default argument");
            }
        }
        more = parameter_goes_on(p, closer, p->at > place + 1);
    }
    if (more) {
        parse_star_parameters(p, closer, plain_ones, &made);
    }
    made.posonlyargs = parser_pick(p, mark, positional_only);
    made.args = parser_pick(p, positional_only, p->used);
    made.defaults = first_default == UINT32_MAX ? 0 : parser_pick(p, first_default, p->used);
    p->used = mark;
    p->at++;
    return make_arguments(p, first, p->at - 1, made);
}
