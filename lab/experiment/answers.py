"""Reading a worker's answers: whatever a line holds, it is an answer to what was asked or it is refused.

Code of others runs in the worker and may write on the channel, so nothing that comes from it is taken on trust.
"""

from collections.abc import Collection
from typing import Any

import msgspec

from lab.core.printable import shortened
from lab.measure.process import BadAnswer

MOST = 2**62  # of iterations, items and nanoseconds: what the table's columns hold, with room to add
SHOWN = 80
_KINDS = {"begin", "id", "life_ns", "broken"}
_STATUSES = ("ok", "failed", "unsupported")
_COSTS = {"spent_ns": 5, "life_ns": 4}  # what the parts of a command took, and of the worker
_TIMES = ("baseline_ns", "treatment_ns", "ns")


def read_answer(line: str, *, current: str | None, unanswered: Collection[str]) -> dict[str, Any]:
    """One line of a worker.

    Args:
        line: as it came.
        current: the command that the worker has begun, None between two.
        unanswered: the commands that it may begin.

    Raises:
        BadAnswer: the line is not what the worker can say at this point.
    """
    try:
        answer = msgspec.json.decode(line)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise _stray(line) from error
    if not isinstance(answer, dict) or not answer.keys() & _KINDS:
        raise _stray(line)
    if isinstance(answer.get("broken"), str):
        raise BadAnswer(answer["broken"])
    if "begin" in answer:
        if current is not None or not _is_one_of(answer["begin"], unanswered):
            raise _stray(line)
    elif "id" in answer and not (
        _is_one_of(answer["id"], unanswered if current is None else [current])
        and _is_one_of(answer.get("status"), _STATUSES)
    ):
        raise _stray(line)
    _check_costs(answer, line)
    if answer.get("status") == "ok":
        _check_figures(answer, line)
    elif "id" in answer and not isinstance(answer.get("reason"), str):
        raise _stray(line)
    return answer


def _is_one_of(value: object, known: Collection[str]) -> bool:
    return isinstance(value, str) and value in known


def _check_costs(answer: dict[str, Any], line: str) -> None:
    for name, count in _COSTS.items():
        if name in answer and not (_are_counts(answer[name]) and len(answer[name]) == count):
            raise _stray(line)


def _are_counts(values: object) -> bool:
    return isinstance(values, list) and all(type(one) is int and 0 <= one <= MOST for one in values)


def _check_figures(answer: dict[str, Any], line: str) -> None:
    """Counts are whole and fit the table; there are as many times as flags."""
    for name in ("iterations", "items"):
        value = answer.get(name, 0)
        if type(value) is not int or value < 0:
            raise _stray(line)
        if value > MOST:
            raise BadAnswer(
                f"the kernel claims {value:.3g} {name} in one sample; run(first, count) must do count iterations"
            )
    flags = answer.get("flags", "")
    if not isinstance(flags, str) or flags.strip("01234567"):
        raise _stray(line)
    for name in _TIMES:
        times = answer.get(name, [0] * len(flags))
        if not _are_counts(times) or len(times) != len(flags):
            raise _stray(line)


def _stray(line: str) -> BadAnswer:
    return BadAnswer(f"the kernel wrote into the worker's answers: {shortened(line, SHOWN)}")
