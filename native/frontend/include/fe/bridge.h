/* fe/bridge.h: the front end as a translator of pm/translate.h: rows of a batch in, a column of texts out.
 *
 * A row's source becomes the text of ast.dump; its path names it in the words of a failure; its config is not read.
 * Each worker gets a session with its first row, which stays for later batches.
 *
 * Threads: a bridge serves one team at a time; rows of another team at the same time may fail with PM_BUSY.
 */
#ifndef FE_BRIDGE_H
#define FE_BRIDGE_H

#include "fe/frontend.h"
#include <pm/translate.h>

#ifdef __cplusplus
extern "C" {
#endif

/* cdef:begin */
typedef struct fe_bridge fe_bridge;

/* options NULL: all switches, 3.11. As fe_session_new. End with fe_bridge_free. */
PM_API PM_NODISCARD fe_status fe_bridge_new(const fe_options *options, fe_bridge **out);

/* Ends its sessions; not while a team uses it. NULL is allowed. */
PM_API void fe_bridge_free(fe_bridge *bridge);

/* A pm_translator; its context is the bridge. A source that is not Python is PM_INVALID, in words with line and column.
 */
PM_API pm_status fe_bridge_translate(void *bridge, const pm_batch_row *task, pm_strbuf *out, pm_worker *worker);
/* cdef:end */

#ifdef __cplusplus
}
#endif
#endif
