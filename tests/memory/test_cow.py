"""Bytes that are copied by the first change, and configs over them."""

import threading
import tomllib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.memory import CowBytes, SharedConfig, copies, ledger


def copied():
    return copies().copied_count


def test_bytes_are_borrowed_until_the_first_change():
    """Making a handle copies nothing; the first change copies, the second does not."""
    before, source = copies(), b"print(1)"
    with CowBytes(source) as cow:
        assert cow.shared
        assert copies().avoided_count - before.avoided_count == 1
        cow.write(6, b"2")
        cow.write(0, "P")
        assert bytes(cow) == b"Print(2)"
        assert not cow.shared
    after = copies()
    assert source == b"print(1)"
    assert after.copied_count - before.copied_count == 1
    assert after.avoided_count == before.avoided_count


@pytest.mark.parametrize("data", [bytearray(b"abc"), np.frombuffer(b"abc", np.uint8).copy()])
def test_memory_that_its_owner_can_change_is_copied_at_once(data):
    """A later change by the owner is not seen."""
    before = copied()
    cow = CowBytes(data)
    data[0] = 0
    assert bytes(cow) == b"abc"
    assert copied() - before == 1


@pytest.mark.parametrize("data", ["über", memoryview(b"abc"), b"abc", b"", ""])
def test_memory_that_nobody_can_change_is_borrowed(data):
    """Texts and bytes are shown as they lie."""
    before = copied()
    with CowBytes(data) as cow:
        assert bytes(cow) == (data.encode() if isinstance(data, str) else bytes(data))
    assert copied() == before


def test_what_is_no_bytes_is_refused():
    """A number, or bytes with gaps, are no content."""
    with pytest.raises(TypeError):
        CowBytes(3)
    with pytest.raises(ValueError, match="contiguous"):
        CowBytes(memoryview(b"abcd")[::2])


def test_slices_and_shares_keep_what_they_show():
    """A change through one handle is seen through no other, and the source may end before its slices."""
    source = CowBytes(b"config", copy=True)
    share, part = source.share(), source.slice(1, 4)
    source.write(0, b"XXXXXX")
    assert (bytes(share), bytes(part), bytes(source)) == (b"config", b"onf", b"XXXXXX")
    source.close()
    share.close()
    part.splice(1, 1, "--")
    assert bytes(part) == b"o--f"


def test_many_slices_are_views_of_the_source():
    """One call makes the nodes' texts, without a copy and without an allocation of the layer."""
    text = b"def f(x): return x"
    before, allocations = copies(), ledger().allocation_count
    with CowBytes(text) as source:
        slices = source.slices([0, 4, 6, 10], [3, 5, 7, 16])
    assert [part.tobytes() for part in slices] == [b"def", b"f", b"x", b"return"]
    assert len(slices[1:3]) == 2
    assert ledger().allocation_count == allocations
    assert copies().copied_count == before.copied_count
    with pytest.raises(BufferError), slices:
        kept = slices[0]
    assert kept.tobytes() == b"def"
    assert not kept.flags.writeable


def test_a_range_outside_is_refused():
    """Slices and changes must lie in the bytes."""
    cow = CowBytes(b"abc")
    for first, end in [(0, 4), (2, 1), (4, 4)]:
        with pytest.raises(ValueError, match=r"\[0, 3\)"):
            cow.slice(first, end)
    with pytest.raises(ValueError, match="one length"):
        cow.slices([0], [1, 2])
    with pytest.raises(ValueError, match=r"\[0, 3\)"):
        cow.slices([0, 2], [1, 9])
    with pytest.raises(ValueError, match="of 3"):
        cow.splice(2, 2)
    assert bytes(cow) == b"abc"


def test_a_change_waits_for_views():
    """While a view is out the bytes do not move."""
    cow = CowBytes(b"abc")
    view = cow.array()
    with pytest.raises(BufferError):
        cow.write(0, b"x")
    del view
    cow.write(0, b"x")
    assert cow.array().tobytes() == b"xbc"
    assert CowBytes(b"").array().tobytes() == b""


@settings(max_examples=60)
@given(st.binary(max_size=20), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 10), st.binary(max_size=8))))
def test_any_program_of_splices_leaves_what_bytes_would(source, program):
    """Every change equals cutting bytes, and shares made on the way keep their moment."""
    model, moments = source, []
    with CowBytes(source) as cow:
        for first, removed, data in program:
            begin = min(first, len(model))
            gone = min(removed, len(model) - begin)
            moments.append((cow.share(), model))
            cow.splice(begin, gone, data)
            model = model[:begin] + data + model[begin + gone :]
            assert bytes(cow) == model
    assert [bytes(share) for share, _ in moments] == [moment for _, moment in moments]


def test_threads_count_their_own_copies():
    """The sums hold what threads did that ended."""
    before, source = copies(), CowBytes(b"x" * 100)

    def work():
        for _ in range(50):
            with source.share() as mine:
                mine.write(0, b"y")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    after = copies()
    assert after.copied_count - before.copied_count == 200
    assert after.copied_bytes - before.copied_bytes == 200 * 99  # what is left of the old content
    assert after.shared_count - before.shared_count == 201
    assert after.avoided_count - before.avoided_count == 1
    assert 0 < after.borrowed_fraction <= 1
    assert bytes(source) == b"x" * 100


VALUES = st.one_of(st.booleans(), st.integers(-(2**60), 2**60), st.floats(allow_nan=False), st.text(max_size=8))


@settings(max_examples=80)
@given(st.dictionaries(st.text(max_size=5), VALUES, max_size=6), st.lists(st.tuples(st.text(max_size=3), VALUES)))
def test_a_config_is_toml_and_a_mapping(values, changes):
    """Its bytes are a document that says what the mapping says, whatever was set; equal configs are equal bytes."""
    model = dict(values)
    with SharedConfig(values) as config:
        original = config.share()
        for name, value in changes:
            config[name] = model[name] = value
        for name, _ in changes[::2]:
            if name in model:
                del config[name], model[name]
        assert dict(config) == model == tomllib.loads(bytes(config).decode())
        assert bytes(SharedConfig(model)) == bytes(config)
        assert dict(SharedConfig.from_toml(bytes(config))) == model
    assert dict(original) == values


def test_a_config_is_copied_by_the_first_change_alone():
    """Sharing copies nothing; a change through one handle copies once and leaves the others."""
    config = SharedConfig({"target": "rust", "level": 2})
    before = copied()
    shares = [config.share() for _ in range(10)]
    assert config.shared
    assert copied() == before
    shares[0]["target"] = "wasm"
    shares[0]["level"] = 3
    assert copied() == before + 1
    assert shares[0]["target"] == "wasm"
    assert {share["target"] for share in shares[1:]} == {"rust"}
    assert repr(shares[0]) == "SharedConfig({'level': 3, 'target': 'wasm'})"
    shares[0].close()
    assert shares[0].closed


def test_a_config_takes_plain_values_alone():
    """Lists, tables, None and names that are no text are refused, and nothing is changed."""
    config = SharedConfig({"a": 1})
    for name, value in [("b", None), ("b", [1]), ("b", {}), (1, 1)]:
        with pytest.raises(TypeError):
            config[name] = value
    with pytest.raises(KeyError):
        del config["b"]
    with pytest.raises(TypeError):
        SharedConfig.from_toml("[table]\nx = 1")
    assert dict(config) == {"a": 1}
