"""A calibration as a table: false calls of identical code, margins, and which slowdowns were found how fast."""

import math

from lab.core.calibration import Calibration, Found, Sort
from lab.report import numbers
from lab.report.text import Block

_SORTS = {
    "cache": "compute and caches",
    "heap": "malloc and free",
    "memory, small pages": "memory, 4 KiB pages",
    "memory, huge pages": "memory, huge pages",
    "python": "Python",
}


def calibration_block(calibration: Calibration) -> Block:
    """One row per sort of work."""
    sizes = sorted({plant.size for sort in calibration.sorts for plant in sort.plants})
    heads = ("work", "false calls", "bias floor", "same within", *(f"{numbers.percent(size)} more" for size in sizes))
    rows = tuple(_row(calibration, sort, sizes) for sort in calibration.sorts)
    runs = f"{len(calibration.runs)} run{'s' * (len(calibration.runs) != 1)}"
    note = (
        f"From {runs} of the self-test, {numbers.plain(calibration.minutes, 2)} minutes of measuring."
        " False calls: comparisons of identical code called better or worse. Found: planted slowdowns called worse, and"
        " the median time that each took."
    )
    return Block("What this machine can tell apart", heads, rows, note=note)


def _row(calibration: Calibration, sort: Sort, sizes: list[float]) -> tuple[str, ...]:
    margin = calibration.margins[sort.kind]
    plants = {plant.size: plant for plant in sort.plants}
    called = f"{sort.called} of {sort.identical}" if sort.identical else numbers.NOTHING
    if sort.identical:
        called += f" (at most {numbers.percent(sort.upper)})"
    return (
        _SORTS.get(sort.name, sort.name),
        called,
        numbers.percent(math.expm1(margin.bias)),
        numbers.percent(math.expm1(margin.same)),
        *(_found(plants.get(size)) for size in sizes),
    )


def _found(plant: Found | None) -> str:
    if plant is None:
        return numbers.NOTHING
    found = f"{plant.found} of {plant.count}"
    return f"{found}, {numbers.quantity(plant.seconds, 's')}" if plant.found else found
