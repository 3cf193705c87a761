/* What Windows gives: pages, a heap that aligns, mutexes, threads, a hook at the end of a thread.
 *
 * For GCC's win32 thread model and for clang: with GCC's posix model the storage of thread-local variables, which GCC
 * emulates on Windows, ends before the hook that reads it, so CMakeLists.txt refuses that compiler. Large pages need a
 * privilege and a decision when the pages are mapped, so that there is no advice to give: huge pages are not supported.
 */
#include "platform.h"
#include "threads.h"

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <malloc.h>
#include <process.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

_Static_assert(sizeof(pm_mutex) == sizeof(SRWLOCK) && sizeof(pm_condition) == sizeof(CONDITION_VARIABLE),
               "platform.h and threads.h declare these without windows.h");

/* ---- pages ---- */

size_t pm_platform_page_bytes(void) {
    SYSTEM_INFO info;
    GetSystemInfo(&info);
    return info.dwPageSize;
}

/* Reservations begin at a multiple of 64 KiB; for more, reserve a surplus, which costs addresses only, and commit the
 * aligned part. Windows knows where the reservation of an address begins, so unmap finds its way back. */
void *pm_platform_pages_map(size_t bytes, size_t alignment) {
    SYSTEM_INFO info;
    GetSystemInfo(&info);
    const size_t surplus = alignment > info.dwAllocationGranularity ? alignment : 0;
    if (bytes > SIZE_MAX - surplus) {
        return NULL;
    }
    if (surplus == 0) {
        return VirtualAlloc(NULL, bytes, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    }
    char *base = VirtualAlloc(NULL, bytes + surplus, MEM_RESERVE, PAGE_NOACCESS);
    if (base == NULL) {
        return NULL;
    }
    char *aligned = base + (-(uintptr_t)base & (alignment - 1));
    if (VirtualAlloc(aligned, bytes, MEM_COMMIT, PAGE_READWRITE) == NULL) {
        VirtualFree(base, 0, MEM_RELEASE);
        return NULL;
    }
    return aligned;
}

void pm_platform_pages_unmap(void *address, size_t bytes) {
    (void)bytes; /* a reservation goes as a whole */
    MEMORY_BASIC_INFORMATION told;
    if (VirtualQuery(address, &told, sizeof told) != 0) {
        VirtualFree(told.AllocationBase, 0, MEM_RELEASE);
    }
}

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

/* ---- heap: what _aligned_malloc gives only its own family may take, so every block comes from it ---- */

enum { HEAP_ALIGNMENT = 16 };

void *pm_platform_heap_alloc(size_t bytes, size_t alignment) {
    return _aligned_malloc(bytes, alignment < HEAP_ALIGNMENT ? HEAP_ALIGNMENT : alignment);
}

void *pm_platform_heap_alloc_zeroed(size_t bytes) {
    void *block = _aligned_malloc(bytes, HEAP_ALIGNMENT);
    return block == NULL ? NULL : memset(block, 0, bytes);
}

void *pm_platform_heap_resize(void *block, size_t bytes) {
    return _aligned_realloc(block, bytes, HEAP_ALIGNMENT);
}

void pm_platform_heap_free(void *block) {
    _aligned_free(block);
}

/* ---- the end of a thread: one fiber-local slot for the library; its value in a thread is the function to run ---- */

static DWORD exit_slot = FLS_OUT_OF_INDEXES;
static INIT_ONCE exit_slot_once = INIT_ONCE_STATIC_INIT;
static bool exit_slot_dropped;

typedef union exit_hook {
    void (*run)(void);
    void *value;
} exit_hook;

static void WINAPI exit_slot_run(void *value) {
    const exit_hook hook = {.value = value};
    if (!exit_slot_dropped) {
        hook.run();
    }
}

static BOOL WINAPI exit_slot_make(INIT_ONCE *once, void *unused, void **context) {
    (void)once;
    (void)unused;
    (void)context;
    exit_slot = FlsAlloc(exit_slot_run);
    return TRUE;
}

void pm_platform_at_fork(void (*before)(void), void (*in_parent)(void), void (*in_child)(void)) {
    (void)before;
    (void)in_parent;
    (void)in_child;
}

bool pm_platform_at_thread_exit(void (*run)(void)) {
    const exit_hook hook = {.run = run};
    InitOnceExecuteOnce(&exit_slot_once, exit_slot_make, NULL, NULL);
    return exit_slot != FLS_OUT_OF_INDEXES && FlsSetValue(exit_slot, hook.value);
}

/* A library that is unloaded while threads live must not be called at their end. FlsFree would call the hooks of all
 * threads on this one. */
__attribute__((destructor)) static void exit_slot_drop(void) {
    if (exit_slot != FLS_OUT_OF_INDEXES) {
        exit_slot_dropped = true;
        FlsFree(exit_slot);
    }
}

/* ---- mutexes, conditions, threads ---- */

bool pm_platform_mutex_init(pm_mutex *mutex) {
    InitializeSRWLock((SRWLOCK *)mutex);
    return true;
}

void pm_platform_mutex_deinit(pm_mutex *mutex) {
    (void)mutex; /* holds nothing */
}

void pm_platform_mutex_lock(pm_mutex *mutex) {
    AcquireSRWLockExclusive((SRWLOCK *)mutex);
}

void pm_platform_mutex_unlock(pm_mutex *mutex) {
    ReleaseSRWLockExclusive((SRWLOCK *)mutex);
}

bool pm_platform_condition_init(pm_condition *condition) {
    InitializeConditionVariable((CONDITION_VARIABLE *)condition);
    return true;
}

void pm_platform_condition_deinit(pm_condition *condition) {
    (void)condition; /* holds nothing */
}

void pm_platform_condition_wait(pm_condition *condition, pm_mutex *mutex) {
    SleepConditionVariableSRW((CONDITION_VARIABLE *)condition, (SRWLOCK *)mutex, INFINITE, 0);
}

void pm_platform_condition_wake_all(pm_condition *condition) {
    WakeAllConditionVariable((CONDITION_VARIABLE *)condition);
}

typedef struct thread_start {
    void *(*body)(void *);
    void *argument;
} thread_start;

static unsigned __stdcall thread_run(void *argument) {
    const thread_start start = *(thread_start *)argument;
    free(argument);
    start.body(start.argument);
    return 0;
}

bool pm_platform_thread_start(pm_thread *thread, void *(*body)(void *), void *argument) {
    thread_start *start = malloc(sizeof *start); /* the new thread's to free */
    if (start == NULL) {
        return false;
    }
    *start = (thread_start){.body = body, .argument = argument};
    *thread = (void *)_beginthreadex(NULL, 0, thread_run, start, 0, NULL);
    if (*thread == NULL) {
        free(start);
    }
    return *thread != NULL;
}

void pm_platform_thread_join(pm_thread thread) {
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
}

/* At most the 64 of one processor group, which is where Windows places a process by itself. */
size_t pm_platform_processor_count(void) {
    DWORD_PTR allowed = 0, present = 0;
    if (!GetProcessAffinityMask(GetCurrentProcess(), &allowed, &present) || allowed == 0) {
        return 1;
    }
    return (size_t)__builtin_popcountll(allowed);
}
#endif
typedef int pm_windows_unit; /* a translation unit must not be empty */
