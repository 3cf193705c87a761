"""What the tests of the command line and of the API share: one real run, made once."""

import signal
import subprocess
import time

import pytest

from tests.cli.project import ALL_PASSES, RealRun, lab_command, make_module, make_project, run_lab


@pytest.fixture(scope="session")
def real_run(tmp_path_factory: pytest.TempPathFactory) -> RealRun:
    """A project, in a folder whose name is hard to quote, with one complete run of two groups."""
    project = make_project(
        tmp_path_factory.mktemp("cli") / "a project, ü",
        small=make_module("small", passes=ALL_PASSES),
        quick=make_module("quick", groups="HEAP,"),
        failing=make_module("failing", groups="HEAP,", baseline="nonsense"),
        gate=make_module("gate", groups="HEAP,", passes=ALL_PASSES, role="gate"),
    )
    arguments = ["run", "small", "--corpus", "corpus", "--budget", "20", "--seed", "7"]
    said = project / "stderr"
    with said.open("w") as stderr:
        process = subprocess.Popen(
            lab_command(*arguments), cwd=project, stdout=subprocess.PIPE, stderr=stderr, text=True
        )
        while "clock:" not in said.read_text() and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
    interrupted = subprocess.CompletedProcess(arguments, process.returncode, output, said.read_text())
    names = [path.name for path in (project / "reports" / "runs").iterdir()]
    return RealRun(project, interrupted, run_lab("run", "--resume", *names, cwd=project))
