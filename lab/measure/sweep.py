"""What the memory hierarchy really holds, read off the latency of dependent loads by working set.

What sysfs says about caches is what the hypervisor says; on a shared host the last level behaves like a fraction of
it. The driver measures the latency of a chain of dependent loads for working sets from 8 KiB up (lp/sweep.h). Plotted
over the size it is a staircase: a step's tread is a level, its edge the level's effective capacity.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from lab.core.errors import EnvironmentFailure
from lab.measure.native import Native
from lab.measure.process import run_lines

KIB = 1 << 10
MIB = 1 << 20
MOST_BYTES = 128 * MIB
AGAIN_BYTES = 32 * MIB  # second and third look at the sizes whose levels are shared with other guests
TREAD_GROWTH = 1.25  # latency grows by less than this over a doubling on a tread
EDGE_GROWTH = 1.6  # beyond this times the tread's latency most loads miss the level
NOMINAL_SLACK = 1.5  # a step this far beyond a level's nominal size still belongs to it
LEAST_LAST_BYTES = 32 * MIB
MOST_LAST_BYTES = 96 * MIB
_IDLE_TIMEOUT_S = 60.0

Points = Sequence[tuple[int, float]]  # (working set in bytes, ns per load), smallest first


class Sweep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A measured staircase: `huge_bytes` of its memory were backed by huge pages."""

    points: tuple[tuple[int, float], ...]
    huge_bytes: int


class _Answer(msgspec.Struct):
    begin: str = ""
    id: str = ""
    status: str = ""
    reason: str = ""
    huge_bytes: int = 0
    points: list[tuple[int, float]] = []


@dataclass(frozen=True, slots=True)
class Level:
    """One level of the hierarchy as it behaves: up to `bytes` a load takes about `ns`; bytes None for DRAM."""

    label: str
    bytes: int | None
    ns: float


@dataclass(frozen=True, slots=True)
class WorkingSet:
    """A size that lives in one level of the memory hierarchy: label "L1", "L2", "L3" or "DRAM"."""

    label: str
    bytes: int


def run_sweep(native: Native, *, available_bytes: int) -> Sweep:
    """Measure the staircase, about two seconds: the least latency of each size over three looks.

    Args:
        native: the driver.
        available_bytes: of memory; the sweep takes a quarter at most.

    Raises:
        EnvironmentFailure: it could not be measured.
    """
    most = min(MOST_BYTES, available_bytes // 4)
    answers: list[_Answer] = []
    looks = (most, min(most, AGAIN_BYTES), min(most, AGAIN_BYTES))
    outcome = run_lines(
        native.driver_command(),
        stdin_text="".join(f"sweep\t{number}\t{size}\t{number}\n" for number, size in enumerate(looks)),
        answers=True,
        idle_timeout_s=_IDLE_TIMEOUT_S,
        on_line=lambda line: answers.append(msgspec.json.decode(line, type=_Answer)),
    )
    answers = [answer for answer in answers if answer.id]
    reason = outcome.trouble or next((answer.reason for answer in answers if answer.status != "ok"), "")
    if reason or not answers:
        raise EnvironmentFailure(f"the caches could not be measured: {reason}; free some memory and try again")
    least: dict[int, float] = {}
    for answer in answers:
        for size, ns in answer.points:
            least[size] = min(ns, least.get(size, ns))
    return Sweep(tuple(sorted(least.items())), min(answer.huge_bytes for answer in answers))


def find_steps(points: Points) -> list[tuple[int | None, float]]:
    """The treads of the staircase: (capacity in bytes, ns per load), None for the last one, whose edge is not in sight.

    Disturbance only adds time, and a larger working set is never faster, so each latency is first lowered to the
    least of its own and all larger sizes'. A tread begins where the latency grows by less than TREAD_GROWTH over the
    next doubling; its edge is the largest size that stays below EDGE_GROWTH times its latency.
    """
    sizes = [size for size, _ in points]
    levelled = [min(ns for _, ns in points[at:]) for at in range(len(points))]

    def doubled(at: int) -> int | None:
        return next((other for other in range(at, len(sizes)) if sizes[other] >= 2 * sizes[at]), None)

    steps: list[tuple[int | None, float]] = []
    at = 0
    while at < len(sizes):
        other = doubled(at)
        if other is not None and levelled[other] > TREAD_GROWTH * levelled[at]:
            at += 1
            continue
        edge = max(here for here in range(at, len(sizes)) if levelled[here] <= EDGE_GROWTH * levelled[at])
        last = edge == len(sizes) - 1
        if other is not None or not steps or steps[-1][0] is not None:
            steps.append((None if last else sizes[edge], levelled[at]))
        at = edge + 1
    return steps


def find_levels(points: Points, nominal: Mapping[str, int]) -> list[Level]:
    """The levels as they behave, smallest first.

    Args:
        points: of a sweep.
        nominal: what the system says: "L1" -> bytes ...; may be empty.

    Returns:
        A step belongs to the first level whose nominal size (with some slack) reaches it, and to the largest level
        beyond that; where several steps belong to one level (a TLB's edge inside a cache) the largest is its
        capacity. Without nominal sizes steps are L1, L2 ... in order. The last step is DRAM where its edge is out
        of sight. A level without a step is left out.
    """
    steps = find_steps(points)
    levels: dict[str, Level] = {}
    ordered = sorted(nominal.items(), key=lambda item: item[1])
    for number, (capacity, ns) in enumerate(steps):
        if capacity is None:
            levels["DRAM"] = Level("DRAM", None, ns)
            continue
        label = f"L{number + 1}"
        if ordered:
            label = next((name for name, size in ordered if capacity <= NOMINAL_SLACK * size), ordered[-1][0])
        earlier = levels.get(label)
        levels[label] = Level(label, capacity, earlier.ns if earlier else ns)
    return list(levels.values())


def choose_working_sets(
    levels: Sequence[Level], nominal: Mapping[str, int], *, most_bytes: int
) -> tuple[list[WorkingSet], dict[str, str]]:
    """One size well inside each level, and the levels that get none, with the reason.

    Args:
        levels: as found by `find_levels`.
        nominal: the levels that the system says there are.
        most_bytes: no working set is larger.

    Returns:
        Half of a cache level's effective capacity, rounded down to a power of two, if that is at least twice the
        level before; for DRAM eight times the effective last level, rounded up to a power of two, at least
        LEAST_LAST_BYTES and at most MOST_LAST_BYTES.
    """
    found: list[WorkingSet] = []
    dropped: dict[str, str] = {
        label: "the latency sweep shows no step of its own for it"
        for label in [*nominal, "DRAM"]
        if label not in {level.label for level in levels}
    }
    before = 0
    for level in levels:
        if level.bytes is None:
            size = min(max(_power_up(8 * before), LEAST_LAST_BYTES), MOST_LAST_BYTES, most_bytes)
        else:
            size = min(1 << ((level.bytes // 2).bit_length() - 1), most_bytes)
        if size < 2 * before:
            held = f"{before // KIB} KiB are held by the level before it"
            dropped[level.label] = f"no size of at most {most_bytes // MIB} MiB is clearly inside it: {held}"
        else:
            found.append(WorkingSet(level.label, size))
        before = level.bytes or before
    return found, dropped


def _power_up(size: int) -> int:
    return 1 << max(size - 1, 0).bit_length()
