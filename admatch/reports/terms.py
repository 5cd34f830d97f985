"""What a search-term cell holds: words that a shopper typed, or something else."""

from functools import cache

import polars as pl

from admatch.reports.records import SearchTermReport, TermKind
from admatch.tables.distinct import indices_in, map_distinct

_ASIN = r"(?i)^(?:asin(?:-expanded)?\s*=\s*)?\"?(b0[a-z0-9]{8})\"?$"
_ISBN = r"^[0-9]{9}[0-9Xx]$"
_EXPRESSION = r'(?i)^(?:category|brand|keyword-group|product-type|age-range|genre)\s*=\s*".*'
_MAY_DIFFER = (
    r'(?i)^(?:\s|asin|"?b0|[0-9]{5}|category|brand|keyword-group|product-type|age-range|genre|\*|$)'
)
_NAMES = [kind.value for kind in TermKind]
_ITEM_NUMBER = r"^[0-9]{5,}$"


def shopper_terms(report: SearchTermReport) -> pl.Series:
    """Return the report's distinct search terms that shoppers typed, in report order."""
    typed = report.frame.filter(pl.col("term_kind") == TermKind.KEYWORD.value)
    return typed["search_term"].unique(maintain_order=True)


def classify_terms(terms: pl.Series, *, numbers_are_items: bool = False) -> pl.Series:
    """Return the ``TermKind`` of each cell; null and blank cells are ``EMPTY``.

    Ten digits are an ASIN if they are a valid ISBN-10, as books' ASINs are. With
    ``numbers_are_items`` (Walmart) every long number is an item.
    """
    # most terms are words: only the others are matched with the patterns, in a tenth of the time
    special = terms.str.contains(_MAY_DIFFER).fill_null(True)
    others = terms.filter(special).fill_null("")
    kinds = map_distinct(others, lambda distinct: _kinds(distinct, numbers_are_items))
    names = pl.Series("term_kind", _NAMES)
    keyword = _NAMES.index(TermKind.KEYWORD.value)
    indices = pl.repeat(keyword, len(terms), dtype=pl.UInt32, eager=True)
    return names.gather(indices.scatter(special.arg_true(), indices_in(names, kinds)))


def _kinds(terms: pl.Series, numbers_are_items: bool) -> pl.Series:
    frame = terms.to_frame("term").with_columns(pl.col("term").str.strip_chars())
    return frame.select(_kind(numbers_are_items).alias("term_kind")).to_series()


@cache
def _kind(numbers_are_items: bool) -> pl.Expr:
    term = pl.col("term")
    item = term.str.contains(_ASIN) | (term.str.contains(_ISBN) & _is_isbn(term))
    if numbers_are_items:
        item = item | term.str.contains(_ITEM_NUMBER)
    return (
        pl.when(term.is_null() | (term == ""))
        .then(pl.lit(TermKind.EMPTY.value))
        .when(term == "*")
        .then(pl.lit(TermKind.STAR.value))
        .when(item)
        .then(pl.lit(TermKind.ASIN.value))
        .when(term.str.contains(_EXPRESSION))
        .then(pl.lit(TermKind.CATEGORY.value))
        .otherwise(pl.lit(TermKind.KEYWORD.value))
    )


def _is_isbn(term: pl.Expr) -> pl.Expr:
    """Return whether the weighted digits (10, 9, …, 1; X is 10) sum to a multiple of 11."""
    digits = [
        term.str.slice(at, 1).str.to_uppercase().str.replace("X", "10").cast(pl.Int64, strict=False)
        * (10 - at)
        for at in range(10)
    ]
    return (pl.sum_horizontal(digits) % 11) == 0
