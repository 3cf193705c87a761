"""Which clock workers run next: those that bring the most verdicts per second, the priority cases first.

Work is planned in rounds. In a round each *bundle* (the targets of a group that one kind of worker can measure) gets at
most one worker per arm, in random order, so that drift meets all of them alike. A target is worth weight / needed:
`needed` processes until its verdict as the judge forecasts it, and a weight that counts a priority case as many others.
It costs its set-up, its pairs, and its share of starting the process. Within a bundle the targets of the best worth per
second are taken as long as each raises the bundle's own rate; targets beyond the caches are taken together, because
they share the pages of their working sets. Bundles whose rate is far below the best one's wait. As the cheap ones get
their verdicts, the others follow.

A target whose verdict would take longer than the time left is set aside: the time is spent where it brings one. It
counts again as soon as its forecast allows. Controls, the same code compared with itself, get at most a fifth of the
time.

Every decision follows from the plan, the seed and the stored shards alone, so that a resumed run goes on as validly as
if it had never stopped.
"""

import math
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lab.core.schema import CasePlan, Plan
from lab.core.standing import Standing
from lab.experiment.clock import Asked, Key, Target, Work, targets_of
from lab.experiment.costs import CostModel
from lab.experiment.equipment import Judge
from lab.experiment.pairing import best_pairs
from lab.experiment.python_kernel import is_python
from lab.experiment.state import RunState
from lab.experiment.subjects import is_command
from lab.store.run import Shard

PRIORITY_WEIGHT = 20.0  # a priority case counts as so many others while its verdict is near,
NEAR_NEEDED = 20.0  # within so many processes,
FAR_WEIGHT = 3.0  # and as so many where it is not: one hard question must not keep all others waiting
CONTROLS_SHARE = 0.2  # of the clock's time, at most
WAITS_BELOW = 0.2  # of the best bundle's worth per second
TOGETHER_FROM = 0.1  # of the best one's worth, for targets that share large mappings
TRUSTED_COUNT = 5  # processes after which on a forecast sets a target aside
HOPELESS_NEEDED = 400.0  # what a forecast without an end is taken for
FIRST_S = 0.2  # for the pairs of a target in its first process, which has to show what they cost
FULL_PROCESSES = 12  # of a group whose arms are settings of switches: those that measure every arm

Unit = tuple[Work, ...]  # workers that belong together: the arms of one comparison, each alone in its process


@dataclass(frozen=True, slots=True)
class Open:
    """A target that may be measured next.

    Attributes:
        cost_s: seconds of one further process, apart from what the worker costs anyway.
        saving_s: of these, what is saved where the worker has mapped as large a working set before.
        needed: processes until its verdict.
    """

    target: Target
    standing: Standing
    asked: Asked
    cost_s: float
    saving_s: float
    needed: float
    worth: float


@dataclass(frozen=True, slots=True)
class _Block:
    """Targets that are measured together or not at all: one, or all that share large mappings."""

    members: tuple[Open, ...]

    @property
    def control(self) -> bool:
        return self.members[0].target.mode == "null"

    @property
    def worth(self) -> float:
        return sum(one.worth for one in self.members)

    @property
    def cost_s(self) -> float:
        """One of the cases pays for the mappings, the most expensive; the others save it."""
        savings: dict[str, float] = defaultdict(float)
        for one in self.members:
            savings[one.target.case.id] += one.saving_s
        return sum(one.cost_s for one in self.members) - sum(savings.values()) + max(savings.values())


@dataclass(frozen=True, slots=True)
class _Bundle:
    name: str
    chosen: tuple[Open, ...]
    rate: float


