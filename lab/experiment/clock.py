"""The clock pass: one driver process per group and round, its plan as text, its answers as rows.

A *work* is what one worker process is asked to do, named so that a resumed run knows what is done. Everything random
about it (order of cases, which arm is set up first, which build of the code each arm comes from, the size of the
environment, the order of pairs) is drawn from the run's seed and the work's name, and what was drawn is recorded.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from lab.core.life import Cost
from lab.core.schema import NULL_SUFFIX, TIME, ArmPlan, CasePlan, Measurement, Plan, Status
from lab.experiment.answers import read_answer
from lab.measure.process import BadAnswer

MOST_ENVIRONMENT_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Target:
    """One comparison as the clock sees it: a case and one of its arms; mode "paired", "null" or "separate"."""

    case: CasePlan
    arm: str
    mode: str

    @property
    def key(self) -> "Key":
        """What tells targets apart."""
        return self.case.id, self.arm, self.mode


Key = tuple[str, str, str]  # case, arm, mode


@dataclass(frozen=True, slots=True)
class Asked:
    """How a worker measures one target.

    Attributes:
        pairs: per order; twice as many samples of an arm alone.
        iterations: of a sample, as an earlier process found them; 0: they are to be found.
        check: whether the answers of a whole pass are compared first; those of each pair are in any case.
        most_s: fewer pairs are taken where these would take longer; None: the profile's limit.
    """

    pairs: int
    iterations: int = 0
    check: bool = True
    most_s: float | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """One worker process: `solo` names the arm that is measured alone, None for pairs.

    `asked` says how each target is measured; the profile's pairs, and nothing known of it, where it says nothing.
    """

    name: str
    replicate: int
    targets: tuple[Target, ...]
    solo: str | None = None
    asked: Mapping[Key, Asked] = field(default_factory=dict)


def targets_of(case: CasePlan) -> list[Target]:
    """Every comparison that the clock makes of a case, of arms that can be measured here."""
    treatments = [arm.name for arm in case.arms if arm.name != case.baseline and not arm.missing]
    targets = [Target(case, arm, "paired") for arm in treatments] if case.paired else []
    if case.null and case.paired:
        targets.append(Target(case, case.baseline + NULL_SUFFIX, "null"))
    if case.separate:
        targets += [Target(case, arm, "separate") for arm in treatments]
    return targets


def missing_rows(case: CasePlan) -> Iterator[Measurement]:
    """A row that says why, for each arm of the case that cannot be measured here."""
    modes = [mode for mode, used in (("paired", case.paired), ("separate", case.separate)) if used]
    for arm in case.arms:
        for mode in modes if arm.missing else ():
            yield absent(Target(case, arm.name, mode), -1, "unavailable", arm.missing)


@dataclass(frozen=True, slots=True)
class _Question:
    """One command of the driver: what its answer will be about; `layouts` is None where it only sets `arm` up."""

    target: Target
    layouts: tuple[int, int] | None
    arm: str


class Script:
    """The plan text of one worker, and the reading of its answers.

    Args:
        plan: of the run.
        work: what the worker does.
        libraries: the builds of the kernel library, by layout number.
        inputs: folder of input files named by digest.
    """

    def __init__(self, plan: Plan, work: Work, libraries: Sequence[Path], inputs: Path) -> None:
        self._plan = plan
        self._work = work
        self._random = random.Random(f"{plan.seed}/{work.name}")
        self._questions: dict[str, _Question] = {}
        self._current: str | None = None
        self._answered: set[str] = set()
        self._last: Target | None = None
        self.costs: list[Cost] = []
        self.life = (0.0, 0.0, 0.0)  # seconds for opening the libraries, mapping the inputs, tearing down
        self.environment = {"LAB_PADDING": "x" * self._random.randrange(MOST_ENVIRONMENT_BYTES)}
        for arm in work.targets[0].case.arms:
            if arm.name == work.solo:
                self.environment.update(arm.environment)
        self.text = "\n".join(self._lines(libraries, inputs)) + "\n"

    def _lines(self, libraries: Sequence[Path], inputs: Path) -> Iterator[str]:
        cases = {target.case.id: target.case for target in self._work.targets}
        for number, path in enumerate(libraries):
            yield f"lib\t{number}\t{path}"
        yield "keep"
        for digest in sorted({case.input_digest for case in cases.values()} - {""}):
            yield f"input\t{digest}\t{inputs / digest}"
        order = list(cases.values())
        self._random.shuffle(order)
        for case in order:
            yield from self._case(case, len(libraries))
        yield "life"

    def _case(self, case: CasePlan, builds: int) -> Iterator[str]:
        """One case from set-up to drop. Each arm has one build and one place in memory per process, both drawn."""
        targets = [target for target in self._work.targets if target.case is case]
        self._random.shuffle(targets)
        arms = {arm.name: arm for arm in case.arms}
        arms[case.baseline + NULL_SUFFIX] = arms[case.baseline]
        used = dict.fromkeys(target.arm for target in targets)
        if not self._work.solo:
            used = {case.baseline: None, **used}
        layout = {name: self._random.randrange(builds) for name in used}
        # The control compares two builds of one source where there are several; other pairs draw both freely.
        if case.baseline + NULL_SUFFIX in layout:
            others = [number for number in range(builds) if number != layout[case.baseline]]
            layout[case.baseline + NULL_SUFFIX] = self._random.choice(others or [layout[case.baseline]])
        for name in used:
            yield subject_line(f"{case.id}#{name}", case, arms[name])
        # Arms that allocate wear their heap down as they are timed, and the baseline is timed in every pair: there each
        # pair has arms of its own, equally fresh.
        rounds = [[target] for target in targets] if case.kind == "allocating" else [targets]
        for together in rounds:
            names = {target.arm for target in together} | (set() if self._work.solo else {case.baseline})
            yield from self._ready(case, [name for name in used if name in names], layout)
            for target in together:
                yield self._alone(target, layout) if self._work.solo else self._pair(target, layout)
            yield "drop"

    def _ready(self, case: CasePlan, names: list[str], layout: Mapping[str, int]) -> Iterator[str]:
        """Set arms up in random order: the order is their place in memory."""
        target = next(target for target in self._work.targets if target.case is case)
        self._random.shuffle(names)
        for name in names:
            yield f"ready\t{self._ask(target, None, name)}\t{case.id}#{name}\t{layout[name]}"

    def _pair(self, target: Target, layout: Mapping[str, int]) -> str:
        case = target.case
        layouts = (layout[case.baseline], layout[target.arm])
        asked = self._asked(target)
        check = "pass" if asked.check else "pairs"
        return (
            f"pair\t{self._ask(target, layouts)}\t{case.id}#{case.baseline}\t{case.id}#{target.arm}\t"
            f"{layouts[0]}\t{layouts[1]}\t{self._timing(case, asked.pairs, asked)}\t{check}"
        )

    def _asked(self, target: Target) -> Asked:
        return self._work.asked.get(target.key, Asked(self._plan.clock.pairs))

    def _alone(self, target: Target, layout: Mapping[str, int]) -> str:
        own = layout[target.arm]
        name = f"{target.case.id}#{target.arm}"
        asked = self._asked(target)
        timing = self._timing(target.case, 2 * asked.pairs, asked)
        return f"alone\t{self._ask(target, (own, own))}\t{name}\t{own}\t{timing}"

    def _timing(self, case: CasePlan, count: int, asked: Asked) -> str:
        sample_ns = round(self._plan.clock.sample_s * 1e9)
        evict_bytes = self._plan.machine["memory.evict_bytes"]
        most_ns = round((self._plan.clock.measure_s if asked.most_s is None else asked.most_s) * 1e9)
        seed = self._random.getrandbits(63)
        return f"{case.regime}\t{count}\t{sample_ns}\t{evict_bytes}\t{seed}\t{most_ns}\t{asked.iterations}"

    def _ask(self, target: Target, layouts: tuple[int, int] | None, arm: str = "") -> str:
        name = str(len(self._questions))
        self._questions[name] = _Question(target, layouts, arm or target.arm)
        return name

    def read(self, line: str) -> list[Measurement]:
        """The rows of one line of the worker's answers; none for a line that only says what comes next.

        Raises:
            BadAnswer: the line is no answer to what was asked.
        """
        unanswered = self._questions.keys() - self._answered
        answer = read_answer(line, current=self._current, unanswered=unanswered)
        if "begin" in answer:
            self._current = answer["begin"]
            return []
        if "life_ns" in answer:
            libraries, inputs, drops, _ = (ns * 1e-9 for ns in answer["life_ns"])
            self.life = (libraries, inputs, drops)
            return []
        self._answered.add(answer["id"])
        self._current = None
        question = self._questions[answer["id"]]
        self._last = question.target
        if "spent_ns" in answer:
            self.costs.append(_cost(question, answer))
        if question.layouts is None:
            return []  # where setting up failed, the commands that need it say so
        if answer["status"] != "ok":
            status: Status = "unavailable" if answer["status"] == "unsupported" else "failed"
            return [self.failure(question.target, answer["reason"], status)]
        rows = self._alone_rows if self._work.solo else self._pair_rows
        try:
            return rows(question.target, question.layouts, answer)
        except msgspec.ValidationError as error:
            raise BadAnswer(f"the kernel wrote into the worker's answers ({error})") from error

    def interrupted(self) -> Target | None:
        """What a worker that ended early was doing; None if it was between two commands."""
        return self._questions[self._current].target if self._current is not None else None

    def last_answered(self) -> Target | None:
        """What the last answer was about; None before the first."""
        return self._last

    def rest(self) -> list[Target]:
        """What has not been begun."""
        return [
            question.target
            for name, question in self._questions.items()
            if question.layouts is not None and name not in self._answered and name != self._current
        ]

    def failure(self, target: Target, reason: str, status: Status = "failed") -> Measurement:
        """The row that says that a comparison could not be timed."""
        return absent(target, self._work.replicate, status, reason)

    def _common(self, target: Target) -> dict[str, object]:
        return {
            "experiment": target.case.experiment,
            "group": target.case.group,
            "case": target.case.id,
            "metric": TIME,
            "unit": "s",
            "probe": "clock",
            "provenance": "clock",
            "replicate": self._work.replicate,
            "mode": target.mode,
        }

    def _pair_rows(self, target: Target, layouts: tuple[int, int], answer: Mapping[str, object]) -> list[Measurement]:
        reading = msgspec.convert(answer, _PairAnswer)
        common = {**self._common(target), "iterations": reading.iterations, "items": reading.items}
        baseline, treatment = target.case.baseline, target.arm
        rows = []
        for block, flags in enumerate(map(int, reading.flags)):
            baseline_first = flags & 1
            for arm, other, ns, bit, layout, position in (
                (baseline, treatment, reading.baseline_ns, 2, layouts[0], 1 - baseline_first),
                (treatment, baseline, reading.treatment_ns, 4, layouts[1], baseline_first),
            ):
                rows.append(
                    Measurement(
                        **common,  # type: ignore[arg-type]
                        arm=arm,
                        against=other,
                        value=ns[block] * 1e-9,
                        block=block,
                        position=position,
                        preempted=bool(flags & bit),
                        layout=layout,
                    )
                )
        return rows

    def _alone_rows(self, target: Target, layouts: tuple[int, int], answer: Mapping[str, object]) -> list[Measurement]:
        reading = msgspec.convert(answer, _AloneAnswer)
        return [
            Measurement(
                **self._common(target),  # type: ignore[arg-type]
                arm=target.arm,
                value=ns * 1e-9,
                iterations=reading.iterations,
                items=reading.items,
                block=block,
                preempted=flag == "1",
                layout=layouts[0],
            )
            for block, (ns, flag) in enumerate(zip(reading.ns, reading.flags, strict=True))
        ]


def absent(target: Target, replicate: int, status: Status, reason: str) -> Measurement:
    """The row that says why a comparison could not be timed, `status` "unavailable" or "failed"."""
    return Measurement(
        experiment=target.case.experiment,
        group=target.case.group,
        case=target.case.id,
        arm=target.arm,
        metric=TIME,
        unit="s",
        value=None,
        probe="clock",
        provenance="clock",
        replicate=replicate,
        mode=target.mode,
        status=status,
        reason=reason,
    )


def _cost(question: _Question, answer: Mapping[str, Any]) -> Cost:
    setup, check, calibrate, warm, timed = (ns * 1e-9 for ns in answer["spent_ns"])
    return Cost(
        case=question.target.case.id,
        arm=question.arm,
        mode="" if question.layouts is None else question.target.mode,
        setup=setup,
        check=check,
        calibrate=calibrate,
        warm=warm,
        timed=timed,
        pairs=len(answer.get("flags", "")),
        iterations=answer.get("iterations", 0),
    )


class _PairAnswer(msgspec.Struct):
    iterations: int
    items: int
    baseline_ns: list[int]
    treatment_ns: list[int]
    flags: str


class _AloneAnswer(msgspec.Struct):
    iterations: int
    items: int
    ns: list[int]
    flags: str


def subject_line(name: str, case: CasePlan, arm: ArmPlan) -> str:
    """The driver's command that names one arm of a case."""
    args = "\t".join(f"{key}={value}" for key, value in arm.args.items())
    return f"subject\t{name}\t{case.kernel}\t{case.input_digest or '-'}\t{args}"
