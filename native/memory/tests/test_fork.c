/* Forks: a child takes over what the layer keeps for threads that it does not have, and no lock is left locked. */
#include "check.h"

#if defined(_WIN32)
int main(void) {
    return 0; /* there are no forks */
}
#elif defined(__SANITIZE_THREAD__)
int main(void) {
    return 0; /* ThreadSanitizer refuses threads in a child of a process that had several */
}
#else
#include "pm/arena.h"
#include "pm/cow.h"
#include "pm/ledger.h"
#include "pm/pool.h"
#include "pm/strbuf.h"
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 4 };

static pm_pool *shared;
static bool stop;
static int waiting; /* threads that have used everything and wait for the end */

/* Uses everything that is kept per thread: the ledger, the copies, the pool's caches. */
static void use(void) {
    pm_cow cow = {0}, other = {0};
    CHECK(pm_cow_copy(&cow, "abc", 3) == PM_OK);
    pm_cow_share(&cow, &other);
    pm_cow_end(&other);
    pm_cow_end(&cow);
    pm_strbuf *string = pm_pool_acquire(shared);
    CHECK(string != NULL);
    CHECK(pm_strbuf_append(string, "text", 4) == PM_OK);
    CHECK(pm_pool_release(shared, string) == PM_OK);
}

static void *once(void *unused) {
    (void)unused;
    use();
    return NULL;
}

static void *wait_for_the_end(void *unused) {
    (void)unused;
    use();
    __atomic_fetch_add(&waiting, 1, __ATOMIC_RELEASE);
    while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
        usleep(100);
    }
    return NULL;
}

#if !defined(__SANITIZE_ADDRESS__)
static void *keep_beginning(void *unused) {
    (void)unused;
    while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
        pthread_t thread;
        CHECK(pthread_create(&thread, NULL, once, NULL) == 0);
        CHECK(pthread_join(thread, NULL) == 0);
    }
    return NULL;
}
#endif

/* Threads of the child get the stacks of the parent's, where blocks of counts and heads of chains were. */
static void work_in_child(void) {
    pm_ledger before, after;
    pm_ledger_read(&before);
    for (int round = 0; round < 2; round++) {
        pthread_t threads[2 * THREADS];
        for (int i = 0; i < 2 * THREADS; i++) {
            CHECK(pthread_create(&threads[i], NULL, once, NULL) == 0);
        }
        for (int i = 0; i < 2 * THREADS; i++) {
            CHECK(pthread_join(threads[i], NULL) == 0);
        }
        use();
    }
    pm_ledger_read(&after);
    CHECK(after.allocation_count >= before.allocation_count && after.free_count >= before.free_count);
    CHECK(pm_pool_free(shared) == PM_OK); /* caches of threads that are gone are in no chain any more */
}

/* Ends a child well. What threads of the parent alone knew of is lost in the child, and Valgrind would call that a leak
 * at its end: a program that holds nothing takes its place. */
static _Noreturn void end_child(void) {
    execlp("true", "true", (char *)NULL);
    _exit(0);
}

static int child_status(void) {
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(60); /* a child that hangs is ended, and its status says so */
        work_in_child();
        end_child();
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    return status;
}

int main(void) {
    pm_pool_type type;
    pm_strbuf_pool_type(&type);
    CHECK(pm_pool_new(&type, 64, &shared) == PM_OK);
    use();
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&threads[i], NULL, wait_for_the_end, NULL) == 0);
    }
    while (__atomic_load_n(&waiting, __ATOMIC_ACQUIRE) < THREADS) {
        usleep(100);
    }
    for (int i = 0; i < 20; i++) {
        CHECK(child_status() == 0);
    }
#if !defined(__SANITIZE_ADDRESS__) /* whose own allocator may be locked in the child */
    /* Forks while threads begin and end: the locks that they take are free in the child. The pool's own may not be. */
    pthread_t beginning;
    CHECK(pthread_create(&beginning, NULL, keep_beginning, NULL) == 0);
    for (int i = 0; i < 200; i++) {
        const pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            alarm(60);
            pm_ledger ledger;
            pm_cow_stats copies;
            pm_ledger_read(&ledger);
            pm_cow_read_stats(&copies);
            pm_arena *arena = NULL;
            CHECK(pm_arena_new(NULL, &arena) == PM_OK && pm_arena_alloc_call(arena, 100, 8) != NULL);
            pm_arena_free(arena);
            end_child();
        }
        int status = 0;
        CHECK(waitpid(child, &status, 0) == child && status == 0);
    }
    __atomic_store_n(&stop, true, __ATOMIC_RELEASE);
    CHECK(pthread_join(beginning, NULL) == 0);
#endif
    __atomic_store_n(&stop, true, __ATOMIC_RELEASE);
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    CHECK(pm_pool_free(shared) == PM_OK);
    return 0;
}
#endif
