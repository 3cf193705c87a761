"""docs/how-to-sql.md: each of its questions has the answer that the small code base here is made for."""

import re
from pathlib import Path

import pytest

from lab.translation import convert
from lab.translation.session import GRAMMARS

duckdb = pytest.importorskip("duckdb", reason="DuckDB is not installed")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to-sql.md"
FILES = {
    "a.py": """\
import os.path
import sys as system, os
from osmosis import flow
from .os import neighbour
async def wide(a, /, b, *c, d=1, **e):
    try:
        os.stat(a)
    except OSError:
        pass
    except ValueError as error:
        print(error)
        pass
""",
    "b.py": """\
from os import stat

def narrow(x):
    for a in x:
        print(a, stat(a))
        while a:
            if a:
                print([a for a in x])
    for a in x: print(a)
""",
}
ANSWERS = {
    "Which functions have the most parameters?": [("a.py", 5, "wide", 5), ("b.py", 3, "narrow", 1)],
    "What is called most often?": [("print", 4), ("os.stat", 1), ("stat", 1)],
    "Which files import a module, and where?": [
        ("a.py", 1, "import os.path"),
        ("a.py", 2, "import sys as system, os"),
        ("b.py", 1, "from os import stat"),
    ],
    "Which exceptions are caught and ignored?": [("a.py", 8, "except OSError:\n        pass")],
    "Where are loops nested deepest?": [("b.py", 6, 2)],
}
QUERIES = dict(re.findall(r"^## (.+?)\n.*?^```sql\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.M))


def test_the_page_has_these_questions() -> None:
    assert list(QUERIES) == list(ANSWERS)


@pytest.mark.parametrize("grammar", GRAMMARS)
@pytest.mark.parametrize("question", ANSWERS)
def test_a_question_has_its_answer(
    question: str, grammar: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        Path(name).write_text(text)
    assert not convert(FILES, emit="parquet", output="nodes.parquet", grammar=grammar).failures
    with duckdb.connect() as connection:
        assert connection.execute(QUERIES[question]).fetchall() == ANSWERS[question]
