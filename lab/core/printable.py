"""Text of others (names of files, messages of kernels, keys of stored files) made safe to print: one function."""

import json
import re
from typing import Final

# C0 and C1 controls, DEL, lone surrogates, separators that end a line, and what changes the direction or the look of
# the text around it (bidirectional controls, tags, zero-width characters).
_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
_UNSAFE_IN_LINE: Final = re.compile(f"[\t\n{_UNSAFE.pattern[1:]}")


def printable(text: str, *, lines: bool = False) -> str:
    r"""The text with every character that a terminal could act on replaced by its escape (`\x1b`).

    Args:
        text: may hold anything, lone surrogates of undecodable bytes included (`\udcff` becomes `\xff`).
        lines: keep tabs and line ends; without it the result is one line.
    """
    return (_UNSAFE if lines else _UNSAFE_IN_LINE).sub(_escape, text)


def printable_json(text: str) -> str:
    """The same JSON with every such character inside its strings written as JSON's own escape."""
    return _UNSAFE.sub(lambda match: json.dumps(match[0])[1:-1] if match[0] != "\x7f" else "\\u007f", text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:  # how os.fsdecode keeps a byte that is no UTF-8
        return f"\\x{code - 0xDC00:02x}"
    short = {0x09: "\\t", 0x0A: "\\n", 0x0D: "\\r"}
    if code in short:
        return short[code]
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def shortened(text: str, most: int) -> str:
    """One printable line of at most `most` characters, with the number of those that were left out."""
    line = printable(text)
    return line if len(line) <= most else f"{line[:most]}... ({len(line) - most} more characters)"