class Scheduler:
    """See the module. Not thread-safe.

    Args:
        state: of the run; what failed or was refused in it is never planned again.
        judge: see Judge.
    """

    def __init__(self, state: RunState, judge: Judge) -> None:
        self._state = state
        self._judge = judge
        self.plan: Plan = state.plan
        self.costs = CostModel()
        self.spent_s = 0.0
        self.controls_s = 0.0
        self._cases = {case.id: case for case in self.plan.cases}
        self.targets = [target for case in self.plan.cases for target in targets_of(case)]
        self._bundles: dict[str, list[Target]] = defaultdict(list)
        for target in self.targets:
            self._bundles[_bundle_of(target)].append(target)
        self._units: dict[str, int] = defaultdict(int)
        self._tried: dict[Key, int] = defaultdict(int)  # processes, those without a figure among them
        self._standings: dict[Key, Standing] = {}  # since the last worker
        self._settled: dict[Key, bool] = {}
        self._open_now: list[Target] | None = None
        self._begun = False
        self._whole = {
            f"clock/{experiment.name}/{group.name}/pairs"
            for experiment in self.plan.experiments
            for group in experiment.groups
            if group.settings
        }

    def learn(self, shard: Shard) -> None:
        """Take in a stored clock worker, in the order in which they finished."""
        self.spent_s += shard.wall_s
        self._judge.observe(shard.measurements)
        self._standings.clear()
        self._settled.clear()
        self._open_now = None
        bundle = next((name for name in self._bundles if shard.work.startswith(f"{name}/")), None)
        if bundle is None:
            return
        number = int(shard.work[len(bundle) + 1 :].partition("/")[0])
        self._units[bundle] = max(self._units[bundle], number + 1)
        self.costs.learn(bundle, shard.wall_s, shard.costs, self._cases)
        for cost in shard.costs:
            self._tried[cost.case, cost.arm, cost.mode] += bool(cost.mode)
        parts = [(cost.mode, cost.setup + cost.check + cost.calibrate + cost.warm + cost.timed) for cost in shard.costs]
        if {mode for mode, _ in parts} <= {"null", ""}:
            self.controls_s += shard.wall_s if parts else 0.0
        else:
            self.controls_s += sum(seconds for mode, seconds in parts if mode == "null")

    # --- what is known -----------------------------------------------------------------------------------------

    def standing(self, target: Target) -> Standing:
        """What the judge knows of a target."""
        key = target.key
        if key not in self._standings:
            self._standings[key] = self._judge.standing(*key)
        return self._standings[key]

    def failed(self, target: Target) -> bool:
        """Whether its case failed, or this machine cannot run one of its arms."""
        arms = {(target.case.id, arm, target.mode) for arm in (target.arm, target.case.baseline)}
        return target.case.id in self._state.failed or not arms.isdisjoint(self._state.refused)

    def settled(self, target: Target) -> bool:
        """Whether a target needs no further process: it has its verdict, or the change asked for is decided."""
        key = target.key
        if key not in self._settled:
            self._settled[key] = self._judge.settled(*key) or self._decided(target)
        return self._settled[key]

    def _decided(self, target: Target) -> bool:
        """Whether a change of the size that the run was asked to decide is ruled out."""
        size, standing = self.plan.until, self.standing(target) if self.plan.until else None
        return standing is not None and standing.high < 1 + size and standing.low > 1 / (1 + size)

    def open_targets(self) -> list[Target]:
        """Those that may still be measured."""
        if self._open_now is None:
            self._open_now = [
                target
                for target in self.targets
                if not self.failed(target)
                and not self.settled(target)
                and self.standing(target).count < self.plan.clock.most_processes
            ]
        return self._open_now

    def begun(self) -> bool:
        """Whether each group has been measured once, where anything in it can be."""
        if not self._begun:
            waiting = {_bundle_of(target) for target in self.open_targets()}
            self._begun = all(self._units[bundle] for bundle in waiting)
        return self._begun

    def answered(self) -> bool:
        """Whether no priority target is open any more."""
        return not any(target.case.priority == 0 and target.mode != "null" for target in self.open_targets())

    def seconds_to_settle(self, target: Target) -> float:
        """What the target's verdict would take from here if nothing else were measured; inf if none is in sight."""
        one = self._open(_bundle_of(target), target, 1)
        fixed = self.costs.fixed_s(_bundle_of(target)) * (2 if target.mode == "separate" else 1)
        return (one.cost_s + fixed) * (one.needed if math.isfinite(self.standing(target).needed) else math.inf)

    def seconds_for_all(self) -> float:
        """What all verdicts in sight would take from here, controls apart, by what the workers so far cost."""
        seconds = 0.0
        workers: dict[str, float] = defaultdict(float)
        for target in self.open_targets():
            bundle, needed = _bundle_of(target), self.standing(target).needed
            if target.mode != "null" and needed <= HOPELESS_NEEDED:
                one = self._open(bundle, target, len(self.plan.cases))
                seconds += needed * (one.cost_s - one.saving_s)
                workers[bundle] = max(workers[bundle], needed)
        return seconds + sum(count * self.costs.fixed_s(bundle) for bundle, count in workers.items())

    # --- the next round ----------------------------------------------------------------------------------------

    def next_round(self, left_s: float) -> list[Unit]:
        """The workers to run next; none where nothing is left that could be settled in time.

        Args:
            left_s: seconds of the clock's budget that are left.
        """
        open_by_bundle: dict[str, list[Target]] = defaultdict(list)
        for target in self.open_targets():
            open_by_bundle[_bundle_of(target)].append(target)
        bundles = [
            bundle
            for name, targets in sorted(open_by_bundle.items())
            if (bundle := self._choose(name, targets, left_s)) is not None
        ]
        best = max((bundle.rate for bundle in bundles), default=0.0)
        chosen = [bundle for bundle in bundles if bundle.rate >= WAITS_BELOW * best or not self._units[bundle.name]]
        order = random.Random(f"{self.plan.seed}/round/{sum(self._units.values())}")
        order.shuffle(chosen)
        return [tuple(self._works(bundle, order)) for bundle in chosen]

    def _choose(self, name: str, targets: Sequence[Target], left_s: float) -> _Bundle | None:
        """The targets of a bundle that are worth a worker now, and how much they are worth a second."""
        by_case: dict[str, int] = defaultdict(int)
        for target in targets:
            by_case[target.case.id] += 1
        fixed = self.costs.fixed_s(name)
        if name.endswith("alone"):
            fixed *= len({arm for target in targets for arm in (target.arm, target.case.baseline)})
        found = [self._open(name, target, by_case[target.case.id]) for target in targets]
        found = [one for one in found if not self._set_aside(one, fixed, left_s)]
        if not found:
            return None
        if name in self._whole and self._units[name] < FULL_PROCESSES:
            every = [
                self._open(name, target, len(self._bundles[name]))
                for target in self._bundles[name]
                if not self.failed(target)
            ]
            worth = sum(one.worth for one in found)
            return _Bundle(name, tuple(every), worth / (fixed + sum(one.cost_s for one in every)))
        chosen: list[Open] = []
        worth, seconds = 0.0, fixed
        for block in sorted(_blocks(found), key=lambda block: (block.control, -block.worth / block.cost_s)):
            if block.control and not self._control_affordable(fixed, seconds, chosen, block.members[0]):
                continue
            if not chosen or block.worth / block.cost_s >= worth / seconds:
                chosen += block.members
                worth, seconds = worth + block.worth, seconds + block.cost_s
        return _Bundle(name, tuple(chosen), worth / seconds) if chosen else None

    def _control_affordable(self, fixed: float, seconds: float, chosen: Sequence[Open], control: Open) -> bool:
        """Whether controls keep to their share of the time with this one.

        Of a worker that measures nothing else the whole time is theirs. The first process of each is free.
        """
        if control.standing.count == 0:
            return True
        mine = sum(one.cost_s for one in chosen if one.target.mode == "null") + control.cost_s
        if all(one.target.mode == "null" for one in chosen):
            mine += fixed
        return self.controls_s + mine <= CONTROLS_SHARE * (self.spent_s + seconds + control.cost_s)

    def _set_aside(self, one: Open, fixed_s: float, left_s: float) -> bool:
        """Whether the target's verdict would take longer than there is time.

        In a run of a single case, as `lab compare` makes it, the time has no better use, and a forecast may be wrong.
        """
        only_case = len(self.plan.cases) == 1 and one.target.mode != "null"
        if self._tried[one.target.key] < TRUSTED_COUNT or only_case:
            return False
        share = fixed_s / max(len(self._bundles[_bundle_of(one.target)]), 1)
        return one.needed * (one.cost_s - one.saving_s + share) > left_s

    def _open(self, bundle: str, target: Target, sharing: int) -> Open:
        """What the next process of a target asks and costs; `sharing` targets share the baseline's set-up."""
        costs, case, standing = self.costs, target.case, self.standing(target)
        allocating = case.kind == "allocating"
        shared = 1 if allocating else max(sharing, 1)
        setup = costs.setup_s(bundle, case, target.arm) + costs.setup_s(bundle, case, case.baseline) / shared
        saving = costs.saving_s(bundle, case, target.arm) + costs.saving_s(bundle, case, case.baseline) / shared
        before, pair = costs.before_s(bundle, target), costs.pair_s(bundle, target)
        if target.mode == "separate":
            base = replace(target, arm=case.baseline)
            before += costs.before_s(bundle, base)
            pair += costs.pair_s(bundle, base)
        margin = self.plan.rule.margins[case.kind]
        pairs = best_pairs(standing, margin, setup + before, pair, self.plan.clock.pairs)
        # Where every sample is interrupted most processes yield no figure, and a verdict takes as many more.
        yielding = (standing.count + 1) / (self._tried[target.key] + 1)
        needed = min(standing.needed / min(yielding, 1.0), HOPELESS_NEEDED)
        weight = 1.0 if case.priority else PRIORITY_WEIGHT if needed <= NEAR_NEEDED else FAR_WEIGHT
        return Open(
            target=target,
            standing=standing,
            asked=self._asked(target, pairs),
            cost_s=max(setup + before + 2 * pairs * pair, 1e-6),
            saving_s=saving,
            needed=needed,
            worth=weight / max(needed, 1.0),
        )

    def _asked(self, target: Target, pairs: int) -> Asked:
        if not self.costs.known(target.key):
            return Asked(pairs, most_s=FIRST_S)
        return Asked(pairs, self.costs.iterations(target.key), check=False)

    def _works(self, bundle: _Bundle, order: random.Random) -> Iterator[Work]:
        number = self._units[bundle.name]
        targets = tuple(one.target for one in bundle.chosen)
        asked = {one.target.key: one.asked for one in bundle.chosen}
        if not bundle.name.endswith("alone"):
            yield Work(f"{bundle.name}/{number}", number, targets, asked=asked)
            return
        arms = sorted({arm for target in targets for arm in (target.arm, target.case.baseline)})
        order.shuffle(arms)
        for arm in arms:
            mine = {
                target.case.id: replace(target, arm=arm)
                for target in targets
                if arm in (target.arm, target.case.baseline)
            }
            alone = {target.key: self._asked(target, _most_pairs(target.case, asked)) for target in mine.values()}
            yield Work(f"{bundle.name}/{number}/{arm}", number, tuple(mine.values()), solo=arm, asked=alone)


def _blocks(found: Sequence[Open]) -> list[_Block]:
    """The targets by themselves, but together where they save each other mapping large working sets."""
    sharing: dict[int, list[Open]] = defaultdict(list)
    for one in found:
        if one.saving_s and one.target.mode != "null":
            sharing[one.target.case.working_set_bytes].append(one)
    together: list[_Block] = []
    for members in sharing.values():
        best = max(one.worth for one in members)
        together.append(_Block(tuple(one for one in members if one.worth >= TOGETHER_FROM * best)))
    taken = {id(one) for block in together for one in block.members}
    return together + [_Block((one,)) for one in found if id(one) not in taken]


def _most_pairs(case: CasePlan, asked: Mapping[Key, Asked]) -> int:
    return max(one.pairs for (name, _, _), one in asked.items() if name == case.id)


def _bundle_of(target: Target) -> str:
    kind = "alone" if target.mode == "separate" else "pairs"
    if is_python(target.case.kernel):
        kind = f"python-{kind}"
    elif is_command(target.case.kernel):
        kind = f"command-{kind}"
    return f"clock/{target.case.experiment}/{target.case.group}/{kind}"
