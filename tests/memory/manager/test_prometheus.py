"""The Prometheus text, read by the official parser, and the collector in the official client's registry."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from lab.memory import Collector, LayerError, MemoryConfig, MemoryManager, UnsupportedError
from lab.memory.manager.prometheus import families


@pytest.fixture
def manager():
    with MemoryManager() as made:
        for pool in (made.string, made.vector, made.map):
            pool().release()
        with made.arena() as arena:
            arena.alloc_many([8] * 3)
        made.interner.intern_many(["a", "a"])
        made.linear_memory(1).close()
        made.observe_cache(hits=3, misses=1)
        yield made


def samples(text):
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_official_parser_reads_what_the_metrics_say(manager):
    """Values come out as they went in, under their names and labels."""
    found, metrics = samples(manager.prometheus()), manager.metrics()
    assert found["portalis_memory_pool_misses_total", (("pool", "vector"),)] == metrics.pools["vector"].misses == 1
    assert found["portalis_memory_pool_hit_ratio", (("pool", "map"),)] == 0
    assert found["portalis_memory_interner_deduplicated_total", ()] == 1
    assert found["portalis_memory_arena_allocations_total", ()] == 3
    assert found["portalis_memory_cache_hit_ratio", ()] == 0.75
    assert found["portalis_memory_linear_acquired_total", ()] == 1
    assert found["portalis_memory_current_bytes", ()] == metrics.totals.current_bytes


def test_every_family_has_help_type_and_a_right_name(manager):
    """Names have the prefix, counters and only counters end in _total, no family appears twice."""
    text = manager.prometheus()
    parsed = list(text_string_to_metric_families(text))
    assert len({family.name for family in parsed}) == len(parsed) == text.count("# HELP ") == text.count("# TYPE ")
    for family in parsed:
        assert family.documentation.endswith(".")
        assert family.type in {"counter", "gauge"}
        for sample in family.samples:
            assert sample.name.startswith("portalis_memory_")
            assert sample.name.endswith("_total") == (family.type == "counter")
    assert "{}" not in text
    assert text.endswith("\n")


@settings(max_examples=60)
@given(st.dictionaries(st.from_regex(r"[a-zA-Z][a-zA-Z0-9_]{0,5}", fullmatch=True), st.text(), max_size=3))
def test_any_label_comes_back_as_it_was(labels):
    """Quotes, backslashes and newlines are escaped."""
    with MemoryManager(MemoryConfig.plain()) as manager:
        if {"pool", "component"} & set(labels):
            with pytest.raises(LayerError):
                manager.prometheus(labels)
            return
        for _, found in samples(manager.prometheus(labels)):
            assert dict(found) == labels


@pytest.mark.parametrize("name", ["pool", "component", "__name__", "a-b", "1a", ""])
def test_a_label_that_cannot_be_is_refused(name):
    """Names of the exporter's own, and those that the format forbids."""
    with MemoryManager() as manager, pytest.raises(LayerError, match="cannot be a label"):
        manager.prometheus({name: "x"})


def test_what_nobody_measured_is_left_out():
    """A component that was never asked for has no samples, and none is a zero."""
    with MemoryManager() as manager:
        text = manager.prometheus()
    for part in ("pool_", "interner_", "arena_", "linear_", "cache_", "fallbacks_"):
        assert f"portalis_memory_{part}" not in text
    assert "portalis_memory_allocations_total" in text


def test_the_registry_of_the_client_collects_the_same(manager):
    """What the official client writes holds the samples of the text."""
    registry = CollectorRegistry()
    registry.register(manager.collector({"service": "a\nb"}))
    assert registry.get_sample_value("portalis_memory_cache_hits_total", {"service": "a\nb"}) == 3
    theirs, ours = samples(generate_latest(registry).decode()), samples(manager.prometheus({"service": "a\nb"}))
    assert theirs.keys() == ours.keys()
    moving = {"portalis_memory_allocations_total", "portalis_memory_current_bytes", "portalis_memory_peak_bytes"}
    assert {key: value for key, value in theirs.items() if key[0] not in moving} == {
        key: value for key, value in ours.items() if key[0] not in moving
    }
    assert len(families(manager.metrics())) == manager.prometheus().count("# TYPE ")


def test_without_the_client_the_collector_says_what_to_install(manager, monkeypatch):
    """The text needs no client; the collector names the extra."""
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    monkeypatch.delitem(sys.modules, "prometheus_client.core", raising=False)
    with pytest.raises(UnsupportedError, match="portalis-lab\\[prometheus\\]"):
        Collector(manager.metrics)
    assert "# TYPE" in manager.prometheus()
