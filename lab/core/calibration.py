"""What the lab can tell apart on one machine: the record that `lab calibrate` keeps.

Schema history
    1 (2026-11): first form.
"""

import msgspec

from lab.core.schema import Kind, Margin

CALIBRATION_SCHEMA = 1


class Found(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Slowdowns of one size that were planted in one sort of work.

    Attributes:
        size: of the plant, as a fraction of the work (0.02 = 2 %).
        count: comparisons.
        found: called worse.
        processes: median number of processes of those found, None if none was.
        seconds: median time of warm and timed passes until the call, of those found; None if none was.
        slowest_s: the longest such time, None if none was.
    """

    size: float
    count: int
    found: int
    processes: float | None
    seconds: float | None
    slowest_s: float | None


class Sort(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sort of work: identical code compared with itself, and plants found.

    Attributes:
        name: "cache", "heap", "memory, small pages", "python".
        kind: whose margins it decides.
        identical: comparisons of identical code that could have been called.
        called: how many of them were called better or worse.
        upper: upper 95 % limit of the rate of false calls.
        bias: largest bias of identical code that is certain, as |ln ratio|; 0 if none is.
        within: |ln ratio| within which 95 % of the identical comparisons certainly lie; None if too few processes.
        spread: median standard deviation of ln(ratio) between processes, None if nothing was measured.
        plants: by size.
    """

    name: str
    kind: Kind
    identical: int
    called: int
    upper: float
    bias: float
    within: float | None
    spread: float | None
    plants: tuple[Found, ...]


class Calibration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One machine, calibrated.

    Attributes:
        schema: of this record.
        created: when the last run ended, ISO 8601 with time zone.
        machine: the facts that decide whether it still applies (processor, kernel, number of processors, page size).
        runs: identities of the runs that it was derived from.
        minutes: wall time of those runs.
        sorts: of work.
        margins: by kind of work: what runs on this machine are judged with.
    """

    schema: int
    created: str
    machine: dict[str, str]
    runs: tuple[str, ...]
    minutes: float
    sorts: tuple[Sort, ...]
    margins: dict[str, Margin]
