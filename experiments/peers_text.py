"""Kernels of the experiment `peers` over the corpus's own text: interning its identifiers, searching its lines.

Each arm is what one would write with that library. A factory compares the whole answer of its arm with that of a plain
loop over the same texts, so the checksum while time is taken need only be a count.
"""

import importlib
import itertools
import struct
import sys
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence, Sized
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lab.experiment.python_kernel import PythonKernel, Unsupported
from lab.memory import Column, Interner, scan

ALL = "all"
CHUNK_ROWS = 16384
HINT = "install the contenders with: pip install 'portalis-lab[peers]'"


class WrongIds(Exception):
    """An arm's answer is not the plain loop's."""


def need(module: str) -> Any:
    """A library that may not be installed.

    Raises:
        Unsupported: it is not.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        raise Unsupported(f"{module} is not installed; {HINT}") from None


def read_texts(data: memoryview | None, most: str) -> Column:
    """The first texts of an input file of two sections (experiments.inputs): offsets and bytes.

    Raises:
        ValueError: there is no input.
    """
    if data is None:
        raise ValueError("the kernel reads texts: declare its input")
    places = [struct.unpack_from("<QQ", data, 16 + 16 * section) for section in range(2)]
    offsets, octets = (data[place : place + size] for place, size in places)
    rows = len(offsets) // 8 - 1
    count = rows if most == ALL else min(rows, int(most))
    ends = np.frombuffer(offsets, "<u8", count + 1).astype(np.int32)
    return Column(ends, np.frombuffer(octets, np.uint8, int(ends[-1])))


def listed(column: Column) -> list[str]:
    """One str object per text, equal ones too, as a tokenizer makes them."""
    octets = column.data.tobytes()
    return [octets[start:end].decode() for start, end in itertools.pairwise(column.offsets.tolist())]


def texts_of(data: memoryview | None, most: str) -> tuple[Column, list[str]]:
    """The texts as a column and as a list, made once for all arms of a process."""
    key = id(data), most
    if key not in _MADE:
        column = read_texts(data, most)
        _MADE[key] = data, (column, listed(column))
    return _MADE[key][1]


# The data is held, so that its id stays its own.
_MADE: dict[tuple[int, str], tuple[memoryview | None, tuple[Column, list[str]]]] = {}


def arrow(column: Column) -> Any:
    """The texts as a pyarrow array of strings over the same memory."""
    pa = need("pyarrow")
    return pa.StringArray.from_buffers(len(column), pa.py_buffer(column.offsets), pa.py_buffer(column.data))


def by_first_appearance(values: Iterable[Hashable]) -> list[int]:
    """Numbers for values, equal ones alike, in the order in which they first appear: the plain loop."""
    numbers: dict[Hashable, int] = {}
    return [numbers.setdefault(value, len(numbers)) for value in values]


# --- interning -------------------------------------------------------------------------------------------------------

Encode = Callable[[], Sized]


@dataclass(slots=True)
class Encoder:
    """An iteration numbers all texts from the beginning."""

    encode: Encode
    pass_iterations: int = 1

    def run(self, first: int, count: int) -> tuple[int, int]:
        """How many ids were given, twice: as checksum and as items."""
        done = sum(len(self.encode()) for _ in range(count))
        return done, done


def intern(args: Mapping[str, str], data: memoryview | None) -> PythonKernel:
    """Ids for `tokens` identifiers in Arrow form or as list[str] (`form`), by the `contender`.

    Raises:
        Unsupported: the contender is not installed.
        WrongIds: its answer is not the plain loop's.
    """
    column, texts = texts_of(data, args["tokens"])
    contenders = _ARROW if args["form"] == "arrow" else _LIST
    encode = contenders[args["contender"]](arrow(column) if args["form"] == "arrow" else texts)
    found = encode()
    if args["contender"] in _NOT_ONE_NUMBERING:
        return Encoder(encode)
    plain = by_first_appearance(texts)
    values = [id(text) for text in found] if args["contender"] == "sys_intern" else np.asarray(found).tolist()  # type: ignore[attr-defined]
    if by_first_appearance(values) != plain:
        raise WrongIds(f"{args['contender']} gives other ids than a plain loop")
    return Encoder(encode)


def _ours(texts: Any, threads: int = 1) -> Encode:
    interner = Interner()

    def encode() -> Sized:
        interner.clear()
        return interner.intern_many(texts, threads=threads)

    return encode


def _halves(texts: Any) -> Encode:
    """Each half to an interner of its own, at once: what two threads can give where nothing has to be put together."""
    middle = len(texts) // 2
    first, second = _ours(texts[:middle]), _ours(texts[middle:])
    team = ThreadPoolExecutor(1)

    def encode() -> Sized:
        other = team.submit(second)
        return range(len(first()) + len(other.result()))

    return encode


def _fresh(texts: Any) -> Encode:
    def encode() -> Sized:
        with Interner() as interner:
            return interner.intern_many(texts)

    return encode


def _pandas_arrow(texts: Any) -> Encode:
    pd = need("pandas")
    series = pd.Series(texts, dtype="str")
    return lambda: pd.factorize(series)[0]


def _pandas_list(texts: list[str]) -> Encode:
    pd = need("pandas")
    array = np.array(texts, dtype=object)
    return lambda: pd.factorize(array)[0]


def _polars(texts: Any) -> Encode:
    pl = need("polars")
    series = pl.Series(texts)
    # Categories of its own each time: the global ones keep what they have seen.
    return lambda: series.cast(pl.Categorical(pl.Categories.random())).to_physical()


def _polars_list(texts: list[str]) -> Encode:
    pl = need("polars")
    return lambda: pl.Series(texts).cast(pl.Categorical(pl.Categories.random())).to_physical()


def _dict_loop(texts: list[str]) -> Encode:
    return lambda: by_first_appearance(texts)


_NOT_ONE_NUMBERING = {"ours_halves"}
_ARROW: Mapping[str, Callable[[Any], Encode]] = {
    "ours": _ours,
    "ours_two_threads": lambda texts: _ours(texts, 2),
    "ours_halves": _halves,
    "ours_fresh": _fresh,
    "pyarrow": lambda texts: lambda: texts.dictionary_encode().indices,
    "pandas": _pandas_arrow,
    "polars": _polars,
}
_LIST: Mapping[str, Callable[[list[str]], Encode]] = {
    "ours": _ours,
    "pyarrow": lambda texts: lambda: need("pyarrow").array(texts).dictionary_encode().indices,
    "pandas": _pandas_list,
    "polars": _polars_list,
    "sys_intern": lambda texts: lambda: [sys.intern(text) for text in texts],
    "dict": _dict_loop,
}


# --- searching -------------------------------------------------------------------------------------------------------

Flags = Any  # an answer per row, whatever the library makes of it


@dataclass(slots=True)
class Searcher:
    """An iteration searches the next chunk of rows."""

    chunks: Sequence[Any]
    search: Callable[[Any], Flags]
    hits: Callable[[Flags], int]
    pass_iterations: int

    def run(self, first: int, count: int) -> tuple[int, int]:
        """Rows that hit, and rows searched."""
        hits = rows = 0
        for number in range(first, first + count):
            chunk = self.chunks[number % len(self.chunks)]
            hits += self.hits(self.search(chunk))
            rows += len(chunk)
        return hits, rows


def contains(args: Mapping[str, str], data: memoryview | None) -> PythonKernel:
    """Which of `rows` lines, in Arrow form or as list[str] (`form`), contain the `needle`, by the `contender`.

    Raises:
        Unsupported: the contender is not installed.
        WrongIds: its answer is not the plain loop's.
    """
    (column, texts), needle = texts_of(data, args["rows"]), args["needle"]
    rows = texts if args["form"] == "list" else arrow(column)
    whole, search, hits = _SEARCHERS[args["contender"]](rows, texts, needle)
    chunks = [whole[start : start + CHUNK_ROWS] for start in range(0, len(texts), CHUNK_ROWS)]
    found = [flag for chunk in chunks for flag in np.asarray(search(chunk), dtype=np.bool_).tolist()]
    if found != [needle in text for text in texts]:
        raise WrongIds(f"{args['contender']} finds other rows than a plain loop")
    return Searcher(chunks, search, hits, len(chunks))


_Search = tuple[Any, Callable[[Any], Flags], Callable[[Flags], int]]


def _true(flags: npt.NDArray[np.bool_]) -> int:
    return int(np.count_nonzero(flags))


def _search_ours(rows: Any, texts: list[str], needle: str) -> _Search:
    return rows, lambda chunk: scan.contains(chunk, needle), _true


def _search_pyarrow(rows: Any, texts: list[str], needle: str) -> _Search:
    need("pyarrow")
    pc = need("pyarrow.compute")
    return rows, lambda chunk: pc.match_substring(chunk, needle), lambda flags: flags.true_count


def _search_pandas(rows: Any, texts: list[str], needle: str) -> _Search:
    series = need("pandas").Series(rows, dtype="str")
    return series, lambda chunk: chunk.str.contains(needle, regex=False), lambda flags: int(flags.sum())


def _search_polars(rows: Any, texts: list[str], needle: str) -> _Search:
    series = need("polars").Series(rows)
    return series, lambda chunk: chunk.str.contains(needle, literal=True), lambda flags: int(flags.sum())


def _search_stringzilla(rows: Any, texts: list[str], needle: str) -> _Search:
    whole = need("stringzilla").Strs(rows)
    return whole, lambda chunk: [needle in text for text in chunk], sum


def _search_numpy(rows: Any, texts: list[str], needle: str) -> _Search:
    array = np.array(texts, dtype=np.dtypes.StringDType())
    return array, lambda chunk: np.strings.find(chunk, needle) >= 0, _true


def _search_list(rows: Any, texts: list[str], needle: str) -> _Search:
    return texts, lambda chunk: [needle in text for text in chunk], sum


_SEARCHERS: Mapping[str, Callable[[Any, list[str], str], _Search]] = {
    "ours": _search_ours,
    "pyarrow": _search_pyarrow,
    "pandas": _search_pandas,
    "polars": _search_polars,
    "stringzilla": _search_stringzilla,
    "numpy": _search_numpy,
    "list_comprehension": _search_list,
}
