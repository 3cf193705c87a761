"""Drawing charts with matplotlib, for the page (inline SVG in the page's own colours) and for notebooks.

No pyplot, hence no global state: every figure is independent. The SVG is the same byte for byte for the same chart.
"""

import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from lab.report import numbers
from lab.report.charts import BASELINE, Chart, Curve, Panel, Point

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "h")
MARKER_GLYPHS = ("●", "■", "▲", "◆", "▼", "✚", "✖", "⬢")
_LADDER = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_STEPS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1)
_SLANT = 35  # degrees of tick labels that have no room side by side, ...
_SLANTED_MOST = 14  # ... and the most characters that they keep
_CHARACTER_INCHES = 6 / 72
_PANEL_INCHES = {"ratio": (4.0, 2.9), "value": (3.4, 2.4)}
RC: Any = {"svg.hashsalt": "portalis-lab", "svg.fonttype": "none", "font.size": 9.5, "axes.linewidth": 0.8}
_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours by role; `series` cycle over curves."""

    ink: str
    muted: str
    grid: str
    paper: str
    better: str
    worse: str
    series: tuple[str, ...]

    def curve(self, index: int) -> str:
        """The colour of a curve, by its index; the baseline is muted."""
        return self.muted if index == BASELINE else self.series[index % len(self.series)]


PAPER = Theme(
    ink="#1d2733",
    muted="#5b6875",
    grid="#dfe4e8",
    paper="#ffffff",
    better="#0b7a5c",
    worse="#b3401f",
    series=("#1f62b5", "#b9570b", "#7a3fa8", "#0c7c6a", "#a02c5d"),
)
# Colours that no figure draws otherwise; each represents a variable of the page's style sheet until the SVG is written.
PAGE = Theme(
    ink="#fe0001",
    muted="#fe0002",
    grid="#fe0003",
    paper="#fe0004",
    better="#fe0005",
    worse="#fe0006",
    series=("#fe0011", "#fe0012", "#fe0013", "#fe0014", "#fe0015"),
)
_VARIABLES = {
    PAGE.ink: "--ink",
    PAGE.muted: "--muted",
    PAGE.grid: "--grid",
    PAGE.paper: "--card",
    PAGE.better: "--better",
    PAGE.worse: "--worse",
    **{colour: f"--c{number}" for number, colour in enumerate(PAGE.series, start=1)},
}


class Plot(Figure):
    """A matplotlib figure that a notebook shows as SVG without pyplot."""

    def _repr_svg_(self) -> str:
        return figure_svg(self)


def chart_figure(chart: Chart, theme: Theme = PAPER, *, columns: int = 2) -> Plot:
    """All panels of a chart in one figure with a legend: for notebooks and files."""
    columns = min(columns, len(chart.panels))
    width, height = _PANEL_INCHES["ratio"]
    rows = math.ceil(len(chart.panels) / columns)
    with mpl.rc_context(RC):
        figure = Plot(figsize=(width * columns, height * rows + 0.5), layout="constrained", facecolor=theme.paper)
        grid = list(figure.subplots(rows, columns, squeeze=False).flat)
        for axes, panel in zip(grid, chart.panels, strict=False):
            _draw(axes, chart, panel, theme)
        for axes in grid[len(chart.panels) :]:
            axes.set_visible(False)
        handles = [Line2D([], [], color=theme.curve(curve.colour), **_marker(theme, curve)) for curve in chart.legend]
        figure.legend(
            handles,
            [curve.label for curve in chart.legend],
            loc="outside lower center",
            ncols=4,
            frameon=False,
            labelcolor=theme.ink,
        )
    return figure


def panel_svg(chart: Chart, number: int) -> str:
    """One panel as inline SVG that takes its colours from the page and scales with its column.

    Element ids start with the chart's key and the panel's number, so that many SVGs live in one page.
    """
    panel = chart.panels[number]
    with mpl.rc_context(RC):
        width, height = _PANEL_INCHES[chart.scale]
        # Fixed edges: panels of a chart line up, and nothing is drawn twice to be measured.
        left = 0.55 if chart.scale == "ratio" else 0.68
        slanted = _slanted_characters(chart) * _CHARACTER_INCHES * math.sin(math.radians(_SLANT))
        bottom = 0.6 if any("\n" in tick for tick in chart.ticks) and not slanted else 0.45 + slanted
        height += slanted
        edges = (left / width, bottom / height, 1 - (left + 0.06) / width, 1 - (bottom + 0.08) / height)
        figure = Figure(figsize=(width, height))
        _draw(figure.add_axes(edges), chart, panel, PAGE, captioned=True)
    label = f"{chart.title}, {panel.title}" if panel.title else chart.title
    points = [point for curve in panel.curves for point in curve.points]
    return page_svg(figure, f"{chart.key}-{number}-", f"{label}: {chart.caption} over {chart.axis}", points)


def page_svg(figure: Figure, prefix: str, label: str, points: Sequence[Point] = ()) -> str:
    """A figure drawn in the colours of PAGE as inline SVG for the page.

    Args:
        figure: drawn.
        prefix: of all element ids, so that many SVGs live in one page.
        label: what a screen reader says.
        points: those that the figure drew as "point_0", "point_1", ...: each shows its text as a tooltip.
    """
    file = io.StringIO()
    with mpl.rc_context(RC):
        figure.savefig(file, format="svg", metadata=_METADATA, transparent=True)
    return _inline(file.getvalue(), prefix, label, points)


def plain_axes(figure: Figure, theme: Theme, edges: tuple[float, float, float, float]) -> Axes:
    """Axes with a left and a bottom line in the theme's colours; `edges`: left, bottom, width, height."""
    axes = figure.add_axes(edges)
    _dress(axes, theme)
    return axes


