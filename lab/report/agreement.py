"""What several sources counted of the same thing, side by side, for the page and for the terminal."""

from collections.abc import Iterable
from dataclasses import dataclass

from lab.core.results import AgreementResult, AgreementStatus, Tally
from lab.report import numbers
from lab.report.words import case_label

TITLE = "Counts of the same run, side by side"


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """One quantity of one arm; a figure is (value, remark or "").

    Attributes:
        counts: what each source counted, and how much of that is outside the pass.
        difference: largest between the counts as they are, absolute and relative.
        left: the difference after subtracting counts from outside the pass, and the tolerance.
        reason: why a figure is missing, "" where none is.
    """

    experiment: str
    case: str
    arm: str
    what: str
    counts: tuple[tuple[str, str], ...]
    difference: tuple[str, str]
    left: tuple[str, str]
    status: AgreementStatus
    reason: str


@dataclass(frozen=True, slots=True)
class AgreementTable:
    """Rows with a column for each of `sources`, (provenance, probe); `notes`: (quantity, why its counts differ)."""

    sources: tuple[tuple[str, str], ...]
    rows: tuple[AgreementRow, ...]
    notes: tuple[tuple[str, str], ...]


def agreement_table(results: Iterable[AgreementResult]) -> AgreementTable:
    """One row per result, with the columns of all sources that any of them has."""
    results = tuple(results)
    sources = tuple(dict.fromkeys(_source(tally) for one in results for tally in one.tallies))
    notes = dict.fromkeys((one.what, one.note) for one in results if one.difference and one.note)
    return AgreementTable(sources, tuple(_row(one, sources) for one in results), tuple(notes))


def _row(one: AgreementResult, sources: tuple[tuple[str, str], ...]) -> AgreementRow:
    by_source = {_source(tally): _counted(tally, one.unit) for tally in one.tallies}
    return AgreementRow(
        experiment=one.experiment,
        case=case_label(one.factors),
        arm=one.arm,
        what=one.what,
        counts=tuple(by_source.get(source, (numbers.NOTHING, "")) for source in sources),
        difference=(_exactly(one.difference, one.unit), numbers.percent(one.relative) if one.difference else ""),
        left=(_exactly(one.left, one.unit), f"at most {_exactly(one.allowed, one.unit)}" if one.allowed else ""),
        status=one.status,
        reason=one.reason,
    )


def _source(tally: Tally) -> tuple[str, str]:
    return tally.provenance, tally.probe


def _counted(tally: Tally, unit: str) -> tuple[str, str]:
    apart = f"{_exactly(tally.apart, unit)} of it {tally.because}" if tally.apart and tally.counted is not None else ""
    return _exactly(tally.counted, unit), apart


def _exactly(value: float | None, unit: str) -> str:
    """A count to its last digit, bytes too: a difference may be in it."""
    if value is None:
        return numbers.NOTHING
    return f"{numbers.plain(value)} B" if unit == "B" else numbers.plain(value)
