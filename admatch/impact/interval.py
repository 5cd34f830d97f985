"""``Interval``: a figure with the ranges that hold it, and what an 80 % range is."""

from dataclasses import dataclass

import numpy as np

from admatch.arrays import Floats

CREDIBLE = 0.80  # the range shown beside a figure, wherever only one is shown
LOW, HIGH = (1 - CREDIBLE) / 2, (1 + CREDIBLE) / 2  # its quantiles
DEVIATIONS = 1.2816  # standard deviations on either side of the mean of a normal that hold it
_LEVELS = (50, 80, 95)


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure's mean and the ranges that hold it with 50, 80 and 95 % probability.

    The mean of a ratio is the ratio of the means; without sales it is infinite.
    """

    mean: float
    low50: float
    high50: float
    low80: float
    high80: float
    low95: float
    high95: float

    @classmethod
    def of(cls, draws: Floats, mean: float | None = None) -> "Interval":
        """Return the interval of draws; ``mean`` replaces the mean of the draws."""
        tails = [side for level in _LEVELS for side in (50 - level / 2, 50 + level / 2)]
        # "lower" keeps infinite draws from becoming NaN between two of them
        bounds = np.percentile(draws, tails, method="lower")
        return cls(float(draws.mean()) if mean is None else mean, *map(float, bounds))
