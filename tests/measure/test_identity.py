"""What a remembered figure depends on: everything that could change it is part of its identity, names are not."""

from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from lab.experiment.remember import Repeatable
from lab.measure import identity
from lab.measure.callgrind import FIXED_GEOMETRY, CallgrindProbe
from lab.measure.native import Native
from lab.measure.probe import Job
from lab.measure.probes import make_gate_probes, make_probes
from tests.measure.conftest import job


def test_every_deterministic_probe_says_what_its_figures_depend_on(native: Native) -> None:
    """A probe whose figures never change is worth remembering; no other may be."""
    for probe in (*make_probes(native, {}), *make_gate_probes(native)):
        assert isinstance(probe, Repeatable) == probe.deterministic


def changed_jobs() -> dict[str, Job]:
    plain = job("work", size=1)
    return {
        "arguments": job("work", size=2),
        "kernel": job("other", size=1),
        "input": replace(plain, case=structs.replace(plain.case, input_digest="other")),
        "environment": replace(plain, arm=structs.replace(plain.arm, environment={"LD_PRELOAD": "x"})),
    }


@pytest.mark.parametrize("what", ["arguments", "kernel", "input", "environment"])
def test_another_job_is_another_identity(native: Native, what: str) -> None:
    """Each part of the work counts."""
    probe = CallgrindProbe(native, FIXED_GEOMETRY, valgrind="")
    assert probe.identity(job("work", size=1)) != probe.identity(changed_jobs()[what])


def test_another_name_is_the_same_identity(native: Native) -> None:
    """The same work in another experiment is known."""
    probe = CallgrindProbe(native, FIXED_GEOMETRY, valgrind="")
    plain = job("work", size=1)
    renamed = replace(plain, case=structs.replace(plain.case, id="x/y/z", experiment="x", group="y"))
    assert probe.identity(plain) == probe.identity(renamed)


def fake_tool(path: Path, version: str) -> str:
    path.write_text(f"#!/bin/sh\necho {version}\n")
    path.chmod(0o755)
    return str(path)


def test_tool_geometry_and_window_are_part_of_the_identity(native: Native, tmp_path: Path) -> None:
    """Another Valgrind, another simulated cache, or a longer window gives other figures."""
    old, new = (fake_tool(tmp_path / version, version) for version in ("valgrind-3.19.0", "valgrind-3.20.0"))
    smaller = replace(FIXED_GEOMETRY, ll=replace(FIXED_GEOMETRY.ll, bytes=4 << 20))
    probes = (
        CallgrindProbe(native, FIXED_GEOMETRY, valgrind=old),
        CallgrindProbe(native, FIXED_GEOMETRY, valgrind=new),
        CallgrindProbe(native, smaller, valgrind=old),
        CallgrindProbe(native, FIXED_GEOMETRY, valgrind=old, most_iterations=7),
    )
    assert len({tuple(probe.identity(job("work"))) for probe in probes}) == len(probes)


def test_the_code_under_test_is_part_of_the_identity(native: Native, tmp_path: Path) -> None:
    """A kernel library that was built again with other content is another one, in the same file too."""
    library = tmp_path / "kernels.so"
    library.write_bytes(native.kernels[0].read_bytes())
    mine = replace(native, kernels=(library,))
    before = identity.identity_of(mine, job("work"))
    assert before == identity.identity_of(native, job("work"))
    library.write_bytes(native.kernels[0].read_bytes() + b"\0")
    assert before != identity.identity_of(mine, job("work"))


def test_arms_of_a_case_share_a_batch(native: Native) -> None:
    """Only within one process do two arms start from the same heap."""
    jobs = []
    for number in range(4):
        for arm in ("one", "two", "three"):
            found = job("work", arm)
            jobs.append(replace(found, case=structs.replace(found.case, id=f"case{number}")))
    batches = CallgrindProbe(native, FIXED_GEOMETRY, valgrind="", batch_jobs=8).batches(jobs)
    assert [len(batch) for batch in batches] == [6, 6]
    assert [found for batch in batches for found in batch] == jobs
