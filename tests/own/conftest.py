"""A folder with a user's own code: two functions, a C file, data; and `lab` called there."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.project import lab_command

OLD = '''"""The old way."""
import json


def parse(text):
    found = []
    for number in json.loads(text):
        total = 0
        for factor in range(40):
            total += factor * number
        found.append(total)
    return found


def raises(text):
    return helper(text)


def helper(text):
    raise ValueError("made to raise")


def dies(text):
    import os
    os.abort()


def hangs(text):
    import time
    time.sleep(3600)


def prints(text):
    print("from the user's code")
    return parse(text)


def lazy(text):
    yield text


def hogs(text):
    kept = []
    while True:
        kept.append(bytearray(1 << 36))


def leaves(text):
    raise SystemExit(0)


def as_text(data):
    return json.dumps(data * 100)
'''
NEW = '''"""The new way."""
import json


def parse(text):
    return [number * 780 for number in json.loads(text)]


def wrong(text):
    return [number * 781 for number in json.loads(text)]
'''

Lab = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The user's folder."""
    (tmp_path / "old.py").write_text(OLD)
    (tmp_path / "new.py").write_text(NEW)
    (tmp_path / "sample.json").write_text(str(list(range(300))))
    return tmp_path


@pytest.fixture
def lab(folder: Path) -> Lab:
    """Runs the installed `lab` in the folder."""

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            lab_command(*arguments), cwd=folder, capture_output=True, text=True, timeout=300, check=False
        )

    return call
