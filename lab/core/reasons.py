"""Why a result is what it is, as codes and figures; `lab.report.wording` has the words."""

from collections.abc import Mapping
from typing import Literal

import msgspec

ReasonCode = Literal[
    # of the clock
    "too few processes",
    "too little evidence",
    "undecided",
    "within sameness",
    "ways disagree",
    "ways must agree",
    "order effect",
    "dropped",
    "failed",
    "unavailable",
    "budget spent",
    # of counts
    "no baseline figure",
    "negative",
    "unequal counts",
    "baseline counts none",
    "tolerance around zero",
    "one value each",
    "zero in some process",
    # of derived figures
    "lower bound",
    # of figures that cannot be true, or mean nothing here
    "above ceiling",
    "cache-resident",
    "faster than possible",
    "no growth with work",
    # of promises
    "weakest of several",
    "broken either way",
    "no interval",
    "alone and last",
    "note",
    "not held",
    "no test",
    "no attribution",
]


class Reason(msgspec.Struct, frozen=True):
    """Why a result is what it is: a code with the figures and names that belong to it.

    The sentence comes from the table of `lab.report.wording`, which has an entry for every code.
    """

    code: ReasonCode
    figures: Mapping[str, float | None] = {}
    names: Mapping[str, str] = {}
