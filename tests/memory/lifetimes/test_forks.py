"""What a child process can do with the objects of its parent, and that every process ends.

Each case is a program of its own with a time limit: a child that waits for threads that it does not have hangs.
"""

import subprocess
import sys
import textwrap

import pytest

SECONDS = 60
PRELUDE = """
import gc, os, sys, threading, time
from lab.memory import *
from lab.memory.bridge import COPY
from lab.translation import Session, Translator

def wait(child):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, 9)
    return "hangs"

def in_child(work):
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException as error:
            print(type(error).__name__, error, flush=True)
            os._exit(7)
        sys.exit(0)
    return wait(child)
"""


def run(program, *arguments):
    """Output of a program, which must end well and in time."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", PRELUDE + textwrap.dedent(program), *arguments],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_child_of_a_process_with_threads_ends_and_says_what_it_cannot_use():
    """Teams and translators are refused with the reason, ended quietly, and no end of the child hangs."""
    out = run("""
        team, translator, batch = WorkerTeam(2), Translator(workers=2), TaskBatch()
        batch.append("x = 1", "a", "")
        team.translate(COPY, batch)
        translator.texts(["x = 1"])
        for work in (lambda: team.translate(COPY, batch), team.stats, lambda: translator.texts(["y"]), translator.trim):
            assert in_child(work) == 7
        assert in_child(lambda: None) == 0
        assert in_child(lambda: (team.close(), translator.close(), team.cancel(), translator.cancel())) == 0
        def drop():
            global team, translator
            team = translator = None
            gc.collect()
        assert in_child(drop) == 0
        def anew():
            with WorkerTeam(2) as mine, Translator(workers=2) as other:
                assert list(mine.translate(COPY, batch)) == [b"x = 1"]
                assert len(other.texts(["x = 1"]).texts) == 1
        assert in_child(anew) == 0
        assert list(team.translate(COPY, batch)) == [b"x = 1"]
        print("parent goes on")
    """)
    assert out.count("ForkedError this WorkerTeam was made before a fork") == 2
    assert out.count("ForkedError this Translator was made before a fork") == 2
    assert out.endswith("parent goes on\n")


def test_objects_without_threads_work_in_a_child():
    """What nobody was using at the fork is the child's own copy."""
    run("""
        buffer, interner, pool, arena = AlignedBuffer(count=3), Interner(), StringPool(4), Arena()
        interner.intern("a"), pool.prefill(2), arena.alloc(100)
        session = Session()
        text = session.text("x = 1")
        view = buffer.array()
        def work():
            buffer.array()[:] = 9
            assert interner.lookup("a") == 0 and interner.intern("b") == 1
            with pool.acquire() as string:
                string.append("x")
            arena.reset()
            assert session.text("x = 1") == text
            with LinearMemoryPool(2, 65536) as memories, memories.acquire(100) as memory:
                assert len(memory) == 100
            assert scan.contains(["abc"], "b").tolist() == [True]
        assert in_child(work) == 0
        assert view.tolist() == [0, 0, 0] and interner.lookup("b") is None
    """)


def test_an_object_in_use_by_another_thread_at_the_fork_is_lost_in_the_child():
    """The call never ends there, and so the object is never free: an error, not a wait."""
    out = run("""
        started = threading.Event()
        pool, interner = StringPool(4), Interner()
        words = [str(number) * 5 for number in range(400_000)]
        def keep_busy():
            while True:
                started.set()
                interner.intern_many(words, threads=2)
                interner.clear()
        threading.Thread(target=keep_busy, daemon=True).start()
        started.wait()
        outcomes = set()
        for _ in range(6):
            time.sleep(0.003)
            outcomes.add(in_child(lambda: interner.lookup("a")))
            outcomes.add(in_child(lambda: interner.close()))
        assert outcomes <= {0, 7}, outcomes
        print("done")
    """)
    assert out.endswith("done\n")
    assert all(line.startswith(("ForkedError", "done")) for line in out.splitlines()), out


