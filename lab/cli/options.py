"""Options that several commands share."""

from pathlib import Path

import click

reports_option = click.option(
    "--reports",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the runs; `reports` of the project one stands in if not given.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
run_argument = click.argument("run", default="latest")
