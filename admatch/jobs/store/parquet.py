"""What jobs keep, as Parquet files and back: ``export_parquet``, ``rebuild``."""

import json
from pathlib import Path

import polars as pl

from admatch.errors import InputError
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
    """Write every table of the jobs as a Parquet file; return the rows of each.

    ``folder`` appears whole or not at all, in the place of what is there.
    """
    rows = {}
    with workspace.writing() as transaction, replacing(folder) as draft:
        draft.mkdir(parents=True)
        for table in TABLES:
            frame = transaction.frame(f"SELECT * FROM {table}")
            frame.write_parquet(draft / f"{table}.parquet")
            rows[table] = frame.height
        told = {"schema": shipped_steps()[-1].number, "rows": rows}
        (draft / _MANIFEST).write_text(json.dumps(told, indent=2) + "\n")
    return rows


def rebuild(workspace: Workspace, folder: Path) -> dict[str, int]:
    """Fill an empty workspace with what ``export_parquet`` wrote; return the rows of each table.

    Raises ``InputError`` where the workspace holds nights or facts already, and where the folder
    is no such export, or one of a newer admatch.
    """
    rows = _expected(folder)
    with workspace.writing() as transaction:
        for table in TABLES:
            found = transaction.row(f"SELECT count(*) AS n FROM {table}")
            if found and found["n"]:
                raise InputError(
                    f"the workspace {workspace.folder} is not empty ({found['n']:,} rows of "
                    f"{table}); name a new folder as the job's workspace"
                )
        for table in rows:
            try:
                frame = pl.read_parquet(folder / f"{table}.parquet")
            except (OSError, pl.exceptions.PolarsError) as error:
                raise InputError(f"{folder / table}.parquet cannot be read ({error})") from None
            if frame.height != rows[table]:
                raise InputError(
                    f"{table}.parquet has {frame.height:,} rows, and {_MANIFEST} tells of "
                    f"{rows[table]}; take a whole export"
                )
            transaction.append(table, frame)
    return rows


def _expected(folder: Path) -> dict[str, int]:
    try:
        told = json.loads((folder / _MANIFEST).read_text())
        version = int(told["schema"])
        rows = {table: told["rows"][table] for table in TABLES if table in told["rows"]}
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            f"{folder} holds no export of a workspace; name what `admatch history --to-parquet` "
            "wrote"
        ) from None
    if version > shipped_steps()[-1].number:
        raise InputError(f"{folder} was written by a newer admatch; install that version")
    return rows
