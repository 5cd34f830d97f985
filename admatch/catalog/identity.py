"""Which row is which product: ids found or made, repeated ids told apart."""

import hashlib
from pathlib import Path

import polars as pl

from admatch.catalog.row_problems import tell
from admatch.errors import Problem

_TEXT = r'^="?(.*?)"?$'  # a spreadsheet's way to keep an id text: ="0171…"
_MADE = "row-"
# Columns that change while a product stays the same, or that say nothing about it.
_PASSING = ("row", "product_id", "price", "currency", "image", "variant_image", "url", "option")


def identify(path: Path, cells: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """Return the rows with a ``product_id`` each, and where one had to be made.

    The file's own id counts, else the SKU, else one made of the row's texts, which stays the same
    when the file is read again.
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
    remedy = "add an id to the file, such as the ASIN or the SKU, to find it again in reports"
    if missing.height == rows.height:
        what = "the file has no column of ids, so ids were made from the products' texts"
        return rows, [Problem(path, what, remedy)]
    what = "the row has no id, so one was made from its texts"
    return rows, tell(path, made.select("row", value="product_id"), what, remedy, "product_id")


def part_repeats(path: Path, rows: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """Return the rows with every ``product_id`` once.

    A row that repeats another cell by cell is left out; so is one with the id of an earlier row
    and other cells. The same id under a second SKU is a second offer of one listing: it is kept as
    ``id/sku``.
    """
    content = pl.struct(pl.exclude("row"))
    distinct = rows.filter(content.is_first_distinct())
    same = rows.height - distinct.height
    problems = [Problem(path, *_same_rows(same))] if same else []
    offered = _as_offers(distinct)
    again = offered.filter(pl.col("offer"))
    if again.height:
        problems.append(Problem(path, *_offers(again), row=again["row"][0]))
    kept = offered.filter(pl.col("product_id").is_first_distinct())
    repeats = offered.filter(~pl.col("product_id").is_first_distinct())
    problems += tell(
        path,
        repeats.select("row", value="product_id"),
        "an earlier row has this id with other cells, so this one was left out",
        "give each product its own id, or take out the row that is wrong",
        column="product_id",
    )
    return kept.drop("offer"), problems


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
    """Return ids made of what a product is, whatever it costs and in whatever order it is told."""
    names = sorted(name for name in rows.columns if not name.startswith(_PASSING))
    joined = pl.concat_str(pl.col(names).cast(pl.String), separator="|", ignore_nulls=True)
    texts = rows.select(joined)
    ids = [_MADE + hashlib.sha256(text.encode()).hexdigest()[:10] for text in texts.to_series()]
    return rows.select("row").with_columns(product_id=pl.Series(ids, dtype=pl.String))


def _same_rows(count: int) -> tuple[str, str]:
    return (
        f"rows that repeat an earlier one cell by cell gave no further product: {count}",
        "nothing is lost",
    )


def _offers(again: pl.DataFrame) -> tuple[str, str]:
    return (
        f"rows with an earlier row's id but another SKU became products of their own: "
        f"{again.height}, the first as '{again['product_id'][0]}'",
        "leave one row for each listing if they are the same product to you",
    )
