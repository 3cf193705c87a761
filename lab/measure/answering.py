"""The worker's end of the channel on which it answers; for workers written in Python."""

import fcntl
import os
import random

from lab.measure.process import ANSWERS_FD

_FIRST_FREE = 100
_NUMBERS = 100


class Channel:
    """Writes answers, one line each, on a descriptor that code of others does not meet by chance.

    The descriptor is moved away from its agreed number to a drawn one, which programs that the worker starts do not
    inherit; standard input becomes empty. Make it when the plan has been read. Not thread-safe.
    """

    def __init__(self, descriptor: int = ANSWERS_FD) -> None:
        least = _FIRST_FREE + random.SystemRandom().randrange(_NUMBERS)
        self._descriptor = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, least)
        self._owner = os.getpid()
        os.close(descriptor)
        empty = os.open(os.devnull, os.O_RDONLY)
        os.dup2(empty, 0)
        os.close(empty)

    @property
    def is_ours(self) -> bool:
        """Whether this is the process that made the channel, and not one that was forked from it."""
        return os.getpid() == self._owner

    def write(self, line: bytes) -> None:
        """Write one line, given without its end.

        Raises:
            OSError: the channel is closed.
        """
        data = memoryview(line + b"\n")
        while data:
            data = data[os.write(self._descriptor, data) :]
