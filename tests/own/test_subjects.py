"""What is measured is part of the plan: libraries, source files and programs by the hash of their content."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import lab as package
from lab.core.errors import EnvironmentFailure, UsageError
from lab.core.schema import Metric
from lab.experiment.code import digest_of
from lab.experiment.compiled import Workshop
from lab.experiment.declare import Arms, Experiment, Group, words
from lab.experiment.planner import Surroundings, plan_run
from lab.experiment.registry import names_by_role
from lab.experiment.subjects import Command, Functions, NativeKernel, PythonKernel
from lab.measure.machine import Machine
from lab.measure.native import find_native
from tests.experiment.python_kernels import sums
from tests.own.conftest import Lab

ARMS = Arms("arm", "a", {"a": "", "b": ""})
PROBES = {"callgrind": frozenset({"native"}), "python_memory": frozenset({"python"}), "command": frozenset({"command"})}


def plan(folder: Path, **group: object):  # type: ignore[no-untyped-def]
    declared = {"name": "g", "title": "G", "arms": ARMS, "factors": (words("size", 1),), **group}
    experiment = Experiment(name="e", title="E", question="?", groups=(Group(**declared),))  # type: ignore[arg-type]
    surroundings = Surroundings(
        machine=Machine({}, (), 2), corpus=lambda _folder: pytest.fail("a corpus is read"), kernel_items={"own": "row"},
        kernels_digest="k", revision="r", host="h", inputs=folder / "inputs", probes=PROBES,
        metrics=tuple(Metric(f"{probe}_count", "count", probe, probe) for probe in PROBES),
        library_items=lambda _library: {"theirs": "byte"}, folder=folder,
    )  # fmt: skip
    return plan_run([experiment], profile="quick", seed=1, command="", surroundings=surroundings)


def test_library_is_planned_by_its_content(tmp_path: Path) -> None:
    library = tmp_path / "lib.so"
    library.write_bytes(b"one")
    planned = plan(tmp_path, subject=NativeKernel("theirs", library=library))
    ((digest, kept),) = planned.libraries.items()
    assert (planned.cases[0].library, planned.cases[0].item) == (digest, "byte")
    assert kept.builds == (str(library),)
    library.write_bytes(b"two")
    assert digest not in plan(tmp_path, subject=NativeKernel("theirs", library=library)).libraries
    assert plan(tmp_path, kernel="own").cases[0].library == ""


def test_files_of_python_and_programs_are_planned_by_their_content(tmp_path: Path) -> None:
    module = Path(sys.modules[sums.__module__].__file__ or "")
    planned = plan(tmp_path, subject=PythonKernel(sums))
    assert planned.files == {str(module.resolve()): digest_of([module])}
    assert planned.cases[0].passes == ("python_memory",)
    assert planned.folder == str(tmp_path)
    assert str(Path(sys.executable).resolve()) in plan(tmp_path, subject=Command([sys.executable, "{arm}"])).files


def test_functions_are_arms(tmp_path: Path) -> None:
    functions = Functions({"new": json.loads, "old": json.dumps}, data_as="bytes", check=False)
    case = plan(tmp_path, subject=functions, arms=functions.arms({"old": "it raises"})).cases[0]
    assert [(arm.name, arm.args["function"], arm.missing) for arm in case.arms] == [
        ("new", "json:loads", ""),
        ("old", "json:dumps", "it raises"),
    ]
    assert (case.arms[0].args["data_as"], case.arms[0].args["check"]) == ("bytes", "no")


@pytest.mark.parametrize(
    ("group", "words"),
    [
        ({"kernel": "nothing"}, "the kernel library has no kernel nothing"),
        ({"subject": NativeKernel("own", library=__file__)}, "has no kernel own; it has theirs"),
        ({"subject": NativeKernel("own", library="/nowhere.so")}, "there is no library /nowhere.so; build it first"),
        ({}, "either subject=... or kernel=..."),
        ({"kernel": "own", "subject": NativeKernel("own")}, "either subject=... or kernel=..."),
        ({"kernel": "own", "data": Path("a"), "input": lambda _corpus: b""}, "either input=... or data=..."),
        ({"kernel": "own", "passes": {"python_memory": lambda _f: True}}, "cannot look at a native subject"),
        ({"subject": PythonKernel(sums), "passes": {"callgrind": lambda _f: True}}, "python_memory can"),
    ],
)  # fmt: skip
def test_declaration_that_cannot_be_measured_is_told_before_anything_is(
    tmp_path: Path, group: dict[str, object], words: str
) -> None:
    with pytest.raises(UsageError) as error:
        plan(tmp_path, **group)
    assert words in str(error.value)


def test_data_is_an_input_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"x" * 3_000_000)
    planned = plan(tmp_path, kernel="own", data=tmp_path / "data")
    digest = planned.cases[0].input_digest
    assert (tmp_path / "inputs" / digest).read_bytes() == b"x" * 3_000_000
    assert planned.inputs[digest] == f"{tmp_path / 'data'}: 3000000 bytes"
    (tmp_path / "empty").touch()
    assert plan(tmp_path, kernel="own", data=tmp_path / "empty").cases[0].input_digest == ""


def test_run_is_not_continued_with_changed_code(folder: Path) -> None:
    """The code under test is a file of the user's: another content would be another run."""

    class Stop:
        def phase(self, *_: object) -> None:
            raise KeyboardInterrupt

    places = [str(folder / "old.py:parse"), str(folder / "new.py:parse")]
    with pytest.raises(KeyboardInterrupt):
        package.compare(*places, data=folder / "sample.json", reports=folder / "reports", observer=Stop())  # type: ignore[arg-type]
    (run,) = (folder / "reports" / "runs").iterdir()
    (folder / "new.py").write_text((folder / "new.py").read_text() + "\n# changed\n")
    with pytest.raises(EnvironmentFailure, match=r"new\.py has changed since"):
        package.resume(run.name, folder / "reports")
    (folder / "new.py").unlink()
    with pytest.raises(EnvironmentFailure, match="measures a file that is gone"):
        package.resume(run.name, folder / "reports")


