"""Natural pieces of a source: runs of whole top-level statements, each a program by itself."""

import ast
import re
import warnings
from collections.abc import Iterator
from typing import Final

_TOP: Final = re.compile(rb"^[A-Za-z_@\"'(\[{\\-]", re.MULTILINE)
_GOES_ON: Final = re.compile(rb"(?:else|elif|except|finally|case)\b")


def natural_pieces(source: bytes, least: int, most: int) -> Iterator[bytes]:
    """Runs of top-level statements with the comments between them, of `least` to `most` bytes, that do not overlap.

    What seems to be a statement and is none, inside a string for instance, makes a piece that does not parse, and is
    left out.

    Args:
        source: A file as it stands on disk.
        least: Bytes of a piece at least.
        most: Bytes at most; what is longer by itself is left out.
    """
    starts = list(_places(source))
    begin = 0
    while begin < len(starts) - 1:
        for end in range(begin + 1, len(starts)):
            size = starts[end] - starts[begin]
            if size > most:
                begin += 1
                break
            if size >= least and _parses(piece := source[starts[begin] : starts[end]]):
                yield piece
                begin = end
                break
        else:
            return


def _places(source: bytes) -> Iterator[int]:
    """Where top-level statements seem to begin, a decorated one with its first decorator; at last the end."""
    decorated = False
    for found in _TOP.finditer(source):
        if not decorated and not _GOES_ON.match(source, found.start()):
            yield found.start()
        decorated = found[0] == b"@"
    yield len(source)


def _parses(piece: bytes) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(piece)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
