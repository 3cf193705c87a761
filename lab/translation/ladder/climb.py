"""The whole ladder over a corpus, in a pool of processes: counts by step and variant, and the first differences."""

import atexit
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

from lab.translation.ladder.answers import Answer, Oracle
from lab.translation.ladder.cache import AnswerCache
from lab.translation.ladder.cpython import Mode, deeply
from lab.translation.ladder.layouts import layouts
from lab.translation.ladder.mutants import mutants
from lab.translation.ladder.oracles import find
from lab.translation.ladder.programs import programs
from lab.translation.ladder.steps import STEPS, Climber, Difference, Tally
from lab.translation.session import check_grammar
from lab.translation.switches import Switches

CHUNK_BYTES: Final = 200_000  # of files in one job
CHUNK_PROGRAMS: Final = 500  # made ones in one job
AHEAD: Final = 3  # jobs per process that wait
SEEDS: Final = 1_000_003  # jobs of one seed at most, before they meet those of the next
KEPT: Final = 200  # differences that are kept with their words
Progress = Callable[[int, int, str], object]


@dataclass(frozen=True, slots=True)
class Job:
    """Work for one process: files with how many mutants of each, or made programs.

    Attributes:
        files: Paths, and the mutants of each.
        programs: Random programs to make.
        layouts: Small programs in random layouts to make.
        seed: Of what is made.
    """

    files: tuple[tuple[str, int], ...] = ()
    programs: int = 0
    layouts: int = 0
    seed: int = 0

    @property
    def parts(self) -> "list[Job]":
        """Jobs of a file each, to find the one that ends its process; a job without files is one part."""
        return [Job((one,), seed=self.seed) for one in self.files] or [self]

    @property
    def name(self) -> str:
        """What a crash is reported as."""
        made = f"{self.programs} programs and {self.layouts} layouts of seed {self.seed}"
        return self.files[0][0] if self.files else made


