"""Writes the gate's corpus: small Python modules drawn from a seed, the same on every machine and interpreter.

Usage: python tests/experiments/make_gate_corpus.py FOLDER

Only `random.Random.random` is drawn from, the one method whose sequence Python promises to keep.
"""

import random
import sys
from pathlib import Path

SEED = 20261122
FILES = 12
NAMES = [
    "path",
    "value",
    "result",
    "config",
    "logger",
    "data",
    "index",
    "count",
    "token",
    "node",
    "parent",
    "child",
    "buffer",
    "offset",
    "length",
    "name",
    "key",
    "item",
    "state",
    "request",
    "response",
    "handler",
    "context",
    "source",
    "target",
    "queue",
    "worker",
    "batch",
    "cache",
    "entry",
    "size",
    "limit",
    "error",
    "message",
]
VERBS = [
    "read",
    "write",
    "find",
    "merge",
    "split",
    "parse",
    "check",
    "load",
    "store",
    "build",
    "update",
    "remove",
    "append",
    "insert",
    "visit",
    "emit",
]
TYPES = ("int", "str", "bytes", "bool", "float", "list[str]", "dict[str, int]", "tuple[int, ...]")


class Draw:
    """Choices made from one stream of uniform numbers."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def below(self, limit: int) -> int:
        return int(self._random.random() * limit)

    def one(self, options: list[str] | tuple[str, ...]) -> str:
        return options[self.below(len(options))]


def _expression(draw: Draw, depth: int) -> str:
    kind = draw.below(6) if depth else draw.below(3)
    if kind == 0:
        return draw.one(NAMES)
    if kind == 1:
        return str(draw.below(1000))
    if kind == 2:
        return f'"{draw.one(NAMES)}_{draw.one(NAMES)}"'
    if kind == 3:
        return f"{_expression(draw, depth - 1)} + {_expression(draw, depth - 1)}"
    if kind == 4:
        return f"{draw.one(VERBS)}_{draw.one(NAMES)}({_expression(draw, depth - 1)}, {draw.one(NAMES)})"
    return f"self.{draw.one(NAMES)}[{_expression(draw, depth - 1)}]"


def _body(draw: Draw, indent: str, depth: int) -> list[str]:
    lines = []
    for _ in range(2 + draw.below(4)):
        kind = draw.below(5)
        if kind == 0 and depth:
            lines.append(f"{indent}if {_expression(draw, 1)} > {_expression(draw, 1)}:")
            lines += _body(draw, indent + "    ", depth - 1)
        elif kind == 1 and depth:
            lines.append(
                f"{indent}for {draw.one(NAMES)} in {draw.one(VERBS)}_{draw.one(NAMES)}({_expression(draw, 1)}):"
            )
            lines += _body(draw, indent + "    ", depth - 1)
        else:
            lines.append(f"{indent}{draw.one(NAMES)} = {_expression(draw, 2)}")
    return lines


def _module(draw: Draw) -> str:
    lines = [f'"""Work on {draw.one(NAMES)} and {draw.one(NAMES)}."""', "", f"import {draw.one(NAMES)}", ""]
    for _ in range(2 + draw.below(4)):
        lines += [
            "",
            f"class {draw.one(NAMES).title()}{draw.one(NAMES).title()}:",
            f'    """Holds a {draw.one(NAMES)}."""',
            "",
        ]
        for _ in range(2 + draw.below(5)):
            name = f"{draw.one(VERBS)}_{draw.one(NAMES)}"
            lines.append(f"    def {name}(self, {draw.one(NAMES)}: {draw.one(TYPES)}) -> {draw.one(TYPES)}:")
            lines += _body(draw, "        ", 2)
            lines += [f"        return {_expression(draw, 2)}", ""]
    return "\n".join(lines) + "\n"


def modules() -> dict[str, str]:
    """File name -> source of every module of the corpus."""
    return {f"module_{number:02d}.py": _module(Draw(SEED + number)) for number in range(FILES)}


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for file_name, source in modules().items():
        (folder / file_name).write_text(source)
