"""Figures inside sentences."""

import pytest

from lab.analysis import words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.314, "0.31"),
        (0.998, "0.998"),
        (1.0, "1"),
        (12.34, "12"),
        (0.00421, "0.0042"),
        (1234.5, "1234"),
        (0.0, "0"),
        (3e-9, "0.0000000030"),
    ],
)
def test_number_keeps_two_digits_and_never_an_exponent(value: float, text: str) -> None:
    assert words.number(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.021, "2.1 %"), (0.0301, "3 %"), (3.5, "350 %"), (0.0004, "0.04 %"), (-0.1, "-10 %")]
)
def test_percent_drops_what_says_nothing(value: float, text: str) -> None:
    assert words.percent(value) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (7e-8, "seconds", "70 ns"),
        (2.5, "s", "2.5 s"),
        (1024.0, "bytes", "1 KiB"),
        (0.0, "bytes", "0 bytes"),
        (0.85, "fraction", "0.85"),
        (3.0, "rows", "3 rows"),
    ],
)
def test_quantity_scales_seconds_and_bytes(value: float, unit: str, text: str) -> None:
    assert words.quantity(value, unit) == text


def test_numeric_levels_take_the_name_of_their_factor() -> None:
    assert words.levels({"working_set": "L2", "fields": "4", "order": "random"}) == "L2, fields 4, random"


@pytest.mark.parametrize(("parts", "text"), [([], ""), (["a"], "a"), (["a", "b", "c"], "a, b and c")])
def test_parts_are_listed_as_in_a_sentence(parts: list[str], text: str) -> None:
    assert words.listed(parts) == text
