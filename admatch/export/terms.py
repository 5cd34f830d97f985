"""One line per distinct search term: a report's rows added up, with the term's outcome."""

import polars as pl

from admatch.match.records import Matches

AMOUNTS = ("impressions", "clicks", "spend", "sales", "orders", "units")
_KEY = ["search_term", "term_kind", "currency"]


def term_lines(matches: Matches) -> pl.DataFrame:
    """Return one row per (search term, currency), in the order in which the report names them.

    Columns: the key (``search_term, term_kind, currency``), ``outcome, probability, semantic_id``,
    the sums of ``AMOUNTS``, ``rows``, and ``campaigns``, each once. An amount that the report lacks
    stays null, which is not the same as zero.
    """
    return matches.frame.group_by(_KEY, maintain_order=True).agg(
        pl.col("outcome", "probability", "semantic_id").first(),
        *(_added(name) for name in AMOUNTS),
        pl.len().alias("rows"),
        pl.col("campaign").drop_nulls().unique(maintain_order=True).alias("campaigns"),
    )


def _added(name: str) -> pl.Expr:
    column = pl.col(name)
    return pl.when(column.is_not_null().any()).then(column.sum()).alias(name)
