"""The process that looks at the memory of one Python kernel: reads a MemoryOrder, answers with a MemoryAnswer.

Started by `lab.measure.process.python_command`.
"""

import gc
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from lab.experiment import python_memory as probe
from lab.experiment.failure import reason_of
from lab.experiment.python_kernel import PythonKernel, Unsupported, load_factory
from lab.experiment.python_memory import MemoryAnswer, MemoryOrder
from lab.experiment.trial_worker import map_input
from lab.measure.answering import Channel

_RESET_PEAK = "5"  # written to clear_refs: see proc(5)


def main(arguments: Sequence[str] = ()) -> None:
    """Do what the order on standard input says."""
    del arguments
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=MemoryOrder)
    channel = Channel()
    try:
        answer = _answer(order)
    except Unsupported as error:
        answer = MemoryAnswer(reason=str(error), unsupported=True)
    except (Exception, SystemExit) as error:
        answer = MemoryAnswer(reason=reason_of(error))
    channel.write(msgspec.json.encode(answer))


def _answer(order: MemoryOrder) -> MemoryAnswer:
    kernel = load_factory(order.kernel)(order.args, map_input(order.input_path))
    length = kernel.pass_iterations
    if order.traced:
        import memray  # noqa: F401 - before the pass that is not looked at
    kernel.run(0, length)
    gc.collect()
    gc.disable()
    if not order.traced:
        start = _status("VmRSS") if _reset_peak() else None
        _, items = kernel.run(length, length)
        peak = _status("VmHWM")
        known = start is not None and peak is not None
        return MemoryAnswer(iterations=length, items=items, resident=max(0, peak - start) if known else None)  # type: ignore[operator]
    return _traced(kernel, length)


def _traced(kernel: PythonKernel, length: int) -> MemoryAnswer:
    import memray
    from memray import AllocatorType

    given_back = {AllocatorType.FREE, AllocatorType.MUNMAP, AllocatorType.PYMALLOC_FREE}
    with tempfile.TemporaryDirectory(prefix="lab-python-memory-") as folder:
        path = Path(folder) / "capture.bin"
        whole = memray.FileFormat.ALL_ALLOCATIONS
        with memray.Tracker(
            destination=memray.FileDestination(path, overwrite=True), file_format=whole, trace_python_allocators=True
        ):
            _, items = kernel.run(length, length)
        made = allocated = 0
        with memray.FileReader(path) as reader:
            for record in reader.get_allocation_records():
                if record.allocator not in given_back:
                    made, allocated = made + 1, allocated + record.size
            peak = reader.metadata.peak_memory
    figures = {
        probe.ALLOCATIONS.name: made,
        probe.ALLOCATED_BYTES.name: allocated,
        probe.PEAK_BYTES.name: peak,
    }
    return MemoryAnswer(iterations=length, items=items, figures=figures)


def _reset_peak() -> bool:
    try:
        Path("/proc/self/clear_refs").write_text(_RESET_PEAK)
    except OSError:
        return False
    return True


def _status(name: str) -> int | None:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return None
    found = next((line.split() for line in lines if line.startswith(f"{name}:")), None)
    return int(found[1]) * 1024 if found else None


if __name__ == "__main__":
    main()
