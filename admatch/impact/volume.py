"""How many clicks a term will bring in the next period: fewer than it did, if they were few."""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import zeta

from admatch.arrays import Floats

_USUAL, _WORTH = 2.0, 50.0  # an exponent, and how many terms it is worth: accounts may be tiny
_LOWEST, _HIGHEST = 1.05, 4.0


def tail_exponent(clicks: Floats) -> float:
    """Return g of the law by which the number of terms with c clicks falls as c**-g."""
    clicked = clicks[clicks > 0]

    def surprise(g: float) -> float:
        own = g * np.log(clicked).sum() + len(clicked) * np.log(zeta(g))
        usual = _WORTH * (g * _MEAN_LOG + np.log(zeta(g)))
        return float(own + usual)

    return float(minimize_scalar(surprise, bounds=(_LOWEST, _HIGHEST), method="bounded").x)


def expected_clicks(clicks: Floats, exponent: float) -> Floats:
    """Return the clicks to expect of each term in a further period of the same length.

    This is Good and Turing's estimate (c + 1) N(c + 1) / N(c) with N by the law above: a term seen
    with one click brings (c + 1) (c / (c + 1))**g, half a click for g = 2, and one with many brings
    c + 1 - g. The rest will come from terms not seen before, those never clicked among them.
    """
    c = np.maximum(clicks, 0.0)
    return np.where(c > 0, (c + 1) * (c / (c + 1)) ** exponent, 0.0)


_MEAN_LOG = -(zeta(_USUAL + 1e-5) - zeta(_USUAL - 1e-5)) / 2e-5 / zeta(_USUAL)
