"""A run that somebody altered says so, in one line with the file and what is wrong, and never anything else."""

import hashlib
import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lab.core.errors import CorruptRun, LabError, UsageError
from lab.core.schema import Artifact
from lab.store import RunReader, RunWriter
from lab.store.run import Shard
from tests.store.plans import a_case, a_plan, a_row

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with RunWriter.create(tmp_path, a_plan()) as writer:
        artifact = Artifact("artifacts/logs/a.txt", "log", a_case().id, "fast", "clock")
        writer.add(Shard(work="clock/0", wall_s=1.5, measurements=(a_row(1.0), a_row(2.0)), artifacts=(artifact,)))
        writer.seal(failed_cases=[], left_out=[])
        return writer.folder


def change(path: Path, how: Change) -> None:
    record = json.loads(path.read_bytes())
    how(record)
    path.write_text(json.dumps(record))


def seal_again(folder: Path) -> None:
    """What somebody does who knows how the seal is made."""
    path = folder / "run.json"
    record = json.loads(path.read_bytes())
    record["seal"] = ""
    data = json.dumps(record, separators=(",", ":")).encode()
    plan = hashlib.sha256((folder / "plan.json").read_bytes()).hexdigest()
    seal = hashlib.sha256(plan.encode() + data).hexdigest()
    path.write_bytes(data.replace(b'"seal":""', f'"seal":"{seal}"'.encode()))


def refused(folder: Path, *fragments: str) -> None:
    with pytest.raises(CorruptRun) as caught:
        RunReader(folder).table()
    message = str(caught.value)
    assert "\n" not in message
    assert [one for one in fragments if one not in message] == [], message


PLANS: dict[str, Change] = {
    "rule.comparisons": lambda plan: plan["rule"].update(comparisons=-1),
    "rule.alpha": lambda plan: plan["rule"].update(alpha=0),
    "rule.interval_alpha": lambda plan: plan["rule"].update(interval_alpha=1),
    "rule.margins.cache": lambda plan: plan["rule"]["margins"]["cache"].update(bias=0.5),
    "rule.margins.cache.same": lambda plan: plan["rule"]["margins"]["cache"].update(same=-1),
    "rule.margins": lambda plan: plan["rule"].update(margins={}),
    "experiments": lambda plan: plan.update(experiments=[]),
    "cases": lambda plan: plan.update(cases=[]),
    "cases: demo": lambda plan: plan.update(cases=plan["cases"] * 2),
    "belongs to no planned group": lambda plan: plan["cases"][0].update(group="other"),
    "baseline": lambda plan: plan["cases"][0].update(baseline="nobody"),
    "arms: fast is there twice": lambda plan: plan["cases"][0].update(arms=plan["cases"][0]["arms"][1:] * 2),
    "input_digest": lambda plan: plan["cases"][0].update(input_digest="../../etc/passwd"),
    "holds a tab": lambda plan: plan["cases"][0]["arms"][0]["args"].update(size="1\n--evil"),
    "is no variable": lambda plan: plan["cases"][0]["arms"][0].update(environment={"A=B": "x"}),
    "clock.pairs": lambda plan: plan["clock"].update(pairs=0),
    "clock.budget_s": lambda plan: plan["clock"].update(budget_s=-1),
    "id": lambda plan: plan.update(id="../../elsewhere"),
    "seed": lambda plan: plan.update(seed=2**63),
    "metrics: time is there twice": lambda plan: plan.update(metrics=plan["metrics"] * 2),
    "unknown field": lambda plan: plan.update(more=1),
    "$.rule.alpha": lambda plan: plan["rule"].update(alpha="x"),
}
SUMMARIES: dict[str, Change] = {
    "id": lambda run: run.update(id="another"),
    "rows": lambda run: run.update(rows=-1),
    "clock_s": lambda run: run.update(clock_s=-1.0),
    "failed_cases: nothing": lambda run: run.update(failed_cases=["nothing"]),
}
LINKS = [
    "javascript:alert(1)", "http://example.org/x", "file:///etc/passwd", "//example.org/x", "/etc/passwd", "../../x",
    "artifacts/../../x", "artifacts/./x", "artifacts//x", "x", "", "artifacts\\x", "artifacts/\x1b[31m", "data:,x/y",
]  # fmt: skip


@pytest.mark.parametrize("field", PLANS)
def test_a_plan_with_a_value_that_cannot_be_is_refused_with_the_field(folder: Path, field: str) -> None:
    change(folder / "plan.json", PLANS[field])
    seal_again(folder)
    refused(folder, "plan.json: damaged", field)


@pytest.mark.parametrize("field", SUMMARIES)
def test_a_summary_with_a_value_that_cannot_be_is_refused_with_the_field(folder: Path, field: str) -> None:
    change(folder / "run.json", SUMMARIES[field])
    seal_again(folder)
    refused(folder, "run.json: damaged", field)


