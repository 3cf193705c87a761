/* regions.h: the driver's side of lk/region_pool.h. Off until the plan's command `keep`: passes that count memory must
 * see what each working set takes.
 */
#ifndef DRIVER_REGIONS_H
#define DRIVER_REGIONS_H

#include "lk/region_pool.h"

void regions_keep_from_now_on(void);

/* Found by name from the kernel libraries. */
__attribute__((visibility("default"))) void *lk_region_take(size_t mapped_bytes, unsigned pages);
__attribute__((visibility("default"))) int lk_region_keep(void *mapping, size_t mapped_bytes, unsigned pages);

#endif
