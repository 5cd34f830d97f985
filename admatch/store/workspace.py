"""The folder that remembers everything: ``Workspace``."""

import os
import re
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import duckdb
import polars as pl

from admatch.errors import InputError
from admatch.store.migrations import migrate, shipped_steps, version_of

Row: TypeAlias = dict[str, Any]
DATABASE = "workspace.duckdb"
_NAME = re.compile(r"^[a-z0-9_-]{1,64}$")


class Workspace:
    """One folder with a database and the files it tells of; one process at a time writes.

    Many may have it open ``reading`` while none writes. Any thread may read and write: one at a
    time, as all that is kept here is small.
    """

    def __init__(self, folder: Path, *, reading: bool = False) -> None:
        self.folder = folder
        self._lock = threading.RLock()
        folder.mkdir(parents=True, exist_ok=True)
        _private(folder)
        current = reading and _is_current(folder / DATABASE)
        self._connection = _connect(folder / DATABASE, read_only=current)
        if not current:
            migrate(self._connection, shipped_steps())

    def close(self) -> None:
        """Write everything into the database file and let go of it."""
        with self._lock:
            self._connection.close()

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Return what a query finds, a dictionary a row."""
        with self._lock, self._connection.cursor() as cursor:
            return _rows(cursor.execute(sql, list(values)))

    def row(self, sql: str, values: Sequence[object] = ()) -> Row | None:
        """Return the first row that a query finds, or None."""
        return next(iter(self.rows(sql, values)), None)

    @contextmanager
    def writing(self) -> Iterator["Transaction"]:
        """Yield a transaction that is kept when the block ends well, else undone."""
        with self._lock, self._connection.cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                yield Transaction(cursor)
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            cursor.execute("COMMIT")

    def place(self, account_id: str, *names: str) -> Path:
        """Return a path among an account's files; raises InputError for a name that is none.

        Names are identifiers that admatch made, never what a user typed.
        """
        for name in (account_id, *names):
            if not _NAME.fullmatch(name):
                raise InputError("no such thing in this workspace")
        return self.folder.joinpath("files", account_id, *names)

    def forget(self) -> None:
        """Write the database anew without what was deleted from it, so that no byte of it stays.

        DuckDB leaves deleted rows in free blocks of its file until they are needed.
        """
        with self._lock:
            draft = self.folder / f".new.{DATABASE}"
            draft.unlink(missing_ok=True)
            self._connection.execute("CHECKPOINT")
            self._connection.execute(f"ATTACH '{_quoted(draft)}' AS fresh")
            self._connection.execute("COPY FROM DATABASE workspace TO fresh")
            self._connection.execute("DETACH fresh")
            self._connection.close()
            os.replace(draft, self.folder / DATABASE)
            self._connection = _connect(self.folder / DATABASE)

    def remove_files(self, account_id: str, *names: str) -> None:
        """Delete an account's files, or those under one of its folders."""
        shutil.rmtree(self.place(account_id, *names), ignore_errors=True)


class Transaction:
    """What may be done inside ``Workspace.writing``."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor

    def run(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Run one statement; return the rows that it gives, if any."""
        return _rows(self._cursor.execute(sql, list(values)))

    def row(self, sql: str, values: Sequence[object] = ()) -> Row | None:
        """Return the first row that a statement gives, or None."""
        return next(iter(self.run(sql, values)), None)

    def frame(self, sql: str, values: Sequence[object] = ()) -> pl.DataFrame:
        """Return what a query finds as a frame, for what is too much for dictionaries."""
        found = pl.from_arrow(self._cursor.sql(sql, params=list(values)).to_arrow_table())
        return found if isinstance(found, pl.DataFrame) else found.to_frame()

    def append(self, table: str, rows: pl.DataFrame) -> None:
        """Add rows to a table whose columns have the names of the frame's."""
        if rows.is_empty():
            return
        columns = ", ".join(f'"{name}"' for name in rows.columns)
        self._cursor.register("appended", rows.to_arrow())
        try:
            self._cursor.execute(f"INSERT INTO {table} ({columns}) SELECT * FROM appended")
        finally:
            self._cursor.unregister("appended")

    def run_many(self, sql: str, values: Sequence[Sequence[object]]) -> None:
        """Run one statement for each of ``values``."""
        if values:
            self._cursor.executemany(sql, [list(one) for one in values])


def now() -> datetime:
    """Return this moment as the workspace keeps it: UTC, without a zone; it comes back with it."""
    return datetime.now(UTC).replace(tzinfo=None)


def _rows(cursor: duckdb.DuckDBPyConnection) -> list[Row]:
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, map(_zoned, row), strict=True)) for row in cursor.fetchall()]


def _zoned(value: object) -> object:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


def _is_current(file: Path) -> bool:
    """Return whether a database is there and has the present schema, so that reading is enough."""
    if not file.exists():
        return False
    connection = _connect(file, read_only=True)
    try:
        return version_of(connection) == shipped_steps()[-1].number
    except duckdb.CatalogException:  # a kill came before the first step
        return False
    finally:
        connection.close()


def _connect(file: Path, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(
            str(file),
            read_only=read_only,
            config={"autoinstall_known_extensions": False, "autoload_known_extensions": False},
        )
    except duckdb.IOException as error:
        held = re.search(r"PID (\d+)", str(error))
        if "lock" not in str(error).lower():
            raise InputError(
                f"the workspace {file.parent} cannot be opened ({str(error).splitlines()[0]}); "
                "check the folder, or choose another --workspace"
            ) from None
        process = f"process {held[1]}" if held else "another process"
        raise InputError(
            f"the workspace {file.parent} is in use by {process}; stop that one first, or choose "
            "another --workspace"
        ) from None


def _private(folder: Path) -> None:
    """Let only the owner look into the folder; some file systems know no such thing."""
    try:
        folder.chmod(0o700)
    except OSError:
        return


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
