"""Figures that follow from their content are measured once; the cache is never wrong, never in the way, and bounded."""

import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lab.core.schema import ArmPlan, Artifact, CasePlan, Measurement, Metric
from lab.experiment.remember import PassCache, RememberingProbe, remembering
from lab.measure.probe import Job, absent, row
from tests.store.plans import a_case

COUNT = Metric("things", "count", "things", "counter", exact=True)


@dataclass
class Counter:
    """A deterministic probe that counts how often it was asked."""

    name: str = "counter"
    metrics: tuple[Metric, ...] = (COUNT,)
    provenance: str = "traced"
    deterministic: bool = True
    version: str = "1"
    value: float = 3.0
    fails: bool = False
    asked: list[str] = field(default_factory=list)

    def unavailable(self) -> str | None:
        return None

    def batches(self, jobs: Sequence[Job]) -> list[list[Job]]:
        return [list(jobs)]

    def identity(self, job: Job) -> Sequence[str]:
        return [self.version, job.case.kernel, *(f"{key}={value}" for key, value in job.arm.args.items())]

    def measure(self, batch: Sequence[Job], artifacts: Path) -> Iterator[Measurement | Artifact]:
        artifacts.mkdir(exist_ok=True)
        for job in batch:
            self.asked.append(f"{job.case.id}#{job.arm.name}")
            if self.fails:
                yield absent(job, COUNT, "traced", "broken", "failed")
                continue
            yield row(job, COUNT, self.value + len(job.arm.name), "traced", iterations=4)
            (artifacts / f"{job.arm.name}.html").write_text(f"page of {job.arm.name}")
            yield Artifact(f"artifacts/{job.arm.name}.html", "trace", job.case.id, job.arm.name, self.name)

    def stop(self) -> None:
        pass


def jobs_of(case: CasePlan) -> list[Job]:
    return [Job(case=case, arm=arm, input_path=None) for arm in case.arms]


def case_of(name: str = "demo/group/size=1", **args: str) -> CasePlan:
    arms = tuple(ArmPlan(arm, {"arm": arm, **args}) for arm in ("plain", "fast"))
    return a_case(name, arms=arms)


def look(cache: PassCache, counter: Counter, case: CasePlan, artifacts: Path) -> list[Measurement]:
    probe = RememberingProbe(counter, cache)  # type: ignore[arg-type]
    return [item for item in probe.measure(jobs_of(case), artifacts) if isinstance(item, Measurement)]


@pytest.fixture
def cache(tmp_path: Path) -> PassCache:
    return PassCache(tmp_path / "passes")


@pytest.fixture
def artifacts(tmp_path: Path) -> Path:
    return tmp_path / "artifacts"


def entries(cache: PassCache) -> list[Path]:
    return sorted(cache.folder.glob("*.pass"))


def test_the_second_look_measures_nothing_and_says_when_the_first_was(cache: PassCache, artifacts: Path) -> None:
    counter = Counter()
    first = look(cache, counter, case_of(), artifacts)
    second = look(cache, counter, case_of(), artifacts)
    assert len(counter.asked) == 2
    assert [(one.arm, one.value, one.iterations) for one in second] == [("plain", 8.0, 4), ("fast", 7.0, 4)]
    assert {one.measured for one in first} == {""}
    assert all(one.measured.startswith("20") and len(one.measured) == 10 for one in second)


def test_the_same_work_under_another_name_is_known(cache: PassCache, artifacts: Path) -> None:
    counter = Counter()
    look(cache, counter, case_of("demo/group/size=1"), artifacts)
    found = look(cache, counter, case_of("other/group/size=2"), artifacts)
    assert len(counter.asked) == 2
    assert {one.case for one in found} == {"other/group/size=2"}


def test_other_arguments_or_another_version_of_the_probe_are_measured(cache: PassCache, artifacts: Path) -> None:
    counter = Counter()
    look(cache, counter, case_of(), artifacts)
    look(cache, counter, case_of(depth="2"), artifacts)
    counter.version = "2"
    look(cache, counter, case_of(), artifacts)
    assert len(counter.asked) == 6


