"""`lab new`: an experiment file to start from."""

from pathlib import Path

import click

from lab.cli.commands.compare import template
from lab.cli.options import folder
from lab.cli.terminal import echo
from lab.core.errors import EXIT_OK, UsageError


@click.command()
@click.argument("name")
@click.option("--python", "kind", flag_value="python", default=True, help="Compares Python functions (the default).")
@click.option("--c", "kind", flag_value="c", help="Compares functions of a C file, which is written too.")
@click.option("--command", "kind", flag_value="command", help="Compares whole commands.")
@click.option("--experiments", "where", type=folder(), default=".", help="Folder to write to (default: this one).")
def new(name: str, kind: str, where: Path) -> int:
    """Write an experiment file that runs as it is. Comments in it say what to change."""
    if not name.isidentifier():
        raise UsageError(f"{name!r} cannot name a Python file; use letters, digits and _")
    files = {f"{name}.py": template(f"{kind}.py").replace("NAME", name).replace("FOLDER", str(where))}
    if kind == "c":
        files[f"{name}.c"] = template("variants.c").replace("lab compare variants.c", f"lab compare {name}.c")
    for file in files:
        if (where / file).exists():
            raise UsageError(f"{where / file} exists; choose another name, or remove it")
    where.mkdir(parents=True, exist_ok=True)
    for file, text in files.items():
        (where / file).write_text(text, encoding="utf-8")
        echo(f"wrote {where / file}")
    echo(f"run it with: lab run --experiments {where} {name}")
    return EXIT_OK
