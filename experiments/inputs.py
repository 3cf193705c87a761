"""Input files of the kernels, as pure functions of the corpus: the same corpus gives the same bytes.

All share one container, told in native/kernels/src/input.h; what the sections of a format hold is told here and in
the kernel that reads it.
"""

import itertools
import re
import struct
from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from lab.experiment.corpus import Corpus, NotInCorpus, SourceFile
from lab.translation.pieces import natural_pieces

VERSION = 1
ALIGNMENT = 64
FIELDS = 8
TASK_BYTES = 1024  # the plan's "one ~1 KB source file"
MOST_TASKS = 10_000
MOST_FILES = 256
MOST_PIECES = 1000  # the plan's large batch
FEW_PIECES = 40
FEW_FILES = 10  # an iteration does all of them, and must stay short ...
SOME_FILES = 20  # ... where the work is not slow
SMALL_BYTES = range(2048, 8193)
PIECES_OF_A_FILE = 6
PIECE_BYTES = (700, 1400)  # about 1 KB: nature does not end its statements at 1024
PADDING_BYTES = 64
MOST_TOKENS = 1_740_000
MOST_LINES = 1_000_000
LINE_BYTES = range(20, 201)  # of the lines that are searched
NEWLINE = ord("\n")
IDENTIFIER = re.compile(rb"[A-Za-z_][A-Za-z0-9_]*")

Words = npt.NDArray[np.uint64]
Octets = npt.NDArray[np.uint8]
_Item = TypeVar("_Item")


def records(corpus: Corpus) -> bytes:
    """One record per source line, for layout.scan (format LKROWS).

    Eight u64 each: offset of the line in its file, length in bytes (line end included), indentation in bytes, a hash of
    the bytes, the class of the first character after the indentation, number of the file, number of the line from 1,
    and tokens (words and single other characters, no blanks).
    """
    rows = [_file_records(file.data, number) for number, file in enumerate(corpus.files)]
    return _container(b"LKROWS", [np.concatenate(rows).tobytes()])


def source_bytes(corpus: Corpus) -> bytes:
    """All files end to end, for alignment.stream (format LKBYTES)."""
    return _container(b"LKBYTES", [b"".join(file.data for file in corpus.files)])


def tasks(corpus: Corpus) -> bytes:
    """Translation tasks, for layout.tasks (format LKTASKS): at most MOST_TASKS, evenly from the whole corpus.

    The plan's task is one source file of about 1 KB. The corpus's files are larger: each is cut at the ends of lines
    into pieces of TASK_BYTES and a little more. The path is the file's with the number of the piece, the config a
    line of settings. Sections: for source, path and config each the offsets (u64) and the bytes.
    """
    pieces = [
        (piece, b"%s#%d" % (file.path.encode(), number))
        for file in corpus.files
        for number, piece in enumerate(_pieces(file.data))
    ]
    chosen = _evenly(pieces, MOST_TASKS)
    configs = [
        b'{"target": "rust", "optimize": %d, "debug": false, "source": "%s"}' % (len(p) % 4, p) for _, p in chosen
    ]
    columns: tuple[list[bytes], ...] = ([source for source, _ in chosen], [path for _, path in chosen], configs)
    return _container(b"LKTASKS", [section for column in columns for section in _column(column)])


def files(corpus: Corpus) -> bytes:
    """What reading and scanning files needs, for pooling.buffers (format LKFILES): at most MOST_FILES files.

    Sections: offsets (u64) and bytes of the files; per file offsets (u64) into the line starts (u32, from the start of
    the file); per file offsets (u64) into the identifiers, offsets (i64) of the identifiers, their bytes. Identifiers
    are distinct within a file, in the order in which they first appear.
    """
    chosen = _evenly(corpus.files, MOST_FILES)
    lines = [_line_starts(_octets(file)).astype("<u4") for file in chosen]
    names = [list(dict.fromkeys(IDENTIFIER.findall(file.data))) for file in chosen]
    sections = [
        *_column([file.data for file in chosen]),
        _offsets(len(one) for one in lines),
        np.concatenate(lines).tobytes(),
        _offsets(len(one) for one in names),
        *_column([name for one in names for name in one]),
    ]
    return _container(b"LKFILES", sections)


