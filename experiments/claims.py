"""The promised figures, from claims.csv beside this file."""

import csv
from pathlib import Path

from lab.core.schema import Claim

TABLE = Path(__file__).with_name("claims.csv")
NUMBERS = ("low", "high", "plan_before", "plan_after")


def _claim(row: dict[str, str]) -> Claim:
    texts = {name: text for name, text in row.items() if name not in NUMBERS}
    numbers = {name: float(row[name]) if row[name] else None for name in NUMBERS}
    return Claim(**texts, **numbers)  # type: ignore[arg-type]  # the table's columns are the fields


def read_claims() -> tuple[Claim, ...]:
    """Every promise, in the table's order."""
    with TABLE.open(newline="", encoding="utf-8") as file:
        return tuple(_claim(row) for row in csv.DictReader(file))
