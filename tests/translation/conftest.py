"""What the tests of the front end share: its sources, and who needs CPython's own answers."""

import sys
from pathlib import Path

import pytest

SOURCES = sorted((Path(__file__).parent / "sources").glob("*.py"))
SPEAKS = sys.version_info[:2] == (3, 11)
needs_answers = pytest.mark.skipif(
    not SPEAKS, reason="CPython's answers are those of the running version, and the front end knows the grammar of 3.11"
)
