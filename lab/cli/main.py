"""The entry point: collects the commands, and is the one place where an error becomes an exit code.

Exit codes: 0 done; 1 the gate found something worse; 2 wrong usage; 3 the run is complete but cases failed;
4 the machine or a stored run does not allow it; 130 interrupted.
"""

import errno
import os
import sys
from importlib.metadata import version

import click

from lab.cli.commands.baseline import baseline
from lab.cli.commands.doctor import doctor
from lab.cli.commands.export import export
from lab.cli.commands.gate import gate
from lab.cli.commands.list import list_experiments
from lab.cli.commands.report import report
from lab.cli.commands.run import run
from lab.cli.commands.show import show
from lab.core.errors import EXIT_ENVIRONMENT, EXIT_INTERRUPTED, EXIT_USAGE, LabError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(version("portalis-lab"), prog_name="lab")
def cli() -> None:
    """Does this memory optimisation pay, on my machine, for my data?"""


for command in (list_experiments, run, show, report, gate, baseline, doctor, export):
    cli.add_command(command)


def main() -> None:
    """Run the command line and exit."""
    sys.exit(_exit_code())


def _exit_code() -> int:
    try:
        result = cli.main(standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return error.exit_code
    except click.exceptions.Abort:
        return EXIT_INTERRUPTED
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except click.ClickException as error:
        print(f"lab: {error.format_message()}", file=sys.stderr)
        return EXIT_USAGE
    except BrokenPipeError:
        # Whoever read our output has gone; leave quietly, and keep the interpreter from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        print("lab: the disk is full; free some space and resume the run", file=sys.stderr)
        return EXIT_ENVIRONMENT
