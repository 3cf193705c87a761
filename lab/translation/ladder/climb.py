"""The whole ladder over a corpus, in a pool of processes: counts by step and variant, and the first differences."""

import multiprocessing
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from lab.translation.errors import UnsupportedGrammarError
from lab.translation.ladder import answers
from lab.translation.ladder.answers import Answer
from lab.translation.ladder.cache import AnswerCache
from lab.translation.ladder.mutants import mutants
from lab.translation.ladder.steps import STEPS, Climber, Difference, Tally
from lab.translation.session import GRAMMAR
from lab.translation.switches import Switches

CHUNK_BYTES: Final = 200_000  # of files in one job
AHEAD: Final = 3  # jobs per process that wait
KEPT: Final = 200  # differences that are kept with their words
Progress = Callable[[int, int, str], object]


@dataclass(frozen=True, slots=True)
class Job:
    """Files for one process, and how many mutants of each."""

    files: tuple[tuple[str, int], ...]


@dataclass(slots=True)
class Result:
    """What the ladder found.

    Attributes:
        python: Version of the CPython that was asked.
        files: Files compared.
        refused: Those that CPython refuses.
        bytes: Of all files.
        mutants: Mutated programs compared.
        refused_mutants: Those that CPython refuses.
        steps: Comparisons and differences by step and variant.
        crashed: Files whose comparison ended its process.
    """

    python: str
    files: int = 0
    refused: int = 0
    bytes: int = 0
    mutants: int = 0
    refused_mutants: int = 0
    steps: Tally = field(default_factory=Tally)
    crashed: list[str] = field(default_factory=list)

    @property
    def differing(self) -> int:
        """Comparisons that differ, crashes included."""
        return sum(self.steps.differing.values()) + len(self.crashed)

    @property
    def differences(self) -> list[Difference]:
        """The first of them."""
        return self.steps.differences


@dataclass(slots=True)
class _Done:
    """What one job brings back."""

    result: Result
    answers: dict[str, Answer]


def climb(
    files: Sequence[Path],
    variants: Sequence[Switches],
    *,
    mutant_count: int = 0,
    seed: int = 0,
    steps: Sequence[str] = STEPS,
    cache: Path | None = None,
    processes: int | None = None,
    progress: Progress | None = None,
) -> Result:
    """Compare the front end with the running CPython over files, and over mutants of them.

    Args:
        files: Sources; those that cannot be read are left out of the count.
        variants: Settings whose full text is compared; the other steps take fewer, see `Climber`.
        mutant_count: Mutated programs in all, spread evenly over the files.
        seed: Of the mutants.
        steps: Those to climb.
        cache: Folder of CPython's answers; the platform's where None.
        processes: How many; one for each processor where None.
        progress: Called with bytes done, bytes in all, and words.

    Raises:
        UnsupportedGrammarError: The front end does not know the running Python's grammar.
    """
    if sys.version_info[:2] != (3, GRAMMAR):
        raise UnsupportedGrammarError(
            f"unavailable on Python 3.{sys.version_info.minor}: the front end knows the grammar of 3.{GRAMMAR}, and "
            f"CPython's own answers come from the running one; run the lab with Python 3.{GRAMMAR}"
        )
    known = AnswerCache(cache)
    total = Result(".".join(map(str, sys.version_info[:3])))
    sizes = {path: path.stat().st_size for path in files}
    all_bytes, done_bytes = sum(sizes.values()), 0
    settings = tuple(switches.bits for switches in variants)
    arguments = (settings, tuple(steps), None if cache is None else str(cache), seed)
    for done, size in _run(_jobs(sizes, mutant_count), sizes, arguments, processes or os.cpu_count() or 1):
        done_bytes += size
        _take(total, done, known)
        if progress is not None:
            progress(done_bytes, all_bytes, f"{total.files} files, {total.mutants} mutants, {total.differing} differ")
    return total


