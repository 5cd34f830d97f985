"""A report's matches as a table for other programs: CSV for a spreadsheet, Parquet for code."""

from pathlib import Path

import polars as pl

from admatch.export.formulas import escaped
from admatch.match.records import RETRIEVED, Matches
from admatch.tables.atomic import replacing


def matches_frame(matches: Matches) -> pl.DataFrame:
    """Return ``matches.frame`` with one more column: ``retrieved``, best product first.

    One row per report row, in the report's order. ``retrieved`` is a list of structs of
    ``product_id, title, semantic_id, score, probability``; empty where a term retrieves nothing.
    """
    retrieved = pl.col("probability") >= RETRIEVED
    ranked = matches.products.filter(retrieved).sort("search_term", "rank")
    product = pl.struct("product_id", "title", "semantic_id", "score", "probability")
    lists = ranked.group_by("search_term", maintain_order=True).agg(product.alias("retrieved"))
    rows = matches.frame.join(lists, on="search_term", how="left", maintain_order="left")
    return rows.with_columns(pl.col("retrieved").fill_null([]))


def write_parquet(matches: Matches, path: Path) -> None:
    """Write one row per report row; cells are exactly those of the report and the catalog."""
    with replacing(path) as unfinished:
        matches_frame(matches).write_parquet(unfinished)


def write_csv(matches: Matches, path: Path) -> None:
    """Write one row per report row as UTF-8 with a BOM, which spreadsheets need for umlauts."""
    with replacing(path) as unfinished:
        spreadsheet_safe(flat(matches_frame(matches))).write_csv(unfinished, include_bom=True)


def flat(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with ``retrieved`` as text: ``B0A 0.931; B0B 0.412``."""
    probability = pl.element().struct["probability"].round(3).cast(pl.String)
    entry = pl.concat_str(pl.element().struct["product_id"], pl.lit(" "), probability)
    return rows.with_columns(pl.col("retrieved").list.eval(entry).list.join("; "))


def spreadsheet_safe(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with an apostrophe before each text cell that a spreadsheet would run.

    Numeric columns, and text cells that are plain numbers, stay as they are.
    """
    texts = [name for name, kind in rows.schema.items() if kind == pl.String]
    return rows.with_columns(escaped(pl.col(name)).alias(name) for name in texts)
