"""No source crashes on any stack: it is translated where the stack has room, else refused with a clear error."""

import subprocess
import sys

import pytest

SCRIPT = r"""
import sys, threading
from lab.translation import Session, TooDeepError

minor, levels, stack = (int(word) for word in sys.argv[1:])
blocks = "".join(" " * i + "if a:\n" for i in range(90)) + " " * 90 + "b\n"
tries = "".join(" " * i + "try:\n" for i in range(90)) + " " * 90 + "b\n"
tries += "".join(" " * i + "finally: c\n" for i in range(89, -1, -1))
chains = {
    "attributes": "a" + ".b" * levels, "calls": "a" + "()" * levels, "subscripts": "a" + "[0]" * levels,
    "operators": "a" + "+b" * levels, "powers": "a" + "**b" * levels, "signs": "-" * levels + "1",
    "negations": "not " * levels + "a", "comparisons": "a" + "<b" * levels, "and": "a" + " and b" * levels,
    "lambdas": "lambda:" * levels + "a", "ternaries": "a if b else " * levels + "c",
    "elif": "if a: b\n" + "elif c: d\n" * levels, "with": "with " + ",".join(["a"] * levels) + ": b",
    "decorators": "@a\n" * levels + "def f(): 0", "patterns": "match a:\n case " + "|".join(["1"] * levels) + ": 0",
    "attribute patterns": "match a:\n case a" + ".b" * levels + ": 0", "strings": "'a' " * levels,
    "clauses": "[a " + "for b in c " * levels + "]", "assignments": "a=" * levels + "1", "tuples": "a," * levels,
    "mixed": "a" + "[b].c(d)" * levels, "fields": 'f"' + "{a}" * levels + '"',
}
brackets = {
    "parentheses": "(" * 199 + "a" + ")" * 199, "lists": "[" * 199 + "]" * 199, "nested calls": "f(" * 199 + ")" * 199,
    "nested lambdas": "(lambda:" * 190 + "a" + ")" * 190, "generators": "(" * 190 + "a" + " for a in b)" * 190,
    "sequence patterns": "match a:\n case " + "[" * 190 + "a" + "]" * 190 + ": 0", "blocks": blocks, "try": tries,
}
if minor >= 12:
    brackets["f-strings"] = 'f"{' * 140 + "a" + '}"' * 140
    chains["type parameters"] = "def f[" + ",".join(f"T{i}: a" for i in range(levels)) + "](): 0"
found = set()

def work():
    for source in (chains | brackets).values():
        with Session(grammar=minor) as session:
            for ask in (session.text, session.columns):
                try:
                    ask(source)
                    found.add("translated")
                except TooDeepError as error:
                    assert "deep" in error.message
                    found.add("refused")

if stack:
    threading.stack_size(stack)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
else:
    work()
print(*sorted(found))
"""


def run(minor: int, levels: int, stack: int, limit_kib: int = 0) -> list[str]:
    """What the sources came to, in a process of its own."""
    command = [sys.executable, "-c", SCRIPT, str(minor), str(levels), str(stack)]
    if limit_kib:
        command = ["sh", "-c", f'ulimit -s {limit_kib}; exec "$@"', "sh", *command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.split()


@pytest.mark.skipif(sys.platform == "win32", reason="no ulimit")
@pytest.mark.parametrize("minor", [11, 14])
def test_nothing_crashes_under_a_small_limit(minor: int) -> None:
    assert run(minor, 5900, 0, limit_kib=512) == ["refused", "translated"]


@pytest.mark.parametrize("stack_kib", [64, 128, 256])
@pytest.mark.parametrize("levels", [800, 5900])
def test_nothing_crashes_on_a_thread_with_a_small_stack(stack_kib: int, levels: int) -> None:
    for minor in (11, 14):
        assert "refused" in run(minor, levels, stack_kib << 10)


def test_a_large_stack_has_room_for_what_cpython_has() -> None:
    assert run(11, 2900, 256 << 20) == ["translated"]
