"""One run's folder: written by one process, read by anyone."""

import fcntl
import hashlib
import io
import os
import shutil
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import IO, TypeVar

import msgspec
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lab.core.errors import CorruptRun, RunLocked, SchemaTooNew, StoreError, UsageError
from lab.core.life import Cost, Life
from lab.core.reading import Unreadable, read_file
from lab.core.schema import (
    LATER_FIELDS,
    MEASUREMENT_FIELDS,
    SCHEMA_VERSION,
    Artifact,
    LeftOut,
    Measurement,
    Plan,
    Remembered,
    RunSummary,
)
from lab.store.checks import Wrong, check_plan, check_shard, check_summary, check_table
from lab.store.files import write_atomically
from lab.store.seal import digest_of, is_intact, sealed_bytes

MOST_FILE_BYTES = 1 << 30
SEALED_SINCE = 2  # the schema from which on a run has a seal
_REMEDY = "delete the run's folder and run again"
_ARROW_SCHEMA = pa.schema([(name, pa.type_for_alias(kind)) for name, kind in MEASUREMENT_FIELDS.items()])

Record = TypeVar("Record", bound=msgspec.Struct)


class Shard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one worker left: `work` names the piece of work, so that a resumed run does not repeat it.

    Attributes:
        costs: what each command took, of a clock worker.
        libraries_s, inputs_s, drops_s: seconds for opening the kernel builds, mapping the inputs, tearing down.
    """

    work: str
    wall_s: float
    measurements: tuple[Measurement, ...]
    artifacts: tuple[Artifact, ...] = ()
    plan_sha256: str = ""  # of plan.json, set when it is stored: a plan does not change under its shards
    costs: tuple[Cost, ...] = ()
    libraries_s: float = 0.0
    inputs_s: float = 0.0
    drops_s: float = 0.0


class _SchemaOnly(msgspec.Struct):
    schema: int


def _read(path: Path) -> bytes:
    try:
        return read_file(path, MOST_FILE_BYTES)
    except Unreadable as error:
        raise CorruptRun(f"{path}: {error}; the run is incomplete, delete its folder or run again") from error


def _decode(path: Path, kind: type[Record], data: bytes | None = None) -> Record:
    """Read one JSON record whole, checking first that this lab knows its schema.

    Args:
        path: of the file.
        kind: of the record.
        data: its content, where it has been read.

    Raises:
        SchemaTooNew: a newer lab wrote it.
        CorruptRun: it is missing, damaged, or a field has an impossible value.
    """
    data = _read(path) if data is None else data
    try:
        if kind in (Plan, RunSummary):
            schema = msgspec.json.decode(data, type=_SchemaOnly).schema
            if schema > SCHEMA_VERSION:
                raise SchemaTooNew(
                    f"{path}: written by a newer lab (schema {schema}, this one reads up to {SCHEMA_VERSION}); "
                    "upgrade portalis-lab"
                )
        record = msgspec.json.decode(data, type=kind)
        if isinstance(record, Plan):
            check_plan(record)
        elif isinstance(record, Shard):
            check_shard(record.measurements, record.artifacts)
        return record
    except RecursionError as error:
        raise CorruptRun(f"{path}: damaged (it nests too deeply); {_REMEDY}") from error
    except (Wrong, ValueError) as error:  # msgspec's errors among them
        raise CorruptRun(f"{path}: damaged ({error}); {_REMEDY}") from error


def _shards_in(folder: Path) -> list[Shard]:
    """What the workers of an unsealed run left, in the order in which they finished."""
    digest = digest_of(_read(folder / "plan.json"))
    shards = []
    for path in sorted((folder / "shards").glob("[0-9]*.json")):
        shard = _decode(path, Shard)
        if shard.plan_sha256 not in ("", digest):
            raise CorruptRun(
                f"{folder / 'plan.json'}: changed since {path.name} was measured; restore it, or start a new run"
            )
        shards.append(shard)
    return shards


class RunWriter:
    """The writing side of an unsealed run. Holds the run's lock from construction to `close`.

    Use as a context manager. Not thread-safe.

    Raises:
        RunLocked: another process is writing the run.
        StoreError: the folder cannot be written.
    """

    def __init__(self, folder: Path, plan: Plan) -> None:
        self.folder = folder
        self.plan = plan
        self._lock: IO[str] | None = None
        self._next: int | None = None  # number of the next shard, once it is known

    @cached_property
    def _plan_sha256(self) -> str:
        return digest_of(_read(self.folder / "plan.json"))

    @classmethod
    def create(cls, reports: Path, plan: Plan) -> "RunWriter":
        """Start a new run: the plan is on disk before anything is measured.

        Raises:
            UsageError: the plan has a value that no run can have.
        """
        try:
            check_plan(plan)
        except Wrong as error:
            raise UsageError(f"the run cannot be planned: {error}") from error
        writer = cls(reports / "runs" / plan.id, plan)
        try:
            writer.folder.mkdir(parents=True)
        except FileExistsError as error:
            raise StoreError(f"{writer.folder} exists already; use lab run --resume {plan.id}") from error
        except OSError as error:
            raise StoreError(f"cannot create {writer.folder}: {error.strerror}; choose one with --reports") from error
        writer._acquire()
        try:
            write_atomically(writer.folder / "plan.json", msgspec.json.encode(plan))
        except BaseException:
            writer.close()
            shutil.rmtree(writer.folder, ignore_errors=True)
            raise
        return writer

    @classmethod
    def resume(cls, folder: Path) -> "RunWriter":
        """Continue a run that was interrupted at any moment.

        Raises:
            UsageError: the run is complete, its report included.
        """
        writer = cls(folder, _decode(folder / "plan.json", Plan))
        writer._acquire()
        # Checked while holding the lock: another process may have completed the run just now.
        if writer.sealed and (folder / "index.html").exists():
            writer.close()
            raise UsageError(f"run {folder.name} is complete; there is nothing to resume")
        for unfinished in folder.rglob(".*.tmp"):
            unfinished.unlink(missing_ok=True)
        return writer

    @property
    def sealed(self) -> bool:
        """Whether everything has been measured; the report may be missing still."""
        return (self.folder / "run.json").exists()

    def _acquire(self) -> None:
        try:
            self._lock = (self.folder / "lock").open(
                "a"
            )  # opening it changes nothing, even if another process holds it
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.close()
            raise RunLocked(
                f"run {self.folder.name} is being written by another process; wait for it to end"
            ) from error
        except OSError as error:
            raise StoreError(f"cannot lock {self.folder}: {error.strerror}") from error

    def close(self) -> None:
        """Release the lock. The run can still be resumed."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> "RunWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def artifacts(self) -> Path:
        """Folder for the files that probes write."""
        path = self.folder / "artifacts"
        path.mkdir(exist_ok=True)
        return path

    def shards(self) -> list[Shard]:
        """What earlier workers left, in the order in which they finished."""
        return _shards_in(self.folder)

    def add(self, shard: Shard) -> None:
        """Store what one worker measured. When this returns, the data survive a crash of the process or the machine."""
        if self._next is None:
            self._next = 1 + max((int(path.stem) for path in (self.folder / "shards").glob("[0-9]*.json")), default=-1)
        stamped = msgspec.structs.replace(shard, plan_sha256=self._plan_sha256)
        write_atomically(self.folder / "shards" / f"{self._next:06d}.json", msgspec.json.encode(stamped))
        self._next += 1

    def seal(
        self, *, failed_cases: Iterable[str], left_out: Sequence[LeftOut], lives: Sequence[Life] = ()
    ) -> RunSummary:
        """Turn the shards into the table and write run.json; the run is immutable from then on.

        A report of the unfinished run goes first: the presence of one says that a sealed run has all it needs.
        """
        (self.folder / "index.html").unlink(missing_ok=True)
        shards = self.shards()
        buffer = io.BytesIO()
        pq.write_table(_table_of(shards), buffer, compression="zstd")
        write_atomically(self.folder / "measurements.parquet", buffer.getvalue())
        summary = RunSummary(
            schema=SCHEMA_VERSION,
            id=self.plan.id,
            sealed=datetime.now(UTC).isoformat(timespec="seconds"),
            rows=sum(len(shard.measurements) for shard in shards),
            workers=len(shards),
            clock_s=sum(shard.wall_s for shard in shards if shard.work.startswith("clock")),
            failed_cases=tuple(sorted(set(failed_cases))),
            artifacts=tuple(artifact for shard in shards for artifact in shard.artifacts),
            left_out=tuple(left_out),
            table_sha256=hashlib.sha256(buffer.getvalue()).hexdigest(),
            probe_s=_probe_seconds(shards),
            remembered=_remembered(row for shard in shards for row in shard.measurements),
            lives=tuple(lives),
        )
        data = sealed_bytes(summary, _read(self.folder / "plan.json"))
        write_atomically(self.folder / "run.json", data)
        shutil.rmtree(self.folder / "shards", ignore_errors=True)
        return _decode(self.folder / "run.json", RunSummary, data)


