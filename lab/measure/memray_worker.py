"""The process that memray looks at: one kernel, set up and run for one pass under the tracker.

Reads a MemrayOrder from standard input and answers with one MemrayAnswer on the channel of its own.
"""

import sys
from collections.abc import Sequence

import memray
import msgspec
from memray import AllocatorType

from lab._ffi import ffi, lib
from lab.measure import memray as probe
from lab.measure.answering import Channel
from lab.measure.memray import MemrayAnswer, MemrayOrder

_GIVEN_BACK = {AllocatorType.FREE, AllocatorType.MUNMAP}
_ALIGNED = {AllocatorType.ALIGNED_ALLOC, AllocatorType.MEMALIGN, AllocatorType.POSIX_MEMALIGN}


def main(arguments: Sequence[str] = ()) -> None:
    """Do what the order on standard input says."""
    del arguments
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=MemrayOrder)
    channel = Channel()
    channel.write(msgspec.json.encode(trace(order)))


def trace(order: MemrayOrder) -> MemrayAnswer:
    """Run the kernel under the tracker; the capture is in order.trace where the answer has no reason."""
    message = ffi.new("lk_message *")
    data = ffi.new("lk_input *")
    subject = ffi.new("lp_subject *")
    library = lib.lp_library_open(order.library.encode(), message)
    if library == ffi.NULL:
        return MemrayAnswer(reason=_text(message))
    try:
        kernel = lib.lp_library_find(library, order.kernel.encode())
        if kernel == ffi.NULL:
            return MemrayAnswer(reason=f"the library has no kernel {order.kernel!r}")
        if order.input_path and lib.lp_input_map(order.input_path.encode(), data, message) != lib.LK_OK:
            return MemrayAnswer(reason=_text(message))
        texts = [[ffi.new("char[]", text.encode()) for text in pair] for pair in order.args.items()]
        items = ffi.new("lk_arg[]", texts)
        args = ffi.new("lk_args *", {"items": items, "count": len(texts)})
        setup_trace = f"{order.trace}.setup"
        status = iterations = 0
        # The first trace of setup is overwritten: it holds what is allocated at first use, by the interpreter too.
        for path in (setup_trace, setup_trace, order.trace):
            lib.lp_subject_teardown(subject)
            setup = (kernel, args, data[0], subject, message)
            status, iterations = _traced(path, setup, with_pass=path == order.trace)
            if status != lib.LK_OK:
                reason = _text(message) or f"the kernel returned status {status}"
                return MemrayAnswer(reason=reason, unsupported=status == lib.LK_UNSUPPORTED)
    finally:
        lib.lp_subject_teardown(subject)
        lib.lp_input_unmap(data)
        lib.lp_library_close(library)
    return MemrayAnswer(iterations=iterations, figures=_of_setup(setup_trace) | _of_all(order.trace))


def _traced(path: str, setup: tuple[ffi.CData, ...], *, with_pass: bool) -> tuple[int, int]:
    """Set up, with what lp_subject_setup takes, and run one pass, if wanted, under the tracker: status, iterations."""
    subject, result, iterations = setup[3], ffi.new("lk_result *"), 0
    capture = memray.FileDestination(path, overwrite=True)
    with memray.Tracker(destination=capture, native_traces=True, file_format=memray.FileFormat.ALL_ALLOCATIONS):
        status = lib.lp_subject_setup(*setup)
        if status == lib.LK_OK and with_pass:
            iterations = getattr(subject, "pass")  # a keyword here, a field there
            status = lib.lp_subject_run(subject, 0, iterations, result)
    return status, iterations


def _of_setup(path: str) -> dict[str, int]:
    with memray.FileReader(path) as reader:
        sizes = [record.size for record in reader.get_allocation_records() if record.allocator not in _GIVEN_BACK]
        kept = sum(record.size for record in reader.get_leaked_allocation_records())
    return {
        probe.SETUP_ALLOCATIONS.name: len(sizes),
        probe.SETUP_BYTES.name: sum(sizes),
        probe.SETUP_KEPT_BYTES.name: kept,
    }


def _of_all(path: str) -> dict[str, int]:
    made = allocated = aligned = 0
    with memray.FileReader(path) as reader:
        for record in reader.get_allocation_records():
            if record.allocator not in _GIVEN_BACK:
                made, allocated, aligned = made + 1, allocated + record.size, aligned + (record.allocator in _ALIGNED)
        at_peak = reader.get_high_watermark_allocation_records()
        peak_aligned = sum(record.n_allocations for record in at_peak if record.allocator in _ALIGNED)
        peak_bytes = reader.metadata.peak_memory
    return {
        probe.ALLOCATIONS.name: made,
        probe.ALLOCATED_BYTES.name: allocated,
        probe.PEAK_BYTES.name: peak_bytes,
        probe.ALIGNED.name: aligned,
        probe.PEAK_ALIGNED.name: peak_aligned,
    }


def _text(message: ffi.CData) -> str:
    return str(ffi.string(message.text).decode(errors="replace"))
