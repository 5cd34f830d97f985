"""How many clicks a prior conversion rate is worth, by beta-binomial maximum likelihood."""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import betaln

from admatch.arrays import Floats

# Where rates hardly differ the likelihood is flat towards infinity. More than 1000 clicks' worth of
# prior would drown the evidence of any single term, and a handful of groups that happen to agree is
# no proof that the next one will: each group that says something vouches for ten clicks.
WEAKEST, STRONGEST, BY_GROUP, _FEWEST = 2.0, 1000.0, 10.0, 20.0
TELLING = 10  # clicks of a group that says something
_USUAL, _SPREAD = np.log(30.0), 1.5  # a weak prior on the logarithm: an account may be tiny


def fit_strength(orders: Floats, clicks: Floats, mean: Floats, groups: int) -> float:
    """Return the strength s of the priors Beta(s·mean, s·(1-mean)) that fits the rows best.

    ``orders`` are at most ``clicks``, one each; ``mean`` must not have seen the row. ``groups`` is
    the number of independent groups with ``TELLING`` clicks.
    """
    clicked = clicks > 0
    k, n, p = orders[clicked], clicks[clicked], np.clip(mean[clicked], 1e-6, 1 - 1e-6)

    def surprise(log_strength: float) -> float:
        s = float(np.exp(log_strength))
        evidence = betaln(k + s * p, n - k + s * (1 - p)) - betaln(s * p, s * (1 - p))
        return float(0.5 * ((log_strength - _USUAL) / _SPREAD) ** 2 - evidence.sum())

    most = min(max(BY_GROUP * groups, _FEWEST), STRONGEST)
    bounds = (np.log(WEAKEST), np.log(most))
    return float(np.exp(minimize_scalar(surprise, bounds=bounds, method="bounded").x))
