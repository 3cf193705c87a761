"""A small corpus with the awkward cases: no final newline, an empty line, tabs, bytes beyond ASCII, a blank file."""

from lab.experiment.corpus import Corpus, SourceFile

FILES = (
    SourceFile("a.py", b"import os\n\n    x = 1  # one\n"),
    SourceFile("b/c.py", b"def f(a, b):\n\treturn a + b"),
    SourceFile("d.py", "s = 'größer'\n".encode()),
    SourceFile("e.py", b"\n"),
    SourceFile("long.py", b"".join(b"value_%d = compute(%d)\n" % (number, number % 7) for number in range(300))),
)
CORPUS = Corpus("root", FILES, ())
