"""Small programs in random layouts: line ends, tabs, form feeds, continuations, comments, what comes last in a file."""

import random
from collections.abc import Iterator
from typing import Final

_SPACES: Final = (" ", " ", " ", "  ", "\t", "\f", " \\\n", "\\\n ")
_ENDS: Final = ("\n", "\r\n", "\r")
_LAST: Final = (
    "", "\n", "\n\n", "\r\n", "\r", "#", "# end", "#\n", "\n#", "\n\t#", "\n  # c", " ", "\n  ", "\n\t", "\f",
    "\n\f", ";",
    ";\n", " \\\n", "\\\n", "\\", "\n\\\n", "\\\r\n", "\\\r", "\n\f#", "\n    \n", "\n\t\n#x", " # c\r\n",
    "\n \f \n", "\x1a",
    "\n\\\n\\\n", "\n \\\n#", "\r\r\n",
)  # fmt: skip
_SMALL: Final = (
    "x = 1", "if x:\n    y\n", "def f(a, b=1):\n    return a\n", "class A:\n    x = 1\n\n    def f(self): pass\n",
    "x = [\n    1,\n    2,\n]\n", "for x in y:\n\tz\nelse:\n\tw\n", "try:\n  a\nexcept B:\n  c\nfinally:\n  d\n",
    "x = '''a\nb'''\n", "with a as b:\n        c\n", "@d\ndef f(): ...\n",
    "while 1:\n    if x:\n        break\n    y\n",
    "x = f'{a}{b!r:>{c}}'\n", "lambda: 0\n", "if a:\n\tif b:\n\t\tc\n\td\n", "x = (a\n     + b)\n",
    "match x:\n  case 1:\n    y\n",
    "x; y; z\n", "x = 'a' \\\n    'b'\n", "if x:\n    pass\nelif y:\n    pass\nelse:\n    pass\n",
    "async def f():\n    await x\n",
    "def f():\n    x\n\n# c\n\ny\n", "", "#\n", "import a.b as c, d\n", "x = {1: 2,  # c\n     3: 4}\n",
    "def f():\n  '''d\n  e'''\n",
)  # fmt: skip


def layouts(count: int, seed: int) -> Iterator[bytes]:
    """Small programs in random layouts; the same arguments give the same."""
    draw = random.Random(f"{seed} layouts")
    for _ in range(count):
        text = draw.choice(_SMALL)
        for _ in range(draw.randrange(1, 4)):
            text = draw.choice(_LAYOUTS)(text, draw)
        if draw.random() < 0.6:
            text = text.rstrip("\n") + draw.choice(_LAST)
        yield text.encode()


def _line_ends(text: str, draw: random.Random) -> str:
    return "".join(draw.choice(_ENDS) if c == "\n" else c for c in text)


def _one_line_end(text: str, draw: random.Random) -> str:
    return text.replace("\n", draw.choice(_ENDS))


def _tabs(text: str, draw: random.Random) -> str:
    return (
        text.replace("    ", draw.choice(("\t", "        ", "\f    ", "  \t", "    \f")))
        if draw.random() < 0.7
        else text.replace("  ", "\t")
    )


def _spaces(text: str, draw: random.Random) -> str:
    places = [place for place, c in enumerate(text) if c == " "]
    if not places:
        return text
    place = draw.choice(places)
    return text[:place] + draw.choice(_SPACES) + text[place + 1 :]


def _between(text: str, draw: random.Random) -> str:
    lines = text.split("\n")
    lines.insert(
        draw.randrange(len(lines) + 1),
        draw.choice(
            ("", "#", "    # c", "\t", "\f", "\t#", "  ", "\\", "    \\", "\f#c", " \t ", "\t\\", "  \\", "\\\\")
        ),
    )
    return "\n".join(lines)


def _behind(text: str, draw: random.Random) -> str:
    lines = text.split("\n")
    number = draw.randrange(len(lines))
    lines[number] += draw.choice((" ", "\t", "\f", " # c", "#", ";", " \\", "\\", " ; ", "\t#\t"))
    return "\n".join(lines)


def _before(text: str, draw: random.Random) -> str:
    lines = text.split("\n")
    number = draw.randrange(len(lines))
    lines[number] = draw.choice((" ", "\t", "\f", " \f", "\f ", "    ")) + lines[number]
    return "\n".join(lines)


def _twice(text: str, draw: random.Random) -> str:
    return text + draw.choice(("", "\n", "\n\n", "\f\n")) + draw.choice(_SMALL)


_LAYOUTS: Final = (_line_ends, _one_line_end, _tabs, _spaces, _between, _behind, _before, _twice)
