"""Natural pieces: whole statements of real sources, programs by themselves, of the size that is asked for."""

import ast
from pathlib import Path

from lab.translation.pieces import natural_pieces

SOURCE = b"""\"\"\"Doc.\"\"\"
import os

@first
@second
def f():
    return '''
x = 1
'''

# a comment

if os:
    pass
else:
    pass

class A:
    pass
"""


def test_pieces_are_runs_of_whole_statements() -> None:
    pieces = list(natural_pieces(SOURCE, 1, 60))
    assert all(piece in SOURCE for piece in pieces)
    assert all(1 <= len(piece) <= 60 for piece in pieces)
    assert [ast.dump(ast.parse(piece)) != ast.dump(ast.parse("")) for piece in pieces] == [True] * len(pieces)
    assert any(piece.startswith(b"if os:") and b"else:" in piece for piece in pieces)
    assert any(piece.startswith(b"@first\n@second\ndef f") for piece in natural_pieces(SOURCE, 1, 100))


def test_pieces_do_not_overlap_and_keep_their_order() -> None:
    source = Path(ast.__file__).read_bytes()
    pieces = list(natural_pieces(source, 700, 1400))
    places = [source.find(piece) for piece in pieces]
    assert len(pieces) > 10
    assert places == sorted(places)
    assert all(place + len(piece) <= after for place, piece, after in zip(places, pieces, places[1:], strict=False))
    assert all(700 <= len(piece) <= 1400 for piece in pieces)


def test_what_is_too_small_or_no_python_has_no_piece() -> None:
    assert list(natural_pieces(b"", 1, 100)) == []
    assert list(natural_pieces(b"x = 1\n", 700, 1400)) == []
    assert list(natural_pieces(b"print 'x'\nexec y\n", 1, 100)) == []
