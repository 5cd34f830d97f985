"""Ordered SQL steps that bring a workspace to the current schema: ``migrate``."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import duckdb

from admatch.errors import InputError
from admatch.messages import say

_NAME = re.compile(r"^(\d{4})_[a-z_]+\.sql$")


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its number, counted from 1, and its SQL."""

    number: int
    sql: str


def shipped_steps() -> list[Step]:
    """Return the steps that ship with admatch, in order."""
    folder = files("admatch.store").joinpath("schema")
    named = [(match, file) for file in folder.iterdir() if (match := _NAME.match(file.name))]
    steps = [Step(int(match[1]), file.read_text(encoding="utf-8")) for match, file in named]
    return sorted(steps, key=lambda step: step.number)


def migrate(connection: duckdb.DuckDBPyConnection, steps: Sequence[Step]) -> int:
    """Run the steps that a workspace lacks, each as one transaction; return the new version.

    Raises ``InputError`` for a workspace of a newer admatch.
    """
    connection.execute(
        "CREATE TABLE IF NOT EXISTS versions (number INTEGER NOT NULL, applied TIMESTAMP NOT NULL)"
    )
    version = version_of(connection)
    newest = max((step.number for step in steps), default=0)
    if version > newest:
        raise InputError(say("store.workspace.newer", version=str(version), newest=str(newest)))
    for step in steps:
        if step.number > version:
            _run(connection, step)
    return newest


def version_of(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the number of the last step that was run on a workspace."""
    row = connection.execute("SELECT coalesce(max(number), 0) FROM versions").fetchone()
    return int(row[0]) if row else 0


def _run(connection: duckdb.DuckDBPyConnection, step: Step) -> None:
    connection.execute("BEGIN")
    try:
        connection.execute(step.sql)
        connection.execute("INSERT INTO versions VALUES (?, now()::TIMESTAMP)", [step.number])
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
