"""A run's results on a terminal: rich tables there, plain aligned lines where the output goes to a file or a pipe."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lab.core.printable import printable
from lab.core.results import Comparison, Results
from lab.core.schema import TIME
from lab.report import numbers, wording
from lab.report.agreement import TITLE, agreement_table
from lab.report.words import AGREEMENTS, OUTCOMES, VERDICTS, arm_label, case_label, provenance_label, word

_COLOURS = {"better": "green", "worse": "red", "same": "blue", "unresolved": "yellow", "none": "dim"}
_RIGHT = ("better", "same", "unresolved", "worse", "ratio", "interval", "detectable", "cases")
_LEAST_CELL = 14  # characters of a cell that is longer, in a table


@dataclass(frozen=True, slots=True)
class Block:
    """A titled table of text; `colours` holds the rich style of each row's last cell, `note` a line below."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    colours: tuple[str, ...] = ()
    note: str = ""


def answers_text(results: Results, console: Console) -> None:
    """Print the headline of every arm and what the control says."""
    write_block(_answers(results), console)


def results_text(results: Results, console: Console, *, everything: bool = False) -> None:
    """Print a run's results: answers, promises, what was not measured.

    Args:
        results: of the run.
        console: colours and tables go to a terminal, plain lines that nothing cuts off to anything else.
        everything: every comparison as well.
    """
    blocks = [_answers(results), _claims(results), _shares(results), _agreements(results)]
    if everything:
        for experiment in dict.fromkeys(one.key.experiment for one in results.comparisons):
            blocks.append(
                _comparisons([one for one in results.comparisons if one.key.experiment == experiment], experiment)
            )
    for block in (*blocks, _unavailable(results)):
        if block.rows:
            write_block(block, console)


def write_block(block: Block, console: Console) -> None:
    """Print one table, with text of others escaped.

    On a terminal it is a rich table, or a block of lines per row if the terminal is too narrow; elsewhere plain lines.
    """
    if not console.is_terminal:
        console.file.write(_plain(block) + "\n")
        return
    block = _escaped(block)
    if console.width < _least_width(block):
        _write_rows(block, console)
        return
    table = Table(title=Text(block.title, style="bold"), title_justify="left", header_style="dim")
    for head in block.heads:
        right = head in _RIGHT
        table.add_column(head, justify="right" if right else "left", overflow="fold", no_wrap=right)
    for number, row in enumerate(block.rows):
        style = block.colours[number] if block.colours else ""
        table.add_row(*(Text(cell) for cell in row[:-1]), Text(row[-1], style=style))
    console.print(table)
    if block.note:
        console.print(Text(block.note))


def _escaped(block: Block) -> Block:
    rows = tuple(tuple(printable(cell, lines=True) for cell in row) for row in block.rows)
    return replace(block, title=printable(block.title), rows=rows, note=printable(block.note, lines=True))


def _least_width(block: Block) -> int:
    """Columns of a terminal in which the table can be read: short cells whole, long ones folded."""
    longest = (max(map(len, cells)) for cells in zip(block.heads, *block.rows, strict=True))
    frame = 3 * len(block.heads) + 1
    return frame + sum(min(one, _LEAST_CELL) for one in longest)


def _write_rows(block: Block, console: Console) -> None:
    """Print each row as a block: its first cell, and below it a line for each other cell that holds something."""
    console.print(Text(block.title, style="bold"))
    for number, row in enumerate(block.rows):
        console.print()
        console.print(Text(row[0]), soft_wrap=False)
        for head, cell in zip(block.heads[1:], row[1:], strict=True):
            if cell:
                style = block.colours[number] if block.colours and cell is row[-1] else ""
                line = Text.assemble((f"{head}: ", "dim"), (cell, style))
                console.print(Padding(line, (0, 0, 0, 2)), soft_wrap=False)
    console.print()
    if block.note:
        console.print(Text(block.note), soft_wrap=False)


