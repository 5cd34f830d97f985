"""An audit as files for programs: CSV, Parquet, JSON."""

import json
from pathlib import Path

import polars as pl

from admatch.audit.records import Audit
from admatch.export.table import spreadsheet_safe
from admatch.tables.atomic import replacing

FRAMES = ("products", "findings", "similar", "brands", "terms")


def write_audit_csv(audit: Audit, path: Path | str) -> None:
    """Write the findings as UTF-8 with a BOM, worst first; beside it one CSV for each other frame.

    ``audit.csv`` brings ``audit.products.csv``, ``audit.similar.csv`` and so on, lists joined by
    semicolons. No cell runs as a formula.
    """
    path = Path(path)
    for name in FRAMES:
        own = path if name == "findings" else path.with_suffix(f".{name}.csv")
        with replacing(own) as unfinished:
            spreadsheet_safe(_flat(getattr(audit, name))).write_csv(unfinished, include_bom=True)


def write_audit_parquet(audit: Audit, path: Path | str) -> None:
    """Write the products with their scores, each with its findings and similar ones as lists."""
    frame = audit.products
    nested = ((audit.findings.drop("title"), "findings"), (audit.similar, "similar"))
    for rows, name in nested:
        columns = [column for column in rows.columns if column != "product_id"]
        lists = rows.group_by("product_id", maintain_order=True).agg(pl.struct(columns).alias(name))
        frame = frame.drop(name, strict=False).join(
            lists, on="product_id", how="left", maintain_order="left"
        )
    with replacing(Path(path)) as unfinished:
        frame.write_parquet(unfinished)


def write_audit_json(audit: Audit, path: Path | str) -> None:
    """Write one object: a list of rows for each frame, ``notes`` and ``problems``."""
    held = {name: getattr(audit, name).to_dicts() for name in FRAMES}
    held |= {"notes": list(audit.notes), "problems": [str(one) for one in audit.problems]}
    with replacing(Path(path)) as unfinished:
        unfinished.write_text(json.dumps(held, ensure_ascii=False) + "\n", encoding="utf-8")


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    lists = [name for name, kind in frame.schema.items() if kind == pl.List]
    return frame.with_columns(pl.col(name).list.join("; ") for name in lists)
