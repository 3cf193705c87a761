"""Which memory techniques a translation uses: eight switches, each by itself."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final, Self

from lab._ffi import lib
from lab.memory.manager.config import MemoryConfig

BEST: Final = "best"  # what a setting with all on is called
BASELINE: Final = "baseline"  # with all off


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """Techniques that are on; none of them changes a byte of what comes out.

    Attributes:
        arena: Nodes, lists and texts of a tree are bumped from one region; off: an allocation for each.
        intern: A name is stored once and goes by number; off: a copy for each occurrence.
        views: Stages hand on slices of what they got, text is streamed; off: each stage copies.
        soa: Tokens and nodes are columns; off: records.
        pool: Buffers are kept for the next task; off: made for each.
        simd: The source is scanned 64 bytes at a time; off: byte by byte.
        aligned: Buffers begin on a cache line; off: where the allocator puts them.
        prefetch: What comes next is asked for ahead of its use; off: it is not.
    """

    arena: bool = True
    intern: bool = True
    views: bool = True
    soa: bool = True
    pool: bool = True
    simd: bool = True
    aligned: bool = True
    prefetch: bool = True

    @classmethod
    def all(cls) -> Self:
        """Every technique on."""
        return cls()

    @classmethod
    def none(cls) -> Self:
        """Every technique off: the baseline."""
        return cls.from_bits(0)

    @classmethod
    def from_bits(cls, bits: int) -> Self:
        """Of the sum of the C library's FE_SWITCH_ numbers.

        Raises:
            ValueError: It is none.
        """
        if not 0 <= bits <= lib.FE_SWITCHES_ALL:
            raise ValueError(f"switches are a number from 0 to {lib.FE_SWITCHES_ALL}, got {bits}")
        return cls(**{item.name: bool(bits & _bit(item.name)) for item in fields(cls)})

    @classmethod
    def from_config(cls, config: MemoryConfig) -> Self:
        """What a configuration of the memory layer says of them; `simd`, which it does not name, is on where any is."""
        chosen = {
            "arena": config.enable_arena_allocation,
            "intern": config.enable_string_interning,
            "views": config.enable_zero_copy,
            "soa": config.enable_soa_batches,
            "pool": config.enable_pools,
            "aligned": config.enable_aligned_buffers,
            "prefetch": config.enable_prefetching,
        }
        return cls(**chosen, simd=any(chosen.values()))

    @classmethod
    def every(cls) -> Iterator[Self]:
        """All settings, from none to all."""
        return map(cls.from_bits, range(lib.FE_SWITCHES_ALL + 1))

    @property
    def bits(self) -> int:
        """The C library's number for this setting."""
        return sum(_bit(item.name) for item in fields(self) if getattr(self, item.name))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Of what `str` makes of a setting: "best", "baseline", or names joined by `+`.

        Raises:
            ValueError: A name is none of the switches'.
        """
        if text in (BEST, BASELINE):
            return cls.all() if text == BEST else cls.none()
        known = [item.name for item in fields(cls)]
        named = text.split("+")
        unknown = [name for name in named if name not in known]
        if unknown:
            raise ValueError(
                f"no switch {unknown[0]!r}: name {BEST}, {BASELINE}, or some of {', '.join(known)} joined by +"
            )
        return cls(**{name: name in named for name in known})

    def __str__(self) -> str:
        on = [item.name for item in fields(self) if getattr(self, item.name)]
        return BEST if len(on) == len(fields(self)) else "+".join(on) or BASELINE


def _bit(name: str) -> int:
    bit: int = getattr(lib, f"FE_SWITCH_{name.upper()}")
    return bit
