"""A folder with a database and the files that it refers to: ``Workspace``."""

import os
import re
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import duckdb
import polars as pl

from admatch.errors import InputError
from admatch.messages import say
from admatch.store.migrations import migrate, shipped_steps, version_of
from admatch.store.rewrite import remove_draft, rewritten
from admatch.tables.lock import take

Row: TypeAlias = dict[str, Any]
DATABASE = "workspace.duckdb"
PATIENCE = 20.0  # seconds that one process waits for another's transaction
_PAUSE = 0.02  # seconds between two attempts
_WRITER = "writer.lock"  # holds the ID of the process that may write
_NAME = re.compile(r"^[a-z0-9_-]{1,64}$")
# What DuckDB raises on a full disk, depending on which write it is.
_NOT_WRITTEN = (duckdb.IOException, duckdb.TransactionException, duckdb.FatalException)


class Workspace:
    """One folder with a database and the files that it refers to; one process at a time may write.

    Many may have it open for ``reading``. DuckDB lets none of them in while the writer has the file
    open. A server has it open all the time, as opening takes some hundredths of a second. A
    ``brief`` writer, such as a job of hours, has it open within transactions only; it waits for
    readers, and they wait for it. Any thread may read and write, one at a time, as everything here
    is small. Raises ``InputError`` where another process has what is needed.
    """

    def __init__(self, folder: Path, *, reading: bool = False, brief: bool = False) -> None:
        self.folder = folder
        self._lock = threading.RLock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _private(folder)
            self._reads_only = reading and is_current(folder / DATABASE)
            self._writer_lock = None if self._reads_only else _take_writer_lock(folder)
        except OSError as error:
            raise _unusable(folder, error) from None
        self._brief = brief
        self._connection: duckdb.DuckDBPyConnection | None = None
        if not brief:
            self._connection = self._connect()
        if not self._reads_only:
            remove_draft(folder / DATABASE)  # of a process that was killed
            self._migrate()

    def _migrate(self) -> None:
        try:
            with self._open() as connection:
                migrate(connection, shipped_steps())
        except duckdb.Error as error:
            raise _unusable(self.folder, error) from None

    def close(self) -> None:
        """Write everything into the database file and release it."""
        with self._lock:
            self._disconnect()
            if self._writer_lock is not None:
                self._writer_lock.close()

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Return the rows of a query as dictionaries."""
        with self._open() as connection, connection.cursor() as cursor:
            return _rows(cursor.execute(sql, list(values)))

    def row(self, sql: str, values: Sequence[object] = ()) -> Row | None:
        """Return the first row of a query, or None."""
        return next(iter(self.rows(sql, values)), None)

    @contextmanager
    def writing(self) -> Iterator["Transaction"]:
        """Yield a transaction; it is committed when the block ends well, else rolled back.

        Raises ``InputError`` where nothing can be written, as on a full disk.
        """
        try:
            with self._open() as connection, connection.cursor() as cursor:
                cursor.execute("BEGIN")
                try:
                    yield Transaction(cursor)
                except BaseException:
                    with suppress(duckdb.Error):  # the block's own error says more
                        cursor.execute("ROLLBACK")
                    raise
                cursor.execute("COMMIT")
        except _NOT_WRITTEN as error:
            why = str(error).splitlines()[0]
            message = say("store.workspace.not_written", folder=str(self.folder), why=why)
            raise InputError(message) from error

    def path(self, account_id: str, *names: str) -> Path:
        """Return a path among an account's files; raises ``InputError`` for an invalid name.

        Names are identifiers that admatch made, never what a user typed.
        """
        for name in (account_id, *names):
            if not _NAME.fullmatch(name):
                raise InputError(say("store.workspace.no_such"))
        return self.folder.joinpath("files", account_id, *names)

    def forget(self) -> None:
        """Write the database anew, so that no byte of what was deleted from it stays.

        Raises ``InputError`` where the disk has no room for that. The database is then as it was,
        and stays usable.
        """
        file = self.folder / DATABASE
        with self._open() as connection:
            try:
                draft = rewritten(connection, file)
                self._disconnect()
                os.replace(draft, file)
            except OSError as error:
                why = error.strerror or str(error)
                message = say("store.rewrite.failed", folder=str(self.folder), why=why)
                raise InputError(message) from error
            finally:  # a connection that met a full disk is replaced as well
                self._disconnect()
                remove_draft(file)

    def remove_files(self, account_id: str, name: str) -> bool:
        """Delete one folder or file of an account; return whether it is gone."""
        if name in ("", ".", "..") or name != Path(name).name:
            raise InputError(say("store.workspace.no_such"))
        path = self.path(account_id) / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink(missing_ok=True)
        return not path.exists()

    @contextmanager
    def _open(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield the connection; where there is none, as in a brief workspace, it is opened here."""
        with self._lock:
            outermost = self._connection is None
            if self._connection is None:
                self._connection = self._connect()
            try:
                yield self._connection
            except duckdb.FatalException:  # the database refuses everything until it is reopened
                self._disconnect()
                raise
            finally:
                if outermost and self._brief:
                    self._disconnect()

    def _connect(self) -> duckdb.DuckDBPyConnection:
        return _connect(self.folder / DATABASE, read_only=self._reads_only)

    def _disconnect(self) -> None:
        """Close the connection, if there is one; the next use opens another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


class Transaction:
    """The statements that may be run inside ``Workspace.writing``."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor

    def run(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Run one statement; return its rows, if it has any."""
        return _rows(self._cursor.execute(sql, list(values)))

    def row(self, sql: str, values: Sequence[object] = ()) -> Row | None:
        """Return the first row of a statement, or None."""
        return next(iter(self.run(sql, values)), None)

    def frame(self, sql: str, values: Sequence[object] = ()) -> pl.DataFrame:
        """Return the rows of a query as a frame, where they are too many for dictionaries."""
        rows = pl.from_arrow(self._cursor.sql(sql, params=list(values)).to_arrow_table())
        return rows if isinstance(rows, pl.DataFrame) else rows.to_frame()

    def append(self, table: str, rows: pl.DataFrame) -> None:
        """Add rows to a table; its columns are named like the frame's."""
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
    """Return this moment as the workspace stores it: UTC without a zone; reading adds the zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def copy_database(folder: Path, there: Path) -> None:
    """Copy the database of a workspace, if it has one, into another folder."""
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


def is_current(file: Path) -> bool:
    """Return whether there is a database with the current schema, which can just be read."""
    if not file.exists():
        return False
    connection = _connect(file, read_only=True)
    try:
        return version_of(connection) == shipped_steps()[-1].number
    except duckdb.CatalogException:  # a kill came before the first step
        return False
    except duckdb.Error as error:
        raise _unusable(file.parent, error) from None
    finally:
        connection.close()


def _connect(file: Path, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open the database; wait while another process briefly has it open."""
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
                raise _unusable(file.parent, error) from None
            if time.monotonic() > until:
                holder = re.search(r"PID (\d+)", str(error))
                raise _in_use(file.parent, holder[1] if holder else "") from None
        except duckdb.Error as error:  # what a damaged file raises is of many kinds
            raise _unusable(file.parent, error) from None
        time.sleep(_PAUSE)


def _take_writer_lock(folder: Path) -> BinaryIO:
    """Return the open file that only the process that may write holds."""
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
    if not process:
        return InputError(say("store.workspace.in_use", folder=str(folder)))
    return InputError(say("store.workspace.in_use_by", folder=str(folder), process=process))


def _unusable(folder: Path, error: Exception) -> InputError:
    why = str(error).splitlines()[0]
    return InputError(say("store.workspace.unusable", folder=str(folder), why=why))


def _private(folder: Path) -> None:
    """Let only the owner open the folder; some file systems have no such modes."""
    try:
        folder.chmod(0o700)
    except OSError:
        return
