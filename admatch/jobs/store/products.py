"""Products with their IDs, by version of the index: ``keep_products``."""

import polars as pl

from admatch.store.workspace import Transaction


def keep_products(
    transaction: Transaction, account: str, index_key: str, products: pl.DataFrame
) -> None:
    """Store the products of an index with the IDs that it gave them.

    ``products`` has ``product_id``, ``title`` and ``semantic_id``; ``index_key`` names catalog and
    model. A product that is stored with the same title and ID is not stored again, so each row
    names the first version in which the product looked like this.
    """
    known = transaction.frame(
        "SELECT product_id, title, semantic_id FROM products WHERE account = ?", [account]
    ).cast(products.schema)
    new = products.unique(maintain_order=True).join(
        known, on=products.columns, how="anti", nulls_equal=True
    )
    named = pl.lit(account).alias("account"), pl.lit(index_key).alias("index_key")
    transaction.append("products", new.select(*named, *products.columns))
