#include "args.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void lk_write(lk_message *message, const char *format, ...) {
    va_list list;
    va_start(list, format);
    vsnprintf(message->text, sizeof message->text, format, list);
    va_end(list);
}

/* strtoull alone would take signs, spaces and hexadecimal. */
static bool read_number(const char *text, uint64_t *number) {
    if (text[0] == '\0' || text[strspn(text, "0123456789")] != '\0') {
        return false;
    }
    errno = 0;
    *number = strtoull(text, NULL, 10);
    return errno == 0;
}

static bool read_level(const char *levels, const char *text, unsigned *level) {
    size_t length = strlen(text);
    *level = 0;
    for (const char *at = levels; length; (*level)++) {
        size_t width = strcspn(at, ",");
        if (width == length && memcmp(at, text, length) == 0) {
            return true;
        }
        if (at[width] == '\0') {
            return false;
        }
        at += width + 1;
    }
    return false;
}

static lk_status read_value(const lk_param *param, const char *text, lk_value *value, lk_message *message) {
    *value = (lk_value){.text = text};
    bool is_number = read_number(text, &value->number);
    if (param->levels[0] == '\0') {
        return is_number || strcmp(param->unit, LK_UNIT_NAMES) == 0
                   ? LK_OK
                   : lk_say(message, LK_INVALID, "%s=%s is not a decimal number", param->name, text);
    }
    return read_level(param->levels, text, &value->level)
               ? LK_OK
               : lk_say(message, LK_INVALID, "%s=%s is not one of %s", param->name, text, param->levels);
}

static const lk_arg *find(const lk_args *args, const char *name) {
    for (size_t i = 0; i < args->count; i++) {
        if (strcmp(args->items[i].name, name) == 0) {
            return &args->items[i];
        }
    }
    return NULL;
}

lk_status lk_args_read(const lk_param *params, size_t count, const lk_args *args, lk_value *values,
                       lk_message *message) {
    for (size_t i = 0; i < args->count; i++) {
        const char *name = args->items[i].name;
        size_t at = 0;
        while (at < count && strcmp(params[at].name, name) != 0) {
            at++;
        }
        if (at == count) {
            return lk_say(message, LK_INVALID, "%s is not a parameter of this kernel", name);
        }
        if (find(args, name) != &args->items[i]) {
            return lk_say(message, LK_INVALID, "%s is given twice", name);
        }
    }
    for (size_t i = 0; i < count; i++) {
        const lk_arg *arg = find(args, params[i].name);
        if (!arg) {
            return lk_say(message, LK_INVALID, "%s is missing: %s", params[i].name, params[i].help);
        }
        lk_status status = read_value(&params[i], arg->value, &values[i], message);
        if (status != LK_OK) {
            return status;
        }
    }
    return LK_OK;
}
