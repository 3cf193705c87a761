"""The steps of the ladder for one source: CPython's answer on one side, the front end in every variant on the other.

| step    | compares |
|---------|----------|
| accept  | accepted or refused alike |
| line    | refused in the same line, where CPython's is stable (see `answers`) |
| tokens  | class, place and line of each token with the tokenize module's |
| kinds   | how many nodes there are of each class |
| plain   | the text without its attributes with `ast.dump(tree)` |
| full    | the text with `ast.dump(tree, include_attributes=True)`, byte for byte |
| columns | each row of the columns with a walk of the tree |
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from lab.translation.errors import TranslationError
from lab.translation.ladder.answers import Answer, Mode, Oracle, digest
from lab.translation.ladder.rows import Rows, rows_of_answer, rows_of_table
from lab.translation.session import Session
from lab.translation.switches import Switches

STEPS: Final = ("accept", "line", "tokens", "kinds", "plain", "full", "columns")
COMPILED: Final = ("arena", "intern", "views", "soa")  # the tree's code is compiled for each setting of these
WARM_BYTES: Final = 1 << 16  # sessions that met a larger source give their buffers back: there may be hundreds of them
SHOWN: Final = 60  # characters of a difference
_ATTRIBUTES: Final = re.compile(
    r"('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?:, |(?<=\())lineno=\d+, col_offset=\d+, end_lineno=\d+, end_col_offset=\d+"
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which the front end differs from CPython.

    Attributes:
        file: The source.
        step: Of STEPS.
        variant: The switches that were on.
        line: Of the source; 0 where it is of none.
        expected: What CPython says, around the difference.
        got: What the front end says.
        source: The program, where it is a mutant; empty for a file.
    """

    file: str
    step: str
    variant: str
    line: int
    expected: str
    got: str
    source: str = ""


@dataclass(slots=True)
class Tally:
    """Comparisons made and differences found, by step and variant."""

    compared: Counter[tuple[str, str]] = field(default_factory=Counter)
    differing: Counter[tuple[str, str]] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Take in another's."""
        self.compared += other.compared
        self.differing += other.differing
        self.differences += other.differences


def few_switches() -> tuple[Switches, ...]:
    """Every setting that is chosen at compile time, with all that is chosen at run time off and on."""
    names = [name for name in Switches.__slots__ if name not in COMPILED]
    settings = []
    for switches in Switches.every():
        chosen = {getattr(switches, name) for name in names}
        if len(chosen) == 1:
            settings.append(switches)
    return tuple(settings)


