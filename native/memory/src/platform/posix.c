/* What POSIX gives: pages, mutexes, a hook at the end of a thread. */
#include "platform.h"

#if !defined(_WIN32)
#include <sys/mman.h>
#include <unistd.h>

size_t pm_platform_page_bytes(void) {
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* mmap aligns to a page; for more, map a surplus and give its two ends back. */
void *pm_platform_pages_map(size_t bytes, size_t alignment) {
    const size_t page = pm_platform_page_bytes();
    const size_t surplus = alignment > page ? alignment - page : 0;
    if (bytes > SIZE_MAX - surplus) {
        return NULL;
    }
    char *base = mmap(NULL, bytes + surplus, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED) {
        return NULL;
    }
    const size_t before = surplus == 0 ? 0 : (size_t)(-(uintptr_t)base & (alignment - 1));
    if (before != 0) {
        munmap(base, before);
    }
    if (surplus != before) {
        munmap(base + before + bytes, surplus - before);
    }
    return base + before;
}

void pm_platform_pages_unmap(void *address, size_t bytes) {
    munmap(address, bytes);
}

#if !defined(__linux__)
bool pm_platform_pages_advise_huge(void *address, size_t bytes) {
    (void)address;
    (void)bytes;
    return false;
}

pm_status pm_platform_pages_huge_bytes(const void *address, size_t bytes, size_t *out) {
    (void)address;
    (void)bytes;
    (void)out;
    return PM_UNSUPPORTED;
}
#endif

/* One key for the library; its value in a thread is the function to run. */
static pthread_key_t exit_key;
static bool exit_key_made;
static pthread_once_t exit_key_once = PTHREAD_ONCE_INIT;

typedef union exit_hook {
    void (*run)(void);
    void *value;
} exit_hook;

static void exit_key_run(void *value) {
    const exit_hook hook = {.value = value};
    hook.run();
}

static void exit_key_make(void) {
    exit_key_made = pthread_key_create(&exit_key, exit_key_run) == 0;
}

bool pm_platform_at_thread_exit(void (*run)(void)) {
    const exit_hook hook = {.run = run};
    pthread_once(&exit_key_once, exit_key_make);
    return exit_key_made && pthread_setspecific(exit_key, hook.value) == 0;
}

void pm_platform_at_fork(void (*before)(void), void (*in_parent)(void), void (*in_child)(void)) {
    (void)pthread_atfork(before, in_parent, in_child); /* fails only without memory; forks are then as without it */
}

/* A library that is unloaded while threads live must not be called at their end. */
__attribute__((destructor)) static void exit_key_drop(void) {
    if (exit_key_made) {
        pthread_key_delete(exit_key);
    }
}

bool pm_platform_mutex_init(pm_mutex *mutex) {
#if defined(__GLIBC__)
    /* What the locks guard is over in less time than falling asleep takes: waiting threads look again for a while. */
    pthread_mutexattr_t kind;
    if (pthread_mutexattr_init(&kind) == 0) {
        const bool made =
            pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_ADAPTIVE_NP) == 0 && pthread_mutex_init(mutex, &kind) == 0;
        pthread_mutexattr_destroy(&kind);
        return made;
    }
    return false;
#else
    return pthread_mutex_init(mutex, NULL) == 0;
#endif
}

void pm_platform_mutex_deinit(pm_mutex *mutex) {
    pthread_mutex_destroy(mutex);
}

void pm_platform_mutex_lock(pm_mutex *mutex) {
    pthread_mutex_lock(mutex);
}

void pm_platform_mutex_unlock(pm_mutex *mutex) {
    pthread_mutex_unlock(mutex);
}
#endif
typedef int pm_posix_unit; /* a translation unit must not be empty */
