"""A database without the bytes of deleted rows: ``rewritten``."""

import shutil
from pathlib import Path

import duckdb

from admatch.errors import InputError
from admatch.messages import say

_SPARE = 2**20  # bytes that have to stay free beside the copy
_NAME = "fresh"  # of the copy, while it is attached


def rewritten(connection: duckdb.DuckDBPyConnection, file: Path) -> Path:
    """Return a complete copy of the database, beside its ``file``, without deleted rows.

    Deleted rows stay in free blocks of a DuckDB file until the blocks are needed. Raises
    ``InputError`` where the disk has no room for the copy; the connection may then be unusable.
    """
    remove_draft(file)
    _check_room(file)
    draft = _draft(file)
    try:
        _run(connection, "CHECKPOINT")
        _run(connection, f"ATTACH '{_quoted(draft)}' AS {_NAME}")
        _run(connection, f"COPY FROM DATABASE {file.stem} TO {_NAME}")
        # Without an explicit checkpoint, rows may stay in the copy's log, which is not moved.
        _run(connection, f"CHECKPOINT {_NAME}")
        _run(connection, f"DETACH {_NAME}")
        expected = _counts(connection)
        with duckdb.connect(str(draft), read_only=True) as copied:
            complete = _counts(copied) == expected and not _log(draft).exists()
    except duckdb.Error as error:
        why = str(error).splitlines()[0]
        raise InputError(say("store.rewrite.failed", folder=str(file.parent), why=why)) from error
    if not complete:
        why = say("store.rewrite.incomplete")
        raise InputError(say("store.rewrite.failed", folder=str(file.parent), why=why))
    return draft


def remove_draft(file: Path) -> None:
    """Remove a copy that was never finished."""
    draft = _draft(file)
    for one in (draft, _log(draft)):
        one.unlink(missing_ok=True)


def _check_room(file: Path) -> None:
    log = _log(file)
    size = file.stat().st_size + (log.stat().st_size if log.exists() else 0)
    free = shutil.disk_usage(file.parent).free
    if free < size + _SPARE:
        needed, there = (f"{bytes_ / 2**20:,.1f}" for bytes_ in (size + _SPARE, free))
        raise InputError(
            say("store.rewrite.no_room", folder=str(file.parent), needed=needed, free=there)
        )


def _counts(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, int]]:
    """Return the tables of a database with their rows."""
    named = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE NOT internal"
        " AND database_name = current_database() ORDER BY ALL"
    ).fetchall()
    counted = (connection.execute(f'SELECT count(*) FROM "{name}"').fetchone() for (name,) in named)
    return [(name, row[0] if row else 0) for (name,), row in zip(named, counted, strict=True)]


def _run(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    connection.execute(sql)


def _draft(file: Path) -> Path:
    return file.with_name(f".new.{file.name}")


def _log(file: Path) -> Path:
    """Return the path of a database's write-ahead log."""
    return file.with_name(f"{file.name}.wal")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
