"""What shoppers typed, apart from the ASINs and categories among a report's terms."""

import polars as pl

from admatch.reports.records import SearchTermReport, TermKind


def shopper_terms(report: SearchTermReport) -> pl.Series:
    """Return the report's distinct search terms that are words of a shopper, in report order."""
    typed = report.frame.filter(pl.col("term_kind") == TermKind.KEYWORD.value)
    return typed["search_term"].unique(maintain_order=True)
