"""How progress leaves the runner: it knows no terminal, it calls an observer."""

from typing import Protocol


class Observer(Protocol):
    """Told what happens, from the runner's thread, in order."""

    def phase(self, name: str, total: float, unit: str) -> None:
        """A phase begins; `total` of `unit` ("s" or "batches") lie ahead."""

    def advance(self, done: float, detail: str) -> None:
        """`done` of the phase's total is behind us."""

    def trouble(self, text: str) -> None:
        """A case failed; the run goes on."""


class Silent:
    """Hears everything and says nothing."""

    def phase(self, name: str, total: float, unit: str) -> None:
        """See Observer."""

    def advance(self, done: float, detail: str) -> None:
        """See Observer."""

    def trouble(self, text: str) -> None:
        """See Observer."""
