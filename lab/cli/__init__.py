"""The command `lab`: options, messages, exit codes."""

from lab.cli.main import main

__all__ = ["main"]
