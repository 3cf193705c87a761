/* pm/pm.h: the whole memory layer. */
#ifndef PM_PM_H
#define PM_PM_H

#include "arena.h"
#include "batch.h"
#include "buffer.h"
#include "ledger.h"
#include "map.h"
#include "pool.h"
#include "status.h"
#include "strbuf.h"
#include "vec.h"

#endif
