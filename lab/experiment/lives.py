"""Where the wall time of the clock's workers went, by group: what is not a sample is what can be saved."""

from collections import defaultdict
from dataclasses import dataclass, fields

from lab.core.life import Life
from lab.store.run import Shard


@dataclass(slots=True)
class _Sums:
    workers: int = 0
    comparisons: int = 0
    wall: float = 0.0
    libraries: float = 0.0
    inputs: float = 0.0
    setup: float = 0.0
    check: float = 0.0
    calibrate: float = 0.0
    warm: float = 0.0
    timed: float = 0.0


class Lives:
    """Adds up what finished clock workers spent. Not thread-safe."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, str, str], _Sums] = defaultdict(_Sums)

    def add(self, shard: Shard) -> None:
        """Take in one worker; shards of other kinds of work are ignored."""
        if not shard.costs or not shard.work.startswith("clock/"):
            return
        _, experiment, group, kind, *_ = shard.work.split("/")
        sums = self._sums[experiment, group, kind]
        sums.workers += 1
        sums.wall += shard.wall_s
        sums.libraries += shard.libraries_s
        sums.inputs += shard.inputs_s
        for cost in shard.costs:
            sums.comparisons += bool(cost.mode)
            for name in ("setup", "check", "calibrate", "warm", "timed"):
                setattr(sums, name, getattr(sums, name) + getattr(cost, name))

    def table(self) -> tuple[Life, ...]:
        """One row per group and kind of worker, in the order in which they were first seen."""
        found = []
        for (experiment, group, kind), sums in self._sums.items():
            parts = {field.name: getattr(sums, field.name) for field in fields(sums)}
            known = sum(parts.values()) - sums.workers - sums.comparisons - sums.wall
            found.append(Life(experiment, group, kind, **parts, other=max(sums.wall - known, 0.0)))
        return tuple(found)