def figure_svg(figure: Figure) -> str:
    """A figure as a standing SVG document, the same byte for byte for the same figure."""
    file = io.StringIO()
    with mpl.rc_context(RC):
        figure.savefig(file, format="svg", metadata=_METADATA)
    return file.getvalue()


def _inline(svg: str, prefix: str, label: str, points: Sequence[Point]) -> str:
    prefix = re.sub(r"[^\w-]", "_", prefix)
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(<svg [^>]*?)\s(?:width|height)="[^"]*"', r"\1", svg)
    svg = re.sub(r'(<svg [^>]*?)\s(?:width|height)="[^"]*"', r"\1", svg)
    svg = svg.replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" ', 1)
    svg = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font-size: \1px", svg)
    svg = re.sub(r"font-family: [^;\"]*; ?", "", svg)
    svg = re.sub(r">\s+<", "><", svg).replace(" \n", " ")
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(colour, f"var({variable})")
    for index, point in enumerate(points):
        svg = svg.replace(f'<g id="point_{index}">', f'<g id="point_{index}"><title>{escape(point.text)}</title>', 1)
    return re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{prefix}", svg)


def _dress(axes: Axes, theme: Theme) -> None:
    axes.set_facecolor("none")
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(theme.muted)
    axes.tick_params(colors=theme.muted, labelcolor=theme.ink, length=3)
    axes.set_axisbelow(True)
    axes.yaxis.grid(True, color=theme.grid, linewidth=0.8)


def _draw(axes: Axes, chart: Chart, panel: Panel, theme: Theme, *, captioned: bool = False) -> None:
    """`captioned`: title and value label are outside the drawing."""
    _dress(axes, theme)
    axes.set_xlim(-0.6, len(chart.ticks) - 0.4)
    slanted = _slanted_characters(chart)
    style: dict[str, Any] = {"rotation": _SLANT, "ha": "right", "rotation_mode": "anchor"} if slanted else {}
    room = slanted or _tick_characters(chart)
    lines = [tick.replace("\n", " ") if slanted else tick for tick in chart.ticks]
    axes.set_xticks(range(len(lines)), [_short(tick, most=room) for tick in lines], parse_math=False, **style)
    axes.set_xlabel(chart.axis, color=theme.muted)
    if not captioned:
        axes.set_ylabel(f"{chart.title}, {chart.caption}", color=theme.muted, parse_math=False)
        axes.set_title(panel.title, loc="left", color=theme.ink, fontsize="medium", fontweight="bold", parse_math=False)
    (_ratio_axis if chart.scale == "ratio" else _value_axis)(axes, chart, theme)
    step = min(0.13, 0.6 / len(panel.curves))
    drawn = 0
    for place, curve in enumerate(panel.curves):
        _draw_curve(axes, curve, theme, shift=step * (place - (len(panel.curves) - 1) / 2), first=drawn)
        drawn += len(curve.points)


def _draw_curve(axes: Axes, curve: Curve, theme: Theme, *, shift: float, first: int) -> None:
    """`shift`: of all points along the axis, so that curves do not hide each other; `first`: id of the first point."""
    colour = theme.curve(curve.colour)
    places, values = [point.x + shift for point in curve.points], [point.value for point in curve.points]
    dashes = "--" if curve.colour == BASELINE else "-"
    axes.plot(places, values, color=colour, linewidth=1, alpha=0.45, linestyle=dashes)
    bottom, top = axes.get_ylim()
    for index, point in enumerate(curve.points, start=first):
        low = bottom if point.low is None else point.low
        high = top if point.high is None else point.high
        if low != high:
            style = (":", 1.0) if point.low is None or point.high is None else ("-", 1.6)
            axes.plot([point.x + shift] * 2, [low, high], color=colour, linestyle=style[0], linewidth=style[1])
        axes.plot(
            [point.x + shift],
            [point.value],
            gid=f"point_{index}",
            linestyle="none",
            clip_on=False,
            **_marker(theme, curve, point.verdict),
        )


