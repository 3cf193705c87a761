/* symbol_names.h: the numbers of names in a symbol table: found by the name's id (INTERN), or by its bytes. */
#ifndef FE_SYMBOL_NAMES_H
#define FE_SYMBOL_NAMES_H

#include "scopes.h"
#include "tree.h"

static uint64_t load(const uint8_t *bytes, size_t count) {
    uint64_t word = 0;
    memcpy(&word, bytes, count);
    return word;
}

/* Multiplies 8 bytes at a time; the last ones overlap. */
static uint64_t hash_of(pm_text text) {
    const uint8_t *bytes = text.data;
    const size_t count = text.bytes;
    uint64_t hash = count * UINT64_C(0x9E3779B97F4A7C15);
    for (size_t i = 0; i + 8 < count; i += 8) {
        hash = (hash ^ load(bytes + i, 8)) * UINT64_C(0xD6E8FEB86659FD93);
        hash ^= hash >> 32;
    }
    uint64_t rest = 0;
    if (count >= 8) {
        rest = load(bytes + count - 8, 8);
    } else if (count >= 4) {
        rest = load(bytes, 4) << 32 | load(bytes + count - 4, 4);
    } else if (count > 0) {
        rest = (uint64_t)bytes[0] << 16 | (uint64_t)bytes[count / 2] << 8 | bytes[count - 1];
    }
    hash = (hash ^ rest) * UINT64_C(0xD6E8FEB86659FD93);
    return hash ^ (hash >> 32);
}

static uint32_t traits_of(pm_text text) {
    const char *name = text.data;
    const size_t n = text.bytes;
    if (n == 5 && memcmp(name, "super", 5) == 0) {
        return FE_NAME_SUPER;
    }
    if (n == 9 && memcmp(name, "__class__", 9) == 0) {
        return FE_NAME_CLASS;
    }
    const bool is_private = n > 2 && name[0] == '_' && name[1] == '_' && !(name[n - 1] == '_' && name[n - 2] == '_');
    return is_private ? FE_NAME_PRIVATE : 0;
}

static __attribute__((noinline)) uint32_t name_made(fe_symbol_table *table, uint32_t slot, fe_name name, pm_text text,
                                                    uint64_t hash) {
    const uint32_t made = ++table->name_count;
    table->names[made] = (fe_symbol_name){name, hash, 0, traits_of(text)};
    table->slots[slot] = made;
    table->class_name = table->names[made].traits == FE_NAME_CLASS ? made : table->class_name;
    if (PM_UNLIKELY(made == table->name_capacity)) {
        fe_symbol_table_grow(table);
    }
    return made;
}

/* The number of a name: found by its id, or by its bytes. */
static inline uint32_t number_of(fe_symbol_table *table, fe_name name) {
    const uint32_t mask = (1u << (32 - table->slot_shift)) - 1;
    uint32_t n;
#if FE_INTERN
    uint32_t slot = fe_slot_of(table, name);
    while ((n = table->slots[slot]) != 0 && table->names[n].name != name) {
        slot = (slot + 1) & mask;
    }
    if (PM_UNLIKELY(n == 0)) {
        const pm_text text = fe_name_text(table->task, name);
        n = name_made(table, slot, name, text, hash_of(text));
    }
#else
    const pm_text text = fe_name_text(table->task, name);
    const uint64_t hash = hash_of(text);
    uint32_t slot = fe_slot_of(table, hash);
    while ((n = table->slots[slot]) != 0) {
        if (table->names[n].hash == hash) {
            const pm_text theirs = fe_name_text(table->task, (fe_name)table->names[n].name);
            if (theirs.bytes == text.bytes && memcmp(theirs.data, text.data, text.bytes) == 0) {
                break;
            }
        }
        slot = (slot + 1) & mask;
    }
    if (PM_UNLIKELY(n == 0)) {
        n = name_made(table, slot, name, text, hash);
    }
#endif
    return n;
}

static uint32_t number_of_text(fe_symbol_table *table, const char *text, uint32_t bytes) {
    return number_of(table, fe_name_new(table->task, text, bytes));
}

/* The number of the private name __name in the class Class: that of _Class__name. CPython's _Py_Mangle. */
static __attribute__((noinline)) uint32_t mangled(fe_symbol_table *table, fe_name class_around, uint32_t name) {
    pm_text around = fe_name_text(table->task, class_around);
    while (around.bytes > 0 && *(const char *)around.data == '_') {
        around = (pm_text){(const char *)around.data + 1, around.bytes - 1};
    }
    if (around.bytes == 0) {
        return name;
    }
    const pm_text text = fe_name_text(table->task, (fe_name)table->names[name].name);
    const size_t bytes = 1 + around.bytes + text.bytes;
    char *out = fe_need(table->task, FE_BUF_SCRATCH, bytes);
    out[0] = '_';
    memcpy(out + 1, around.data, around.bytes);
    memcpy(out + 1 + around.bytes, text.data, text.bytes);
    return number_of_text(table, out, (uint32_t)bytes);
}

#endif
