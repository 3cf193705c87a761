"""What the gate holds: deterministic figures of fixed, single-threaded cases on the corpus in this folder.

Sizes are fixed and not those of the machine, so that the simulated figures depend on the code and the toolchain alone.
"""

from pathlib import Path

from experiments import alignment, layout, pooling
from experiments.inputs import files, records, source_bytes, tasks
from lab.experiment.declare import Experiment, Group, everywhere, words

PASSES = {"callgrind": everywhere, "allocations": everywhere}

SCAN = Group(
    name="scan",
    title="Records in rows, columns and blocks",
    kernel="layout.scan",
    input=records,
    factors=(words("fields", 1, 8), words("order", "sequential", "random"), words("working_set", 16384, 262144)),
    args={"pages": "small"},
    arms=layout.SCAN.arms,
    passes=PASSES,
    series="fields",
)

TASKS = Group(
    name="tasks",
    title="Translation tasks",
    kernel="layout.tasks",
    input=tasks,
    factors=(words("pass", "lengths", "bytes", "simd", "all"),),
    args={"tasks": "100"},
    arms=layout.TASKS.arms,
    passes=PASSES,
    axis="pass",
)

BUFFERS = Group(
    name="buffers",
    title="Fresh buffers and pooled ones",
    kernel="pooling.buffers",
    input=files,
    factors=(words("object", "strbuf", "vec", "map"), words("size", "plan", "corpus")),
    args={"threads": "one"},
    arms=pooling.BUFFERS.arms,
    kind="allocating",
    passes=PASSES,
    axis="object",
    series="size",
)

STREAM = Group(
    name="stream",
    title="Scans of the corpus at offsets within a line",
    kernel="alignment.stream",
    input=source_bytes,
    factors=(words("op", "sum", "count", "store", "copy"),),
    args={"vector": "16", "working_set": "16384", "pages": "small"},
    arms=alignment.STREAM.arms,
    passes=PASSES,
    axis="op",
)

EXPERIMENT = Experiment(
    role="gate",
    name="gate",
    title="Gate: deterministic figures",
    question="Do the kernels execute and allocate what they did when the baseline was written?",
    groups=(SCAN, TASKS, BUFFERS, STREAM),
    corpus=Path(__file__).parent / "gate_corpus",
    limits="Instructions, simulated misses and allocations say nothing of time; they say whether the code has changed.",
)
