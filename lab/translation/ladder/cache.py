"""CPython's answers on disk, so that each source is asked about once: by its content, the Python version and the mode.

One file of JSON lines per Python version and per state of the code that asks. Lines are only appended; one that was cut
off by an end of the process is skipped.
"""

import hashlib
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Final

from lab.translation import decoding
from lab.translation.ladder import cpython
from lab.translation.ladder.answers import Answer, codes_of
from lab.translation.ladder.cpython import Mode, digest

FOLDER: Final = "portalis-lab"


def cache_folder() -> Path:
    """Where the platform keeps what can be computed again."""
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / FOLDER / "Cache"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / FOLDER
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / FOLDER


class AnswerCache:
    """Answers by source and mode; keeps what it is given in memory, and on disk where there is room.

    Args:
        folder: Where the file lies; the platform's cache folder where None.
        python: Version of the CPython that answers; the running one's where None.
    """

    def __init__(self, folder: Path | None = None, python: str | None = None) -> None:
        version = python or ".".join(map(str, sys.version_info[:3]))
        self.path = (folder or cache_folder()) / f"answers-{version}-{_code_version()}.jsonl"
        self._answers: dict[str, Answer] = {}
        try:
            lines = self.path.read_text().splitlines()
        except (OSError, UnicodeDecodeError):
            lines = []
        for line in lines:
            try:
                key, value = json.loads(line)
                self._answers[key] = Answer(**value)
            except (ValueError, TypeError):
                continue

    def __len__(self) -> int:
        return len(self._answers)

    @staticmethod
    def key(source: bytes, mode: Mode) -> str:
        """What an answer is kept under."""
        return f"{mode} {digest(source)}"

    def get(self, key: str) -> Answer | None:
        """An answer, where it is known."""
        return self._answers.get(key)

    def add(self, new: dict[str, Answer]) -> None:
        """Keep answers; a disk that refuses costs asking again, nothing else."""
        self._answers.update(new)
        if not new:
            return
        text = "".join(json.dumps([key, asdict(value)]) + "\n" for key, value in new.items())
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a") as file:
                file.write(text)
        except OSError:
            return


def _code_version() -> str:
    """Of the code that says what an answer is, and of the codes of nodes and fields in it."""
    sources = b"".join(Path(module.__file__ or "").read_bytes() for module in (cpython, decoding))
    return hashlib.blake2b(sources + repr(codes_of()).encode(), digest_size=6).hexdigest()
