"""Axes for plots in notebooks. matplotlib draws them; it is an extra."""

from typing import TYPE_CHECKING

from admatch.errors import MissingDependencyError

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def new_axes(width: float, height: float) -> "Axes":
    """Return empty axes of so many inches, open to the top and the right.

    Raises ``MissingDependencyError`` where matplotlib is not installed.
    """
    try:
        import matplotlib.pyplot as plt
    except ModuleNotFoundError:
        raise MissingDependencyError(
            "matplotlib, which draws the plots, is not installed; "
            "run: pip install 'admatch[notebook]'"
        ) from None
    _, axes = plt.subplots(figsize=(width, height))
    axes.spines[["top", "right"]].set_visible(False)
    return axes
