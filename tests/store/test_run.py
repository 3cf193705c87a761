"""A run's folder: written once, readable by anyone, never half."""

import json
import os
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest

from lab.core.errors import CorruptRun, RunLocked, SchemaTooNew, StoreError, UsageError
from lab.core.schema import LATER_FIELDS, MEASUREMENT_FIELDS, Artifact, LeftOut, Measurement, Remembered
from lab.store import RunReader, RunWriter, find_run, list_runs, point_latest
from lab.store.run import Shard
from tests.store.plans import a_case, a_plan, a_row


def sealed(reports: Path, **changes: object) -> Path:
    with RunWriter.create(reports, a_plan(a_case(), a_case("a"), a_case("b"), **changes)) as writer:
        writer.add(Shard(work="clock/0", wall_s=1.5, measurements=(a_row(1.0), a_row(2.0))))
        writer.seal(failed_cases=["b", "a", "b"], left_out=[LeftOut("x", "y")])
        return writer.folder


def test_measurement_has_exactly_the_fields_of_the_table() -> None:
    assert set(Measurement.__struct_fields__) == set(MEASUREMENT_FIELDS)


def test_sealed_run_reads_back_what_was_added(tmp_path: Path) -> None:
    artifact = Artifact("artifacts/flame.html", "flame", "case", "arm", "memray")
    missing = a_row(metric="d1_misses", status="unavailable", reason="no valgrind").__class__
    with RunWriter.create(tmp_path, a_plan()) as writer:
        absent = msgspec.structs.replace(a_row(), value=None, status="unavailable", reason="no valgrind")
        assert isinstance(absent, missing)
        writer.add(Shard(work="clock/0", wall_s=1.5, measurements=(a_row(1.0, block=3), absent)))
        writer.add(Shard(work="pass/memray/0", wall_s=9.0, measurements=(), artifacts=(artifact,)))
        writer.seal(failed_cases=[], left_out=[])
    reader = RunReader(tmp_path / "runs" / a_plan().id)
    table = reader.table()
    assert list(table.columns) == list(MEASUREMENT_FIELDS)
    assert table["value"].isna().tolist() == [False, True]
    assert table["reason"].tolist() == ["", "no valgrind"]
    assert table["block"].tolist() == [3, 0]
    assert (reader.summary.rows, reader.summary.workers, reader.summary.clock_s) == (2, 2, 1.5)
    assert reader.summary.artifacts == (artifact,)


def test_a_table_from_before_remembered_figures_reads_as_measured_in_the_run(tmp_path: Path) -> None:
    folder = sealed(tmp_path)
    path = folder / "measurements.parquet"
    older = pq.read_table(path).drop_columns(list(LATER_FIELDS))
    pq.write_table(older, path)
    summary = json.loads((folder / "run.json").read_text()) | {"table_sha256": "", "seal": "", "schema": 1}
    (folder / "run.json").write_text(json.dumps(summary))
    table = RunReader(folder).table()
    assert list(table.columns) == list(MEASUREMENT_FIELDS)
    assert table["measured"].tolist() == ["", ""]


def test_summary_says_what_probes_cost_and_what_came_from_the_cache(tmp_path: Path) -> None:
    def row(measured: str) -> Measurement:
        return msgspec.structs.replace(a_row(), probe="callgrind", measured=measured)

    with RunWriter.create(tmp_path, a_plan()) as writer:
        writer.add(Shard(work="clock/0", wall_s=1.5, measurements=(a_row(),)))
        writer.add(Shard(work="pass/callgrind/0", wall_s=2.0, measurements=(row("2026-11-28"), row("2026-11-03"))))
        writer.add(Shard(work="pass/callgrind/1", wall_s=3.0, measurements=(row(""),)))
        writer.add(Shard(work="pass/memray/0", wall_s=0.5, measurements=()))
        writer.seal(failed_cases=[], left_out=[])
    summary = RunReader(writer.folder).summary
    assert summary.probe_s == {"callgrind": 5.0, "memray": 0.5}
    assert summary.remembered == {"callgrind": Remembered(2, "2026-11-03", "2026-11-28")}


def test_sealing_removes_the_shards_and_names_each_failed_case_once(tmp_path: Path) -> None:
    folder = sealed(tmp_path)
    assert not (folder / "shards").exists()
    assert RunReader(folder).summary.failed_cases == ("a", "b")


def test_resuming_finds_the_shards_and_ignores_a_half_written_one(tmp_path: Path) -> None:
    with RunWriter.create(tmp_path, a_plan()) as writer:
        writer.add(Shard(work="clock/0", wall_s=1.0, measurements=(a_row(),)))
        (writer.folder / "shards" / ".000001.json.x.tmp").write_bytes(b'{"work": "clo')
    with RunWriter.resume(writer.folder) as again:
        assert [shard.work for shard in again.shards()] == ["clock/0"]
        again.add(Shard(work="clock/1", wall_s=1.0, measurements=()))
        assert [shard.work for shard in again.shards()] == ["clock/0", "clock/1"]


