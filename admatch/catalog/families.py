"""Parents and variations: what a variation inherits, and parents that are no products."""

import re
from pathlib import Path

import polars as pl

from admatch.catalog.headers import PARENT_WORDS
from admatch.errors import Problem
from admatch.messages import say

_INHERITED = ("title", "brand", "category", "description", "short_description", "gender", "image1")
_PARENT_KINDS = ("variable", "configurable", "grouped")
_BY_NUMBER = r"(?i)^id:\s*"  # WooCommerce names a parent that has no SKU as "id:10"
_CHILD = re.compile(r"(?:^|[|,\n])\s*sku=([^,|]+)")  # Magento: sku=HOOD-R,color=Red|sku=HOOD-B,…
_OPTIONS = ("option1_value", "option2_value", "option3_value")


def settle_families(path: Path, rows: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """Return the rows without parents, and each variation with what its parent's row alone has.

    A parent is a row that says so, or that other rows name as theirs and that has no price, where
    others have one. A variation without a title of its own gets its options behind its parent's.
    """
    rows = _with_parents(rows)
    if "parent_id" not in rows.columns:
        return _without(path, rows, _says_so(rows))
    inherited = [name for name in _INHERITED if name in rows.columns]
    keys = _keys(rows, inherited)
    family = rows.join(keys, left_on="parent_id", right_on="key", how="left", suffix="_above")
    named = _is_named(rows)
    filled = family.with_columns(
        pl.coalesce(name, f"{name}_above").alias(name) for name in inherited if name != "title"
    )
    filled = filled.with_columns(_title(rows)) if "title" in inherited else filled
    is_parent = _says_so(rows) | (named & (_kind(rows) | _lacks_price(rows)))
    return _without(path, filled.select(rows.columns), is_parent)


def _with_parents(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with the parents that Magento names the other way round."""
    if "parent_id" in rows.columns:
        return rows.with_columns(pl.col("parent_id").str.replace(_BY_NUMBER, ""))
    if "children" not in rows.columns or "sku" not in rows.columns:
        return rows
    above = {
        child.strip(): sku
        for sku, children in rows.select("sku", "children").drop_nulls().iter_rows()
        for child in _CHILD.findall(children)
    }
    found = pl.col("sku").replace_strict(above, default=None, return_dtype=pl.String)
    return rows.with_columns(parent_id=found) if above else rows


def _keys(rows: pl.DataFrame, inherited: list[str]) -> pl.DataFrame:
    """Return what each row hands down, by each of its IDs."""
    names = [name for name in ("sku", "product_id") if name in rows.columns]
    handed = [rows.select(*inherited, key=name) for name in names]
    if not handed:
        return rows.select(*inherited, key="parent_id").clear()
    return pl.concat(handed).drop_nulls("key").unique("key", keep="first", maintain_order=True)


def _title(rows: pl.DataFrame) -> pl.Expr:
    """Return the title of each row: its own, or its parent's with the options behind it."""
    shown = [name for name in _OPTIONS if name in rows.columns]
    options = pl.concat_str(shown, separator=" / ", ignore_nulls=True) if shown else pl.lit("")
    above = pl.col("title_above")
    told_apart = pl.concat_str(above, options, separator=" - ")
    own = pl.col("title").is_not_null() & (pl.col("title") != above).fill_null(True)
    only = pl.col("title").is_not_null() & (options.str.len_bytes() == 0)
    named = pl.when(options.str.len_bytes() > 0).then(told_apart).otherwise(above)
    itself = pl.col("parent_id").eq_missing(_own_key(rows))
    return pl.when(own | only | itself).then("title").otherwise(named).alias("title")


def _own_key(rows: pl.DataFrame) -> pl.Expr:
    names = [name for name in ("sku", "product_id") if name in rows.columns]
    return pl.coalesce(names) if names else pl.lit(None, pl.String)


def _is_named(rows: pl.DataFrame) -> pl.Series:
    """Return whether another row names each row as its parent.

    A row without an ID of its own is the parent that it names.
    """
    names = [name for name in ("sku", "product_id") if name in rows.columns]
    itself = pl.any_horizontal([pl.col("parent_id") == pl.col(name) for name in names] or [False])
    own = _own_key(rows)
    parents = rows.filter(~itself.fill_null(False) & own.is_not_null())["parent_id"].drop_nulls()
    found = [pl.col(name).is_in(parents.implode()) for name in names]
    found.append(own.is_null() & pl.col("parent_id").is_in(parents.implode()))
    return rows.select(pl.any_horizontal(found).fill_null(False)).to_series()


def _says_so(rows: pl.DataFrame) -> pl.Series:
    if "parentage" not in rows.columns:
        return pl.repeat(False, rows.height, eager=True)
    return rows["parentage"].str.to_lowercase().is_in(PARENT_WORDS).fill_null(False)


def _kind(rows: pl.DataFrame) -> pl.Series:
    if "kind" not in rows.columns:
        return pl.repeat(False, rows.height, eager=True)
    words = rows["kind"].str.to_lowercase().str.extract(r"^(\w+)")
    return words.is_in(_PARENT_KINDS).fill_null(False)


def _lacks_price(rows: pl.DataFrame) -> pl.Series:
    if "price" not in rows.columns:
        return pl.repeat(False, rows.height, eager=True)
    return rows["price"].is_null() & bool(rows["price"].count())


def _without(
    path: Path, rows: pl.DataFrame, is_parent: pl.Series
) -> tuple[pl.DataFrame, list[Problem]]:
    parents = int(is_parent.sum())
    if not parents:
        return rows, []
    what = say("catalog.reader.parents", n=parents)
    remedy = say("catalog.reader.variations_have_rows")
    return rows.filter(~is_parent), [Problem(path, what, remedy)]
