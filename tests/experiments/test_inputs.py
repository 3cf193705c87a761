"""Input files: what the kernels read is what the corpus holds."""

import ast
import itertools
import re
import struct

import numpy as np
import pytest

from experiments import inputs
from lab.experiment.corpus import Corpus, NotInCorpus, SourceFile
from tests.experiments.corpora import CORPUS, FILES

BUILDERS = (inputs.records, inputs.source_bytes, inputs.tasks, inputs.files, inputs.sources, inputs.pieces)


def sections_of(data: bytes, name: bytes) -> list[bytes]:
    """The sections of a container whose header is as documented."""
    found, version, count = struct.unpack_from("<8sII", data)
    assert (found.rstrip(b"\0"), version) == (name, 1)
    places = [struct.unpack_from("<QQ", data, 16 + 16 * number) for number in range(count)]
    assert all(place % 64 == 0 and 16 + 16 * count <= place and place + size <= len(data) for place, size in places)
    return [data[place : place + size] for place, size in places]


def texts_of(offsets: bytes, data: bytes) -> list[bytes]:
    """The texts of a column in offsets-and-bytes form."""
    ends = np.frombuffer(offsets, dtype="<u8").tolist()
    assert ends[0] == 0
    assert ends[-1] == len(data)
    return [data[start:end] for start, end in itertools.pairwise(ends)]


def ragged_of(offsets: bytes, values: np.ndarray) -> list[list[int]]:
    ends = np.frombuffer(offsets, dtype="<u8").tolist()
    assert ends[-1] == values.size
    return [values[start:end].tolist() for start, end in itertools.pairwise(ends)]


@pytest.mark.parametrize("build", BUILDERS)
def test_the_same_corpus_gives_the_same_bytes(build) -> None:
    assert build(CORPUS) == build(Corpus("elsewhere", tuple(FILES), (("x.py", "bad"),)))


@pytest.mark.parametrize("build", BUILDERS)
def test_another_corpus_gives_other_bytes(build) -> None:
    assert build(CORPUS) != build(Corpus("root", (*FILES[:-1], SourceFile("long.py", b"pass\n" * 200)), ()))


def test_there_is_one_record_per_source_line() -> None:
    (section,) = sections_of(inputs.records(CORPUS), b"LKROWS")
    rows = np.frombuffer(section, dtype="<u8").reshape(-1, 8)
    lines = [
        (number, line_number, line)
        for number, file in enumerate(FILES)
        for line_number, line in enumerate(file.data.splitlines(keepends=True), 1)
    ]
    assert [(5, row[5], row[6], row[1]) for row in rows.tolist()] == [
        (5, number, line_number, len(line)) for number, line_number, line in lines
    ]
    for row, (number, _, line) in zip(rows.tolist(), lines, strict=True):
        assert FILES[number].data[row[0] : row[0] + row[1]] == line


def test_indentation_class_and_tokens_are_those_of_the_line() -> None:
    (section,) = sections_of(inputs.records(CORPUS), b"LKROWS")
    rows = np.frombuffer(section, dtype="<u8").reshape(-1, 8)[:6].tolist()
    assert [row[2] for row in rows] == [0, 1, 4, 0, 1, 0]  # of an empty line: its line end
    assert [row[4] for row in rows] == [2, 0, 2, 2, 2, 2]  # lower case, or 0 where there is nothing
    assert [row[7] for row in rows] == [2, 0, 5, 8, 4, 5]


def test_the_hash_tells_lines_apart_by_content_alone() -> None:
    twice = Corpus("root", (SourceFile("a.py", b"ab\nba\nab\n"), SourceFile("b.py", b"xxxxx\nab\n")), ())
    (section,) = sections_of(inputs.records(twice), b"LKROWS")
    hashes = np.frombuffer(section, dtype="<u8").reshape(-1, 8)[:, 3].tolist()
    assert hashes[0] == hashes[2] == hashes[4]
    assert len({hashes[0], hashes[1], hashes[3]}) == 3


