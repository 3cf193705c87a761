"""Counting through the driver: a broken job costs only itself."""

from pathlib import Path

import pytest

from lab.measure.counting import CountRequest, count_jobs, count_script
from lab.measure.native import Native
from lab.measure.process import Workers, run_lines
from tests.measure.conftest import job


def request(native: Native, *options: str, **changes: object) -> CountRequest:
    fields: dict[str, object] = {"native": native, "workers": Workers(), "options": options, "idle_timeout_s": 20.0}
    return CountRequest(**{**fields, **changes})  # type: ignore[arg-type]


def statuses(request: CountRequest, *kernels: str) -> dict[str, tuple[str, str]]:
    answers = count_jobs(request, [job(kernel) for kernel in kernels])
    return {done.case.kernel.removeprefix("test."): (answer.status, answer.reason) for done, answer in answers}


def test_the_script_names_every_job_once(native: Native, tmp_path: Path) -> None:
    """The plan text opens the library and the inputs, names the subjects, then counts them."""
    script = count_script(request(native, "--apart"), {"0": job("sum", input_path=tmp_path / "in", bytes=64)})
    assert script.splitlines() == [
        "lib\t0\t./kernels.so",
        "input\tdigest\t./digest",
        "subject\t0\ttest.sum\tdigest\tbytes=64",
        "count\t0\t0\t0\t0\t--apart",
    ]


def test_a_crash_apart_costs_only_its_job(native: Native) -> None:
    """A forked child that crashes is told by name of the signal, and the jobs after it are counted."""
    found = statuses(request(native, "--apart"), "sum", "crash", "ledger", "refuse")
    assert found == {
        "sum": ("ok", ""),
        "crash": ("failed", "killed by signal 11 (Segmentation fault)"),
        "ledger": ("ok", ""),
        "refuse": ("unsupported", "needs a machine of another kind"),
    }


def test_a_crash_of_the_driver_costs_only_its_job(native: Native) -> None:
    """Without a child of its own a crash takes the driver along; the rest is asked of a new one."""
    found = statuses(request(native), "sum", "crash", "ledger")
    assert found["crash"] == ("failed", "killed by signal 11 (Segmentation fault)")
    assert found["sum"] == found["ledger"] == ("ok", "")


def test_a_hang_costs_only_its_job(native: Native) -> None:
    """A job that never ends is given up after the time limit."""
    found = statuses(request(native, "--apart", idle_timeout_s=1.0), "hang", "sum")
    assert found == {"hang": ("failed", "no sign of life for 1 s, killed"), "sum": ("ok", "")}


def test_a_plan_that_does_not_work_fails_every_job_once(native: Native) -> None:
    """A library that cannot be opened is not tried again for ever."""
    elsewhere = Native(native.driver, (native.driver.parent / "missing.so",), None, 1)
    found = statuses(request(elsewhere), "sum", "ledger")
    assert {status for status, _ in found.values()} == {"failed"}
    assert all("kernels.so" in reason for _, reason in found.values())


def test_environment_is_padded_to_one_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies below the environment on the stack stays where it is when a path grows."""
    sizes = []
    for path in ("/bin", "/bin:/usr/bin:/usr/local/bin"):
        monkeypatch.setenv("PATH", path)
        lines: list[str] = []
        run_lines(["/usr/bin/env", "-0"], environment_bytes=4096, idle_timeout_s=10, on_line=lines.append)
        sizes.append(sum(len(value) + 1 + 8 for value in "".join(lines).split("\0") if value))
    assert sizes == [4096, 4096]


def test_iterations_are_capped(native: Native) -> None:
    """The counted window is the pass, or the cap where that is less."""
    ((_, whole),) = count_jobs(request(native), [job("sum", bytes=6400)])
    ((_, capped),) = count_jobs(request(native, most_iterations=10), [job("sum", bytes=6400)])
    assert (whole.iterations, capped.iterations) == (100, 10)
    assert (whole.items, whole.bytes) == (100, 6400)
