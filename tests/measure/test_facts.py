"""Facts: read from recorded trees, left out where the system does not say."""

import sys
from pathlib import Path

import pytest

from lab.measure import facts
from lab.measure.native import Native

CPUINFO = """processor\t: 0
vendor_id\t: AuthenticAMD
model name\t: AMD EPYC
flags\t\t: fpu sse2 avx avx2 avx512f hypervisor

processor\t: 1
model name\t: another
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The files of a small virtual machine."""
    files = {
        "proc/cpuinfo": CPUINFO,
        "proc/sys/kernel/perf_event_paranoid": "2\n",
        "proc/sys/kernel/randomize_va_space": "2\n",
        "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "powersave\n",
        "sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n",
        "sys/kernel/mm/transparent_hugepage/hpage_pmd_size": "2097152\n",
        "sys/devices/system/clocksource/clocksource0/current_clocksource": "kvm-clock\n",
        "sys/devices/system/node/node0/cpulist": "0",
        "sys/devices/system/node/node1/cpulist": "1",
        "sys/devices/system/node/possible": "0-1",
    }
    caches = [
        ("1", "Data", "32K", "8"),
        ("1", "Instruction", "32K", "8"),
        ("2", "Unified", "1M", "8"),
        ("3", "Unified", "33554432", "0"),
    ]
    for number, (level, kind, size, ways) in enumerate(caches):
        folder = f"sys/devices/system/cpu/cpu0/cache/index{number}"
        files |= {
            f"{folder}/level": level,
            f"{folder}/type": kind,
            f"{folder}/size": size,
            f"{folder}/ways_of_associativity": ways,
            f"{folder}/coherency_line_size": "64",
        }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_the_processor_is_the_first_one(tree: Path) -> None:
    """Model, vector instructions, virtual machine, governor."""
    assert facts.read_processor(tree) == {
        "cpu.model": "AMD EPYC", "cpu.simd": "sse2 avx avx2 avx512f", "cpu.virtual": "yes", "cpu.governor": "powersave",
    }  # fmt: skip


def test_caches_carry_their_geometry_and_those_without_are_left_out(tree: Path) -> None:
    """Bytes, ways, line; a cache whose associativity the hypervisor hides is not guessed."""
    assert facts.read_caches(tree) == {"cache.L1d": "32768,8,64", "cache.L1i": "32768,8,64", "cache.L2": "1048576,8,64"}


def test_memory_names_the_chosen_huge_page_mode_and_counts_nodes(tree: Path) -> None:
    """The bracketed word is the mode; only nodeN folders are nodes."""
    found = facts.read_memory(tree)
    assert (found["memory.huge_pages"], found["memory.huge_page_bytes"], found["numa.nodes"]) == (
        "madvise",
        "2097152",
        "2",
    )


def test_the_system_says_its_clock_and_limits(tree: Path) -> None:
    """Small files of /proc and /sys as they stand."""
    found = facts.read_system(tree)
    assert (found["system.clock"], found["perf.paranoid"]) == ("kvm-clock", "2")


def test_what_the_system_does_not_say_is_left_out(tmp_path: Path) -> None:
    """A bare tree gives no fact that it does not hold, and no error."""
    assert facts.read_caches(tmp_path) == {}
    assert "system.clock" not in facts.read_system(tmp_path)
    assert "memory.huge_pages" not in facts.read_memory(tmp_path)
    assert set(facts.read_processor(tmp_path)) == {"cpu.model"}


def test_the_driver_tells_its_compiler(native: Native) -> None:
    """Part of what makes figures comparable."""
    built = facts.read_build(native)
    assert built["build.abi"] == "1"
    assert built["build.compiler"]


def test_pyperf_metadata_is_taken_over() -> None:
    """pyperf's own command writes it; folders of this machine are left out."""
    found = facts.read_pyperf(sys.executable)
    assert found["pyperf.python_implementation"] == sys.implementation.name
    assert "pyperf.python_executable" not in found


def test_a_missing_pyperf_says_why() -> None:
    """An interpreter that does not run pyperf leaves the reason as a fact."""
    assert facts.read_pyperf("false") == {"pyperf.unavailable": "ended with exit code 1: it said nothing"}
