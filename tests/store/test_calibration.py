"""The calibration of this machine on disk."""

from pathlib import Path

import msgspec
import pytest

from lab.core.calibration import CALIBRATION_SCHEMA, Calibration
from lab.core.schema import Margin
from lab.store.calibration import calibration_path, deciding_facts, read_calibration, write_calibration

FACTS = {"cpu.model": "A", "cpu.usable": "2", "system.kernel": "6.1", "unrelated": "x"}


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def a_calibration(**changed: object) -> Calibration:
    fields = {
        "schema": CALIBRATION_SCHEMA, "created": "2026-11-28T00:00:00+00:00", "machine": deciding_facts(FACTS),
        "runs": ("one",), "minutes": 4.0, "sorts": (), "margins": {"cache": Margin(0.005, 0.01)},
    }  # fmt: skip
    return Calibration(**{**fields, **changed})  # type: ignore[arg-type]


def test_what_was_stored_is_read_on_the_same_machine() -> None:
    write_calibration(a_calibration())
    assert read_calibration({**FACTS, "unrelated": "y"}) == (a_calibration(), "")


def test_without_one_the_reason_names_the_command() -> None:
    found, reason = read_calibration(FACTS)
    assert found is None
    assert "lab calibrate" in reason


@pytest.mark.parametrize("fact", ["cpu.model", "cpu.usable", "system.kernel"])
def test_a_calibration_of_another_machine_or_kernel_does_not_apply(fact: str) -> None:
    write_calibration(a_calibration())
    found, reason = read_calibration({**FACTS, fact: "other"})
    assert found is None
    assert fact in reason
    assert "other" in reason


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff", b'{"schema": 1}', b'{"schema": "x"}'])
def test_a_damaged_file_is_a_reason_and_no_failure(data: bytes) -> None:
    calibration_path().parent.mkdir(parents=True)
    calibration_path().write_bytes(data)
    found, reason = read_calibration(FACTS)
    assert found is None
    assert "lab calibrate" in reason


def test_another_schema_is_a_reason() -> None:
    calibration_path().parent.mkdir(parents=True)
    calibration_path().write_bytes(msgspec.json.encode(a_calibration(schema=CALIBRATION_SCHEMA + 1)))
    assert read_calibration(FACTS)[0] is None