def _jobs(sizes: dict[Path, int], mutant_count: int) -> Iterator[Job]:
    """The files in pieces of CHUNK_BYTES, with an even share of the mutants."""
    chunk: list[tuple[str, int]] = []
    held = 0
    for number, (path, size) in enumerate(sizes.items()):
        share = (number + 1) * mutant_count // len(sizes) - number * mutant_count // len(sizes)
        chunk.append((str(path), share))
        held += size
        if held >= CHUNK_BYTES:
            yield Job(tuple(chunk))
            chunk, held = [], 0
    if chunk:
        yield Job(tuple(chunk))


def _run(
    jobs: Iterator[Job], sizes: dict[Path, int], arguments: tuple[Any, ...], processes: int
) -> Iterator[tuple[_Done, int]]:
    """Run jobs in processes. A job that ends its process is tried again file by file, each in one of its own."""
    again: deque[Job] = deque()
    with _pool(processes, arguments) as pool:
        waiting: dict[Future[_Done], Job] = {}
        try:
            for job in jobs:
                waiting[pool.submit(_work, job)] = job
                if len(waiting) >= AHEAD * processes:
                    yield from _collect(waiting, sizes)
            while waiting:
                yield from _collect(waiting, sizes)
        except BrokenProcessPool:
            again.extend([*waiting.values(), *jobs])
        except BaseException:
            for future in waiting:
                future.cancel()
            raise
    for job in again:
        for one in job.files:
            yield _alone(one, arguments), sizes[Path(one[0])]


def _collect(waiting: dict[Future[_Done], Job], sizes: dict[Path, int]) -> Iterator[tuple[_Done, int]]:
    finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
    for future in finished:
        done = future.result()  # before the job is forgotten: it may raise BrokenProcessPool
        job = waiting.pop(future)
        yield done, sum(sizes[Path(name)] for name, _ in job.files)


def _alone(file: tuple[str, int], arguments: tuple[Any, ...]) -> _Done:
    with _pool(1, arguments) as pool:
        try:
            return pool.submit(_work, Job((file,))).result()
        except BrokenProcessPool:
            return _Done(Result("", files=1, crashed=[file[0]]), {})


def _pool(processes: int, arguments: tuple[Any, ...]) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=arguments)


def _take(total: Result, done: _Done, known: AnswerCache) -> None:
    known.add(done.answers)
    one = done.result
    for name in ("files", "refused", "bytes", "mutants", "refused_mutants"):
        setattr(total, name, getattr(total, name) + getattr(one, name))
    room = max(KEPT - len(total.differences), 0)
    del one.steps.differences[room:]
    total.steps.add(one.steps)
    total.crashed += one.crashed


class _Worker:
    """What a process keeps from job to job."""

    climber: Climber
    few: Climber
    known: AnswerCache
    seed: int


def _begin(settings: tuple[int, ...], steps: tuple[str, ...], cache: str | None, seed: int) -> None:
    variants = [Switches.from_bits(bits) for bits in settings]
    _Worker.climber = Climber(variants, steps)
    _Worker.known = AnswerCache(None if cache is None else Path(cache))
    _Worker.seed = seed


def _work(job: Job) -> _Done:
    return answers.deeply(lambda: _climb_files(job))


def _climb_files(job: Job) -> _Done:
    done = _Done(Result(""), {})
    result = done.result
    for name, mutant_count in job.files:
        try:
            source = Path(name).read_bytes()
        except OSError:
            continue
        said = _ask(done, source, "file")
        result.files += 1
        result.bytes += len(source)
        result.refused += not said.accepted
        result.steps.add(_Worker.climber.climb(name, source, said, "file"))
        for mutant in mutants(source, mutant_count, _Worker.seed):
            said = _ask(done, mutant, "mutant")
            result.mutants += 1
            result.refused_mutants += not said.accepted
            result.steps.add(_Worker.climber.climb(f"a mutant of {name}", mutant, said, "mutant"))
    return done


def _ask(done: _Done, source: bytes, mode: answers.Mode) -> Answer:
    key = AnswerCache.key(source, mode)
    said = _Worker.known.get(key) or done.answers.get(key)
    if said is None:
        said = done.answers[key] = answers.answer(source, mode)
    return said