class Climber:
    """Sessions for the variants that are compared; for one thread.

    Args:
        variants: Settings whose full text is compared. Tokens, kinds and columns are compared for those of them that
            are `few_switches`, the plain text for all on and all off.
        oracle: Asked in full where something differs, and whose grammar the sessions take.
        steps: Those to climb.
    """

    def __init__(self, variants: Iterable[Switches], oracle: Oracle, steps: Sequence[str] = STEPS) -> None:
        self._oracle = oracle
        self._sessions = {switches: Session(switches, grammar=oracle.minor) for switches in variants}
        few = set(few_switches())
        chosen = [switches for switches in self._sessions if switches in few]
        self._few = chosen or list(self._sessions)
        ends = [switches for switches in (Switches.all(), Switches.none()) if switches in self._sessions]
        self._ends = frozenset(ends or self._few)  # the plain text takes long, and where the full one is right, it is
        self._steps = frozenset(steps)

    def climb(self, file: str, source: bytes, said: Answer, mode: Mode) -> Tally:
        """Compare every variant's answer to a source with CPython's."""
        tally = Tally()
        for step, switches, difference in self._compare(source, said, mode):
            tally.compared[step, str(switches)] += 1
            if difference is not None:
                tally.differing[step, str(switches)] += 1
                line, expected, got = difference
                shown = source.decode(errors="backslashreplace") if mode == "mutant" else ""
                tally.differences.append(Difference(file, step, str(switches), line, expected, got, shown))
        if len(source) > WARM_BYTES:
            for session in self._sessions.values():
                session.trim()
        return tally

    def _compare(self, source: bytes, said: Answer, mode: Mode) -> Iterator[tuple[str, Switches, "_Found"]]:
        right: bytes | None = None
        for switches, session in self._sessions.items():
            try:
                text = session.text(source)
            except TranslationError as error:
                if "accept" in self._steps:
                    yield "accept", switches, (error.line, "accepted", error.message) if said.accepted else None
                if "line" in self._steps and said.stable:
                    same = said.line == error.line
                    yield "line", switches, None if same else (said.line, said.error, f"{error.message} ({error.line})")
                continue
            if "accept" in self._steps:
                accepted = None if said.accepted else (said.line, said.error, "accepted")
                yield "accept", switches, accepted
            if not said.accepted:
                continue
            is_right = text == right if right is not None else digest(text) == said.full
            if is_right:
                right = text
            if "full" in self._steps:
                yield "full", switches, None if is_right else self._text_difference(source, "dump", text)
            if mode == "file" and "plain" in self._steps and switches in self._ends:
                yield "plain", switches, self._plain_difference(source, said, text)
        if mode == "file" and said.accepted:
            for switches in self._few:
                yield from self._look(source, said, switches)

    def _look(self, source: bytes, said: Answer, switches: Switches) -> Iterator[tuple[str, Switches, "_Found"]]:
        session = self._sessions[switches]
        try:
            if "tokens" in self._steps and said.tokens:
                tokens = session.tokens(source)
                same = digest(tokens.tobytes()) == said.tokens
                yield "tokens", switches, None if same else self._token_difference(source, tokens)
            if {"kinds", "columns"} & self._steps:
                rows = rows_of_table(session.columns(source))
                histogram = rows.histogram()
                if "kinds" in self._steps:
                    same = digest(repr(sorted(histogram.items())).encode()) == said.kinds
                    yield "kinds", switches, None if same else self._kind_difference(source, histogram)
                if "columns" in self._steps:
                    same = rows.digest() == said.columns
                    yield "columns", switches, None if same else self._row_difference(source, rows)
        except TranslationError as error:
            yield "accept", switches, (error.line, "accepted, as by the text", str(error))

    def _plain_difference(self, source: bytes, said: Answer, text: bytes) -> "_Found":
        plain = without_attributes(text.decode()).encode()
        return None if digest(plain) == said.plain else self._text_difference(source, "plain", plain)

    def _text_difference(self, source: bytes, what: str, got: bytes) -> "_Found":
        return text_difference(self._oracle.detail(source, what).encode(), got)

    def _token_difference(self, source: bytes, got: np.ndarray[tuple[int], np.dtype[np.void]]) -> "_Found":
        expected = self._oracle.detail(source, "tokens")
        if expected is None:
            return 0, "the same as before", "CPython's tokens differ from call to call"
        for mine, theirs in zip(got.tolist(), map(tuple, expected), strict=False):
            if mine != theirs:
                return theirs[3] or mine[3], f"token {theirs!r}", f"token {mine!r}"
        return 0, f"{len(expected)} tokens", f"{len(got)} tokens"

    def _kind_difference(self, source: bytes, got: Mapping[str, int]) -> "_Found":
        expected = Counter(self._oracle.detail(source, "kinds"))
        for kind in sorted({*expected, *got}):
            if expected[kind] != got.get(kind, 0):
                return 0, f"{expected[kind]} {kind}", f"{got.get(kind, 0)} {kind}"
        return 0, "the same histogram", "another one"

    def _row_difference(self, source: bytes, got: Rows) -> "_Found":
        expected = rows_of_answer(self._oracle.detail(source, "rows"))
        for number in range(max(len(expected.kind), len(got.kind))):
            theirs, mine = expected.row(number), got.row(number)
            if theirs != mine:
                parts = [name for name in theirs or mine if theirs.get(name) != mine.get(name)]
                what = f"row {number}, {(theirs or mine)['kind']}: "
                shown = [what + ", ".join(f"{name}={row.get(name)!r}" for name in parts) for row in (theirs, mine)]
                return int((theirs or mine)["lineno"]), shown[0], shown[1]
        return 0, "the same rows", "others"


_Found = tuple[int, str, str] | None  # line, expected, got


def without_attributes(text: str) -> str:
    """A dump with attributes without them; texts of strings stay as they are."""
    return _ATTRIBUTES.sub(r"\1", text)


def text_difference(expected: bytes, got: bytes) -> _Found:
    """Where two dumps part, and the line that the text before names last."""
    pair = np.frombuffer(expected[: len(got)], np.uint8), np.frombuffer(got[: len(expected)], np.uint8)
    unequal = np.flatnonzero(pair[0] != pair[1])
    place = int(unequal[0]) if unequal.size else len(pair[0])
    lines = re.findall(rb"[( ]lineno=(\d+)", expected[max(place - 2000, 0) : place + 200])
    begin = max(place - SHOWN // 2, 0)
    line = int(lines[0]) if lines else 0
    return line, _shown(expected[begin : begin + SHOWN]), _shown(got[begin : begin + SHOWN])


def _shown(text: bytes) -> str:
    return text.decode(errors="backslashreplace")