def _marker(theme: Theme, curve: Curve, verdict: str = "") -> dict[str, Any]:
    """Shape from the curve, fill from the verdict: full, half (same) or hollow (unresolved)."""
    colour = theme.curve(curve.colour)
    return {
        "marker": MARKERS[curve.marker % len(MARKERS)],
        "markersize": 6.5,
        "markeredgewidth": 1.4,
        "markeredgecolor": colour,
        "markerfacecolor": theme.paper if verdict == "unresolved" else colour,
        "markerfacecoloralt": theme.paper,
        "fillstyle": "left" if verdict == "same" else "full",
    }


def _ratio_axis(axes: Axes, chart: Chart, theme: Theme) -> None:
    """A log axis around 1.0, both sides of which say what they mean."""
    margin = max(chart.margins)
    above, below = max(math.log(chart.high), 2 * margin), max(-math.log(chart.low), 2 * margin)
    room = 0.12 * (above + below)
    bottom, top = math.exp(-below - room), math.exp(above + room)
    axes.set_yscale("log")
    axes.set_ylim(bottom, top)
    ticks: Sequence[float] = _LADDER
    if top / bottom <= 6:  # equal steps to both sides of 1
        step = next(step for step in _STEPS if (top - bottom) / step <= 6)
        ticks = [1 + count * step for count in range(-6, 7)]
    axes.yaxis.set_major_locator(FixedLocator([tick for tick in ticks if bottom <= tick <= top]))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}x"))
    axes.axhspan(bottom, 1, color=theme.better, alpha=0.06, linewidth=0)
    axes.axhspan(1, top, color=theme.worse, alpha=0.06, linewidth=0)
    for place, margin in enumerate(chart.margins):
        corner, height = (place - 0.5, math.exp(-margin)), math.exp(margin) - math.exp(-margin)
        axes.add_patch(Rectangle(corner, 1, height, color=theme.muted, alpha=0.16, linewidth=0))
    axes.axhline(1, color=theme.ink, linewidth=1.1)
    words: dict[str, Any] = {
        "transform": axes.transAxes,
        "ha": "right",
        "fontsize": 9,
        "color": theme.muted,
        "zorder": 5,
    }
    words["bbox"] = {"facecolor": theme.paper, "edgecolor": "none", "alpha": 0.75, "pad": 1}
    axes.text(0.99, 0.015, "▼ faster", va="bottom", **words)
    axes.text(0.99, 0.985, "▲ slower", va="top", **words)


def _value_axis(axes: Axes, chart: Chart, theme: Theme) -> None:
    """A linear axis from zero; logarithmic where the values span more than a factor of 50."""
    values = [point.value for panel in chart.panels for curve in panel.curves for point in curve.points]
    smallest = min((value for value in values if value > 0), default=1.0)
    if chart.high > 50 * smallest:
        axes.set_yscale("symlog", linthresh=smallest, linscale=0.5)
        axes.set_ylim(min(chart.low, 0) if 0 in values else smallest / 2, chart.high * 2)
        first, last = math.ceil(math.log10(smallest)), math.ceil(math.log10(chart.high))
        decades = [10.0**power for power in range(first, last + 1, max(1, (last - first) // 6))]
        axes.yaxis.set_major_locator(FixedLocator([0, *decades]))
        axes.yaxis.set_minor_locator(NullLocator())
    else:
        axes.set_ylim(min(chart.low, 0), chart.high * 1.12 or 1)
        axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: numbers.quantity(value, chart.unit)))


def _tick_characters(chart: Chart) -> int:
    """How many a line of a tick's label has room for beside its neighbours."""
    return round(_PANEL_INCHES[chart.scale][0] * 0.83 / len(chart.ticks) / _CHARACTER_INCHES)


def _slanted_characters(chart: Chart) -> int:
    """Of the longest tick label where labels have to be slanted, as far as they are shown; 0 where they need not."""
    longest = max(len(line) for tick in chart.ticks for line in tick.split("\n"))
    if longest <= _tick_characters(chart) or _tick_characters(chart) >= _SLANTED_MOST:
        return 0
    return min(max(len(tick) for tick in chart.ticks), _SLANTED_MOST)


def _short(text: str, *, most: int) -> str:
    return "\n".join(line if len(line) <= most else line[: most - 1] + "…" for line in text.split("\n"))
