"""Components of a manager, built when they are first asked for; plain allocation stands in for what cannot be built."""

import logging
from collections.abc import Callable
from typing import Any, Final, TypeVar

from lab._extension import Turn
from lab.memory.boundary.handle import Handle
from lab.memory.errors import BusyError, ClosedError, ForkedError, LayerError
from lab.memory.manager.metrics import Fallback

LOGGER: Final = logging.getLogger("lab.memory")
REFUSED: Final = (MemoryError, LayerError, OSError, OverflowError)  # what plain allocation can stand in for
MISUSED: Final = (BusyError, ClosedError, ForkedError)  # what it cannot

Component = TypeVar("Component")


class Components:
    """Components by name, each built once, and a record of those that were refused. Threads take turns.

    Attributes:
        turn: Whoever reads or changes what a manager has takes it.
    """

    def __init__(self) -> None:
        self.turn: Final = Turn("MemoryManager")
        self.closed = False
        self._built: dict[str, Any] = {}
        self._fallbacks: dict[str, Fallback] = {}

    def forbid_closed(self) -> None:
        """Raise where the manager has ended.

        Raises:
            ClosedError: It has.
        """
        if self.closed:
            raise ClosedError("this MemoryManager is closed: make a new one")

    def get(self, name: str, wanted: bool, build: Callable[[], Component], plain: Callable[[], Component]) -> Component:
        """A component, built once: by `build` where it is wanted and can be built, otherwise by `plain`.

        Raises:
            ClosedError: The manager is closed.
        """
        component: Component
        with self.turn:
            self.forbid_closed()
            if name in self._built:
                component = self._built[name]
                return component
            refusal = None
            if wanted:
                try:
                    component = build()
                except REFUSED as error:
                    refusal = error
            if not wanted or refusal is not None:
                component = plain()
            self._built[name] = component
            if refusal is not None:
                self._note(name, refusal)
            return component

    def attempt(self, name: str, build: Callable[[], Component], plain: Callable[[], Component]) -> Component:
        """What `build` makes, or, logged and counted, what `plain` makes; built each time."""
        try:
            return build()
        except MISUSED:
            raise
        except REFUSED as error:
            with self.turn:
                self._note(name, error)
            return plain()

    def _note(self, name: str, error: Exception) -> None:
        """To be called with the turn."""
        before = self._fallbacks.get(name)
        self._fallbacks[name] = Fallback(name, before.count + 1 if before else 1, f"{type(error).__name__}: {error}")
        LOGGER.warning("%s: plain allocation instead (%s)", name, error)

    def built(self) -> dict[str, Any]:
        """What there is now, by name."""
        with self.turn:
            self.forbid_closed()
            return dict(self._built)

    def fallbacks(self) -> tuple[Fallback, ...]:
        """What plain allocation stands in for, by name."""
        with self.turn:
            return tuple(self._fallbacks[name] for name in sorted(self._fallbacks))

    def close(self) -> None:
        """End them; to be called with the turn.

        Raises:
            BufferError: One is in use. What could be ended has ended.
        """
        for name in list(self._built):
            if isinstance(self._built[name], Handle):
                self._built[name].close()
            del self._built[name]
