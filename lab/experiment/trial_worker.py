"""The process in which Python kernels are tried: reads a TrialOrder, answers with a Trial a line for every arm.

Started by `lab.measure.process.python_command`.
"""

import mmap
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from lab.core.errors import UsageError
from lab.experiment.callables import AnswersDiffer, CallableArm
from lab.experiment.failure import reason_of, traceback_of
from lab.experiment.python_kernel import PythonKernel, load_factory
from lab.experiment.trials import Trial, TrialOrder
from lab.measure.answering import Channel

SHORT_S = 0.2  # a run that takes less is run a second time, without what is done at first use


def main(arguments: Sequence[str] = ()) -> None:
    """Do what the order on standard input says."""
    del arguments
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=TrialOrder)
    channel = Channel()
    data = map_input(order.input_path)
    first: PythonKernel | None = None
    for name, args in order.arms.items():
        trial, made = _try(name, order.kernel, args, data)
        if first is not None and made is not None:
            trial = _compare(trial, first, made)
        first = first or made
        channel.write(msgspec.json.encode(trial))


def map_input(path: str | None) -> memoryview | None:
    """An input file, mapped; None where there is none."""
    if path is None:
        return None
    with Path(path).open("rb") as file:
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def _try(name: str, kernel: str, args: dict[str, str], data: memoryview | None) -> tuple[Trial, PythonKernel | None]:
    try:
        made = load_factory(kernel)(args, data)
        seconds = _once(made)
        return Trial(name, min(seconds, _once(made)) if seconds < SHORT_S else seconds), made
    except UsageError as error:
        return Trial(name, reason=str(error)), None
    except (Exception, SystemExit) as error:
        return Trial(name, reason=reason_of(error), traceback=traceback_of(error)), None


def _once(made: PythonKernel) -> float:
    """Seconds of one run."""
    start = time.perf_counter()
    if isinstance(made, CallableArm):
        made.call()
    else:
        made.run(0, 1)
    return time.perf_counter() - start


def _compare(trial: Trial, first: PythonKernel, made: PythonKernel) -> Trial:
    """Plain functions are compared by what they return; other kernels when they are measured."""
    if not (isinstance(first, CallableArm) and isinstance(made, CallableArm)):
        return trial
    try:
        first.compare(made)
    except AnswersDiffer as error:
        return msgspec.structs.replace(trial, reason=str(error), differs=True)
    except (Exception, SystemExit) as error:
        return msgspec.structs.replace(trial, reason=reason_of(error), traceback=traceback_of(error))
    return trial


if __name__ == "__main__":
    main()
