"""Bad input of every kind at every command: one line that names what is wrong, and never exit code 70."""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Answer, Lab
from tests.cli.project import lab_command, make_module
from tests.translation.conftest import SPEAKS

DOCUMENTS: dict[str, bytes] = {
    "nested arrays": b"a = " + b"[" * 10_000 + b"]" * 10_000,
    "nested tables": b"[memory" + b".a" * 10_000 + b"]",
    "nested inline": b"a = " + b"{a = " * 10_000 + b"1" + b"}" * 10_000,
    "long integer": b"[memory]\narena_capacity_mb = " + b"9" * 5000,
    "long float": b"[memory]\narena_capacity_mb = 1e99999",
    "no UTF-8": b"[memory]\n\xff = 1",
    "UTF-16": "[memory]\n".encode("utf-16"),
    "NUL": b"[memory]\n\0",
    "escapes": b'[memory]\n"\\u001b[31mred" = 1',
    "half": b"[memory",
}
ARGUMENTS: dict[str, list[str]] = {
    "empty": [""],
    "long": ["x" * 100_000],
    "escape": ["\x1b[2J\x1b[31mred"],
    "line ends": ["a\nb\r\nc"],
    "surrogate": ["\udcff\udc80"],
    "unicode": ["\u202egnp.exe\u2066\U000e0041"],
    "option": ["--no-such-option"],
    "dashes": ["---"],
    "number": ["-1"],
    "dots": ["../../../etc/passwd"],
    "absolute": ["/etc/passwd"],
    "device": ["/dev/null"],
    "nowhere": ["/no/such/place"],
    "percent": ["%s%n{0}{}"],
    "markup": ["[red]x[/red][/]"],
}
# What one such argument is put behind: each command that takes it, in each place.
PLACES: dict[str, list[str]] = {
    "command": [],
    "run": ["run", "--dry-run"],
    "run --resume": ["run", "--resume"],
    "run --corpus": ["run", "quick", "--dry-run", "--corpus"],
    "run --seed": ["run", "quick", "--seed"],
    "run --budget": ["run", "quick", "--budget"],
    "run --profile": ["run", "quick", "--profile"],
    "show": ["show"],
    "show --reports": ["show", "--reports"],
    "report": ["report"],
    "list --reports": ["list", "--reports"],
    "export": ["export", "--format", "pyperf"],
    "export --format": ["export", "--format"],
    "gate --baseline": ["gate", "--baseline"],
    "baseline --output": ["baseline", "--reason", "x", "--output"],
    "convert": ["convert"],
    "convert --from-file": ["convert", "--from-file"],
    "convert --config": ["convert", "corpus/a.py", "--config"],
    "convert --output": ["convert", "nothing.py", "--output"],
    "convert --threads": ["convert", "corpus/a.py", "--threads"],
    "verify-frontend --corpus": ["verify-frontend", "--mutants", "0", "--corpus"],
    "verify-frontend --variants": ["verify-frontend", "--corpus", "corpus", "--variants"],
}
CODES = (0, 1, 2, 4)


def is_clean(answer: Answer) -> bool:
    """Nothing that a terminal could act on, no traceback, no defect."""
    assert answer.code in CODES, answer
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\u2066\U000e0041\ud800-\udfff]", answer.out + answer.err)
    if answer.code in (2, 4):
        said = [line for line in answer.err.splitlines() if line.startswith("lab: ")]
        assert len(said) == 1, answer.err
        assert len(said[0]) > len("lab: ")
    return True


@pytest.fixture
def no_measuring(monkeypatch: pytest.MonkeyPatch) -> None:
    """A baseline whose path is good would be measured for a minute."""
    from lab import api
    from lab.core.errors import EnvironmentFailure

    def refuse(*_: object, **__: object) -> None:
        raise EnvironmentFailure("not measured in this test")

    monkeypatch.setattr(api, "measure_figures", refuse)


