/* lab-contain: runs one command and ends everything that the command started when the command ends.
 *
 * A worker runs other people's code, which may fork, leave its process group or its session, or kill its parent. This
 * process stands between the lab and the worker: on Linux it is the child subreaper of all the worker's descendants, so
 * that none of them can leave its reach, and it kills them when the worker ends, when it is told to (SIGTERM), and when
 * the lab itself dies. Elsewhere it can only kill the worker's process group.
 *
 * Usage: lab-contain PARENT MEMORY_BYTES ANSWERS STATUS -- COMMAND [ARGUMENT...]
 *   PARENT        process id of the caller; lab-contain leaves at once if that is not its parent any more
 *   MEMORY_BYTES  address space that each process of the command may take, 0 for no limit
 *   ANSWERS       descriptor that the command gets as descriptor 3, -1 for none
 *   STATUS        descriptor that gets one line at the end: "exit CODE", "signal NUMBER" or "cannot ERRNO" where the
 *                 command could not be started; no line at all means that lab-contain itself was killed
 *
 * The command inherits standard input, output and error and descriptor 3, and nothing else. It runs in a process group
 * of its own, without core dumps. One thread; no allocation before the command has ended.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <dirent.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

enum {
    ANSWERS = 3,
    STATUS = 4,
    EXIT_USAGE = 2,
    EXIT_ORPHANED = 3,
    SWEEPS = 5000,
    SWEEP_NS = 2000000,
    MOST_DESCRIPTORS = 65536
};

typedef struct order {
    long parent;
    unsigned long long memory_bytes;
    int answers, status;
    char **command;
} order;

static bool read_order(order *self, int argc, char **argv) {
    if (argc < 7 || strcmp(argv[5], "--") != 0) {
        return false;
    }
    self->parent = strtol(argv[1], NULL, 10);
    self->memory_bytes = strtoull(argv[2], NULL, 10);
    self->answers = (int)strtol(argv[3], NULL, 10);
    self->status = (int)strtol(argv[4], NULL, 10);
    self->command = argv + 6;
    return self->status > 2;
}

static void say(int status, const char *word, int number) {
    char line[64];
    int length = snprintf(line, sizeof line, "%s %d\n", word, number);
    if (write(status, line, (size_t)length) != length) {
        _exit(EXIT_ORPHANED); /* whoever would read it has gone */
    }
}

static void close_from(int first) {
#if defined(__linux__) && defined(SYS_close_range)
    if (syscall(SYS_close_range, (unsigned)first, ~0U, 0U) == 0) {
        return; /* Linux 5.9 */
    }
#endif
    struct rlimit limit;
    int stop = MOST_DESCRIPTORS;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < (rlim_t)stop) {
        stop = (int)limit.rlim_cur;
    }
    for (int descriptor = first; descriptor < stop; descriptor++) {
        close(descriptor);
    }
}

static _Noreturn void become(const order *self, pid_t container, const sigset_t *mask) {
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (getppid() != container) {
        _exit(EXIT_ORPHANED);
    }
    setpgid(0, 0);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    if (self->memory_bytes) {
        rlim_t most = (rlim_t)self->memory_bytes;
        setrlimit(RLIMIT_AS, &(struct rlimit){most, most}); /* refused where the limit is lower already */
    }
    /* Either may have the other's number: copies first, then the numbers that are wanted. */
    int status = fcntl(self->status, F_DUPFD, STATUS + 1);
    int answers = self->answers < 0 ? -1 : fcntl(self->answers, F_DUPFD, STATUS + 1);
    dup2(status, STATUS);
    fcntl(STATUS, F_SETFD, FD_CLOEXEC);
    if (answers < 0) {
        close(ANSWERS);
    } else {
        dup2(answers, ANSWERS);
    }
    close_from(STATUS + 1);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, mask, NULL);
    execvp(self->command[0], self->command);
    say(STATUS, "cannot", errno);
    _exit(127);
}

#ifdef __linux__
typedef struct process {
    pid_t id, parent;
    bool ours;
} process;

static pid_t parent_of(const char *id) {
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%.20s/stat", id);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? -1 : read(file, text, sizeof text - 1);
    if (file >= 0) {
        close(file);
    }
    if (length <= 0) {
        return 0;
    }
    text[length] = '\0';
    const char *end = strrchr(text, ')'); /* the name before it may hold anything */
    int parent = 0;
    return end && sscanf(end + 1, " %*c %d", &parent) == 1 ? (pid_t)parent : 0;
}

