"""Switches by name, by number, and out of a configuration."""

import pytest

from lab.memory import MemoryConfig
from lab.translation import Switches


def test_every_setting_has_its_number_and_its_name() -> None:
    every = list(Switches.every())
    assert [switches.bits for switches in every] == list(range(256))
    assert len({str(switches) for switches in every}) == 256
    assert [Switches.parse(str(switches)) for switches in every] == every
    assert (every[0], every[-1]) == (Switches.none(), Switches.all())
    assert (str(every[0]), str(every[-1])) == ("baseline", "best")


def test_one_switch_is_one_bit() -> None:
    assert Switches.parse("arena").bits == 1
    assert str(Switches.parse("pool+views")) == "views+pool"
    assert Switches(arena=False).bits == 254


@pytest.mark.parametrize(
    ("config", "off"),
    [
        (MemoryConfig(), set()),
        (MemoryConfig(enable_pools=False), {"pool"}),
        (MemoryConfig(enable_string_interning=False), {"intern"}),
        (MemoryConfig(enable_arena_allocation=False), {"arena"}),
        (MemoryConfig(enable_zero_copy=False, enable_soa_batches=False), {"views", "soa"}),
        (MemoryConfig(enable_prefetching=False, enable_aligned_buffers=False), {"prefetch", "aligned"}),
        (MemoryConfig.plain(), set(Switches.__slots__)),
    ],
)
def test_a_configuration_says_which_are_on(config: MemoryConfig, off: set[str]) -> None:
    switches = Switches.from_config(config)
    assert {name for name in Switches.__slots__ if not getattr(switches, name)} == off


def test_what_is_no_setting_is_refused() -> None:
    for bits in (-1, 256):
        with pytest.raises(ValueError, match="from 0 to 255"):
            Switches.from_bits(bits)
    with pytest.raises(
        ValueError, match=r"no switch 'arenas'.*arena, intern, views, soa, pool, simd, aligned, prefetch"
    ):
        Switches.parse("views+arenas")
