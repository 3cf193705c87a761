"""Cut the cffi declarations out of the project's own C headers.

A header marks what Python may see with ``/* cdef:begin */`` and ``/* cdef:end */``; a header without a mark is not for
Python. Nothing lists the headers: those of each include folder are taken, a header after those that it includes, so
that a type stands before its first use. Comments, preprocessor lines and export macros are dropped, and an
``#include`` of each header becomes the prelude that the generated module is compiled with.

Usage: cut_cdef.py CDEF_OUT PRELUDE_OUT INCLUDE_FOLDER...
"""

import re
import sys
from pathlib import Path

REGION = re.compile(r"/\* cdef:begin \*/(.*?)/\* cdef:end \*/", re.DOTALL)
INCLUDE = re.compile(r'^#\s*include "([^"]+)"', re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
EXPORT_MACROS = re.compile(r"\b(?:PM|LP|LK)_(?:API|EXPORT|INLINE|MALLOC|NODISCARD|NONNULL)\b(?:\([^)]*\))?")


def cut(header: Path) -> str:
    """The marked declarations of one header; empty where it has none."""
    text = EXPORT_MACROS.sub("", COMMENT.sub("", "\n".join(REGION.findall(header.read_text()))))
    return "\n".join(line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))


def in_order(folders: list[Path]) -> list[tuple[str, Path]]:
    """Every header below the folders by the name it is included by, after those that it includes itself."""
    headers = {path.relative_to(folder).as_posix(): path for folder in folders for path in sorted(folder.glob("*/*.h"))}
    done: dict[str, Path] = {}
    seen: set[str] = set()

    def take(name: str) -> None:
        if name in seen or name not in headers:
            return
        seen.add(name)
        beside = name.rsplit("/", 1)[0]
        for included in INCLUDE.findall(headers[name].read_text()):
            for candidate in (included, f"{beside}/{included}"):
                take(candidate)
        done[name] = headers[name]

    for name in headers:
        take(name)
    return list(done.items())


def main(cdef_out: str, prelude_out: str, *folders: str) -> None:
    """Write the cdef and the prelude."""
    found = [(name, cut(path)) for name, path in in_order([Path(folder) for folder in folders])]
    marked = [(name, text) for name, text in found if text]
    Path(cdef_out).write_text("\n".join(text for _, text in marked) + "\n")
    Path(prelude_out).write_text("".join(f'#include "{name}"\n' for name, _ in marked))


if __name__ == "__main__":
    main(*sys.argv[1:])
