"""Which row is which product: IDs found or made, repeated IDs distinguished."""

import hashlib
from pathlib import Path

import polars as pl

from admatch.catalog.row_problems import row_problems
from admatch.errors import Problem
from admatch.messages import say

_TEXT = r'^="?(.*?)"?$'  # how spreadsheets keep an ID as text: ="0171…"
MADE = "row-"
# Columns that may change while the product stays the same, or that say nothing about it.
_PASSING = (
    *("row", "product_id", "price", "currency", "image", "variant_image", "url", "option"),
    *("cost", "fees", "margin", "target_acos"),
)


def identify(path: Path, cells: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """Return the rows with a ``product_id`` each, and a problem for each ID that was made.

    The file's own ID comes first, then the SKU, then an ID made from the row's texts, which is the
    same whenever the file is read.
    """
    names = [name for name in ("product_id", "sku", "parent_id") if name in cells.columns]
    unwrapped = cells.with_columns(pl.col(names).str.replace(_TEXT, "${1}"))
    given = [name for name in ("product_id", "sku") if name in names] or names
    found = pl.coalesce(given) if given else pl.lit(None, pl.String)
    rows = unwrapped.with_columns(product_id=pl.when(found.str.len_bytes() > 0).then(found))
    missing = rows.filter(pl.col("product_id").is_null())
    if missing.is_empty():
        return rows, []
    made = _made_ids(missing)
    rows = rows.update(made, on="row")
    remedy = say("catalog.identity.add_id")
    if missing.height == rows.height:
        return rows, [Problem(path, say("catalog.identity.no_ids"), remedy)]
    new = made.select("row", value="product_id")
    what = say("catalog.identity.no_id")
    return rows, row_problems(path, new, what, remedy, "product_id")


def settle_repeats(path: Path, rows: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """Return the rows with every ``product_id`` once.

    A row that repeats another cell by cell is left out, and so is one with an earlier row's ID and
    other cells. The same ID under a second SKU is a second offer of one listing: it is kept as
    ``id/sku``.
    """
    content = pl.struct(pl.exclude("row", "sheet"))
    distinct = rows.filter(content.is_first_distinct())
    same = rows.height - distinct.height
    problems = []
    if same:
        what = say("catalog.identity.same_rows", n=same)
        problems.append(Problem(path, what, say("catalog.identity.nothing_lost")))
    offered = _as_offers(distinct)
    again = offered.filter(pl.col("offer"))
    if again.height:
        first = again["product_id"][0]
        what = say("catalog.identity.offers", n=again.height, first=first)
        remedy = say("catalog.identity.one_row_each")
        problems.append(Problem(path, what, remedy, row=again["row"][0]))
    unique = offered.filter(pl.col("product_id").is_first_distinct())
    repeats = offered.filter(~pl.col("product_id").is_first_distinct())
    problems += row_problems(
        path,
        repeats.select("row", value="product_id"),
        say("catalog.identity.repeated_id"),
        say("catalog.identity.unique_id"),
        column="product_id",
    )
    return unique.drop("offer"), problems


def _as_offers(rows: pl.DataFrame) -> pl.DataFrame:
    if "sku" not in rows.columns:
        return rows.with_columns(offer=pl.lit(False))
    later = ~pl.col("product_id").is_first_distinct()
    other = pl.col("sku").is_not_null() & pl.col("sku").first().over("product_id").is_not_null()
    offer = later & other & pl.struct("product_id", "sku").is_first_distinct()
    name = pl.concat_str("product_id", "sku", separator="/")
    return rows.with_columns(offer=offer).with_columns(
        product_id=pl.when("offer").then(name).otherwise("product_id")
    )


def _made_ids(rows: pl.DataFrame) -> pl.DataFrame:
    """Return IDs made from what a product is, whatever its price and the order of its columns."""
    names = sorted(name for name in rows.columns if not name.startswith(_PASSING))
    joined = pl.concat_str(pl.col(names).cast(pl.String), separator="|", ignore_nulls=True)
    texts = rows.select(joined)
    ids = [MADE + hashlib.sha256(text.encode()).hexdigest()[:10] for text in texts.to_series()]
    return rows.select("row").with_columns(product_id=pl.Series(ids, dtype=pl.String))
