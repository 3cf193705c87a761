"""The lab judged by itself: identical code compared with itself, and slowdowns planted on purpose.

`lab calibrate` runs this experiment again and again and derives from it what the lab can tell apart on this machine.
"""

from experiments.selftest_python import mixer
from lab.experiment.declare import Arms, Experiment, Factor, Group, Level, words
from lab.experiment.python_kernel import python_kernel
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


PLANTS = (10, 20, 50, 100)  # units of extra work per 1000
PLANTED = Arms(
    "plant",
    "0",
    {"0": "The code.", **{str(plant): f"The same code with {plant / 10:g} % more work." for plant in PLANTS}},
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
    title="Planted: more work in the caches",
    kernel="selftest.cache",
    factors=(words("working_set", "8192", "131072"), words("rounds", 1, 4)),
    args={"copy": "same"},
    arms=PLANTED,
    null=lambda _factors: False,
    passes={"callgrind": lambda _factors: True},
    series="rounds",
    note="Each plant should be found worse; the simulated instructions say how much was planted.",
)
PLANTED_HEAP = Group(
    planted=True,
    name="planted_heap",
    title="Planted: more malloc and free",
    kernel="selftest.heap",
    factors=(words("live", 64, 1024), words("sizes", "small", "mixed")),
    args={"copy": "same"},
    arms=PLANTED,
    kind="allocating",
    null=lambda _factors: False,
    passes={"callgrind": lambda _factors: True},
    axis="live",
    series="sizes",
    note="Each plant should be found worse.",
)
PLANTED_MEMORY = Group(
    planted=True,
    name="planted_memory",
    title="Planted: more memory work beyond the caches",
    kernel="selftest.dram",
    factors=(
        words("pattern", "stream", "chase"),
        words("pages", "small", "huge"),
        words("seed", 0),
        _beyond_the_caches(),
    ),
    args={"copy": "same"},
    arms=PLANTED,
    null=lambda _factors: False,
    passes={"callgrind": lambda factors: factors["pages"] == "huge"},
    axis="pages",
    series="pattern",
    note="Each plant should be found worse: the planted work reads memory that no cache holds.",
)
PYTHON = Group(
    name="python",
    title="Identical code: Python",
    kernel=python_kernel(mixer),
    item="unit",
    factors=(words("length", 1, 2, 4, 8, 16, 32),),
    args={"plant": "0"},
    arms=SAME,
    null=lambda _factors: False,
    axis="length",
    note="Every ratio should be 1: all arms interpret the same code.",
)
PLANTED_PYTHON = Group(
    name="planted_python",
    title="Planted: more work in Python",
    kernel=python_kernel(mixer),
    item="unit",
    factors=(words("length", 4, 16),),
    args={"copy": "same"},
    arms=PLANTED,
    null=lambda _factors: False,
    axis="length",
    note="Each plant should be found worse.",
)

EXPERIMENT = Experiment(
    role="selftest",
    name="selftest",
    title="Self-test: identical code and planted slowdowns",
    question="Does the lab call identical code the same, and which slowdowns does it find?",
    groups=(CACHE, HEAP, MEMORY, PYTHON, PLANTED_CACHE, PLANTED_HEAP, PLANTED_MEMORY, PLANTED_PYTHON),
    limits=(
        "It shows how often this lab errs on this machine in the load it is under now; another hour may differ. Arms of"
        " a pair have memory of their own, so a lasting difference in where it lies is part of what is judged. What the"
        " planted instructions cost in time is the processor's to say: near their share where units of work wait for"
        " each other, as they are made to here."
    ),
)
