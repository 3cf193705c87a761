"""Arenas that a manager lends, one caller at a time each, and lends again when they come back."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from lab.memory import protocols
from lab.memory.arena import Arena, ArenaStats
from lab.memory.manager.components import Components
from lab.memory.plain import PlainArena


class ArenaLender:
    """Lends arenas. Safe to share between threads.

    Args:
        components: Of the manager; its turn guards the lists here.
        capacity_bytes: Size of a chunk of each arena.
        wanted: Whether to lend arenas, or plain allocation behind their calls.
    """

    def __init__(self, components: Components, capacity_bytes: int, *, wanted: bool) -> None:
        self._components = components
        self._capacity_bytes = capacity_bytes
        self._wanted = wanted
        self._all: list[protocols.Arena] = []
        self._idle: list[protocols.Arena] = []
        self._waiting: list[protocols.Arena] = []  # came back while someone had arrays of them

    @contextmanager
    def lend(self) -> Iterator[protocols.Arena]:
        """An arena for a `with` block, which is reset at its end.

        Raises:
            BufferError: A view of its memory outlives the block; the arena is lent again once that is gone.
        """
        arena = self._take()
        try:
            yield arena
        except BaseException:
            with suppress(BufferError):  # the block's own error is the one to report
                self._take_back(arena)
            raise
        self._take_back(arena)

    def _take(self) -> protocols.Arena:
        turn = self._components.turn
        with turn:
            self._components.forbid_closed()
            waiting, self._waiting = self._waiting, []
        for arena in waiting:
            with suppress(BufferError):
                self._take_back(arena)
        with turn:
            if self._idle:
                return self._idle.pop()
        arena = self._components.attempt("arena", self._new, PlainArena) if self._wanted else PlainArena()
        with turn:
            self._all.append(arena)
        return arena

    def _new(self) -> protocols.Arena:
        """An arena whose first chunk the system grants: on first use it would be too late for plain allocation."""
        with Arena(self._capacity_bytes) as probe:
            probe.alloc(1)
        return Arena(self._capacity_bytes)

    def _take_back(self, arena: protocols.Arena) -> None:
        """Make an arena ready to be lent again, or put it aside until the last view is gone."""
        try:
            arena.reset()
        except BufferError:
            with self._components.turn:
                self._waiting.append(arena)
            if not arena.lingering:  # arrays of its scopes have ended: nobody can use them by mistake
                raise
        else:
            with self._components.turn:
                self._idle.append(arena)

    def stats(self) -> list[ArenaStats]:
        """The figures of all arenas, those lent included."""
        with self._components.turn:
            arenas = list(self._all)
        return [arena.stats() for arena in arenas if not arena.closed]

    def close(self) -> None:
        """End them; to be called with the turn.

        Raises:
            BufferError: Some are lent, or views of them are out.
        """
        lent = len(self._all) - len(self._idle) - len(self._waiting)
        if lent:
            raise BufferError(f"{lent} arena(s) are still lent: leave their `with` blocks first")
        for arena in list(self._all):
            arena.close()
            for group in (self._all, self._idle, self._waiting):
                _discard(group, arena)


def _discard(group: list[Any], arena: protocols.Arena) -> None:
    if arena in group:
        group.remove(arena)