def _probe_seconds(shards: Iterable[Shard]) -> dict[str, float]:
    """Seconds by probe; its work is named "pass/PROBE/NUMBER"."""
    seconds: dict[str, float] = {}
    for shard in shards:
        kind, _, rest = shard.work.partition("/")
        if kind == "pass":
            name = rest.partition("/")[0]
            seconds[name] = seconds.get(name, 0.0) + shard.wall_s
    return seconds


def _remembered(rows: Iterable[Measurement]) -> dict[str, Remembered]:
    days: dict[str, list[str]] = {}
    for row in rows:
        if row.measured:
            days.setdefault(row.probe, []).append(row.measured)
    return {probe: Remembered(len(found), min(found), max(found)) for probe, found in days.items()}


def _table_of(shards: Sequence[Shard]) -> pa.Table:
    rows = [row for shard in shards for row in shard.measurements]
    return pa.table({name: [getattr(row, name) for row in rows] for name in MEASUREMENT_FIELDS}, schema=_ARROW_SCHEMA)


def _summary_so_far(plan: Plan, shards: Sequence[Shard]) -> RunSummary:
    rows = [row for shard in shards for row in shard.measurements]
    return RunSummary(
        schema=SCHEMA_VERSION,
        id=plan.id,
        sealed="",
        rows=len(rows),
        workers=len(shards),
        clock_s=sum(shard.wall_s for shard in shards if shard.work.startswith("clock")),
        failed_cases=tuple(sorted({row.case for row in rows if row.status == "failed"})),
        artifacts=tuple(artifact for shard in shards for artifact in shard.artifacts),
        left_out=(
            LeftOut(
                "this run is incomplete",
                f"it holds what {len(shards)} processes measured; continue it with lab run --resume {plan.id}",
            ),
        ),
        probe_s=_probe_seconds(shards),
        remembered=_remembered(rows),
    )