/* Every process of the system with its parent; the caller frees it. */
static process *read_processes(size_t *count) {
    DIR *folder = opendir("/proc");
    process *found = NULL;
    size_t capacity = 0;
    *count = 0;
    for (const struct dirent *entry; folder && (entry = readdir(folder)) != NULL;) {
        pid_t id = (pid_t)strtol(entry->d_name, NULL, 10);
        if (id <= 0) {
            continue;
        }
        if (*count == capacity) {
            capacity = capacity ? 2 * capacity : 256;
            process *grown = realloc(found, capacity * sizeof *found);
            if (!grown) {
                break;
            }
            found = grown;
        }
        found[(*count)++] = (process){.id = id, .parent = parent_of(entry->d_name), .ours = false};
    }
    if (folder) {
        closedir(folder);
    }
    return found;
}

/* Kills all descendants that there are now. One that forks meanwhile is found by the next sweep: its child's parent is
 * then either still one of ours or, as the parent is dead, this process. */
static void kill_descendants(pid_t worker) {
    (void)worker;
    size_t count = 0;
    process *all = read_processes(&count);
    pid_t self = getpid();
    for (bool grew = true; grew;) {
        grew = false;
        for (size_t i = 0; i < count; i++) {
            bool ours = all[i].parent == self;
            for (size_t j = 0; j < count && !ours && !all[i].ours; j++) {
                ours = all[j].ours && all[j].id == all[i].parent;
            }
            if (ours && !all[i].ours) {
                all[i].ours = grew = true;
            }
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (all[i].ours) {
            kill(all[i].id, SIGKILL);
        }
    }
    free(all);
}
#else
static void kill_descendants(pid_t worker) {
    kill(-worker, SIGKILL);
}
#endif

/* Reaps what has ended; false if there are no more children. Notes how the worker ended. */
static bool reap(pid_t worker, bool *ended, int *how) {
    for (;;) {
        int end = 0;
        pid_t id = waitpid(-1, &end, WNOHANG);
        if (id < 0 && errno != EINTR) {
            return false;
        }
        if (id == 0) {
            return true;
        }
        if (id == worker) {
            *ended = true;
            *how = end;
        }
    }
}

int main(int argc, char **argv) {
    order task;
    if (!read_order(&task, argc, argv)) {
        fprintf(stderr, "usage: lab-contain PARENT MEMORY_BYTES ANSWERS STATUS -- COMMAND [ARGUMENT...]\n");
        return EXIT_USAGE;
    }
    sigset_t waited, before;
    sigemptyset(&waited);
    sigaddset(&waited, SIGCHLD);
    sigaddset(&waited, SIGTERM);
    sigaddset(&waited, SIGINT);
    sigaddset(&waited, SIGHUP);
    sigprocmask(SIG_BLOCK, &waited, &before);
    signal(SIGPIPE, SIG_IGN);
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
#endif
    if (getppid() != (pid_t)task.parent) {
        return EXIT_ORPHANED;
    }
    pid_t self = getpid();
    pid_t worker = fork();
    if (worker == 0) {
        become(&task, self, &before);
    }
    if (worker < 0) {
        say(task.status, "cannot", errno);
        return 0;
    }
    for (int descriptor = 0; descriptor < 3; descriptor++) {
        close(descriptor);
    }
    if (task.answers >= 0) {
        close(task.answers);
    }
    bool ended = false;
    int how = 0, signal_number = 0;
    while (!ended) {
        if (sigwait(&waited, &signal_number) != 0 || signal_number != SIGCHLD) {
            break;
        }
        reap(worker, &ended, &how);
    }
    for (int sweep = 0; sweep < SWEEPS && reap(worker, &ended, &how); sweep++) {
        kill_descendants(worker);
        nanosleep(&(struct timespec){0, sweep ? SWEEP_NS : 0}, NULL);
    }
    if (ended && WIFEXITED(how)) {
        say(task.status, "exit", WEXITSTATUS(how));
    } else {
        say(task.status, "signal", ended && WIFSIGNALED(how) ? WTERMSIG(how) : SIGKILL);
    }
    return 0;
}