def _answers(results: Results) -> Block:
    rows = tuple(
        (
            one.experiment, one.arm, str(one.better), str(one.same), str(one.unresolved), str(one.worse),
            wording.answer(one),
        )
        for one in results.answers
    )  # fmt: skip
    notes = [f"Control: {wording.identical(results.null_called, results.null_count, results.null_upper)}."]
    if results.rule is not None:
        notes.insert(0, wording.verdict_meaning(results.rule))
    if results.failed:
        notes.append(wording.failures(results))
    if results.selftest is not None:
        test = results.selftest
        found = f"{sum(plant.found for plant in test.plants)} of {len(test.plants)} planted slowdowns were found"
        notes.append(f"Self-test: {wording.identical(test.called, test.count, test.upper)}; {found}.")
    heads = ("experiment", "arm", "better", "same", "unresolved", "worse", "answer")
    return Block("Answers (measured by clock)", heads, rows, note="\n".join(notes))


def _claims(results: Results) -> Block:
    nothing = numbers.NOTHING
    rows = tuple(
        (
            one.id, wording.promised(one.promise), wording.found(one) or nothing, _source(one.provenance or ""),
            wording.claim(one), one.outcome,
        )
        for one in results.claims
    )  # fmt: skip
    colours = tuple(_COLOURS[OUTCOMES[one.outcome][1]] for one in results.claims)
    return Block("Promises", ("id", "promised", "found", "how", "what the run says", "outcome"), rows, colours)


def _shares(results: Results) -> Block:
    rows = tuple(
        (
            f"{one.experiment} {one.group}: {case_label(one.factors)}",
            one.switch,
            numbers.ratio(one.value),
            numbers.interval(one.low, one.high),
            numbers.ratio(one.alone),
            numbers.ratio(one.last),
        )
        for one in results.attributions
        if one.metric == TIME
    )
    heads = ("case", "switch", "ratio", "interval", "alone", "added last")
    return Block("What each switch brings among all the others: factor on the time (Shapley values)", heads, rows)


def _agreements(results: Results) -> Block:
    table = agreement_table(results.agreements)
    rows = tuple(
        (
            f"{row.experiment}: {row.case}",
            arm_label(row.arm),
            row.what,
            *(f"{figure} ({said})" if said else figure for figure, said in (*row.counts, row.difference, row.left)),
            row.reason,
            f"{AGREEMENTS[row.status][0]} {row.status}",
        )
        for row in table.rows
    )
    sources = (provenance_label(provenance, probe) for provenance, probe in table.sources)
    heads = ("case", "arm", "what", *sources, "difference", "left", "reason", "status")
    colours = tuple(_COLOURS[AGREEMENTS[row.status][1]] for row in table.rows)
    return Block(TITLE, heads, rows, colours, "\n".join(f"{what}: {note}" for what, note in table.notes))


def _comparisons(comparisons: Sequence[Comparison], experiment: str) -> Block:
    rows = tuple(
        (
            f"{one.key.group}: {case_label(one.key.factors)}",
            arm_label(one.key.arm),
            word(one.key.metric),
            numbers.ratio(one.estimate.ratio),
            "exact" if one.estimate.mode == "exact" else numbers.interval(one.estimate.low, one.estimate.high),
            numbers.percent(one.estimate.detectable),
            _source(one.key.provenance),
            f"{VERDICTS[one.shown][0]} {one.shown}",
        )
        for one in comparisons
    )
    heads = ("case", "arm", "metric", "ratio", "interval", "detectable", "how", "verdict")
    colours = tuple(_COLOURS.get(one.shown, "red") for one in comparisons)
    return Block(f"{word(experiment)}: treatment / baseline", heads, rows, colours)


def _unavailable(results: Results) -> Block:
    rows = tuple(
        (one.experiment, one.metric, one.probe, str(one.count), one.status, one.reason) for one in results.unavailable
    )
    return Block("Not measured", ("experiment", "metric", "probe", "cases", "status", "reason"), rows)


def _source(provenance: str) -> str:
    return provenance_label(provenance) if provenance else numbers.NOTHING


def _plain(block: Block) -> str:
    """Columns aligned by blanks; nothing is cut off and a row is a line, so that grep and cut work."""
    rows = [[printable(" ".join(cell.split())) for cell in row] for row in (block.heads, *block.rows)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(block.heads))]
    lines = [
        "  ".join(
            cell.rjust(width) if head in _RIGHT else cell.ljust(width)
            for cell, width, head in zip(row, widths, block.heads, strict=True)
        ).rstrip()
        for row in rows
    ]
    return "\n".join([printable(block.title), *lines, *filter(None, [printable(block.note, lines=True)]), ""])