class RunReader:
    """The reading side of a sealed run; with `partial` of one that is not complete as well, as far as it is known.

    The summary of a run that is not complete has no date of sealing, and its first entry in `left_out` says so.

    Raises:
        CorruptRun: a file is missing or damaged, or the run is not complete and was not asked for as such.
        SchemaTooNew: a newer lab wrote it.
    """

    def __init__(self, folder: Path, *, partial: bool = False) -> None:
        self.folder = folder
        if not folder.is_dir():
            raise UsageError(f"no run at {folder}; lab list shows the runs there are")
        plan = _read(folder / "plan.json")
        self.plan = _decode(folder / "plan.json", Plan, plan)
        self._shards: list[Shard] | None = None
        if not (folder / "run.json").exists():
            if not partial:
                raise CorruptRun(
                    f"run {folder.name} is incomplete; continue it with lab run --resume {folder.name}, or see what is"
                    f" known with lab report {folder.name}"
                )
            self._shards = _shards_in(folder)
            self.summary = _summary_so_far(self.plan, self._shards)
            return
        data = _read(folder / "run.json")
        self.summary = _decode(folder / "run.json", RunSummary, data)
        try:
            check_summary(self.summary, self.plan)
        except Wrong as error:
            raise CorruptRun(f"{folder / 'run.json'}: damaged ({error}); {_REMEDY}") from error
        if self.summary.schema >= SEALED_SINCE and not is_intact(self.summary, data, plan):
            raise CorruptRun(
                f"{folder}: plan.json or run.json was changed after the run was sealed; restore it or run again"
            )

    def table(self) -> pd.DataFrame:
        """The tidy table, one row per measurement (columns: MEASUREMENT_FIELDS)."""
        if self._shards is not None:
            known: pd.DataFrame = _table_of(self._shards).to_pandas()
            return known
        path = self.folder / "measurements.parquet"
        try:
            data = _read(path)
            if self.summary.table_sha256 not in ("", hashlib.sha256(data).hexdigest()):
                raise CorruptRun(f"{path}: not the table that was sealed; {_REMEDY}")
            table = pq.read_table(io.BytesIO(data))
        except (OSError, pa.ArrowException) as error:
            raise CorruptRun(f"{path}: damaged ({error}); {_REMEDY}") from error
        for name in LATER_FIELDS:
            if name not in table.schema.names:
                table = table.append_column(name, pa.array([""] * table.num_rows, pa.string()))
        try:
            check_table(table, _ARROW_SCHEMA, self.summary, self.plan)
        except Wrong as error:
            raise CorruptRun(f"{path}: not the table that run.json describes ({error}); {_REMEDY}") from error
        frame: pd.DataFrame = table.to_pandas()
        return frame


def list_runs(reports: Path) -> list[Path]:
    """Folders of all runs, oldest first, complete or not."""
    return sorted(path.parent for path in (reports / "runs").glob("*/plan.json"))


def find_run(reports: Path, name: str) -> Path:
    """The folder of a run by its id, an unambiguous beginning of it, or `latest`.

    Raises:
        UsageError: there is no such run; the message lists the most recent ones.
    """
    if name == "latest":
        latest = reports / "latest"
        if not latest.exists():
            raise UsageError(f"no complete run in {reports} yet; make one with lab run")
        return latest.resolve()
    runs = list_runs(reports)
    matches = [path for path in runs if path.name == name]
    matches = matches or [path for path in runs if name and path.name.startswith(name)]
    if len(matches) == 1:
        return matches[0]
    known = ", ".join(path.name for path in (matches or runs)[-5:]) or "none yet"
    raise UsageError(f"{'several runs begin with' if matches else 'no run'} {name!r} in {reports}; there are: {known}")


def point_latest(reports: Path, folder: Path) -> None:
    """Make ``reports/latest`` point at a run, in one step."""
    temporary = reports / f".latest.{os.getpid()}"
    try:
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(Path("runs") / folder.name)
        temporary.replace(reports / "latest")
    except OSError as error:
        raise StoreError(f"cannot point {reports / 'latest'} at {folder.name}: {error.strerror}") from error
