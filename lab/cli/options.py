"""Options that several commands share."""

from pathlib import Path

import click


class NonEmptyPath(click.Path):
    """A path; the empty text, an unset shell variable in most cases, is not taken for the current folder."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """See click.ParamType."""
        if value == "":
            self.fail("the path is empty; name one, or leave the option out", param, ctx)
        return Path(super().convert(value, param, ctx))  # type: ignore[arg-type]


def folder() -> NonEmptyPath:
    """The path of a folder, which need not exist."""
    return NonEmptyPath(file_okay=False)


def file() -> NonEmptyPath:
    """The path of a file, which need not exist."""
    return NonEmptyPath(dir_okay=False)


reports_option = click.option(
    "--reports",
    type=folder(),
    help="Folder of the runs; `reports` of the project one stands in if not given.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
run_argument = click.argument("run", default="latest")
