"""The configuration: defaults, checks, the file, the command line's overrides."""

import dataclasses
import os
import re

import pytest

from lab.core.errors import EXIT_USAGE
from lab.memory import ConfigError, MemoryConfig, NumaConfig, PoolSizes, WasmConfig
from lab.memory.manager.config import keys_of, nearest_config

WHOLE = """
[memory]
enable_pools = false
enable_string_interning = false
intern_keywords = false
enable_arena_allocation = false
arena_capacity_mb = 8

[memory.pools]
string_pool_size = 1
vec_pool_size = 2
hashmap_pool_size = 3

[memory.numa]
enabled = true
strategy = "pinned"

[memory.wasm]
pool_size = 4
max_memory_mb = 5

[translation]
anything = "of others"
"""


def written(tmp_path, text):
    path = tmp_path / "portalis.toml"
    path.write_text(text)
    return path


def test_the_defaults_are_the_layers():
    """Everything is on but placement."""
    config = MemoryConfig()
    assert config.pools == PoolSizes(string_pool_size=1000, vec_pool_size=500, hashmap_pool_size=100)
    assert config.numa == NumaConfig(enabled=False, strategy="local")
    assert config.wasm == WasmConfig(pool_size=100, max_memory_mb=128)
    assert config.arena_capacity_bytes == 4 * 2**20
    assert config.wasm.max_memory_bytes == 128 * 2**20
    assert config.switched_off() == ("numa",)
    assert config.intern_keywords


def test_a_config_cannot_be_changed():
    """It is a value: frozen, without a dictionary."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        MemoryConfig().enable_pools = False
    assert not hasattr(MemoryConfig(), "__dict__")


def test_each_optimisation_has_its_switch():
    """The plain configuration is every switch off, and one switch turns one thing off."""
    switches = [item.name for item in dataclasses.fields(MemoryConfig) if item.name.startswith("enable_")]
    assert MemoryConfig.plain().switched_off() == (*switches, "numa")
    for name in switches:
        assert dataclasses.replace(MemoryConfig(), **{name: False}).switched_off() == (name, "numa")


def test_every_key_of_the_file_is_read(tmp_path):
    """What the file says is what the configuration holds; other tables are others' business."""
    assert MemoryConfig.from_toml(written(tmp_path, WHOLE)) == MemoryConfig(
        enable_pools=False,
        enable_string_interning=False,
        intern_keywords=False,
        enable_arena_allocation=False,
        arena_capacity_mb=8,
        pools=PoolSizes(1, 2, 3),
        numa=NumaConfig(True, "pinned"),
        wasm=WasmConfig(4, 5),
    )


@pytest.mark.parametrize("text", ["", "[translation]\nx = 1", "[memory]", "[memory.pools]"])
def test_what_the_file_does_not_say_has_its_default(tmp_path, text):
    """An empty file, or one without the table, is the default."""
    assert MemoryConfig.from_toml(written(tmp_path, text)) == MemoryConfig()


MISTAKES = [
    ("[memory]\nenable_pool = true", "unknown key memory.enable_pool, did you mean enable_pools?"),
    (
        "[memory.numa]\nqqq = true",
        "unknown key memory.numa.qqq: allowed are enabled, strategy",
    ),
    ("[memory.poolz]\n", "unknown key memory.poolz, did you mean pools?"),
    ("[memroy]\n", "unknown table [memroy], did you mean [memory]?"),
    ("[memory]\nenable_zero_copy = true", "unknown key memory.enable_zero_copy: allowed are "),
    ("memory = 3", "memory must be a table, [memory], got 3"),
    ("[memory]\npools = 3", "memory.pools must be a table, [memory.pools], got 3"),
    ("[memory]\nenable_pools = 1", "memory.enable_pools must be true or false, got 1"),
    ("[memory]\nenable_pools = 'on'", "memory.enable_pools must be true or false, got str 'on'"),
    ("[memory]\narena_capacity_mb = 0", "memory.arena_capacity_mb must be a whole number from 1 to 65536, got 0"),
    ("[memory]\narena_capacity_mb = true", "memory.arena_capacity_mb must be a whole number from 1 to 65536, got true"),
    (
        "[memory]\narena_capacity_mb = 4.0",
        "memory.arena_capacity_mb must be a whole number from 1 to 65536, got float 4.0",
    ),
    ("[memory.pools]\nvec_pool_size = -1", "memory.pools.vec_pool_size must be a whole number from 0 to 1000000000"),
    (
        "[memory.numa]\nstrategy = 'remote'",
        "memory.numa.strategy must be one of 'local', 'interleaved', 'pinned', got str 'remote'",
    ),
    ("[memory.wasm]\nmax_memory_mb = 4097", "memory.wasm.max_memory_mb must be a whole number from 1 to 4096"),
    ("[memory]\nx = \n", "not TOML: "),
]


