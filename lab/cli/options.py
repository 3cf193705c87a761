"""Options that several commands share."""

from pathlib import Path

import click


class NonEmptyPath(click.Path):
    """A path. The empty text (most often an unset shell variable) is refused, not taken for the current folder."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """See click.ParamType."""
        if value == "":
            self.fail("the path is empty; give one, or leave the option out", param, ctx)
        return Path(super().convert(value, param, ctx))  # type: ignore[arg-type]


class ChangeSize(click.ParamType):  # type: ignore[type-arg]  # no class to subscript before click 8.2
    """The size of a change, "2%" or "0.02", as a fraction."""

    name = "SIZE"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """See click.ParamType."""
        text = str(value).strip()
        number, percent = (text[:-1], 100.0) if text.endswith("%") else (text, 1.0)
        try:
            return float(number) / percent
        except ValueError:
            self.fail(f"{text!r} is no size of a change; give one such as 2%", param, ctx)


def folder() -> NonEmptyPath:
    """The path of a folder, which need not exist."""
    return NonEmptyPath(file_okay=False)


def file() -> NonEmptyPath:
    """The path of a file, which need not exist."""
    return NonEmptyPath(dir_okay=False)


reports_option = click.option(
    "--reports",
    type=folder(),
    help="Folder of the runs (default: `reports` of the current project).",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
run_argument = click.argument("run", default="latest")
