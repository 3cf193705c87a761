"""`lab compare`: your own code, measured as the lab measures its own."""

import json
import shlex
import sys
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import click

from lab import api
from lab.api.arms import (
    Input,
    Prepared,
    command_names,
    function_names,
    prepare_c,
    prepare_commands,
    prepare_functions,
    prepare_libraries,
    with_data_file,
)
from lab.api.compare import BUDGET_S
from lab.cli.options import file, json_option, reports_option
from lab.cli.progress import TerminalObserver
from lab.cli.terminal import Console, echo, echo_json, errors
from lab.core.errors import EXIT_CASES_FAILED, EXIT_OK, UsageError
from lab.experiment.compiled import DoesNotCompile, Exported, Workshop
from lab.experiment.observer import Silent
from lab.experiment.subjects import Command
from lab.experiment.trials import TIMEOUT_S
from lab.measure.native import find_native

SEPARATOR = "::"
LIBRARIES = (".so", ".dylib", ".dll")
TEMPLATES = {"c": "variants.c"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What was asked for, besides the arms."""

    given: Input
    reports: Path
    setup: str | None
    cflags: tuple[str, ...]
    header: Path | None
    call: str
    how: Command


@click.command()
@click.argument("arms", nargs=-1, type=click.UNPROCESSED)
@click.option("--data", type=file(), help="What the arms work on; of commands, standard input.")
@click.option(
    "--data-as", type=click.Choice(["text", "bytes", "json", "path"]), help="What Python functions get (default: text)."
)
@click.option("--setup", metavar="FUNCTION", help="FILE.py:FUNCTION that makes a Python function's argument, untimed.")
@click.option("--no-check", is_flag=True, help="Compare arms that give different answers.")
@click.option(
    "--budget", type=click.FloatRange(min=0, min_open=True), default=BUDGET_S, show_default=True, help="Seconds."
)
@click.option(
    "--timeout", type=click.FloatRange(min=0, min_open=True), default=TIMEOUT_S, show_default=True,
    help="Seconds after which a call is given up.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), help="Random seed (default: random).")
@click.option("--cflags", default="", help="Flags for the C compiler, after -O3 -g.")
@click.option("--header", type=file(), help="C header that declares a function of shared libraries.")
@click.option("--call", default="", help="C expression that calls it (default: NAME(data, bytes)).")
@click.option("--prepare", default="", metavar="COMMAND", help="Shell command before each run of a command, untimed.")
@click.option("--warmup", type=click.IntRange(min=0), default=0, help="Untimed runs of each command.")
@click.option("--ignore-failure", is_flag=True, help="A command may end with an exit code other than 0.")
@click.option("--print-template", type=click.Choice(sorted(TEMPLATES)), help="Print a file to start from, and stop.")
@reports_option
@json_option
def compare(
    arms: tuple[str, ...],
    data: Path | None,
    data_as: str | None,
    setup: str | None,
    no_check: bool,
    budget: float,
    timeout: float,
    seed: int | None,
    cflags: str,
    header: Path | None,
    call: str,
    prepare: str,
    warmup: int,
    ignore_failure: bool,
    print_template: str | None,
    reports: Path | None,
    as_json: bool,
) -> int:
    """Compare ways of doing the same thing; the first is the baseline.

    \b
    lab compare old.py:parse new.py:parse --data sample.json    Python functions
    lab compare variants.c                                      the functions that a C file marks as arms
    lab compare liba.so:sum libb.so:sum --header sum.h          a function of shared libraries
    lab compare -- ./old --input x :: ./new --input x           whole commands

    Exit code 3: an arm does not work, or the arms give different answers.
    """  # noqa: D301 - click wants the character
    if print_template is not None:
        echo(template(TEMPLATES[print_template]).rstrip("\n"))
        return EXIT_OK
    started = time.monotonic()
    console = errors()
    options = api.Options(budget_s=budget, seed=seed, reports=reports)
    options.check()
    asked = _Asked(
        given=Input(data=data, data_as=data_as or "", check=not no_check, timeout_s=timeout),
        reports=options.reports_or_default,
        setup=setup,
        cflags=tuple(shlex.split(cflags)),
        header=header,
        call=call,
        how=Command(["{argv}"], prepare, warmup, ignore_failure),
    )
    try:
        with with_data_file(asked.given) as given:
            prepared = _prepare(arms, replace(asked, given=given))
            for arm, reason in prepared.failures.items():
                _say_failure(console, arm, reason, prepared.tracebacks.get(arm, ""))
            with _observer(console, quiet=as_json) as observer:
                typed = shlex.join(["lab", *sys.argv[1:]])
                run = api.run_arms(
                    prepared, options, observer=observer, command=typed, timeout_s=timeout, started=started
                )
    except api.ArmsFailed as error:
        if error.traceback:
            console.print(error.traceback.rstrip(), style="dim")
        raise
    except DoesNotCompile as error:
        console.print(error.output.rstrip())
        raise
    except KeyboardInterrupt:
        console.print(
            "interrupted; what was measured so far is kept: lab list shows the run, lab run --resume ID goes on"
        )
        raise
    if as_json:
        echo_json(json.dumps(as_dict(run), indent=2))
    else:
        echo(run)
    return EXIT_CASES_FAILED if run.failures or run.summary.failed_cases else EXIT_OK


def as_dict(run: api.ComparedRun) -> dict[str, object]:
    """The answer for a program that reads it."""
    return {
        "comparisons": [answer.as_json() for answer in run.answers],
        "failures": run.failures,
        "checked": not any(arm.args.get("check") == "no" for case in run.plan.cases for arm in case.arms),
        "left_out": [{"what": out.what, "reason": out.reason} for out in run.summary.left_out],
        "run": run.id,
        "report": str(run.folder / "index.html"),
    }


def template(name: str) -> str:
    """A file to start from, as it travels with the package."""
    return (Path(__file__).parents[1] / "templates" / name).read_text(encoding="utf-8")


def _observer(console: Console, *, quiet: bool) -> AbstractContextManager[Silent | TerminalObserver]:
    if quiet:
        return nullcontext(Silent())
    return TerminalObserver(console)


def _say_failure(console: Console, arm: str, reason: str, traceback: str) -> None:
    if traceback:
        console.print(traceback.rstrip(), style="dim")
    console.print(f"{arm} failed and is left out: {reason}", style="red")


def _prepare(arms: Sequence[str], asked: _Asked) -> Prepared:
    """Which kind of arms these are, and the arms ready to be measured."""
    if SEPARATOR in arms:
        commands = _split(arms)
        return prepare_commands(
            dict(zip(command_names(commands), commands, strict=True)), asked.how, asked.given, find_native()
        )
    if not arms:
        raise UsageError("name what to compare, the baseline first; lab compare --help shows the four kinds")
    workshop = Workshop(native=find_native(), keep=asked.reports / "cache" / "libraries", cflags=asked.cflags)
    if arms[0].endswith(".c"):
        if len(arms) > 1:
            raise UsageError("give one C file that marks every arm with LK_ARM, or build shared libraries")
        return prepare_c(Path(arms[0]), workshop, asked.given)
    exported = [_exported(arm) for arm in arms]
    if None not in exported:
        if asked.header is None:
            raise UsageError("give --header FILE.h, the C header that declares the function of the libraries")
        return prepare_libraries([one for one in exported if one], asked.header, asked.call, workshop, asked.given)
    if len(arms) < 2:
        raise UsageError(f"give a second thing to compare with {arms[0]}; commands are separated by {SEPARATOR}")
    return prepare_functions(dict(zip(function_names(arms), arms, strict=True)), asked.setup, asked.given)


def _split(words: Sequence[str]) -> list[list[str]]:
    commands: list[list[str]] = [[]]
    for word in words:
        if word == SEPARATOR:
            commands.append([])
        else:
            commands[-1].append(word)
    if not all(commands):
        raise UsageError(f"a command is empty; write: lab compare -- COMMAND ... {SEPARATOR} COMMAND ...")
    return commands


def _exported(arm: str) -> Exported | None:
    where, colon, symbol = arm.rpartition(":")
    return Exported(Path(where), symbol) if colon and Path(where).suffix in LIBRARIES else None