def test_a_fork_inside_a_codec_ends():
    """On the thread of a session the child goes on; on a native thread it cannot, and ends."""
    out = run("""
        import codecs
        def decode(data, errors="strict"):
            child = os.fork()
            if child:
                codes.append(wait(child))
            return codecs.utf_8_decode(data, errors, True)
        codes = []
        codecs.register(lambda name: codecs.CodecInfo(codecs.utf_8_encode, decode) if name == "forking" else None)
        source, parent = b"# coding: forking\\nx = 1\\n", os.getpid()
        with Session() as session:
            session.text(source)
            if os.getpid() != parent:
                os._exit(5)
        with Translator(workers=2) as translator:
            translator.texts([source])
        print(codes)
    """)
    assert out == "[5, 1]\n"


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing_ends_with_every_start_method(method, tmp_path):
    """A pool of processes beside a live team and translator: children work with objects of their own."""
    script = tmp_path / "program.py"
    script.write_text(
        textwrap.dedent("""
        import multiprocessing, sys
        from lab.memory import Interner, WorkerTeam
        from lab.translation import Translator

        def work(source):
            with Translator(workers=1) as translator, Interner() as interner:
                interner.intern(source)
                return bytes(translator.texts([source]).texts[0])

        if __name__ == "__main__":
            context = multiprocessing.get_context(sys.argv[1])
            with WorkerTeam(2) as team, Translator(workers=2) as translator:
                expected = [bytes(text) for text in translator.texts(["x = 1", "y = 2"]).texts]
                with context.Pool(2) as pool:
                    assert pool.map(work, ["x = 1", "y = 2"]) == expected
                process = context.Process(target=sys.exit)
                process.start()
                process.join(30)
                assert process.exitcode == 0
            print("done")
        """)
    )
    command = [sys.executable, "-W", "ignore::DeprecationWarning", str(script), method]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr


def test_a_spawned_program_and_a_raw_fork_leave_the_parent_alone():
    """`posix_spawn` and `subprocess` run another program; a child that ends at once ends no object."""
    run("""
        import subprocess
        with WorkerTeam(2) as team, TaskBatch() as batch:
            batch.append("x", "a", "")
            child = os.posix_spawn(sys.executable, [sys.executable, "-c", "pass"], os.environ)
            assert wait(child) == 0
            assert subprocess.run([sys.executable, "-c", "pass"]).returncode == 0
            child = os.fork()
            if child == 0:
                os._exit(3)
            assert wait(child) == 3
            assert list(team.translate(COPY, batch)) == [b"x"]
    """)


@pytest.mark.parametrize("objects", ["team", "translator", "interner", "pool"])
def test_daemon_threads_inside_calls_do_not_keep_the_process(objects):
    """The interpreter ends while daemon threads are in the middle of long calls."""
    run(
        """
        kind, started = sys.argv[1], threading.Event()
        batch = TaskBatch()
        batch.extend([("x = [1, 2]\\n" * 2000, "a", "")] * 200)
        team, translator, interner, pool = WorkerTeam(2), Translator(workers=2), Interner(), StringPool(4)
        words = [str(number) * 5 for number in range(100_000)]
        sources = ["x = [1, 2]\\n" * 2000] * 50
        calls = {
            "team": lambda: team.translate(COPY, batch, strings="pooled", pool=pool),
            "translator": lambda: translator.texts(sources),
            "interner": lambda: interner.intern_many(words, threads=2),
            "pool": lambda: pool.release_many(pool.acquire_many(1000)),
        }
        def forever():
            while True:
                started.set()
                calls[kind]()
        for _ in range(3):
            threading.Thread(target=forever, daemon=True).start()
        started.wait()
        time.sleep(0.05)
        sys.exit(0)
        """,
        objects,
    )


def test_a_free_threaded_interpreter_is_refused_with_the_reason():
    """The counts that keep memory alive rely on the GIL."""
    program = (
        "import sys; sys.version = '3.13.0 experimental free-threading build'\n"
        "try:\n    import lab.memory\nexcept ImportError as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=SECONDS, check=True)
    assert "Py_GIL_DISABLED" in done.stdout
    assert "standard build" in done.stdout
