"""What runs through a manager is counted, and what it cannot build is plain and listed."""

import subprocess
import sys

import pytest
from prometheus_client.parser import text_string_to_metric_families

from lab.memory import LayerError, MemoryConfig, MemoryManager, TaskBatch
from lab.memory.bridge import COPY
from lab.translation import Session, Translator, convert


def families(manager):
    """Names and values of the text format, by a real parser."""
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(manager.prometheus())
        for sample in family.samples
    }


def test_teams_are_counted_while_they_live_and_after():
    """Tasks, threads, and the memory of their arenas."""
    with MemoryManager() as manager, TaskBatch() as batch:
        batch.extend([("x", "p", "")] * 30)
        assert manager.metrics().team is None
        with manager.team(2) as team, manager.team(1) as other:
            team.translate(COPY, batch)
            team.translate(COPY, batch)
            other.translate(COPY, batch)
            counted = manager.metrics().team
            assert (counted.teams, counted.workers, counted.batches, counted.done) == (2, 3, 3, 90)
        after = manager.metrics().team
        assert (after.teams, after.workers, after.batches, after.done, after.arena_capacity_bytes) == (2, 0, 3, 90, 0)
        assert families(manager)["portalis_memory_team_tasks_done_total"] == 90


def test_translations_are_counted(tmp_path):
    """Sessions, translators and conversions that are configured by the manager."""
    (tmp_path / "a.py").write_text("name = other\n")
    with MemoryManager() as manager:
        assert manager.metrics().translation is None
        with Session(config=manager) as session:
            session.text("x = 1")
            session.columns("y = x")
            session.reset_ledger()
            session.run("z = 1")
        assert manager.metrics().translation.tasks == 3
        with Translator(config=manager, workers=2) as translator:
            translator.texts(["x = 1", "(", "y"])
        assert (manager.metrics().translation.tasks, manager.metrics().translation.failed) == (6, 1)
        assert len(convert([tmp_path / "a.py"], config=manager)) == 1
        counted = manager.metrics().translation
        assert counted.tasks == 7
        assert counted.interned >= 2
        assert counted.allocations > 0
        assert families(manager)["portalis_memory_translation_sources_total"] == 7
    with Session() as session:
        session.text("x = 1")


@pytest.mark.parametrize("value", [1, None, 2.5, b"x"])
def test_a_label_value_of_another_type_is_named(value):
    """It says which label, and what to do."""
    with MemoryManager() as manager:
        with pytest.raises(ValueError, match=r"label 'service' must be a str, got .*str\(\)"):
            manager.prometheus({"service": value})
        with pytest.raises(LayerError, match="cannot be a label"):
            manager.prometheus({3: "x"})


@pytest.mark.skipif(sys.platform != "linux", reason="limits the address space")
def test_an_arena_beyond_the_memory_limit_is_plain_and_listed():
    """A capacity that the system refuses is found out when the arena is made, not at its first use."""
    program = """
import resource
from lab.memory import MemoryConfig, MemoryManager
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
with MemoryManager(MemoryConfig(arena_capacity_mb=65536)) as manager:
    with manager.arena() as arena:
        assert arena.copy("node").tobytes() == b"node"
    print([(fallback.component, fallback.count) for fallback in manager.metrics().fallbacks])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, "[('arena', 1)]\n"), done.stderr


def test_cache_figures_are_absent_until_a_probe_reports_them():
    """Nothing is made up."""
    with MemoryManager() as manager:
        assert not any("cache" in name for name in families(manager))
        manager.observe_cache(hits=3, misses=1)
        assert families(manager)["portalis_memory_cache_hit_ratio"] == 0.75


def test_a_plain_manager_counts_too():
    """Switches change costs, not what is counted."""
    with MemoryManager(MemoryConfig.plain()) as manager:
        assert manager.interner.intern_many(["a", "a"]).tolist() == [0, 0]
        assert manager.metrics().interner.deduplicated == 1