@pytest.mark.usefixtures("no_measuring")
@pytest.mark.parametrize("place", PLACES)
def test_no_argument_is_a_defect(lab: Lab, place: str) -> None:
    for arguments in ARGUMENTS.values():
        if place == "convert --output" and arguments[0].startswith("/dev"):
            continue
        assert is_clean(lab(*PLACES[place], *arguments))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_configuration_is_a_defect(lab: Lab, project: Path, name: str) -> None:
    path = project / "odd.toml"
    path.write_bytes(DOCUMENTS[name])
    answer = lab("convert", "corpus/a.py", "--config", path)
    assert answer.refused(2, str(path)) or answer.refused(4, str(path))
    assert is_clean(answer)
    (project / "pyproject.toml").write_bytes(DOCUMENTS[name])
    assert is_clean(lab("list"))


@pytest.mark.skipif(not SPEAKS, reason="the front end knows the grammar of 3.11, not of the running Python")
def test_a_byte_order_mark_is_skipped(lab: Lab, project: Path) -> None:
    (project / "portalis.toml").write_bytes(b"\xef\xbb\xbf[memory]\nenable_pools = false\n")
    assert lab("convert", "corpus/a.py", "--config", "portalis.toml").code == 0
    text = (project / "pyproject.toml").read_bytes()
    (project / "pyproject.toml").write_bytes(b"\xef\xbb\xbf" + text)
    assert "small" in lab("list").out


@pytest.mark.parametrize("name", ["portalis.toml", "pyproject.toml", "gate.json"])
def test_a_pipe_in_place_of_a_file_is_refused_at_once(lab: Lab, project: Path, name: str) -> None:
    (project / name).unlink(missing_ok=True)
    os.mkfifo(project / name)
    commands = {
        "portalis.toml": ["convert", "corpus/a.py", "--config", name],
        "pyproject.toml": ["list"],
        "gate.json": ["gate", "--baseline", name],
    }
    assert lab(*commands[name]).refused(2, name, "not a regular file")


BROKEN = {
    "syntax": "EXPERIMENT = (\n",
    "name": "\n\nEXPERIMENT = nonsense\n",
    "exit": "import sys\nsys.exit('EXPERIMENT')\n",
    "type": "EXPERIMENT = 1\n",
    "deep": "EXPERIMENT = " + "-" * 200_000 + "1\n",
    "escape": "raise ValueError('EXPERIMENT \\x1b[31m')\n",
    "prints": "print('EXPERIMENT')\nEXPERIMENT = 1\n",
    "nul": "EXPERIMENT = '\0'\n",
}


def test_broken_experiments_hide_no_other(lab: Lab, project: Path) -> None:
    for name, text in BROKEN.items():
        (project / "mine" / f"bad_{name}.py").write_text(text)
    answer = lab("list", "--json")
    assert is_clean(answer)
    found = json.loads(answer.out)
    assert {"small", "quick", "layout"} <= {one["name"] for one in found["experiments"]}
    errors = {one["name"]: one["error"] for one in found["broken"]}
    assert set(errors) == {f"bad_{name}" for name in BROKEN}
    assert "bad_name.py:3" in errors["bad_name"]
    assert is_clean(lab("list"))
    for name in BROKEN:
        answer = lab("run", f"bad_{name}", "--dry-run")
        assert is_clean(answer)
        assert (answer.code, f"bad_{name}" in answer.err) == (2, True)


def test_broken_runs_hide_no_other(lab: Lab, project: Path, run_folder: Path) -> None:
    for number, data in enumerate([b"[" * 10_000, b"9" * 5000, b"\xef\xbb\xbf{}", b"", b'{"schema": 99}']):
        broken = shutil.copytree(run_folder, run_folder.parent / f"broken{number}")
        (broken / "plan.json").write_bytes(data)
    os.mkfifo(shutil.copytree(run_folder, run_folder.parent / "pipe") / "x")
    (run_folder.parent / "pipe" / "plan.json").unlink()
    os.mkfifo(run_folder.parent / "pipe" / "plan.json")
    runs = {run["id"]: run["state"] for run in json.loads(lab("list", "--json").out)["runs"]}
    assert runs.pop(run_folder.name) == "complete"
    assert all("plan.json" in state for state in runs.values())
    assert len(runs) == 6
    for name in runs:
        for command in (["show"], ["report"], ["export", "--format", "pyperf"], ["run", "--resume"]):
            assert lab(*command, name).refused(4, "plan.json")


