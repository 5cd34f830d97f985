"""A catalog file of any format → a ``Catalog``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from admatch.catalog.columns import take_columns
from admatch.catalog.damaged_ids import mend_ids
from admatch.catalog.economics import read_economics
from admatch.catalog.families import settle_families
from admatch.catalog.feed import is_feed, read_feed
from admatch.catalog.headers import ATTRIBUTES
from admatch.catalog.identity import identify, settle_repeats
from admatch.catalog.images import find_images
from admatch.catalog.json_variants import explode_variants
from admatch.catalog.prices import read_prices, total_rows
from admatch.catalog.records import CATALOG_SCHEMA, Catalog
from admatch.catalog.row_problems import row_problems
from admatch.catalog.sheets import choose_tables, present
from admatch.catalog.shopify import OPTION, fold_variants
from admatch.catalog.text import plain, plain_lines, split_images
from admatch.errors import InputError, Problem
from admatch.messages import say
from admatch.tables.raw import RawTable
from admatch.tables.reader import read_tables

_BULLETS = tuple(f"bullet{number}" for number in range(1, 11))
_IMAGES = tuple(f"image{number}" for number in range(1, 10))


def read_catalog(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    image_cache: Path | None = None,
) -> Catalog:
    """Return the products in a file, and the problems of rows that were skipped or repaired.

    Reads CSV, TSV, XLSX, JSON, JSON Lines, Parquet and Merchant XML, plain or in .gz or .zst:
    Amazon listing reports, templates and Business Reports, exports of Shopify, WooCommerce,
    Magento and other shops, Merchant feeds and any other table. Of a workbook, all sheets with the
    columns of the best one are read. ``columns`` names columns that are not recognised:
    ``{"title": "Nom"}``. Images are paths relative to the file; addresses are fetched only into an
    ``image_cache``. Raises ``InputError`` where the file cannot be read or has no titles.

    >>> am.read_catalog("data/sample/catalog.csv")
    Catalog of 81 products, 9 brands, 81 with pictures, from catalog.csv
    """
    path = Path(path)
    tables = (read_feed(path),) if is_feed(path) else read_tables(path)
    chosen, problems = choose_tables(tables, columns or {})
    label = _labels(path, chosen)
    named = [columns or {}, *(present(columns or {}, table) for table in chosen[1:])]
    parts = [_rows(*one) for one in zip(label, chosen, named, strict=True)]
    marked = [part.rows.with_columns(sheet=pl.lit(at)) for at, part in enumerate(parts)]
    rows, repeats = settle_repeats(path, pl.concat(marked, how="diagonal"))
    if rows.is_empty():
        raise InputError(say("catalog.reader.no_titles", file=path.name))
    frames = [
        _frame(label[at], rows.filter(pl.col("sheet") == at), image_cache)
        for at in range(len(parts))
    ]
    frame = pl.concat(frame for frame, _ in frames)
    every = [*(one for table in chosen for one in table.problems), *problems]
    every += [one for part in parts for one in part.problems] + repeats
    every += [one for _, unread in frames for one in unread]
    total = sum(part.total for part in parts)
    return Catalog(frame, path, tuple(every), skipped=total - frame.height)


@dataclass(frozen=True, slots=True)
class _Rows:
    """The products of one table, each with its ID, of a ``total`` of rows."""

    rows: pl.DataFrame
    total: int
    problems: list[Problem]


def _labels(path: Path, tables: Sequence[RawTable]) -> list[Path]:
    """Return what problems call each table: the file, with the sheet where several are read."""
    if len({table.sheet for table in tables}) == 1:
        return [path] * len(tables)
    return [path.with_name(f"{path.name} [{table.sheet}]") for table in tables]


def _rows(path: Path, table: RawTable, columns: Mapping[str, str]) -> _Rows:
    cells, repeated = take_columns(table, columns)
    cells, damaged = mend_ids(path, cells)
    cells = explode_variants(cells)
    if "handle" in cells.columns:
        cells = fold_variants(cells)
    total = cells.height  # rows that only add an image are not counted as skipped
    cells, no_products = _products(path, cells)
    cells, unnamed = identify(path, cells)
    return _Rows(cells, total, [*repeated, *damaged, *no_products, *unnamed])


def _products(path: Path, cells: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
    """Return the rows of products: those with a title that are not parents of variations."""
    cells, problems = settle_families(path, cells.with_columns(plain(cells["title"])))
    untitled = cells.filter(pl.col("title").is_null())
    value = pl.coalesce(_column(untitled, "product_id"), _column(untitled, "sku"))
    problems += row_problems(
        path,
        untitled.select("row", value=value),
        say("catalog.reader.untitled"),
        say("catalog.reader.add_title"),
        column="title",
    )
    return cells.filter(pl.col("title").is_not_null()), problems


def _frame(
    path: Path, cells: pl.DataFrame, cache: Path | None
) -> tuple[pl.DataFrame, list[Problem]]:
    """Return the catalog's frame, and the problems of cells that could not be read."""
    prices, no_prices = read_prices(path, cells)
    totals = total_rows(path, cells, prices["price"])
    if totals.rows.any():
        cells, prices = cells.filter(~totals.rows), prices.filter(~totals.rows)
        no_prices = [*no_prices, *totals.problems]
    economics, no_margins = read_economics(path, cells, prices)
    listed = _joined(cells, _IMAGES, split_images).alias("images")
    images, no_images = find_images(path, pl.DataFrame([cells["row"], listed]), cache)
    text = {name: _column(cells, name) for name in ("product_id", "title", "sku", "url")}
    plain_text = {
        name: plain(_column(cells, name)) for name in ("brand", "category", "description")
    }
    brief = plain(_column(cells, "short_description"))
    frame = pl.DataFrame(
        {
            **text,
            **plain_text,
            "parent_id": _column(cells, "parent_id"),
            "brief": brief,
            "price": prices["price"],
            "currency": prices["currency"],
            **{name: economics[name] for name in economics.columns},
            "bullets": _joined(cells, _BULLETS, plain_lines),
            "images": images,
            "attributes": _attributes(cells),
        }
    ).with_columns(
        pl.coalesce("description", "brief").alias("description"),
        # a listing without variations is its own parent in Amazon's reports
        pl.when(pl.col("parent_id") != pl.col("product_id")).then("parent_id"),
    )
    unread = no_prices + no_margins + no_images
    return frame.select(pl.col(n).cast(t) for n, t in CATALOG_SCHEMA.items()), unread


