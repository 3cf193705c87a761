/* parse_names.c: names from tokens: interned (with PREFETCH the next ones together), or copied at each occurrence.
 *
 * A window of tokens is looked through at once and its names interned by one call, which hashes and prefetches ahead of
 * probing. Windows are small: what they hold stays in the first cache, and nothing is allocated for them.
 */
#include "parser.h"

enum { NAME_BYTES = 256 }; /* longer ones are put together in a buffer */

/* The NFKC form of a name that is not ASCII, written to `out` of NAME_BYTES bytes or to a buffer. */
static __attribute__((noinline, cold)) pm_text name_normal_form(parser *p, uint32_t token, uint8_t *out) {
    fe_task *task = p->task;
    const fe_delegate *delegate = task->delegate;
    const void *name = FE_TOKEN_TEXT(task, token);
    const uint32_t bytes = FE_TOKEN_BYTES(&task->tokens, token);
    if (delegate == NULL || delegate->normalize == NULL) {
        fe_fail_at(task, FE_DELEGATE, FE_TOKEN_START(&task->tokens, token), "a name beyond ASCII needs Python");
    }
    task->ledger->delegated_count++;
    int64_t wanted = delegate->normalize(delegate->context, name, bytes, out, NAME_BYTES);
    if (wanted > NAME_BYTES) {
        const size_t room = (size_t)wanted;
        out = fe_need(task, FE_BUF_NAMES, room);
        wanted = delegate->normalize(delegate->context, name, bytes, out, room);
        wanted = wanted > (int64_t)room ? -1 : wanted;
    }
    if (wanted < 0) {
        COMPLAIN(p, token, "invalid character in identifier");
    }
    return (pm_text){out, (size_t)wanted};
}

/* The text of a name token as the tree has it; `out` as above. */
static inline pm_text name_text(parser *p, uint32_t token, uint8_t *out) {
    if (PM_UNLIKELY(parser_kind_at(p, token) == FE_T_NAME_FOREIGN)) {
        return name_normal_form(p, token, out);
    }
    return (pm_text){FE_TOKEN_TEXT(p->task, token), FE_TOKEN_BYTES(&p->task->tokens, token)};
}

static fe_name name_alone(parser *p, uint32_t token) {
    uint8_t out[NAME_BYTES];
    const pm_text text = name_text(p, token, out);
    return fe_name_new(p->task, text.data, (uint32_t)text.bytes);
}

#if FE_INTERN
/* Interns the names among the tokens from `token` on, up to one that is beyond ASCII: whether that is a name is asked
 * when its turn comes, for what stands before it may be no Python. */
static __attribute__((noinline)) void names_fill(parser *p, uint32_t token) {
    fe_task *task = p->task;
    uint32_t count = p->end - token < NAME_WINDOW ? p->end - token : NAME_WINDOW;
    pm_text texts[NAME_WINDOW];
    uint8_t places[NAME_WINDOW];
    uint32_t ids[NAME_WINDOW];
    uint32_t name_count = 0;
    const fe_tokens tokens = task->tokens; /* a copy, which writing texts cannot change */
    const struct {
        const uint8_t *source;
        fe_tokens tokens;
    } here = {task->source, tokens}, *at = &here;
    uint32_t i = 0;
    do { /* what is no name is overwritten by the next: no branch */
        const unsigned kind = FE_TOKEN_KIND(&tokens, token + i);
        texts[name_count] = (pm_text){FE_TOKEN_TEXT(at, token + i), FE_TOKEN_BYTES(&tokens, token + i)};
        places[name_count] = (uint8_t)i;
        name_count += kind - FE_T_NAME < FE_T_NAME_FOREIGN - FE_T_NAME;
        if (PM_UNLIKELY(kind == FE_T_NAME_FOREIGN)) {
            count = i;
        }
    } while (++i < count);
    const size_t lead = FE_VIEWS ? FE_SOURCE_LEAD : 0;
    if (PM_UNLIKELY(pm_interner_intern_texts(task->interner, texts, name_count, lead, 1, ids) != PM_OK)) {
        fe_fail(task, FE_NO_MEMORY, 0, 0, "no memory for names");
    }
    for (i = 0; i < name_count; i++) {
        p->names[places[i]] = ids[i] + 1;
    }
    p->names_begin = token;
    p->names_count = count;
}

static __attribute__((noinline)) fe_name name_afresh(parser *p, uint32_t token) {
    if (p->task->prefetch == 0 || token >= p->end || parser_kind_at(p, token) == FE_T_NAME_FOREIGN) {
        return name_alone(p, token);
    }
    names_fill(p, token);
    return p->names[0];
}
#endif

/* The name that a name token is. */
static inline fe_name name_at(parser *p, uint32_t token) {
#if FE_INTERN
    const uint32_t place = token - p->names_begin;
    return PM_LIKELY(place < p->names_count) ? p->names[place] : name_afresh(p, token);
#else
    return name_alone(p, token);
#endif
}

/* The name at p->at, which is passed. */
static inline fe_name name_next(parser *p) {
    if (PM_UNLIKELY(!kind_is_name(parser_kind(p)))) {
        COMPLAIN(p, p->at, "expected a name");
    }
    return name_at(p, p->at++);
}

/* Names joined by dots, as one name: a slice of the source where it can be, else put together. */
static fe_name name_dotted(parser *p) {
    fe_task *task = p->task;
    const uint32_t first = p->at;
    uint32_t bytes = 0;
    bool plain = true; /* no blanks between, and no other form than the source's */
    for (;;) {
        if (PM_UNLIKELY(!kind_is_name(parser_kind(p)))) {
            COMPLAIN(p, p->at, "expected a name");
        }
        plain = plain && parser_kind(p) != FE_T_NAME_FOREIGN;
        bytes += FE_TOKEN_BYTES(&task->tokens, p->at);
        p->at++;
        if (parser_kind(p) != FE_T_DOT) {
            break;
        }
        bytes++;
        p->at++;
    }
    if (p->at == first + 1) {
        return name_at(p, first);
    }
    const uint32_t begin = FE_TOKEN_START(&task->tokens, first);
    if (FE_VIEWS && plain && FE_TOKEN_END(&task->tokens, p->at - 1) - begin == bytes) {
        return fe_name_new(task, task->source + begin, bytes);
    }
    uint8_t out[NAME_BYTES];
    size_t used = 0;
    uint8_t *whole = NULL;
    for (uint32_t token = first; token < p->at; token += 2) {
        const pm_text text = name_text(p, token, out);
        whole = fe_need(task, FE_BUF_NAMES_2, used + text.bytes + 1);
        memcpy(whole + used, text.data, text.bytes);
        used += text.bytes;
        whole[used++] = '.';
    }
    fe_count_copy(task, used - 1);
    return fe_name_new(task, whole, (uint32_t)used - 1);
}
