"""Settings of switches as arms."""

import pytest

from lab.experiment.settings import cyclic, every, setting_arms

SWITCHES = ("arena", "pool", "views", "soa")


@pytest.mark.parametrize("count", range(1, 9))
def test_every_setting_is_there_once(count: int) -> None:
    settings = every([str(number) for number in range(count)])
    assert len(settings) == len(set(settings)) == 2**count


@pytest.mark.parametrize("count", range(2, 9))
def test_circle_holds_all_runs_of_neighbours(count: int) -> None:
    names = [str(number) for number in range(count)]
    settings = cyclic(names)
    assert len(settings) == len(set(settings)) == count * (count - 1) + 2
    assert all(frozenset({name}) in settings and frozenset(names) - {name} in settings for name in names)


def test_arms_are_named_by_what_is_on() -> None:
    arms = setting_arms("switches", dict.fromkeys(SWITCHES, "Says so."))
    assert arms.baseline == "none"
    assert arms.settings["none"] == ()
    assert arms.settings["all"] == SWITCHES
    assert arms.settings["all but pool"] == ("arena", "views", "soa")
    assert arms.settings["pool+soa"] == ("pool", "soa")


def test_kernel_is_told_the_switches_in_declared_order() -> None:
    arms = setting_arms("switches", dict.fromkeys(SWITCHES, "Says so."))
    assert arms.values["all but pool"] == "arena+views+soa"
    assert arms.values["pool+soa"] == "pool+soa"
    assert (arms.values["none"], arms.values["all"]) == ("none", "all")


def test_one_switch_alone_keeps_its_sentence() -> None:
    arms = setting_arms("switches", {"arena": "From one region.", "pool": "Kept."})
    assert arms.meaning == {
        "none": "Every switch off.",
        "arena": "From one region.",
        "pool": "Kept.",
        "all": "Every switch on.",
    }
