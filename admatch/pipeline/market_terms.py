"""A report's terms beside their market: ``market_terms``.

On simulated accounts the market's conversion makes the rates of terms better, and decisions no
better (``python -m tests.benchmarks.other_reports``). So it is shown and decides nothing.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from admatch.impact.columns import AD_GROUP
from admatch.impact.market import MarketFit
from admatch.impact.model import ImpactModel
from admatch.pipeline.market import by_query, market_of

if TYPE_CHECKING:
    from admatch.pipeline.analyse import Understood

_MARKET = ("volume", "clicks", "purchases", "own_clicks", "own_purchases")


@dataclass(frozen=True, slots=True)
class MarketTerms:
    """Terms with what shoppers buy after them, those with most spend first.

    ``frame`` has a row for each (ad group, term) that Search Query Performance knows: its market's
    figures, ``own_share`` of the purchases, ``market_rate``, ``unpaid_clicks`` and
    ``unpaid_purchases`` of one's own, ``cvr`` as decisions use it, and ``cvr_with_market``. ``fit``
    says whether the latter is better; None where too few terms can be compared.
    """

    frame: pl.DataFrame
    fit: MarketFit | None


def market_terms(known: "Understood") -> MarketTerms | None:
    """Return the terms of an analysis beside their market; None without its report."""
    market = market_of(known.insights, known.report)
    if market is None or known.insights is None:
        return None
    informed = ImpactModel(known.options.seed).fit(
        known.report, known.matches, catalog=known.catalog, as_of=known.options.as_of,
        trees=known.fit.trees, market=market,
    )  # fmt: skip
    both = known.model.posteriors.select(*AD_GROUP, "search_term", "spend", "cvr").join(
        informed.posteriors.select(*AD_GROUP, "search_term", cvr_with_market="cvr"),
        on=[*AD_GROUP, "search_term"], how="left", nulls_equal=True, maintain_order="left",
    )  # fmt: skip
    sums = by_query(known.insights.queries).rename({name: f"market_{name}" for name in _MARKET[:3]})
    unpaid = market.select(
        "term", unpaid_clicks="organic_clicks", unpaid_purchases="organic_purchases"
    )
    rows = (
        both.with_columns(term=pl.col("search_term").str.to_lowercase())
        .join(sums, on="term", maintain_order="left")
        .join(unpaid, on="term", maintain_order="left")
    )
    return MarketTerms(_tabulated(rows), informed.market)


def _tabulated(rows: pl.DataFrame) -> pl.DataFrame:
    bought, clicked = pl.col("market_purchases"), pl.col("market_clicks")
    shares = rows.with_columns(
        own_share=pl.when(bought > 0).then(pl.col("own_purchases") / bought),
        market_rate=pl.when(clicked > 0).then(bought / clicked),
        unpaid_clicks=pl.col("unpaid_clicks").cast(pl.Int64),
        unpaid_purchases=pl.col("unpaid_purchases").cast(pl.Int64),
    )
    return shares.select(
        *AD_GROUP, "search_term", "market_volume", "market_clicks", "market_purchases",
        "market_rate", "own_clicks", "own_purchases", "own_share", "unpaid_clicks",
        "unpaid_purchases", "cvr", "cvr_with_market",
    )  # fmt: skip