_COUNTS: Final = ("files", "refused", "bytes", "mutants", "refused_mutants", "programs", "refused_programs")


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
        programs: Made programs compared, those in random layouts included.
        refused_programs: Those that CPython refuses.
        steps: Comparisons and differences by step and variant.
        crashed: Files whose comparison ended its process.
    """

    python: str
    files: int = 0
    refused: int = 0
    bytes: int = 0
    mutants: int = 0
    refused_mutants: int = 0
    programs: int = 0
    refused_programs: int = 0
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
    grammar: int | None = None,
    mutant_count: int = 0,
    program_count: int = 0,
    layout_count: int = 0,
    seed: int = 0,
    steps: Sequence[str] = STEPS,
    cache: Path | None = None,
    processes: int | None = None,
    progress: Progress | None = None,
) -> Result:
    """Compare the front end with CPython over files, mutants of them, and made programs.

    Args:
        files: Sources; those that cannot be read are left out of the count.
        variants: Settings whose full text is compared; the other steps take fewer, see `Climber`.
        grammar: Minor version of the Python whose grammar and CPython are meant; the running one's where None.
        mutant_count: Mutated programs in all, spread evenly over the files.
        program_count: Random programs.
        layout_count: Small programs in random layouts.
        seed: Of mutants, programs and layouts.
        steps: Those to climb.
        cache: Folder of CPython's answers; the platform's where None.
        processes: How many; one for each processor where None.
        progress: Called with bytes done, bytes in all, and words.

    Raises:
        UnsupportedGrammarError: The front end does not know this grammar.
        EnvironmentFailure: There is no CPython of this version to ask.
    """
    minor = sys.version_info.minor if grammar is None else grammar
    check_grammar(minor)
    oracle = find(minor).start()
    total = Result(oracle.version)
    oracle.close()
    known = AnswerCache(cache, total.python)
    sizes = {path: path.stat().st_size for path in files}
    all_bytes, done_bytes = sum(sizes.values()), 0
    settings = tuple(switches.bits for switches in variants)
    arguments = (settings, tuple(steps), None if cache is None else str(cache), seed, minor)
    jobs = [*_jobs(sizes, mutant_count), *_made(program_count, layout_count, seed)]
    for done, size in _run(iter(jobs), sizes, arguments, processes or os.cpu_count() or 1):
        done_bytes += size
        _take(total, done, known)
        if progress is not None:
            progress(done_bytes, all_bytes, _words(total))
    return total


def _words(total: Result) -> str:
    made = f", {total.programs} programs" if total.programs else ""
    return f"{total.files} files, {total.mutants} mutants{made}, {total.differing} differ"


def _made(program_count: int, layout_count: int, seed: int) -> Iterator[Job]:
    for number, first in enumerate(range(0, program_count, CHUNK_PROGRAMS)):
        yield Job(programs=min(CHUNK_PROGRAMS, program_count - first), seed=seed * SEEDS + number)
    for number, first in enumerate(range(0, layout_count, CHUNK_PROGRAMS)):
        yield Job(layouts=min(CHUNK_PROGRAMS, layout_count - first), seed=seed * SEEDS + number)


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
        for part in job.parts:
            yield _alone(part, arguments), sum(sizes[Path(name)] for name, _ in part.files)


def _collect(waiting: dict[Future[_Done], Job], sizes: dict[Path, int]) -> Iterator[tuple[_Done, int]]:
    finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
    for future in finished:
        done = future.result()  # before the job is forgotten: it may raise BrokenProcessPool
        job = waiting.pop(future)
        yield done, sum(sizes[Path(name)] for name, _ in job.files)


def _alone(job: Job, arguments: tuple[Any, ...]) -> _Done:
    with _pool(1, arguments) as pool:
        try:
            return pool.submit(_work, job).result()
        except BrokenProcessPool:
            return _Done(Result("", files=len(job.files), crashed=[job.name]), {})


def _pool(processes: int, arguments: tuple[Any, ...]) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=arguments)


def _take(total: Result, done: _Done, known: AnswerCache) -> None:
    known.add(done.answers)
    one = done.result
    for name in _COUNTS:
        setattr(total, name, getattr(total, name) + getattr(one, name))
    room = max(KEPT - len(total.differences), 0)
    del one.steps.differences[room:]
    total.steps.add(one.steps)
    total.crashed += one.crashed


class _Worker:
    """What a process keeps from job to job."""

    climber: Climber
    oracle: Oracle
    known: AnswerCache
    seed: int
    minor: int


def _begin(settings: tuple[int, ...], steps: tuple[str, ...], cache: str | None, seed: int, minor: int) -> None:
    sys.set_int_max_str_digits(0)  # sessions follow it, and `deeply` lifts it where CPython is asked
    _Worker.oracle = find(minor).start()
    atexit.register(_Worker.oracle.close)
    _Worker.climber = Climber([Switches.from_bits(bits) for bits in settings], _Worker.oracle, steps)
    _Worker.known = AnswerCache(None if cache is None else Path(cache), _Worker.oracle.version)
    _Worker.seed, _Worker.minor = seed, minor


def _work(job: Job) -> _Done:
    return deeply(lambda: _climb_job(job))


def _climb_job(job: Job) -> _Done:
    done = _Done(Result(""), {})
    result = done.result
    for name, mutant_count in job.files:
        try:
            source = Path(name).read_bytes()
        except OSError:
            continue
        result.files += 1
        result.bytes += len(source)
        result.refused += _compare(done, name, source, "file")
        for mutant in mutants(source, mutant_count, _Worker.seed):
            result.mutants += 1
            result.refused_mutants += _compare(done, f"a mutant of {name}", mutant, "mutant")
    for program in programs(_Worker.minor, job.programs, job.seed):
        result.programs += 1
        result.refused_programs += _compare(done, f"a program of seed {job.seed}", program, "mutant")
    for program in layouts(job.layouts, job.seed):
        result.programs += 1
        result.refused_programs += _compare(done, f"a layout of seed {job.seed}", program, "mutant")
    return done


def _compare(done: _Done, name: str, source: bytes, mode: Mode) -> bool:
    """Compare one source; whether CPython refuses it."""
    key = AnswerCache.key(source, mode)
    said = _Worker.known.get(key) or done.answers.get(key)
    if said is None:
        said = done.answers[key] = _Worker.oracle.answer(source, mode)
    if said.answered:
        done.result.steps.add(_Worker.climber.climb(name, source, said, mode))
    return not said.accepted
