"""An exception of the user's code as text: one line for a table, and the traceback as Python shows it."""

import traceback
from pathlib import Path

_OWN = str(Path(__file__).resolve().parent)


def reason_of(error: BaseException) -> str:
    """The exception in one line, with file, line and function where it was raised in the user's code."""
    text = " ".join(f"{type(error).__name__}: {error}".split()) if str(error) else type(error).__name__
    frames = _frames(error)
    if not frames:
        return text
    last = frames[-1]
    return f"{text} ({last.filename}:{last.lineno}, in {last.name})"


def traceback_of(error: BaseException) -> str:
    """The traceback without the lab's own frames."""
    stack = traceback.StackSummary.from_list(_frames(error))
    shown = traceback.TracebackException.from_exception(error)
    shown.stack = stack
    return "".join(shown.format())


def _frames(error: BaseException) -> list[traceback.FrameSummary]:
    frames = traceback.extract_tb(error.__traceback__)
    return [frame for frame in frames if not frame.filename.startswith((_OWN, "<frozen importlib"))]
