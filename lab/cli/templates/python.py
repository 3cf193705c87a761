"""Two ways of doing the same in Python.

Run it with: lab run --experiments FOLDER NAME
Change the four places marked below.
"""

from lab.experiment.declare import Experiment, Group, words
from lab.experiment.subjects import Functions


# 1. What a call gets: made once per process and untimed. Parameters are named after factors (below), and are text.
def numbers(size: str) -> list[int]:
    """Numbers to add up."""
    return list(range(int(size)))


# 2. The ways: functions of one argument at the top of this file. All must return the same.
def loop(values: list[int]) -> int:
    """Add up one by one."""
    total = 0
    for value in values:
        total += value
    return total


def builtin(values: list[int]) -> int:
    """Let sum() do it."""
    return sum(values)


# 3. The arms by name; the first is the baseline.
WAYS = Functions({"loop": loop, "builtin": builtin}, setup=numbers)

EXPERIMENT = Experiment(
    name="NAME",
    title="NAME",
    question="Does sum() pay?",
    groups=(
        Group(
            name="sums",
            title="Adding up a list",
            subject=WAYS,
            arms=WAYS.arms(),
            # 4. What is varied: every combination of factor levels is a case of its own.
            factors=(words("size", 100, 10_000),),
            axis="size",
            item="call",
            kind="allocating",
        ),
    ),
)
