"""Native translators and the team that runs them, under the name of their C header, `pm/translate.h`.

The code is in `lab.memory.bridge`.
"""

from lab.memory.bridge.team import COPY, NativeTranslator, TeamStats, Translation, WorkerTeam

__all__ = ["COPY", "NativeTranslator", "TeamStats", "Translation", "WorkerTeam"]
