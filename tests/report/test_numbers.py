"""Numbers as people read them."""

import math

import pytest

from lab.report import numbers


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ("0", 0.0),
        ("0.3", 0.3),
        ("0.0312", 0.03123),
        ("0.00000123", 1.2345e-6),
        ("1", 0.9999),
        ("10", 9.996),
        ("12.3", 12.345),
        ("123", 123.4),
        ("1235", 1234.6),
        ("1234", 1234.0),
        ("48\u202f213", 48213.0),
        ("-2.5", -2.5),
    ],
)
def test_a_number_has_three_significant_digits_and_no_exponent(expected: str, value: float) -> None:
    """Three significant digits, whole numbers in full, never an exponent."""
    assert expected == numbers.plain(value)


@pytest.mark.parametrize(
    ("expected", "value", "unit"),
    [
        ("0.31 ns", 3.1e-10, "s"),
        ("1 µs", 9.999e-7, "s"),
        ("141 s", 141.2, "seconds"),
        ("0 s", 0.0, "s"),
        ("16 KiB", 16384.0, "B"),
        ("1.5 GiB", 1.5 * 2**30, "bytes"),
        ("0 B", 0.0, "B"),
        ("4.9 %", 0.049, "fraction"),
        ("512", 512.0, "count"),
        ("3 rows", 3.0, "rows"),
        (numbers.NOTHING, None, "s"),
        (numbers.NOTHING, math.nan, "B"),
        (numbers.NOTHING, math.inf, "count"),
    ],
)
def test_a_quantity_takes_the_unit_that_suits_its_size(expected: str, value: float | None, unit: str) -> None:
    """Seconds, bytes and fractions are scaled; what is missing is a dash, not a zero."""
    assert expected == numbers.quantity(value, unit)


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ("0x", 0.0),
        ("0.02x", 0.02),
        ("0.00041x", 0.00041),
        ("0.31x", 0.3149),
        ("0.996x", 0.9961),
        ("1.12x", 1.12),
        ("12.3x", 12.34),
        (numbers.NOTHING, None),
        (numbers.NOTHING, math.inf),
    ],
)
def test_a_ratio_is_written_with_an_x(expected: str, value: float | None) -> None:
    """Ratios near one show the third decimal, where differences of a percent matter."""
    assert expected == numbers.ratio(value)


@pytest.mark.parametrize(
    ("expected", "value", "unit"),
    [
        ("3.2x faster", 0.31, "s"),
        ("12 % less time", 0.88, "s"),
        ("no change", 1.0001, "s"),
        ("12 % slower", 1.12, "s"),
        ("12x slower", 12.3, "s"),
        ("8x less", 0.125, "count"),
        ("25 % more", 1.25, "B"),
        ("none left", 0.0, "count"),
        (numbers.NOTHING, None, "s"),
        (numbers.NOTHING, -1.0, "s"),
    ],
)
def test_a_change_says_which_way_and_how_much(expected: str, value: float | None, unit: str) -> None:
    """Big changes are factors, small ones per cent; only time is faster or slower."""
    assert expected == numbers.change(value, unit)


@pytest.mark.parametrize(
    ("expected", "low", "high"),
    [
        ("0.304x to 0.331x", 0.304, 0.331),
        ("0.500x", 0.5, 0.5),
        ("open", None, None),
        ("at most 2.000x", None, 2.0),
        ("at least 12.3x", 12.3, math.inf),
    ],
)
def test_an_interval_says_which_end_is_open(expected: str, low: float | None, high: float | None) -> None:
    """An end that the data do not give is named, not invented."""
    assert expected == numbers.interval(low, high)
