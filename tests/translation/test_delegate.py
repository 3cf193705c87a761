"""What only Python knows: codecs, NFKC, names of characters; the answers are CPython's, and asking is rare."""

import ast

import pytest

from lab.translation import Session, SourceError
from lab.translation.decoding import declared_encoding, decode_source
from tests.translation.conftest import needs_answers


@pytest.mark.parametrize(
    ("source", "declared"),
    [
        (b"x = 1\n", None),
        (b"# coding: latin-1\n", "iso-8859-1"),
        (b"# -*- coding: Latin_1-unix -*-\n", "iso-8859-1"),
        (b"#!/bin/python\n# vim: fileencoding=utf-8 :\n", "utf-8"),
        (b"\n \t# coding=UTF_8-mac\n", "utf-8"),
        (b"\n\n# coding: latin-1\n", None),
        (b"x\n# coding: latin-1\n", None),
        (b"x = 1 # coding: latin-1\n", None),
        (b"# coding : latin-1\n", None),
        (b"# coding:cp1252 coding:utf-8\n", "cp1252"),
        (b"# encoding: koi8-r", "koi8-r"),
    ],
)
def test_a_declaration_is_found_as_pep_263_says(source: bytes, declared: str | None) -> None:
    assert declared_encoding(source) == declared


def test_a_source_becomes_utf8_with_line_feeds() -> None:
    assert decode_source(b"# coding: latin-1\r\nx = '\xe9'\ry") == "# coding: latin-1\nx = 'é'\ny".encode()
    assert decode_source(b"\xef\xbb\xbfx") == b"x"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (b"# coding: nonsense\nx", "nonsense"),
        (b"\xef\xbb\xbf# coding: latin-1\nx", "with BOM"),
        (b"# coding: ascii\nx = '\xe9'", "codec can't decode"),
        (b"# coding: rot13\nx", "rot13"),
        (b"# coding: hex\n78", "hex"),
    ],
)
def test_an_encoding_that_cannot_be_is_said(source: bytes, words: str) -> None:
    with pytest.raises(SyntaxError, match=words):
        decode_source(source)
    with Session(grammar=11) as session, pytest.raises(SourceError, match=words):
        session.text(source)


def test_python_is_asked_only_for_what_is_rare() -> None:
    with Session(grammar=11) as session:
        session.text("x = 'é' # ü\n".encode())
        session.text(b"\xef\xbb\xbf# coding: utf-8\r\nx = 1\r\n")
        assert session.ledger().delegated_count == 0
        session.text("é = ﬁ\n")
        names = session.ledger().delegated_count
        assert names == 2
        session.text(r"x = '\N{EURO SIGN}'")
        characters = session.ledger().delegated_count
        assert characters > names
        session.text(b"# coding: koi8-r\nx = '\xc1'\n")
        assert session.ledger().delegated_count == characters + 1


@needs_answers
@pytest.mark.parametrize(
    "name", ["EURO SIGN", "latin small letter a", "LF", "BELL", "HANGUL SYLLABLE GAG", "CJK UNIFIED IDEOGRAPH-4E00"]
)
def test_characters_by_name_are_those_of_cpython(name: str) -> None:
    source = f"x = '\\N{{{name}}}'"
    with Session(grammar=11) as session:
        assert session.text(source).decode() == ast.dump(ast.parse(source), include_attributes=True)


@pytest.mark.parametrize("name", ["", "no such name", "é", "LATIN SMALL LETTER A WITH MACRON AND GRAVE"])
def test_what_names_no_single_character_is_refused(name: str) -> None:
    with Session(grammar=11) as session, pytest.raises(SourceError):
        session.text(f"x = '\\N{{{name}}}'")


@pytest.mark.parametrize("source", ["x = a€", "€", "a\u00a0= 1", "x = ²", "1é", "é²"])
def test_what_is_no_identifier_is_refused(source: str) -> None:
    with Session(grammar=11) as session, pytest.raises(SourceError):
        session.text(source)
