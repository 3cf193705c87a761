/* pm/translate.h: a text out of every row of a batch, over a team: columns in, one column out.
 *
 * A translator, which the caller gives, turns one task (source, path, config) into one text. Workers run it row by row;
 * the texts, in the order of the rows, become one contiguous column in Arrow layout. A row whose translator fails has
 * an empty text and is named in pm_team_failures; all others keep theirs.
 * Copies: each text once into its worker's arena and once into the column.
 */
#ifndef PM_TRANSLATE_H
#define PM_TRANSLATE_H

#include "batch.h"
#include "parallel.h"
#include "strbuf.h"

#ifdef __cplusplus
extern "C" {
#endif

/* cdef:begin */
typedef struct pm_translation pm_translation;

/* Writes the translation of one task to `out`, which is empty. Any status but PM_OK is a failure of this row alone;
 * pm_worker_fail says it in words. Called from several threads at once; the batch does not change meanwhile. */
typedef pm_status (*pm_translator)(void *context, const pm_batch_row *task, pm_strbuf *out, pm_worker *worker);

typedef enum pm_translate_strings {
    PM_STRINGS_WORKER = 0, /* `out` is one string per worker, used again for each of its rows */
    PM_STRINGS_POOLED = 1, /* out of options.pool, back after each row */
    PM_STRINGS_FRESH = 2   /* made and freed for each row: what the other two are measured against */
} pm_translate_strings;

typedef struct pm_translate_options {
    pm_translate_strings strings;
    pm_pool *pool;            /* of pm_strbuf; for PM_STRINGS_POOLED alone */
    size_t prefetch_distance; /* asks for the first bytes of the source so many rows ahead; 0: not at all */
} pm_translate_options;

/* Translates every row. The batch is only read. options NULL: all defaults. PM_OK says that all rows were tried, or
 * cancelled: pm_translation_report tells how they ended. PM_BUSY as pm_team_run, PM_INVALID for a missing pool,
 * PM_NO_MEMORY, PM_OVERFLOW. End *out with pm_translation_free. */
PM_API PM_NODISCARD pm_status pm_translate_batch(pm_team *team, const pm_batch *batch, pm_translator translator,
                                                 void *context, const pm_translate_options *options,
                                                 pm_translation **out);

/* NULL is allowed. */
PM_API void pm_translation_free(pm_translation *translation);

/* The column: int64_t offsets, data aligned to 64 bytes and padded with zeros to a multiple of them. The translation's
 * memory, unchanged until its end. */
PM_API void pm_translation_view(const pm_translation *translation, pm_column_view *out);

/* How each row ended, as many as there are rows; NULL where there is none. */
PM_API const pm_status *pm_translation_statuses(const pm_translation *translation);

PM_API void pm_translation_report(const pm_translation *translation, pm_team_report *out);

/* Asks for the first bytes of a row's source: a hint, which reads nothing; beyond the last row nothing happens. */
PM_API void pm_translate_prefetch(const pm_batch *batch, size_t row);

/* A translator that copies the source: what the bridge costs by itself. Needs no context. */
PM_API pm_status pm_translate_copy(void *context, const pm_batch_row *task, pm_strbuf *out, pm_worker *worker);
/* cdef:end */

#ifdef __cplusplus
}
#endif
#endif
