"""How well matches agree with a synthetic report's truth."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from admatch.match.records import Matches, Outcome


@dataclass(frozen=True, slots=True)
class Agreement:
    """Shares (0 … 1) of the truth's terms that were judged right.

    ``found`` of the terms about a product were told to be; ``first_right`` of them have one of
    their own products first; ``refused`` of the terms about nothing were not told to be.
    """

    terms: int
    found: float
    first_right: float
    refused: float


def agreement(matches: Matches, truth: Path) -> Agreement:
    """Return how the matches agree with ``truth``, a CSV with search_term and product_ids (a|b)."""
    judged = matches.frame.unique("search_term", maintain_order=True).filter(
        pl.col("outcome") != Outcome.NOT_APPLICABLE.value
    )
    known = pl.read_csv(truth, schema_overrides={"product_ids": pl.String}).select(
        "search_term", pl.col("product_ids").fill_null("").str.split("|").alias("truly")
    )
    both = judged.join(known, on="search_term", how="inner")
    mine = pl.col("truly") != [""]
    is_match = pl.col("outcome") == Outcome.MATCH.value
    about, foreign = both.filter(mine), both.filter(~mine)
    return Agreement(
        terms=both.height,
        found=_share(about, is_match),
        first_right=_share(about, pl.col("truly").list.contains(pl.col("product_id"))),
        refused=_share(foreign, ~is_match),
    )


def _share(rows: pl.DataFrame, is_right: pl.Expr) -> float:
    return rows.select(is_right.fill_null(False).mean()).item() if rows.height else 0.0
