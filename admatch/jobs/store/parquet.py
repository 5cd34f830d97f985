"""A job's workspace as Parquet files, and back: ``export_parquet``, ``rebuild``."""

import json
from pathlib import Path

import polars as pl

from admatch.errors import InputError
from admatch.messages import say
from admatch.store.migrations import shipped_steps
from admatch.store.workspace import Workspace
from admatch.tables.atomic import replacing

TABLES = (
    *("fact_files", "facts", "term_matches", "product_matches", "nights", "failed_nights"),
    *("exports", "recommendations", "proposals", "applied", "judgements", "notices", "products"),
    "fits",
)
_MANIFEST = "manifest.json"


def export_parquet(workspace: Workspace, folder: Path) -> dict[str, int]:
    """Write every table of a workspace as a Parquet file; return the rows of each.

    ``folder`` is replaced as a whole or not at all.
    """
    rows = {}
    with workspace.writing() as transaction, replacing(folder) as draft:
        draft.mkdir(parents=True)
        for table in TABLES:
            frame = transaction.frame(f"SELECT * FROM {table}")
            frame.write_parquet(draft / f"{table}.parquet")
            rows[table] = frame.height
        manifest = {"schema": shipped_steps()[-1].number, "rows": rows}
        (draft / _MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n")
    return rows


def rebuild(workspace: Workspace, folder: Path) -> dict[str, int]:
    """Fill an empty workspace from an export; return the rows of each table.

    Raises ``InputError`` if the workspace is not empty, if the folder is not an export, and if a
    newer admatch wrote it.
    """
    rows = _expected(folder)
    with workspace.writing() as transaction:
        for table in TABLES:
            found = transaction.row(f"SELECT count(*) AS n FROM {table}")
            if found and found["n"]:
                raise InputError(
                    say(
                        "jobs.parquet.not_empty",
                        folder=str(workspace.folder),
                        rows=int(found["n"]),
                        table=table,
                    )
                )
        for table in rows:
            try:
                frame = pl.read_parquet(folder / f"{table}.parquet")
            except (OSError, pl.exceptions.PolarsError) as error:
                raise InputError(
                    say("jobs.parquet.unreadable", file=str(folder / table), why=str(error))
                ) from None
            if frame.height != rows[table]:
                raise InputError(
                    say(
                        "jobs.parquet.incomplete",
                        table=table,
                        found=frame.height,
                        manifest=_MANIFEST,
                        expected=int(rows[table]),
                    )
                )
            transaction.append(table, frame)
    return rows


def _expected(folder: Path) -> dict[str, int]:
    try:
        manifest = json.loads((folder / _MANIFEST).read_text())
        version, counts = int(manifest["schema"]), manifest["rows"]
        rows = {table: counts[table] for table in TABLES if table in counts}
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(say("jobs.parquet.no_export", folder=str(folder))) from None
    if version > shipped_steps()[-1].number:
        raise InputError(say("jobs.parquet.newer", folder=str(folder)))
    return rows
