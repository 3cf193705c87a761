"""The entry point: collects the commands, and is the one place where an error becomes an exit code.

Exit codes: 0 done; 1 the gate found something worse; 2 wrong usage; 3 the run is complete but cases failed;
4 the machine or a stored run does not allow it; 70 a defect of the lab or of an experiment (LAB_TRACEBACK=1 shows
where); 130 interrupted; 141 whoever read the output went away.
"""

import contextlib
import errno
import importlib
import io
import os
import sys
import traceback
from importlib.metadata import version
from pathlib import Path

import click

from lab.core.errors import EXIT_ENVIRONMENT, EXIT_INTERRUPTED, EXIT_USAGE, LabError

EXIT_DEFECT = 70  # EX_SOFTWARE of sysexits.h
EXIT_PIPE = 141  # what a shell says of a program that SIGPIPE ended
TRACEBACK_VARIABLE = "LAB_TRACEBACK"


# Command -> where it stands. A command is imported when it is asked for: what one needs (the statistics, the layer's
# arrays) takes longer to import than another takes to run.
COMMANDS = {
    "list": "lab.cli.commands.list:list_experiments",
    "run": "lab.cli.commands.run:run",
    "compare": "lab.cli.commands.compare:compare",
    "show": "lab.cli.commands.show:show",
    "report": "lab.cli.commands.report:report",
    "gate": "lab.cli.commands.gate:gate",
    "baseline": "lab.cli.commands.baseline:baseline",
    "doctor": "lab.cli.commands.doctor:doctor",
    "export": "lab.cli.commands.export:export",
    "convert": "lab.cli.commands.convert:convert",
    "verify-frontend": "lab.cli.commands.verify_frontend:verify_frontend",
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
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    invoke_without_command=True,
)
@click.version_option(version("portalis-lab"), prog_name="lab")
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
    try:
        Path.cwd()
    except FileNotFoundError:
        return _fail("the folder one stands in no longer exists; change to another one", EXIT_ENVIRONMENT)
    try:
        result = cli.main(prog_name="lab", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except LabError as error:
        return _fail(str(error), error.exit_code)
    except (click.exceptions.Abort, KeyboardInterrupt):
        return EXIT_INTERRUPTED
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
        return _fail(f"{where}{error.strerror or error}; lab --help tells what each path is for", EXIT_ENVIRONMENT)
    except Exception as error:
        if os.environ.get(TRACEBACK_VARIABLE):
            traceback.print_exc()
        return _fail(f"{type(error).__name__}: {error}; set {TRACEBACK_VARIABLE}=1 to see where", EXIT_DEFECT)


def _prepare_streams() -> None:
    """Make printing safe: a closed stream becomes an empty one, a character that the terminal lacks its escape."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("r" if name == "stdin" else "w"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _fail(message: str, code: int) -> int:
    """Say in one line why the command ends; the exit code tells it even where nobody can be told."""
    with contextlib.suppress(OSError):
        print(f"lab: {' '.join(message.splitlines())}", file=sys.stderr, flush=True)
    return code
