"""Settings of switches as arms: all of them, or a balanced part that still tells what each switch brings.

With n switches there are 2^n settings. The part that `cyclic` takes lays the switches on a circle and keeps the runs of
neighbours: n(n - 1) + 2 settings. Along them lead the orders of switching on in which each next switch is a neighbour
of those that are on. Turning and mirroring the circle maps these orders onto each other, so that in them each switch
stands at each place equally often and of any two each comes first equally often. Hence averages over them are Shapley
values wherever no three switches act together in a way that no two of them do, and always add up to the whole. Every
switch alone, and all but each one, are among the settings.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence

from lab.experiment.declare import Arms

NONE, ALL = "none", "all"

Settings = tuple[frozenset[str], ...]


def every(switches: Sequence[str]) -> Settings:
    """All 2^n settings, from none on to all on."""
    return tuple(
        frozenset(chosen) for size in range(len(switches) + 1) for chosen in itertools.combinations(switches, size)
    )


def cyclic(switches: Sequence[str]) -> Settings:
    """The runs of neighbours on a circle of the switches, from none on to all on."""
    count = len(switches)
    found = dict.fromkeys(
        frozenset(switches[(start + step) % count] for step in range(size))
        for size in range(count + 1)
        for start in range(count)
    )
    return tuple(found)


def setting_arms(
    parameter: str, meanings: Mapping[str, str], choose: Callable[[Sequence[str]], Settings] = every
) -> Arms:
    """Arms for the settings of switches; the baseline has all of them off.

    Args:
        parameter: the kernel parameter that takes names of switches joined by "+", or "none", or "all".
        meanings: switch -> what it does when it is on, one sentence.
        choose: which settings to measure.
    """
    switches = tuple(meanings)
    settings = {_name(switches, on): tuple(name for name in switches if name in on) for on in choose(switches)}
    return Arms(
        parameter,
        NONE,
        {arm: _meaning(meanings, on) for arm, on in settings.items()},
        values={arm: "+".join(on) if 0 < len(on) < len(switches) else arm for arm, on in settings.items()},
        settings=settings,
    )


def _name(switches: Sequence[str], on: frozenset[str]) -> str:
    if not on or len(on) == len(switches):
        return ALL if on else NONE
    if len(on) == len(switches) - 1 > 1:
        return "all but " + next(name for name in switches if name not in on)
    return "+".join(name for name in switches if name in on)


def _meaning(meanings: Mapping[str, str], on: Sequence[str]) -> str:
    if len(on) == 1:
        return meanings[on[0]]
    if len(on) in (0, len(meanings)):
        return "Every switch on." if on else "Every switch off."
    return ""  # its name says it
