"""The translation workload switch by switch: what each memory technique brings among all the others."""

from dataclasses import replace

from experiments.claims import read_claims
from experiments.frontend import CONTRADICTION, LEDGER, PROXY, SWITCHES
from experiments.inputs import few_pieces, small_sources
from lab.core.schema import ClaimTest
from lab.experiment.declare import Experiment, Group, everywhere, words
from lab.experiment.settings import cyclic, every, setting_arms


def _not_quick(_factors: object, profile: str) -> str:
    return "" if profile != "quick" else "the quick profile attributes one workload, the pieces of 1 KB"


def _only_full(_factors: object, profile: str) -> str:
    return (
        "" if profile == "full" else "all 256 settings take the full profile; the others measure a balanced 58 of them"
    )


NOTE = (
    "Each point is a factor on the time, below 1 is faster. Among all the others: the mean over all orders in which the"
    " switches can be turned on (Shapley); these factors multiply to what all of them bring together. Alone:"
    " against everything off. Added last: against everything else on. Where the three disagree switches act together,"
    " and asking for one at a time misleads."
)

PIECES = Group(
    name="pieces",
    title="Source to text, batches of ten files of about 1 KB",
    kernel="translation.pipeline",
    input=few_pieces,
    factors=(words("stage", "text"),),
    args={"batch": "10", "state": "warm", "threads": "1"},
    arms=setting_arms("switches", SWITCHES, cyclic),
    kind="allocating",
    passes={"callgrind": everywhere, "allocations": everywhere},
    axis="stage",
    note=NOTE,
)

LIBRARY = replace(
    PIECES,
    name="library",
    title="Source to tree, ten files of 2 to 8 KB",
    input=small_sources,
    factors=(words("stage", "parse"),),
    keep=_not_quick,
    passes={},
)

EVERY = replace(
    PIECES,
    name="every",
    title="Source to text, all 256 settings",
    arms=setting_arms("switches", SWITCHES, every),
    keep=_only_full,
)

# Promise -> the switch that it is about.
PROMISED = {
    "C1": "arena",
    "C2": "pool",
    "C3": "intern",
    "C4": "soa",
    "C5": "views",
    "C6": "prefetch",
    "C7": "aligned",
}

EXPERIMENT = Experiment(
    role="default",
    name="ablation",
    title="Ablation: what each memory technique brings",
    question="Which of the memory techniques make a real front end faster, and by how much?",
    groups=(PIECES, LIBRARY, EVERY),
    claims=tuple(
        ClaimTest(claim, "speed_gain", switch, note="A proxy for a translator's front half")
        for claim, switch in PROMISED.items()
    ),
    promises=read_claims,
    limits=(
        f"{PROXY} {CONTRADICTION} A share is a share among these eight switches: a ninth would take from all of them."
        " With 58 of the 256 settings the shares are exact as long as no three switches do together what no two of them"
        " do."
    ),
    metrics=LEDGER,
)
