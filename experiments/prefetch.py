"""Read hints some elements ahead: how far ahead, over which order, and what it saves of each read."""

from experiments.claims import read_claims
from lab.core.schema import TIME, ClaimTest
from lab.experiment.declare import Arms, Experiment, Group, everywhere, words, working_sets

DISTANCES = ("1", "2", "4", "8", "16", "32", "64")

INDEXED = Group(
    name="indexed",
    title="A table read through an index",
    kernel="prefetch.sum",
    factors=(words("order", "sequential", "random"), working_sets()),
    args={"pages": "small"},
    arms=Arms(
        "distance",
        "0",
        {"0": "No hints."} | {number: f"A hint {number} elements ahead." for number in DISTANCES},
    ),
    null=lambda factors: factors["order"] == "random",
    keep=lambda factors, profile: (
        "the quick profile takes the smallest and the largest working set"
        * (profile == "quick" and factors["working_set"] not in ("L1", "DRAM"))
    ),
    passes={"callgrind": lambda factors: factors["working_set"] != "DRAM", "perf": everywhere},
    series="order",
    note="Time per read. sequential: the processor sees the pattern by itself; random: only the index knows.",
)
CHAINS = Group(
    name="chains",
    title="Lookups that each need the last",
    kernel="peers.chase",
    factors=(words("interleave", 16, 32, 64, quick=(16,)), working_sets()),
    args={"pages": "small"},
    arms=Arms(
        "contender", "plain", {"plain": "One chain after the other.", "ours": "Chains side by side, with hints."}
    ),
    keep=lambda factors, _profile: "the table needs 256 KiB" if factors["working_set"] in ("L1", "L2") else "",
    passes={"perf": everywhere},
    axis="working_set",
    series="interleave",
    note="Time per lookup. A hint cannot help a chain by itself: the next address comes with the data.",
)

EXPERIMENT = Experiment(
    name="prefetch",
    title="Prefetching: asking for data before it is needed",
    question="Do read hints pay, and how far ahead?",
    groups=(INDEXED, CHAINS),
    claims=(ClaimTest("F1", TIME, "8", {"order": "random", "working_set": "DRAM"}, "8 ahead, random order"),),
    promises=read_claims,
    limits=(
        "Each read is an addition; a processor that keeps many loads in flight already overlaps their waits, and work"
        " that computes more per element leaves less room for hints. The index itself is read in sequence."
    ),
)