def test_a_probe_that_does_not_exist_is_refused_with_the_nearest(lab: Lab, project: Path) -> None:
    text = make_module("wrong", passes='{"calgrind": everywhere}')
    (project / "mine" / "wrong.py").write_text(text)
    assert lab("run", "wrong", "--dry-run").refused(2, "no probe 'calgrind'", "did you mean callgrind?")


@pytest.mark.parametrize(("typed", "meant"), [("rnu", "run"), ("shwo", "show"), ("verify", "verify-frontend")])
def test_a_misspelt_command_is_answered_with_the_nearest(lab: Lab, typed: str, meant: str) -> None:
    assert lab(typed).refused(2, f"No such command '{typed}'", f"did you mean {meant}?")


@pytest.mark.skipif(not SPEAKS, reason="the front end knows the grammar of 3.11, not of the running Python")
def test_names_reach_no_terminal_raw(lab: Lab, project: Path) -> None:
    name = "\x1b[2J\x1b]0;owned\x07\r\nb\u202e.py"
    (project / name).write_text("x = (\n")
    answer = lab("convert", name, "no\x1b[31m.py", "--output", "out\x1b[31m")
    assert is_clean(answer)
    assert r"\x1b[2J\x1b]0;owned\x07\r\nb\u202e.py:1:5" in answer.err
    assert len(answer.err.splitlines()) == 3


def test_commands_print_through_one_module() -> None:
    """What prints by itself escapes nothing."""
    import lab.cli

    folder = Path(lab.cli.__file__).parent
    own = re.compile(r"click\.(echo|secho)\(|from rich\.console import (\w+, )*Console|(?<![\w.])print\(")
    found = {path.name for path in folder.rglob("*.py") if own.search(path.read_text())}
    assert found <= {"terminal.py", "main.py"}
    assert len(own.findall((folder / "main.py").read_text())) <= 3


def on_terminal(columns: int, *arguments: str, cwd: Path) -> str:
    """What a command prints on a terminal of that width."""
    own, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm", "LINES": "40"}
    process = subprocess.Popen(
        lab_command(*arguments), cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    )
    os.close(theirs)
    return b"".join(_until_end(own, process)).decode()


def _until_end(descriptor: int, process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    while True:
        try:
            data = os.read(descriptor, 65536)
        except OSError:  # Linux says so where the other end is closed
            data = b""
        if not data:
            break
        yield data
    os.close(descriptor)
    process.wait(60)


def test_tables_are_blocks_on_a_narrow_terminal(project: Path) -> None:
    plain = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
    narrow = plain.sub("", on_terminal(40, "show", cwd=project)).replace("\r", "").splitlines()
    narrow = [line.rstrip() for line in narrow]
    assert max(map(len, narrow)) <= 40
    assert "  arm: again" in narrow
    words = {word for line in narrow for word in line.split()}
    assert {"better:", "worse:", "answer:"} <= words
    wide = plain.sub("", on_terminal(160, "show", cwd=project))
    assert "answer:" not in wide
    assert "│" in wide


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_told_to_end_names_the_command_that_continues(project: Path, number: int) -> None:
    before = signal.signal(number, signal.SIG_DFL)  # under nohup it is ignored, and the run inherits that
    process = subprocess.Popen(
        lab_command("run", "small", "--budget", "60"),
        cwd=project,
        stderr=subprocess.PIPE,
        text=True,
    )
    signal.signal(number, before)
    assert process.stderr is not None
    seen: list[str] = []
    for line in process.stderr:
        seen.append(line)
        if line.startswith("clock:"):
            time.sleep(0.5)
            process.send_signal(number)
            break
    seen += process.stderr.readlines()
    assert process.wait(60) in (130, 128 + number)  # 130 where the command itself takes the signal
    process.stderr.close()
    assert re.fullmatch(
        r"interrupted; continue with: lab run --resume \S+\n", seen[-1] if seen[-1].strip() else seen[-2]
    )


def test_python_m_lab_is_lab(project: Path) -> None:
    if not (Path(sys.modules["lab"].__file__ or "").parent / "__main__.py").exists():
        pytest.skip("there is no lab/__main__.py")
    answer = subprocess.run(
        [sys.executable, "-m", "lab", "rnu"], cwd=project, capture_output=True, text=True, check=False
    )
    assert (answer.returncode, "did you mean run?" in answer.stderr) == (2, True)
