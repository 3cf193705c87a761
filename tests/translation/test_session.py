"""A session translates one source after the other, from wherever they come."""

import pickle
import threading
from pathlib import Path

import numpy as np
import pytest

from lab.memory import ClosedError, MemoryConfig, PoolSizes
from lab.translation import (
    Session,
    SourceError,
    Switches,
    Translator,
    UnreadableError,
    UnsupportedGrammarError,
    convert,
    translate,
)
from lab.translation.errors import TranslationError

TEXT = (
    "Module(body=[Assign(targets=[Name(id='x', ctx=Store(), lineno=1, col_offset=0, end_lineno=1, end_col_offset=1)], "
    "value=Constant(value=1, lineno=1, col_offset=4, end_lineno=1, end_col_offset=5), "
    "lineno=1, col_offset=0, end_lineno=1, end_col_offset=5)], type_ignores=[])"
)
BOTH = pytest.mark.parametrize("switches", [Switches.all(), Switches.none()], ids=str)


@BOTH
def test_text_bytes_and_file_give_the_same(switches: Switches, tmp_path: Path) -> None:
    path = tmp_path / "ü.py"
    path.write_text("x = 1\n")
    sources = ("x = 1\n", b"x = 1\n", bytearray(b"x = 1\n"), memoryview(b"x = 1\n"), path)
    assert [translate(source, switches=switches, grammar=11) for source in sources] == [TEXT] * 5
    with Session(switches, grammar=11) as session:
        assert [session.text(source) for source in sources] == [TEXT.encode()] * 5


def test_a_str_is_read_as_the_compiler_reads_it() -> None:
    source = "# coding: latin-1\nx = 'é'\n"
    assert "Constant(value='é'" in translate(source, grammar=11)
    assert "Constant(value='Ã©'" in translate(source.encode(), grammar=11)
    assert "Constant(value='é'" in translate(source.encode("latin-1"), grammar=11)
    for refused in ("\ufeffx = 1", "x = 1\ny = '\ud800'"):
        with pytest.raises(SourceError) as caught:
            translate(refused, grammar=11)
        assert caught.value.line == refused.count("\n") + 1
    assert translate(b"\xef\xbb\xbfx = 1", grammar=11) == TEXT


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with Session(grammar=11) as session:
        for path in (tmp_path / "none.py", tmp_path):
            with pytest.raises(UnreadableError) as caught:
                session.text(path)
            assert (caught.value.file, caught.value.line) == (str(path), 0)


def test_grammars_of_other_versions_are_unsupported_with_the_remedy() -> None:
    for minor in (10, 15):
        with pytest.raises(UnsupportedGrammarError, match=r"it knows 3\.11, 3\.12, 3\.13, 3\.14: pass grammar=14"):
            Session(grammar=minor)


def test_the_ledger_counts_and_starts_again() -> None:
    with Session(grammar=11) as session:
        session.run("x = 1\n", "parse")
        cold = session.ledger()
        assert (cold.task_count, cold.source_bytes, cold.failed_count) == (1, 6, 0)
        assert (cold.token_count, cold.node_count) == (5, 4)
        assert 0 < cold.allocation_count < 12
        assert cold.peak_bytes >= cold.live_bytes > 0
        session.reset_ledger()
        session.run("x = 1\n")
        warm = session.ledger()
        assert (warm.task_count, warm.output_bytes) == (1, len(TEXT))
        assert warm.pool_hits > 0
        session.trim()
        assert session.ledger().live_bytes < warm.live_bytes
        assert (cold + warm).task_count == 2


def test_the_baseline_keeps_nothing() -> None:
    with Session(Switches.none(), grammar=11) as session:
        before = session.ledger()
        session.text("def f(a): return a\n")
        ledger = session.ledger()
    assert (ledger.live_bytes, ledger.pool_hits, ledger.interned_count) == (before.live_bytes, 0, 0)
    assert ledger.allocation_count - before.allocation_count == ledger.free_count > 5
    assert ledger.allocated_bytes - before.allocated_bytes == ledger.freed_bytes
    assert ledger.copy_count > 0


def test_pool_sizes_of_the_configuration_bound_what_is_kept() -> None:
    hits = []
    for bound in (0, 1, 500):
        config = MemoryConfig(pools=PoolSizes(string_pool_size=bound, vec_pool_size=bound))
        with Session(config=config, grammar=11) as session:
            session.text("x = 1\n")
            session.text("x = 1\n")
            hits.append(session.ledger().pool_hits)
    assert hits[0] == 0 < hits[1] < hits[2]


def test_tokens_have_class_place_and_line() -> None:
    with Session(grammar=11) as session:
        tokens = session.tokens("if x:\n    é = 'a'\n")
    assert tokens.tolist() == [
        (4, 0, 2, 1), (4, 3, 4, 1), (7, 4, 5, 1), (1, 0, 0, 0), (2, 0, 0, 0),
        (4, 10, 12, 2), (7, 13, 14, 2), (6, 15, 18, 2), (1, 0, 0, 0), (3, 0, 0, 0), (0, 0, 0, 0),
    ]  # fmt: skip
    assert tokens["line"].dtype == np.uint32


def test_a_stage_that_is_none_or_columns_is_refused() -> None:
    with Session(grammar=11) as session:
        for stage in ("emit", "columns"):
            with pytest.raises(ValueError, match="stage must be one of lex, parse, symbols, text"):
                session.run("x", stage)
        for stage in ("lex", "parse", "symbols", "text"):
            session.run("x", stage)


def test_a_closed_session_says_so() -> None:
    session = Session(grammar=11)
    session.close()
    session.close()
    with pytest.raises(ClosedError, match="this Session is closed"):
        session.text("x")


def test_threads_take_turns() -> None:
    session = Session(grammar=11)
    sources = [f"x{number} = {number}\n" * 50 for number in range(8)]
    expected = [session.text(source) for source in sources]
    found: list[list[bytes]] = [[] for _ in sources]

    def work(number: int) -> None:
        found[number] = [session.text(sources[number]) for _ in range(20)]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(sources))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[text] * 20 for text in expected]


def test_a_large_text_arrives_whole_in_either_way_of_handing_it_on() -> None:
    source = "x = 'ü' + y.z(1, 2)\n" * 20_000
    texts = [translate(source, switches=switches, grammar=11) for switches in (Switches.all(), Switches.none())]
    assert texts[0] == texts[1]
    assert texts[0].count("Attribute(") == 20_000


def test_errors_go_from_process_to_process() -> None:
    for error in (SourceError("f.py", 3, 4, "bad"), UnreadableError("f.py", 0, 0, "gone")):
        again = pickle.loads(pickle.dumps(error))
        assert isinstance(again, TranslationError)
        assert (type(again), str(again), again.file, again.line) == (type(error), str(error), "f.py", error.line)


def test_empty_lists_are_left_out_from_3_13_on_unless_they_are_asked_for() -> None:
    source = "def f(): pass\n"
    shown = translate(source, grammar=13, show_empty=True)
    assert shown == translate(source, grammar=12)
    left_out = translate(source, grammar=13)
    assert "decorator_list=[]" in shown and "[]" not in left_out
    with Translator(workers=1, grammar=13, show_empty=True) as translator:
        assert bytes(translator.texts([source]).texts[0]).decode() == shown
    (converted,) = convert([source.encode()], grammar=13, show_empty=True)
    assert converted == shown.encode()
