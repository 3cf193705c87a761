"""Keeping a worker's answers apart from what the measured code prints."""

import os
import sys
from typing import IO


def take_stdout() -> IO[str]:
    """A stream to this process's standard output; whatever prints from now on writes to standard error.

    Call it before any code of the user's is imported.
    """
    sys.stdout.flush()
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.set_inheritable(stream.fileno(), False)
    os.dup2(2, 1)
    return stream
