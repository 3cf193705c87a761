"""What a run spent its time on, and which figures it took from the cache instead of measuring them."""

from dataclasses import dataclass

from lab.core.schema import Plan, RunSummary
from lab.report import numbers

_PARTS = ("setup", "check", "calibrate", "libraries", "inputs", "other")


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """The clock's processes of one group: how many, their wall time, the share of warm and timed passes, the rest."""

    experiment: str
    group: str
    kind: str
    workers: int
    wall: str
    useful: str
    rest: str


@dataclass(frozen=True, slots=True)
class ProbeRow:
    """One probe: the time its passes took, and what it took from the cache; `dates` is "" if nothing."""

    probe: str
    time: str
    figures: int
    dates: str


def worker_rows(summary: RunSummary) -> tuple[WorkerRow, ...]:
    """One per group, the longest first."""
    lives = sorted((life for life in summary.lives if life.wall > 0), key=lambda life: -life.wall)
    return tuple(
        WorkerRow(
            experiment=life.experiment,
            group=life.group,
            kind=life.kind,
            workers=life.workers,
            wall=numbers.quantity(life.wall, "s"),
            useful=numbers.percent((life.warm + life.timed) / life.wall),
            rest=", ".join(
                f"{part} {numbers.percent(getattr(life, part) / life.wall)}"
                for part in _PARTS
                if getattr(life, part) >= 0.01 * life.wall
            ),
        )
        for life in lives
    )


def probe_rows(summary: RunSummary) -> tuple[ProbeRow, ...]:
    """One per probe that took time or figures from the cache."""
    rows = []
    for probe in dict.fromkeys((*summary.probe_s, *summary.remembered)):
        kept = summary.remembered.get(probe)
        dates = "" if kept is None else " to ".join(dict.fromkeys((kept.oldest, kept.newest)))
        seconds = numbers.quantity(summary.probe_s.get(probe, 0.0), "s")
        rows.append(ProbeRow(probe, seconds, 0 if kept is None else kept.figures, dates))
    return tuple(rows)


def budget_says(plan: Plan, summary: RunSummary) -> str:
    """What the run was allowed and what it used, one or two sentences."""
    allowed = plan.budget_s or plan.clock.budget_s
    whose = "for the whole command" if plan.budget_s else "for the clock"
    probes = sum(summary.probe_s.values())
    used = f"The clock took {numbers.quantity(summary.clock_s, 's')}"
    used += f", the probes {numbers.quantity(probes, 's')}, some of them side by side." if probes else "."
    return f"The budget was {numbers.quantity(allowed, 's')} {whose}. {used}"
