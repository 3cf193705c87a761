"""`lab verify-frontend`: is the front end's answer CPython's own, in every variant?"""

import json
from dataclasses import asdict
from pathlib import Path

import click

from lab.cli.options import GrammarVersion, folder, json_option
from lab.cli.progress import TerminalObserver
from lab.cli.terminal import Console, echo, echo_json, errors
from lab.core.errors import EXIT_OK, EXIT_WORSE, UsageError
from lab.experiment.corpus import standard_library
from lab.report.text import Block, write_block
from lab.translation.inputs import python_files
from lab.translation.ladder import STEPS, Difference, Result, climb
from lab.translation.switches import Switches

ALL = "all"
MUTANTS = 5000
PROGRAMS = 2000
LAYOUTS = 5000
SHOWN = 10


@click.command("verify-frontend")
@click.option(
    "--corpus",
    "corpora",
    multiple=True,
    type=folder(),
    help="Folder of .py files; may be given again. The standard library with its tests if not given.",
)
@click.option(
    "--variants",
    default=ALL,
    help="all (every setting of the switches), best, baseline, or switches that are on, joined by +.",
)
@click.option(
    "--grammar",
    type=GrammarVersion(),
    help="Version of Python to compare with (default: the running one's); its CPython must be on this machine.",
)
@click.option(
    "--step",
    "steps",
    multiple=True,
    type=click.Choice(STEPS),
    help="Step to compare; may be given again (default: all).",
)
@click.option("--mutants", default=MUTANTS, type=click.IntRange(min=0), help="Mutated programs, at most.")
@click.option("--programs", default=PROGRAMS, type=click.IntRange(min=0), help="Random programs of the grammar.")
@click.option("--layouts", default=LAYOUTS, type=click.IntRange(min=0), help="Small programs in random layouts.")
@click.option("--seed", default=0, type=click.IntRange(min=0), help="Random seed of mutants, programs and layouts.")
@click.option("--processes", type=click.IntRange(1, 256), help="One per processor if not given.")
@json_option
def verify_frontend(
    corpora: tuple[Path, ...],
    variants: str,
    grammar: int | None,
    steps: tuple[str, ...],
    mutants: int,
    programs: int,
    layouts: int,
    seed: int,
    processes: int | None,
    as_json: bool,
) -> int:
    """Compare the front end with CPython's tokenize and ast over whole trees of sources.

    The steps: accepted or refused alike; refused in the same line, where CPython's depends on nothing that follows it;
    tokens; node kinds; the dump without and with attributes; columns against a walk of the tree. Then the same for
    mutated programs, random ones and random layouts. CPython's answers are kept in the user's cache folder.

    For another version than the running Python's the lab asks python3.N, or a pyodide package of npm under Node.js.

    Exit code 1: something differs; the first differences are shown.
    """
    console = errors()
    files = _files(corpora)
    try:
        chosen = tuple(Switches.every()) if variants == ALL else (Switches.parse(variants),)
    except ValueError as error:
        raise UsageError(f"--variants {variants}: {error}, or {ALL}") from error
    size = sum(path.stat().st_size for path in files)
    with TerminalObserver(console) as observer:
        observer.phase("comparing", size, "bytes")
        found = climb(
            files,
            chosen,
            grammar=grammar,
            steps=steps or STEPS,
            mutant_count=mutants,
            program_count=programs,
            layout_count=layouts,
            seed=seed,
            processes=processes,
            progress=lambda done, _, words: observer.advance(done, words),
        )
    if as_json:
        echo_json(json.dumps(_as_json(found, len(chosen)), indent=2))
    else:
        _show(found)
    return EXIT_WORSE if found.differing else EXIT_OK


def _files(corpora: tuple[Path, ...]) -> list[Path]:
    """Sources of the corpora, each once."""
    found: dict[Path, None] = {}
    for corpus in corpora:
        below = dict.fromkeys(python_files(corpus))
        if not below:
            raise UsageError(f"corpus {corpus}: no .py file; give --corpus another folder")
        found |= below
    if not corpora:
        library = standard_library()
        every = python_files(library)
        found = {path: None for path in every if "site-packages" not in path.relative_to(library).parts}
    return [path for path in found if path.is_file()]


def _rows(found: Result) -> list[dict[str, str | int]]:
    """By step: all variants together, then each that differs by itself."""
    rows: list[dict[str, str | int]] = []
    for step in STEPS:
        of_step = {variant: count for (one, variant), count in found.steps.compared.items() if one == step}
        wrong = {variant: found.steps.differing[step, variant] for variant in of_step}
        if not of_step:
            continue
        name = next(iter(of_step)) if len(of_step) == 1 else f"{len(of_step)} variants"
        rows.append(_row(step, name, sum(of_step.values()), sum(wrong.values())))
        if len(of_step) > 1:
            rows += [_row(step, variant, of_step[variant], count) for variant, count in wrong.items() if count]
    return rows


def _row(step: str, variant: str, compared: int, differing: int) -> dict[str, str | int]:
    return {
        "step": step,
        "variant": variant,
        "compared": compared,
        "equal": compared - differing,
        "differing": differing,
    }


def _as_json(found: Result, variants: int) -> dict[str, object]:
    return {
        "python": found.python,
        "variants": variants,
        "files": found.files,
        "refused": found.refused,
        "bytes": found.bytes,
        "mutants": found.mutants,
        "refused_mutants": found.refused_mutants,
        "programs": found.programs,
        "refused_programs": found.refused_programs,
        "differing": found.differing,
        "steps": _rows(found),
        "crashed": found.crashed,
        "differences": [asdict(one) for one in found.differences],
    }


def _show(found: Result) -> None:
    for one in found.differences[:SHOWN]:
        _show_difference(one)
    for name in found.crashed:
        echo(f"{name}: its comparison ended the process")
    rows = tuple(tuple(f"{cell:,}" if isinstance(cell, int) else cell for cell in row.values()) for row in _rows(found))
    colours = tuple("red" if row[-1] != "0" else "green" for row in rows)
    heads = ("step", "variant", "compared", "equal", "differing")
    write_block(Block(f"The front end beside CPython {found.python}", heads, rows, colours), Console())
    echo(
        f"{found.files:,} files of {found.bytes / 1e6:.1f} MB, {found.refused} of them refused by CPython; "
        f"{found.mutants:,} mutants, {found.refused_mutants:,} of them refused; "
        f"{found.programs:,} made programs, {found.refused_programs:,} of them refused; {found.differing:,} differences"
    )


def _show_difference(one: Difference) -> None:
    place = f"{one.file}:{one.line}" if one.line else one.file
    echo(f"{place}: {one.step}, {one.variant}")
    echo(f"  expected {one.expected}")
    echo(f"  got      {one.got}")
    if one.source:
        echo("  the program:")
        for line in one.source.splitlines():
            echo(f"  | {line}")
