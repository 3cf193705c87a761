"""Options that several commands share."""

import re
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


class GrammarVersion(click.ParamType):  # type: ignore[type-arg]  # no class to subscript before click 8.2
    """A version of Python whose grammar the front end knows, "3.14" or "14", as its minor version."""

    name = "3.N"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """See click.ParamType."""
        from lab.translation.session import GRAMMARS  # here: other commands do without the front end

        found = re.fullmatch(r"(?:3\.)?(\d{1,3})", str(value).strip())
        if found is None or int(found[1]) not in GRAMMARS:
            known = ", ".join(f"3.{minor}" for minor in GRAMMARS)
            self.fail(
                f"{str(value)!r} is no version whose grammar the front end knows; give one of {known}", param, ctx
            )
        return int(found[1])


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
