"""Nodes of a syntax tree from an arena, from malloc, and from other allocators."""

from experiments.claims import read_claims
from experiments.peers import ALLOCATORS
from lab.core.schema import TIME, ClaimTest
from lab.experiment.declare import Arms, Experiment, Group, everywhere, nowhere, words

MALLOC = "malloc"

NODES = Group(
    name="nodes",
    title="1000 nodes of 16 to 96 bytes, then all freed",
    kernel="peers.arena",
    factors=(words("through", "call", "inline"),),
    arms=Arms(
        "contender",
        MALLOC,
        {
            MALLOC: "A block of malloc for each node, each freed by itself.",
            "ours": "The arena: a pointer moves; all nodes are freed at once.",
            "bump": "A pointer moved by hand in one block: what an arena costs at least.",
        },
    ),
    kind="allocating",
    separate=everywhere,
    passes=dict.fromkeys(("callgrind", "perf", "resident", "allocations"), everywhere),
    axis="through",
    note="Time per node. call: the arena's exported function; inline: its inlined one.",
)
ALLOCATED = Group(
    name="allocators",
    title="The same nodes from other allocators",
    kernel="peers.arena",
    factors=(words("through", "inline"),),
    arms=Arms(
        "contender",
        "ours",
        {"ours": "The arena."} | {name: f"malloc and free of {name}, preloaded." for name in ALLOCATORS},
        dict.fromkeys(ALLOCATORS, MALLOC),
        ALLOCATORS,
    ),
    kind="allocating",
    null=nowhere,
    paired=nowhere,
    separate=everywhere,
    axis="through",
    note="Time per node, each allocator in processes of its own.",
)

EXPERIMENT = Experiment(
    name="arena",
    title="Arena: one block for many nodes",
    question="Does it pay to take the nodes of a tree from an arena?",
    groups=(NODES, ALLOCATED),
    claims=(ClaimTest("A1", TIME, "ours", {"through": "inline"}, "inlined allocation"),
            ClaimTest("A1", TIME, "ours", {"through": "call"}, "an exported function")),
    promises=read_claims,
    limits=(
        "Nodes are linked and never read again: what a program gains by having them side by side is not in these times."
        " malloc is in its steady state: every size was asked for before. An arena frees nothing before the whole tree."
    ),
)  # fmt: skip
