"""What never changes is not measured again: the figures of deterministic passes, kept by what they depend on.

A probe whose figures follow from code, arguments, input, tool and settings alone says so in its `identity`. The figures
of a case (all its arms, so that a comparison never mixes two occasions) are kept in one file named by the hash of that.
Whatever differs gives another hash, so nothing in the cache is ever stale; a file that cannot be read or fails its
checksum is measured again and replaced. Several runs may share the folder.
"""

import hashlib
import logging
import os
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, runtime_checkable

import msgspec
from msgspec import structs

from lab.core.errors import StoreError
from lab.core.schema import Artifact, Measurement, Metric, Provenance
from lab.measure.probe import Job, Probe
from lab.store.files import write_atomically

MOST_BYTES = 128 << 20
KEPT_SHARE = 0.75  # of MOST_BYTES, after the entries that were not used for longest are removed
_LOG = logging.getLogger(__name__)


@runtime_checkable
class Repeatable(Protocol):
    """A probe whose figures are the same whenever what `identity` lists is."""

    def identity(self, job: Job) -> Sequence[str]:
        """Everything that the figures of a job depend on, as text, the probe's own version among it."""


class _Page(msgspec.Struct, frozen=True):
    """A file that the probe left, and how its artifact was named."""

    name: str
    title: str
    arm: str
    data: bytes


class _Entry(msgspec.Struct, frozen=True):
    """One case as one probe saw it; `measured` is the day, as in 2026-11-28."""

    identity: str
    measured: str
    rows: tuple[Measurement, ...]
    pages: tuple[_Page, ...] = ()


class PassCache:
    """A folder of remembered passes. Safe for several threads and processes.

    Args:
        folder: made when needed.
        most_bytes: beyond this the entries that were not used for longest are removed.
        fresh: find nothing; what is measured replaces what was remembered.
    """

    def __init__(self, folder: Path, *, most_bytes: int = MOST_BYTES, fresh: bool = False) -> None:
        self.folder = folder
        self._most_bytes = most_bytes
        self._fresh = fresh

    def find(self, identity: str) -> _Entry | None:
        """What is remembered; None where there is nothing, or nothing that can be read."""
        if self._fresh:
            return None
        path = self._path(identity)
        try:
            entry = msgspec.msgpack.decode(zlib.decompress(path.read_bytes()), type=_Entry)
        except FileNotFoundError:
            return None
        except (OSError, zlib.error, msgspec.DecodeError) as error:
            _LOG.warning("%s is damaged (%s): measuring again", path, error)
            return None
        if entry.identity != identity:
            return None
        try:
            os.utime(path)  # the date by which entries are removed
        except OSError:
            return entry  # a read-only cache is as good
        return entry

    def keep(self, entry: _Entry) -> None:
        """Remember; a cache that cannot be written (a full disk) remembers nothing and costs nothing else."""
        path = self._path(entry.identity)
        try:
            write_atomically(path, zlib.compress(msgspec.msgpack.encode(entry), 1))
            self._shrink(path)
        except (StoreError, OSError) as error:
            _LOG.warning("not remembered: %s", error)

    def _path(self, identity: str) -> Path:
        return self.folder / f"{identity}.pass"

    def _shrink(self, newest: Path) -> None:
        found = []
        for path in self.folder.glob("*.pass"):
            try:
                status = path.stat()
            except OSError:
                continue  # another run has removed it
            found.append((status.st_mtime_ns, status.st_size, path))
        total = sum(size for _, size, _ in found)
        if total <= self._most_bytes:
            return
        for _, size, path in sorted(found):
            if total <= self._most_bytes * KEPT_SHARE:
                return
            if path != newest:
                path.unlink(missing_ok=True)
                total -= size


