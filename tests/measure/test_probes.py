"""The registry: one of each probe, and no two that mean different things by one word."""

from lab.measure.native import Native
from lab.measure.probes import PROBES, make_gate_probes, make_probes, probe_metrics


def test_a_run_has_one_of_each(native: Native) -> None:
    """Names are those that experiments ask for."""
    probes = make_probes(native, {})
    assert [probe.name for probe in probes] == ["allocations", "perf", "resident", "callgrind", "hit_rate", "memray"]
    assert [type(probe) for probe in probes] == list(PROBES)


def test_metric_names_are_unique_and_belong_to_their_probe() -> None:
    """A name in the table means one quantity of one probe."""
    names = [metric.name for metric in probe_metrics()]
    assert len(names) == len(set(names))
    assert all(metric.probe == probe.name for probe in PROBES for metric in probe.metrics)


def test_the_gate_uses_exact_metrics_and_isolates_every_job(native: Native) -> None:
    """Its figures are counts, the same on every machine of one toolchain."""
    probes = make_gate_probes(native)
    assert all(metric.exact for probe in probes for metric in probe.metrics)
    assert all(probe.deterministic for probe in probes)
