"""The gate: the deterministic figures of the code under test, measured afresh and held against a committed file.

The figures come from experiments with role "gate": single-threaded cases of fixed sizes on a small corpus in the
repository, simulated with a fixed cache geometry. They depend on the code and the toolchain alone, not on the machine.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from lab.analysis.gate import Figures, Gate, figures, gate
from lab.analysis.judge import RunJudge
from lab.api.runs import Options, plan
from lab.core.errors import CorruptRun, EnvironmentFailure, SchemaTooNew, UsageError
from lab.core.schema import Clock, Plan
from lab.experiment.equipment import Equipment
from lab.experiment.observer import Observer, Silent
from lab.experiment.profiles import EXACT_MARGINS, gate_rule_for
from lab.experiment.registry import names_by_role
from lab.experiment.runner import carry_out
from lab.measure.native import find_native
from lab.measure.probes import make_gate_probes
from lab.store import RunReader, RunWriter, write_atomically

BASELINES_SCHEMA = 1


class Baselines(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The committed file: one set of figures per toolchain."""

    schema: int
    baselines: tuple[Figures, ...]

    def of(self, toolchain: str) -> Figures | None:
        """The figures written with a toolchain, None if there are none."""
        return next((one for one in self.baselines if one.toolchain == toolchain), None)


class _SchemaOnly(msgspec.Struct):
    schema: int


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


def read_baselines(path: Path) -> Baselines:
    """Read the committed file.

    Raises:
        UsageError: there is no such file.
        SchemaTooNew: a newer lab wrote it.
        CorruptRun: it is damaged.
    """
    try:
        data = path.read_bytes()
        schema = msgspec.json.decode(data, type=_SchemaOnly).schema
        if schema > BASELINES_SCHEMA:
            raise SchemaTooNew(f"baseline {path}: written by a newer lab (schema {schema}); upgrade portalis-lab")
        return msgspec.json.decode(data, type=Baselines)
    except OSError as error:
        raise UsageError(f"baseline {path}: {error.strerror}; write one with lab baseline --reason TEXT") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CorruptRun(f"baseline {path}: damaged ({error}); restore it from version control") from error


def check_gate(current: Figures, baselines: Baselines) -> Gate:
    """Hold figures against the baseline of their toolchain; not comparable where the file has none."""
    own = baselines.of(current.toolchain)
    if own is None:
        known = " | ".join(one.toolchain for one in baselines.baselines) or "nothing"
        why = f"no baseline for this toolchain ({current.toolchain}); there are: {known}; write one with lab baseline"
        return Gate("not comparable", why, ())
    return gate(current, own, EXACT_MARGINS)


def write_baseline(path: Path, current: Figures) -> None:
    """Write figures into the committed file in place of those of the same toolchain; other toolchains' stay."""
    others = read_baselines(path).baselines if path.exists() else ()
    kept = [one for one in others if one.toolchain != current.toolchain]
    baselines = Baselines(BASELINES_SCHEMA, tuple(sorted([*kept, current], key=lambda one: one.toolchain)))
    write_atomically(path, msgspec.json.format(msgspec.json.encode(baselines), indent=1) + b"\n")
