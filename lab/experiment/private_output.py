"""What the small workers share: answers apart from what the measured code prints, and an end with their parent."""

import ctypes
import os
import signal
import sys
from typing import IO

_PR_SET_PDEATHSIG = 1
_EXIT_ORPHANED = 3


def take_stdout() -> IO[str]:
    """A stream to this process's standard output; whatever prints from now on writes to standard error.

    Call it before any code of the user's is imported.
    """
    sys.stdout.flush()
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.set_inheritable(stream.fileno(), False)
    os.dup2(2, 1)
    return stream


def die_with(parent: int) -> None:
    """Arrange to be killed when the process that asks goes, and leave if it went before that."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(_EXIT_ORPHANED)
