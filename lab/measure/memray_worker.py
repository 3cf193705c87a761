"""The process that memray looks at: one kernel, set up and run for one pass under the tracker.

Reads a MemrayOrder from standard input and answers with one MemrayAnswer. Nothing else goes to standard output.
"""

import ctypes
import os
import signal
import sys

import memray
import msgspec
from memray import AllocatorType

from lab._ffi import ffi, lib
from lab.measure.memray import MemrayAnswer, MemrayOrder

_PR_SET_PDEATHSIG = 1
_GIVEN_BACK = {AllocatorType.FREE, AllocatorType.MUNMAP}


def main() -> None:
    """Do what the order says."""
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=MemrayOrder)
    _die_with(order.parent)
    sys.stdout.buffer.write(msgspec.json.encode(trace(order)) + b"\n")


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
        result = ffi.new("lk_result *")
        iterations = 0
        with memray.Tracker(order.trace, native_traces=True, file_format=memray.FileFormat.ALL_ALLOCATIONS):
            status = lib.lp_subject_setup(kernel, args, data[0], subject, message)
            if status == lib.LK_OK:
                iterations = getattr(subject, "pass")  # a keyword here, a field there
                status = lib.lp_subject_run(subject, 0, iterations, result)
        if status != lib.LK_OK:
            reason = _text(message) or f"the kernel returned status {status}"
            return MemrayAnswer(reason=reason, unsupported=status == lib.LK_UNSUPPORTED)
    finally:
        lib.lp_subject_teardown(subject)
        lib.lp_input_unmap(data)
        lib.lp_library_close(library)
    with memray.FileReader(order.trace) as reader:
        made = sum(1 for record in reader.get_allocation_records() if record.allocator not in _GIVEN_BACK)
        peak_bytes = reader.metadata.peak_memory
    return MemrayAnswer(iterations=iterations, allocations=made, peak_bytes=peak_bytes)


def _text(message: ffi.CData) -> str:
    return str(ffi.string(message.text).decode(errors="replace"))


def _die_with(parent: int) -> None:
    """Leave when the process that gave the order goes, also if it went before this was arranged."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(3)


if __name__ == "__main__":
    main()
