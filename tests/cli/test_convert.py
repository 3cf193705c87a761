"""`lab convert`: what goes in, where it comes out, what is said and the exit code."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from pyarrow import ipc, parquet

from tests.cli.conftest import Answer, Lab
from tests.cli.project import RealRun, lab_command, run_lab
from tests.translation.conftest import SPEAKS

pytestmark = pytest.mark.skipif(not SPEAKS, reason="the front end knows the grammar of 3.11, not of the running Python")
BAD = "x = (\n"
TEXTS = 3  # sources of the project's corpus


@pytest.fixture
def bad(project: Path) -> Path:
    path = project / "corpus" / "sub" / "bad.py"
    path.write_text(BAD)
    return path


def outputs(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def failures(answer: Answer) -> list[str]:
    return [line for line in answer.err.splitlines() if line.startswith("failed: ")]


def test_texts_go_to_standard_output_a_line_for_each(lab: Lab, project: Path) -> None:
    answer = lab("convert", "corpus/b.py", "corpus")
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert len(lines) == 1 + TEXTS
    assert lines[0] == lines[2]
    assert all(line.startswith("Module(body=[") and line.endswith("type_ignores=[])") for line in lines)


def test_some_that_fail_are_named_and_all_others_written(lab: Lab, project: Path, bad: Path) -> None:
    answer = lab("convert", "corpus", "nothing.py", "--output", "out")
    assert (answer.code, answer.out) == (1, "")
    assert failures(answer) == [
        "failed: corpus/sub/bad.py:1:5: '(' was never closed",
        "failed: nothing.py: No such file or directory; give the path of a readable file",
    ]
    assert answer.err.splitlines()[-1] == f"out: {TEXTS} of {TEXTS + 2} sources written"
    assert outputs(project / "out") == ["corpus/a.py.ast", "corpus/b.py.ast", "corpus/sub/c.py.ast"]
    text = (project / "out/corpus/b.py.ast").read_text()
    assert lab("convert", "corpus/b.py").out == text + "\n"


def test_absolute_inputs_keep_their_whole_path(lab: Lab, project: Path) -> None:
    path = project / "corpus" / "a.py"
    assert lab("convert", path, "-o", "out").code == 0
    assert outputs(project / "out") == [f"{path.as_posix().lstrip('/')}.ast"]


def test_columns_are_arrow_files_or_a_stream(real_run: RealRun, tmp_path: Path) -> None:
    made = run_lab("convert", "corpus", "--emit", "columns", "--output", str(tmp_path), cwd=real_run.project)
    assert (made.returncode, made.stdout) == (0, "")
    table = ipc.open_file(tmp_path / "corpus/b.py.arrow").read_all()
    assert table.column("kind").to_pylist() == ["Module", "Assign", "Name", "Constant"]
    script = "import sys, pyarrow.ipc as ipc; print([b.num_rows for b in ipc.open_stream(sys.stdin.buffer)])"
    command = lab_command("convert", "corpus", "--emit", "columns")
    stream = subprocess.run(command, cwd=real_run.project, capture_output=True, check=True)
    read = subprocess.run([sys.executable, "-c", script], input=stream.stdout, capture_output=True, check=True)
    rows = json.loads(read.stdout)
    assert (len(rows), rows[1]) == (TEXTS, 4)


def test_a_data_set_is_one_parquet_file(lab: Lab, project: Path, bad: Path) -> None:
    answer = lab("convert", "corpus", "--emit", "parquet", "--output", "out")
    assert (answer.code, answer.out, len(failures(answer))) == (1, "", 1)
    assert answer.err.splitlines()[-1] == f"out/nodes.parquet: {TEXTS} of {TEXTS + 1} sources written"
    assert outputs(project / "out") == ["nodes.parquet"]
    for _ in range(2):  # a file that is there is replaced
        assert lab("convert", "corpus/b.py", "--emit", "parquet", "--output", "b.parquet").code == 0
    rows = parquet.read_table(project / "b.parquet").to_pylist()
    assert [row["kind"] for row in rows] == ["Module", "Assign", "Name", "Constant"]
    assert {row["file"] for row in rows} == {"corpus/b.py"}


def test_the_grammar_is_chosen_and_empty_lists_are_shown_on_demand(lab: Lab, project: Path) -> None:
    (project / "new.py").write_text("type T = int\n")
    assert lab("convert", "new.py", "--grammar", "3.11").code == 1
    older, newer, full = (
        lab("convert", "new.py", *arguments).out
        for arguments in (("--grammar", "3.12"), ("--grammar", "13"), ("--grammar", "3.13", "--show-empty"))
    )
    assert older.startswith("Module(body=[TypeAlias(") and "type_params=[]" in older
    assert newer != older == full
    assert "[]" not in newer


def test_lists_and_standard_input_are_inputs(lab: Lab, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "list").write_text("corpus/a.py\n\ncorpus/sub\n")
    assert len(lab("convert", "--from-file", "list").out.splitlines()) == 2
    assert len(lab("convert", "corpus/b.py", "--from-file", "list", "--from-file", "list").out.splitlines()) == 5
    for arguments, data in ((["-"], b"x = 1\n"), (["--from-file", "-"], b"corpus/a.py\n")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        answer = lab("convert", *arguments)
        assert (answer.code, len(answer.out.splitlines())) == (0, 1)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BAD.encode())))
    answer = lab("convert", "-")
    assert (answer.code, failures(answer)) == (1, ["failed: <stdin>:1:5: '(' was never closed"])


def test_memory_options_change_the_cost_and_no_text(lab: Lab, project: Path) -> None:
    (project / "plain.toml").write_text("[memory]\nenable_string_interning = false\n")

    def cost(*arguments: str) -> dict[str, int]:
        answer = lab("convert", "corpus", "--threads", "1", "--memory-profile", *arguments)
        assert (answer.code, answer.out) == (0, plain)
        rows = [line.split() for line in answer.err.splitlines()[3:] if line]  # below the configuration and the head
        return {row[0]: int(row[1].replace(",", "")) for row in rows}

    plain = lab("convert", "corpus").out
    default = cost()
    assert default["task_count"] == TEXTS
    assert default["pool_hits"] > 0
    assert default["interned_count"] > 0
    assert cost("--optimize-memory") == default
    assert cost("--no-memory-pools")["pool_hits"] == 0
    assert cost("--config", "plain.toml")["interned_count"] == 0
    assert cost("--string-pool-size", "1", "--vec-pool-size", "1")["pool_hits"] < default["pool_hits"]
    assert cost("--numa-aware")["task_count"] == TEXTS


def test_the_nearest_portalis_toml_is_found_named_and_judged(lab: Lab, project: Path) -> None:
    plain = lab("convert", "corpus").out
    (project / "portalis.toml").write_text("[memory]\nenable_pools = false\n[memory.wasm]\npool_size = 3\n")
    answer = lab("convert", "corpus", "--memory-profile")
    assert (answer.code, answer.out) == (0, plain)
    first, second, *rest = answer.err.splitlines()
    assert first == f"configuration: {project / 'portalis.toml'}"
    assert second == "not used: memory.wasm.pool_size: a translation makes no instances of WebAssembly"
    assert next(line.split()[1] for line in rest if line.startswith("pool_hits")) == "0"
    short = lab("convert", "corpus")
    assert short.err.startswith("1 key of ") and short.err.count("\n") == 1
    refused = lab("convert", "corpus", "--config", "portalis.toml")
    assert refused.code == 2
    assert "portalis.toml" in refused.err and "memory.wasm.pool_size" in refused.err and "WebAssembly" in refused.err
    (project / "portalis.toml").write_text("[memory\n")
    broken = lab("convert", "corpus")
    assert (broken.code, broken.out) == (2, b"" if isinstance(broken.out, bytes) else "")
    assert "portalis.toml: not TOML" in broken.err


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        ((), "nothing to convert"),
        (("-", "--from-file", "-"), "give - once"),
        (("",), "empty path"),
        (("mine",), "holds no .py file"),
        (("--from-file", "nowhere"), "list nowhere"),
        (("corpus", "--emit", "json"), "'json' is not one of"),
        (("corpus", "--emit", "parquet"), "give --output"),
        (("corpus", "--emit", "parquet", "--output", "corpus/a.py"), "that is a file; give a folder"),
        (("corpus", "--output", "corpus/a.py"), "that is a file; give a folder"),
        (("corpus", "--grammar", "3.9"), "give one of 3.11, 3.12, 3.13, 3.14"),
        (("corpus", "--grammar", "new"), "'new' is no version whose grammar"),
        (("corpus", "--threads", "0"), "--threads"),
        (("corpus", "--string-pool-size", "-1"), "--string-pool-size"),
        (("corpus", "--config", "nowhere.toml"), "nowhere.toml"),
        (("corpus", "--output", ""), "path is empty"),
    ],
)
def test_wrong_usage_is_one_line(lab: Lab, project: Path, arguments: tuple[str, ...], fragment: str) -> None:
    (project / "mine" / "only.txt").touch()
    for path in (project / "mine").glob("*.py"):
        path.unlink()
    assert lab("convert", *arguments).refused(2, fragment)


def test_a_result_that_cannot_be_written_fails_alone(lab: Lab, project: Path) -> None:
    (project / "out").mkdir()
    (project / "out" / "corpus").write_text("in the way")
    answer = lab("convert", "corpus/a.py", "-o", "out")
    assert (answer.code, len(failures(answer))) == (1, 1)
    assert "choose another --output" in failures(answer)[0]
