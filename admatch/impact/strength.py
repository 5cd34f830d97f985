"""How many clicks a prior conversion rate is worth, by beta-binomial maximum likelihood."""

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import betaln

Floats = npt.NDArray[np.float64]
# Where rates hardly differ the likelihood is flat towards infinity: more than 1000 clicks' worth
# would tell any single term's own evidence to be quiet.
WEAKEST, STRONGEST = 2.0, 1000.0
_USUAL, _SPREAD = np.log(30.0), 1.5  # a weak prior on the logarithm: an account may be tiny


def fit_strength(orders: Floats, clicks: Floats, mean: Floats) -> float:
    """Return the strength s of the priors Beta(s·mean, s·(1-mean)) that fits the rows best.

    ``orders`` are at most ``clicks``, one each; ``mean`` must not have seen the row.
    """
    told = clicks > 0
    k, n, p = orders[told], clicks[told], np.clip(mean[told], 1e-6, 1 - 1e-6)

    def surprise(log_strength: float) -> float:
        s = float(np.exp(log_strength))
        evidence = betaln(k + s * p, n - k + s * (1 - p)) - betaln(s * p, s * (1 - p))
        return float(0.5 * ((log_strength - _USUAL) / _SPREAD) ** 2 - evidence.sum())

    bounds = (np.log(WEAKEST), np.log(STRONGEST))
    return float(np.exp(minimize_scalar(surprise, bounds=bounds, method="bounded").x))


def posterior(
    orders: Floats, clicks: Floats, mean: Floats, strength: float
) -> tuple[Floats, Floats]:
    """Return alpha and beta of the conversion rates after the clicks; both are above zero."""
    p = np.clip(mean, 1e-6, 1 - 1e-6)
    return strength * p + orders, strength * (1 - p) + np.maximum(clicks - orders, 0.0)
