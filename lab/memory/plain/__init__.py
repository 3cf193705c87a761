"""Plain allocation behind the interface of each optimisation, for where one is switched off or could not be built.

What is taken is the ordinary way that the optimisation replaces: a heap block per node, a vector that malloc aligns, a
list of rows, each text an object of its own. Pools have none here: one that retains nothing is plain allocation.
"""

from lab.memory.plain.arena import PlainArena
from lab.memory.plain.batch import PlainBatch
from lab.memory.plain.buffer import PlainBuffer
from lab.memory.plain.interner import PlainInterner

__all__ = ["PlainArena", "PlainBatch", "PlainBuffer", "PlainInterner"]
