"""All 256 settings of a manager's switches: what comes out is the same, and every contract holds."""

import dataclasses
import itertools

import pytest

from lab.memory import MemoryConfig, MemoryManager
from lab.memory.bridge import COPY
from lab.translation import Session
from tests.memory.contract import contracts

SWITCHES = [item.name for item in dataclasses.fields(MemoryConfig) if isinstance(item.default, bool)]
SETTINGS = [dict(zip(SWITCHES, values, strict=True)) for values in itertools.product((False, True), repeat=8)]


def test_there_are_eight_switches():
    """A ninth one doubles the settings below."""
    assert len(SWITCHES) == 8


@pytest.mark.parametrize("first", range(0, len(SETTINGS), 32))
def test_every_setting_keeps_every_contract(first):
    """Through the manager alone, which never says what it built."""
    for setting in SETTINGS[first : first + 32]:
        with MemoryManager(MemoryConfig(**setting)) as manager:
            with manager.arena() as arena:
                contracts.arena_contract(arena)
            contracts.buffer_contract(manager.buffer)
            contracts.batch_contract(manager.batch)
            contracts.interner_contract(manager.interner)
            with manager.team(2) as team, manager.batch() as batch, manager.string() as string:
                batch.extend(contracts.ROWS)
                for strings, pool in (("worker", None), ("pooled", manager.strings), ("fresh", None)):
                    made = team.translate(COPY, batch, strings=strings, pool=pool, prefetch_distance=8)
                    assert list(made) == [row[0].encode() for row in contracts.ROWS]
                string.append("x")
            with Session(config=manager) as session, manager.input(b"x = 1") as source:
                assert session.text(bytes(source)).startswith(b"Module(")
            metrics = manager.metrics()
            assert metrics.fallbacks == ()
            assert (metrics.translation.tasks, metrics.team.batches, metrics.team.done) == (1, 3, 15)
            assert metrics.switched_off == manager.config.switched_off()
