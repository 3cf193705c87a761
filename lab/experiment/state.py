"""What a run has done so far, on disk and in memory."""

from lab.core.schema import LeftOut
from lab.store.run import RunWriter, Shard


class RunState:
    """The shards of an unsealed run and what follows from them. Used from one thread, the runner's.

    Args:
        writer: of the run; every shard that `store` gets is on disk when it returns.

    Attributes:
        done: names of the finished pieces of work.
        failed: ids of the cases that failed.
        refused: (case, arm, mode) that this machine cannot run.
        left_out: what was not measured, and why.
    """

    def __init__(self, writer: RunWriter) -> None:
        self.writer = writer
        self.plan = writer.plan
        self.done: set[str] = set()
        self.failed: set[str] = set()
        self.refused: set[tuple[str, str, str]] = set()
        self.left_out: list[LeftOut] = []
        self.resumed = writer.shards()
        for shard in self.resumed:
            self._take(shard)

    def _take(self, shard: Shard) -> None:
        self.done.add(shard.work)
        self.failed |= {row.case for row in shard.measurements if row.status == "failed"}
        self.refused |= {(row.case, row.arm, row.mode) for row in shard.measurements if row.status == "unavailable"}

    def store(self, shard: Shard) -> None:
        """Keep what one worker measured.

        Raises:
            StoreError: it could not be written.
        """
        self.writer.add(shard)
        self._take(shard)