def test_kernel_of_a_library_is_measured_in_an_experiment(lab: Lab, folder: Path) -> None:
    """The documented way: a library that exports lk/kernel.h, named in a declaration."""
    source = lab("compare", "--print-template", "c").stdout
    (folder / "variants.c").write_text(source)
    native = find_native()
    Workshop(native=native, keep=folder / "keep").build(folder / "variants.c")
    command = ["cc", "-O3", "-fPIC", "-shared", f"-I{native.include}", "variants.c", "-o", "own.so", "-lm"]
    subprocess.run(command, cwd=folder, check=True)
    (folder / "mine").mkdir()
    (folder / "mine" / "bits.py").write_text(
        "from lab.experiment.declare import Arms, Experiment, Group, everywhere, words\n"
        "from lab.experiment.subjects import NativeKernel\n"
        "EXPERIMENT = Experiment(name='bits', title='Bits', question='?', groups=(Group(name='g', title='G',\n"
        f"    subject=NativeKernel('compare', library={str(folder / 'own.so')!r}),\n"
        "    factors=(words('input', 'random'),), passes={'allocations': everywhere},\n"
        "    arms=Arms('arm', 'bit_by_bit', {'bit_by_bit': '', 'set_bits_only': ''})),))\n"
    )
    done = lab("run", "--experiments", "mine", "--budget", "40")
    assert done.returncode == 0, done.stderr
    frame = package.open_run("latest", folder / "reports").frame()
    assert set(frame["arm"]) >= {"set_bits_only"}
    assert set(frame["metric"]) >= {"time", "allocations"}


def test_roles_of_the_own_project_come_before_installed_ones(tmp_path: Path) -> None:
    assert names_by_role("gate", tmp_path) == ["gate"]
    assert names_by_role("default", tmp_path)[:2] == ["layout", "pooling"]
    (tmp_path / "pyproject.toml").write_text('[tool.lab]\nexperiments = "mine"\n')
    (tmp_path / "mine").mkdir()
    text = (
        "from lab.experiment.declare import Arms, Experiment, Group\n"
        "EXPERIMENT = Experiment(name='NAME', title='', question='?', role='ROLE', groups=(\n"
        "    Group(name='g', title='', kernel='k', arms=Arms('a', 'x', {'x': '', 'y': ''})),))\n"
    )
    (tmp_path / "mine" / "own_gate.py").write_text(text.replace("NAME", "own_gate").replace("ROLE", "gate"))
    (tmp_path / "mine" / "broken.py").write_text("EXPERIMENT = nonsense\n")
    assert names_by_role("gate", tmp_path) == ["own_gate"]
    assert names_by_role("default", tmp_path)[:2] == ["layout", "pooling"]


def test_subject_of_a_group_survives_being_replaced() -> None:
    group = Group(name="g", title="G", kernel="own", arms=ARMS)
    assert replace(group, kernel="other").measures.kernel == "other"