@pytest.mark.parametrize("path", LINKS)
def test_an_artifact_outside_the_run_is_refused(folder: Path, path: str) -> None:
    change(folder / "run.json", lambda run: run["artifacts"][0].update(path=path))
    seal_again(folder)
    refused(folder, "artifacts[0].path", "is not below the run")
    with (
        pytest.raises(CorruptRun, match="is not below the run"),
        RunWriter.create(folder.parent, a_plan(id="b")) as writer,
    ):
        writer.add(Shard("clock/0", 1.0, (), (Artifact(path, "", "", "", ""),)))
        writer.shards()


@pytest.mark.parametrize(
    "how",
    [
        lambda plan: plan["rule"].update(comparisons=1),
        lambda plan: plan["rule"].update(alpha=0.5),
        lambda plan: plan["cases"][0].update(kind="dram"),
        lambda plan: plan.update(host="elsewhere"),
    ],
)
def test_a_sealed_plan_that_was_altered_says_so(folder: Path, how: Change) -> None:
    change(folder / "plan.json", how)
    refused(folder, "was changed after the run was sealed")


def test_every_changed_byte_of_plan_and_summary_is_noticed(folder: Path) -> None:
    draw = random.Random(7)
    for name in ("plan.json", "run.json"):
        data = (folder / name).read_bytes()
        for at in draw.sample(range(len(data)), 150):
            (folder / name).write_bytes(data[:at] + bytes([draw.choice(b'0Z"{,\\x')]) + data[at + 1 :])
            if (folder / name).read_bytes() != data:
                with pytest.raises(LabError):
                    RunReader(folder)
        (folder / name).write_bytes(data)
    RunReader(folder)


def test_a_run_without_its_seal_is_altered_unless_an_older_lab_made_it(folder: Path) -> None:
    change(folder / "run.json", lambda run: run.update(seal=""))
    refused(folder, "was changed after the run was sealed")
    for name in ("run.json", "plan.json"):
        change(folder / name, lambda record: record.update(schema=1))
    assert len(RunReader(folder).table()) == 2


def test_a_plan_that_is_altered_before_the_run_is_resumed_says_so(tmp_path: Path) -> None:
    with RunWriter.create(tmp_path, a_plan()) as writer:
        writer.add(Shard(work="clock/0", wall_s=1.5, measurements=(a_row(1.0),)))
    change(writer.folder / "plan.json", lambda plan: plan["rule"].update(comparisons=1))
    with RunWriter.resume(writer.folder) as again, pytest.raises(CorruptRun, match=r"plan\.json: changed since"):
        again.shards()


@pytest.mark.parametrize(
    ("column", "value"),
    [("value", float("nan")), ("value", float("inf")), ("case", "x"), ("status", "fine"), ("provenance", "guessed")],
)
def test_a_table_with_a_value_that_cannot_be_is_refused_with_the_column(
    folder: Path, column: str, value: object
) -> None:
    path = folder / "measurements.parquet"
    table = pq.read_table(path)
    values = pa.array([value] * 2, table.schema.field(column).type)
    pq.write_table(table.set_column(table.schema.get_field_index(column), table.schema.field(column), values), path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    change(folder / "run.json", lambda run: run.update(table_sha256=digest))
    seal_again(folder)
    refused(folder, "measurements.parquet: not the table", f"{column}: ")


@pytest.mark.parametrize("column", ["value", "replicate", "reason"])
def test_a_table_of_other_types_is_refused(folder: Path, column: str) -> None:
    path = folder / "measurements.parquet"
    table = pq.read_table(path)
    values = pa.array([b"x"] * 2, pa.binary())
    pq.write_table(table.set_column(table.schema.get_field_index(column), column, values), path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    change(folder / "run.json", lambda run: run.update(table_sha256=digest))
    seal_again(folder)
    refused(folder, f"{column}: it is of type binary")


@pytest.mark.parametrize("name", ["plan.json", "run.json"])
@pytest.mark.parametrize(
    "data",
    [
        b"[" * 10_000, b'{"schema":' + b"9" * 5000 + b"}", b'{"a":' * 10_000, b"\xef\xbb\xbf{}", b"", b"null", b"\xff",
        b'{"schema":2,"id":' + b"[" * 10_000 + b"]" * 10_000 + b"}", b'{"schema":NaN}', b'{"schema":1e999}',
    ],
    ids=range(10),
)  # fmt: skip
def test_json_of_any_shape_is_refused_in_one_line(folder: Path, name: str, data: bytes) -> None:
    (folder / name).write_bytes(data)
    with pytest.raises(LabError) as caught:
        RunReader(folder)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["plan.json", "run.json", "measurements.parquet"])
def test_a_pipe_in_place_of_a_file_is_refused_at_once(folder: Path, name: str) -> None:
    (folder / name).unlink()
    os.mkfifo(folder / name)
    refused(folder, f"{name}: cannot be read (not a regular file)")


def test_a_plan_that_no_run_can_have_is_refused_before_it_is_stored(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is there twice"):
        RunWriter.create(tmp_path, a_plan(a_case(), a_case()))
    assert not list(tmp_path.iterdir())
