"""The corpus: every decodable file, the others listed with their reason."""

from pathlib import Path

import pytest

from lab.core.errors import UsageError
from lab.experiment.corpus import read_corpus, standard_library


def test_files_come_sorted_with_their_bytes_untouched(tmp_path: Path) -> None:
    (tmp_path / "b.py").write_bytes(b"x = 1\r\n")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "c.py").write_bytes("# é\n".encode())
    (tmp_path / "notes.txt").write_text("not Python")
    corpus = read_corpus(tmp_path)
    assert [(file.path, file.data) for file in corpus.files] == [("a/c.py", "# é\n".encode()), ("b.py", b"x = 1\r\n")]
    assert corpus.bytes == 12


def test_what_cannot_be_decoded_is_listed_and_skipped(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text("x = 1\n")
    (tmp_path / "bad.py").write_bytes(b"x = '\xff'\n")
    (tmp_path / "cookie.py").write_bytes(b"# -*- coding: no-such-codec -*-\n")
    corpus = read_corpus(tmp_path)
    assert [file.path for file in corpus.files] == ["good.py"]
    assert [path for path, _ in corpus.skipped] == ["bad.py", "cookie.py"]
    assert all(reason for _, reason in corpus.skipped)


def test_declared_codec_is_honoured(tmp_path: Path) -> None:
    (tmp_path / "latin.py").write_bytes(b"# -*- coding: latin-1 -*-\nx = '\xe9'\n")
    assert len(read_corpus(tmp_path).files) == 1


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\xff"])
def test_corpus_without_a_usable_file_names_the_remedy(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "a.py").write_bytes(content)
    with pytest.raises(UsageError, match="--corpus"):
        read_corpus(tmp_path)


def test_missing_folder_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--corpus"):
        read_corpus(tmp_path / "nowhere")


def test_standard_library_is_the_default_and_large() -> None:
    assert (standard_library() / "os.py").is_file()
