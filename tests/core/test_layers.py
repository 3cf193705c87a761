"""What import-linter cannot see: the compiled module has no source that it could follow."""

import ast
from pathlib import Path

import lab

ROOT = Path(lab.__file__).parent


def imported_modules(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def importers(module: str) -> set[str]:
    return {path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py") if module in imported_modules(path)}


def test_only_the_gate_imports_the_library_and_only_the_layers_over_it_the_extension() -> None:
    assert importers("lab._native") == {"_ffi.py"}
    outside = {path for path in importers("lab._extension") if not path.startswith(("memory/", "translation/"))}
    assert outside == {"_ffi.py"}
