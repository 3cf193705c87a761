"""NUMA from Python: machines that are not here, placement and its refusal, threads held to a node."""

import os
import threading

import numpy as np
import pytest

from lab.memory import ClosedError, LayerError, NumaBuffer, NumaNode, UnsupportedError, numa_nodes, pin_thread


def tree(root, nodes, online=None, has_memory=None):
    """A directory as the kernel shows it; nodes: {number: (processors, kB)}."""
    (root / "online").write_text(online or ",".join(map(str, nodes)) + "\n")
    if has_memory is not None:
        (root / "has_memory").write_text(has_memory)
    for node, (cpus, kilobytes) in nodes.items():
        (root / f"node{node}").mkdir()
        (root / f"node{node}/cpulist").write_text(cpus + "\n")
        (root / f"node{node}/meminfo").write_text(f"Node {node} MemTotal:   {kilobytes} kB\n")
    return root


def test_the_nodes_of_this_machine():
    """This machine has a node, and the processors that we may use are on its nodes."""
    nodes = numa_nodes()
    assert any(node.has_memory for node in nodes)
    if hasattr(os, "sched_getaffinity"):
        assert os.sched_getaffinity(0) <= {cpu for node in nodes for cpu in node.cpus}


@pytest.mark.parametrize("count", [1, 2, 4])
def test_machines_of_several_nodes_are_read(tmp_path, count):
    """Processors and memory of each node are told."""
    root = tree(tmp_path, {node: (f"{node * 2}-{node * 2 + 1}", 1024 * (node + 1)) for node in range(count)})
    expected = tuple(NumaNode(node, (node * 2, node * 2 + 1), (node + 1) << 20, True) for node in range(count))
    assert numa_nodes(root) == expected


def test_nodes_without_processors_or_memory_are_told(tmp_path):
    """A node may lack processors or memory, and numbers may have gaps; what is off line is left out."""
    nodes = {0: ("0-1,5", 4), 3: ("", 8), 7: ("6", 0), 9: ("7", 4)}
    root = tree(tmp_path, nodes, "0,3,7", "0,3")
    expected = (NumaNode(0, (0, 1, 5), 4096, True), NumaNode(3, (), 8192, True), NumaNode(7, (6,), 0, False))
    assert numa_nodes(root) == expected


def test_a_broken_list_is_refused(tmp_path):
    """What cannot be read is an error that names the directory."""
    with pytest.raises(ValueError, match=str(tmp_path)):
        numa_nodes(tree(tmp_path, {0: ("0-", 1)}))


def test_a_system_without_nodes_has_one(tmp_path):
    """Where nothing is shown there is one node with memory."""
    assert [(node.node, node.has_memory) for node in numa_nodes(tmp_path / "none")] == [(0, True)]


@pytest.mark.parametrize("strategy", ["local", "interleaved", "pinned"])
def test_memory_is_given_whatever_the_kernel_says(strategy):
    """The memory is zero and writable; the report says whether it was placed, and why not."""
    node = next(node.node for node in numa_nodes() if node.has_memory)
    with NumaBuffer(100_000, strategy, node if strategy == "pinned" else None) as buffer:
        assert not buffer.array().any()
        buffer.array(np.int64)[:] = 3
        report = buffer.report()
        assert report.asked == strategy
        assert report.asked_node == (node if strategy == "pinned" else None)
        assert report.placed == (report.reason == "")
        assert report.pages.mapped_bytes == len(buffer)
        try:
            assert sum(buffer.pages_by_node().values()) > 0
        except UnsupportedError as error:
            assert "nodes of pages" in str(error)


def test_a_refused_placement_falls_back_and_says_so(tmp_path):
    """A node that the kernel does not know leaves plain pages, with the kernel's reason."""
    root = tree(tmp_path, {0: ("0", 4), 1001: ("1", 4)})
    with NumaBuffer(5000, "pinned", 1001, root=root) as buffer:
        report = buffer.report()
        assert (report.placed, report.node, report.asked_node) == (False, None, 1001)
        assert report.reason.startswith("mbind refused: ")
        buffer.array()[:] = 1


def test_one_node_leaves_nothing_to_choose(tmp_path):
    """On a machine with one node memory is plain, and the report says why."""
    with NumaBuffer(5000, "interleaved", root=tree(tmp_path, {0: ("0", 4)})) as buffer:
        assert buffer.report().reason == "one node has memory: there is nothing to choose"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((0,), ValueError),
        ((-1,), ValueError),
        ((2**64,), OverflowError),
        ((1, "near"), ValueError),
        ((1, "pinned"), ValueError),
        ((1, "local", 0), ValueError),
        ((1, "pinned", 99999), ValueError),
        ((1, "pinned", -1), ValueError),
    ],
)
def test_misuse_is_an_exception(arguments, error):
    """A wrong argument is refused with the error that names it."""
    with pytest.raises(error):
        NumaBuffer(*arguments)


def test_a_closed_buffer_refuses_every_use():
    """Use after close is an exception."""
    buffer = NumaBuffer(1)
    view = buffer.array()
    with pytest.raises(BufferError):
        buffer.close()
    del view
    buffer.close()
    for use in (buffer.array, buffer.report, buffer.pages_by_node, buffer.__len__):
        with pytest.raises(ClosedError):
            use()


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="the system has no affinity of threads")
def test_a_thread_is_held_to_a_node_and_let_go():
    """Inside the block the thread runs on the node's processors only, afterwards where it could before."""
    before = os.sched_getaffinity(0)
    node = next(node for node in numa_nodes() if before & set(node.cpus))
    with pin_thread(node.node) as pinned:
        assert os.sched_getaffinity(0) == before & set(node.cpus)
        stranger = []

        def let_go():
            try:
                pinned.restore()
            except LayerError as error:
                stranger.append(str(error))

        thread = threading.Thread(target=let_go)
        thread.start()
        thread.join()
        assert "by itself" in stranger[0]
    assert os.sched_getaffinity(0) == before
    pinned.restore()


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="the system has no affinity of threads")
def test_a_narrowed_thread_stays_narrowed(tmp_path):
    """Holding a thread to one processor of the node leaves out what it may not use."""
    cpu = min(os.sched_getaffinity(0))
    root = tree(tmp_path, {0: (f"{cpu}", 4), 1: ("", 4), 2: ("8000", 4)})
    before = os.sched_getaffinity(0)
    with pin_thread(0, root=root):
        assert os.sched_getaffinity(0) == {cpu}
    assert os.sched_getaffinity(0) == before
    for node, error in ((1, UnsupportedError), (2, UnsupportedError), (3, ValueError)):
        with pytest.raises(error):
            pin_thread(node, root=root)
