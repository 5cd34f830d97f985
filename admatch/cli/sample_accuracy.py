"""How well matches agree with the truth of a synthetic report: ``agreement``."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from admatch.match.records import Matches, Outcome


@dataclass(frozen=True, slots=True)
class Agreement:
    """Shares (0 … 1) of the terms with a known truth that were matched correctly.

    Of the terms about a product, ``found`` is the share that was matched and ``first_right`` the
    share with a right product first. Of the other terms, ``refused`` is the share left unmatched.
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