class RememberingProbe:
    """A probe that looks into the cache first. Its figures from there carry the date on which they were measured.

    Args:
        probe: what measures; must be Repeatable.
        cache: where its figures are kept.
    """

    def __init__(self, probe: Probe, cache: PassCache) -> None:
        if not isinstance(probe, Repeatable):
            raise TypeError(f"probe {probe.name} does not say what its figures depend on")
        self._probe: Probe = probe
        self._repeatable: Repeatable = probe
        self._cache = cache
        self.name: str = probe.name
        self.metrics: tuple[Metric, ...] = probe.metrics
        self.provenance: Provenance = probe.provenance
        self.deterministic: bool = probe.deterministic

    def unavailable(self) -> str | None:
        """See Probe."""
        return self._probe.unavailable()

    def batches(self, jobs: Sequence[Job]) -> list[list[Job]]:
        """See Probe: the same whatever is remembered, so that a resumed run knows its batches by number."""
        return self._probe.batches(jobs)

    def remembers(self, batch: Sequence[Job]) -> bool:
        """Whether `measure` would measure nothing."""
        return all(self._cache.find(self._identity(jobs)) is not None for jobs in _by_case(batch))

    def measure(self, batch: Sequence[Job], artifacts: Path) -> Iterator[Measurement | Artifact]:
        """The figures of the batch: remembered cases first, then what has to be measured."""
        missing: dict[str, list[Job]] = {}
        for jobs in _by_case(batch):
            entry = self._cache.find(self._identity(jobs))
            if entry is not None:
                yield from self._recalled(entry, jobs, artifacts)
            else:
                missing[jobs[0].case.id] = jobs
        if not missing:
            return
        rows: dict[str, list[Measurement]] = {case: [] for case in missing}
        left: dict[str, list[Artifact]] = {case: [] for case in missing}
        for item in self._probe.measure([job for jobs in missing.values() for job in jobs], artifacts):
            if isinstance(item, Measurement):
                rows[item.case].append(item)
            else:
                left[item.case].append(item)
            yield item
        for case, jobs in missing.items():
            if rows[case] and all(row.status != "failed" for row in rows[case]):
                pages = tuple(_page(artifact, artifacts) for artifact in left[case])
                today = datetime.now(UTC).date().isoformat()
                self._cache.keep(_Entry(self._identity(jobs), today, tuple(_nameless(rows[case], jobs)), pages))

    def stop(self) -> None:
        """See Probe."""
        self._probe.stop()

    def _recalled(self, entry: _Entry, jobs: Sequence[Job], artifacts: Path) -> Iterator[Measurement | Artifact]:
        case = jobs[0].case
        for row in entry.rows:
            yield structs.replace(
                row,
                experiment=case.experiment,
                group=case.group,
                case=case.id,
                arm=jobs[int(row.arm)].arm.name,
                measured=entry.measured,
            )
        for page in entry.pages:
            write_atomically(artifacts / page.name, page.data)
            yield Artifact(f"{artifacts.name}/{page.name}", page.title, case.id, page.arm, self.name)

    def _identity(self, jobs: Sequence[Job]) -> str:
        digest = hashlib.sha256()
        for job in jobs:
            for part in self._repeatable.identity(job):
                digest.update(len(part.encode()).to_bytes(8, "little") + part.encode())
        return digest.hexdigest()


def _by_case(batch: Sequence[Job]) -> list[list[Job]]:
    cases: dict[str, list[Job]] = {}
    for job in batch:
        cases.setdefault(job.case.id, []).append(job)
    return list(cases.values())


def _nameless(rows: Sequence[Measurement], jobs: Sequence[Job]) -> Iterator[Measurement]:
    """The rows with the number of the arm for its name: the same code may be measured under another one."""
    number = {job.arm.name: str(at) for at, job in enumerate(jobs)}
    for row in rows:
        yield structs.replace(row, experiment="", group="", case="", arm=number[row.arm])


def _page(artifact: Artifact, artifacts: Path) -> _Page:
    name = Path(artifact.path).name
    return _Page(name, artifact.title, artifact.arm, (artifacts / name).read_bytes())


def remembering(probes: Sequence[Probe], cache: PassCache) -> list[Probe]:
    """The probes, those that can behind the cache."""
    return [RememberingProbe(probe, cache) if isinstance(probe, Repeatable) else probe for probe in probes]
