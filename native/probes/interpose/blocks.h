/* blocks.h: the requested size of every live block, by address.
 *
 * Threads: any. Memory comes from the system directly, never from the allocator that is being counted.
 */
#ifndef LAB_BLOCKS_H
#define LAB_BLOCKS_H

#include <stdbool.h>
#include <stdint.h>

/* Remembers a block that is not remembered yet. false: the system refused memory for the table. */
bool blocks_put(const void *block, uint64_t requested_bytes);
/* Forgets a block and tells its size. false: it was never remembered. */
bool blocks_take(const void *block, uint64_t *requested_bytes);

/* Around fork, so that the child finds no lock held by a thread it does not have. */
void blocks_lock_all(void);
void blocks_unlock_all(void);

#endif
