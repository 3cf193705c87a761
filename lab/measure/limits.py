"""What others take of this process's processors: a cgroup's quota, its throttled periods, a hypervisor's share.

Everything is read from a file tree whose root is given, so that a recorded or described one will do. What the system
does not say is left out.
"""

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lab.measure.facts import ROOT, read_text

_TICKS_PER_S = 100.0  # USER_HZ: what /proc/stat counts in, on every Linux
_STEAL_COLUMN = 8
_CPU_COLUMNS = 9  # user to steal; the guests' own columns are in user already


@dataclass(frozen=True, slots=True)
class Limits:
    """What was taken so far.

    Attributes:
        quota: processors that the tightest quota allows, 0.2 for a fifth of one; None where there is none.
        periods, throttled: of that quota's group since it was made: all, and those in which it had to wait.
        throttled_s: seconds that it waited.
        stolen_s: seconds that the hypervisor took of all processors together since the start of the system.
        cpu_s: seconds of all processors together since then.
        at_s: time.monotonic() of the look.
    """

    quota: float | None = None
    periods: int = 0
    throttled: int = 0
    throttled_s: float = 0.0
    stolen_s: float = 0.0
    cpu_s: float = 0.0
    at_s: float = 0.0

    def facts(self) -> dict[str, str]:
        """For the machine's record; a quota only where there is one."""
        found = {}
        if self.quota is not None:
            found["cpu.quota"] = f"{self.quota:.3g}"
            found["cpu.throttled"] = f"{self.throttled} of {self.periods}"
            found["cpu.throttled_s"] = f"{self.throttled_s:.3f}"
            found["cpu.limits"] = describe_quota(found)
        if self.cpu_s:
            found["cpu.stolen_share"] = f"{self.stolen_s / self.cpu_s:.4f}"
        return found

    def stolen_since(self, before: "Limits") -> float:
        """The share of all processors' time that the hypervisor took between two looks; 0 where nobody says."""
        spent = self.cpu_s - before.cpu_s
        return (self.stolen_s - before.stolen_s) / spent if spent > 0 else 0.0

    def throttled_since(self, before: "Limits") -> tuple[int, int]:
        """(throttled periods, all periods) between two looks."""
        return self.throttled - before.throttled, self.periods - before.periods


def read_limits(root: Path = ROOT) -> Limits:
    """Look at the quota of this process's groups and at the hypervisor's account: some 20 microseconds and more."""
    quota, statistics = _tightest(root)
    stolen, total = _stolen(root)
    return Limits(
        quota=quota,
        periods=statistics.get("nr_periods", 0),
        throttled=statistics.get("nr_throttled", 0),
        throttled_s=statistics.get("throttled_usec", 0) * 1e-6 or statistics.get("throttled_time", 0) * 1e-9,
        stolen_s=stolen,
        cpu_s=total,
        at_s=time.monotonic(),
    )


def _tightest(root: Path) -> tuple[float | None, dict[str, int]]:
    """The smallest quota of the process's group and those above it, with the statistics of that group."""
    found = [(quota, folder) for folder in group_folders(root) if (quota := _quota(folder)) is not None]
    if not found:
        return None, {}
    quota, folder = min(found, key=lambda one: one[0])
    pairs = (line.split() for line in (read_text(folder / "cpu.stat") or "").splitlines())
    return quota, {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}


def _quota(folder: Path) -> float | None:
    """Processors that one group may use: cpu.max in version 2, cpu.cfs_quota_us in version 1."""
    words = (read_text(folder / "cpu.max") or "").split()
    if not words:
        words = [read_text(folder / f"cpu.cfs_{name}_us") or "" for name in ("quota", "period")]
    try:
        quota, period = (int(word) for word in words)
    except ValueError:
        return None  # "max", or no such file
    return quota / period if quota > 0 and period > 0 else None


def group_folders(root: Path = ROOT) -> Iterator[Path]:
    """The folders of the groups that limit this process's processors: its own first, then those above it.

    The group is named in /proc/self/cgroup; /proc/self/mountinfo says where its hierarchy is mounted, and which part:
    a container may see only its own group, under a path that names it from outside.
    """
    for number, controllers, path in _groups(root):
        for kind, mounted_root, mount, options in _mounts(root):
            mine = kind == "cgroup2" if number == "0" else kind == "cgroup" and "cpu" in options.split(",")
            if not mine or (number != "0" and "cpu" not in controllers.split(",")):
                continue
            top = root / mount.lstrip("/")
            inside = PurePosixPath(path)
            if mounted_root != "/":
                inside = inside.relative_to(mounted_root) if inside.is_relative_to(mounted_root) else PurePosixPath()
            folder = top / str(inside).lstrip("/")
            while not folder.is_dir() and folder != top:
                folder = folder.parent
            yield folder
            while folder != top and top in folder.parents:
                folder = folder.parent
                yield folder


def _groups(root: Path) -> Iterator[tuple[str, str, str]]:
    """(hierarchy, controllers, path) of each line of /proc/self/cgroup; version 2 has hierarchy 0."""
    for line in (read_text(root / "proc/self/cgroup") or "").splitlines():
        parts = line.split(":", 2)
        if len(parts) == 3:
            yield parts[0], parts[1], parts[2]


def _mounts(root: Path) -> Iterator[tuple[str, str, str, str]]:
    """(kind, root within the hierarchy, mount point, controllers) of the mounted hierarchies."""
    for line in (read_text(root / "proc/self/mountinfo") or "").splitlines():
        before, dash, after = line.partition(" - ")
        fields, described = before.split(), after.split()
        if dash and len(fields) > 4 and len(described) > 2 and described[0] in ("cgroup", "cgroup2"):
            yield described[0], _plain(fields[3]), _plain(fields[4]), described[2]


def _plain(field: str) -> str:
    r"""A path of mountinfo, in which a blank is written \040."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), field)


def _stolen(root: Path) -> tuple[float, float]:
    """Seconds stolen and seconds in all, of all processors together."""
    for line in (read_text(root / "proc/stat") or "").splitlines():
        words = line.split()
        if words and words[0] == "cpu" and len(words) >= _CPU_COLUMNS and all(word.isdigit() for word in words[1:]):
            ticks = [int(word) for word in words[1:_CPU_COLUMNS]]
            return ticks[_STEAL_COLUMN - 1] / _TICKS_PER_S, sum(ticks) / _TICKS_PER_S
    return 0.0, 0.0


def describe_quota(known: Mapping[str, str]) -> str:
    """What the quota among the facts allows and costs, in one line; "" where there is none."""
    if "cpu.quota" not in known:
        return ""
    said = f"a quota of {float(known['cpu.quota']) * 100:.3g} % of a processor: "
    said += f"{known.get('cpu.throttled', 'an unknown number of')} periods throttled"
    times = slow_down(known)
    return said if times == 1 else f"{said}; verdicts take about {times:.2g} times as long"


def slow_down(known: Mapping[str, str]) -> float:
    """How many times as long the same work takes here as without the quota; 1 where nothing limits one thread."""
    quota = float(known.get("cpu.quota", "1"))
    return 1 / min(quota, 1.0)
