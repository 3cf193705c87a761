/* lab-launch: runs one command and reports how long it took and what the kernel says it used.
 *
 *   lab-launch FD PROGRAM ARGUMENT...
 *
 * The command has this process's standard streams, environment and working directory. When it has ended, one line of
 * JSON is written to descriptor FD, which the command does not inherit:
 *   {"ns":N,"code":N|null,"signal":N|null,"peak_bytes":N,"minor_faults":N,"major_faults":N,"user_ns":N,"system_ns":N,
 *    "switches":N}
 * or, where it could not be started, {"errno":N}.
 *
 * Why a program of its own: a child's peak resident memory, as wait4 reports it, is at least that of the process it
 * was forked from. This one is as small as a process can be; a Python interpreter is not.
 *
 * Exit codes: 0 reported; 2 wrong usage. The command is killed when this process ends (Linux).
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "lp/clock.h"

static void die_with_parent(void) {
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
}

static uint64_t nanoseconds(struct timeval time) {
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_usec * 1000u;
}

/* Starts the command. The errno of a failed exec comes through a pipe that a successful one closes. */
static pid_t start(char **argv, int *error) {
    int pipe_fds[2];
    if (pipe(pipe_fds) != 0) {
        *error = errno;
        return -1;
    }
    fcntl(pipe_fds[0], F_SETFD, FD_CLOEXEC);
    fcntl(pipe_fds[1], F_SETFD, FD_CLOEXEC);
    const pid_t child = fork();
    if (child == 0) {
        die_with_parent();
        execvp(argv[0], argv);
        const int failed = errno;
        const ssize_t written = write(pipe_fds[1], &failed, sizeof failed);
        _exit(written == (ssize_t)sizeof failed ? 127 : 126);
    }
    *error = child < 0 ? errno : 0;
    close(pipe_fds[1]);
    if (child > 0 && read(pipe_fds[0], error, sizeof *error) != (ssize_t)sizeof *error) {
        *error = 0;
    }
    close(pipe_fds[0]);
    return child;
}

static void report(FILE *out, uint64_t ns, int status, const struct rusage *used) {
#ifdef __APPLE__
    const uint64_t unit = 1;
#else
    const uint64_t unit = 1024;
#endif
    fprintf(out, "{\"ns\":%" PRIu64, ns);
    if (WIFSIGNALED(status)) {
        fprintf(out, ",\"code\":null,\"signal\":%d", WTERMSIG(status));
    } else {
        fprintf(out, ",\"code\":%d,\"signal\":null", WEXITSTATUS(status));
    }
    fprintf(out,
            ",\"peak_bytes\":%" PRIu64 ",\"minor_faults\":%ld,\"major_faults\":%ld,\"user_ns\":%" PRIu64
            ",\"system_ns\":%" PRIu64 ",\"switches\":%ld}\n",
            (uint64_t)used->ru_maxrss * unit, used->ru_minflt, used->ru_majflt, nanoseconds(used->ru_utime),
            nanoseconds(used->ru_stime), used->ru_nivcsw);
}

int main(int argc, char **argv) {
    char *end = NULL;
    const long fd = argc > 2 ? strtol(argv[1], &end, 10) : -1;
    FILE *out = fd >= 0 && end && !*end && fcntl((int)fd, F_SETFD, FD_CLOEXEC) == 0 ? fdopen((int)fd, "w") : NULL;
    if (!out) {
        fprintf(stderr, "usage: lab-launch FD PROGRAM ARGUMENT...\n");
        return 2;
    }
    die_with_parent();
    int error = 0;
    const uint64_t begin = lp_now_ns();
    const pid_t child = start(argv + 2, &error);
    int status = 0;
    struct rusage used = {0};
    while (child > 0 && wait4(child, &status, 0, &used) < 0 && errno == EINTR) {
    }
    const uint64_t ns = lp_now_ns() - begin;
    if (child < 0 || error) {
        fprintf(out, "{\"errno\":%d}\n", error);
    } else {
        report(out, ns, status, &used);
    }
    return fclose(out) == 0 ? 0 : 2;
}
