"""What terms retrieve, stored by catalog and model, so that only new terms are decoded."""

import polars as pl

from admatch.match.records import PRODUCTS_SCHEMA, TERMS_SCHEMA
from admatch.pipeline.matching import packed, unpacked_products
from admatch.store.workspace import Transaction


def put_matches(transaction: Transaction, account: str, index_key: str, new: pl.DataFrame) -> None:
    """Store what new terms retrieve, and delete what another index of the account retrieved."""
    named = (pl.lit(account).alias("account"), pl.lit(index_key).alias("index_key"))
    terms, products = new.select(*TERMS_SCHEMA), unpacked_products(new)
    for table, rows in (("term_matches", terms), ("product_matches", products)):
        transaction.run(
            f"DELETE FROM {table} WHERE account = ? AND index_key <> ?", [account, index_key]
        )
        transaction.append(table, rows.select(*named, pl.all()))


def known_matches(transaction: Transaction, account: str, index_key: str) -> pl.DataFrame:
    """Return a row for each term matched with this index (``pipeline.matching.SCHEMA``)."""
    terms, products = (
        transaction.frame(
            f"SELECT {', '.join(columns)} FROM {table} WHERE account = ? AND index_key = ?"
            f" ORDER BY {order}",
            [account, index_key],
        ).cast(pl.Schema(columns))
        for table, columns, order in (
            ("term_matches", TERMS_SCHEMA, "search_term"),
            ("product_matches", PRODUCTS_SCHEMA, "search_term, rank"),
        )
    )
    return packed(terms, products)
