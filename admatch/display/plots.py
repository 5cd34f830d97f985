"""Axes for plots in notebooks, drawn by matplotlib, which is an extra."""

from typing import TYPE_CHECKING

from admatch.errors import MissingDependencyError
from admatch.messages import say

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def new_axes(width: float, height: float) -> "Axes":
    """Return empty axes of this size in inches, without lines at the top and the right.

    Raises ``MissingDependencyError`` where matplotlib is not installed.
    """
    try:
        import matplotlib.pyplot as plt
    except ModuleNotFoundError:
        raise MissingDependencyError(say("display.plots.needs_matplotlib")) from None
    _, axes = plt.subplots(figsize=(width, height))
    axes.spines[["top", "right"]].set_visible(False)
    return axes