def test_complete_run_is_not_resumed(tmp_path: Path) -> None:
    folder = sealed(tmp_path)
    (folder / "index.html").write_text("the report")
    with pytest.raises(UsageError, match="complete"):
        RunWriter.resume(folder)


def test_sealed_run_without_its_report_can_be_resumed_for_it(tmp_path: Path) -> None:
    with RunWriter.resume(sealed(tmp_path)) as writer:
        assert writer.sealed


def test_resuming_removes_what_a_killed_process_left_half_written(tmp_path: Path) -> None:
    with RunWriter.create(tmp_path, a_plan()) as writer:
        half = writer.folder / ".measurements.parquet.abc.tmp"
        half.write_bytes(b"PAR1")
    assert not writer.sealed
    with RunWriter.resume(writer.folder):
        assert not half.exists()


class Killed(BaseException):
    """Ends what is going on as a kill does: nothing is cleaned up."""


@pytest.mark.parametrize("step", range(4))
def test_run_killed_at_any_step_of_sealing_is_sealed_when_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Two files are written, each with its folder: four times something is made to last."""
    fsync, calls = os.fsync, []

    def killed(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) > step:
            raise Killed
        fsync(descriptor)

    with RunWriter.create(tmp_path, a_plan()) as writer:
        writer.add(Shard(work="clock/0", wall_s=1.0, measurements=(a_row(1.0), a_row(2.0))))
        with monkeypatch.context() as patch, pytest.raises(Killed):
            patch.setattr(os, "fsync", killed)
            writer.seal(failed_cases=[], left_out=[])
    with RunWriter.resume(writer.folder) as again:
        assert again.sealed == (step == 3)
        if not again.sealed:
            again.seal(failed_cases=[], left_out=[])
    assert RunReader(writer.folder).table()["value"].tolist() == [1.0, 2.0]


def test_every_changed_byte_of_the_table_is_noticed(tmp_path: Path) -> None:
    path = sealed(tmp_path) / "measurements.parquet"
    reader, data = RunReader(path.parent), path.read_bytes()
    for at in range(0, len(data), len(data) // 300):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
        with pytest.raises(CorruptRun):
            reader.table()


def test_second_writer_of_one_run_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    with RunWriter.create(tmp_path, a_plan()) as writer:
        writer.add(Shard(work="clock/0", wall_s=1.0, measurements=()))
        with pytest.raises(RunLocked, match="another process"):
            RunWriter.resume(writer.folder)
        assert len(writer.shards()) == 1


def test_run_of_the_same_name_is_not_overwritten(tmp_path: Path) -> None:
    folder = sealed(tmp_path)
    before = (folder / "run.json").read_bytes()
    with pytest.raises(StoreError, match="exists already"):
        RunWriter.create(tmp_path, a_plan())
    assert (folder / "run.json").read_bytes() == before


def test_newer_schema_is_refused_with_the_remedy(tmp_path: Path) -> None:
    folder = sealed(tmp_path)
    for name in ("plan.json", "run.json"):
        path = folder / name
        original = path.read_bytes()
        path.write_text(json.dumps({**json.loads(original), "schema": 99, "unheard_of": 1}))
        with pytest.raises(SchemaTooNew, match="upgrade"):
            RunReader(folder)
        path.write_bytes(original)


@pytest.mark.parametrize("name", ["plan.json", "run.json", "measurements.parquet"])
@pytest.mark.parametrize("damage", ["truncate", "garbage", "remove"])
def test_damaged_run_is_one_clear_error(tmp_path: Path, name: str, damage: str) -> None:
    path = sealed(tmp_path) / name
    data = path.read_bytes()
    if damage == "truncate":
        path.write_bytes(data[: len(data) // 2])
    elif damage == "garbage":
        path.write_bytes(os.urandom(len(data)))
    else:
        path.unlink()
    with pytest.raises(CorruptRun):
        RunReader(path.parent).table()


def test_table_of_another_run_is_noticed(tmp_path: Path) -> None:
    folder = sealed(tmp_path)
    with RunWriter.create(tmp_path / "other", a_plan()) as writer:
        writer.seal(failed_cases=[], left_out=[])
    (folder / "measurements.parquet").write_bytes((writer.folder / "measurements.parquet").read_bytes())
    with pytest.raises(CorruptRun, match="not the table"):
        RunReader(folder).table()


def test_unwritable_place_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="--reports"):
        RunWriter.create(tmp_path, a_plan())


def test_runs_are_found_by_id_by_its_beginning_and_as_latest(tmp_path: Path) -> None:
    first = sealed(tmp_path, id="2026-a1")
    second = sealed(tmp_path, id="2026-b2")
    assert list_runs(tmp_path) == [first, second]
    assert find_run(tmp_path, "2026-a") == first
    point_latest(tmp_path, first)
    point_latest(tmp_path, second)
    assert find_run(tmp_path, "latest") == second.resolve()
    with pytest.raises(UsageError, match="several runs"):
        find_run(tmp_path, "2026")
    with pytest.raises(UsageError, match="2026-b2"):
        find_run(tmp_path, "nothing")


def test_latest_of_an_empty_folder_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="lab run"):
        find_run(tmp_path, "latest")
