"""What is never negated (guard-rails 1 and 2): terms with orders, brands, own products, words."""

from collections.abc import Sequence

import polars as pl

from admatch.catalog.records import Catalog
from admatch.decisions.misspellings import misspelt_names
from admatch.decisions.words import holds_any, stems
from admatch.reports.account.records import Account
from admatch.reports.records import TermKind

_NAME_END = r"\s*(?:[,|(\[/;:]|\s[-–—]\s).*$"
NAME_WORDS = 3  # a shorter product name protects only the term that equals it


def own_asins(catalog: Catalog | None, account: Account | None) -> pl.Series:
    """Return the ASINs of the catalog's products and parents, and of the products advertised."""
    known = [pl.Series("asin", [], dtype=pl.String)]
    if catalog is not None:
        # a second offer of one listing is kept as "ASIN/SKU"
        known += [catalog.frame["product_id"].str.replace("/.*$", ""), catalog.frame["parent_id"]]
    if account is not None:
        known.append(account.frame["asin"])
    texts = pl.concat([one.alias("asin") for one in known]).drop_nulls()
    return texts.str.to_uppercase().unique(maintain_order=True)


def asin_in(column: str) -> pl.Expr:
    """Return the ASIN that a text is or contains, in capitals, or null."""
    return pl.col(column).str.extract(r"(?i)(b0[a-z0-9]{8}|[0-9]{9}[0-9x])").str.to_uppercase()


def protected(rows: pl.DataFrame, catalog: Catalog | None, protect: Sequence[str]) -> pl.Series:
    """Return why each row may not be negated ("brand", "own product", "protect"), or null."""
    terms = rows["search_term"]
    listed = holds_any(terms, stems(pl.Series(protect, dtype=pl.String)))
    listed = listed | terms.str.to_lowercase().is_in([one.lower() for one in protect])
    brands, names = _brands(catalog), _names(catalog)
    folded = stems(names)
    long = folded.filter(folded.str.count_matches(" ") >= NAME_WORDS - 1)
    named = rows["folded"].is_in(folded.implode()) & (rows["folded"] != "")
    named = named | holds_any(terms, long)
    typed = rows["term_kind"] == TermKind.KEYWORD.value
    cells = pl.DataFrame(
        {"typed": typed, "listed": listed, "brand": holds_any(terms, stems(brands)), "named": named}
    )
    spelt = cells.select(
        pl.when("listed")
        .then(pl.lit("protect"))
        .when(pl.col("typed") & pl.col("brand"))
        .then(pl.lit("brand"))
        .when(pl.col("typed") & pl.col("named"))
        .then(pl.lit("own product"))
        .alias("protected")
    ).to_series()
    return _with_misspelt(rows, spelt, brands, names)


def _with_misspelt(
    rows: pl.DataFrame, spelt: pl.Series, brands: pl.Series, names: pl.Series
) -> pl.Series:
    """Return ``spelt`` with the terms that misspell an own name; those with orders need no word."""
    doubtful = (rows["term_kind"] == TermKind.KEYWORD.value) & spelt.is_null()
    doubtful &= (rows["clicks"] > 0) & (rows["orders"] == 0)
    if names.is_empty() or not doubtful.any():
        return spelt
    asked = rows.filter(doubtful)
    known = asked.select("row", found=misspelt_names(asked["search_term"], brands, names))
    return spelt.fill_null(
        rows.select("row").join(known, on="row", how="left", maintain_order="left")["found"]
    )


def ordered_anywhere(rows: pl.DataFrame) -> pl.Series:
    """Return the orders of each row's term in all ad groups, plurals folded, whatever currency."""
    keyword = pl.col("term_kind") == TermKind.KEYWORD.value
    name = (
        pl.when(keyword & (pl.col("folded") != ""))
        .then("folded")
        .otherwise(pl.col("search_term").str.to_lowercase())
    )
    return rows.select(pl.col("orders").fill_null(0).sum().over(name)).to_series()


def _brands(catalog: Catalog | None) -> pl.Series:
    if catalog is None:
        return pl.Series([], dtype=pl.String)
    return catalog.frame["brand"].drop_nulls().unique(maintain_order=True)


def _names(catalog: Catalog | None) -> pl.Series:
    """Return the part of each title that is its name."""
    if catalog is None:
        return pl.Series([], dtype=pl.String)
    return (
        catalog.frame["title"].drop_nulls().str.replace(_NAME_END, "").unique(maintain_order=True)
    )
