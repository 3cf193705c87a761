/* Files, read by the system straight to where the lexer looks at them.
 *
 * One read asks for a byte more than the file is said to have: where it gets fewer, that was the end, and a file takes
 * four system calls. One that shrinks or grows meanwhile is read as it is then.
 */
#include "session.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef O_CLOEXEC
#define O_CLOEXEC 0
#endif
#ifndef O_NONBLOCK
#define O_NONBLOCK 0
#endif
#ifndef O_BINARY
#define O_BINARY 0
#endif

enum { READ_MAX = 1 << 30 };

_Noreturn static void fail_read(fe_task *task, int error, const char *words) {
    task->error.system = error;
    fe_fail(task, FE_READ, 0, 0, "%s", words);
}

void fe_read_end(fe_session *session) {
    if (session->file >= 0) {
        close(session->file);
        session->file = -1;
    }
}

/* Reads up to `bytes` bytes; fewer at the end of the file alone. */
static size_t read_some(fe_task *task, uint8_t *to, size_t bytes) {
    size_t done = 0;
    while (done < bytes) {
        const size_t ask = bytes - done < READ_MAX ? bytes - done : READ_MAX;
        const ssize_t got = read(task->session->file, to + done, ask);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            fail_read(task, errno, strerror(errno));
        }
        done += (size_t)got;
        if ((size_t)got < ask) {
            break;
        }
    }
    return done;
}

void fe_read_file(fe_task *task, const char *path) {
    fe_session *session = task->session;
    struct stat file;
    session->file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_BINARY);
    if (session->file < 0 || fstat(session->file, &file) != 0) {
        fail_read(task, errno, strerror(errno));
    }
    if (S_ISDIR(file.st_mode)) {
        fail_read(task, EISDIR, strerror(EISDIR));
    }
    if (!S_ISREG(file.st_mode)) { /* a pipe may never end, and a terminal waits */
        fail_read(task, EINVAL, "not a regular file");
    }
    size_t bytes = 0, room = file.st_size > 0 ? (size_t)file.st_size : 0;
    for (;;) {
        uint8_t *source = fe_source_room(task, room);
        bytes += read_some(task, source + bytes, room + 1 - bytes); /* the byte more lies in the tail */
        if (bytes <= room) {
            fe_source_set(task, source, bytes);
            break;
        }
        room = room < 2048 ? 4096 : room * 2;
    }
    fe_read_end(session);
}
