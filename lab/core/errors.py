"""The exceptions of the lab and the exit code that each stands for.

::

    LabError                     exit 4
    ├── UsageError               exit 2   the command or a declaration is wrong; nothing was done
    ├── EnvironmentFailure       exit 4   this machine cannot do it; nothing was measured
    │   └── ProbeUnavailable     exit 4   one probe cannot work here; becomes an `unavailable` row inside a run
    └── StoreError               exit 4   a run on disk cannot be read or written
        ├── SchemaTooNew         exit 4   it was written by a newer lab
        ├── CorruptRun           exit 4   it is damaged
        └── RunLocked            exit 4   another process is writing it

A message is one line and names the remedy. `lab.cli` is the only place that turns an error into an exit code.
"""

EXIT_OK = 0
EXIT_WORSE = 1
EXIT_USAGE = 2
EXIT_CASES_FAILED = 3
EXIT_ENVIRONMENT = 4
EXIT_INTERRUPTED = 130


class LabError(Exception):
    """Anything the lab reports to its user in one line."""

    exit_code = EXIT_ENVIRONMENT


class UsageError(LabError):
    """A wrong name, option or declaration."""

    exit_code = EXIT_USAGE


class EnvironmentFailure(LabError):
    """The machine lacks what the command needs."""


class ProbeUnavailable(EnvironmentFailure):
    """A probe cannot work on this machine; the message says why and what would help."""


class StoreError(LabError):
    """A stored run cannot be read or written."""


class SchemaTooNew(StoreError):
    """The run was written by a newer lab."""


class CorruptRun(StoreError):
    """A file of the run is damaged or missing."""


class RunLocked(StoreError):
    """Another process holds the run."""
