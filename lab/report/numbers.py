"""Numbers for people: significant digits, units, ratios and what they mean in words.

A value that is missing, infinite or not a number is shown as `NOTHING`, never as a zero.
"""

import math

NOTHING = "\u2013"  # an en dash
_GROUP = "\u202f"  # narrow no-break space between groups of three digits

_TIME = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
_SIZE = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"), (1, "B"))


def finite(value: float | None) -> bool:
    """Whether there is a number to show."""
    return value is not None and math.isfinite(value)


def plain(value: float, digits: int = 3) -> str:
    """`value` with `digits` significant digits or, above that, to the nearest whole number; never in exponent form."""
    if value == 0:
        return "0"
    if value == int(value) and abs(value) >= 10**digits:
        return f"{int(value):,}".replace(",", _GROUP) if abs(value) >= 10_000 else str(int(value))
    magnitude = math.floor(math.log10(abs(value)))
    rounded = round(value, max(0, digits - 1 - magnitude))
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
    text = f"{rounded:,.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(",", _GROUP if abs(rounded) >= 10_000 else "")


def _scaled(value: float, scale: tuple[tuple[float, str], ...]) -> str:
    size, unit = next(((size, unit) for size, unit in scale if abs(value) >= 0.9995 * size), scale[-1])
    return f"{plain(value / size)} {unit}"


def quantity(value: float | None, unit: str) -> str:
    """A value with its unit: seconds as ns..s, bytes as B..GiB, a fraction as %, anything else as it is."""
    if value is None or not math.isfinite(value):
        return NOTHING
    match unit:
        case "s" | "seconds":
            return "0 s" if value == 0 else _scaled(value, _TIME)
        case "B" | "bytes":
            return _scaled(value, _SIZE)
        case "fraction":
            return percent(value)
        case "count" | "":
            return plain(value)
        case _:
            return f"{plain(value)} {unit}"


def percent(value: float | None) -> str:
    """A fraction in per cent: 0.021 is "2.1 %"."""
    if value is None or not math.isfinite(value):
        return NOTHING
    return f"{plain(100 * value, 2 if abs(value) < 0.1 else 3)} %"


def ratio(value: float | None) -> str:
    """A ratio as "0.31x"; three decimals within 5 % of one, two significant digits below a tenth."""
    if value is None or not math.isfinite(value):
        return NOTHING
    if value == 0:
        return "0x"
    if abs(value - 1) < 0.05:
        return f"{value:.3f}x"
    if 0.1 <= abs(value) < 10:
        return f"{value:.2f}x"
    return f"{plain(value, 2 if abs(value) < 0.1 else 3)}x"


def interval(low: float | None, high: float | None) -> str:
    """The interval of a ratio, "0.304x to 0.331x"; an end that the data do not give is said to be open."""
    known = [end for end in (low, high) if end is not None and math.isfinite(end)]
    ends = [f"{end:.3f}x" if 0.1 <= end < 10 else ratio(end) for end in known]
    if len(ends) == 2:
        return ends[0] if low == high else " to ".join(ends)
    if not ends:
        return "open"
    return f"at least {ends[0]}" if finite(low) else f"at most {ends[0]}"


def estimate(value: float | None, low: float | None, high: float | None) -> str:
    """A ratio with its interval, "0.31x (0.304x to 0.331x)"; without one if the ratio is exact or has none."""
    if value is None or (low is None and high is None) or low == high:
        return ratio(value)
    return f"{ratio(value)} ({interval(low, high)})"


def signed(value: float | None) -> str:
    """A ratio as a signed change: 0.98 is "-2 %"."""
    if value is None or not math.isfinite(value):
        return NOTHING
    return f"{'+' if value > 1 else ''}{percent(value - 1)}"


def change(value: float | None, unit: str = "s") -> str:
    """What a ratio means: "3.2x faster", "12 % less time", "12 % slower"; "less" and "more" for other units."""
    if value is None or not math.isfinite(value) or value < 0:
        return NOTHING
    timed = unit in ("s", "seconds")
    if value == 0:
        text = "none left"
    elif abs(value - 1) < 0.0005:
        text = "no change"
    elif value <= 2 / 3:
        text = f"{plain(1 / value, 2)}x {'faster' if timed else 'less'}"
    elif value < 1:
        text = f"{plain(100 * (1 - value), 2)} % {'less time' if timed else 'less'}"
    elif value < 1.5:
        text = f"{plain(100 * (value - 1), 2)} % {'slower' if timed else 'more'}"
    else:
        text = f"{plain(value, 2)}x {'slower' if timed else 'more'}"
    return text
