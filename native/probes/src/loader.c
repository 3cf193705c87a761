/* Kernel libraries through dlopen; inputs through mmap. */
#include "lp/loader.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct lp_library {
    void *handle;
    const lk_kernel *kernels;
    size_t count;
};

#define SAY(message, ...) snprintf((message)->text, sizeof(message)->text, __VA_ARGS__)

lp_library *lp_library_open(const char *path, lk_message *message) {
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        SAY(message, "%s", dlerror());
        return NULL;
    }
    lk_kernels_fn kernels = NULL;
    void *symbol = dlsym(handle, LK_KERNELS_SYMBOL);
    memcpy(&kernels, &symbol, sizeof kernels); /* ISO C has no cast from object to function pointer */
    lp_library *library = kernels ? malloc(sizeof *library) : NULL;
    if (!library) {
        SAY(message, "%s: %s", path, kernels ? "out of memory" : "exports no " LK_KERNELS_SYMBOL);
        dlclose(handle);
        return NULL;
    }
    library->handle = handle;
    library->kernels = kernels(&library->count);
    for (size_t i = 0; i < library->count; i++) {
        if (library->kernels[i].abi != LK_ABI_VERSION) {
            SAY(message, "%s: kernel ABI %u, this lab speaks %d; rebuild it against lk/kernel.h", path,
                library->kernels[i].abi, LK_ABI_VERSION);
            lp_library_close(library);
            return NULL;
        }
    }
    return library;
}

void lp_library_close(lp_library *library) {
    if (library) {
        dlclose(library->handle);
        free(library);
    }
}

size_t lp_library_count(const lp_library *library) {
    return library->count;
}

const lk_kernel *lp_library_at(const lp_library *library, size_t index) {
    return &library->kernels[index];
}

const lk_kernel *lp_library_find(const lp_library *library, const char *name) {
    for (size_t i = 0; i < library->count; i++) {
        if (strcmp(library->kernels[i].name, name) == 0) {
            return &library->kernels[i];
        }
    }
    return NULL;
}

lk_status lp_input_map(const char *path, lk_input *input, lk_message *message) {
    *input = (lk_input){NULL, 0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat info;
    if (fd < 0 || fstat(fd, &info) != 0) {
        SAY(message, "%s: %s", path, strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return LK_BAD_INPUT;
    }
    if (info.st_size <= 0) {
        SAY(message, "%s: empty", path);
        close(fd);
        return LK_BAD_INPUT;
    }
    size_t bytes = (size_t)info.st_size;
    void *data = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    int failed = errno;
    close(fd);
    if (data == MAP_FAILED) {
        SAY(message, "%s: %s", path, strerror(failed));
        return LK_NO_MEMORY;
    }
    *input = (lk_input){data, bytes};
    return LK_OK;
}

void lp_input_unmap(lk_input *input) {
    if (input->data) {
        /* munmap takes a mutable pointer although it never writes; the mapping is ours. */
        munmap((void *)(uintptr_t)input->data, input->bytes);
        *input = (lk_input){NULL, 0};
    }
}

lk_status lp_subject_setup(const lk_kernel *kernel, const lk_args *args, lk_input input, lp_subject *subject,
                           lk_message *message) {
    *subject = (lp_subject){.kernel = kernel};
    message->text[0] = '\0';
    lk_status status = kernel->setup(args, input, &subject->state, &subject->pass, message);
    if (status != LK_OK) {
        subject->state = NULL;
        if (!message->text[0]) {
            SAY(message, "setup of %s failed with status %d", kernel->name, (int)status);
        }
    }
    return status;
}

void lp_subject_teardown(lp_subject *subject) {
    if (subject->state) {
        subject->kernel->teardown(subject->state);
        subject->state = NULL;
    }
}

lk_status lp_subject_run(const lp_subject *subject, uint64_t first, uint64_t count, lk_result *result) {
    return subject->kernel->run(subject->state, first, count, result);
}

__attribute__((noipa)) lk_status lp_region(const lk_kernel *kernel, void *state, uint64_t first, uint64_t count,
                                           lk_result *result) {
    lk_status status = kernel->run(state, first, count, result);
    __asm__ volatile("" ::: "memory"); /* no tail call: the region ends where the kernel has returned */
    return status;
}
