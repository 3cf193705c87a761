"""What a run has done so far, on disk and in memory."""

from concurrent.futures import Future, ThreadPoolExecutor

from lab.core.schema import LeftOut
from lab.experiment.lives import Lives
from lab.store.run import RunWriter, Shard


class RunState:
    """The shards of an unsealed run and what follows from them. Used from one thread, the runner's.

    A shard is written while the next worker starts: waiting for the disk would take a tenth of the run. So a crash
    loses at most one finished worker. `flush` waits for the last one.

    Args:
        writer: of the run.

    Attributes:
        done: names of the finished pieces of work.
        failed: ids of the cases that failed.
        refused: (case, arm, mode) that this machine cannot run.
        left_out: what was not measured, and why.
        lives: where the time of the clock's workers went.
        resumed: what an earlier, interrupted part of the run stored.
    """

    def __init__(self, writer: RunWriter) -> None:
        self.writer = writer
        self.plan = writer.plan
        self.done: set[str] = set()
        self.failed: set[str] = set()
        self.refused: set[tuple[str, str, str]] = set()
        self.left_out: list[LeftOut] = []
        self.lives = Lives()
        self._disk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="shards")
        self._writing: Future[None] | None = None
        self.resumed = writer.shards()
        for shard in self.resumed:
            self._take(shard)

    def _take(self, shard: Shard) -> None:
        self.done.add(shard.work)
        self.lives.add(shard)
        self.failed |= {row.case for row in shard.measurements if row.status == "failed"}
        self.refused |= {(row.case, row.arm, row.mode) for row in shard.measurements if row.status == "unavailable"}

    def store(self, shard: Shard) -> None:
        """Keep what one worker measured; it is on disk once `flush`, or the next call, has returned.

        Raises:
            StoreError: this shard or the one before could not be written.
        """
        self.flush()
        self._writing = self._disk.submit(self.writer.add, shard)
        self._take(shard)

    def flush(self) -> None:
        """Wait until everything that was stored is on disk.

        Raises:
            StoreError: it could not be written.
        """
        if self._writing is not None:
            writing, self._writing = self._writing, None
            writing.result()
