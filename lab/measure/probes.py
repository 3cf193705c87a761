"""The flat registry of probes, in the order in which a run uses them."""

from collections.abc import Mapping

from lab.core.schema import Metric
from lab.measure import allocations, callgrind, events, hit_rate, memray, resident
from lab.measure.machine import geometry_of, nominal_last_level
from lab.measure.native import Native
from lab.measure.probe import Probe

PROBES = (
    allocations.AllocationsProbe,
    events.EventsProbe,
    resident.ResidentProbe,
    callgrind.CallgrindProbe,
    hit_rate.HitRateProbe,
    memray.MemrayProbe,
)


def make_probes(native: Native, facts: Mapping[str, str]) -> list[Probe]:
    """One of each, ready for a run: the cheapest first, so that a short budget leaves out as little as possible.

    Args:
        native: the driver and the kernels.
        facts: of the machine, as in the run's plan.
    """
    simulation = callgrind.CallgrindProbe(native, geometry_of(facts))
    return [
        allocations.AllocationsProbe(native),
        events.EventsProbe(native),
        resident.ResidentProbe(native),
        simulation,
        hit_rate.HitRateProbe(simulation, geometry_of(facts), nominal_last_level(facts)),
        memray.MemrayProbe(native),
    ]


def make_gate_probes(native: Native) -> list[Probe]:
    """Those whose figures depend on code and toolchain alone: fixed geometry, each job in a process of its own."""
    return [
        callgrind.CallgrindProbe(native, callgrind.FIXED_GEOMETRY, batch_jobs=1, most_iterations=0),
        allocations.AllocationsProbe(native),
    ]


def probe_names() -> tuple[str, ...]:
    """Names of the probes; all of them look at native kernels."""
    return tuple(probe.name for probe in PROBES)


def probe_metrics() -> tuple[Metric, ...]:
    """Every metric of every probe; a kernel's ledger adds its own."""
    return tuple(metric for probe in PROBES for metric in probe.metrics)
