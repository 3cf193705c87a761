/* fe/batch.h: many sources at once, over a team of threads with a session each.
 *
 * Results are in the order of the sources, whoever translated them. A source that fails has no result and is named with
 * its error; all others keep theirs. Sessions stay warm from batch to batch.
 *
 * Threads: a translator runs one batch at a time, any other is FE_BUSY; fe_translator_cancel may be called from
 * anywhere. A batch that has ended is only read, by any number of threads, and outlives its translator.
 */
#ifndef FE_BATCH_H
#define FE_BATCH_H

#include <pm/batch.h>

#include "fe/columns.h"
#include "fe/frontend.h"

#ifdef __cplusplus
extern "C" {
#endif

/* cdef:begin */
typedef struct fe_translator fe_translator;
typedef struct fe_batch fe_batch;

typedef struct fe_translator_options {
    fe_options session;  /* of each worker. PREFETCH also asks for the first lines of the source that comes next. */
    size_t worker_count; /* 0: one for each processor that the process may run on */
    bool numa;           /* binds workers to the nodes in turn, so that what a session holds lies near its thread */
} fe_translator_options;

/* What a batch keeps of what its tasks make. */
typedef enum fe_keep {
    FE_KEEP_NOTHING = 0, /* made and dropped */
    FE_KEEP_TEXT = 1,    /* the texts (FE_STAGE_TEXT), as one column */
    FE_KEEP_DIGEST = 2,  /* an fe_digest of each text */
    FE_KEEP_COLUMNS = 3  /* the nodes (FE_STAGE_COLUMNS): one fe_columns for each worker */
} fe_keep;

typedef struct fe_failure {
    size_t index; /* of the source */
    fe_error error;
} fe_failure;

typedef struct fe_batch_report {
    size_t done_count;
    size_t failed_count;
    size_t cancelled_count; /* never begun; done + failed + cancelled = the sources */
    size_t worker_count;
    size_t pinned_count; /* workers that were bound to a node */
} fe_batch_report;

/* Starts the threads. options NULL: all switches, 3.11, a worker per processor. As fe_session_new; FE_INVALID also for
 * more workers than PM_TEAM_WORKERS_MAX, FE_NO_MEMORY also where the system refuses a thread. */
PM_API PM_NODISCARD fe_status fe_translator_new(const fe_translator_options *options, fe_translator **out);

/* Ends threads and sessions; not while a batch runs. NULL is allowed. */
PM_API void fe_translator_free(fe_translator *translator);

/* Begins no further source of the batch that runs now. */
PM_API void fe_translator_cancel(fe_translator *translator);

/* The sessions give back what they keep: the next batch is a cold one. FE_BUSY. */
PM_API fe_status fe_translator_trim(fe_translator *translator);

/* Translates texts, or a column of them, borrowed for the call; `padded` says of each what fe_translate_padded asks.
 * FE_OK says that the batch ran: the report says how its sources did. FE_INVALID: offsets that decrease or pass the
 * data, or `keep` that does not go with `stage`. FE_BUSY, FE_NO_MEMORY. End *out with fe_batch_free. */
PM_API PM_NODISCARD fe_status fe_translate_texts(fe_translator *translator, const pm_text *sources, size_t count,
                                                 bool padded, fe_stage stage, fe_keep keep, fe_batch **out);
PM_API PM_NODISCARD fe_status fe_translate_column(fe_translator *translator, const pm_column_view *sources,
                                                  fe_stage stage, fe_keep keep, fe_batch **out);

/* The same for files: the texts are their paths. */
PM_API PM_NODISCARD fe_status fe_translate_files(fe_translator *translator, const pm_text *paths, size_t count,
                                                 fe_stage stage, fe_keep keep, fe_batch **out);

/* NULL is allowed. */
PM_API void fe_batch_free(fe_batch *batch);

PM_API void fe_batch_read_report(const fe_batch *batch, fe_batch_report *out);

/* FE_KEEP_TEXT: one text for each source, empty where it failed: int64_t offsets, data aligned to 64 bytes and padded
 * with zeros to a multiple of them. The batch's memory. No rows where another thing was kept. */
PM_API void fe_batch_view(const fe_batch *batch, pm_column_view *out);

/* FE_KEEP_DIGEST: one for each source, 0 where it failed; else NULL. */
PM_API const uint64_t *fe_batch_digests(const fe_batch *batch);

/* FE_KEEP_COLUMNS: those of a worker, in which `file` is the index of the source; NULL beyond the last worker. */
PM_API const fe_columns *fe_batch_columns(const fe_batch *batch, size_t worker);

/* How each source ended; FE_CANCELLED where it never began. NULL where there is none. */
PM_API const fe_status *fe_batch_statuses(const fe_batch *batch);

/* The failures by rising index. */
PM_API const fe_failure *fe_batch_failures(const fe_batch *batch, size_t *count);

/* What the batch cost its sessions; live_bytes and peak_bytes are sums over them. */
PM_API void fe_batch_read_ledger(const fe_batch *batch, fe_ledger *out);

/* A sum that tells texts apart, of a text that comes in pieces: wherever it is cut the sum is the same. Zeros to begin
 * with. Not for adversaries: two sums over 64-bit words, as in J. Fletcher, "An arithmetic checksum for serial
 * transmissions", IEEE Transactions on Communications 30, 1982. */
typedef struct fe_digest {
    uint64_t first, second; /* the sum of the words, the sum of the sums */
    uint64_t rest;          /* bytes that do not make a word yet, the first one lowest */
    uint64_t bytes;         /* in all */
} fe_digest;

PM_API void fe_digest_add(fe_digest *digest, const void *data, size_t bytes);
PM_API uint64_t fe_digest_end(const fe_digest *digest);
/* cdef:end */

#ifdef __cplusplus
}
#endif
#endif
