"""The calibration of this machine on disk: one file per user, which every project on the machine reads.

It is kept in the user's state folder (`$XDG_STATE_HOME/portalis-lab`, `~/.local/state/portalis-lab` if that is not
set), because it describes the machine and not a project.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from lab.core.calibration import CALIBRATION_SCHEMA, Calibration
from lab.store.files import write_atomically

# Facts on which a calibration depends; where one differs, the stored calibration does not apply.
DECIDING_FACTS = (
    "cpu.model", "cpu.usable", "system.kernel", "system.architecture", "memory.page_bytes", "memory.huge_pages",
)  # fmt: skip


def calibration_path() -> Path:
    """Where the calibration of this machine is kept."""
    state = os.environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "portalis-lab" / "calibration.json"


def deciding_facts(facts: Mapping[str, str]) -> dict[str, str]:
    """The part of a machine's facts that a calibration depends on."""
    return {name: facts.get(name, "") for name in DECIDING_FACTS}


def write_calibration(calibration: Calibration) -> Path:
    """Store a calibration in place of the former one and return its path.

    Raises:
        StoreError: the folder cannot be written.
    """
    path = calibration_path()
    write_atomically(path, msgspec.json.format(msgspec.json.encode(calibration), indent=1))
    return path


def read_calibration(facts: Mapping[str, str]) -> tuple[Calibration | None, str]:
    """The stored calibration if it applies to a machine with these facts, and if not, the reason.

    Returns:
        (calibration, "") or (None, reason). A missing or damaged file is a reason like any other: runs then use the
        shipped margins.
    """
    path = calibration_path()
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None, "this machine has not been calibrated; run lab calibrate"
    except OSError as error:
        return None, f"{path} cannot be read ({error.strerror}); fix its permissions or run lab calibrate"
    try:
        if msgspec.json.decode(data, type=_SchemaOnly).schema != CALIBRATION_SCHEMA:
            return None, "another version of the lab wrote the stored calibration; run lab calibrate"
        stored = msgspec.json.decode(data, type=Calibration)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return None, f"{path} is damaged ({error}); run lab calibrate, which replaces it"
    for name, value in deciding_facts(facts).items():
        if stored.machine.get(name, "") != value:
            return None, (
                f"the stored calibration is for {name} = {stored.machine.get(name) or 'unknown'}, this machine has"
                f" {value or 'unknown'}; run lab calibrate"
            )
    return stored, ""


class _SchemaOnly(msgspec.Struct):
    schema: int
