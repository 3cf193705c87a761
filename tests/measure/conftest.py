"""A kernel library whose behaviour is known exactly, behind the installed driver."""

import os
import subprocess
from pathlib import Path

import pytest

from lab.core.schema import ArmPlan, CasePlan
from lab.measure.native import Native, find_native
from lab.measure.probe import Job

HERE = Path(__file__).parent
HEADERS = HERE.parents[1] / "native" / "kernels" / "include"


@pytest.fixture(scope="session")
def native(tmp_path_factory: pytest.TempPathFactory) -> Native:
    """The installed driver with the test kernels."""
    library = tmp_path_factory.mktemp("kernels") / "kernels.so"
    compiler = os.environ.get("CC", "cc")
    flags = ["-std=gnu11", "-O2", "-g1", "-fPIC", "-shared", "-pthread", "-fno-builtin", f"-I{HEADERS}"]
    subprocess.run([compiler, *flags, str(HERE / "kernels.c"), "-o", str(library)], check=True)
    installed = find_native()
    return Native(installed.driver, (library,), installed.interposer, 1)


def job(kernel: str, arm: str = "plain", input_path: Path | None = None, **args: object) -> Job:
    """A job for one of the test kernels."""
    plan = ArmPlan(arm, {key: str(value) for key, value in args.items()})
    case = CasePlan(
        id=f"test/group/kernel={kernel}",
        experiment="test",
        group="group",
        factors={"kernel": kernel},
        kernel=f"test.{kernel}",
        item="line",
        input_digest="digest" if input_path else "",
        kind="cache",
        regime="warm",
        baseline=arm,
        arms=(plan,),
        null=False,
        separate=False,
        passes=(),
    )
    return Job(case, plan, input_path)
