"""The entry point: collects the commands, and is the one place where an error becomes an exit code.

Exit codes: 0 done; 1 the gate found something worse; 2 wrong usage; 3 the run is complete but cases failed;
4 the machine or a stored run does not allow it; 70 a defect of the lab or of an experiment (LAB_TRACEBACK=1 shows
where); 129, 130, 143 ended by SIGHUP, Ctrl-C, SIGTERM; 141 the reader of the output closed it.
"""

import contextlib
import difflib
import errno
import importlib
import io
import os
import signal
import sys
import threading
import traceback
from pathlib import Path
from typing import NamedTuple

import click

from lab.core.errors import EXIT_ENVIRONMENT, EXIT_INTERRUPTED, EXIT_USAGE, LabError
from lab.core.printable import printable

EXIT_DEFECT = 70  # EX_SOFTWARE of sysexits.h
EXIT_PIPE = 141  # what a shell says of a program that SIGPIPE ended
TRACEBACK_VARIABLE = "LAB_TRACEBACK"


class Entry(NamedTuple):
    """Where a command is defined, "module:name", and its line in the list of commands."""

    where: str
    line: str


# A command is imported when it is asked for: what it needs (the statistics, the layer's arrays) takes longer to import
# than another takes to run. The list of commands imports none of them, so it repeats the first sentence of each.
COMMANDS = {
    "list": Entry(
        "lab.cli.commands.list:list_experiments", "Show the experiments that can be run, and the runs there are."
    ),
    "run": Entry(
        "lab.cli.commands.run:run",
        "Run EXPERIMENTS (all that answer a question about memory if none is named) as one run with one report.",
    ),
    "compare": Entry(
        "lab.cli.commands.compare:compare", "Compare ways of doing the same thing; the first is the baseline."
    ),
    "import": Entry(
        "lab.cli.commands.import_files:import_results",
        "Make a run of JSON that pyperf, pytest-benchmark, hyperfine or Google Benchmark wrote.",
    ),
    "new": Entry("lab.cli.commands.new:new", "Write an experiment file that runs as it is."),
    "show": Entry("lab.cli.commands.show:show", "Show what a RUN found (an id, its beginning, or `latest`)."),
    "report": Entry(
        "lab.cli.commands.report:report", "Write the HTML report of a RUN from its stored figures and print its path."
    ),
    "gate": Entry(
        "lab.cli.commands.gate:gate", "Measure the deterministic figures and compare them with a committed baseline."
    ),
    "calibrate": Entry(
        "lab.cli.commands.calibrate:calibrate",
        "Compare identical code with itself and find planted slowdowns, to learn what this machine can tell apart.",
    ),
    "baseline": Entry(
        "lab.cli.commands.baseline:baseline",
        "Measure the deterministic figures and write them as the gate's baseline for this toolchain.",
    ),
    "doctor": Entry(
        "lab.cli.commands.doctor:doctor", "Show what can be measured here, what cannot, and what would help."
    ),
    "export": Entry(
        "lab.cli.commands.export:export",
        "Write the timings of a RUN as JSON that pyperf or pytest-benchmark reads, or as the list of its peers.",
    ),
    "convert": Entry(
        "lab.cli.commands.convert:convert",
        "Convert Python sources, the .py files of folders, or standard input (-) to their syntax trees.",
    ),
    "verify-frontend": Entry(
        "lab.cli.commands.verify_frontend:verify_frontend",
        "Compare the front end with CPython's tokenize and ast over whole trees of sources.",
    ),
}


class _Commands(click.Group):
    """The commands by name, in alphabetical order."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].where.partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """See click.Group; a name that does not exist is answered with the nearest."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            near = difflib.get_close_matches(name, COMMANDS, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else "lab --help lists the commands"
            raise click.UsageError(f"No such command {name!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """See click.Group: the same list, from the table instead of from the imported commands."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name].line) for name in sorted(COMMANDS)])


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    invoke_without_command=True,
)
@click.version_option(package_name="portalis-lab", prog_name="lab")
@click.pass_context
def cli(context: click.Context) -> None:
    """Does this memory optimisation pay, on my machine, for my data?"""
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        context.exit(EXIT_USAGE)


def main() -> None:
    """Run the command line and exit."""
    sys.exit(_exit_code())


def _exit_code() -> int:
    _prepare_streams()
    _prepare_signals()
    try:
        Path.cwd()
    except OSError:
        return _fail("the current directory no longer exists; change to another one", EXIT_ENVIRONMENT)
    try:
        result = cli.main(prog_name="lab", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except LabError as error:
        return _fail(str(error), error.exit_code)
    except (click.exceptions.Abort, KeyboardInterrupt) as error:
        cause = error.__cause__ or error  # click makes an Abort of it
        return 128 + cause.number if isinstance(cause, _Signal) else EXIT_INTERRUPTED
    except click.ClickException as error:
        return _fail(error.format_message(), EXIT_USAGE)
    except (BrokenPipeError, SystemExit):
        # click and rich end with SystemExit(1) when a pipe breaks, which here would say that the gate got worse.
        # Writing to nothing from now on keeps the interpreter from complaining at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_PIPE
    except OSError as error:
        if error.errno == errno.ENOSPC:
            return _fail("the disk is full; free some space and resume the run", EXIT_ENVIRONMENT)
        where = f"{error.filename}: " if error.filename is not None else ""
        return _fail(f"{where}{error.strerror or error}; lab --help says what each path is for", EXIT_ENVIRONMENT)
    except Exception as error:
        if os.environ.get(TRACEBACK_VARIABLE):
            traceback.print_exc()
        return _fail(f"{type(error).__name__}: {error}; set {TRACEBACK_VARIABLE}=1 to see where", EXIT_DEFECT)


class _Signal(KeyboardInterrupt):
    """A signal that asks the lab to end, treated as Ctrl-C is: workers end, and the command that continues is named."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def _prepare_signals() -> None:
    """Have SIGTERM and SIGHUP end the lab as Ctrl-C does, unless they are ignored (nohup)."""

    def end(number: int, _frame: object) -> None:
        raise _Signal(number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL and threading.current_thread() is threading.main_thread():
            signal.signal(number, end)


def _prepare_streams() -> None:
    """Make printing safe: a closed stream becomes an empty one, a character that the terminal lacks its escape."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("r" if name == "stdin" else "w"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _fail(message: str, code: int) -> int:
    """Print in one line why the command ends. The exit code says so even where nothing can be printed."""
    with contextlib.suppress(OSError):
        print(f"lab: {printable(' '.join(message.split()))}", file=sys.stderr, flush=True)
    return code
