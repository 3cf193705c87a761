"""Many tasks at once: on Python threads, on a team of native threads, and the five forms of `parallel_translate`.

Two kinds of task. A Python callable runs on Python threads (`lab.memory.bridge.threads`): they share the GIL, so this
scales only as far as the callable releases it (files, NumPy, compression, calls of this layer). A `NativeTranslator`, a
C function, runs on the threads of a `WorkerTeam` (`lab.memory.bridge.team`) without Python objects and without the GIL:
that scales with the processors.
"""

from lab.memory.bridge.forms import (
    parallel_translate,
    parallel_translate_batch_soa,
    parallel_translate_numa,
    parallel_translate_pooled,
    parallel_translate_prefetch,
)
from lab.memory.bridge.team import COPY, NativeTranslator, TeamStats, Translation, WorkerTeam
from lab.memory.bridge.threads import ParallelResults, TaskFailure, parallel_map

__all__ = [
    "COPY",
    "NativeTranslator",
    "ParallelResults",
    "TaskFailure",
    "TeamStats",
    "Translation",
    "WorkerTeam",
    "parallel_map",
    "parallel_translate",
    "parallel_translate_batch_soa",
    "parallel_translate_numa",
    "parallel_translate_pooled",
    "parallel_translate_prefetch",
]
