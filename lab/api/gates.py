"""The gate: the deterministic figures of the code under test, measured afresh and held against a committed file.

The figures come from experiments with role "gate": single-threaded cases of fixed sizes on a small corpus in the
repository, simulated with a fixed cache geometry. They depend on the code and the toolchain alone, not on the machine.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from lab.analysis.gate import Figures, Gate, figures, gate
from lab.analysis.judge import RunJudge
from lab.api.baselines import Baselines
from lab.api.runs import Options, plan
from lab.core.errors import EnvironmentFailure, UsageError
from lab.core.schema import Clock, Plan
from lab.experiment.equipment import Equipment
from lab.experiment.observer import Observer, Silent
from lab.experiment.profiles import EXACT_MARGINS, gate_rule_for
from lab.experiment.registry import names_by_role
from lab.experiment.runner import carry_out
from lab.measure.native import find_native
from lab.measure.probes import make_gate_probes
from lab.store import RunReader, RunWriter


def measure_figures(observer: Observer | None = None, *, reason: str = "") -> Figures:
    """Measure the gate's figures.

    Raises:
        EnvironmentFailure: a probe that the gate needs cannot work here, or a case failed.
        UsageError: no experiment has role "gate".
    """
    names = names_by_role("gate")
    if not names:
        raise UsageError('no experiment here has role="gate"; declare one for what the gate measures')
    native = find_native()
    probes = make_gate_probes(native)
    for probe in probes:
        if (why := probe.unavailable()) is not None:
            raise EnvironmentFailure(f"the gate cannot be measured here: {probe.name}: {why}")
    with TemporaryDirectory(prefix="lab-gate-") as folder:
        reports = Path(folder)
        planned = plan(names, Options(seed=0, reports=reports), command="lab gate")
        rule = gate_rule_for(planned.rule.comparisons)
        planned = msgspec.structs.replace(planned, rule=rule, clock=Clock(0.0, 0, 1, 1e-4))  # the gate reads no clock
        with RunWriter.create(reports, planned) as writer:
            carry_out(
                writer,
                Equipment(
                    native=native,
                    inputs=reports / "cache" / "inputs",
                    judge=RunJudge(planned),
                    probes=probes,
                    observer=observer or Silent(),
                ),
            )
        reader = RunReader(writer.folder)
        table = reader.table()
    bad = table[table["status"] != "ok"]
    if len(bad):
        first = bad.iloc[0]
        raise EnvironmentFailure(f"{len(bad)} figures of the gate could not be had; {first['case']}: {first['reason']}")
    return figures(planned, table, toolchain=_toolchain(planned), reason=reason)


def _toolchain(planned: Plan) -> str:
    """Everything but the code that decides the figures."""
    facts = planned.machine
    return "; ".join(facts[name] for name in ("build.arch", "build.compiler", "system.libc", "tool.valgrind"))


def check_gate(current: Figures, baselines: Baselines) -> Gate:
    """Hold figures against the baseline of their toolchain; not comparable where the file has none."""
    own = baselines.of(current.toolchain)
    if own is None:
        known = " | ".join(one.toolchain for one in baselines.baselines) or "nothing"
        why = f"no baseline for this toolchain ({current.toolchain}); there are: {known}; write one with lab baseline"
        return Gate("not comparable", why, ())
    return gate(current, own, EXACT_MARGINS)
