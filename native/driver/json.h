/* json.h: the driver's answers, one JSON object per line on a descriptor of their own: standard output is left to the
 * kernels. Written with write() from a buffer of this module, without stdio and without an allocation, so that what is
 * counted of a kernel's heap does not depend on it. One thread. */
#ifndef DRIVER_JSON_H
#define DRIVER_JSON_H

#include <stdint.h>

#ifdef __GNUC__
#define JSON_FORMAT __attribute__((format(printf, 1, 2)))
#else
#define JSON_FORMAT
#endif

/* Takes the descriptor that answers go to, standard output until then. It is moved to another number, which programs
 * that the kernel starts do not inherit. Returns 0, or -1 if it is not open. */
int json_open(int descriptor);
void json_print(const char *format, ...) JSON_FORMAT;
void json_char(char c);
/* Writes `text` as a JSON string with its quotes; bytes below 0x20, quotes and backslashes are escaped. */
void json_string(const char *text);
/* {"begin":ID} */
void json_begin(const char *id);
/* {"id":ID,"status":"ok" and no end: more fields follow. */
void json_ok(const char *id);
/* {"id":ID,"status":STATUS,"reason":REASON} */
void json_failure(const char *id, const char *status, const char *reason);
/* ,"name":[v,v,...] with values taken `stride` bytes apart. */
void json_u64_array(const char *name, const uint64_t *values, uint64_t count, uint64_t stride);
/* Ends the line and writes it out, so that the runner knows how far a crashed worker had come. Ends the process with
 * exit code 4 where nobody can read it any more. */
void json_end_line(void);

#endif
