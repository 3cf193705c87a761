"""The one way in which commands print: text of others is escaped before it can reach a terminal.

Commands print what others wrote: names of files, levels of experiments, messages of kernels, keys of stored files. That
is why no command uses click.echo or rich's own Console, which a test checks.
"""

from collections.abc import Iterable

import click
import rich.console
from rich.segment import Segment

from lab.core.printable import printable, printable_json


class Console(rich.console.Console):
    """rich's Console, printing every control character of the text it is given as an escape."""

    def render(
        self, renderable: rich.console.RenderableType, options: rich.console.ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """See rich.console.Console; colours and cursor movements are rich's own and stay."""
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                yield Segment(printable(segment.text, lines=True), segment.style)


def errors() -> Console:
    """A console on standard error that prints lines as they are, for progress and messages."""
    return Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


def echo(text: object, *, err: bool = False) -> None:
    """Print a text of one or more lines."""
    click.echo(printable(str(text), lines=True), err=err)


def echo_json(text: str) -> None:
    """Print JSON; a program reads the same from it, and a terminal finds nothing to act on."""
    click.echo(printable_json(text))