def test_source_bytes_are_all_files_end_to_end() -> None:
    assert sections_of(inputs.source_bytes(CORPUS), b"LKBYTES") == [b"".join(file.data for file in FILES)]


def test_tasks_are_the_files_cut_at_line_ends() -> None:
    columns = sections_of(inputs.tasks(CORPUS), b"LKTASKS")
    sources, paths, configs = (texts_of(columns[at], columns[at + 1]) for at in (0, 2, 4))
    assert b"".join(sources) == b"".join(file.data for file in FILES)
    long = [source for source, path in zip(sources, paths, strict=True) if path.startswith(b"long.py#")]
    assert all(1024 <= len(source) < 1024 + 40 and source.endswith(b"\n") for source in long[:-1])
    assert paths[:4] == [b"a.py#0", b"b/c.py#0", b"d.py#0", b"e.py#0"]
    assert all(path in config for path, config in zip(paths, configs, strict=True))


def test_tasks_of_a_large_corpus_are_drawn_from_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "MOST_TASKS", 3)
    columns = sections_of(inputs.tasks(CORPUS), b"LKTASKS")
    paths = texts_of(columns[2], columns[3])
    assert len(paths) == 3
    assert {path.split(b"#")[0] for path in paths} > {b"a.py", b"long.py"}


def test_files_list_bytes_line_starts_and_distinct_identifiers() -> None:
    sections = sections_of(inputs.files(CORPUS), b"LKFILES")
    assert texts_of(sections[0], sections[1]) == [file.data for file in FILES]
    starts = ragged_of(sections[2], np.frombuffer(sections[3], dtype="<u4"))
    for file, found in zip(FILES, starts, strict=True):
        lines = file.data.splitlines(keepends=True)
        assert found == [sum(map(len, lines[:number])) for number in range(len(lines))]
    names = texts_of(sections[5], sections[6])
    numbers = ragged_of(sections[4], np.arange(len(names)))
    for file, found in zip(FILES, numbers, strict=True):
        expected = list(dict.fromkeys(re.findall(rb"[A-Za-z_]\w*", file.data)))
        assert [names[number] for number in found] == expected


def padded_texts(data: bytes) -> list[bytes]:
    table, octets = sections_of(data, b"LKSOURCE")
    places = list(struct.iter_unpack("<QQ", table))
    for place, size in places:
        assert octets[place - 64 : place] == octets[place + size : place + size + 64] == bytes(64)
    return [octets[place : place + size] for place, size in places]


def test_sources_are_whole_files_between_zeros() -> None:
    for made in (inputs.library, inputs.sample, inputs.some_sources, inputs.sources):
        assert padded_texts(made(CORPUS)) == [file.data for file in FILES]


def test_small_sources_are_files_of_a_few_kilobytes() -> None:
    assert padded_texts(inputs.small_sources(CORPUS)) == [FILES[-1].data]
    assert len(FILES[-1].data) in inputs.SMALL_BYTES


def test_pieces_are_programs_of_about_a_kilobyte() -> None:
    found = padded_texts(inputs.pieces(CORPUS))
    assert found
    for piece in found:
        ast.parse(piece)
        assert any(piece in file.data for file in FILES)
        assert inputs.PIECE_BYTES[0] <= len(piece) <= inputs.PIECE_BYTES[1]


def test_few_pieces_are_some_of_the_pieces() -> None:
    every = padded_texts(inputs.pieces(CORPUS))
    assert set(padded_texts(inputs.few_pieces(CORPUS))) <= set(every)


@pytest.mark.parametrize(
    ("build", "lack"),
    [
        (inputs.pieces, "about 1 KB"), (inputs.few_pieces, "about 1 KB"), (inputs.tokens, "no identifier"),
        (inputs.lines, "no line of 20 to 200 bytes"),
    ],
)  # fmt: skip
def test_what_a_tiny_corpus_lacks_is_named(build, lack: str) -> None:
    with pytest.raises(NotInCorpus, match=lack):
        build(Corpus("tiny", (SourceFile("a.py", b"1 + 1\n"),), ()))
