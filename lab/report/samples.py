"""The figure of a comparison of a few arms: the time of every process of each, and what the arms share."""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.ticker import FuncFormatter

from lab.report import numbers
from lab.report.figures import PAPER, Plot, Theme

_ROW_INCHES = 0.55
_MARGIN_INCHES = 1.0
_WIDTH_INCHES = 6.4
_FAR = 4.0  # from this ratio of the largest to the smallest value on, the axis is logarithmic


def samples_figure(samples: Mapping[str, Sequence[float]], item: str, theme: Theme = PAPER) -> Plot:
    """A row of points for each arm, a point a process, with a line at the median.

    Args:
        samples: arm -> seconds per item, one value a process; arms without values have an empty row.
        item: what an item is ("call").
        theme: colours.
    """
    with mpl.rc_context({"svg.hashsalt": "portalis-lab", "svg.fonttype": "none", "font.size": 9.5}):
        height = _MARGIN_INCHES + _ROW_INCHES * len(samples)
        figure = Plot(figsize=(_WIDTH_INCHES, height), layout="constrained", facecolor=theme.paper)
        axes = figure.subplots()
        axes.set_facecolor(theme.paper)
        for row, (_, values) in enumerate(samples.items()):
            if not values:
                continue
            # Points of one arm are spread over the row by their order, so that none hides another.
            heights = row + 0.5 * (np.arange(len(values)) / max(len(values) - 1, 1) - 0.5)
            axes.plot(values, heights, "o", markersize=3.5, alpha=0.6, color=theme.curve(row))
            axes.plot([float(np.median(values))] * 2, [row - 0.38, row + 0.38], linewidth=2, color=theme.curve(row))
        axes.set_yticks(range(len(samples)), list(samples))
        axes.set_ylim(len(samples) - 0.5, -0.5)
        every = [value for values in samples.values() for value in values]
        if every and max(every) > _FAR * min(every):
            axes.set_xscale("log")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: numbers.quantity(value, "s")))
        axes.xaxis.set_minor_formatter(FuncFormatter(lambda _value, _: ""))
        axes.set_xlabel(f"time of a {item}, one point a process")
    return figure
