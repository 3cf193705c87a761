/* json.h: the driver's answers, one JSON object per line on standard output. */
#ifndef DRIVER_JSON_H
#define DRIVER_JSON_H

#include <stdint.h>

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
/* Ends the line and flushes, so that the runner knows how far a crashed worker had come. */
void json_end_line(void);

#endif
