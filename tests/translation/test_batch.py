"""Many sources on native threads: order, failures, what is kept, and the parallel bridge of the memory layer."""

from pathlib import Path

import pytest

from lab.memory import (
    ClosedError,
    MemoryConfig,
    NestedParallelError,
    NumaConfig,
    TaskBatch,
    WorkerTeam,
    parallel_map,
    parallel_translate,
    parallel_translate_batch_soa,
    parallel_translate_numa,
    parallel_translate_pooled,
    parallel_translate_prefetch,
)
from lab.translation import Session, Switches, Translator, UnreadableError, UnsupportedGrammarError, bridge_translator

SOURCES = [f"def f{number}(a, *b): return a + {number}\n" * (number % 7 + 1) for number in range(60)]
BAD = {7: "x = (", 41: "if x:\npass\n"}


@pytest.fixture(scope="module")
def expected() -> list[bytes]:
    with Session(grammar=11) as session:
        return [session.text(source) for source in SOURCES]


@pytest.mark.parametrize("switches", [Switches.all(), Switches.none()], ids=str)
@pytest.mark.parametrize("workers", [1, 3])
def test_texts_are_in_the_order_of_the_sources(switches: Switches, workers: int, expected: list[bytes]) -> None:
    with Translator(switches, workers=workers, grammar=11) as translator:
        for _ in range(2):
            batch = translator.texts(SOURCES)
            assert list(batch.texts) == expected
            assert (batch.failures, batch.cancelled, batch.worker_count) == ((), (), workers)
            assert batch.ledger.task_count == len(SOURCES)


def test_a_failure_is_named_and_alone(expected: list[bytes]) -> None:
    sources = [BAD.get(number, source) for number, source in enumerate(SOURCES)]
    with Translator(workers=2, grammar=11) as translator:
        batch = translator.texts(sources, names=[f"{number}.py" for number in range(len(sources))])
    assert list(batch.texts) == [b"" if number in BAD else text for number, text in enumerate(expected)]
    assert [(failure.index, str(failure.error)) for failure in batch.failures] == [
        (7, f"7.py:1:5: {batch.failures[0].error.message}"),
        (41, f"41.py:2:1: {batch.failures[1].error.message}"),
    ]
    assert batch.ledger.failed_count == 2


def test_files_are_read_by_their_paths(tmp_path: Path, expected: list[bytes]) -> None:
    paths = [tmp_path / f"ü{number}.py" for number in range(len(SOURCES))]
    for path, source in zip(paths, SOURCES, strict=True):
        path.write_text(source)
    paths[5].unlink()
    with Translator(grammar=11) as translator:
        batch = translator.files(paths)
    assert [text for number, text in enumerate(batch.texts) if number != 5] == expected[:5] + expected[6:]
    (failure,) = batch.failures
    assert isinstance(failure.error, UnreadableError)
    assert (failure.index, failure.error.file) == (5, str(paths[5]))


def test_what_is_not_kept_is_not_there(expected: list[bytes]) -> None:
    with Translator(grammar=11) as translator:
        nothing = translator.texts(SOURCES, keep="nothing")
        sums = [translator.texts(SOURCES, keep="digest").digests for _ in range(2)]
        translator.trim()
    assert (len(nothing.texts), len(nothing.digests), nothing.tables) == (0, 0, ())
    assert nothing.ledger.output_bytes == sum(map(len, expected))
    assert sums[0].tolist() == sums[1].tolist()
    assert len(set(sums[0].tolist())) == len(set(expected))


def test_an_empty_batch_has_no_texts() -> None:
    with Translator(grammar=11) as translator:
        assert list(translator.texts([]).texts) == []


def test_views_outlive_their_translator(expected: list[bytes]) -> None:
    translator = Translator(grammar=11)
    batch = translator.texts(SOURCES)
    translator.close()
    assert list(batch.texts) == expected
    with pytest.raises(ClosedError):
        translator.texts(SOURCES)


def test_arguments_are_checked() -> None:
    for workers in (0, -1, 5000):
        with pytest.raises(ValueError, match="workers must be from 1 to 4096"):
            Translator(workers=workers, grammar=11)
    with pytest.raises(UnsupportedGrammarError, match=r"3\.99"):
        Translator(grammar=99)
    with Translator(grammar=11) as translator, pytest.raises(TypeError):
        translator.texts([1])


def test_numa_is_what_the_configuration_says() -> None:
    bound = MemoryConfig(numa=NumaConfig(enabled=True))
    with Translator(config=bound, workers=2, grammar=11) as translator:
        batch = translator.texts(SOURCES)
    assert 0 <= batch.pinned_count <= 2
    with Translator(workers=2, grammar=11) as translator:
        assert translator.texts(SOURCES).pinned_count == 0


def test_a_task_begins_no_batch() -> None:
    with Translator(grammar=11) as translator:
        results = parallel_map(lambda _: translator.texts(SOURCES), range(1))
    assert isinstance(results.failures[0].error, NestedParallelError)


@pytest.mark.parametrize("switches", [Switches.all(), Switches.none()], ids=str)
def test_the_parallel_bridge_takes_the_front_end_in_its_five_forms(switches: Switches, expected: list[bytes]) -> None:
    tasks = [(source, f"{number}.py", b"") for number, source in enumerate(SOURCES)]
    translator = bridge_translator(switches, grammar=11)
    with TaskBatch() as batch, WorkerTeam(2) as team:
        batch.extend(tasks)
        forms = (
            parallel_translate(translator, tasks, workers=2),
            parallel_translate_pooled(translator, tasks, workers=team),
            parallel_translate_batch_soa(translator, batch, workers=team),
            parallel_translate_numa(translator, tasks, workers=2),
            parallel_translate_prefetch(translator, batch, workers=team),
        )
        for result in forms:
            assert list(result) == expected


def test_the_bridge_names_a_row_that_fails_and_keeps_all_others(expected: list[bytes]) -> None:
    tasks = [(BAD.get(number, source), "", "") for number, source in enumerate(SOURCES)]
    result = parallel_translate(bridge_translator(grammar=11), tasks)
    assert [failure.index for failure in result.failures] == sorted(BAD)
    assert str(result.failures[0].error).startswith("line 1, column 5: ")
    assert [result[number] for number in range(len(tasks)) if number not in BAD] == [
        text for number, text in enumerate(expected) if number not in BAD
    ]


def test_python_is_asked_from_native_threads(expected: list[bytes]) -> None:
    with Translator(workers=3, grammar=11) as translator:
        batch = translator.texts(
            [
                f"# coding: latin-1\né{number} = ﬁ{number}\n".encode("latin-1", "xmlcharrefreplace")
                for number in range(4)
            ]
        )
        assert len(batch.failures) == 4  # the reference of a character is no name
        names = translator.texts([f"é{number} = ﬁ{number}\n" for number in range(50)])
    assert [f"id='fi{number}'".encode() in text for number, text in enumerate(names.texts)] == [True] * 50
    with pytest.raises(UnsupportedGrammarError):
        bridge_translator(grammar=99)
