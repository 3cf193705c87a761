"""What the figures of a deterministic pass depend on, as text: see lab.experiment.remember."""

import functools
import hashlib
import platform
from pathlib import Path

from lab.measure import facts
from lab.measure.native import Native
from lab.measure.probe import Job


def identity_of(native: Native, job: Job, *modules: str) -> list[str]:
    """The job, the code that it runs, and the machine as far as code chooses its path by it.

    Args:
        native: the driver and the kernels.
        job: an arm of a case.
        modules: files of lab.measure that decide how the probe counts; a change in any of them is another version.
    """
    return [
        *(_source_digest(name) for name in ("counting.py", "process.py", *modules)),
        native.counted_digest(),
        str(native.cpus),  # kernels may start as many threads
        *_processor(),
        hashlib.sha256(job.library.read_bytes()).hexdigest() if job.library else "",
        job.case.kernel,
        job.case.input_digest,
        *(f"{key}={value}" for key, value in sorted(job.arm.args.items())),
        *(f"{key}={value}" for key, value in sorted(job.arm.environment.items())),
        job.arm.missing,
    ]


@functools.cache
def _source_digest(name: str) -> str:
    return f"{name} {hashlib.sha256((Path(__file__).parent / name).read_bytes()).hexdigest()}"


@functools.cache
def _processor() -> tuple[str, ...]:
    """The C library and the vector units, by which libraries choose among versions of a function."""
    known = facts.read_processor()
    return (
        platform.machine(),
        " ".join(platform.libc_ver()),
        known.get("cpu.model", ""),
        known.get("cpu.simd", ""),
        facts.read_memory().get("memory.page_bytes", ""),
    )
