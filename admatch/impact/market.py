"""What shoppers buy after a query, whoever sells it: a market's evidence of a term's conversion.

Search Query Performance counts clicks and purchases of everybody and of one's own products. A term
that the market buys after more often than after other terms is worth more here, too; by how much is
learned from the account, and nothing is used unless terms that were left out are predicted better.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.optimize import minimize
from scipy.special import betaln, expit, logit

from admatch.arrays import Floats, Mask
from admatch.impact.folds import FOLDS, fold_by_term
from admatch.impact.strength import TELLING, fit_strength

MARKET_SCHEMA: dict[str, pl.DataType] = {
    "term": pl.String(),  # in small letters
    "others_clicks": pl.Float64(),
    "others_purchases": pl.Float64(),
    "organic_clicks": pl.Float64(),  # of own products, ads' clicks taken off
    "organic_purchases": pl.Float64(),
}
_SIGNALS = ("others", "organic")
# In standard errors over terms, by how much held-out deviance has to fall (as for trees).
SURE = 1.5
# Deviations of the priors of slopes and of the level: a market moves a term by about as much as it
# differs itself at most, and one's level is known from one's own orders.
_SLOPE, _LEVEL = 0.5, 0.1
_FEWEST = 50  # clicked rows with a market


@dataclass(frozen=True, slots=True)
class MarketFit:
    """How far each signal moves the log-odds of a rate, and what that gained.

    ``gain`` is the fall of held-out deviance over ``terms`` terms.
    """

    slopes: tuple[float, ...]
    terms: int
    gain: float
    used: bool


def with_market(
    rows: pl.DataFrame, means: Floats, strength: float, market: pl.DataFrame
) -> tuple[Floats, MarketFit | None]:
    """Return the prior rates after the market was heard, and how it was heard.

    ``rows`` are those of a ``RowEvidence``, ``market`` has the columns of ``MARKET_SCHEMA``. The
    fit is None where too little can be compared; the rates are then as they were, and also where
    the gain is not sure.
    """
    signals, known = _signals(rows, market)
    orders = rows["converted"].to_numpy().astype(np.float64)
    clicks = np.maximum(rows["mature_clicks"].to_numpy().astype(np.float64), orders)
    told = known & (clicks > 0)
    if told.sum() < _FEWEST or orders[told].sum() < _FEWEST / 2:
        return means, None
    start = logit(np.clip(means, 1e-5, 1 - 1e-5))
    data = _Data(signals, start, orders, clicks, strength)
    gains = _held_out(data, rows, told)
    slopes = _fit(data, told)
    used = bool(gains.sum() > SURE * np.sqrt((gains**2).sum()))
    moves = tuple(float(one) for one in slopes[1:])
    fit = MarketFit(moves, len(gains), float(gains.sum()), used)
    if not used:
        return means, fit
    moved: Floats = np.where(known, data.rates(slopes), means)
    return moved, fit


@dataclass(frozen=True, slots=True)
class _Data:
    signals: Floats  # (rows, signals)
    start: Floats  # log-odds of the prior rates
    orders: Floats
    clicks: Floats
    strength: float

    def rates(self, weights: Floats) -> Floats:
        found: Floats = expit(self.start + weights[0] + self.signals @ weights[1:])
        return np.clip(found, 1e-4, 0.95)

    def surprise(self, weights: Floats, rows: Mask) -> Floats:
        """Return twice the negative beta-binomial log-likelihood of each of ``rows``."""
        p, s = self.rates(weights)[rows], self.strength
        k, n = self.orders[rows], self.clicks[rows]
        found: Floats = -2 * (betaln(k + s * p, n - k + s * (1 - p)) - betaln(s * p, s * (1 - p)))
        return found


def _fit(data: _Data, rows: Mask) -> Floats:
    """Return level and slopes; what the market sells better is never worth less."""
    count = data.signals.shape[1]
    scale = np.array([_LEVEL, *[_SLOPE] * count])

    def loss(weights: Floats) -> float:
        return float(data.surprise(weights, rows).sum() + ((weights / scale) ** 2).sum())

    bounds = [(-1.0, 1.0), *[(0.0, 1.5)] * count]
    found: Floats = minimize(loss, np.zeros(count + 1), method="L-BFGS-B", bounds=bounds).x
    return found


def _held_out(data: _Data, rows: pl.DataFrame, told: Mask) -> Floats:
    """Return by how much each term is predicted better by a fit without it."""
    folds = fold_by_term(rows, 0)
    nothing = np.zeros(data.signals.shape[1] + 1)
    before = np.zeros(len(told))
    after = np.zeros(len(told))
    before[told] = data.surprise(nothing, told)
    for fold in range(FOLDS):
        own = told & (folds == fold)
        after[own] = data.surprise(_fit(data, told & (folds != fold)), own)
    gains = rows.select(term=pl.col("search_term").str.to_lowercase()).with_columns(
        gain=pl.Series(before - after)
    )
    by_term = gains.filter(pl.Series(told)).group_by("term", maintain_order=True).sum()
    return by_term["gain"].to_numpy()


def _signals(rows: pl.DataFrame, market: pl.DataFrame) -> tuple[Floats, Mask]:
    """Return for each row how far its term lies above the market's rate, in log-odds; 0 unknown."""
    own = rows.select(term=pl.col("search_term").str.to_lowercase())
    found = own.join(market, on="term", how="left", maintain_order="left")
    columns = []
    for name in _SIGNALS:
        deviation = deviations(market, name)
        numbers = dict(zip(market["term"], deviation, strict=True))
        columns.append(np.array([numbers.get(term, 0.0) for term in own["term"]]))
    known = found["others_clicks"].is_not_null().to_numpy()
    signals = np.column_stack(columns)
    weights = rows["clicks"].to_numpy() * known
    signals -= np.where(known[:, None], _means(signals, weights), 0.0)
    return signals, known


def _means(signals: Floats, weights: Floats) -> Floats:
    total = weights.sum()
    found: Floats = (weights @ signals) / total if total else np.zeros(signals.shape[1])
    return found


def deviations(market: pl.DataFrame, name: str) -> Floats:
    """Return each query's log-odds of a purchase less those of all queries, by its clicks shrunk.

    ``name`` is "others" or "organic". How far is learned from how much queries differ.
    """
    clicks = market[f"{name}_clicks"].to_numpy().astype(np.float64)
    bought = np.minimum(market[f"{name}_purchases"].to_numpy().astype(np.float64), clicks)
    if clicks.sum() <= 0 or bought.sum() <= 0:
        return np.zeros(len(clicks))
    usual = float(np.clip(bought.sum() / clicks.sum(), 1e-4, 0.95))
    telling = int((clicks >= TELLING).sum())
    worth = fit_strength(bought, clicks, np.full(len(clicks), usual), telling)
    rate = (bought + worth * usual) / (clicks + worth)
    found: Floats = logit(np.clip(rate, 1e-5, 1 - 1e-5)) - logit(usual)
    return found
