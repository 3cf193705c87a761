"""What a quota and a hypervisor take, read from described trees and, where one can be made, from a real group."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.measure.limits import Limits, group_folders, read_limits, slow_down

V2_MOUNT = "31 23 0:28 {root} /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw"
V1_MOUNT = "32 31 0:29 {root} /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct"
STAT = "cpu  1000 0 500 8000 100 0 50 350 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\nintr 5\n"


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def version_2(root: Path, *, group: str = "/", mounted: str = "/", folder: str = "", maximum: str) -> Path:
    return tree(root, {
        "proc/self/cgroup": f"0::{group}\n",
        "proc/self/mountinfo": f"1 0 8:1 / / rw - ext4 /dev/sda rw\n{V2_MOUNT.format(root=mounted)}\n",
        f"sys/fs/cgroup{folder}/cpu.max": maximum,
        f"sys/fs/cgroup{folder}/cpu.stat":
            "usage_usec 5\nnr_periods 961\nnr_throttled 957\nthrottled_usec 76500000\n",
    })  # fmt: skip


def version_1(root: Path, *, quota: int) -> Path:
    return tree(root, {
        "proc/self/cgroup": "5:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n",
        "proc/self/mountinfo": V1_MOUNT.format(root="/docker/abc") + "\n",
        "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": f"{quota}\n",
        "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
        "sys/fs/cgroup/cpu,cpuacct/cpu.stat": "nr_periods 961\nnr_throttled 957\nthrottled_time 76500000000\n",
    })  # fmt: skip


@pytest.mark.parametrize("version", [1, 2])
def test_a_quota_of_a_fifth_is_found_with_what_it_cost(tmp_path: Path, version: int) -> None:
    """Both versions of cgroups say the same, in units of their own."""
    root = version_2(tmp_path, maximum="20000 100000\n") if version == 2 else version_1(tmp_path, quota=20000)
    found = read_limits(root)
    assert (found.quota, found.periods, found.throttled) == (0.2, 961, 957)
    assert found.throttled_s == pytest.approx(76.5)
    assert found.facts()["cpu.throttled"] == "957 of 961"
    assert slow_down(found.facts()) == pytest.approx(5)
    expected = "a quota of 20 % of a processor: 957 of 961 periods throttled; verdicts take about 5 times as long"
    assert found.facts()["cpu.limits"] == expected


@pytest.mark.parametrize("version", [1, 2])
def test_no_quota_is_no_fact(tmp_path: Path, version: int) -> None:
    """Unlimited is written in two ways."""
    root = version_2(tmp_path, maximum="max 100000\n") if version == 2 else version_1(tmp_path, quota=-1)
    assert read_limits(root).quota is None
    assert "cpu.quota" not in read_limits(root).facts()
    assert slow_down(read_limits(root).facts()) == 1


def test_the_tightest_of_the_groups_above_counts(tmp_path: Path) -> None:
    """A group without a quota of its own is held by its parent's."""
    root = version_2(tmp_path, group="/outer/inner", folder="/outer", maximum="50000 100000\n")
    tree(root, {"sys/fs/cgroup/outer/inner/cpu.max": "max 100000\n", "sys/fs/cgroup/cpu.max": "150000 100000\n"})
    assert read_limits(root).quota == 0.5


def test_a_container_that_sees_only_its_own_group_finds_it(tmp_path: Path) -> None:
    """The path in /proc/self/cgroup may be the host's, which is not mounted here."""
    root = version_2(tmp_path, group="/kube/pod/box", mounted="/kube/pod/box", maximum="20000 100000\n")
    assert read_limits(root).quota == 0.2
    elsewhere = version_2(tmp_path / "x", group="/../other", maximum="30000 100000\n")
    assert read_limits(elsewhere).quota == 0.3


@pytest.mark.parametrize("text", ["", "garbage\n", "0:\n", "0::/\n4:cpu\n"])
def test_a_system_that_says_nothing_limits_nothing(tmp_path: Path, text: str) -> None:
    """No /proc, an odd one, another system."""
    tree(tmp_path, {"proc/self/cgroup": text, "proc/self/mountinfo": text, "proc/stat": text})
    found = read_limits(tmp_path)
    assert (found.quota, found.stolen_s, found.cpu_s, found.facts()) == (None, 0.0, 0.0, {})
    assert read_limits(tmp_path / "nowhere").facts() == {}


def test_the_hypervisors_share_is_of_all_processor_time(tmp_path: Path) -> None:
    """The eighth column of /proc/stat; the guests' own are counted in the first two already."""
    found = read_limits(tree(tmp_path, {"proc/stat": STAT}))
    assert (found.stolen_s, found.cpu_s) == (3.5, 100.0)
    later = Limits(stolen_s=4.5, cpu_s=110.0, periods=10, throttled=4)
    assert later.stolen_since(found) == pytest.approx(0.1)
    assert found.stolen_since(found) == 0.0
    assert later.throttled_since(found) == (4, 10)


SPIN = """
import time
from pathlib import Path
import sys
Path(sys.argv[1], "cgroup.procs").write_text(str(__import__("os").getpid()))
from lab.measure.limits import read_limits
from lab.measure.quiet import look
before = read_limits()
quiet = look(1.5)
after = read_limits()
print(after.quota, after.throttled - before.throttled, quiet.interrupted, quiet.throttled, quiet.calm)
"""


@pytest.fixture
def group() -> Iterator[Path]:
    """A real group of a fifth of a processor; skips where none can be made."""
    for top in (Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup/cpu,cpuacct"), Path("/sys/fs/cgroup")):
        folder = top / f"lab-test-{os.getpid()}"
        try:
            folder.mkdir()
        except OSError:
            continue
        try:
            if (folder / "cpu.cfs_quota_us").exists():
                (folder / "cpu.cfs_period_us").write_text("100000")
                (folder / "cpu.cfs_quota_us").write_text("20000")
            elif (folder / "cpu.max").exists():
                (folder / "cpu.max").write_text("20000 100000")
            else:
                continue
            yield folder
            return
        except OSError:
            continue
        finally:
            folder.rmdir()
    pytest.skip("no cgroup with a quota can be made here: needs root and a writable /sys/fs/cgroup")


def test_a_real_group_is_found_throttled_and_not_quiet(group: Path) -> None:
    """The process's own group, found from inside; what it loses shows in a look at the machine."""
    answer = subprocess.run(
        [sys.executable, "-c", SPIN, str(group)], capture_output=True, text=True, timeout=120, check=True
    )
    quota, throttled, interrupted, seen, calm = answer.stdout.split()
    assert float(quota) == 0.2
    assert int(throttled) > 0
    assert int(seen) > 0
    assert float(interrupted) > 0
    assert calm == "False"


def test_the_groups_of_this_process_exist() -> None:
    """Whatever system the tests run on."""
    assert [folder for folder in group_folders() if not folder.is_dir()] == []
