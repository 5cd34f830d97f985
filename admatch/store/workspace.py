"""The folder that remembers everything: ``Workspace``."""

import os
import re
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import duckdb
import polars as pl

from admatch.errors import InputError
from admatch.store.migrations import migrate, shipped_steps, version_of
from admatch.tables.lock import take

Row: TypeAlias = dict[str, Any]
DATABASE = "workspace.duckdb"
PATIENCE = 20.0  # seconds that one process waits for another's transaction
_PAUSE = 0.02
_WRITER = "writer.lock"  # holds the number of the process that may write
_NAME = re.compile(r"^[a-z0-9_-]{1,64}$")


class Workspace:
    """One folder with a database and the files it tells of; one process at a time may write.

    Many may have it open ``reading``. DuckDB lets none of them in while the one that writes has the
    file open: a server has it all the time, as opening takes some hundredths of a second; what is
    ``brief``, such as a job of hours, has it within a transaction only, and waits for readers as
    they wait for it. Any thread may read and write: one at a time, as all that is kept is small.
    Raises InputError where another process has what is needed.
    """

    def __init__(self, folder: Path, *, reading: bool = False, brief: bool = False) -> None:
        self.folder = folder
        self._lock = threading.RLock()
        folder.mkdir(parents=True, exist_ok=True)
        _private(folder)
        self._reads_only = reading and _is_current(folder / DATABASE)
        self._place = None if self._reads_only else _place_of_writer(folder)
        self._connection: duckdb.DuckDBPyConnection | None = None
        if not brief:
            self._connection = self._connected()
        if not self._reads_only:
            with self._open() as connection:
                migrate(connection, shipped_steps())

    def close(self) -> None:
        """Write everything into the database file and let go of it."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            if self._place is not None:
                self._place.close()

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Return what a query finds, a dictionary a row."""
        with self._open() as connection, connection.cursor() as cursor:
            return _rows(cursor.execute(sql, list(values)))

    def row(self, sql: str, values: Sequence[object] = ()) -> Row | None:
        """Return the first row that a query finds, or None."""
        return next(iter(self.rows(sql, values)), None)

    @contextmanager
    def writing(self) -> Iterator["Transaction"]:
        """Yield a transaction that is kept when the block ends well, else undone."""
        with self._open() as connection, connection.cursor() as cursor:
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
        with self._open() as connection:
            draft = self.folder / f".new.{DATABASE}"
            draft.unlink(missing_ok=True)
            connection.execute("CHECKPOINT")
            connection.execute(f"ATTACH '{_quoted(draft)}' AS fresh")
            connection.execute("COPY FROM DATABASE workspace TO fresh")
            connection.execute("DETACH fresh")
            connection.close()
            os.replace(draft, self.folder / DATABASE)
            self._connection = self._connected()

    def remove_files(self, account_id: str, *names: str) -> None:
        """Delete an account's files, or those under one of its folders."""
        shutil.rmtree(self.place(account_id, *names), ignore_errors=True)

    @contextmanager
    def _open(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield the connection, which a brief one makes here unless it is in a block already."""
        with self._lock:
            if self._connection is not None:
                yield self._connection
                return
            self._connection = self._connected()
            try:
                yield self._connection
            finally:
                self._connection.close()
                self._connection = None

    def _connected(self) -> duckdb.DuckDBPyConnection:
        return _connect(self.folder / DATABASE, read_only=self._reads_only)


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


def copy_database(folder: Path, there: Path) -> None:
    """Copy the database of a workspace, where it has one, into another folder."""
    if not (folder / DATABASE).exists():
        return
    connection = _connect(folder / DATABASE, read_only=True)  # as long as it is, nobody writes
    try:
        for name in (DATABASE, f"{DATABASE}.wal"):  # and what was committed since a kill
            if (folder / name).exists():
                shutil.copyfile(folder / name, there / name)
    finally:
        connection.close()


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
    """Open the database; wait for another process that has it for a moment."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return duckdb.connect(
                str(file),
                read_only=read_only,
                config={"autoinstall_known_extensions": False, "autoload_known_extensions": False},
            )
        except duckdb.IOException as error:
            if "lock" not in str(error).lower():
                raise InputError(
                    f"the workspace {file.parent} cannot be opened ({str(error).splitlines()[0]}); "
                    "check the folder, or choose another --workspace"
                ) from None
            if time.monotonic() > until:
                held = re.search(r"PID (\d+)", str(error))
                raise _in_use(file.parent, held[1] if held else "") from None
        time.sleep(_PAUSE)


def _place_of_writer(folder: Path) -> BinaryIO:
    """Return the open file that only one process holds, the one that may write."""
    file = (folder / _WRITER).open("a+b")
    if not take(file):
        file.seek(0)
        with file:
            raise _in_use(folder, file.read().decode())
    file.truncate(0)
    file.write(str(os.getpid()).encode())
    file.flush()
    return file


def _in_use(folder: Path, process: str) -> InputError:
    who = f"process {process}" if process else "another process"
    return InputError(
        f"the workspace {folder} is in use by {who}; stop that one first, or choose another "
        "--workspace"
    )


def _private(folder: Path) -> None:
    """Let only the owner look into the folder; some file systems know no such thing."""
    try:
        folder.chmod(0o700)
    except OSError:
        return


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
