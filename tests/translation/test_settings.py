"""What a configuration means for a translation: each key is used, or refused with the reason."""

from pathlib import Path

import pytest

from lab.memory import ConfigError, MemoryConfig, MemoryManager
from lab.memory.manager.config import keys_of
from lab.translation import Session, convert
from lab.translation.settings import UNUSED, load_config, read_settings

EVERY_KEY = """
[memory]
enable_pools = false
enable_string_interning = false
intern_keywords = false
enable_arena_allocation = false
arena_capacity_mb = 1

[memory.pools]
string_pool_size = 1
vec_pool_size = 2
hashmap_pool_size = 7

[memory.numa]
enabled = true
strategy = "interleaved"

[memory.wasm]
pool_size = 3
max_memory_mb = 1
"""
USED = {
    "memory.enable_pools",
    "memory.enable_string_interning",
    "memory.enable_arena_allocation",
    "memory.pools.string_pool_size",
    "memory.pools.vec_pool_size",
    "memory.numa.enabled",
}


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "portalis.toml"
    path.write_text(text)
    return path


def test_every_key_is_used_or_has_a_reason(tmp_path):
    """No key of the file is forgotten here."""
    path = written(tmp_path, EVERY_KEY)
    assert set(keys_of(path)) == USED | set(UNUSED)
    assert read_settings(path).unused == UNUSED


def test_keys_without_meaning_are_refused_by_name_with_the_reason(tmp_path):
    """In a file that is named for the conversion."""
    path = written(tmp_path, EVERY_KEY)
    for use in (lambda: load_config(path), lambda: convert([b"x = 1"], config=path)):
        with pytest.raises(ConfigError) as caught:
            use()
        for key, reason in UNUSED.items():
            assert f"{key}: {reason}" in str(caught.value)
        assert str(path) in str(caught.value)


def test_values_that_say_what_is_done_anyway_are_taken(tmp_path):
    """They ask for nothing that does not happen."""
    text = '[memory]\nintern_keywords = true\n[memory.numa]\nstrategy = "local"\n'
    assert load_config(written(tmp_path, text)) == MemoryConfig()


def test_used_keys_have_an_effect(tmp_path):
    """Each changes what the session does, and no byte of the text."""
    source = "name = other + name\n" * 50
    with Session(config=MemoryConfig()) as session:
        expected, _ = session.text(source), session.text(source)
        usual = session.ledger()
    for key, changed in (
        ("enable_pools = false", lambda cost: cost.pool_hits == 0),
        ("enable_string_interning = false", lambda cost: cost.interned_count == 0),
        ("enable_arena_allocation = false", lambda cost: cost.allocation_count > usual.allocation_count),
        ("[memory.pools]\nstring_pool_size = 0\nvec_pool_size = 0", lambda cost: cost.pool_hits < usual.pool_hits),
    ):
        with Session(config=load_config(written(tmp_path, f"[memory]\n{key}\n"))) as session:
            assert session.text(source) == session.text(source) == expected
            assert changed(session.ledger()), key


def test_a_manager_as_configuration_is_a_configuration():
    """Its switches reach the session."""
    with MemoryManager(MemoryConfig(enable_string_interning=False)) as manager, Session(config=manager) as session:
        session.text("name = other")
        assert not session.switches.intern
        assert session.ledger().interned_count == 0
