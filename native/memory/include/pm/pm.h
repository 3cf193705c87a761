/* pm/pm.h: the whole memory layer. */
#ifndef PM_PM_H
#define PM_PM_H

#include "arena.h"
#include "assert.h"
#include "batch.h"
#include "buffer.h"
#include "cow.h"
#include "cpu.h"
#include "interner.h"
#include "ledger.h"
#include "linear.h"
#include "map.h"
#include "numa.h"
#include "pages.h"
#include "parallel.h"
#include "pool.h"
#include "prefetch.h"
#include "scan.h"
#include "status.h"
#include "strbuf.h"
#include "stream.h"
#include "text.h"
#include "translate.h"
#include "vec.h"
#include "wasmtime.h"

#endif
