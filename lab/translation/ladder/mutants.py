"""Mutated programs: natural pieces of real sources with a token or a line changed, many of which no longer parse."""

import hashlib
import io
import random
import tokenize
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from lab.translation.pieces import natural_pieces

PIECE_BYTES: Final = (200, 2000)
CHANGES: Final = (1, 1, 1, 2, 3)  # how many, drawn from these
_VOCABULARY: Final = """
and as assert async await break case class continue def del elif else except finally for from global if import in is
lambda match nonlocal not or pass print raise return try type while with yield False None True _ x self
( ) [ ] { } , : ; . ... -> := = ~ + - * ** @ / // % << >> & | ^ < <= > >= == != ! $ ?
+= -= *= **= @= /= //= %= &= |= ^= <<= >>= 0 1 1_0 0x_f 0b2 0o7 1e5 1j .5 007 1__0
'a' "b" b'c' f'{x}' f'{x!r:>{y}}' f'{' f'}' u'd' rb'e' '''f''' 'unfinished \\
"""
_WORDS: Final = tuple(_VOCABULARY.split())

_Token = tuple[int, int]  # where a token begins and ends, in characters
_Change = Callable[[str, Sequence[_Token], random.Random], str]


def mutants(source: bytes, count: int, seed: int) -> Iterator[bytes]:
    """Mutated pieces of a source; the same arguments give the same.

    Args:
        source: A file as it stands on disk; one that is not UTF-8 has no mutants.
        count: How many, where the source has any natural piece.
        seed: Of every choice.
    """
    draw = random.Random(f"{seed} {hashlib.blake2b(source).hexdigest()}")
    pieces = [piece for piece in natural_pieces(source, *PIECE_BYTES) if _is_text(piece)]
    for _ in range(count if pieces else 0):
        text = draw.choice(pieces).decode()
        for _ in range(draw.choice(CHANGES)):
            if tokens := _tokens(text):
                text = draw.choice(_CHANGES)(text, tokens, draw)
        yield text.encode()


def _is_text(piece: bytes) -> bool:
    try:
        return "\0" not in piece.decode()
    except UnicodeDecodeError:
        return False


def _tokens(text: str) -> list[_Token]:
    """Places of the tokens, as far as the text has any."""
    begins = [0]
    for line in io.StringIO(text, newline="\n"):
        begins.append(begins[-1] + len(line))
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline="\n").readline):
            start = begins[token.start[0] - 1] + token.start[1]
            end = min(begins[min(token.end[0], len(begins)) - 1] + token.end[1], len(text))
            if token.type != tokenize.COMMENT and start < end:
                found.append((start, end))
    except (tokenize.TokenError, IndentationError, IndexError):
        pass  # what came before is enough
    return found


def _delete(text: str, tokens: Sequence[_Token], draw: random.Random) -> str:
    start, end = draw.choice(tokens)
    return text[:start] + text[end:]


def _repeat(text: str, tokens: Sequence[_Token], draw: random.Random) -> str:
    start, end = draw.choice(tokens)
    return f"{text[:end]} {text[start:end]}{text[end:]}"


def _insert(text: str, tokens: Sequence[_Token], draw: random.Random) -> str:
    _, end = draw.choice(tokens)
    return f"{text[:end]} {draw.choice(_WORDS)} {text[end:]}"


def _replace(text: str, tokens: Sequence[_Token], draw: random.Random) -> str:
    start, end = draw.choice(tokens)
    return f"{text[:start]}{draw.choice(_WORDS)}{text[end:]}"


def _borrow(text: str, tokens: Sequence[_Token], draw: random.Random) -> str:
    (start, end), (first, last) = draw.choice(tokens), draw.choice(tokens)
    return f"{text[:start]}{text[first:last]}{text[end:]}"


def _swap(text: str, tokens: Sequence[_Token], draw: random.Random) -> str:
    number = draw.randrange(len(tokens))
    (start, end), (first, last) = tokens[number - 1], tokens[number]
    if number == 0:
        return text
    return f"{text[:start]}{text[first:last]}{text[end:first]}{text[start:end]}{text[last:]}"


def _indent(text: str, _tokens: Sequence[_Token], draw: random.Random) -> str:
    lines = text.split("\n")
    number = draw.randrange(len(lines))
    line = lines[number]
    lines[number] = draw.choice(
        (f" {line}", f"\t{line}", line[1:], line.lstrip(), f"    {line}", f"\f{line}", f"{line} \\")
    )
    return "\n".join(lines)


def _drop_line(text: str, _tokens: Sequence[_Token], draw: random.Random) -> str:
    lines = text.split("\n")
    del lines[draw.randrange(len(lines))]
    return "\n".join(lines)


def _damage(text: str, _tokens: Sequence[_Token], draw: random.Random) -> str:
    place = draw.randrange(len(text))
    return (
        text[:place]
        + draw.choice(("", text[place] * 2, "\\", "'", '"', "\n", "é", "\u2028", "0", "_", "#"))
        + text[place + 1 :]
    )


_CHANGES: Final[tuple[_Change, ...]] = (
    _delete, _delete, _repeat, _insert, _insert, _replace, _replace, _borrow, _borrow, _swap, _indent, _drop_line,
    _damage,
)  # fmt: skip
