/* Files, read by the system straight to where the lexer looks at them.
 *
 * A read asks for a byte more than the file is said to have: where it gets as many as were said, that was the end, and
 * a file takes four system calls. One that shrinks or grows meanwhile, or says nothing of its size, is read to its end.
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

/* Fills `source` from byte `done` on, up to `room` bytes in all; returns how many there are then: fewer at the end of
 * the file alone. `said` bytes are taken for the whole file where a read ends there. */
static size_t read_on(fe_task *task, uint8_t *source, size_t done, size_t room, size_t said, bool is_stream) {
    while (done < room) {
        const ssize_t got = read(task->session->file, source + done, room - done < READ_MAX ? room - done : READ_MAX);
        if (got < 0 && errno == EINTR && !is_stream) {
            continue;
        }
        if (got < 0) {
            fail_read(task, errno, strerror(errno));
        }
        done += (size_t)got;
        if (got == 0 || (done == said && !is_stream)) {
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
    const bool is_stream = !S_ISREG(file.st_mode);
    if (is_stream) { /* a pipe or a device: wait for whoever writes to it */
        fe_read_end(session);
        session->file = open(path, O_RDONLY | O_CLOEXEC | O_BINARY);
        if (session->file < 0) {
            fail_read(task, errno, strerror(errno));
        }
    }
    const size_t said = is_stream || file.st_size <= 0 ? 0 : (size_t)file.st_size;
    size_t bytes = 0, room = said;
    for (;;) {
        uint8_t *source = fe_source_room(task, room);
        bytes = read_on(task, source, bytes, room + 1, said, is_stream); /* the byte more lies in the tail */
        if (bytes <= room) {
            fe_source_set(task, source, bytes);
            break;
        }
        room = room < 2048 ? 4096 : room * 2;
    }
    fe_read_end(session);
}
