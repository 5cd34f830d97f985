"""What terms retrieve, kept by catalog and model, so that only new terms are decoded."""

from collections.abc import Sequence

import polars as pl

from admatch.match.records import PRODUCTS_SCHEMA, TERMS_SCHEMA, Matches
from admatch.reports.records import SearchTermReport
from admatch.store.workspace import Transaction


def unknown_terms(
    transaction: Transaction, account: str, index_key: str, terms: pl.Series
) -> pl.Series:
    """Return those of ``terms`` that were not put to this index yet, in their order."""
    known = transaction.frame(
        "SELECT search_term FROM term_matches WHERE account = ? AND index_key = ?",
        [account, index_key],
    )
    return terms.filter(~terms.is_in(known["search_term"].implode()))


def keep_matches(transaction: Transaction, account: str, index_key: str, matches: Matches) -> None:
    """Keep what new terms retrieve; what another index of the account told is forgotten."""
    named = (pl.lit(account).alias("account"), pl.lit(index_key).alias("index_key"))
    for table, rows in (("term_matches", matches.terms), ("product_matches", matches.products)):
        transaction.run(
            f"DELETE FROM {table} WHERE account = ? AND index_key <> ?", [account, index_key]
        )
        transaction.append(table, rows.select(*named, pl.all()))


def kept_matches(
    transaction: Transaction,
    account: str,
    index_key: str,
    report: SearchTermReport,
    terms: pl.Series,
) -> Matches:
    """Return the matches of a report all of whose ``terms`` are kept, in their order."""
    order = pl.DataFrame({"search_term": terms}).with_row_index("place")
    of_terms, of_products = (
        transaction.frame(
            f"SELECT {', '.join(columns)} FROM {table} WHERE account = ? AND index_key = ?",
            [account, index_key],
        )
        .cast(pl.Schema(columns))
        .join(order, on="search_term", how="inner")
        .sort("place", *by)
        .select(*columns)
        for table, columns, by in _TABLES
    )
    return Matches(report, of_terms, of_products)


_TABLES: Sequence[tuple[str, dict[str, pl.DataType], tuple[str, ...]]] = (
    ("term_matches", TERMS_SCHEMA, ()),
    ("product_matches", PRODUCTS_SCHEMA, ("rank",)),
)