@pytest.mark.parametrize(("text", "message"), MISTAKES)
def test_a_mistake_is_told_with_file_key_and_what_is_allowed(tmp_path, text, message):
    """The message is one line and begins with the file."""
    path = written(tmp_path, text)
    with pytest.raises(ConfigError, match="^" + re.escape(f"{path}: {message}")) as caught:
        MemoryConfig.from_toml(path)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == EXIT_USAGE


def test_a_syntax_error_names_its_line(tmp_path):
    """TOML's own message tells line and column."""
    with pytest.raises(ConfigError, match="line 3, column"):
        MemoryConfig.from_toml(written(tmp_path, "[memory]\nenable_pools = true\nx =\n"))


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    """No file, a folder, and bytes that are no text."""
    with pytest.raises(ConfigError, match=r"none.toml: cannot be read \(No such file"):
        MemoryConfig.from_toml(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match="cannot be read"):
        MemoryConfig.from_toml(tmp_path)
    (tmp_path / "bytes.toml").write_bytes(b"x = '\xff'")
    with pytest.raises(ConfigError, match="not UTF-8 at byte 5"):
        MemoryConfig.from_toml(tmp_path / "bytes.toml")


def test_the_command_line_goes_before_the_file(tmp_path):
    """What is given replaces, what is not given stays."""
    config = MemoryConfig.from_toml(written(tmp_path, WHOLE))
    assert config.override() == config
    changed = config.override(memory_pools=True, string_pool_size=70, vec_pool_size=0, numa_aware=False)
    assert changed.enable_pools
    assert changed.pools == PoolSizes(70, 0, 3)
    assert changed.numa == NumaConfig(False, "pinned")
    assert not changed.enable_arena_allocation


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MemoryConfig(enable_pools=None), "memory.enable_pools must be true or false, got None"),
        (lambda: MemoryConfig(pools=3), "memory.pools must be a PoolSizes, got 3"),
        (lambda: PoolSizes(string_pool_size=1.5), "memory.pools.string_pool_size must be a whole number"),
        (lambda: NumaConfig(strategy=["local"]), "memory.numa.strategy must be one of"),
        (lambda: MemoryConfig().override(string_pool_size=-1), "memory.pools.string_pool_size"),
    ],
)
def test_a_program_gets_the_same_checks(make, message):
    """A wrong value is refused where it is made."""
    with pytest.raises(ConfigError, match=re.escape(message)):
        make()


def test_the_nearest_file_is_found(tmp_path):
    """In the directory, or in the first one above it that has one, readable or not."""
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / "portalis.toml").write_text("")
    assert nearest_config(deep) == tmp_path / "portalis.toml"
    (tmp_path / "a" / "portalis.toml").symlink_to("nowhere")
    assert nearest_config(deep) == tmp_path / "a" / "portalis.toml"
    with pytest.raises(ConfigError, match="cannot be read"):
        MemoryConfig.from_toml(tmp_path / "a" / "portalis.toml")


def test_keys_are_listed_as_they_are_written(tmp_path):
    """With the tables that they are in."""
    path = written(tmp_path, "[memory]\nintern_keywords = true\n[memory.wasm]\npool_size = 3\n")
    assert keys_of(path) == {"memory.intern_keywords": True, "memory.wasm.pool_size": 3}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("memory = " + "[" * 10_000, "deep|not TOML"),
        ("memory = " + "9" * 5_000, "digits"),
        ('[memory]\n"\x7f\\u001b[31m" = 1\n', r"not TOML"),
        ('[memory]\n"\\u001b[31m" = 1\n', r"unknown key memory\.\\x1b\[31m"),
        ("memory = 3", "must be a table"),
    ],
)
def test_hostile_files_are_one_line_that_names_them(tmp_path, text, words):
    """Whatever is in them, nothing of it reaches a terminal raw."""
    with pytest.raises(ConfigError, match=words) as caught:
        MemoryConfig.from_toml(written(tmp_path, text))
    message = str(caught.value)
    assert "portalis.toml" in message
    assert message.isprintable()


def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path):
    """Opening one would hang."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(ConfigError, match="pipe"):
        MemoryConfig.from_toml(pipe)


def test_a_byte_order_mark_is_passed_over(tmp_path):
    """Editors of other systems write one."""
    path = tmp_path / "portalis.toml"
    path.write_text("\ufeff[memory]\nenable_pools = false\n", encoding="utf-8")
    assert not MemoryConfig.from_toml(path).enable_pools