def _column(cells: pl.DataFrame, name: str) -> pl.Series:
    if name in cells.columns:
        return cells[name]
    return pl.Series(name, [None] * cells.height, pl.String)


def _joined(
    cells: pl.DataFrame, names: Sequence[str], part: Callable[[pl.Series], pl.Series]
) -> pl.Series:
    """Return one list per row of what the cells of several columns hold, in the columns' order."""
    lists = [part(cells[name]) for name in names if name in cells.columns]
    if not lists:
        return pl.Series([[]], dtype=pl.List(pl.String)).new_from_index(0, cells.height)
    joined = pl.DataFrame(lists).select(pl.concat_list(pl.all()))
    return joined.to_series().list.unique(maintain_order=True)


def _attributes(cells: pl.DataFrame) -> pl.Series:
    """Return the known attributes of each row, then its Shopify options of other names."""
    pairs = [
        pl.when(pl.col(name).is_not_null()).then(pl.struct(name=pl.lit(name), value=name))
        for name in ATTRIBUTES
        if name in cells.columns
    ]
    lists = [pl.concat_list(pairs).list.drop_nulls()] if pairs else []
    lists += [pl.col("options")] if "options" in cells.columns else []
    if not lists:
        return pl.Series([[]], dtype=pl.List(OPTION)).new_from_index(0, cells.height)
    return cells.select(pl.concat_list(lists).alias("attributes")).to_series()
