"""What clock workers cost on this machine, learned from those that have finished."""

from collections import defaultdict
from collections.abc import Iterable
from statistics import fmean

from lab.core.life import Cost
from lab.core.schema import CasePlan
from lab.experiment.clock import Key, Target
from lab.experiment.python_kernel import is_python

RECENT = 5  # workers whose mean is expected of the next one
GUESS_FIXED_S = {"pairs": 0.03, "alone": 0.03, "python-pairs": 0.4, "python-alone": 0.4, "command-pairs": 0.01}
GUESS_SETUP_S = {"cache": 0.001, "allocating": 0.001, "dram": 0.1}
GUESS_REUSED = 0.3  # of the set-up, where the pages are there already
GUESS_PAIR_S = {"cache": 0.0005, "allocating": 0.001, "dram": 0.002}


class CostModel:
    """Seconds by group and kind of worker, by arm, and by target. Not thread-safe.

    What has not been measured yet is expected to cost what its like in the same group does, and a guess where nothing
    is known of these either.
    """

    def __init__(self) -> None:
        self._fixed: dict[str, list[float]] = defaultdict(list)
        self._setup: dict[tuple[str, str], list[float]] = defaultdict(list)
        self._reused: dict[str, list[float]] = defaultdict(list)
        self._pair: dict[Key, list[float]] = defaultdict(list)
        self._before: dict[Key, list[float]] = defaultdict(list)
        self._iterations: dict[Key, int] = {}
        self._like: dict[tuple[str, str, str], list[float]] = defaultdict(list)

    def learn(self, bundle: str, wall_s: float, costs: Iterable[Cost], cases: dict[str, CasePlan]) -> None:
        """Take in one finished worker.

        Args:
            bundle: group and kind of worker.
            wall_s: from before its start to after its end.
            costs: of its commands.
            cases: by id, of the plan.
        """
        spent = 0.0
        first: dict[int, str] = {}  # bytes of a working set -> the case that had to have them mapped
        for cost in costs:
            parts = cost.setup + cost.check + cost.calibrate + cost.warm + cost.timed
            spent += parts
            kind = cases[cost.case].kind
            if not cost.mode:
                size = cases[cost.case].working_set_bytes
                if kind == "dram" and size and first.setdefault(size, cost.case) != cost.case:
                    self._reused[bundle].append(cost.setup)
                    continue
                self._setup[cost.case, cost.arm].append(cost.setup)
                self._like[bundle, kind, "setup"].append(cost.setup)
                continue
            key = (cost.case, cost.arm, cost.mode)
            each = (cost.warm + cost.timed) / max(cost.pairs, 1)
            self._pair[key].append(each)
            self._like[bundle, kind, "pair"].append(each)
            # The first process compares the answers of a whole pass and finds the iterations; the next ones do neither.
            before = cost.check + cost.calibrate
            self._before[key].append(before if key in self._iterations else min(before, each))
            self._iterations[key] = cost.iterations
        self._fixed[bundle].append(max(wall_s - spent, 0.0))

    def known(self, key: Key) -> bool:
        """Whether a worker has measured this target."""
        return key in self._iterations

    def iterations(self, key: Key) -> int:
        """Of a sample, as the last process found them; 0 before the first."""
        return self._iterations.get(key, 0)

    def fixed_s(self, bundle: str) -> float:
        """What a worker costs whatever it measures."""
        seen = self._fixed.get(bundle)
        return _recent(seen) if seen else GUESS_FIXED_S[bundle.rpartition("/")[2]]

    def setup_s(self, bundle: str, case: CasePlan, arm: str) -> float:
        """What it costs to set an arm up."""
        seen = self._setup.get((case.id, arm)) or self._like.get((bundle, case.kind, "setup"))
        return _recent(seen) if seen else GUESS_SETUP_S[case.kind]

    def saving_s(self, bundle: str, case: CasePlan, arm: str) -> float:
        """What the set-up costs less where the worker has set up as large a working set beyond the caches before.

        The pages are there then: see native/kernels/include/lk/region_pool.h.
        """
        if case.kind != "dram" or not case.working_set_bytes or is_python(case.kernel):
            return 0.0
        setup, seen = self.setup_s(bundle, case, arm), self._reused.get(bundle)
        return max(setup - (_recent(seen) if seen else GUESS_REUSED * setup), 0.0)

    def pair_s(self, bundle: str, target: Target) -> float:
        """One pair with the untimed run before each sample; one sample of an arm alone."""
        seen = self._pair.get(target.key) or self._like.get((bundle, target.case.kind, "pair"))
        return _recent(seen) if seen else GUESS_PAIR_S[target.case.kind]

    def before_s(self, bundle: str, target: Target) -> float:
        """What comes before the first pair: the comparison of answers, the check of the iterations."""
        seen = self._before.get(target.key)
        return _recent(seen) if seen else self.pair_s(bundle, target)


def _recent(seconds: list[float]) -> float:
    return fmean(seconds[-RECENT:])
