/* replay.c: runs a fuzz target without libFuzzer, so that any compiler can: the files and folders that are named, and
 * random changes of each file.
 *
 *     fuzz_map [-changes N] PATH...
 *
 * Every input lies in a block of exactly its size, for the checkers of memory. The changes are the same on every
 * machine: cut short, a byte changed, a part repeated, two files joined.
 */
#include "input.h"
#include <dirent.h>
#include <sys/stat.h>

enum { CORPUS_MAX = 4096, INPUT_MAX = 1 << 16 };

typedef struct seed {
    uint8_t *data;
    size_t size;
} seed;

static seed corpus[CORPUS_MAX];
static size_t corpus_count;

static void run(const uint8_t *data, size_t size) {
    uint8_t *exact = malloc(size == 0 ? 1 : size);
    CHECK(exact != NULL);
    memcpy(exact, data, size);
    CHECK_EQUAL(0, LLVMFuzzerTestOneInput(exact, size));
    free(exact);
}

static bool add_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "cannot read %s\n", path);
        return false;
    }
    uint8_t *data = malloc(INPUT_MAX);
    CHECK(data != NULL && corpus_count < CORPUS_MAX);
    const size_t size = fread(data, 1, INPUT_MAX, file);
    fclose(file);
    corpus[corpus_count++] = (seed){.data = data, .size = size};
    return true;
}

static int by_content(const void *left, const void *right) {
    const seed *a = left, *b = right;
    const size_t common = a->size < b->size ? a->size : b->size;
    const int order = memcmp(a->data, b->data, common);
    return order != 0 ? order : (a->size > b->size) - (a->size < b->size);
}

static bool add(const char *path) {
    struct stat told;
    if (stat(path, &told) != 0 || !S_ISDIR(told.st_mode)) {
        return add_file(path);
    }
    DIR *folder = opendir(path);
    bool read = folder != NULL;
    for (const struct dirent *entry; read && (entry = readdir(folder)) != NULL;) {
        char name[4096];
        const int length = snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.') {
            read = length > 0 && (size_t)length < sizeof name && add_file(name);
        }
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return read;
}

static void change(uint64_t *random) {
    static uint8_t changed[2 * INPUT_MAX];
    const seed *s = &corpus[check_below(random, corpus_count)];
    size_t size = s->size;
    memcpy(changed, s->data, size);
    switch (check_below(random, 4)) {
    case 0: size = check_below(random, size + 1); break;
    case 1: {
        const size_t from = check_below(random, size + 1), part = check_below(random, size - from + 1);
        memmove(changed + from + part, s->data + from, size - from);
        size += part;
        break;
    }
    case 2: {
        const seed *other = &corpus[check_below(random, corpus_count)];
        size = check_below(random, size + 1);
        memcpy(changed + size, other->data, other->size);
        size += other->size;
        break;
    }
    default: break;
    }
    for (size_t bytes = check_below(random, 4); bytes > 0 && size > 0; bytes--) {
        changed[check_below(random, size)] = (uint8_t)check_random(random);
    }
    run(changed, size);
}

int main(int count, char **arguments) {
    size_t changes = 0;
    int first = 1;
    if (count > 2 && strcmp(arguments[1], "-changes") == 0) {
        changes = strtoul(arguments[2], NULL, 10);
        first = 3;
    }
    for (int i = first; i < count; i++) {
        if (!add(arguments[i])) {
            return 2;
        }
    }
    if (corpus_count == 0) {
        fprintf(stderr, "usage: %s [-changes N] PATH...\n", arguments[0]);
        return 2;
    }
    qsort(corpus, corpus_count, sizeof *corpus, by_content); /* folders are listed in any order */
    run(corpus[0].data, 0);
    for (size_t i = 0; i < corpus_count; i++) {
        run(corpus[i].data, corpus[i].size);
    }
    uint64_t random = 1;
    for (size_t i = 0; i < changes; i++) {
        change(&random);
    }
    printf("%zu inputs, %zu changes\n", corpus_count, changes);
    for (size_t i = 0; i < corpus_count; i++) {
        free(corpus[i].data);
    }
    return 0;
}
