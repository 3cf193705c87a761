"""Cut the cffi declarations out of the project's own C headers.

A header marks what Python may see with ``/* cdef:begin */`` and ``/* cdef:end */``. The regions are joined in the
order of ``headers.txt`` (a type stands before its first use), comments, preprocessor lines and export macros are
dropped, and an ``#include`` of each header becomes the prelude that the generated module is compiled with.

Usage: cut_cdef.py HEADERS_TXT NATIVE_DIR CDEF_OUT PRELUDE_OUT
"""

import re
import sys
from pathlib import Path

REGION = re.compile(r"/\* cdef:begin \*/(.*?)/\* cdef:end \*/", re.DOTALL)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
EXPORT_MACROS = re.compile(r"\b(?:PM|LP|LK)_(?:API|EXPORT|INLINE|MALLOC|NODISCARD|NONNULL)\b(?:\([^)]*\))?")


def cut(header: Path) -> str:
    """The marked declarations of one header; an error where it has none."""
    regions = REGION.findall(header.read_text())
    if not regions:
        sys.exit(f"{header}: no cdef region; take it off headers.txt or mark one")
    text = EXPORT_MACROS.sub("", COMMENT.sub("", "\n".join(regions)))
    return "\n".join(line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))


def main(headers_txt: str, native: str, cdef_out: str, prelude_out: str) -> None:
    """Write the cdef and the prelude."""
    names = [line.strip() for line in Path(headers_txt).read_text().splitlines() if line.strip()]
    Path(cdef_out).write_text("\n".join(cut(Path(native) / name) for name in names) + "\n")
    includes = (f'#include "{name.split("/include/", 1)[1]}"\n' for name in names)
    Path(prelude_out).write_text("".join(includes))


if __name__ == "__main__":
    main(*sys.argv[1:])
