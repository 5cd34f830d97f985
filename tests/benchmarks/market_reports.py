"""Simulated accounts' Search Query Performance, made from their truth.

What joins an account's conversion and its market's is known to nobody, so it is a setting:
``kinship`` is the correlation of a term's log-odds at everybody's listings and at one's own; 0 is a
market that says nothing. One's own unpaid clicks convert as one's ads do but for ``_APART``.
"""

import numpy as np
import polars as pl
from scipy.special import expit, logit

from admatch.reports.insights.records import SCHEMAS, InsightKind, Insights
from admatch.simulate.simulation import Simulation

_BASE = 0.10  # purchases a click in the market
_APART = 0.35  # deviation in log-odds of unpaid clicks on one's own
_PER_AD_CLICK = 12.0  # clicks of the market for each expected on one's ads, at the median
_OWN_SHARE = 0.04  # of the market's clicks that are unpaid and one's own, at relevance 1
_THRESHOLD = 30  # Amazon tells no query with fewer market clicks in a quarter


def market_reports(found: Simulation, kinship: float, seed: int) -> Insights:
    """Return a quarter of Search Query Performance for an account that Amazon knows."""
    rng = np.random.default_rng([seed, 2701])
    terms = _terms(found)
    mine = logit(np.clip(terms["cvr"].to_numpy(), 1e-4, 0.9))
    typical = float(np.average(mine, weights=terms["clicks"].to_numpy()))
    spread = float(np.std(mine))
    other = kinship * (mine - typical) + np.sqrt(1 - kinship**2) * spread * rng.standard_normal(
        len(mine)
    )
    rate = expit(logit(_BASE) + np.clip(other, -4, 2))
    clicks = rng.poisson(
        terms["clicks"].to_numpy() * _PER_AD_CLICK * rng.lognormal(0, 1, len(mine))
    )
    share = _OWN_SHARE * terms["relevance"].to_numpy() * rng.lognormal(0, 0.5, len(mine))
    organic = rng.poisson(np.clip(share, 0, 0.5) * clicks)
    sold = rng.binomial(organic, expit(mine + _APART * rng.standard_normal(len(mine))))
    ads = terms["ad_clicks"].to_numpy(), terms["ad_orders"].to_numpy()
    frame = terms.select(query="search_term").with_columns(
        own_clicks=pl.Series(organic + ads[0]),
        own_purchases=pl.Series(sold + ads[1]),
        clicks=pl.Series(clicks + organic + ads[0]),
        purchases=pl.Series(rng.binomial(clicks, rate) + sold + ads[1]),
        volume=pl.Series(3 * (clicks + organic)),
    )
    kept = frame.filter(pl.col("clicks") >= _THRESHOLD)
    return Insights({InsightKind.SEARCH_QUERIES: _complete(kept)})


def _terms(found: Simulation) -> pl.DataFrame:
    """Return each shopper term with its true rate, expected clicks, and what its ads had."""
    truth = found.truth.filter(pl.col("kind").is_in(["asin", "star"]).not_())
    weight = pl.col("clicks") + 1e-9
    terms = truth.group_by("search_term", maintain_order=True).agg(
        cvr=(pl.col("true_cvr") * weight).sum() / weight.sum(),
        relevance=pl.col("relevance").max(),
        clicks=pl.col("clicks").sum(),
    )
    daily = found.history.summary.group_by(search_term="Customer Search Term").agg(
        ad_clicks=pl.col("Clicks").cast(pl.Int64).sum(),
        ad_orders=pl.col("7 Day Total Orders (#)").cast(pl.Int64).sum(),
    )
    return terms.join(daily, on="search_term", how="left", maintain_order="left").with_columns(
        pl.col("ad_clicks", "ad_orders").fill_null(0)
    )


def _complete(frame: pl.DataFrame) -> pl.DataFrame:
    schema = SCHEMAS[InsightKind.SEARCH_QUERIES]
    lacking = [pl.lit(None, dtype).alias(name) for name, dtype in schema.items()
               if name not in frame.columns]  # fmt: skip
    return frame.with_columns(lacking).select(*schema).cast(dict(schema))
