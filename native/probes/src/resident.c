/* Resident memory through /proc, faults through getrusage. */
#include "lp/resident.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

void lp_resident_faults(uint64_t *minor_faults, uint64_t *major_faults) {
    struct rusage usage;
    memset(&usage, 0, sizeof usage);
    getrusage(RUSAGE_SELF, &usage);
    *minor_faults = (uint64_t)usage.ru_minflt;
    *major_faults = (uint64_t)usage.ru_majflt;
}

#ifdef __linux__
/* The value of a "Key:  N kB" line of /proc/self/status, read without stdio's buffers, which would be resident too. */
static bool status_bytes(const char *key, uint64_t *bytes) {
    char text[4096];
    int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    ssize_t length = read(fd, text, sizeof text - 1);
    close(fd);
    text[length > 0 ? length : 0] = '\0';
    const char *line = strstr(text, key);
    uint64_t kib = 0;
    if (!line || sscanf(line + strlen(key), " %" SCNu64, &kib) != 1) {
        return false;
    }
    *bytes = kib * 1024;
    return true;
}

static bool reset_peak(void) {
    int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    bool done = write(fd, "5", 1) == 1;
    close(fd);
    return done;
}
#else
static bool status_bytes(const char *key, uint64_t *bytes) {
    (void)key, (void)bytes;
    return false;
}

static bool reset_peak(void) {
    return false;
}
#endif

bool lp_resident_begin(lp_resident *start) {
    start->start_bytes = 0;
    bool done = reset_peak() && status_bytes("VmHWM:", &start->start_bytes);
    lp_resident_faults(&start->minor_faults, &start->major_faults);
    return done;
}

bool lp_resident_peak(const lp_resident *start, uint64_t *peak_bytes) {
    uint64_t peak = 0;
    if (!status_bytes("VmHWM:", &peak)) {
        return false;
    }
    *peak_bytes = peak > start->start_bytes ? peak - start->start_bytes : 0;
    return true;
}
