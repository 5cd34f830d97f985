"""Products and their IDs by version: ``keep_products``."""

import polars as pl

from admatch.store.workspace import Transaction


def keep_products(
    transaction: Transaction, account: str, index_key: str, products: pl.DataFrame
) -> None:
    """Keep the products that an index knows, with the IDs that it gave them.

    ``products`` has ``product_id``, ``title``, ``semantic_id``; ``index_key`` names catalog and
    model. What is already kept with the same title and ID is not kept again: each line tells in
    which version a product first was so.
    """
    known = transaction.frame(
        "SELECT product_id, title, semantic_id FROM products WHERE account = ?", [account]
    ).cast(products.schema)
    new = products.unique(maintain_order=True).join(
        known, on=products.columns, how="anti", nulls_equal=True
    )
    named = pl.lit(account).alias("account"), pl.lit(index_key).alias("index_key")
    transaction.append("products", new.select(*named, *products.columns))