def library(corpus: Corpus) -> bytes:
    """Whole files, for translation.pipeline (format LKSOURCE): all of the corpus.

    Sections: place and length of each (u64, u64); the bytes, each file between PADDING_BYTES zeros.
    """
    return _padded([file.data for file in corpus.files])


def sample(corpus: Corpus) -> bytes:
    """Some of the corpus's files, evenly (see `library`): MOST_FILES."""
    return _padded([file.data for file in _evenly(corpus.files, MOST_FILES)])


def sources(corpus: Corpus) -> bytes:
    """Some of the corpus's files, evenly (see `library`): FEW_FILES."""
    return _padded([file.data for file in _evenly(corpus.files, FEW_FILES)])


def some_sources(corpus: Corpus) -> bytes:
    """Some more of the corpus's files, evenly (see `library`): SOME_FILES."""
    return _padded([file.data for file in _evenly(corpus.files, SOME_FILES)])


def small_sources(corpus: Corpus) -> bytes:
    """Some of the corpus's files of SMALL_BYTES, evenly (see `library`): FEW_FILES; of all where none is so small."""
    small = [file for file in corpus.files if len(file.data) in SMALL_BYTES]
    return _padded([file.data for file in _evenly(small or corpus.files, FEW_FILES)])


def pieces(corpus: Corpus) -> bytes:
    """Programs of about 1 KB, for translation.pipeline (format LKSOURCE, see `sources`): MOST_PIECES where there are.

    The plan's task is one source file of about 1 KB, of which a real corpus has few. Runs of whole top-level statements
    make up the number: at most PIECES_OF_A_FILE out of each file, evenly from the whole corpus.
    """
    return _padded(_programs(corpus))


def few_pieces(corpus: Corpus) -> bytes:
    """Some of `pieces`, evenly: FEW_PIECES."""
    return _padded(_evenly(_programs(corpus), FEW_PIECES))


def _programs(corpus: Corpus) -> Sequence[bytes]:
    files_needed = 4 * MOST_PIECES // PIECES_OF_A_FILE
    found = [
        piece
        for file in _evenly(corpus.files, files_needed)
        for piece in itertools.islice(natural_pieces(file.data, *PIECE_BYTES), PIECES_OF_A_FILE)
    ]
    if not found:
        raise NotInCorpus("the corpus holds no run of whole statements of about 1 KB")
    return _evenly(found, MOST_PIECES)


def _padded(texts: Sequence[bytes]) -> bytes:
    padding = bytes(PADDING_BYTES)
    sizes = np.array([len(text) for text in texts], dtype="<u8")
    ends = np.cumsum(sizes + np.uint64(PADDING_BYTES), dtype="<u8")
    places = np.stack([ends - sizes, sizes], axis=1)
    return _container(b"LKSOURCE", [places.tobytes(), padding + padding.join(texts) + padding])


def tokens(corpus: Corpus) -> bytes:
    """Identifiers in the order in which they stand, the first MOST_TOKENS, for peers_text.intern (format LKTOKENS).

    Sections: offsets (u64) and bytes.
    """
    every = (name for file in corpus.files for name in IDENTIFIER.findall(file.data))
    found = list(itertools.islice(every, MOST_TOKENS))
    if not found:
        raise NotInCorpus("the corpus holds no identifier")
    return _container(b"LKTOKENS", _column(found))


def lines(corpus: Corpus) -> bytes:
    """Lines of LINE_BYTES without their ends, in UTF-8, the first MOST_LINES, for peers_text.contains (format LKLINES).

    Sections: offsets (u64) and bytes.
    """
    every = (line for file in corpus.files for line in file.data.splitlines() if len(line) in LINE_BYTES)
    found = list(itertools.islice(filter(_is_text, every), MOST_LINES))
    if not found:
        raise NotInCorpus(f"the corpus holds no line of {LINE_BYTES.start} to {LINE_BYTES.stop - 1} bytes")
    return _container(b"LKLINES", _column(found))


