"""An audit as CSV, Parquet and JSON files."""

import json
from pathlib import Path
from typing import Any

import polars as pl

from admatch.audit.records import Audit
from admatch.export.table import spreadsheet_safe
from admatch.tables.atomic import replacing

FRAMES = ("products", "findings", "similar", "brands", "terms")


def write_audit_csv(audit: Audit, path: Path | str) -> None:
    """Write the findings as UTF-8 with a BOM, worst first, and a CSV for each other frame.

    Next to ``audit.csv`` are ``audit.products.csv``, ``audit.similar.csv`` and so on, with lists
    joined by semicolons. No cell can run as a formula.
    """
    path = Path(path)
    for name in FRAMES:
        own = path if name == "findings" else path.with_suffix(f".{name}.csv")
        with replacing(own) as unfinished:
            spreadsheet_safe(_flat(getattr(audit, name))).write_csv(unfinished, include_bom=True)


def write_audit_parquet(audit: Audit, path: Path | str) -> None:
    """Write the products with their scores; findings and similar products are nested as lists."""
    frame = audit.products
    findings = audit.findings.drop("title", "messages")
    nested = ((findings, "findings"), (audit.similar, "similar"))
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
    content: dict[str, Any] = {
        name: _for_people(getattr(audit, name)).to_dicts() for name in FRAMES
    }
    content |= {"notes": list(audit.notes), "problems": [str(one) for one in audit.problems]}
    with replacing(Path(path)) as unfinished:
        unfinished.write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")


def _for_people(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame without the column that only the page needs to translate sentences."""
    return frame.drop("messages", strict=False)


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    frame = _for_people(frame)
    lists = [name for name, kind in frame.schema.items() if kind == pl.List]
    return frame.with_columns(pl.col(name).list.join("; ") for name in lists)
