"""What a run will cost, said before it begins: from what earlier runs on this machine cost, or else from a guess."""

import contextlib
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from lab.core.errors import StoreError
from lab.core.life import Life
from lab.core.schema import Plan
from lab.experiment.clock import Target, targets_of
from lab.experiment.costs import GUESS_FIXED_S, GUESS_PAIR_S, GUESS_SETUP_S
from lab.experiment.pairing import FIRST_PAIRS
from lab.experiment.python_kernel import is_python
from lab.store import write_atomically

FILE = "costs.json"


@dataclass(frozen=True, slots=True)
class Price:
    """Of the clock's part of a run.

    Attributes:
        comparisons: that it makes, the controls among them.
        processes: of each, until its verdict, where the difference is clear.
        seconds: for all of them.
        first_s: of these, for the priority comparisons.
        known: whether it is from runs on this machine.
        budget_s: seconds that the plan gives the clock.
        whole_s: budget of the command that would do for everything.
    """

    comparisons: int
    processes: int
    seconds: float
    first_s: float
    known: bool
    budget_s: float
    whole_s: float

    def sentences(self) -> list[str]:
        """For people: what it costs, and what another budget would change."""
        source = "as runs on this machine took before" if self.known else "a guess until each group was measured once"
        what = f"{self.comparisons} comparisons, about {self.processes} processes each"
        lines = [f"{what}: about {self.seconds:.0f} s of clock ({source})"]
        if self.budget_s > 36_000:
            return lines
        if self.seconds <= self.budget_s:
            lines.append(f"the budget leaves {self.budget_s:.0f} s for the clock, enough for all of them")
        else:
            first = "the answers" if self.first_s <= self.budget_s else "a part of the answers"
            lines.append(
                f"the budget leaves {self.budget_s:.0f} s for the clock, enough for {first} and about"
                f" {self.budget_s / self.seconds:.0%} of the whole; --budget {self.whole_s:.0f} would do for all of it,"
                " --only measures a part"
            )
        return lines


class _Remembered(msgspec.Struct):
    """Seconds of one comparison in one process, by group and kind of worker, for one build of the code under test."""

    kernels: str
    host: str
    seconds: dict[str, float]


def price_of(plan: Plan, needed: float, folder: Path) -> Price:
    """What a plan costs.

    Args:
        plan: of the run.
        needed: processes until a verdict where the difference is clear, as the judge expects it of a fresh comparison.
        folder: of the cache in which `remember_costs` keeps what runs cost.
    """
    remembered = _read(folder / FILE)
    usable = remembered.seconds if remembered is not None and remembered.host == plan.host else {}
    by_bundle: dict[str, list[Target]] = defaultdict(list)
    for case in plan.cases:
        for target in targets_of(case):
            by_bundle[_bundle(target)].append(target)
    processes = math.ceil(needed) if math.isfinite(needed) else plan.clock.most_processes
    seconds = first = 0.0
    for bundle, targets in by_bundle.items():
        for target in targets:
            one = usable.get(bundle, _guess(bundle, target, len(targets))) * processes
            seconds += one
            first += one * (target.case.priority == 0)
    clock = plan.clock.budget_s
    share = clock / plan.budget_s if plan.budget_s else 1.0
    return Price(
        comparisons=sum(map(len, by_bundle.values())),
        processes=processes,
        seconds=seconds,
        first_s=first,
        known=set(by_bundle) <= set(usable),
        budget_s=clock,
        whole_s=math.ceil(seconds / share / 10) * 10,
    )


def remember_costs(plan: Plan, lives: Iterable[Life], folder: Path) -> None:
    """Keep what a run cost, for the price of later ones.

    Args:
        plan: of the run.
        lives: where the time of its workers went.
        folder: of the cache; nothing is kept where it cannot be written.
    """
    remembered = _read(folder / FILE)
    known = remembered.seconds if remembered is not None and remembered.host == plan.host else {}
    for life in lives:
        if life.comparisons:
            comparisons = life.comparisons / (2 if life.kind.endswith("alone") else 1)
            known[f"{life.experiment}/{life.group}/{life.kind}"] = life.wall / comparisons
    with contextlib.suppress(StoreError):
        write_atomically(folder / FILE, msgspec.json.encode(_Remembered(plan.kernels, plan.host, known)))


def _read(path: Path) -> _Remembered | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Remembered)
    except (OSError, msgspec.DecodeError):
        return None  # a damaged file costs no more than the guess


def _bundle(target: Target) -> str:
    kind = "alone" if target.mode == "separate" else "pairs"
    python = "python-" if is_python(target.case.kernel) else ""
    return f"{target.case.experiment}/{target.case.group}/{python}{kind}"


def _guess(bundle: str, target: Target, sharing: int) -> float:
    kind = target.case.kind
    fixed = GUESS_FIXED_S[bundle.rpartition("/")[2]] / sharing
    return fixed + GUESS_SETUP_S[kind] + 3 * FIRST_PAIRS * GUESS_PAIR_S[kind]
