"""The one mechanism behind every object: who may be inside it, what a call holds, who waits for whom."""

import gc
import threading
import time

import pytest

from lab._extension import Hold, Turn, callback_begin, callback_end
from lab.memory import AlignedBuffer, BusyError, ClosedError, StringPool, TaskBatch


def in_thread(work):
    """Run work on another thread, and return what it returned or raised."""
    found = []

    def run():
        try:
            found.append(work())
        except BaseException as error:
            found.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()
    return found[0]


def test_a_turn_is_not_taken_twice_by_a_thread():
    """Code inside a call cannot use the object of the call; afterwards it can."""
    turn = Turn("Box")
    with turn, pytest.raises(BusyError, match="this Box is in the middle of a call of this thread"), turn:
        pytest.fail("taken twice")
    with turn:
        assert in_thread(turn.try_enter) is False
    assert issubclass(BusyError, BufferError)


def test_a_thread_waits_for_the_call_of_another():
    """Threads take turns, each to its end."""
    turn, inside, most = Turn("Box"), 0, []

    def work():
        nonlocal inside
        for _ in range(200):
            with turn:
                inside += 1
                most.append(inside)
                time.sleep(0)
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert most == [1] * 800


def test_a_thread_with_a_turn_never_waits_so_there_is_no_deadlock():
    """Two threads that want each other's object get an error, whatever the order; without contention both work."""
    first, second = Turn("First"), Turn("Second")
    with first, second:
        pass
    with second, first:
        pass
    entered = threading.Barrier(2, timeout=60)
    outcomes = []

    def cross(mine, other):
        with mine:
            entered.wait()
            try:
                with other:
                    outcomes.append("both")
            except BusyError as error:
                outcomes.append(str(error))
            entered.wait()

    threads = [threading.Thread(target=cross, args=pair) for pair in ((first, second), (second, first))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert len(outcomes) == 2
    assert all("cannot wait for it inside a call of another object" in outcome for outcome in outcomes)


def test_a_callback_never_waits():
    """C waits for a callback, so a callback that waited for a call of C could wait for itself."""
    turn = Turn("Box")

    def callback():
        callback_begin()
        try:
            with turn:
                return "waited"
        finally:
            callback_end()

    with turn:
        assert isinstance(in_thread(callback), BusyError)
    assert in_thread(callback) == "waited"


def test_an_interrupted_wait_ends():
    """A signal handler's exception ends the wait for another thread."""
    import signal

    turn, ready, done = Turn("Box"), threading.Event(), threading.Event()

    def occupy():
        with turn:
            ready.set()
            done.wait(60)

    thread = threading.Thread(target=occupy)
    thread.start()
    ready.wait(60)
    before = signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(InterruptedError("alarm")))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(InterruptedError, match="alarm"), turn:
            pytest.fail("entered")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        done.set()
        thread.join(60)
    with turn:
        pass


def test_a_hold_keeps_its_owners_open_and_unmoved():
    """While a call uses them, objects can be used but neither end nor move, and the hold's end lets go."""
    with AlignedBuffer(count=4) as buffer, TaskBatch() as batch:
        with Hold(buffer, batch) as pointers:
            assert len(pointers) == 2
            assert buffer._turn.uses == batch._turn.uses == 1
            assert len(buffer) == 4
            for refused in (buffer.close, lambda: buffer.resize(9), batch.reset, lambda: batch.append("a", "b")):
                with pytest.raises(BufferError, match=r"while 1 call\(s\) use it"):
                    refused()
        buffer.resize(9)
        batch.append("a", "b")


def test_a_hold_on_a_closed_object_holds_none():
    """All or nothing, and no count stays behind."""
    with AlignedBuffer(count=4) as buffer:
        closed = AlignedBuffer()
        closed.close()
        with pytest.raises(ClosedError), Hold(buffer, closed):
            pytest.fail("held")
        with pytest.raises(TypeError, match="has no turn"), Hold(buffer, StringPool):
            pytest.fail("held")
        assert buffer._turn.uses == 0


def test_a_forgotten_hold_lets_go():
    """An exception between the hold and its block leaves no object locked for ever."""
    with AlignedBuffer(count=4) as buffer:
        hold = Hold(buffer)
        hold.__enter__()
        with pytest.raises(RuntimeError, match="once"):
            hold.__enter__()
        del hold
        gc.collect()
        assert buffer._turn.uses == 0


def test_wrong_arguments_of_turns_are_refused():
    """The types of the extension check what they get."""
    for wrong in (Turn, lambda: Turn(3), lambda: Turn(name="x"), lambda: Hold(owner=3)):
        with pytest.raises(TypeError):
            wrong()
