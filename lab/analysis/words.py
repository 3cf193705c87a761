"""Figures and cases inside the sentences that analysis writes."""

import math
from collections.abc import Mapping, Sequence

_SCALES = {
    "s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")),
    "B": ((2.0**30, "GiB"), (2.0**20, "MiB"), (2.0**10, "KiB"), (1.0, "B")),
}
_SCALED = {"s": "s", "seconds": "s", "B": "B", "bytes": "B"}
_SILENT = ("count", "fraction", "")


def number(value: float) -> str:
    """Two significant digits, three decimals near one, whole numbers in full; never in exponent form."""
    if not math.isfinite(value) or value == round(value):
        return f"{value:.0f}"
    if 0.9 < abs(value) < 1.1:
        return f"{value:.3f}"
    return f"{value:.{max(0, 1 - math.floor(math.log10(abs(value))))}f}"


def percent(value: float) -> str:
    """A fraction in per cent: 0.021 is "2.1 %", 0.0301 is "3 %"."""
    decimals = 0 if abs(value) >= 0.1 else 1 if abs(value) >= 0.001 else 2
    text = f"{100 * value:.{decimals}f}"
    return f"{text.rstrip('0').rstrip('.') if decimals else text} %"


def change(ratio: float) -> str:
    """A ratio as a signed change: 0.98 is "-2 %"."""
    return ("+" if ratio >= 1 else "") + percent(ratio - 1)


def quantity(value: float, unit: str) -> str:
    """A value with its unit, seconds and bytes scaled; a count or fraction stands alone."""
    scale = _SCALES.get(_SCALED.get(unit, ""))
    if scale and value:
        size, name = next((pair for pair in scale if abs(value) >= pair[0]), scale[-1])
        return f"{number(value / size)} {name}"
    return number(value) if unit in _SILENT else f"{number(value)} {unit}"


def ratio(value: float | None, low: float | None, high: float | None) -> str:
    """A ratio with its interval where that is more than the ratio itself: "0.31 [0.29, 0.33]"."""
    if value is None:
        return "no ratio"
    if low is None or high is None:
        return f"{number(value)} (no interval)"
    return number(value) if low == high else f"{number(value)} [{number(low)}, {number(high)}]"


def levels(factors: Mapping[str, str]) -> str:
    """A case by its levels, in declaration order: "fields 4, random"; a number takes its factor's name."""
    return ", ".join(
        f"{name.replace('_', ' ')} {level}" if level[:1].isdigit() or len(level) < 2 else level
        for name, level in factors.items()
    )


def listed(parts: Sequence[str]) -> str:
    """Join as in a sentence: "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)
