"""Runs on disk: the only place that reads and writes them.

A run is a folder ``reports/runs/<id>/``::

    plan.json              what was decided before the first worker started
    shards/000017.json     what one finished worker measured (temporary file, fsync, rename)
    artifacts/...          files that probes left (flame graphs)
    measurements.parquet   the tidy table, written when the run is sealed
    run.json               written last: its presence says that the run is complete; sealed with the plan and the table
    index.html             the report, derived from the above and written again at will
    lock                   held while a process writes the run

After sealing, the measured files do not change. ``reports/latest`` points at the newest sealed run.
"""

from lab.store.files import copy_atomically, write_atomically
from lab.store.run import RunReader, RunWriter, find_run, list_runs, point_latest

__all__ = ["RunReader", "RunWriter", "copy_atomically", "find_run", "list_runs", "point_latest", "write_atomically"]
