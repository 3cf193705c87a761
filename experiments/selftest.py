"""The lab judged by itself: identical code compared with itself, and slowdowns planted on purpose."""

from lab.experiment.declare import Arms, Experiment, Factor, Group, Level, words
from lab.measure.machine import Machine

SAME = Arms(
    "copy",
    "same",
    {
        "same": "The code.",
        "again": "The same code.",
        "third": "The same code once more.",
        "fourth": "The same code, a fourth time.",
    },
)
CACHE_SIZES = ("2048", "4096", "8192", "16384", "32768", "65536", "131072", "262144", "524288", "1048576")


def _beyond_the_caches() -> Factor:
    def levels(machine: Machine) -> tuple[Level, ...]:
        size = machine.working_sets[-1].bytes // 2  # still several times what the last level holds, and set up faster
        return (Level("beyond", {"working_set": str(size)}, size, "dram"),)

    return Factor("working_set", levels)


def _planted(per_mille: int) -> Arms:
    return Arms(
        "plant",
        "0",
        {"0": "The code.", str(per_mille): f"The same code with {per_mille / 10:g} % more work."},
    )


CACHE = Group(
    name="cache",
    title="Identical code: integer work in the caches",
    kernel="selftest.cache",
    factors=(words("working_set", *CACHE_SIZES), words("rounds", 1, 2, 4, 8)),
    args={"plant": "0"},
    arms=SAME,
    null=lambda _factors: False,
    series="rounds",
    note="Every ratio should be 1: all arms run the same code on their own copy of the same data.",
)
HEAP = Group(
    name="heap",
    title="Identical code: malloc and free",
    kernel="selftest.heap",
    factors=(words("live", 16, 32, 64, 128, 256, 512, 1024), words("sizes", "small", "medium", "mixed")),
    args={"plant": "0"},
    arms=SAME,
    kind="allocating",
    null=lambda _factors: False,
    axis="live",
    series="sizes",
    note="Every ratio should be 1: all arms make the same sequence of calls of malloc and free.",
)
MEMORY = Group(
    name="memory",
    title="Identical code: beyond the caches",
    kernel="selftest.dram",
    factors=(
        words("pattern", "stream", "chase"),
        words("pages", "small", "huge"),
        words("seed", 0, 1000),
        _beyond_the_caches(),
    ),
    args={"plant": "0"},
    arms=SAME,
    null=lambda _factors: False,
    axis="seed",
    series="pattern",
    note="Every ratio should be 1: all arms run the same code on buffers of their own that lie in different places.",
)
PLANTED_CACHE = Group(
    planted=True,
    name="planted_cache",
    title="Planted: 2 % more work in the caches",
    kernel="selftest.cache",
    factors=(words("working_set", "8192", "131072"), words("rounds", 1, 4)),
    args={"copy": "same"},
    arms=_planted(20),
    null=lambda _factors: False,
    passes={"callgrind": lambda _factors: True},
    series="rounds",
    note="The ratio should be found worse, near 1.02; the simulated instructions say how much was planted.",
)
PLANTED_HEAP = Group(
    planted=True,
    name="planted_heap",
    title="Planted: 5 % more malloc and free",
    kernel="selftest.heap",
    factors=(words("live", 64, 1024), words("sizes", "small", "mixed")),
    args={"copy": "same"},
    arms=_planted(50),
    kind="allocating",
    null=lambda _factors: False,
    passes={"callgrind": lambda _factors: True},
    axis="live",
    series="sizes",
    note="The ratio should be found worse, near 1.05.",
)
PLANTED_MEMORY = Group(
    planted=True,
    name="planted_memory",
    title="Planted: 5 % more memory work beyond the caches",
    kernel="selftest.dram",
    factors=(
        words("pattern", "stream", "chase"),
        words("pages", "huge"),
        words("seed", 0, 1000),
        _beyond_the_caches(),
    ),
    args={"copy": "same"},
    arms=_planted(50),
    null=lambda _factors: False,
    passes={"callgrind": lambda factors: factors["seed"] == "0"},
    axis="seed",
    series="pattern",
    note="The ratio should be found worse, near 1.05: the planted work reads memory that no cache holds.",
)

EXPERIMENT = Experiment(
    role="selftest",
    name="selftest",
    title="Self-test: identical code and planted slowdowns",
    question="Does the lab call identical code the same, and does it find slowdowns of 2 and 5 %?",
    groups=(CACHE, HEAP, MEMORY, PLANTED_CACHE, PLANTED_HEAP, PLANTED_MEMORY),
    limits=(
        "It shows how often this lab errs on this machine in the load it is under now; another hour may differ. Arms of"
        " a pair have memory of their own, so a lasting difference in where it lies is part of what is judged. What the"
        " planted instructions cost in time is the processor's to say: near their share where units of work wait for"
        " each other, as they are made to here."
    ),
)
