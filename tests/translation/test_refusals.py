"""What is not Python is refused where CPython refuses it, in words, in every variant, and hurts no other task."""

import ast
import warnings

import pytest

from lab.translation import SourceError, Switches, TooDeepError, TranslationError
from lab.translation.ladder import few_switches
from lab.translation.session import Session
from tests.translation.conftest import needs_answers
from tests.translation.errors import DEEP, REFUSED

VARIANTS = few_switches()
GENERIC = "invalid syntax"


@pytest.fixture(scope="module")
def sessions() -> list[Session]:
    return [Session(switches, grammar=11) for switches in VARIANTS]


@pytest.mark.parametrize("source", REFUSED, ids=ascii)
def test_every_variant_refuses_with_one_error(sessions: list[Session], source: str) -> None:
    found = set()
    for session in sessions:
        with pytest.raises(SourceError) as caught:
            session.text(source.encode(), file="x.py")
        found.add((caught.value.line, caught.value.column, caught.value.message))
    ((line, _, message),) = found
    assert 0 <= line <= source.count("\n") + 1
    assert message


@needs_answers
@pytest.mark.parametrize("source", REFUSED, ids=ascii)
def test_the_line_is_that_of_cpython(sessions: list[Session], source: str) -> None:
    with warnings.catch_warnings(), pytest.raises((SyntaxError, ValueError)) as theirs:
        warnings.simplefilter("ignore")
        ast.parse(source.encode())
    with pytest.raises(SourceError) as ours:
        sessions[-1].text(source.encode())
    line = getattr(theirs.value, "lineno", None)
    if line:
        assert (ours.value.line, ours.value.message) == (line, ours.value.message)


@pytest.mark.parametrize("source", DEEP, ids=lambda source: source[:20])
def test_nesting_beyond_the_bound_is_a_clear_error(sessions: list[Session], source: str) -> None:
    for session in sessions:
        with pytest.raises(TranslationError) as caught:
            session.text(source)
        assert caught.value.message != GENERIC


def test_expressions_beyond_the_bound_are_too_deep() -> None:
    with Session(grammar=11) as session, pytest.raises(TooDeepError, match="levels deep") as caught:
        session.text("x = " + "-" * 100_000 + "1")
    assert caught.value.line == 1


@pytest.mark.parametrize("switches", [Switches.all(), Switches.none()], ids=str)
def test_a_session_is_as_ready_after_a_refusal_as_before(switches: Switches) -> None:
    with Session(switches, grammar=11) as session:
        before = session.text("x = f'{a!r:>{b}}'\n")
        for source in REFUSED:
            with pytest.raises(SourceError):
                session.text(source.encode())
            assert session.text("x = f'{a!r:>{b}}'\n") == before
        ledger = session.ledger()
        assert (ledger.task_count, ledger.failed_count) == (2 * len(REFUSED) + 1, len(REFUSED))


def test_an_error_says_where_in_the_way_of_its_file() -> None:
    with Session(grammar=11) as session, pytest.raises(SourceError) as caught:
        session.text("x = 1\ny = é +\n", file="some/file.py")
    error = caught.value
    assert str(error) == f"some/file.py:2:9: {error.message}"
    assert (error.file, error.line, error.column) == ("some/file.py", 2, 8)  # bytes from 0; in words from 1
    assert isinstance(error, SyntaxError)
    assert (error.filename, error.lineno, error.offset) == ("some/file.py", 2, 9)
