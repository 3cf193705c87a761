"""Bytes of a source to its text, as CPython reads them. The standard library alone: other interpreters run this too."""

import codecs
import re
import sys
from typing import Final

AGAIN_BEFORE: Final = 12  # the minor version that no longer does that
_COOKIE: Final = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", re.ASCII)
_NOTHING: Final = re.compile(rb"[ \t\f]*(?:#.*)?$")


def decode_source(source: bytes, minor: int = sys.version_info.minor) -> bytes:
    """The text of a source as UTF-8, without byte order mark, with line feeds at its line ends: as CPython reads it.

    Line ends are those of the bytes: a carriage return that a codec makes is a character like any other.

    Args:
        source: A file as it lies on disk.
        minor: Of the Python that reads it: 11 for 3.11.

    Raises:
        SyntaxError: It declares an encoding that does not exist, or does not keep to it.
    """
    marked = source.startswith(codecs.BOM_UTF8)
    lines = line_ends(source.removeprefix(codecs.BOM_UTF8), minor)
    declared = declared_encoding(lines)
    if marked and declared not in (None, "utf-8"):
        raise SyntaxError(f"encoding problem: {declared} with BOM")
    try:
        return lines.decode(declared or "utf-8").encode()
    except LookupError as error:
        raise SyntaxError(f"unknown encoding: {declared}") from error
    except UnicodeError as error:
        raise SyntaxError(f"(unicode error) {error}") from error


def declared_encoding(source: bytes) -> str | None:
    """What a comment in the first two lines declares (PEP 263), in CPython's spelling; None where nothing does."""
    for line in source.split(b"\n", 2)[:2]:
        if found := _COOKIE.match(line):
            return _normal(found[1].decode())
        if not _NOTHING.match(line):
            return None
    return None


def line_ends(source: bytes, minor: int = sys.version_info.minor) -> bytes:
    """Line feeds at all line ends. A final CR LF becomes two of them in 3.11, whose reader appends one behind it."""
    if b"\r" not in source:
        return source
    plain = source.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return plain + b"\n" if source.endswith(b"\r\n") and minor < AGAIN_BEFORE else plain


def _normal(name: str) -> str:
    """One spelling for the two encodings that CPython knows by themselves."""
    lowered = name[:12].lower().replace("_", "-")
    if lowered == "utf-8" or lowered.startswith("utf-8-"):
        return "utf-8"
    if lowered.startswith(("latin-1", "iso-8859-1", "iso-latin-1")):
        for plain in ("latin-1", "iso-8859-1", "iso-latin-1"):
            if lowered == plain or lowered.startswith(f"{plain}-"):
                return "iso-8859-1"
    return name