def test_files_of_a_pass_come_back(cache: PassCache, artifacts: Path, tmp_path: Path) -> None:
    counter = Counter()
    look(cache, counter, case_of(), artifacts)
    elsewhere = tmp_path / "next" / "artifacts"
    probe = RememberingProbe(counter, cache)  # type: ignore[arg-type]
    found = [item for item in probe.measure(jobs_of(case_of()), elsewhere) if isinstance(item, Artifact)]
    assert [(one.path, one.arm, one.probe) for one in found] == [
        ("artifacts/plain.html", "plain", "counter"),
        ("artifacts/fast.html", "fast", "counter"),
    ]
    assert (elsewhere / "fast.html").read_text() == "page of fast"


@pytest.mark.parametrize("damage", ["truncate", "flip", "empty", "garbage"])
def test_a_damaged_entry_is_measured_again_and_replaced(cache: PassCache, artifacts: Path, damage: str) -> None:
    counter = Counter()
    look(cache, counter, case_of(), artifacts)
    (path,) = entries(cache)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes({"truncate": data[:-5], "flip": bytes(data), "empty": b"", "garbage": b"{}" * 20}[damage])
    counter.value = 30.0
    assert [one.value for one in look(cache, counter, case_of(), artifacts)] == [35.0, 34.0]
    assert [one.value for one in look(cache, counter, case_of(), artifacts)] == [35.0, 34.0]
    assert len(counter.asked) == 4


def test_fresh_ignores_what_is_there_and_replaces_it(cache: PassCache, artifacts: Path) -> None:
    counter = Counter()
    look(cache, counter, case_of(), artifacts)
    counter.value = 30.0
    fresh = look(PassCache(cache.folder, fresh=True), counter, case_of(), artifacts)
    assert [one.value for one in fresh] == [one.value for one in look(cache, counter, case_of(), artifacts)] == [35, 34]
    assert {one.measured for one in fresh} == {""}


def test_a_failed_pass_is_tried_again(cache: PassCache, artifacts: Path) -> None:
    counter = Counter(fails=True)
    look(cache, counter, case_of(), artifacts)
    assert entries(cache) == []
    counter.fails = False
    assert {one.status for one in look(cache, counter, case_of(), artifacts)} == {"ok"}


def test_a_case_is_measured_whole_if_one_arm_is_new(cache: PassCache, artifacts: Path) -> None:
    counter = Counter()
    look(cache, counter, case_of(), artifacts)
    wider = a_case("demo/group/size=1", arms=(*case_of().arms, ArmPlan("third", {"arm": "third"})))
    look(cache, counter, wider, artifacts)
    assert [name.partition("#")[2] for name in counter.asked] == ["plain", "fast", "plain", "fast", "third"]


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path, artifacts: Path) -> None:
    unbounded = PassCache(tmp_path / "passes")
    counter = Counter()
    for number in range(8):
        look(unbounded, counter, case_of(depth=str(number)), artifacts)
    for age, path in enumerate(sorted(entries(unbounded))):
        os.utime(path, (1e9 + age, 1e9 + age))
    kept = sorted(entries(unbounded))[1:]
    size = kept[0].stat().st_size
    bounded = PassCache(tmp_path / "passes", most_bytes=6 * size)
    look(bounded, counter, case_of(depth="new"), artifacts)
    left = entries(bounded)
    assert sum(path.stat().st_size for path in left) <= 6 * size
    assert kept[-1] in left
    assert kept[0] not in left


def test_runs_beside_each_other_read_whole_entries(cache: PassCache, tmp_path: Path) -> None:
    """Writers replace whole files, so a reader finds nothing or everything."""
    wrong: list[object] = []

    def work(number: int) -> None:
        for _ in range(20):
            found = look(PassCache(cache.folder, fresh=number == 0), Counter(), case_of(), tmp_path / f"at{number}")
            if [one.value for one in found] != [8.0, 7.0]:
                wrong.append(found)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(entries(cache)) == 1


def test_a_cache_that_cannot_be_written_costs_nothing_else(tmp_path: Path, artifacts: Path) -> None:
    (tmp_path / "passes").write_text("a file where the folder should be")
    found = look(PassCache(tmp_path / "passes"), Counter(), case_of(), artifacts)
    assert [one.value for one in found] == [8.0, 7.0]


def test_a_probe_that_does_not_say_what_it_depends_on_stays_as_it_is(cache: PassCache) -> None:
    class Plain:
        name = "plain"

    plain, counter = Plain(), Counter()
    one, two = remembering([plain, counter], cache)  # type: ignore[list-item]
    assert one is plain
    assert isinstance(two, RememberingProbe)