def _is_text(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _container(name: bytes, sections: Sequence[bytes]) -> bytes:
    place = -(-(16 + 16 * len(sections)) // ALIGNMENT) * ALIGNMENT
    header = struct.pack("<8sII", name, VERSION, len(sections))
    body = []
    for section in sections:
        header += struct.pack("<QQ", place, len(section))
        padded = -(-len(section) // ALIGNMENT) * ALIGNMENT
        body.append(section.ljust(padded, b"\0"))
        place += padded
    return header.ljust(-(-len(header) // ALIGNMENT) * ALIGNMENT, b"\0") + b"".join(body)


def _offsets(lengths: Iterable[int]) -> bytes:
    return np.cumsum([0, *lengths], dtype="<u8").tobytes()


def _column(texts: Sequence[bytes]) -> tuple[bytes, bytes]:
    return _offsets(len(text) for text in texts), b"".join(texts)


def _evenly(items: Sequence[_Item], most: int) -> Sequence[_Item]:
    count = min(len(items), most)
    return [items[number * len(items) // count] for number in range(count)]


def _pieces(data: bytes) -> Iterable[bytes]:
    start = 0
    while start < len(data):
        newline = data.find(b"\n", start + TASK_BYTES - 1)
        end = len(data) if newline < 0 else newline + 1
        yield data[start:end]
        start = end


def _octets(file: SourceFile) -> Octets:
    return np.frombuffer(file.data, dtype=np.uint8)


def _line_starts(data: Octets) -> npt.NDArray[np.intp]:
    after = np.flatnonzero(data == NEWLINE) + 1
    return np.concatenate(([0], after[after < data.size]))


def _table(classes: Iterable[tuple[bytes, int]]) -> Octets:
    table = np.zeros(256, dtype=np.uint8)
    for members, number in classes:
        table[list(members)] = number
    return table


_WORD = _table([(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_" + bytes(range(128, 256)), 1)])
_BLANK = _table([(b" \t\r\n\f", 1)])
_FIRST = _table(
    [
        (bytes(range(33, 256)), 1),
        (b"abcdefghijklmnopqrstuvwxyz_", 2),
        (b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", 3),
        (b"\"'", 4),
        (b"#", 5),
        (b"@", 6),
        (b")]}", 7),
    ]
)


def _file_records(octets: bytes, number: int) -> Words:
    data = np.frombuffer(octets, dtype=np.uint8)
    starts = _line_starts(data)
    ends = np.append(starts[1:], data.size)
    column = np.arange(data.size) - np.repeat(starts, ends - starts)
    solid = np.append(np.flatnonzero(_BLANK[data] == 0), data.size)  # one past the end stands for "none"
    first = np.minimum(solid[np.searchsorted(solid, starts)], ends)
    word = _WORD[data]
    begins = word & ~np.append(np.uint8(0), word[:-1]) | (1 - word) & (1 - _BLANK[data])
    factor = (2 * column.astype(np.uint64) + 1) * np.uint64(0x9E3779B97F4A7C15)
    rows = np.empty((starts.size, FIELDS), dtype="<u8")
    rows[:, 0] = starts
    rows[:, 1] = ends - starts
    rows[:, 2] = first - starts
    rows[:, 3] = np.add.reduceat((data.astype(np.uint64) + np.uint64(1)) * factor, starts)
    rows[:, 4] = np.where(first < ends, _FIRST[data[np.minimum(first, data.size - 1)]], 0)
    rows[:, 5] = number
    rows[:, 6] = np.arange(1, starts.size + 1)
    rows[:, 7] = np.add.reduceat(begins.astype(np.uint64), starts)
    return rows
