"""The committed figures of the gate: read whole or refused with the line, written one toolchain at a time."""

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from lab.analysis.gate import Figures
from lab.core.errors import CorruptRun, SchemaTooNew, UsageError
from lab.core.json_lines import Path as JsonPath
from lab.core.json_lines import line_of, path_of
from lab.core.printable import shortened
from lab.core.reading import Unreadable, read_file
from lab.store import write_atomically

BASELINES_SCHEMA = 1
SHOWN = 120


class Baselines(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The committed file: one set of figures per toolchain."""

    schema: int
    baselines: tuple[Figures, ...]

    def of(self, toolchain: str) -> Figures | None:
        """The figures written with a toolchain, None if there are none."""
        return next((one for one in self.baselines if one.toolchain == toolchain), None)


class _SchemaOnly(msgspec.Struct):
    schema: int


def read_baselines(path: Path) -> Baselines:
    """Read the committed file.

    Raises:
        UsageError: there is no such file.
        SchemaTooNew: a newer lab wrote it.
        CorruptRun: it is damaged, or has a toolchain or a figure twice, or a value that no figure has.
    """
    try:
        data = read_file(path)
    except Unreadable as error:
        raise UsageError(f"baseline {path}: {error}; write one with lab baseline --reason TEXT") from error
    try:
        schema = msgspec.json.decode(data, type=_SchemaOnly).schema
        if schema > BASELINES_SCHEMA:
            raise SchemaTooNew(f"baseline {path}: written by a newer lab (schema {schema}); upgrade portalis-lab")
        found = msgspec.json.decode(data, type=Baselines)
        json.loads(data, object_pairs_hook=_members)
    except RecursionError as error:
        raise _damaged(path, "it nests too deeply", 1) from error
    except ValueError as error:  # msgspec's errors among them
        raise _damaged(path, str(error), _line(data, str(error))) from error
    for where, why in _wrong(found):
        raise _damaged(path, why, line_of(data.decode(), where))
    return found


def write_baseline(path: Path, current: Figures) -> None:
    """Write figures into the committed file in place of those of the same toolchain; other toolchains' stay."""
    others = read_baselines(path).baselines if path.exists() else ()
    kept = [one for one in others if one.toolchain != current.toolchain]
    baselines = Baselines(BASELINES_SCHEMA, tuple(sorted([*kept, current], key=lambda one: one.toolchain)))
    write_atomically(path, msgspec.json.format(msgspec.json.encode(baselines), indent=1) + b"\n")


def _wrong(found: Baselines) -> Iterator[tuple[JsonPath, str]]:
    """Where a file that can be decoded is no baseline all the same, and why."""
    toolchains: set[str] = set()
    for number, one in enumerate(found.baselines):
        where: JsonPath = ["baselines", number]
        if one.toolchain in toolchains:
            yield [*where, "toolchain"], f"the toolchain {shortened(one.toolchain, SHOWN)} is there twice"
        toolchains.add(one.toolchain)
        keys: set[tuple[str, str, str]] = set()
        for at, figure in enumerate(one.figures):
            name = shortened(f"{figure.case} {figure.arm} {figure.metric}", SHOWN)
            if (key := (figure.case, figure.arm, figure.metric)) in keys:
                yield [*where, "figures", at], f"the figure {name} is there twice"
            keys.add(key)
            if not math.isfinite(figure.value) or figure.value < 0:
                yield [*where, "figures", at, "value"], f"the figure {name} is {figure.value}"


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(name for number, (name, _) in enumerate(pairs) if name in dict(pairs[:number]))
        raise ValueError(f"the key {shortened(twice, SHOWN)} is there twice in one object")
    return found


def _line(data: bytes, message: str) -> int:
    """The line that an error of msgspec is about."""
    if byte := re.search(r"\(byte (\d+)\)", message):
        return data.count(b"\n", 0, int(byte[1])) + 1
    if path := path_of(message):
        return line_of(data.decode(errors="replace"), path)
    return 1


def _damaged(path: Path, why: str, line: int) -> CorruptRun:
    return CorruptRun(f"baseline {path}, line {line}: damaged ({why}); restore it from version control")
