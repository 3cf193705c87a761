"""Identifiers kept as copies, in the plan's own table, or interned: memory, time, and what comparing them costs."""

from experiments.claims import read_claims
from experiments.inputs import tokens
from lab.core.schema import ClaimTest, Metric
from lab.experiment.declare import Arms, Experiment, Group, everywhere, words

STRING_MEMORY = Metric("string_memory_bytes", "B", "memory of strings, tables and handles", "ledger", exact=True)

STREAM = Group(
    name="stream",
    title="A stream of identifiers",
    kernel="interning.tokens",
    input=tokens,
    factors=(words("tokens", "corpus", "example"),),
    arms=Arms(
        "way",
        "copies",
        {
            "copies": "A block of malloc and a pointer for each identifier.",
            "plan": "The plan's table: each distinct string once behind a counter, a pointer for each identifier.",
            "interner": "The layer's interner: each distinct string once, a number of 4 bytes for each identifier.",
        },
    ),
    kind="allocating",
    separate=everywhere,
    passes=dict.fromkeys(("callgrind", "perf", "allocations"), everywhere),
    axis="tokens",
    note=(
        "Time per identifier to keep the whole stream and free it. corpus: as they stand in the sources; example: the"
        " plan's eight words."
    ),
)
EQUAL = Group(
    name="equal",
    title="Comparing two strings",
    kernel="interning.equal",
    factors=(words("length", 1, 16, 64, 256, 1024, 4096, quick=(1, 16, 256, 4096)),),
    arms=Arms("way", "bytes", {"bytes": "memcmp of both texts.", "ids": "The interner's numbers are compared."}),
    passes={"callgrind": everywhere, "perf": everywhere},
    axis="length",
    note="Time per comparison of strings that differ in their last byte or not at all.",
)

EXPERIMENT = Experiment(
    name="interning",
    title="Interning: each string once",
    question="Does interning identifiers save memory and time?",
    groups=(STREAM, EQUAL),
    claims=(
        ClaimTest("I1", STRING_MEMORY.name, "interner", {"tokens": "corpus"}, "table and numbers counted"),
        ClaimTest("I1", STRING_MEMORY.name, "plan", {"tokens": "corpus"}, "the plan's own structure"),
        ClaimTest("I2", STRING_MEMORY.name, "interner", {"tokens": "example"}, "table and numbers counted"),
        ClaimTest("I2", STRING_MEMORY.name, "plan", {"tokens": "example"}, "the plan's own structure"),
    ),
    promises=read_claims,
    limits=(
        "The table starts small and grows in both structures. The plan's example counts the letters alone; here every"
        " byte that the program holds counts. What comparing numbers saves is only saved where strings are compared."
    ),
    metrics=(STRING_MEMORY,),
)
