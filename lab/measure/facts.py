"""What the system says about itself: flat text facts, one `read_*` function per source.

Each function takes the root of the file system, so that it can be pointed at a recorded tree, and leaves out what the
system does not say.
"""

import functools
import os
import platform
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec
import psutil

from lab.measure.native import Native, usable_cpus
from lab.measure.process import run_lines

ROOT = Path("/")
SIMD_FLAGS = ("sse2", "sse4_2", "avx", "avx2", "avx512f", "avx512bw", "asimd", "sve")
_UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
TOOLS = ("valgrind", "heaptrack")
_PYPERF_TIMEOUT_S = 30.0
# Of the collecting process itself, or folders of this machine: nothing that explains a measurement.
_PYPERF_NOISE = {"name", "mem_max_rss", "python_executable", "python_config_args", "python_cflags"}


def read_text(path: Path) -> str | None:
    """The stripped text of a small file of /proc or /sys; None where there is none."""
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return None


def read_processor(root: Path = ROOT) -> dict[str, str]:
    """Model, features, hypervisor, governor."""
    info: dict[str, str] = {}
    for line in (read_text(root / "proc/cpuinfo") or "").splitlines():
        key, colon, value = line.partition(":")
        if colon:
            info.setdefault(key.strip(), value.strip())
    flags = (info.get("flags") or info.get("Features") or "").split()
    cpufreq = root / "sys/devices/system/cpu/cpu0/cpufreq"
    return _known(
        {
            "cpu.model": info.get("model name") or info.get("CPU part") or platform.processor() or platform.machine(),
            "cpu.simd": " ".join(flag for flag in SIMD_FLAGS if flag in flags),
            "cpu.virtual": "yes" if "hypervisor" in flags else "no" if flags else None,
            "cpu.vendor": read_text(root / "sys/hypervisor/type") or read_text(root / "sys/class/dmi/id/sys_vendor"),
            "cpu.governor": read_text(cpufreq / "scaling_governor"),
        }
    )


def read_caches(root: Path = ROOT) -> dict[str, str]:
    """Geometry of processor 0's caches: "cache.L1d" -> "bytes,ways,line bytes", likewise L1i, L2, L3."""
    found = {}
    for folder in sorted((root / "sys/devices/system/cpu/cpu0/cache").glob("index*")):
        texts = [read_text(folder / name) for name in ("level", "type", "size", "ways_of_associativity")]
        level, kind, size, ways = texts
        match = re.fullmatch(r"(\d+)([KMG]?)", size or "")
        if level and kind and match and ways and int(ways) > 0:
            line = read_text(folder / "coherency_line_size") or "64"
            suffix = {"Data": "d", "Instruction": "i"}.get(kind, "") if level == "1" else ""
            found[f"cache.L{level}{suffix}"] = f"{int(match[1]) * _UNITS.get(match[2], 1)},{ways},{line}"
    return found


def read_memory(root: Path = ROOT) -> dict[str, str]:
    """Total memory, page sizes, whether huge pages are given, NUMA nodes."""
    huge = root / "sys/kernel/mm/transparent_hugepage"
    modes = re.search(r"\[(\w+)\]", read_text(huge / "enabled") or "")
    nodes = list((root / "sys/devices/system/node").glob("node[0-9]*"))
    return _known(
        {
            "memory.total_bytes": str(psutil.virtual_memory().total),
            "memory.page_bytes": str(os.sysconf("SC_PAGE_SIZE")) if hasattr(os, "sysconf") else None,
            "memory.huge_pages": modes[1] if modes else None,
            "memory.huge_page_bytes": read_text(huge / "hpage_pmd_size"),
            "numa.nodes": str(len(nodes)) if nodes else None,
        }
    )


def read_system(root: Path = ROOT) -> dict[str, str]:
    """Operating system, C library, clock, limits on perf events, Python."""
    return _known(
        {
            "system.os": platform.system(),
            "system.kernel": platform.release(),
            "system.architecture": platform.machine(),
            "system.libc": " ".join(platform.libc_ver()).strip(),
            "system.clock": read_text(root / "sys/devices/system/clocksource/clocksource0/current_clocksource"),
            "system.aslr": read_text(root / "proc/sys/kernel/randomize_va_space"),
            "perf.paranoid": read_text(root / "proc/sys/kernel/perf_event_paranoid"),
            "python": f"{platform.python_implementation()} {platform.python_version()}",
            "cpu.usable": str(usable_cpus()),
        }
    )


def read_build(native: Native) -> dict[str, str]:
    """The compiler that built the native part, and what it was built for."""
    lines: list[str] = []
    run_lines([str(native.driver), "--version"], idle_timeout_s=10.0, on_line=lines.append)
    return _known({"build.arch": platform.machine(), **dict(line.partition("=")[::2] for line in lines)})


def read_tools() -> dict[str, str]:
    """Versions of the outside tools: "tool.valgrind" -> "valgrind-3.19.0" or "not installed"."""
    paths = {name: shutil.which(name) for name in TOOLS}
    return {f"tool.{name}": (path and tool_version(path)) or "not installed" for name, path in paths.items()}


@functools.lru_cache(maxsize=8)
def tool_version(path: str) -> str:
    """The first line that a tool prints of its version; "" where it says nothing or there is no such tool."""
    if not path:
        return ""
    lines: list[str] = []
    run_lines([path, "--version"], idle_timeout_s=10.0, on_line=lines.append)
    return lines[0].strip() if lines else ""


def read_pyperf(python: str) -> dict[str, str]:
    """The metadata that pyperf collects, each key behind "pyperf."; "pyperf.unavailable" says why there is none."""
    with tempfile.TemporaryDirectory(prefix="lab-pyperf-") as folder:
        path = Path(folder) / "metadata.json"
        outcome = run_lines(
            [python, "-m", "pyperf", "collect_metadata", "--output", str(path)],
            inherit=True,
            idle_timeout_s=_PYPERF_TIMEOUT_S,
        )
        if outcome.trouble is not None or not path.is_file():
            return {"pyperf.unavailable": outcome.trouble or "pyperf wrote nothing"}
        metadata = msgspec.json.decode(path.read_bytes(), type=_PyperfFile).metadata
    return {f"pyperf.{key}": str(value) for key, value in sorted(metadata.items()) if key not in _PYPERF_NOISE}


class _PyperfFile(msgspec.Struct):
    metadata: dict[str, str | int | float]


def _known(facts: Mapping[str, str | None]) -> dict[str, str]:
    return {key: value for key, value in facts.items() if value}
